"""Each row is in one segment of each column, by what stands there and never by how wrong the version is."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.segments.cuts import FEWEST_SEGMENT_ROWS, MOST_OWN_LEVELS, cut, named
from lepton_core.table import Categories, Numbers, kind_of
from lepton_core.table.columns import Texts

values = st.lists(st.one_of(st.none(), st.floats(-1e300, 1e300), st.integers(0, 3)), min_size=1, max_size=120)


@given(values)
@settings(max_examples=60)
def test_a_quantity_is_cut_into_ranges_that_rise_and_have_rows_enough(cells: list[Any]) -> None:
    column = Numbers("x", np.array([np.nan if one is None else float(one) for one in cells]))
    found = cut(column)
    if found is None:
        return
    assert {found.of[one] for one in found.places[column.missing].tolist()} <= {"missing"}
    rows = np.bincount(found.places, minlength=len(found.of))
    ranges = [at for at, of in enumerate(found.of) if of == "range"]
    there = int((~column.missing).sum())
    assert rows[ranges].sum() == there and rows.sum() == len(column)
    assert rows[ranges].min() >= min(FEWEST_SEGMENT_ROWS, there)
    ends = [(named(found, at).least, named(found, at).most) for at in ranges if rows[at]]
    assert all(one[1] < other[0] for one, other in itertools.pairwise(ends))  # type: ignore[operator]


def test_the_bins_of_drift_are_the_ranges() -> None:
    rng = np.random.default_rng(0)
    training, held_out = Numbers("x", rng.normal(size=900)), Numbers("x", rng.normal(size=400) + 0.3)
    bins = kind_of(training).reference(training)
    found = cut(held_out, bins)
    assert found is not None
    assert np.bincount(found.places).tolist() == bins.tally(held_out).tolist()[:-1]


def test_bins_of_another_kind_are_left_alone() -> None:
    column = Numbers("x", np.arange(60.0))
    other = Categories.of("x", ["a", "b"] * 30)
    found = cut(column, kind_of(other).reference(other))
    assert found is not None and found.of[0] == "range"


def test_frequent_levels_are_by_themselves_and_rarer_ones_together() -> None:
    sizes = {f"l{at:02d}": 20 + at for at in range(MOST_OWN_LEVELS + 5)} | {"rare": 3}
    column = Categories.of("c", [name for name, rows in sizes.items() for _ in range(rows)] + [None] * 4)
    found = cut(column)
    assert found is not None
    own = [levels[0] for of, levels in zip(found.of, found.levels, strict=True) if of == "level"]
    assert own == [f"l{at:02d}" for at in range(5, MOST_OWN_LEVELS + 5)]
    rows = np.bincount(found.places, minlength=len(found.of))
    assert rows[found.of.index("levels")] == sum(range(20, 25)) + 3
    assert rows[found.of.index("missing")] == 4
    assert named(found, found.of.index("levels")).name == "any of 6 rarer levels"


def test_a_text_is_cut_by_whether_there_is_one() -> None:
    found = cut(Texts.of("note", ["good", None, "bad"]))
    assert found is not None and found.places.tolist() == [0, 1, 0]
    assert [named(found, at).name for at in (0, 1)] == ["not missing", "missing"]


@pytest.mark.parametrize(
    "column",
    [
        Numbers("x", np.full(50, np.nan)),
        Numbers("x", np.full(50, 7.0)),
        Categories.of("x", ["a"] * 50),
        Texts.of("x", ["one"] * 50),
        Numbers("x", np.full(50, np.nan), "empty"),
    ],
)
def test_what_is_the_same_in_all_rows_sets_nothing_apart(column: Any) -> None:
    assert cut(column) is None


def test_ranges_are_spelled_as_files_have_them() -> None:
    days = cut(Numbers("day", np.arange(100.0) * 86_400, "date"))
    assert days is not None
    assert [named(days, at).name for at in (0, 1, 4)] == [
        "up to 1970-01-20",
        "1970-01-21 to 1970-02-09",
        "from 1970-03-22 on",
    ]
    answers = Numbers("asked", np.array([0.0, 1.0] * 30), "boolean", "no/yes")
    found = cut(answers)
    assert found is not None
    assert [(named(found, at).name, named(found, at).level) for at in (0, 1)] == [
        ("no", "no"),
        ("yes", "yes"),
    ]


def test_a_level_that_moves_a_cursor_is_spelled_out() -> None:
    column = Categories.of("c", ["\x1b[2J<b>"] * 30 + ["plain"] * 30)
    found = cut(column)
    assert found is not None
    assert named(found, 0).name == repr("\\x1b[2J<b>")
    assert named(found, 0).level == "\x1b[2J<b>"
