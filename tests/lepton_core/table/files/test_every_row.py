"""Every row of a file to be predicted: those that `Sheet.chunks` gives, the others in between, each with its line."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table.files import Options, open_sheet
from lepton_core.table.files.every_row import EMPTY_ROW, HEADER_AGAIN, EveryRow, Unread, every_row
from lepton_core.table.files.records import MOST_SET_ASIDE
from lepton_core.table.files.totals import NOTE, TOTAL
from tests.support.sampling import examples


def read(text: str) -> EveryRow:
    return every_row(open_sheet(text.encode()))


def test_the_lines_are_found_without_reading_the_rows_into_memory_again() -> None:
    count = 20_000
    text = "a,b\n" + "".join(f"{at:0200},{at:0100}\n" for at in range(count))
    tracemalloc.start()
    try:
        found = read(text)
        once, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        assert len(found.lines()) == count
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1.7 * once


@settings(deadline=None, max_examples=examples(500))
@given(st.lists(st.text('ab1,;"\n \0', max_size=12), max_size=30).map("\n".join))
def test_nothing_is_lost_and_nothing_is_read_otherwise(text: str) -> None:
    data = f"x,y\n1,2\n3,4\n{text}\n".encode()
    try:
        sheet = open_sheet(data, Options(bad_rows=1.0))
        wanted = [row for chunk in sheet.chunks() for row in chunk]
    except InvalidData:
        return
    found = every_row(sheet)
    assert [row for row in found.rows if row is not None] == wanted
    assert len(found.unread) == found.rows.count(None)
    assert all(found.rows[one.place] is None for one in found.unread)
    lines = list(found.lines())
    assert len(lines) == len(found.rows) and lines == sorted(set(lines))
    assert [lines[one.place] for one in found.unread] == [one.line for one in found.unread]
    told = [
        (one.line, one.reason, one.column)
        for one in found.unread
        if one.reason not in (EMPTY_ROW, HEADER_AGAIN)
    ]
    assert len(told) == sheet.set_aside_count
    assert told[:MOST_SET_ASIDE] == [(one.line, one.reason, one.column) for one in sheet.set_aside]


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(["1,2", ",", "", "  ", "3", "1,2,3", "x,y"]), max_size=30), st.integers(0, 2))
def test_the_row_at_each_place_is_that_of_the_line_there(lines: list[str], more: int) -> None:
    """Whoever joins the answers to the lines of his file finds those of other rows nowhere."""
    found = read("x,y\n" + "1,2\n" * 40 + "".join(f"{line}\n" for line in [*lines, "3,4", *[""] * more]))
    wanted = {"": EMPTY_ROW, "  ": EMPTY_ROW, "x,y": HEADER_AGAIN, "3": "1 cells, where the header has 2"}
    wanted["1,2,3"] = "3 cells, where the header has 2"
    assert len(found.rows) == len(lines) + 41 and list(found.lines()) == list(range(2, len(lines) + 43))
    assert {one.place: one.reason for one in found.unread} == {
        at: wanted[line] for at, line in enumerate(lines, start=40) if line in wanted
    }
    for row, line in zip(found.rows[40:-1], lines, strict=True):
        assert row == (None if line in wanted else line.split(","))


def test_blank_lines_between_all_rows_are_how_the_file_is_written() -> None:
    spaced = read("x,y\r\r\n1,2\r\r\n3,4\r\r\n5\r\r\n6,7\r\r\n")
    assert spaced.rows == [["1", "2"], ["3", "4"], None, ["6", "7"]]
    assert read("x,y\n1,2\n\n3,4\n\n5,6\n").rows.count(None) == 2
    assert read("x,y\n1,2\n\n3,4\n\n\n5,6\n7,8\n").rows.count(None) == 3


def test_lines_that_hold_nothing_above_and_below_the_rows_are_none() -> None:
    found = read("x,y\n\n1,2\n\n3,4\n,\n\n,\n\n")
    assert found.rows == [["1", "2"], None, ["3", "4"]] and list(found.lines()) == [3, 4, 5]


def test_all_rows_that_cannot_be_read_are_there_however_many() -> None:
    found = read("x,y\n" + "1,2\n" * 300 + "1,2,3\n" * 250)
    assert len(found.unread) == 250 and found.unread[-1].place == 549 and found.unread[-1].line == 551
    assert found.lines()[300] == 302


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize("end", ["", "\n\n", ",\n"])
def test_a_total_that_training_leaves_out_is_a_row_without_cells(gap: str, end: str) -> None:
    text = "x,y\n" + gap + f"1,2\n{gap}" * 30 + "Total,60\n" + gap + end
    found = read(text)
    assert found.rows[-1] is None and len(found.rows) == 31
    line = text[: text.index("Total")].count("\n") + 1
    assert found.unread == (Unread(30, TOTAL, line),)


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize(
    "notes", [["Source: x,"], [",", "* as of May,", '"Source, x",'], [",see below"] * 10]
)
def test_notes_below_a_total_are_rows_without_cells(gap: str, notes: list[str]) -> None:
    text = "x,y\n" + gap + f"1,2\n{gap}" * 30 + f"Total,60\n{gap}" + "".join(f"{one}\n{gap}" for one in notes)
    found = read(text)
    assert len(found.rows) == 31 + len(notes) and found.rows[30:] == [None] * (1 + len(notes))
    assert [one.reason for one in found.unread] == [TOTAL, *[NOTE] * len(notes)]
    step = 1 + len(gap)
    first = text[: text.index("Total")].count("\n") + 1
    assert [one.line for one in found.unread] == [first + step * at for at in range(1 + len(notes))]


def test_a_total_is_a_row_if_all_rows_are_kept() -> None:
    found = every_row(open_sheet(b"x,y\n" + b"1,2\n" * 30 + b"Total,60\n", Options(bad_rows=0)))
    assert found.rows[-1] == ["Total", "60"] and found.unread == ()


@pytest.mark.slow
def test_lines_are_counted_in_the_file_blocks_or_not() -> None:
    """The rows are more than a block, and some have line feeds within quotes."""
    rows = [f'{at},"two\nlines"\n' if at % 100 == 0 else f"{at},{'x' * 40}\n" for at in range(20_000)]
    found = read("A title\n\nx,y\n" + "".join(rows) + "1\n" + "2,z\n")
    lines = found.lines()
    assert [lines[at] for at in (0, 1, 100, 101, 19_999)] == [4, 6, 105, 107, 4 + 19_999 + 200]
    assert found.unread == (Unread(20_000, "1 cells, where the header has 2", lines[20_000]),)
    assert found.rows[-1] == ["2", "z"] and lines[-1] == 4 + 20_000 + 200 + 1
