"""Files that are full of quotes are read, or refused, at about the pace of other files, and in as little memory."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import LeptonError
from lepton_core.table import read_csv
from lepton_core.table.files import open_sheet
from lepton_core.table.files.line_numbers import LineNumbers
from lepton_core.table.files.records import RowTally, read_rows
from lepton_core.table.files.wrapped import _without_quotes
from tests.support.costs import calls_of, peak_of
from tests.support.sampling import examples

ROWS = 60_000
MOST_CAREFUL = 100_000
"""Calls: a few thousand rows may be read with care, and what begins a file is looked at closely."""

FILES: dict[str, Callable[[int], bytes]] = {
    "a comma in quotes": lambda rows: b'","\n' * rows,
    "a semicolon in quotes": lambda rows: b'";"\n' * rows,
    "quotes in all lines": lambda rows: b'"1,2"\n' * rows,
    "doubled quotes in quotes": lambda rows: b'"1,""x, y"""\n' * rows,
    "quotes alone": lambda rows: b'"' * rows,
    "quotes and lines": lambda rows: b'"\n' * rows,
    "quotes and commas": lambda rows: b'",' * rows * 4,
    "empty cells in quotes": lambda rows: b'"",' * rows * 4,
    "inches": lambda rows: b"size,x\n" + b'4",1\n' * rows,
    "words with quotes inside": lambda rows: b"a,b\n" + b'1,x"y"z\n' * rows,
    "one odd quote a line": lambda rows: b"a,b\n" + b'1,x"y\n' * rows,
    "apostrophes": lambda rows: b"a,b\n" + b"'x','y'\n" * rows,
}


def outcome(data: bytes) -> object:
    try:
        return read_csv(data).table.rows
    except LeptonError as error:
        return type(error)


@pytest.mark.slow
@pytest.mark.sampled(2)
@pytest.mark.parametrize("made", FILES.values(), ids=FILES)
def test_no_line_costs_a_call_of_its_own(made: Callable[[int], bytes]) -> None:
    few, many = (calls_of(lambda rows=rows: outcome(made(rows))) for rows in (ROWS, 4 * ROWS))  # type: ignore[misc]
    assert many - few < MOST_CAREFUL
    assert few < MOST_CAREFUL


@pytest.mark.slow
@pytest.mark.sampled(2)
@pytest.mark.parametrize("made", FILES.values(), ids=FILES)
def test_memory_is_some_blocks_and_the_file_a_few_times(made: Callable[[int], bytes]) -> None:
    data = made(8 * ROWS)
    assert peak_of(lambda: outcome(data)) < 12 * len(data) + 40_000_000


@pytest.mark.slow
def test_a_quote_that_is_never_closed_costs_the_same_in_a_longer_file() -> None:
    line = (
        b"x," + b"y" * 37 + b"\n"
    )  # how far it is looked for the other quote is a matter of bytes, not of lines
    few, many = (
        calls_of(lambda rows=rows: outcome(b'a,b\n"' + line * rows))  # type: ignore[misc]
        for rows in (ROWS, 2 * ROWS)
    )
    assert many < 1.05 * few


@pytest.mark.slow
@pytest.mark.lengthy
@pytest.mark.parametrize("names", [3, 3000])
def test_lines_that_end_a_text_and_begin_another_cost_the_same_in_a_longer_file(names: int) -> None:
    begun = b",".join([b"c"] * names) + b"\n" + b",".join([b"1"] * names) + b"\n"
    few, many = (
        calls_of(lambda rows=rows: outcome(begun + b'x","y\n' * rows))  # type: ignore[misc]
        for rows in (2000, 8000)
    )
    assert many < 4.5 * few


def test_too_many_columns_are_refused_before_they_are_split() -> None:
    with pytest.raises(LeptonError, match="line 1: there are 400001 cells; at most 100000 are taken"):
        read_csv(b'"",' * 400_000)
    wide = b'"' + b"a,b;" * 60_000 + b'",x\n'
    assert open_sheet(b"text,y\n" + wide * 3).names == ("text", "y")


PIECES = st.lists(st.sampled_from(['"', "\n", "\r\n", "\r", "a", ",", '""', '"\n"', '"\r\n"']), max_size=12)


@settings(max_examples=examples(300))
@given(PIECES, st.booleans())
def test_lines_in_quotes_lose_them_as_line_by_line(pieces: list[str], wrapped: bool) -> None:
    text = "".join(pieces)
    data = (f'"{text}"\n' if wrapped else text).encode()
    of_lines = re.compile(rb'^"((?:[^"\n]|"")*)"(\r?)$', re.MULTILINE)
    wanted = of_lines.sub(lambda line: line[1].replace(b'""', b'"') + line[2], data)
    assert _without_quotes(data) == wanted


CELLS = st.sampled_from(
    ["1", "x", 'x"y', '4"', 'a"b"c', "", " ", '"q"', '"', ' "q"', "\\", '"p, ""q"""', '"p\nq"', '""']
)


@settings(max_examples=examples(300))
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_rows_with_quotes_inside_are_those_that_are_read_with_care(
    rows: list[tuple[str, str]], end: str
) -> None:
    text = (
        end.join(["n,a,b", *(f"{at},{one},{other}" for at, (one, other) in enumerate(rows)), "9,z,z"]) + end
    )
    # Some of these rows would be no table: its dialect is that of others below the same header.
    body = replace(open_sheet(end.join(["n,a,b", '1,"x",y', "9,z,z"]).encode()).body, data=text.encode())
    found, careful = RowTally(), RowTally(numbers=LineNumbers())
    read = [row for some in read_rows(body, found, 1000) for row in some]
    assert read == [row for some in read_rows(body, careful, 1000) for row in some]
    assert (found.stray, found.stray_line) == (careful.stray, careful.stray_line)


@pytest.mark.lengthy
def test_lines_that_never_end_a_text_take_no_longer_for_many_names() -> None:
    def calls(rows: int) -> int:
        names = b",".join([b"c"] * 9_000)
        return calls_of(lambda: outcome(names + b"\n" + b'x","y\n' * rows))

    assert calls(4_000) < 4.5 * calls(1_000)
