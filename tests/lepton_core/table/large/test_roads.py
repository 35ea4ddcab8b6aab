"""What a column is does not depend on whether its file is read at once, in windows, or came as texts of a program."""

import random
from collections.abc import Callable

import pytest

from lepton_core.errors import InvalidData
from lepton_core.report.columns import Origin
from lepton_core.table import Read, ReadingOptions, Table, kind_of, read_csv, read_file
from lepton_core.table.given import given_column
from lepton_core.table.spelling.missing import MISSING_SPELLINGS
from tests.lepton_core.table.large.test_read import large

ROWS = 110_000
FIRST = 3_500
"""The first rows, which decide at first, are fewer."""

WINDOW = 1 << 18


def after(first: Callable[[int], str], later: Callable[[int], str]) -> Callable[[int], str]:
    return lambda row: first(row) if row < FIRST else later(row)


deal = random.Random(3)


def some(share: float, word: str, other: Callable[[int], str]) -> Callable[[int], str]:
    return lambda row: word if deal.random() < share else other(row)


def number(row: int) -> str:
    return f"{deal.gauss(0, 9):.2f}"


def day(row: int) -> str:
    return f"2024-{1 + row % 12:02d}-{1 + row % 28:02d}"


def time(row: int) -> str:
    return f"{row % 23:02d}:{row % 60:02d}"


COLUMNS: dict[str, Callable[[int], str]] = {
    "ids of several rows each": after(lambda row: str(row % 97), lambda row: f"cu{row // 7}"),
    "ids of one row each": after(lambda row: str(row % 97), lambda row: f"cu{row}"),
    "dates, then notes": after(day, lambda row: f"note {row // 5} of all"),
    "dates, later one word often": after(day, some(0.12, "unknown", day)),
    "dates, later one word": after(day, some(0.02, "unknown", day)),
    "times, later one word often": after(time, some(0.12, "n. b.", time)),
    "numbers, later words": after(number, lambda row: number(row) if row % 50 else f"w{row % 40}"),
    "numbers, some words": lambda row: number(row) if deal.random() > 0.02 else f"w{deal.randrange(50)}",
    "numbers, at the end words": lambda row: number(row) if row < 0.89 * ROWS else f"w{row % 3}",
    "whole numbers, later a unit": after(str, lambda row: f"{row % 90}%"),
    "nothing, then codes": after(lambda row: "", lambda row: f"{row // 5:07d}"),
    "nothing, then ids": after(lambda row: "NA", lambda row: f"cu{row // 5}"),
}


def text_of(name: str, label: Callable[[int], str]) -> bytes:
    deal.seed(name)
    return ("v,y\n" + "".join(f"{COLUMNS[name](row)},{label(row)}\n" for row in range(ROWS))).encode()


def of_column(read: Read) -> tuple[object, ...]:
    """The first column, and what was decided of it."""
    column = read.table.columns[0]
    cells = kind_of(column).cells(column)
    return column.kind, column.notation, column.missing_words, cells, read.columns[0].decision


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_the_same_in_windows(name: str) -> None:
    data = text_of(name, lambda row: "pq"[row % 2])
    whole = read_csv(data, label="y")
    table, found, _ = large(data, size=WINDOW, piece=1 << 20, label="y")
    assert table == whole.table
    assert found.read.columns[0].decision == whole.columns[0].decision
    assert Origin.of(found.read.columns[0]) == Origin.of(whole.columns[0])


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_the_same_as_texts_of_a_program(name: str) -> None:
    data = text_of(name, lambda row: "pq"[row % 2])
    words = ReadingOptions(missing={"v": tuple(sorted(filter(None, MISSING_SPELLINGS)))})
    whole = read_file(data, words, label="y")
    cells = [line.split(",")[0] for line in data.decode().splitlines()[1:]]
    labels = ["pq"[row % 2] for row in range(ROWS)]
    texts = read_file(Table((given_column("v", cells), given_column("y", labels))), words, label="y")
    assert of_column(texts) == of_column(whole)
    assert texts.columns[0].words == whole.columns[0].words
    assert texts.columns[0].misfits == whole.columns[0].misfits


LABELS: dict[str, Callable[[int], str]] = {
    "codes that float64 does not have": lambda row: str(2**53 + row % 2) if row > ROWS // 2 else str(row % 3),
    "a class in the last row": lambda row: "x" if row == ROWS - 1 else str(row % 3),
    "two more classes": lambda row: {20_000: "x", ROWS - 1: "02"}.get(row, "12"[row % 2]),
    "truth values, and a class in the last row": lambda row: "maybe" if row == ROWS - 1 else "yn"[row % 2],
    "a word for missing": lambda row: "NA" if row % 3 == 0 else "pq"[row % 2],
    "numbers that are spelled otherwise later": after(
        lambda row: str(1 + row % 3), lambda row: f"{1 + row % 3}.0"
    ),
    "numbers that are spelled plainly later": after(
        lambda row: f"{1 + row % 3}.0", lambda row: str(1 + row % 3)
    ),
    "a class between others in the last row": lambda row: (
        "2.0" if row == ROWS - 1 else f"{1 + row % 2 * 2}.0"
    ),
    "a class with a sign in the last row": lambda row: "+2" if row == ROWS - 1 else str(1 + row % 2 * 2),
    "classes that turn out to be quantities": after(lambda row: f"{row % 3}.0", lambda row: f"{row % 7}.5"),
    "days, one of them with a time": lambda row: (
        "2024-03-01 00:00" if row == ROWS - 1 else f"2024-0{1 + row % 2}-01"
    ),
    "truth values in two spellings": after(lambda row: "01"[row % 2], lambda row: ("no", "yes")[row % 2]),
    "words among quantities": lambda row: "n. b." if row % 50 == 0 else f"{row / 7:.3f}",
}


@pytest.mark.parametrize("name", LABELS)
def test_a_label_is_the_same_in_windows(name: str) -> None:
    data = ("v,y\n" + "".join(f"{row % 97},{LABELS[name](row)}\n" for row in range(ROWS))).encode()
    whole = read_csv(data, label="y")
    table, found, _ = large(data, size=WINDOW, piece=1 << 20, label="y")
    assert table == whole.table
    assert found.read.notes == whole.notes
    assert found.read.set_aside == whole.set_aside


def test_the_words_where_labels_are_missing_are_named_in_windows() -> None:
    data = ("v,y\n" + "".join(f"{row}.5,{'None' if row % 2 else '-'}\n" for row in range(4_000))).encode()
    with pytest.raises(InvalidData) as whole:
        read_csv(data, label="y")
    with pytest.raises(InvalidData) as windows:
        large(data, size=1 << 12, label="y")
    assert str(windows.value) == str(whole.value)
    assert "missing={'y': []}" in str(windows.value)
