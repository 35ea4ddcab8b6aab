"""The form of a scored file, its name, and the names of what is added."""

import csv
import gzip
import io
import json
from itertools import product

import pytest

from lepton_core.table.row_form import FormOfRows, RowForm
from lepton_core.table.scored_file import added_columns, form_of, scored_name, with_keys, written


@pytest.mark.parametrize(
    ("data", "delimiter", "form"),
    [
        (b"a b\n1 2\n", " ", RowForm("csv", as_it_came=False)),
        (b"a\tb\n1\t2\n", "\t", RowForm("csv", "\t")),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", ",", RowForm("csv", newline="\r\n", marked=True)),
        ("a;größe\n1;2\n".encode("cp1252"), ";", RowForm("csv", ";", marked=True)),
        ("a;größe\n1;2\n".encode(), ";", RowForm("csv", ";")),
        (b'\xef\xbb\xbf [{"a": 1}]', None, RowForm("json")),
        (b'{"a": 1}\n', None, RowForm("lines")),
        (b"PAR1....", None, RowForm("parquet")),
        (b"ARROW1\0\0", None, RowForm("arrow")),
        (b"\xff\xff\xff\xff", None, RowForm("arrows")),
        (b"PK..", None, RowForm("csv", as_it_came=False)),
    ],
)
def test_the_form_is_known_by_the_content(data: bytes, delimiter: str | None, form: RowForm) -> None:
    assert form_of(data, data, delimiter) == form
    packed = form_of(gzip.compress(data), data, delimiter)
    assert packed.packed is (form.rows in ("csv", "json", "lines") and not data.startswith(b"PK"))


@pytest.mark.parametrize(
    ("name", "form", "wanted"),
    [
        ("rows", RowForm("csv"), "rows.scored.csv"),
        ("rows.CSV", RowForm("csv"), "rows.scored.CSV"),
        ("a.b.tsv", RowForm("csv", "\t"), "a.b.scored.tsv"),
        ("rows.json", RowForm("lines"), "rows.scored.json"),
        ("rows.feather", RowForm("arrow"), "rows.scored.feather"),
        ("rows", RowForm("arrows"), "rows.scored.arrows"),
        ("rows.xlsx", RowForm("csv", as_it_came=False), "rows.scored.csv"),
        ("rows.csv.bz2", RowForm("csv", as_it_came=False), "rows.scored.csv"),
        (".csv", RowForm("csv"), ".csv.scored.csv"),
    ],
)
def test_the_name_says_that_it_is_scored(name: str, form: RowForm, wanted: str) -> None:
    assert scored_name(name, form) == wanted


def test_no_column_of_the_file_is_lost_to_one_that_is_added() -> None:
    assert added_columns(["value", "predicted value"], None, errors=False) == ["predicted predicted value"]


@pytest.mark.parametrize("rows", [0, 1, 40_000])
def test_what_is_written_is_read_again(rows: int) -> None:
    given = [[f'x, "{at}"\n', at / 3, None, True] for at in range(rows)]
    text = b"".join(written(RowForm("csv", ";", packed=True), list("abcd"), given))
    head, *lines = csv.reader(io.StringIO(gzip.decompress(text).decode(), newline=""), delimiter=";")
    assert head == list("abcd")
    assert lines == [[one, repr(number), "", "true"] for one, number, _, _ in given]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize(
    ("first", "newline"),
    [
        *product(["größe,b", '"größe in m",b', 'größe in ",b'], ["\n", "\r\n", "\r"]),
        *product(['"größe\nin m",b', '"größe\r\nin m",b', '"say ""größe""\n",b'], ["\n", "\r\n"]),
    ],
)
def test_lines_end_as_those_of_the_file_in_whatever_encoding(first: str, newline: str, encoding: str) -> None:
    text = newline.join([first, "1,2", "3,4", ""]).encode(encoding)
    assert form_of(text, text, ",").newline == newline


def test_a_line_of_many_names_has_its_own_end() -> None:
    text = ",".join(f"column {at}" for at in range(600_000)).encode() + b"\r\n1\r\n"
    assert form_of(text, text, ",").newline == "\r\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("cell", ["a\rb", "\r", "a\r\n", "\n", '"', " x ", "a;b", "a\0b", "=1+1", "\u2028"])
def test_a_cell_stays_one_whatever_is_in_it(cell: str, newline: str) -> None:
    form = RowForm("csv", ";", newline=newline, marked=True)
    made = b"".join(written(form, ["a", "b"], [[cell, 1.5], ["next", None]])).decode("utf-8-sig")
    assert made.startswith(f"a;b{newline}") and made.endswith(f"next;{newline}")
    assert list(csv.reader(io.StringIO(made, newline=""), delimiter=";")) == [
        ["a", "b"],
        [cell, "1.5"],
        ["next", ""],
    ]


@pytest.mark.parametrize("rows", [1, 40_000])
@pytest.mark.parametrize("name", ["json", "lines"])
def test_objects_keep_their_own_text_and_get_keys_behind_it(rows: int, name: FormOfRows) -> None:
    own = '{"id": 12345678901234567890, "x": 1.0,\n "at": {"no": [1e400, "}"]}, "x y": "\\u00e9"}'
    text = f"[{','.join([own] * rows)}]" if name == "json" else own.replace("\n", "") + "\n"
    text = text if name == "json" else text * rows
    cells = [[f'y"{at}', None if at % 2 else at / 3] for at in range(rows)]
    form = RowForm(name, packed=True)
    made = gzip.decompress(b"".join(with_keys(form, text.encode(), None, ["label", "P(y)"], cells))).decode()
    found = json.loads(made) if name == "json" else [json.loads(line) for line in made.splitlines()]
    assert [[one.pop("label"), one.pop("P(y)")] for one in found] == cells
    assert found == [json.loads(own)] * rows
    assert made.count('"id": 12345678901234567890, "x": 1.0, "at": {"no": [1e400, "}"]}') == rows


def test_what_is_no_object_becomes_one_of_the_keys_alone() -> None:
    lines = b'{"a": 1}\nx\n{}\n{"a": 1, "a": 2}\n'
    made = b"".join(with_keys(RowForm("lines"), lines, None, ["y"], [[1], [2], [3], [4]])).decode()
    assert made.splitlines() == ['{"a": 1, "y": 1}', '{"y": 2}', '{"y": 3}', '{"y": 4}']
