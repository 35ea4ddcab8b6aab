"""Parquet and Arrow files as typed columns. pyarrow reads them; what it gives is read by our own rules."""

import ast
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput, TooLarge
from lepton_core.table.columns import Column
from lepton_core.table.files import MOST_BYTES, MOST_RATIO, Note
from lepton_core.table.files.every_row import Unread
from lepton_core.table.formats.arrow_cells import Room, cells_of, demand_readable
from lepton_core.table.formats.arrow_periods import period_frequency, period_texts
from lepton_core.table.formats.arrow_sizes import message_sizes
from lepton_core.table.formats.given_file import MOST_CELLS, GivenFile, without_infinite
from lepton_core.table.formats.library import failures_named, pyarrow
from lepton_core.table.formats.parquet_sizes import demand_neighbours, text_leaves
from lepton_core.table.given import column_name, given_column, zone_said
from lepton_core.table.table import Table

_MOST_LETTERS = 10_000
"""A longer name is no tuple of names."""

_FEW_BYTES = 1 << 28

PARQUET = b"PAR1"
ARROW_FILE = b"ARROW1\x00\x00"
ARROW_STREAM = b"\xff\xff\xff\xff"


def read_parquet(data: bytes, exclude: Collection[str] = (), *, every_row: bool = False) -> GivenFile:
    """The columns of a Parquet file, as `read_arrow` makes them."""
    pa = pyarrow("a Parquet file")
    with failures_named("Parquet file"):
        told = pa.parquet.read_metadata(pa.BufferReader(data))
        _demand_room(told.num_rows, told.num_columns, 0, most_unpacked(len(data)))
        demand_neighbours(pa, data, most_unpacked(len(data)))
        # Texts stay codes: a few bytes may stand for gigabytes of the same text.
        file = pa.parquet.ParquetFile(
            pa.BufferReader(data), read_dictionary=text_leaves(told), page_checksum_verification=True
        )
        schema, names = file.schema_arrow, _wanted(file.schema_arrow, exclude)
        # As the file has them: codes are our way to read it, and no words of its owner.
        _demand_types(pa.parquet.read_schema(pa.BufferReader(data)), names)
        table = file.read(columns=names, use_threads=False)
    chunks = {name: table.column(name).chunks for name in names}
    room = Room(most_unpacked(len(data)))
    return _given(schema, chunks, told.num_rows, "Parquet file", room, every_row=every_row)


def read_arrow(data: bytes, exclude: Collection[str] = (), *, every_row: bool = False) -> GivenFile:
    """The columns of an Arrow file (Feather) or stream.

    Numbers, truth values, texts, dates, times with a zone (in UTC) and durations are those of
    `lepton_core.table.given_column`; categories are their values, decimals numbers, periods the texts that pandas
    shows. The parts of a struct are columns, ``a.b``. The columns ``exclude`` are left empty. Those in which pandas
    keeps an index come first; one without a name is left out. With ``every_row`` a row with an infinity is
    unread, and refuses no file.

    Raises `InvalidData` for what is broken, for two columns of one name, and naming the column for lists, maps, bytes
    and whatever else is no cell; `TooLarge` if it unpacks to more than a table may have.
    """
    pa = pyarrow("an Arrow file")
    if data.startswith(ARROW_FILE):  # behind its mark a file is a stream, and then a table of contents
        data = data[len(ARROW_FILE) :]
    with failures_named("Arrow file"):
        _demand_messages(pa, data)
        options = pa.ipc.IpcReadOptions(use_threads=False)
        stream = pa.ipc.open_stream(pa.BufferReader(data), options=options)
        schema, names = stream.schema, _wanted(stream.schema, exclude)
        _demand_types(schema, names)
        batches = list(stream)
        for batch in batches:
            batch.validate(full=True)
    rows = sum(batch.num_rows for batch in batches)
    chunks = {name: [batch.column(schema.get_field_index(name)) for batch in batches] for name in names}
    return _given(schema, chunks, rows, "Arrow file", Room(most_unpacked(len(data))), every_row=every_row)


def read_arrow_stream(given: Any, exclude: Collection[str] = (), *, to_learn: bool = False) -> GivenFile:
    """The columns of what hands over rows by the C interface of Arrow, as `read_arrow` makes them of a file.

    That is a table or a reader of pyarrow, a relation of DuckDB, or whatever else has ``__arrow_c_stream__``. A reader
    is used up by it. ``to_learn`` is that of `given_column`. Raises what `read_arrow` and `given_column` raise, and
    `InvalidInput` for one column without a name.
    """
    pa = pyarrow("a table of Arrow")
    with failures_named("Arrow table"):
        try:
            reader = pa.RecordBatchReader.from_stream(given)
        except pa.ArrowInvalid:
            raise InvalidInput(
                f"needs rows of named columns, not {type(given).__name__}; name it: pyarrow.table({{'x': column}})",
                field="frame",
            ) from None
        with reader:  # what is not released keeps a database from all other work
            schema = reader.schema
            names = _wanted(schema, exclude)
            _demand_types(schema, names)
            batches = list(reader)
    rows = sum(batch.num_rows for batch in batches)
    _demand_room(rows, len(names), 0)
    chunks = {name: [batch.column(schema.get_field_index(name)) for batch in batches] for name in names}
    return _given(schema, chunks, rows, "Arrow table", Room(), every_row=False, to_learn=to_learn)


def _demand_messages(pa: Any, data: bytes) -> None:
    rows = nodes = octets = 0
    for message in pa.ipc.MessageReader.open_stream(pa.BufferReader(data)):
        body = memoryview(message.body if message.body is not None else b"")
        sizes = message_sizes(message.metadata.to_pybytes(), body)
        rows, nodes, octets = rows + sizes.rows, max(nodes, sizes.nodes), octets + sizes.octets
        _demand_room(rows, nodes, octets)


def most_unpacked(size: int) -> int:
    """Most bytes that a file of columns of ``size`` bytes is let grow to, eight for each number.

    Columns that repeat are packed far better than other files, so it is more than that of those.

    >>> most_unpacked(0), most_unpacked(1_000_000)
    (268435456, 368435456)
    """
    return min(MOST_BYTES, _FEW_BYTES + MOST_RATIO * size)


def _demand_room(rows: int, columns: int, octets: int, most: int = MOST_BYTES) -> None:
    if rows * max(1, columns) > MOST_CELLS:
        raise TooLarge(
            f"{rows} rows of {columns} columns are more than the {MOST_CELLS} cells that are taken"
        )
    if rows * columns * 8 > most:
        raise TooLarge(
            f"{rows} rows of {columns} columns unpack to more than {most} bytes, which the size of the file hardly "
            "tells; send it as CSV, or fewer rows"
        )
    if octets > MOST_BYTES:
        raise TooLarge(f"the file unpacks to more than {MOST_BYTES} bytes")


def _wanted(schema: Any, exclude: Collection[str]) -> list[str]:
    """The columns that are read: not those excluded, nor that in which pandas keeps an index without a name."""
    _demand_different(schema.names)
    left_out = {*exclude, *filter(_is_unnamed, _index_columns(schema))}
    called = _called(schema)
    return [name for name in schema.names if called[name] not in left_out and name not in left_out]


def _demand_different(names: Sequence[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise InvalidData("there are two columns of this name; rename one", column=name)


def _called(schema: Any) -> dict[str, str]:
    """What each column is called; of several header lines, whose parts pandas writes as a tuple, these parts joined."""
    several = len(_told_by_pandas(schema, "column_indexes")) > 1
    return {name: _joined(name) if several else name.strip() for name in schema.names}


def _joined(name: str) -> str:
    try:
        parts = ast.literal_eval(name) if name.startswith("(") and len(name) < _MOST_LETTERS else name
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        parts = name
    return column_name(parts if isinstance(parts, tuple) else name)


def _is_unnamed(index: str) -> bool:
    return index.startswith("__index_level_")


def _index_columns(schema: Any) -> list[str]:
    """Where pandas keeps its index: nowhere, if it is a plain range."""
    found = _told_by_pandas(schema, "index_columns")
    return [name for name in found if isinstance(name, str) and name in schema.names]


def _told_by_pandas(schema: Any, what: str) -> list[Any]:
    told = (schema.metadata or {}).get(b"pandas")
    try:
        found = json.loads(told)[what] if told else []
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def _demand_types(schema: Any, names: Iterable[str]) -> None:
    for name in names:
        demand_readable(schema.field(name).type, name)


def _given(
    schema: Any,
    chunks: dict[str, list[Any]],
    rows: int,
    what: str,
    room: Room,
    *,
    every_row: bool,
    to_learn: bool = True,
) -> GivenFile:
    infinite: dict[int, str] | None = {} if every_row else None
    index = _index_columns(schema)
    unnamed = {name for name in index if _is_unnamed(name)}
    names = _called(schema)
    columns: list[Column] = []
    for place, name in enumerate(dict.fromkeys([*index, *schema.names]), start=1):
        if name in unnamed:
            continue
        called = names[name] or f"column_{place}"
        if name not in chunks:
            columns.append(given_column(called, [None] * rows))
            continue
        with failures_named(what):
            columns += _columns(
                called,
                chunks.pop(name),
                infinite,
                period_frequency(schema.field(name)),
                room,
                to_learn=to_learn,
            )
    _demand_different([column.name for column in columns])
    notes = [
        Note(
            "index",
            "the index of pandas has no name and was left out; frame.reset_index() makes columns of one",
        )
        if name in unnamed
        else Note(
            "index", f"the index {names[name][:80]!r} of pandas is read as a column", column=names[name]
        )
        for name in index
    ]
    notes = list(dict.fromkeys([*notes, *_zones(schema, names)]))
    table = Table(tuple(columns))
    if not infinite:
        return GivenFile(table, tuple(notes))
    unread = tuple(
        Unread(row, "the cell is infinite", column=column) for row, column in sorted(infinite.items())
    )
    rest = np.delete(np.arange(rows), list(infinite))
    return GivenFile(table.take(rest), tuple(notes), unread=unread)


def _zones(schema: Any, names: Mapping[str, str]) -> Iterator[Note]:
    """What to say of times with a zone other than UTC."""
    for name in schema.names:
        said = zone_said(names[name], getattr(schema.field(name).type, "tz", None))
        if said is not None:
            yield Note("zone", f"{said}, write local times without a zone", column=names[name])


def _columns(
    name: str,
    chunks: list[Any],
    infinite: dict[int, str] | None,
    frequency: str | None,
    room: Room,
    *,
    to_learn: bool,
) -> Iterator[Column]:
    """The column, or those of its parts; rows with an infinity are put into ``infinite``, if there is one.

    Its cells are periods, if a ``frequency`` is told.
    """
    for chunk in chunks:
        chunk.validate(full=True)
    if frequency is not None:
        yield given_column(name, period_texts(chunks, frequency, name))
        return
    for called, parts in cells_of(name, chunks, room):
        if infinite is None:
            yield given_column(called, parts, to_learn=to_learn)
            continue
        cells, places = without_infinite(parts)
        for place in places:
            infinite.setdefault(place, called)
        yield given_column(called, cells)
