"""Every kind of bad file, with the place that the error must name."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Numbers, infer_label, parse_csv

TEN = "".join(f"{i},p\n" for i in range(1, 11))

BAD = {
    "empty": (b"", None, None, "the file is empty"),
    "mark only": (b"\xef\xbb\xbf", None, None, "the file is empty"),
    "blank lines": (b"\n\r\n\n", None, None, "the file is empty"),
    "no rows": (b"a,b\n", None, None, "no rows"),
    "no rows, no line end": (b"a,b", None, None, "no rows"),
    "one column": (b"a\n1\n2\n", None, "a", "only column"),
    "unnamed column": (b"a,,c\n1,2,3\n", None, None, "column 2 no name"),
    "blank name": (b"a, \n1,2\n", None, None, "column 2 no name"),
    "name twice": (b"a,b,a\n1,2,3\n", None, "a", "twice"),
    "name twice but for blanks": (b"a, a\n1,2\n", None, "a", "twice"),
    "short row": (b"a,b\n1,2\n3\n", 2, None, "1 cells, where the header has 2"),
    "long row": (b"a,b\n1,2\n3,4\n5,6,7\n", 3, None, "3 cells, where the header has 2"),
    "long row of numbers that add up": (b"a,b\n1,2,3\n4\n5,6\n", 1, None, "3 cells"),
    "blanks are a cell": (b"a,b\n1,2\n  \n", 2, None, "1 cells"),
    "short row behind a blank line": (b"a,b\n1,2\n\n3\n", 2, None, "1 cells"),
    "short row behind a line in quotes": (b'a,b\n1,"x\ny"\n3\n', 2, None, "1 cells"),
    "open quote": (b'a,b\n1,2\n3,"4\n5,6\n', 2, "b", "never closed"),
    "open quote in the header": (b'a,"b\n1,2\n', None, None, "never closed"),
    "text behind a quote": (b'a,b\n1,2\n"3"x,4\n', 2, None, "behind a closing quote"),
    "NUL": (b"a,b\n1,2\n3,\x004\n", 2, "b", "NUL"),
    "NUL in the header": (b"a,\x00b\n1,2\n", None, None, "NUL"),
    "not UTF-8": (b"a,b\n1,2\n3,4\n\xff,6\n", 3, "a", "0xff is not UTF-8"),
    "cut UTF-8": ("a,b\n1,é".encode()[:-1], 1, "b", "not UTF-8"),
    "Latin-1 header": (b"a,\xe9\n1,2\n", None, None, "not UTF-8"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), None, None, ""),
    "nan": (b"a,b\n1,2\nnan,4\n", 2, "a", "'nan' is not a finite number"),
    "NaN in the last cell": (b"a,b\n1,2\n3,NaN", 2, "b", "'NaN'"),
    "only nan": (b"a,b\nnan,1\nnan,2\n", 1, "a", "'nan'"),
    "inf": (b"a,b\ninf,2\n", 1, "a", "'inf'"),
    "-Infinity": (b"a,b\n1,2\n3,-Infinity\n", 2, "b", "'-Infinity'"),
    "overflow": (b"a,b\n1,2\n3,1e400\n", 2, "b", "'1e400'"),
    "overflow by digits": (b"a,b\n1,2\n3," + b"9" * 400 + b"\n", 2, "b", "finite"),
    "text where numbers were": (f"a,b\n{TEN}abc,p\n".encode(), 11, "a", "'abc' is text where numbers were"),
    "underscore": (f"a,b\n1_000,p\n{TEN}".encode(), 1, "a", "'1_000'"),
    "Arabic digits": (f"a,b\n{TEN}\u0663,p\n".encode(), 11, "a", "is text where"),
    "full-width digits": (f"a,b\n{TEN}\uff11,p\n".encode(), 11, "a", "is text where"),
    "hexadecimal": (f"a,b\n{TEN}0x10,p\n".encode(), 11, "a", "'0x10'"),
    "NaN before text": (f"a,b\n{TEN}NaN,p\nabc,p\n".encode(), 11, "a", "'NaN'"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_at_its_place(case):
    data, row, column, part = BAD[case]
    with pytest.raises(InvalidData) as caught:
        parse_csv(data)
    assert (caught.value.row, caught.value.column) == (row, column), str(caught.value)
    assert part in caught.value.message


def test_a_cell_beyond_the_field_limit_is_refused_at_its_row():
    data = b'a,b\n1,2\n"' + b"x\n" * csv.field_size_limit() + b"3,4\n"
    with pytest.raises(InvalidData, match="row 2: a cell is far too long"):
        parse_csv(data)


def test_text_far_down_a_long_file_is_found_at_its_row():
    lines = [f"{i},{i % 3}" for i in range(40_000)]
    lines[33_333] = "oops,1"
    with pytest.raises(InvalidData) as caught:
        parse_csv("\n".join(["a,y", *lines]).encode())
    assert (caught.value.row, caught.value.column) == (33_334, "a")


def test_a_missing_label_cell_is_refused_only_where_a_label_is_asked_for():
    data = b"a,y\n1,p\n2,NA\n"
    assert parse_csv(data).rows == 2
    with pytest.raises(InvalidData) as caught:
        parse_csv(data, label="y")
    assert (caught.value.row, caught.value.column) == (2, "y")


NO_NUMBERS = st.tuples(st.sampled_from(["", "+", "-"]), st.sampled_from(["nan", "inf", "infinity"])).flatmap(
    lambda parts: st.tuples(*(st.sampled_from([c.lower(), c.upper()]) for c in "".join(parts))).map("".join)
)


@given(
    st.lists(st.sampled_from(["1", "2.5", "z", "a b", "nano", "Infinite", "12e4567"]), max_size=7),
    st.integers(0, 12),
    NO_NUMBERS,
)
def test_nan_and_infinity_are_no_label_among_whatever_else(cells, at, word):
    row = min(at, len(cells)) + 1
    if all(cell in ("1", "2.5", "12e4567") for cell in cells):
        cells = [*cells, "z"]
    wrong = [*cells[: row - 1], word, *cells[row - 1 :], word]
    lines = "".join(f"{i},{cell}\n" for i, cell in enumerate(wrong))
    for kinds in ({}, {"y": "category"}):
        with pytest.raises(InvalidData, match="is not a finite number") as caught:
            parse_csv(f"a,y\n{lines}".encode(), label="y", kinds=kinds)
        assert (caught.value.row, caught.value.column) == (row, "y"), str(caught.value)
    good = "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    assert parse_csv(f"a,y\n{good}".encode(), label="y")["y"] == Categories.of("y", cells)


def test_a_missing_label_is_missing_and_not_infinite():
    with pytest.raises(InvalidData, match="row 2, column 'y': the label is missing"):
        parse_csv(b"a,y\n1,p\n2,NA\n3,q\n", label="y")


def test_a_label_that_is_no_column_is_refused_with_the_names_there_are():
    with pytest.raises(InvalidData, match=r"column 'z': .*'a', 'b'"):
        parse_csv(b"a,b\n1,2\n", label="z")


@pytest.mark.parametrize("word", ["", '""', " ", "NA", "N/A", "null", "None", " NA "])
def test_missing_words(word):
    table = parse_csv(f"a,b\n1,x\n{word},{word}\n".encode())
    assert table["a"] == Numbers("a", np.array([1.0, np.nan]))
    assert table["b"] == Categories.of("b", ["x", None])


def test_a_column_without_any_cell_holds_numbers():
    assert parse_csv(b"a,b\n,1\nNA,2\n")["a"] == Numbers("a", np.array([np.nan, np.nan]))


@pytest.mark.parametrize(
    ("cells", "levels"),
    [
        (["1", "2", "x"], ("1", "2", "x")),  # fewer than ten numbers prove nothing
        ([*"1234567890", "x", "y"], (*"0123456789", "x", "y")),  # ten of twelve are under nine in ten
        (["true", "false", "true"], ("false", "true")),
        (["1.0", "1.00", " x"], ("1.0", "1.00", "x")),
        (["nan", "x"], ("nan", "x")),  # a text among texts
        (["x,y", "x;y"], ("x,y", "x;y")),
    ],
)
def test_columns_of_categories(cells, levels):
    rows = "".join(f'"{cell}",1\n' for cell in cells)
    column = parse_csv(f"a,b\n{rows}".encode())["a"]
    assert column == Categories.of("a", [cell.strip() for cell in cells])
    assert column.levels == levels


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_dialects(ending, delimiter, mark):
    lines = ['"the, name"; é', "", '1;"say ""hi"""', "2; x", "", ""]
    data = (mark + ending.join(lines)).replace(";", delimiter).encode()
    table = parse_csv(data)
    assert table["the, name"] == Numbers("the, name", np.array([1.0, 2.0]))
    assert table["é"] == Categories.of("é", ['say "hi"', "x"])


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["a", "b"], "b"),
        (["label", "b"], "label"),
        (["TARGET", "b"], "TARGET"),
        (["y", "class", "b"], "y"),
        (["class", "target", "label", "b"], "label"),
        (["y", "Y", "b"], "b"),
        (["y", "Y", "class", "b"], "class"),
        (["labels", "yy"], "yy"),
    ],
)
def test_infer_label(names, label):
    assert infer_label(names) == label
