"""What a file makes of a data set: a table by itself, or its rows joined to those of the newest version."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from functions.datasets import reports
from functions.datasets.parts import Packed, StoredPart, digest_of, pack, read_parts, rows_of, write_parts
from functions.records.files import Part
from functions.records.kinds import DatasetVersion
from functions.storage import Workspace
from lepton_core import table as tables
from lepton_core.conform import demand_columns
from lepton_core.errors import InvalidData
from lepton_core.report.renamed import looks_like
from lepton_core.table import ColumnFigures, ReadingOptions, Rows, Table, describe
from lepton_core.table.files import Note
from lepton_core.table.row_keys import NEWEST_FORM

_NAMING = ("header", "names", "delimiter", "quote", "sheet")
"""Options that give the columns other names."""


@dataclass(frozen=True)
class Side:
    """Rows to train on, or to hold out: those of parts that are ``kept`` as they are, and below them the ``packed``."""

    kept: Sequence[StoredPart]
    packed: Packed


@dataclass(frozen=True)
class Taken:
    """The ``rows`` of a new version, in parts: those to train on, and below them those that a second file holds out.

    ``read`` is the whole table with what is to be said of the file. Of one that was appended, ``news`` are the rows
    that are new, and ``repeated`` of its rows were there already. ``plain_keys`` as in a `DatasetVersion`.
    """

    read: "tables.Read"
    rows: Rows
    sides: Sequence[Side]
    appended_to: int | None = None
    news: Table | None = None
    repeated: int | None = None
    plain_keys: bool = True
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        digests = list[str]()
        for side in self.sides:
            digests += [*(one.digest for one in side.kept), *(one.columns for one in side.packed.parts)]
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
        found = list[Part]()
        for side in self.sides:
            found += [*(one.part for one in side.kept), *write_parts(store, side.packed, *path)]
        return found


def replacing(
    store: Workspace,
    read: "tables.Read",
    known: Sequence[ColumnFigures],
    reading: ReadingOptions,
    latest: DatasetVersion | None,
) -> Taken:
    """The file as a version by itself. Raises `InvalidData` if it lacks a column ``known`` of the newest version.

    If it has the same columns, they are put in the order of that one, so that each row keeps its key and its side.
    """
    read = replaced(store, read, known, reading, latest)
    rows = Rows.of(read.table, read.label, NEWEST_FORM if latest is None else latest.key_form)
    return Taken(read, rows, _packed(rows, read.held_out))


def _packed(rows: Rows, held_out: int) -> list[Side]:
    """All rows as new parts, of which the last ``held_out`` have their own."""
    cuts = [
        slice(rows.table.rows - held_out),
        *([slice(rows.table.rows - held_out, None)] if held_out else []),
    ]
    return [Side((), pack(rows.table.take(cut), rows.keys[cut])) for cut in cuts]


def replaced(
    store: Workspace,
    read: "tables.Read",
    known: Sequence[ColumnFigures],
    reading: ReadingOptions,
    latest: DatasetVersion | None,
) -> "tables.Read":
    """What is read of a file that is a version by itself. Raises `InvalidData` as `replacing` does."""
    names = [column.name for column in known]
    if not _has_other_names(read.table, names, reading, latest):
        demand_columns(
            read.table,
            names,
            reading,
            again=read.left_out,
            like=partial(_renamed, store, read, latest, names),
        )
    read = replace(read, table=ordered(read.table, names))
    if latest is None or latest.label == read.label:
        return read
    return replace(read, notes=(*read.notes, _label_changed(latest, read.label)))


def _has_other_names(
    table: Table, before: Sequence[str], reading: ReadingOptions, latest: DatasetVersion | None
) -> bool:
    """Whether somebody said that the names are to be read otherwise, and none of those before is left."""
    if latest is None or set(before) & set(table.names):
        return False
    # By their texts: True and 1 are the same, but not as a header.
    return any(repr(reading.said.get(one)) != repr(latest.reading.said.get(one)) for one in _NAMING)


def _renamed(
    store: Workspace, read: "tables.Read", latest: DatasetVersion | None, before: Sequence[str], name: str
) -> str | None:
    """The new column that looks like one that is missing, ``name``, if the report of the ``latest`` version tells."""
    report = None if latest is None else reports.of_version(store, latest)
    columns = () if report is None else report.columns
    found = next((one for one in columns if one.name == name), None)
    new = [one for one in read.table.names if one not in before and one != read.label]
    return None if found is None else looks_like(found, read.table, new)


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
    new_held_out = int((joined.places >= read.table.rows - read.held_out).sum())
    rows = _held_out_last(joined.rows, before.table.rows, latest.held_out, new_held_out)
    held_out = latest.held_out + new_held_out
    stay = joined.as_before and all(one.keys is not None for one in parts)
    sides = _extended(parts, rows, latest.held_out, held_out) if stay else _packed(rows, held_out)
    said = (one for one in read.notes if one.code != "held_out")
    absent = partial(_absent, partial(_renamed, store, read, latest, before.table.names))
    sides_said = _held_out_said(new_held_out, read.held_out)
    notes = (*said, *sides_said, *_said(latest, joined.added, joined.repeated), *map(absent, joined.absent))
    return Taken(
        replace(read, table=rows.table, notes=notes, held_out=held_out),
        rows,
        sides,
        latest.version,
        joined.news,
        joined.repeated,
        joined.plain,
    )


def _held_out_said(new: int, given: int) -> Iterator[Note]:
    """What becomes of the rows of a second file that was appended: only ``new`` ones of the ``given`` are taken up."""
    if given:
        message = (
            f"{new} of {given} rows of the second file are new: these are held out, and no training sees them"
        )
        if new < given:
            message += "; the others are there already, and stay on the side on which they are"
        yield Note("held_out", message)


def _held_out_last(rows: Rows, before: int, held_out: int, new_held_out: int) -> Rows:
    """The ``rows`` of the version ``before`` and the new ones, each with those to hold out last: all of these last."""
    if not held_out or len(rows.keys) == before:
        return rows
    old, new = np.arange(before), np.arange(before, len(rows.keys))
    cut, new_cut = before - held_out, len(new) - new_held_out
    order = np.concatenate([old[:cut], new[:new_cut], old[cut:], new[new_cut:]])
    return replace(rows, table=rows.table.take(order), keys=rows.keys[order])


def _extended(parts: Sequence[StoredPart], rows: Rows, held_out_before: int, held_out: int) -> list[Side]:
    """The sides of a version that begin with those of the one before, of which the parts are."""
    ends = np.cumsum([one.table.rows for one in parts])
    cut = int(np.searchsorted(ends, ends[-1] - held_out_before)) + 1
    found, end = [], rows.table.rows - held_out
    for its, start, stop in ((parts[:cut], 0, end), (parts[cut:], end, rows.table.rows)):
        there = sum(one.table.rows for one in its)
        kept = parts_to_keep(its, stop - start - there)
        below = slice(start + sum(one.table.rows for one in kept), stop)
        packed = pack(rows.table.take(below), rows.keys[below]) if below.start < stop else Packed([])
        found.append(Side(kept, packed))
    return found


def parts_to_keep(parts: Sequence[StoredPart], added: int) -> list[StoredPart]:
    """The first of ``parts``, without those at the end that have no more rows than what is below them."""
    kept, below = list(parts), added
    while below and kept and kept[-1].table.rows <= below:
        below += kept.pop().table.rows
    return kept


def _said(latest: DatasetVersion, added: int, repeated: int) -> Iterator[Note]:
    joined = f"{added} row{' was' if added == 1 else 's were'} appended to version {latest.version}"
    yield Note(
        "appended", f"{joined}; {repeated} rows of the file were there already" if repeated else joined
    )


def _absent(like: Callable[[str], str | None], name: str) -> Note:
    """That an appended file lacks a column, and the new one that looks ``like`` it, if there is any."""
    message, new = f"{name!r} is not in the file; it is missing in the rows of the file", like(name)
    if new is not None:
        message += f"; {new!r} is new and looks like it: rename it in the file if it is the same"
    return Note("absent", message, column=name)


def _label_changed(latest: DatasetVersion, label: str) -> Note:
    return Note(
        "label_changed",
        f"version {latest.version} predicts {latest.label!r}, and this one {label!r}; no model of the other label is "
        "updated with it",
        column=label,
    )
