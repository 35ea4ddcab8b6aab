"""Rows that are found at once are those that are found one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table import read_file
from lepton_core.table.files.splitting import split_rows
from lepton_core.table.files.values import Dialect
from tests.support.costs import calls_of
from tests.support.sampling import examples

CELLS = st.one_of(
    st.sampled_from(["", "a", "b", "7", 'a"b', 'a""b', '"', "ü", "a" * 8, "a" * 9, "a" * 8 + "b", "a" * 30]),
    st.text("ab,\n", max_size=9),
)
ROWS = st.integers(2, 4).flatmap(
    lambda wide: st.lists(st.lists(CELLS, min_size=wide, max_size=wide), min_size=1, max_size=12)
)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\n') else cell


@settings(deadline=None, max_examples=examples(300))
@given(ROWS, st.data())
def test_rows_that_are_the_header_again_are_found(rows: list[list[str]], data: st.DataObject) -> None:
    wanted = data.draw(st.sampled_from(rows))
    rows = [row for row in rows if any(row)]
    text = "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    found = split_rows(text.encode(), Dialect(quote='"'), len(wanted))
    if found is not None:
        assert list(found.rows) == rows
        assert list(found.rows.without(wanted)) == [row for row in rows if row != wanted]


def read_so_many(times: int) -> None:
    read_file(b"a,b,y\n" + b"1,2,p\n3,4,q\n" * times, label="y")


def test_rows_with_cells_as_long_as_the_names_cost_no_call_each() -> None:
    read_so_many(10)  # what is loaded at the first file costs calls, too
    assert calls_of(lambda: read_so_many(10_000)) < calls_of(lambda: read_so_many(5_000)) + 5_000


def with_a_late_word(rows: int, words: int = 1) -> bytes:
    lines = b"".join(b"%d.%d,%s\n" % (row, row % 7, b"pq"[row % 2 : row % 2 + 1]) for row in range(rows))
    return b"a,y\n" + lines + b"unknown,p\n" * words


@pytest.mark.slow
def test_a_late_word_among_numbers_costs_no_call_a_row() -> None:
    few, many = with_a_late_word(39_999), with_a_late_word(79_999)
    read_file(few, label="y")
    assert calls_of(lambda: read_file(many, label="y")) < calls_of(lambda: read_file(few, label="y")) + 5_000


@pytest.mark.slow
def test_a_late_word_does_not_make_words_of_numbers_and_many_do() -> None:
    kinds = [
        read_file(with_a_late_word(60_000, words), label="y").table["a"].kind for words in (1, 600, 90_000)
    ]
    assert kinds[:2] == ["number", "number"]
    assert kinds[2] != "number"
