"""What a file makes of a data set: a table by itself, or its rows joined to those of the newest version."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from functions.datasets.parts import Packed, StoredPart, digest_of, pack, read_parts, rows_of, write_parts
from functions.records.kinds import DatasetVersion, Part
from functions.storage import Workspace
from lepton_core import table as tables
from lepton_core.conform import demand_columns
from lepton_core.errors import InvalidData
from lepton_core.table import ColumnFigures, ReadingOptions, Rows, Table, describe
from lepton_core.table.files import Note
from lepton_core.table.row_keys import NEWEST_FORM


@dataclass(frozen=True)
class Taken:
    """The ``rows`` of a new version: those of parts that are ``kept`` as they are, and below them those of ``packed``.

    ``read`` is the whole table with what is to be said of the file. Of one that was appended, ``news`` are the rows
    that are new, and ``repeated`` of its rows were there already. ``plain_keys`` as in a `DatasetVersion`.
    """

    read: "tables.Read"
    rows: Rows
    packed: Packed
    kept: Sequence[StoredPart] = ()
    appended_to: int | None = None
    news: Table | None = None
    repeated: int | None = None
    plain_keys: bool = True
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        digests = (*(one.digest for one in self.kept), *(one.columns for one in self.packed.parts))
        object.__setattr__(self, "digest", digest_of(digests))

    @property
    def added(self) -> int | None:
        """How many rows are new; None if the file is a version by itself."""
        return None if self.news is None else self.news.rows

    def figures(self) -> tuple[ColumnFigures, ...]:
        """Those of all columns."""
        return describe(self.rows.table)

    def parts(self, store: Workspace, *path: str) -> list[Part]:
        """The parts of the version, of which those that are new are written below ``tables/path``."""
        return [*(one.part for one in self.kept), *write_parts(store, self.packed, *path)]


def replacing(
    read: "tables.Read",
    known: Sequence[ColumnFigures],
    reading: ReadingOptions,
    latest: DatasetVersion | None,
) -> Taken:
    """The file as a version by itself. Raises `InvalidData` if it lacks a column ``known`` of the newest version.

    If it has the same columns, they are put in the order of that one, so that each row keeps its key and its side.
    """
    read = replaced(read, known, reading, latest)
    rows = Rows.of(read.table, read.label, NEWEST_FORM if latest is None else latest.key_form)
    return Taken(read, rows, pack(read.table, rows.keys))


def replaced(
    read: "tables.Read",
    known: Sequence[ColumnFigures],
    reading: ReadingOptions,
    latest: DatasetVersion | None,
) -> "tables.Read":
    """What is read of a file that is a version by itself. Raises `InvalidData` as `replacing` does."""
    names = [column.name for column in known]
    demand_columns(read.table, names, reading)
    read = replace(read, table=ordered(read.table, names))
    if latest is None or latest.label == read.label:
        return read
    return replace(read, notes=(*read.notes, _label_changed(latest, read.label)))


def ordered(table: Table, before: Sequence[str]) -> Table:
    """The table with its columns in the order of those ``before``, if they are the same ones."""
    return table.select(before) if set(before) == set(table.names) else table


def appending(
    store: Workspace, read: "tables.Read", reading: ReadingOptions, latest: DatasetVersion
) -> Taken:
    """The rows of the newest version and, below them, those of the file that are not there yet.

    Parts of the newest version stay files of it, but for its last ones: those that have no more rows than what comes
    below them are written anew with that. So the parts stay few, however often little is appended, and a row is written
    a few times only. Raises `InvalidData` as `join_rows` does, and `Damaged`.
    """
    if latest.label != read.label:
        raise InvalidData(
            f"is not the label of the newest version, which predicts {latest.label!r}; rows can be appended under the "
            "same label only; upload the file without append for another one",
            column=read.label,
        )
    parts = read_parts(store, latest)
    before = rows_of(store, latest, [(one.table, one.keys) for one in parts])
    joined = tables.join_rows(before, read.table, plain=latest.plain_keys, exclude=reading.exclude or ())
    rows = joined.rows
    keyed = all(one.keys is not None for one in parts)
    kept = parts_to_keep(parts, joined.added) if joined.as_before and keyed else []
    first = sum(one.table.rows for one in kept)
    below = np.arange(first, rows.table.rows)
    packed = pack(rows.table.take(below), rows.keys[first:]) if len(below) else Packed([])
    notes = (*read.notes, *_said(latest, joined.added, joined.repeated, joined.absent))
    return Taken(
        replace(read, table=rows.table, notes=notes),
        rows,
        packed,
        kept,
        latest.version,
        joined.news,
        joined.repeated,
        joined.plain,
    )


def parts_to_keep(parts: Sequence[StoredPart], added: int) -> list[StoredPart]:
    """The first of ``parts``, without those at the end that have no more rows than what is below them."""
    kept, below = list(parts), added
    while below and kept and kept[-1].table.rows <= below:
        below += kept.pop().table.rows
    return kept


def _said(latest: DatasetVersion, added: int, repeated: int, absent: Sequence[str]) -> Iterator[Note]:
    joined = f"{added} row{' was' if added == 1 else 's were'} appended to version {latest.version}"
    yield Note(
        "appended", f"{joined}; {repeated} rows of the file were there already" if repeated else joined
    )
    for name in absent:
        yield Note(
            "absent", f"{name!r} is not in the file; it is missing in the rows of the file", column=name
        )


def _label_changed(latest: DatasetVersion, label: str) -> Note:
    return Note(
        "label_changed",
        f"version {latest.version} predicts {latest.label!r}, and this one {label!r}; no model of the other label is "
        "updated with it",
        column=label,
    )
