"""Rows without a label are set aside with their line, and are no reason to refuse a file."""

import json

import pytest

from lepton_core.errors import InvalidData
from lepton_core.report import make_report
from lepton_core.table import Numbers, Table, kind_of, read_csv
from lepton_core.table.files import Options, SetAside
from lepton_core.table.given import given_column
from lepton_core.table.reading import read_file
from lepton_core.table.reading_options import ReadingOptions
from lepton_core.table.where import NO_LABEL
from tests.lepton_core.table.large.test_read import large


def rows(many: int, every: int, empty: str = "") -> str:
    return "".join(f"{at}.5,{empty if at % every == 0 else 'pq'[at % 2]}\n" for at in range(many))


@pytest.mark.parametrize("empty", ["", "NA", "  "])
def test_each_has_its_line_and_what_stands_in_its_place(empty: str) -> None:
    read = read_csv(f"a,y\n{rows(300, 7, empty)}".encode(), label="y")
    assert read.set_aside_count == len(read.unlabelled) == 43
    assert read.set_aside[0] == SetAside(2, NO_LABEL, empty.strip(), "y")
    assert [one.line for one in read.set_aside] == [2 + at for at in range(0, 300, 7)]
    report = make_report(read)
    assert (report.set_aside, report.set_aside_count, report.unlabelled) == (read.set_aside, 43, 43)
    assert "set_aside" not in report.codes()


def test_lines_count_quoted_line_breaks_blank_lines_and_headers_that_come_again() -> None:
    data = 'a,b,y\n1,"x\nx",p\n\n2,x,\na,b,y\n3,"x\n\nx",\n4,x,q\n5,x,NA\n'
    read = read_csv(data.encode(), label="y", options=Options(header=True))
    assert [(one.line, one.text) for one in read.set_aside] == [(5, ""), (7, ""), (11, "NA")]


def test_they_stand_among_rows_that_cannot_be_read_and_leave_these_room() -> None:
    text = rows(2_000, 5).splitlines()
    for at in (1_500, 1_700):
        text[at] = "1,2,3"
    read = read_csv(("a,y\n" + "\n".join(text)).encode(), label="y")
    assert len(read.set_aside) == 100
    assert [one.line for one in read.set_aside if one.reason != NO_LABEL] == [1_502, 1_702]
    assert read.set_aside_count == 2 + len(read.unlabelled)
    assert [one.line for one in read.set_aside] == sorted(one.line for one in read.set_aside)


def test_no_share_of_them_is_too_large_but_all() -> None:
    read = read_csv(f"a,y\n{rows(1_000, 2)}".encode(), label="y", options=Options(bad_rows=0.0))
    assert (read.table.rows, read.set_aside_count, len(read.set_aside)) == (500, 500, 100)
    with pytest.raises(InvalidData, match="no row has a label"):
        read_csv(f"a,y\n{rows(50, 1)}".encode(), label="y")


def test_lines_far_down_a_long_file_are_found() -> None:
    text = [f'{at}.5,"x, {at}",{"pq"[at % 2]}' for at in range(200_000)]
    text[100_000] = '1,"x\nx",p'
    text[150_000] = "1,x,"
    text[199_999] = "1,x,NA"
    read = read_csv(("a,b,y\n" + "\n".join(text)).encode(), label="y")
    assert [one.line for one in read.set_aside] == [150_003, 200_002]


@pytest.mark.parametrize("size", [300, 900, 4_000])
def test_a_file_in_pieces_sets_the_same_rows_aside(size: int) -> None:
    text = rows(900, 11).splitlines()
    text[400:404] = [",", ",", ",", "7,p"]
    data = ("a,y\n" + "\n".join(text)).encode()
    _, read, _ = large(data, size=size, label="y")
    whole = read_csv(data, label="y")
    assert read.read.set_aside == whole.set_aside
    assert read.read.set_aside_count == whole.set_aside_count == len(whole.unlabelled)


@pytest.mark.parametrize("alone", [1, 700])
def test_a_text_that_only_rows_without_a_label_have_is_no_level(alone: int) -> None:
    labelled = "".join(f"{'Bonn' if at % 2 else 'Trier'},{'pq'[at % 2]}\n" for at in range(900))
    data = ("town,y\n" + labelled + "Ulm,\n" * alone + labelled).encode()
    whole = read_csv(data, label="y")
    assert whole.table["town"].levels == ("Bonn", "Trier")
    assert large(data, size=900, label="y")[0] == whole.table


def test_rows_of_json_have_the_line_and_those_of_a_program_their_number() -> None:
    objects = [{"a": at, "y": None if at % 5 == 2 else "pq"[at % 2]} for at in range(40)]
    lines = "\n".join(map(json.dumps, objects)).encode()
    read = read_file(lines, label="y")
    assert [one.line for one in read.set_aside] == [at + 1 for at in range(40) if at % 5 == 2]
    assert read.set_aside[0] == SetAside(3, NO_LABEL, "", "y")
    table = Table((Numbers("a", read.table["a"].values), Numbers("y", read.table["a"].values * 2)))
    table["y"].values[[3, 9]] = float("nan")
    given = read_file(table, label="y")
    assert [(one.line, one.reason) for one in given.set_aside] == [(4, NO_LABEL), (10, NO_LABEL)]
    assert given.set_aside_count == 2


@pytest.mark.parametrize(
    ("words", "offered"), [(["NA"], True), (["None", "NA"], True), (["NaN"], False), (["NA", "nan"], False)]
)
@pytest.mark.parametrize("others", [[], ["yes", "no"]], ids=["alone", "beside labels"])
def test_words_are_offered_as_labels_only_if_each_can_name_a_class(
    words: list[str], offered: bool, others: list[str]
) -> None:
    labels = [*words * 8, *others * 40]
    data = "a,label\n" + "".join(f"{at},{label}\n" for at, label in enumerate(labels))
    try:
        said = " ".join(note.message for note in read_file(data.encode(), label="label").notes)
    except InvalidData as error:
        said = str(error)
    assert ("count" in said and "as missing" in said) is offered, said
    if offered:
        read = read_file(data.encode(), ReadingOptions(missing={"label": ()}), label="label")
        assert set(words) <= set(read.table["label"].levels)


WORDS_AND_LABELS = {"whole numbers": "17", "days": "2024-01-0", "truth values": "tf", "names": "pq"}


@pytest.mark.parametrize("form", ["csv", "json", "frame"])
@pytest.mark.parametrize("labels", WORDS_AND_LABELS)
def test_the_call_that_is_offered_makes_labels_of_the_words(labels: str, form: str) -> None:
    one, two = {"days": ("2024-01-01", "2024-01-02")}.get(labels, tuple(WORDS_AND_LABELS[labels]))
    cells = ["k. A." if at % 20 == 0 else (one, two)[at % 2] for at in range(200)]
    given = {
        "csv": "".join(["a,y\n", *(f"{at}.5,{cell}\n" for at, cell in enumerate(cells))]).encode(),
        "json": json.dumps([{"a": at + 0.5, "y": cell} for at, cell in enumerate(cells)]).encode(),
        "frame": Table((given_column("a", list(range(200))), given_column("y", cells))),
    }[form]
    read = read_file(given, label="y")
    [note] = [one for one in read.notes if one.code == "no_label"] or [None]
    if note is not None:
        assert ("from_pandas" in note.remedy) == (form == "frame")
        said = {**note.remedies[0].body}
        read = read_file(given, ReadingOptions(**{**said, "missing": {"y": ()}}), label="y")
    assert set(kind_of(read.table["y"]).names(read.table["y"])) == {"k. A.", one, two}
    assert read.table.rows == 200


def test_words_among_quantities_are_no_labels_and_are_named() -> None:
    text = "".join(f"{at},{'k. A.' if at % 20 == 0 else at / 7}\n" for at in range(200))
    [note] = [one for one in read_csv(f"a,y\n{text}".encode(), label="y").notes if one.code == "no_label"]
    assert (note.message, note.remedy) == (
        "10 rows have no label and were left out: 'k. A.' counts as missing", ""
    )  # fmt: skip


@pytest.mark.parametrize("parted", [",", ",\n"])
def test_rows_that_share_a_line_are_told_by_their_numbers(parted: str) -> None:
    rows = [
        json.dumps({"a": f"w{at}" if at % 20 == 0 else at % 90 + 0.5, "y": None if at % 9 == 0 else at % 2})
        for at in range(500)
    ]
    read = read_file(f"[{parted.join(rows)}]".encode(), label="y")
    assert [one.line for one in read.set_aside[:3]] == [1, 10, 19]
    what = "lines" if "\n" in parted else "rows"
    assert read.columns[0].where == f"as in {what} 1, 21, 41, 61, 81"
