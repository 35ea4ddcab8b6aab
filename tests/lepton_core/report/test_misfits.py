"""Cells that are none of their column's kind are counted in all rows, however many and different they are."""

import re

import numpy as np
import pytest

from lepton_core.report import Finding, make_report
from lepton_core.report.column_findings import findings_of
from lepton_core.report.columns import Misfits
from lepton_core.report.often import Often
from lepton_core.report.values import ColumnReport, ValueCount
from lepton_core.table import Read, read_csv
from lepton_core.table.reading import read_file
from lepton_core.table.reading_options import ReadingOptions
from tests.lepton_core.table.large.test_read import large

NUMBERS = [f"{one:.2f}" for one in np.random.default_rng(0).normal(size=1_000)]


def file_of(rows: int, words: int, cells: int, word: str = "see note {}") -> bytes:
    """Numbers, and in ``cells`` rows, evenly, one of so many different words."""
    column = [NUMBERS[at % 1_000] for at in range(rows)]
    for at in range(cells):
        column[at * rows // cells + at % 3] = word.format(at % words)
    return ("v,w,y\n" + "".join(f"{v},{at % 9},{'pq'[at % 2]}\n" for at, v in enumerate(column))).encode()


def said(read: Read, code: str) -> Finding:
    [finding] = [one for one in make_report(read).findings if one.code == code and one.column == "v"]
    return finding


CASES = [
    (1_000, 1, 1),
    (1_000, 2, 7),
    (1_000, 19, 19),
    (1_000, 20, 20),
    (1_000, 21, 40),
    (1_000, 30, 30),
    (3_000, 250, 250),
    (10_000, 1, 1_000),
    (10_000, 2, 1_500),
    (20_000, 250, 900),
    (100_000, 1, 10_000),
    (100_000, 100, 2_000),
]


@pytest.mark.parametrize(("rows", "words", "cells"), CASES)
def test_the_cells_are_counted_in_all_rows(rows: int, words: int, cells: int) -> None:
    read = read_csv(file_of(rows, words, cells))
    assert int(read.table["v"].missing.sum()) == cells
    found = said(read, "mixed")
    assert re.match(r"\d+", found.message)[0] == str(cells)  # type: ignore[index]
    assert found.message.count("see note") == min(5, words)
    assert ("and 1 more" if words == 6 else f"and {words - 5} more") in found.message or words <= 5
    assert f"cells that are no numbers: {cells} (" in said(read, "doubt").message
    [most] = [one for one in Misfits.of(read.columns[0]).texts if one.text == "see note 0"]
    assert most.rows == len(range(0, cells, words))


@pytest.mark.parametrize(("rows", "words", "cells"), CASES[1:10])
def test_a_file_in_pieces_counts_as_one_that_is_read_at_once(rows: int, words: int, cells: int) -> None:
    data = file_of(rows, words, cells)
    _, read, _ = large(data, size=60_000, piece=20_000)
    whole = Misfits.of(read_csv(data).columns[0])
    found = Misfits.of(read.read.columns[0])
    assert (found.cells, found.texts) == (cells, whole.texts)
    assert found.where == whole.where


@pytest.mark.parametrize("words", [20, 30, 41, 250])
def test_many_different_cells_are_pointed_at_by_their_lines(words: int) -> None:
    rows = 100 * words
    data = file_of(rows, words, words)
    found = said(read_csv(data), "mixed")
    lines = [int(one) for one in re.findall(r"\d+", found.message.partition("as in lines ")[2])]
    text = data.decode().splitlines()
    assert len(lines) == 5
    assert all("see note" in text[line - 1] for line in lines)
    assert bool(found.remedies) == (words <= 40)


def test_the_call_names_the_texts_whole_and_mends_it() -> None:
    data = file_of(
        2_000, 30, 30, "a remark {} of more letters than a report shows of a cell that does not fit"
    )
    found = said(read_csv(data), "mixed")
    words = found.remedies[0].body["missing"]["v"]
    assert {one.text for one in Misfits.of(read_csv(data).columns[0]).texts} <= set(words)
    reading = ReadingOptions(missing={"v": tuple(words)})
    again = make_report(read_file(data, reading), reading)
    assert "mixed" not in again.codes("v")


def test_cells_that_were_counted_in_the_first_rows_only_are_said_to_be_more() -> None:
    rows = "".join(
        f"{'<0.5' if at % 10 == 0 else f'{at % 977 / 7:.3f}'},{'pq'[at % 2]}\n" for at in range(9_000)
    )
    assert "at least" in said(read_csv(f"v,y\n{rows}".encode()), "doubt").message


def test_of_more_texts_than_are_kept_it_says_how_many_there_are_at_least() -> None:
    one = ColumnReport("v", "number", "")
    texts = tuple(ValueCount(f"see {at}", 1) for at in range(60))
    [found] = [
        found
        for found in findings_of(
            one, 90_000, Often(), ReadingOptions(), misfits=Misfits(70, texts, "as in lines 2")
        )
        if found.code == "mixed"
    ]
    assert found.message.startswith("70 cells of 'v'")
    assert "and at least 55 more; mend these cells in the file, as in lines 2" in found.message
