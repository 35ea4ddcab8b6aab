"""What is written in a dialect comes back, and a mangled row changes no other."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table.files import Dialect, Options, open_sheet
from lepton_core.table.files.lines import split

SETTINGS = settings(deadline=None, max_examples=100)

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n é日"), min_size=1, max_size=8
).map(lambda text: "t" + text.replace("\\", "/"))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr)


def tables(cells):
    return st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=30)
    )


def written(rows, delimiter, quote, ending):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=ending).writerows(rows)
    return out.getvalue()


def read(data, **options):
    sheet = open_sheet(data, Options(**options))
    return list(sheet.names), [row for chunk in sheet.chunks(5) for row in chunk]


@pytest.mark.slow
@SETTINGS
@given(
    tables(st.one_of(TEXTS, NUMBERS, st.just(""))),
    st.sampled_from(",;\t| "),
    st.sampled_from("\"'"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_a_table_of_a_dialect_that_is_named_comes_back(rows, delimiter, quote, ending, encoding):
    rows[-1] = ["x"] * len(rows[0])
    names = [f"name {place}" for place in range(len(rows[0]))]
    data = written([names, *rows], delimiter, quote, ending).encode(encoding)
    assert read(data, delimiter=delimiter, quote=quote, header=True) == (names, rows)


WORDS = st.text("abcdefgh ,;|\t\n\"'", max_size=8).map(lambda text: f"w{text}")


@pytest.mark.slow
@SETTINGS
@given(
    st.lists(st.tuples(NUMBERS, WORDS, st.sampled_from(["red", "green"])), min_size=5, max_size=30),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_comes_back_with_nothing_said(rows, delimiter, ending):
    rows = [list(row) for row in rows]
    names = ["size", "word", "colour"]
    data = written([names, *rows], delimiter, '"', ending).encode()
    assert read(data) == (names, rows)


ESCAPED = [
    'say "hi"',
    "C:\\dir",
    'the 4" pipe',
    "plain",
    '"all"',
    "a, b; c",
    "u|v\tw",
    "back\\",
    "5' 3\"",
    "two\nlines",
]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("rows", [20, 300])
def test_what_is_escaped_in_and_outside_of_quotes_comes_back(quoting, delimiter, rows):
    table = [[str(row), ESCAPED[row * 7 % 10], ESCAPED[row % 9], "pq"[row % 2]] for row in range(rows)]
    out = io.StringIO(newline="")
    names = ["n", "one", "other", "y"]
    options = {"delimiter": delimiter, "quoting": quoting, "lineterminator": "\n"}
    csv.writer(out, doublequote=False, escapechar="\\", **options).writerows([names, *table])
    assert read(out.getvalue().encode()) == (names, table)


CLEAN = [["a", "b", "c"], *([str(i), f"word {i}", f"x, {i}"] for i in range(60))]


@pytest.mark.slow
@SETTINGS
@given(
    st.integers(1, 60),
    st.text("abc,\"\n'; 019\0", max_size=30),
    st.integers(0, 12),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_mangled_row_never_changes_another(place, text, at, ending):
    lines = [written([row], ",", '"', ending) for row in CLEAN]
    wrong = lines[place].rstrip("\r\n")
    lines[place] = wrong[:at] + text.replace("\n", "") + wrong[at:] + ending
    sheet = open_sheet("".join(lines).encode())
    rows = [row for chunk in sheet.chunks(7) for row in chunk]
    others = [row for number, row in enumerate(CLEAN[1:], start=1) if number != place]
    assert sheet.names == ("a", "b", "c")
    assert len(rows) + sheet.set_aside_count == len(others) + 1
    found = rows[: place - 1] + rows[place - 1 + (sheet.set_aside_count == 0) :]
    assert found == others
    assert [one.line for one in sheet.set_aside] in ([], [place + 1])


@SETTINGS
@given(st.text('ab,"', min_size=1, max_size=20))
def test_the_careful_way_takes_what_the_csv_module_takes(text):
    try:
        wanted = list(csv.reader([text], strict=True))
    except csv.Error:
        wanted = None
    parts = split(text, Dialect())
    assert (parts.state == "whole") is (wanted is not None)
    assert wanted is None or list(parts.cells) == wanted[0]


@pytest.mark.slow
@pytest.mark.parametrize("rows", [10, 30_000])
def test_a_multi_line_cell_is_one_cell_wherever_blocks_end(rows):
    cells = [[str(i), "first\nsecond, third\n\nfourth" * (i % 3), "end"] for i in range(rows)]
    data = written([["a", "b", "c"], *cells], ",", '"', "\n").encode()
    assert read(data) == (["a", "b", "c"], cells)
