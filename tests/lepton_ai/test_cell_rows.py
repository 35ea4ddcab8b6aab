"""Rows of dicts that travel column by column: as JSON they are what the dicts are, and they lose no row."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai import InvalidData
from lepton_ai.cell_rows import CellRows, cell_rows
from lepton_ai.rows import Rows, rows_from
from lepton_ai.transport import encode
from tests.support.sampling import examples

NAN = float("nan")
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_infinity=False)
    | st.sampled_from([0.0, -0.0, 1e308, 1.7e308, NAN, 2**53 + 1])
    | st.text(st.characters(codec="utf-8"), max_size=4)
)


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of two names or more, each column of a few kinds of cells."""
    names = draw(st.lists(st.text("ab\u00e4 ", min_size=1, max_size=3), min_size=2, max_size=4, unique=True))
    pools = [draw(st.lists(PLAIN, min_size=1, max_size=3)) for _ in names]
    rows = draw(st.integers(1, 6))
    cells = [draw(st.lists(st.sampled_from(pool), min_size=rows, max_size=rows)) for pool in pools]
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


@settings(max_examples=examples(200), deadline=None)
@given(tables())
def test_plain_cells_are_in_json_what_the_dicts_are(rows: list[dict[str, Any]]) -> None:
    found = cell_rows(rows, list(rows[0]))
    assert found is not None
    [batch] = found.batches()
    sent = msgspec.json.decode(encode(batch.body))
    as_dicts = [dict(zip(sent["columns"], row, strict=True)) for row in sent["rows"]]
    # As texts, in which 1, 1.0 and true are different.
    assert msgspec.json.encode(as_dicts) == msgspec.json.encode(msgspec.json.decode(encode(rows)))
    # A platform in this process sees what it would have decoded.
    decoded = msgspec.json.decode(encode(found.rows))
    assert repr([list(row) for row in found.rows]) == repr(decoded)


@pytest.mark.parametrize(
    "cell",
    [float("inf"), -float("inf"), 2**63, -(2**63) - 1, 10**400, "\ud800", [1], {"c": 1}, b"x", 1j],
    ids=ascii,
)
@pytest.mark.parametrize("beside", [1, 1.5, None, "x", True], ids=repr)
def test_a_cell_that_needs_a_second_look_stops_it(cell: Any, beside: Any) -> None:
    rows = [{"a": beside, "b": 2}] * 3
    assert cell_rows(rows, ["a", "b"]) is not None
    assert cell_rows([*rows, {"a": cell, "b": 2}], ["a", "b"]) is None


@pytest.mark.parametrize("other", [{"a": 1}, {"a": 1, "c": 2}, {"a": 1, "b": 2, "c": 3}, {}])
def test_rows_of_other_names_stop_it(other: dict[str, Any]) -> None:
    rows = [{"a": 1, "b": "x"}] * 3
    assert isinstance(rows_from(rows), CellRows)
    assert cell_rows([*rows, other], ["a", "b"]) is None
    assert rows_from([*rows, other]) == Rows([*rows, other])


def test_names_that_json_cannot_hold_or_that_are_blank_stop_it() -> None:
    for name in ("\ud800", " ", 3):
        assert isinstance(rows_from([{"a": "x", name: 2.5}] * 3), Rows)


def test_infinity_among_texts_is_refused_at_its_place() -> None:
    rows = [{"a": 1.5, "b": "x"}] * 3
    with pytest.raises(InvalidData, match="row 4, column 'a'"):
        rows_from([*rows, {"a": float("inf"), "b": "x"}])


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(1, 20_000), st.integers(2, 200), st.booleans())
def test_batches_and_their_halves_hold_every_row_once(count: int, width: int, explain: bool) -> None:
    column = list(range(count))
    rows = CellRows([f"c{at}" for at in range(width)], [column] * width)
    seen: list[int] = []
    for batch in rows.batches(explain=explain):
        for part in batch.halves() or (batch,):
            assert (part.before, part.body.explain) == (len(seen), explain)
            assert all(cells == part.body.cells[0] for cells in part.body.cells)
            assert part.body.as_json().get("explain", False) is explain
            seen += part.body.cells[0]
        assert len(batch.body.cells[0]) * width <= 60_000
    assert seen == column


def test_one_row_has_no_halves() -> None:
    [batch] = CellRows(["a", "b"], [[1], [2]]).batches()
    assert batch.halves() == ()
