"""The first cells of each column are the same, however few bytes may be kept and however small the windows are."""

import csv
import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.table.files import Options, open_sheet
from lepton_core.table.large.packed_cells import PackedRows, first_cells
from lepton_core.table.large.rows import LargeRows
from lepton_core.table.large.windows import windows

CELLS = st.text(st.sampled_from('ab1.,"\n é数\U0001f600'), max_size=6)


def opened(data: bytes, head_bytes: int, window_bytes: int) -> LargeRows:
    def text() -> list[bytes]:
        return [data]

    sheet = open_sheet(next(windows(text(), "", head_bytes)).data, Options(delimiter=",", header=True))
    return LargeRows(text, sheet, Options(), head_bytes, window_bytes, lambda lines: True)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of cells below names; the first column has a letter in each row, so that no row is blank or a title."""
    width, height = draw(st.integers(2, 7)), draw(st.integers(1, 12))
    rows = [["x", *(draw(CELLS) for _ in range(width - 1))] for _ in range(height)]
    return [[f"c{at}" for at in range(width)], *rows]


def written(rows: list[list[str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


@given(
    table=tables(),
    head=st.integers(1, 90),
    window=st.integers(1, 90),
    most=st.integers(1, 15),
    kept=st.integers(1, 2_000),
    data=st.data(),
)
def test_each_column_comes_with_its_cells_in_the_first_rows(table, head, window, most, kept, data):
    names, *rows = table
    wanted = data.draw(st.sets(st.sampled_from(names), min_size=1))
    found = list(first_cells(opened(written(table), head, window), wanted, most, kept))
    there = [(name, [row[at] for row in rows[:most]]) for at, name in enumerate(names) if name in wanted]
    assert found == there


@pytest.mark.parametrize("kept", [1, 3_000, 20_000, 10**9])
def test_the_rows_are_gone_through_as_often_as_the_bytes_demand(kept):
    names = [f"c{at}" for at in range(40)]
    data = written([names, *([f"{at}.5" for at in range(40)] for _ in range(300))])
    passes = []

    def text() -> list[bytes]:
        passes.append(1)
        return [data]

    rows = replace(opened(data, 500, 1_000), text=text)
    assert [name for name, _ in first_cells(rows, set(names), 200, kept)] == names
    # A cell is four letters and four bytes; what each block of rows takes besides is less than what it holds.
    least = 200 * 40 * 8 / kept
    assert min(least, 40) <= len(passes) <= min(40, 1 + 3 * least)


def test_packed_rows_keep_their_first_columns():
    packed = PackedRows.of([["1", "x", ""], ["22", "é", "z"]], np.arange(3))
    narrow = packed.narrowed(2)
    assert [narrow.column(at) for at in range(2)] == [["1", "22"], ["x", "é"]]
    assert all(small.size < large.size for large, small in pairwise([packed, narrow, packed.narrowed(1)]))
