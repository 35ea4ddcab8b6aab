"""A file that is larger than memory becomes the parts of a version while it is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

import numpy as np

from functions.datasets.parts import digest_of, packed_part
from functions.datasets.taking import ordered, replaced
from functions.records.files import Part, pieces
from functions.records.kinds import DatasetVersion
from functions.storage import Blobs, Workspace
from lepton_core import table as tables
from lepton_core.errors import TooLarge
from lepton_core.table import (
    ColumnFigures,
    Describing,
    ReadingOptions,
    Rows,
    Schema,
    Table,
    concatenate,
    row_keys,
    split_parts,
)
from lepton_core.table.growing import Growing
from lepton_core.table.row_keys import NEWEST_FORM, KeyForm
from lepton_core.table.source import stored_bytes

_TOGETHER_BYTES = 24 << 20
"""So many bytes of tables become parts together."""

_HEAD_BYTES = 4096

ROW_BYTES = 100
"""Memory for each row of a large file: its key and its label, and what is sorted to find copies and strata."""

_FEW_ROWS = 10_000_000
_MOST_ROWS_A_BYTE = 13
"""A file may have so many rows for each of its bytes beside the few: only one that is packed can have more."""

WORST_TABLE = 17
"""A file that is read at once needs so many times its size at most: one of single digits."""


@dataclass(frozen=True)
class LargeTaken:
    """What a large file became, whose parts are written: see `functions.datasets.taking.Taken`.

    ``rows`` are all, with their label alone, which is what the strata need; ``read.table`` has some of them, with all
    columns.
    """

    read: "tables.Read"
    rows: Rows
    digest: str
    written: Sequence[Part]
    described: tuple[ColumnFigures, ...]

    added: ClassVar[None] = None
    repeated: ClassVar[None] = None
    news: ClassVar[None] = None
    appended_to: ClassVar[None] = None
    plain_keys: ClassVar[bool] = True

    def figures(self) -> tuple[ColumnFigures, ...]:
        """Those of all columns."""
        return self.described

    def parts(self, store: Workspace, *path: str) -> list[Part]:
        """The parts of the version."""
        return list(self.written)


def replacing_large(
    store: Workspace,
    taken: LargeTaken,
    known: Sequence[ColumnFigures],
    reading: ReadingOptions,
    latest: DatasetVersion | None,
) -> LargeTaken:
    """What `functions.datasets.taking.replacing` makes of a file, of a large one, whose parts are written already."""
    return replace(taken, read=replaced(store, taken.read, known, reading, latest))


def demand_memory(data: bytes, memory_bytes: int) -> None:
    """Raise `TooLarge` for a file that cannot be read at once in so much memory; 0: any can.

    What counts of a packed one is what it unpacks to.
    """
    most = memory_bytes // WORST_TABLE
    size = len(data)
    if memory_bytes == 0 or (size <= most and not tables.unpacks_beyond(data, most)):
        return
    has = f"has {size} bytes" if size > most else f"unpacks to more than {most} bytes"
    needed = f"up to {size * WORST_TABLE}" if size > most else f"more than {memory_bytes}"
    raise TooLarge(
        f"the file {has} and is read at once, for which {needed} bytes of memory are needed, and {memory_bytes} are "
        "there (setting memory_bytes); send it as CSV, or fewer rows"
    )


def is_large(blobs: Blobs, key: str, least: int) -> bool:
    """Whether a file of ``least`` bytes or more is a text of lines, packed or not, that unpacks to as many.

    Others, such as Parquet and JSON, are read as a whole.
    """
    head = blobs.read(key, 0, _HEAD_BYTES)
    if tables.is_packed(head):
        return tables.is_large_text(partial(pieces, blobs, key), least)
    return tables.is_plain_text(head)


def unpacks_to_large(data: bytes, least: int) -> bool:
    """Whether ``data`` is a text of lines that is packed, and has ``least`` bytes or more once it is unpacked."""
    return tables.is_packed(data) and tables.is_large_text(lambda: [data], least)


@dataclass
class _Made:
    """What one pass over a file has made of it."""

    label: str
    parts: list[Part] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    keys: Growing[np.uint64] = field(default_factory=lambda: Growing(np.dtype(np.uint64)))
    labels: list[Table] = field(default_factory=list)
    described: Describing = field(default_factory=Describing)
    schema: Schema = field(default_factory=lambda: Schema(()))


class PartWriter:
    """A `Sink` that writes the parts of a large file below ``tables/path`` while it is read.

    At most two parts are in memory, and `ROW_BYTES` for each row. It raises `TooLarge` for more rows than
    ``memory_bytes`` are enough for (0: nobody knows), or than the ``size`` of the file tells. What was written by then
    is left to be removed with what else no version holds. The columns are put in the order of those of the version
    ``before``, and the keys are of its form.
    """

    def __init__(
        self,
        store: Workspace,
        path: Sequence[str],
        memory_bytes: int,
        *,
        size: int,
        before: Sequence[str] = (),
        form: KeyForm = NEWEST_FORM,
    ) -> None:
        self._store = store
        self._path = path
        self._before = before
        self._form = form
        self._rows_in_memory = memory_bytes // ROW_BYTES
        self._size = size
        self._made = _Made("")
        self._waiting: list[Table] = []
        self._bytes = 0

    def taken(self, read: "tables.Read") -> LargeTaken:
        """All that was written, of a file that was ``read`` to its end."""
        made = self._made
        labels = Rows(concatenate(made.labels), made.keys.whole(), made.label, self._form)
        made.labels.clear()
        figures = made.described.figures(made.schema)
        return LargeTaken(read, labels, digest_of(made.digests), made.parts, figures)

    def begin(self, label: str) -> None:
        """See `Sink.begin`: the disk need not have room for what was written in vain."""
        for part in self._made.parts:
            self._store.blobs.delete(part.file.key)
        self._made, self._waiting, self._bytes = _Made(label), [], 0

    def take(self, table: Table) -> None:
        """See `Sink.take`."""
        self._waiting.append(ordered(table, self._before))
        self._bytes += stored_bytes(table)
        if self._bytes >= _TOGETHER_BYTES:
            self.end()

    def end(self) -> None:
        """See `Sink.end`."""
        if not self._waiting:
            return
        together, self._waiting, self._bytes = concatenate(self._waiting), [], 0
        self._made.schema = together.schema
        for part in split_parts(together):
            self._write(part)

    def _write(self, part: Table) -> None:
        made = self._made
        self._demand_room(sum(one.rows for one in made.parts) + part.rows)
        keys = row_keys(part, earlier=made.keys.whole(), form=self._form)
        packed = packed_part(part, keys)
        key = self._store.blob("tables", *self._path, "parts", packed.name(len(made.parts)))
        made.parts.append(packed.write(self._store, key))
        made.digests.append(packed.columns)
        made.keys.add(keys)
        made.labels.append(Table((part[made.label],)))
        made.described.add(part)

    def _demand_room(self, rows: int) -> None:
        if 0 < self._rows_in_memory < rows:
            raise TooLarge(
                f"the file has more than {self._rows_in_memory} rows, which need {ROW_BYTES} bytes of memory each "
                "(setting memory_bytes); upload fewer rows"
            )
        most = _FEW_ROWS + _MOST_ROWS_A_BYTE * self._size
        if most < rows:
            raise TooLarge(
                f"the file has {self._size} bytes and unpacks to more than {most} rows; unpack it, and upload that, or "
                "a part of it"
            )
