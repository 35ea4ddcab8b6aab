"""A table of columns that a program gave: what is typed stays as it is, and texts are read as those of a file are."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Column
from lepton_core.table.csv_columns import ReadColumn, Wanted, columns_from
from lepton_core.table.files import CHUNK_ROWS, Note
from lepton_core.table.files.records import MOST_SET_ASIDE
from lepton_core.table.given_container import check_column
from lepton_core.table.kinds import BY_NAME, kind_of
from lepton_core.table.parse import Read, labelled_read
from lepton_core.table.schema import ColumnSchema
from lepton_core.table.spelling import Decision
from lepton_core.table.table import Table
from lepton_core.table.unlabelled import naming_labels
from lepton_core.table.where import first_misfits, said_where, without_label

_TYPED = "the program that gave it says so"

IN_GIVEN_TEXTS: tuple[str, ...] = ()
"""In a text of a program no word stands for a missing cell."""

_AS_FILES = Wanted(missing_words=IN_GIVEN_TEXTS)


def read_given(
    given: Table,
    *,
    label: str | None = None,
    wanted: Mapping[str, Wanted] | None = None,
    exclude: Collection[str] = (),
    frame: bool = True,
    elsewhere: Sequence[Note] = (),
) -> Read:
    """The table of columns from `given_column`, read as `lepton_core.table.read_csv` reads a file.

    Of texts, and of whole numbers, which may be codes, `recognise` tells the kind. In texts no word stands for a
    missing cell, unless ``wanted`` says so. ``frame``: they are of a program, and not of a file.
    ``elsewhere`` are notes on where columns may be that are missing. Errors: those of `read_csv`, and those of
    `check_given`.

    >>> from lepton_core.table.given import given_column
    >>> given = Table((given_column("x", ["$1,200", "$80", "NA"]), given_column("y", [True, False, True])))
    >>> read = read_given(given, label="y")
    >>> read.table["y"].kind, read.label
    ('boolean', 'y')
    """
    check_given(given)
    said = {column.name: (wanted or {}).get(column.name, _AS_FILES) for column in given.columns}
    return labelled_read(
        given.names,
        lambda name: _columns(given, said, name),
        label=label,
        exclude=exclude,
        frame=frame,
        elsewhere=elsewhere,
    )


def with_places(
    read: Read,
    given: Table,
    lines: Callable[[], Sequence[int]] = tuple,
    *,
    frame: bool = False,
    said: bool = False,
) -> Read:
    """What was ``read`` of ``given``, with the first rows that have no label, and where cells do not fit.

    ``lines`` are those of the rows, empty where there are none. Then, and where rows share a line, as those of JSON
    may, the number of the row stands for it. ``frame`` as `read_given`; ``said``: somebody said which words of the
    label stand for a missing cell.
    """
    late = {one.column.name: first_misfits(one.misfits) for one in read.columns}
    gone = list(read.unlabelled[:MOST_SET_ASIDE])
    if not gone and not any(late.values()):
        return read
    known = lines()
    known = known if len(set(known)) == len(known) else ()
    what = "line" if known else "row"

    def line(row: int) -> int:
        return known[row] if known else row + 1

    label = given[read.label].take(np.array(gone, dtype=np.int64))
    texts = kind_of(label).one_by_one(label).as_list()
    aside = without_label(
        ((line(row), [text or ""]) for row, text in zip(gone, texts, strict=True)), [read.label], read.label
    )
    columns = (
        replace(one, where=said_where(map(line, late[one.column.name]), {*one.misfits.values()}, what))
        for one in read.columns
    )
    return replace(
        read,
        columns=tuple(columns),
        notes=read.notes if said else naming_labels(read.notes, read.table[read.label], aside, frame=frame),
        set_aside=tuple(aside),
        set_aside_count=len(read.unlabelled),
    )


def check_given(given: Table) -> None:
    """Raise `InvalidData` unless these are columns as `given_column` makes them: they may come from anybody."""
    if not given.rows:
        raise InvalidData("there are no rows")
    for column in given.columns:
        if column.name != column.name.strip():
            raise InvalidData("a name has blanks around it", column=column.name)
        check_column(column)


def text_chunks(columns: Sequence[Column]) -> Iterator[list[list[str]]]:
    """The rows of ``columns`` of a program, `CHUNK_ROWS` at a time, as in a file; a missing cell is blank.

    >>> from lepton_core.table.given import given_column
    >>> list(text_chunks([given_column("x", [1.5, None]), given_column("y", [True, False])]))
    [[['1.5', 'True'], ['', 'False']]]
    """
    rows = len(columns[0])
    for start in range(0, rows, CHUNK_ROWS):
        here = np.arange(start, min(start + CHUNK_ROWS, rows))
        texts = [kind_of(column).one_by_one(column.take(here)).as_list() for column in columns]
        yield [[text or "" for text in row] for row in zip(*texts, strict=True)]


def _columns(given: Table, said: Mapping[str, Wanted], label: str) -> tuple[ReadColumn, ...]:
    typed = {one.name: _typed(one, said[one.name], is_label=one.name == label) for one in given.columns}
    rest = [column for column in given.columns if typed[column.name] is None]
    read = _read(rest, said, label) if rest else ()
    by_name = {one.column.name: one for one in (*read, *typed.values()) if one is not None}
    return tuple(by_name[name] for name in given.names)


def _typed(column: Column, said: Wanted, *, is_label: bool) -> ReadColumn | None:
    """The column as it is; None if its texts have to be read."""
    column = kind_of(column).without_words(column, said.missing_words or ())
    if not kind_of(column).quantitative or column.missing.all():
        return None
    if said.kind is not None:
        wanted = _known(column, said.kind, said.notation or "", said.missing_words)
        made = _as_known(column, wanted)
        return None if made is None else ReadColumn(made, None)
    found = column if kind_of(column).given_decides else _first_rows(column, is_label=is_label)
    made = _as_known(column, _known(column, found.kind, found.notation, said.missing_words or None))
    return None if made is None else ReadColumn(made, Decision(cast(Any, made.kind), made.notation, _TYPED))


def _known(
    column: Column, kind: str, notation: str, missing_words: tuple[str, ...] | None = None
) -> ColumnSchema:
    return ColumnSchema(column.name, kind, (), notation, missing_words)


def _as_known(column: Column, known: ColumnSchema) -> Column | None:
    """The column as one of the kind of ``known``, or of the wider one."""
    kind = BY_NAME[known.kind]
    made: Column | None = kind.from_given(column, known)
    return BY_NAME[kind.wider].from_given(column, known) if made is None and kind.wider else made


def _first_rows(column: Column, *, is_label: bool) -> Column:
    """The first rows, of the kind that a file of them would be of: texts, if the numbers are codes."""
    first = column.take(np.arange(min(CHUNK_ROWS, len(column))))
    [read] = _read([first], {column.name: _AS_FILES}, column.name if is_label else "")
    return read.column


def _read(columns: Sequence[Column], said: Mapping[str, Wanted], label: str) -> tuple[ReadColumn, ...]:
    return columns_from([column.name for column in columns], lambda: text_chunks(columns), said, label=label)
