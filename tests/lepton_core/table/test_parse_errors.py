"""Every kind of bad file, with the place that the error must name."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import (
    Numbers,
    ReadingOptions,
    Wanted,
    infer_label,
    kind_of,
    parse_csv,
    read_csv,
    read_file,
)

pytestmark = pytest.mark.usefixtures("either_reader")

TEN = "".join(f"{i},p\n" for i in range(1, 11))

BAD = {
    "empty": (b"", None, None, "the file is empty"),
    "mark only": (b"\xef\xbb\xbf", None, None, "the file is empty"),
    "blank lines": (b"\n\r\n\n", None, None, "the file is empty"),
    "no rows": (b"a,b\n", None, None, "no rows"),
    "no rows, no line end": (b"a,b", None, None, "no rows"),
    "one column": (b"a\n1\n2\n", None, "a", "only column"),
    "short row": (b"a,b\n1,2\n3\n", None, None, "line 3: 1 cells, where the header has 2"),
    "long row": (b"a,b\n1,2\n3,4\n5,6,7\n", None, None, "line 4: 3 cells, where the header has 2"),
    "long row of numbers that add up": (b"a,b\n1,2,3\n4\n5,6\n", None, None, "line 2: 3 cells"),
    "short row behind a blank line": (b"a,b\n1,2\n\n3\n", None, None, "line 4: 1 cells"),
    "short row behind a line in quotes": (b'a,b\n1,"x\ny"\n3\n', None, None, "line 4: 1 cells"),
    "open quote": (b'a,b\n1,2\n3,"4\n5,6\n', None, "b", "line 3: a quote is opened and never closed"),
    "open quote in the header": (b'a,"b\n1,2\n', None, None, "line 1: the header cannot be read"),
    "text behind a quote": (b'a,b\n1,2\n"3"x,4\n', None, "b", "line 3: there is text behind a closing quote"),
    "NUL": (b"a,b\n1,2\n3,\x004\n", None, "b", "line 3: it holds a NUL byte"),
    "NUL in the header": (b"a,\x00b\n1,2\n", None, None, "line 1: the header cannot be read"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_at_its_place(case):
    data, row, column, part = BAD[case]
    with pytest.raises(InvalidData) as caught:
        parse_csv(data)
    assert (caught.value.row, caught.value.column) == (row, column), str(caught.value)
    assert part in caught.value.message


READ = {
    "unnamed column": (b"a,,c\n1,2,3\n", ("a", "column_2", "c")),
    "blank name": (b"a, \n1,2\n", ("a", "column_2")),
    "name twice": (b"a,b,a\n1,2,3\n", ("a", "b", "a_2")),
    "name twice but for blanks": (b"a, a\n1,2\n", ("a", "a_2")),
    "a line of blanks": (b"a,b\n1,2\n  \n", ("a", "b")),
    "Latin-1": (b"a,b\n1,2\n3,4\n5,\xe9\n", ("a", "b")),
    "cut UTF-8": ("a,b\n1,é".encode()[:-1], ("a", "b")),
    "Latin-1 header": (b"a,\xe9\n1,2\n", ("a", "é")),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), ("a", "b")),
}


@pytest.mark.parametrize("case", READ)
def test_what_has_a_remedy_is_read_and_said(case):
    data, names = READ[case]
    read = read_csv(data)
    assert read.table.names == names
    assert read.notes or case in ("a line of blanks", "UTF-16")


def test_a_cell_beyond_the_field_limit_of_csv_is_read():
    text = "x" * (csv.field_size_limit() + 1)
    column = parse_csv(f"a,b\n1,{text}\n".encode())["b"]
    assert kind_of(column).cells(column) == [text]


@pytest.mark.slow
def test_a_quote_left_open_over_a_long_file_costs_one_row():
    data = b'a,b\n"0,0\n' + b"1,2\n" * 200_000 + b"3,4\n"
    read = read_csv(data)
    assert (read.table.rows, read.set_aside_count, read.set_aside[0].line) == (200_001, 1, 2)


ODD = ["inf", "-Infinity", "1e400", "9" * 400, "abc", "1_000", "\u0663", "\uff11", "0x10"]


@pytest.mark.parametrize("word", ODD)
def test_a_word_among_numbers_is_missing_and_said(word):
    [read, _] = read_csv(f"a,b\n{TEN}{word},p\n".encode()).columns
    assert read.column.values[:10].tolist() == list(range(1, 11))
    assert (read.column.missing.sum(), dict(read.misfits)) == (1, {10: word})
    assert read.decision is not None
    assert dict(read.decision.misfits) == {word: 1}


def test_a_word_that_is_often_among_numbers_stands_for_a_missing_cell():
    rows = "".join(f"{i},p\n" if i % 20 else "broken,p\n" for i in range(1, 201))
    [column, _] = parse_csv(f"a,b\n{rows}".encode()).columns
    assert column.missing.sum() == 10
    assert "broken" in (column.missing_words or ())


def test_text_far_down_a_long_file_is_found_at_its_row():
    lines = [f"{i * 7 % 1000},{i % 3}" for i in range(40_000)]
    lines[33_333] = "oops,1"
    [read, _] = read_csv("\n".join(["a,y", *lines]).encode()).columns
    assert dict(read.misfits) == {33_333: "oops"}


@pytest.mark.parametrize("share", [0.02, 0.04])
def test_cells_that_do_not_fit_a_known_kind_are_missing_as_long_as_they_are_few(share):
    lines = [f"{'x' if i < share * 1000 else i},p" for i in range(1000)]
    data = "\n".join(["a,y", *lines]).encode()
    wanted = {"a": Wanted("number", "")}
    if share < 0.03:
        assert parse_csv(data, wanted=wanted)["a"].missing.sum() == share * 1000
        return
    with pytest.raises(
        InvalidData, match=r"row 1, column 'a': 40 of 1000 cells are no number, the first is 'x'"
    ):
        parse_csv(data, wanted=wanted)


def test_rows_without_a_label_are_left_out_and_said():
    read = read_csv(b"a,y\n1,p\n2,NA\n3,q\n", label="y")
    assert read.table["a"].values.tolist() == [1, 3]
    assert read.unlabelled == (1,)
    [note] = read.notes
    assert note.message == (
        "1 row has no label and was left out: 'NA' counts as missing; if that is a label, say so"
    )
    assert note.remedy == "Data.from_csv(path, missing={'y': []})"
    [note] = read_csv(b"a,y\n1,p\n2,\n3,q\n", label="y").notes
    assert (note.message, note.remedy) == ("1 row has no label and was left out", "")


def test_a_file_in_which_no_row_has_a_label_is_refused():
    with pytest.raises(InvalidData, match="column 'y': no row has a label"):
        parse_csv(b"a,y\n1,\n2,NA\n", label="y")


def test_an_empty_last_column_is_passed_over_when_the_label_is_guessed():
    assert read_csv(b"a,b,c\n1,p,\n2,q,\n").label == "b"


@given(st.lists(st.sampled_from(["1", "2", "7", "", "NA", "?"]), min_size=1, max_size=30))
def test_whole_numbers_to_be_predicted_stay_numbers(cells):
    data = "\n".join(["a,y", "0,5", *(f"{i},{cell}" for i, cell in enumerate(cells))]).encode()
    assert kind_of(parse_csv(data, label="y")["y"]).quantitative


def test_a_label_that_is_no_column_is_refused_with_the_names_there_are():
    with pytest.raises(InvalidData, match=r"column 'z': .*'a', 'b'"):
        parse_csv(b"a,b\n1,2\n", label="z")


@pytest.mark.parametrize(
    "word", ["", '""', " ", "NA", "N/A", "null", "None", " NA ", "?", "-", "NaN", "#N/A", "\\N"]
)
def test_missing_words(word):
    table = parse_csv(f"a,b,c\n1,x,1\n{word},{word},2\n2,y,1\n".encode())
    assert table["a"] == Numbers("a", np.array([1.0, np.nan, 2.0]), "integer")
    assert kind_of(table["b"]).cells(table["b"]) == ["x", None, "y"]


def test_a_column_without_any_cell_is_empty():
    assert parse_csv(b"a,b\n,1\nNA,2\n")["a"] == Numbers("a", np.array([np.nan, np.nan]), "empty")


@pytest.mark.parametrize(
    ("cells", "levels"),
    [
        (["1", "2", "x"], ("1", "2", "x")),  # fewer than ten numbers prove nothing
        (["1.0", "1.00", " x"], ("1.0", "1.00", "x")),
        (["x,y", "x;y"], ("x,y", "x;y")),
    ],
)
def test_columns_of_categories(cells, levels):
    rows = "".join(f'"{cell}",1\n' for cell in cells)
    column = parse_csv(f"a,b\n{rows}".encode())["a"]
    assert kind_of(column).cells(column) == [cell.strip() for cell in cells]
    assert kind_of(column).names(column) == levels


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_dialects(ending, delimiter, mark):
    lines = ['"the, name"; é', "", '1;"say ""hi"""', "2; x", "", ""]
    data = (mark + ending.join(lines)).replace(";", delimiter).encode()
    table = parse_csv(data)
    assert table["the, name"].values.tolist() == [1.0, 2.0]
    assert kind_of(table["é"]).cells(table["é"]) == ['say "hi"', "x"]


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


@pytest.mark.parametrize("header", ["1,2,y", ",,y"])
def test_a_label_that_is_in_a_line_that_is_taken_for_a_row(header):
    data = "\n".join([header, *(f"{i},{i % 7},{'pqy'[i % 3]}" for i in range(60))]).encode()
    with pytest.raises(InvalidData, match=r"if line 1 has the names, Data.from_csv\(path, header=1\)"):
        read_csv(data, label="y")
    assert read_file(data, ReadingOptions(header=1), label="y").label == "y"


@pytest.mark.parametrize(
    ("cells", "said"), [(["None", "NA"], "'None', 'NA' count"), (["NA", ""], "'NA' counts")]
)
def test_words_that_count_as_missing_where_all_labels_are_can_be_labels(cells: list[str], said: str) -> None:
    data = ("x,y\n" + "".join(f"{at},{cells[at % 2]}\n" for at in range(20))).encode()
    with pytest.raises(
        InvalidData, match=f"column 'y': no row has a label: {said} as missing; say missing="
    ) as found:
        read_csv(data, label="y")
    assert [one.body for one in found.value.remedies] == [{"missing": {"y": []}}, {"label": "..."}]
