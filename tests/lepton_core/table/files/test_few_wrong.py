"""How many rows may be wrong; and the call in the refusal reads the others."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table.files import Options, open_sheet

LINES = st.sampled_from(
    ["7", "1,2", "1,2,3", "1,2,3,4", '1,"2,3', '1,"2"x,3', "total", "see below", "", "a,b,c,d,e"]
)
TAILS = st.lists(LINES, max_size=40)


def read(lines, bad_rows=None):
    sheet = open_sheet("\n".join(lines).encode(), Options(bad_rows=bad_rows))
    return sheet, [row for rows in sheet.chunks() for row in rows]


def refused(lines):
    """The share that the refusal names, and the counts in it; None if the lines are read."""
    try:
        read(lines)
    except InvalidData as error:
        [share] = re.findall(r"bad_rows=([0-9.]+)\)", error.message)
        return float(share), re.findall(r"(\d+) of (\d+) rows", error.message)
    return None


def body(rows):
    return ["a,b,c", *(f"{row},{row % 7},{row % 2}" for row in range(rows))]


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.integers(15, 120), TAILS)
def test_the_share_that_a_refusal_names_reads_the_other_rows(rows, tail):
    found = refused([*body(rows), *tail])
    if found is not None:
        sheet, others = read([*body(rows), *tail], found[0])
        assert len(others) >= rows
        assert not found[1] or found[1] == [
            (str(sheet.set_aside_count), str(len(others) + sheet.set_aside_count))
        ]


def test_a_line_of_one_cell_at_the_end_is_counted_both_times():
    assert refused([*body(60), "1,2", "3,4", "7"]) == (0.048, [("3", "63")])


@pytest.mark.parametrize("tail", [["7"], ["see below", "and there"], ["1,2", "7"]])
def test_lines_below_the_table_and_one_wrong_row_refuse_nothing(tail):
    assert refused([*body(60), *tail]) is None


@pytest.mark.lengthy
@pytest.mark.slow
def test_a_file_that_is_not_read_to_its_end_is_read_with_any_share():
    lines = [*body(50_000), *["1,2"] * 400_000]
    found = refused(lines)
    assert found is not None
    assert len(read(lines, found[0])[1]) == 50_000
