"""A version of a data set, and the difference between two, as they are printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from lepton_ai.figure_cells import HEAD, figure_cells
from lepton_ai.results import rows_of
from lepton_ai.show import PRINTED_ACROSS, PRINTED_LINES, and_more, figure, text_table
from lepton_core.report import Difference, RowDifference
from lepton_core.table import ColumnFigures, ReadingOptions


class DataDescription(msgspec.Struct, frozen=True):
    """Everything that is kept of a version: columns with kinds and figures, how its file was read, and notes.

    ``bytes`` are those of all its files. ``trained`` are the versions of models that were trained on it. The last
    ``held_out`` rows are those of a second file.
    """

    dataset: str
    version: int
    label: str
    rows: int
    columns: tuple[ColumnFigures, ...]
    reading: ReadingOptions
    notes: tuple[str, ...]
    bytes: int
    state: str
    created: datetime
    upload: str
    appended_to: int | None = None
    tags: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()
    column_count: int = 0
    held_out: int = 0

    def __str__(self) -> str:
        """Some lines, and a table of the columns."""
        options = ", ".join(f"{name}={value!r}" for name, value in self.reading.said.items())
        lines = [
            f"data {self.dataset} version {self.version}: {rows_of(self.rows, self.held_out)}, "
            f"{len(self.columns)} columns, label {self.label}, {self.bytes} bytes, {self.state}",
            f"created {self.created:%Y-%m-%d %H:%M} by upload {self.upload}"
            + (f", appended to version {self.appended_to}" if self.appended_to else ""),
            f"tags: {' '.join(self.tags) or 'none'}",
            f"read with: {options or 'nothing said'}",
            f"trained on it: {', '.join(self.trained) or 'no version'}",
            *(f"note: {note}" for note in self.notes),
            text_table(list(HEAD), [figure_cells(one, one.name) for one in self.columns[:PRINTED_LINES]]),
            *and_more(len(self.columns) - PRINTED_LINES, "columns", "see .columns"),
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class DataDiff:
    """What changed between two versions of ``dataset``: ``difference`` has all of it as values."""

    dataset: str
    difference: Difference

    def __str__(self) -> str:
        """A few lines, and below them the first rows that only one of both has."""
        return "\n".join(_lines(self.dataset, self.difference))

    __repr__ = __str__


def _lines(dataset: str, found: Difference) -> Iterator[str]:
    yield (
        f"data {dataset}, version {found.since} to {found.version}: {found.rows_before} rows to {found.rows_now}; "
        f"{found.kept} kept, {found.added.count} added, {found.removed.count} removed"
    )
    if found.label_before != found.label_now:
        yield f"label: {found.label_before} became {found.label_now}"
    changes = found.changes
    for what, names in (("new columns", changes.added), ("columns left out", changes.removed)):
        if names:
            more = "".join(and_more(len(names) - PRINTED_LINES, "columns", "see .difference"))
            yield f"{what}: {', '.join(names[:PRINTED_LINES])} {more}".rstrip()
    for one in changes.retyped:
        yield f"{one.name}: {one.before} became {one.now}"
    for name, levels in changes.new_levels.items():
        yield f"{name}: new values {', '.join(level.text for level in levels)}"
    moved = [*changes.drift, *([] if changes.label_drift is None else [changes.label_drift])]
    if moved:
        first = (
            sorted(moved, key=lambda one: not one.drifted)[:PRINTED_LINES]
            if len(moved) > PRINTED_LINES
            else moved
        )
        rows = [[one.name, figure(one.psi), figure(one.alarm), "yes" if one.drifted else ""] for one in first]
        yield text_table(["column", "PSI", "line", "moved"], rows)
        yield from and_more(len(moved) - PRINTED_LINES, "columns", "see .difference")
    yield from _rows("added", found.added)
    yield from _rows("removed", found.removed)


def _rows(what: str, some: RowDifference) -> Iterator[str]:
    if some.count:
        shown = "" if some.count == len(some.rows) else f", the first {len(some.rows)}"
        yield f"rows {what}{shown}:"
        rows = [list(map(_cell, row[:PRINTED_ACROSS])) for row in some.rows]
        yield text_table(list(some.columns[:PRINTED_ACROSS]), rows)
        hidden = len(some.columns) + some.more_columns - PRINTED_ACROSS
        yield from and_more(hidden, "columns", "see Dataset.head")


def _cell(cell: Any) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell) if whole else cell)
