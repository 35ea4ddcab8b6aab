"""Rows that a table of typed cells keeps, though people write them beside the data: the names again, and a total."""

from collections.abc import Iterable, Iterator

import numpy as np

from lepton_core.report.column_findings import as_missing
from lepton_core.report.values import Finding
from lepton_core.table import Read, ReadingOptions, kind_of
from lepton_core.table.columns import Column, IndexArray
from lepton_core.table.csv_columns import ReadColumn
from lepton_core.table.files.spelling import plain_name
from lepton_core.table.files.totals import total_word

_FEWEST = 2
"""Columns that hold their own name: a label may have a class of its name, as spam beside ham."""


def of_names_again(read: Read, reading: ReadingOptions) -> Iterator[Finding]:
    """That the label has a class that is its own name, in rows where the other columns have theirs, too.

    >>> from lepton_core.table import Table, given_column
    >>> from lepton_core.table.reading_given import read_given
    >>> cells = {"g": ["a", "b"] * 40 + ["g"], "y": ["low", "high"] * 40 + ["Y "]}
    >>> read = read_given(Table(tuple(given_column(name, its) for name, its in cells.items())), label="y")
    >>> [one.remedy or str(*one.remedies) for one in of_names_again(read, ReadingOptions())]
    ["Data.from_csv(path, missing={'y': ['Y']})"]
    """
    label = next((one for one in read.columns if one.column.name == read.label), None)
    if label is None or any(len(one.column) != len(label.column) for one in read.columns):
        return
    kind = kind_of(label.column)
    if not kind.has_levels:
        return
    own = [level for level in label.column.levels if plain_name(level) == plain_name(read.label)]
    codes = [label.column.levels.index(level) for level in own]
    rows = np.flatnonzero(np.isin(kind.texts(label.column).codes, codes)) if own else np.arange(0)
    named = np.ones(len(rows), dtype=np.intp)
    for one in read.columns:
        if one is label or not len(rows):
            continue
        says = _says(one, rows, read.places)
        named = (named + (says > 0))[says >= 0]
        rows = rows[says >= 0]
    rows = rows[named >= _FEWEST]
    if not len(rows):
        return
    many = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    message = (
        f"the label {read.label!r} has a class that is its own name, {own[0]!r}: in {many}, the first is row "
        f"{_place(read, int(rows[0])) + 1}, each column has its name in place of a value; leave them out"
    )
    words = [*own, *label.absent]
    yield Finding(
        "header_within", message, column=read.label, remedies=(as_missing(reading, read.label, words),)
    )


def _place(read: Read, row: int) -> int:
    """The place among the rows of the file of a ``row`` of the columns that were read."""
    return row if read.places is None else int(read.places[row])


def _says(one: ReadColumn, rows: IndexArray, places: IndexArray | None) -> IndexArray:
    """For each of the ``rows`` 1 if the column has its own name there, 0 if it has nothing, -1 if it has a value."""
    name = plain_name(one.column.name)
    return np.array(
        [0 if not text else 1 if plain_name(text) == name else -1 for text in _texts(one, rows, places)],
        dtype=np.intp,
    )


def of_total(read: Read, *, frame: bool, label: str | None) -> Iterator[Finding]:
    """That the last row begins with a word for a total, which stands nowhere else; ``label`` is what was said of it.

    >>> from lepton_core.table import Table, given_column
    >>> from lepton_core.table.reading_given import read_given
    >>> cells = {"g": ["a", "b"] * 40 + ["Total"], "y": ["no", "yes"] * 40 + ["no"]}
    >>> read = read_given(Table(tuple(given_column(name, its) for name, its in cells.items())), label="y")
    >>> [one.remedy for one in of_total(read, frame=True, label="y")]
    ["Data.from_pandas(frame[:-1], label='y')"]
    """
    first = read.columns[:2]
    many = len(first[0].column) if first else 0
    if many < _FEWEST or read.label == first[0].column.name:
        return
    if many - 1 in read.unlabelled or (read.places is not None and _place(read, many - 1) != many - 1):
        return  # in rows that are not here the word may be, too
    word = total_word([text for one in first for text in _texts(one, np.array([many - 1]), read.places)])
    if not word or sum(text.count(word) for one in read.columns for text in _words(one)) != 1:
        return
    said = "" if label is None else f", label={label!r}"
    message = (
        f"the last row looks like a total of the rows above: it begins with {word!r}, as no other row "
        "does; take it out of the data"
    )
    yield Finding("total", message, f"Data.from_pandas(frame[:-1]{said})" if frame else "")


def _words(one: ReadColumn) -> Iterable[str]:
    """All texts of a column; of numbers, which have no word, those that did not fit."""
    if kind_of(one.column).quantitative:
        return one.misfits.values()
    return _texts(one, np.arange(len(one.column)), None)


def _texts(one: ReadColumn, rows: IndexArray, places: IndexArray | None) -> list[str]:
    """What stands in the ``rows`` of a column, also where it did not fit; empty where nothing does."""
    picked: Column = one.column.take(rows)
    texts = kind_of(picked).one_by_one(picked).as_list()
    of_file = (rows if places is None else places[rows]).tolist()
    return [text or one.misfits.get(row, "") for row, text in zip(of_file, texts, strict=True)]
