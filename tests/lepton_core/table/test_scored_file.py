"""The form of a scored file, its name, and the names of what is added."""

import csv
import gzip
import io
import json

import pytest

from lepton_core.table.row_form import RowForm
from lepton_core.table.scored_file import added_columns, form_of, scored_name, written


@pytest.mark.parametrize(
    ("data", "delimiter", "form"),
    [
        (b"a b\n1 2\n", " ", RowForm("csv", as_it_came=False)),
        (b"a\tb\n1\t2\n", "\t", RowForm("csv", "\t")),
        (b'\xef\xbb\xbf [{"a": 1}]', None, RowForm("json")),
        (b'{"a": 1}\n', None, RowForm("lines")),
        (b"PAR1....", None, RowForm("parquet")),
        (b"ARROW1..", None, RowForm("csv", as_it_came=False)),
    ],
)
def test_the_form_is_known_by_the_content(data: bytes, delimiter: str | None, form: RowForm) -> None:
    assert form_of(data, data, delimiter) == form
    packed = form_of(gzip.compress(data), data, delimiter)
    assert packed.packed is (form.rows != "parquet" and not data.startswith(b"ARROW"))


@pytest.mark.parametrize(
    ("name", "form", "wanted"),
    [
        ("rows", RowForm("csv"), "rows.scored.csv"),
        ("rows.CSV", RowForm("csv"), "rows.scored.CSV"),
        ("a.b.tsv", RowForm("csv", "\t"), "a.b.scored.tsv"),
        ("rows.json", RowForm("lines"), "rows.scored.json"),
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
    array = json.loads(b"".join(written(RowForm("json"), list("abcd"), given)))
    assert [list(row.values()) for row in array] == given
    lined = b"".join(written(RowForm("lines"), list("abcd"), given)).decode().splitlines()
    assert [json.loads(line) for line in lined if line] == array
