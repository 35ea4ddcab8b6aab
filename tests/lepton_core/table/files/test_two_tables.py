"""Two tables in one file are refused, or said; lines above the names that are no table are passed over."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import ReadingOptions, read_file

SIZES = st.integers(2, 60)
WIDTHS = st.lists(st.integers(2, 5), min_size=2, max_size=2, unique=True)


def table(names, rows):
    return [
        ",".join(names),
        *(",".join(str(row * 7 % 5 + place) for place in range(len(names))) for row in range(rows)),
    ]


def read(lines, **options):
    return read_file("\n".join(lines).encode(), ReadingOptions(**options))


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(SIZES, SIZES, WIDTHS)
def test_two_tables_of_other_widths_are_refused_with_the_line_of_the_second(first, second, widths):
    names = "abcdefghij"
    lines = [*table(names[: widths[0]], first), "", *table(names[5 : 5 + widths[1]], second)]
    begin = first + 3
    with pytest.raises(InvalidData, match=f"two tables in the file.*line {begin}\\b"):
        read(lines)
    found = read(lines, header=begin)
    assert (found.table.names, found.table.rows) == (tuple(names[5 : 5 + widths[1]]), second)


@pytest.mark.parametrize(("first", "second"), [(2, 2), (20, 20), (3, 500)])
def test_the_call_that_reads_the_second_is_named(first, second):
    lines = [*table("ab", first), "", *table("cde", second)]
    with pytest.raises(InvalidData) as caught:
        read(lines)
    assert f"one from line 1 and one from line {first + 3}" in caught.value.message
    [line] = re.findall(r"header=(\d+)\)", caught.value.message)
    assert read(lines, header=int(line)).table.rows == second


def test_a_small_table_below_a_large_one_is_not_set_aside():
    lines = [*table("ab", 900), "", *table("cde", 3)]
    with pytest.raises(
        InvalidData, match="two tables in the file; make one of its own of that from line 903 on"
    ):
        read(lines)
    assert read(lines, bad_rows=0.01).set_aside_count == 4


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(SIZES, SIZES, st.booleans())
def test_the_header_of_a_second_table_as_wide_is_said(first, second, blank):
    lines = [*table("abc", first), *[""] * blank, *table("def", second)]
    found = [note for note in read(lines).notes if note.code == "header_within"]
    assert len(found) == 1 and "if another table begins there" in found[0].message


@pytest.mark.parametrize(
    "above",
    [
        ["Report of 2024"],
        ["Station,Bonn", "Latitude,50.7", "Longitude,7.1", "Height,60"],
        ["Name,Survey", "Date,2024-05-01", "Version,3", "Author,Kim"],
        ["Units,mm,s", "Device,A17,x"],
        [*(f"key {i},value {i}" for i in range(25))],
        ["Made,by,hand", "for,all,readers"],
    ],
)
def test_lines_that_are_no_table_are_passed_over_and_counted(above):
    found = read([*above, "", *table(["age", "size", "town", "paid"], 40)])
    assert (found.table.names, found.table.rows) == (("age", "size", "town", "paid"), 40)
    note = found.notes[0]
    count = len(above) + 1
    assert note.message == f"the names are in line {count + 1}; the {count} lines above were passed over"


def test_words_for_missing_cells_are_no_header():
    lines = table("abc", 9)
    lines[4] = "hidden,hidden,2"
    assert "header_within" not in {note.code for note in read(lines).notes}
