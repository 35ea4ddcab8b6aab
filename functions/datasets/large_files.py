"""A file becomes the parts of a version: at once, or while it is read if it is larger than memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from functions.datasets.parts import pack, packed_part, whole_digest, write_parts
from functions.records.files import write_once
from functions.records.kinds import Part
from functions.storage import Workspace
from functions.storage.pieces import pieces
from lepton_core import table as tables
from lepton_core.artifact import digest
from lepton_core.errors import TooLarge
from lepton_core.table import (
    ColumnFigures,
    Describing,
    ReadingOptions,
    Rows,
    Schema,
    Table,
    concatenate,
    describe,
    described_schema,
    row_keys,
    split_parts,
)
from lepton_core.table.hashing import HashArray
from lepton_core.table.source import stored_bytes

_TOGETHER_BYTES = 24 << 20
"""So many bytes of tables become parts together."""

_HEAD_BYTES = 4096

ROW_BYTES = 100
"""Memory for each row of a large file: its key and its label, and what is sorted to find copies and strata."""

WORST_TABLE = 13
"""A file that is read at once needs so many times its size at most: one of single digits."""


@dataclass(frozen=True)
class TakenFile:
    """What a file became: a table of so many ``rows``; ``read.table`` has some of them only if they are many.

    ``parts()`` are those of the version, written by then; ``labels`` are all rows, if with nothing but their label.
    """

    read: "tables.Read"
    rows: int
    parts: Callable[[], list[Part]]
    digest: str
    figures: tuple[ColumnFigures, ...]
    labels: Rows


def demand_memory(size: int, memory_bytes: int) -> None:
    """Raise `TooLarge` for a file of ``size`` bytes that cannot be read at once in so much memory; 0: any can."""
    if 0 < memory_bytes < size * WORST_TABLE:
        raise TooLarge(
            f"the file has {size} bytes and is read at once, for which up to {size * WORST_TABLE} bytes of memory are "
            f"needed, and {memory_bytes} are there (setting memory_bytes); send it as CSV, or fewer rows"
        )


def is_text(store: Workspace, key: str) -> bool:
    """Whether a file is a text of lines: others, such as Parquet and JSON, are read as a whole."""
    return tables.is_plain_text(store.blobs.read(key, 0, _HEAD_BYTES))


def take_small(store: Workspace, path: Sequence[str], read: "tables.Read") -> TakenFile:
    """A file that was read at once; its parts are to be written below ``tables/path``."""
    rows = Rows.of(read.table, read.label)
    packed = pack(read.table, rows.keys)
    return TakenFile(
        read,
        read.table.rows,
        lambda: write_parts(store, packed, *path),
        packed.digest,
        describe(read.table),
        rows,
    )


def take_large(
    store: Workspace,
    key: str,
    path: Sequence[str],
    reading: ReadingOptions,
    label: str | None,
    earlier: ReadingOptions,
    known: Sequence[ColumnFigures],
    *,
    memory_bytes: int = 0,
) -> TakenFile:
    """Read the text file ``key`` and write its parts below ``tables/path`` as it is read.

    At most some windows of it and two parts are in memory, and `ROW_BYTES` for each of its rows. Raises `InvalidData`
    as `read_file` does, and `TooLarge` for more rows than ``memory_bytes`` are enough for (0: nobody knows). What was
    written by then is left to be removed with what else no version holds.
    """
    parts = _PartWriter(store, path, memory_bytes // ROW_BYTES)
    found = tables.read_large_file(
        partial(pieces, store.blobs, key),
        parts,
        reading,
        label=label,
        earlier=earlier,
        known=described_schema(known).columns,
    )
    return parts.made.taken(found.read)


@dataclass
class _Made:
    """What one pass over a file has made of it."""

    label: str
    parts: list[Part] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    keys: list[HashArray] = field(default_factory=list)
    labels: list[Table] = field(default_factory=list)
    described: Describing = field(default_factory=Describing)
    schema: Schema = field(default_factory=lambda: Schema(()))

    def taken(self, read: "tables.Read") -> TakenFile:
        """All of it."""
        keys = np.concatenate(self.keys)
        self.keys.clear()
        labels = Rows(concatenate(self.labels), keys, self.label)
        self.labels.clear()
        figures = self.described.figures(self.schema)
        return TakenFile(read, len(keys), lambda: self.parts, whole_digest(self.digests), figures, labels)


class _PartWriter:
    """A `Sink` that writes parts."""

    def __init__(self, store: Workspace, path: Sequence[str], most_rows: int) -> None:
        self.made = _Made("")
        self._most_rows = most_rows
        self._store = store
        self._path = path
        self._waiting: list[Table] = []
        self._bytes = 0

    def begin(self, label: str) -> None:
        """See `Sink.begin`: the disk need not have room for what was written in vain."""
        for part in self.made.parts:
            self._store.blobs.delete(part.file.key)
        self.made, self._waiting, self._bytes = _Made(label), [], 0

    def take(self, table: Table) -> None:
        """See `Sink.take`."""
        self._waiting.append(table)
        self._bytes += stored_bytes(table)
        if self._bytes >= _TOGETHER_BYTES:
            self.end()

    def end(self) -> None:
        """See `Sink.end`."""
        if not self._waiting:
            return
        together, self._waiting, self._bytes = concatenate(self._waiting), [], 0
        self.made.schema = together.schema
        for part in split_parts(together):
            self._write(part)

    def _write(self, part: Table) -> None:
        made = self.made
        if 0 < self._most_rows < sum(one.rows for one in made.parts) + part.rows:
            raise TooLarge(
                f"the file has more than {self._most_rows} rows, which need {ROW_BYTES} bytes of memory each (setting "
                "memory_bytes); upload fewer rows"
            )
        keys = row_keys(part, earlier=np.concatenate(made.keys) if made.keys else None)
        data, its_digest = packed_part(part, keys)
        name = f"{len(made.parts):05d}-{digest(data).replace(':', '-')}"
        file = write_once(self._store, self._store.blob("tables", *self._path, "parts", name), data)
        made.parts.append(Part(file, part.rows, keyed=True))
        made.digests.append(its_digest)
        made.keys.append(keys)
        made.labels.append(Table((part[made.label],)))
        made.described.add(part)
