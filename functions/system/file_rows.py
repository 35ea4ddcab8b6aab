"""A file of rows to be predicted, read for callers who cannot read one: a browser, a shell."""

from functools import partial
from typing import Any

import msgspec
from chalice.app import Blueprint

from functions.edge import Call, Received, Typed, route
from functions.edge.media_types import FILES
from functions.edge.shapes import Written
from functions.records import find
from lepton_core.errors import InvalidInput, TooLarge
from lepton_core.table import ReadingOptions

bp = Blueprint(__name__)

WRITTEN = Typed('How the file is written, as JSON, such as {"decimal": ","}.', Written)

MOST_FILE_BYTES = 50_000_000
"""Bytes of a file that one call reads, packed and unpacked; its rows are in memory at once, and in one answer."""

MOST_CELLS_TO_SCORE = 5_000_000
"""Cells of such a file: a cell of one letter takes far more memory than its letter."""


class UnreadRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why ``row`` (1 is the first) cannot be read; it begins in ``line``, and ``column`` has the fault.

    Both are there where they are known.
    """

    row: int
    reason: str
    line: int | None = None
    column: str | None = None


class FileRowsView(msgspec.Struct, frozen=True):
    """The ``columns`` and ``rows`` of a file, as a prediction takes them; a row that is in ``unread`` is null."""

    columns: tuple[str, ...]
    rows: list[list[Any] | None]
    unread: tuple[UnreadRow, ...]


@route(
    bp,
    "POST",
    "/v1/models/{model}/rows",
    scope="predict",
    body=Received,
    content_types=FILES,
    returns=FileRowsView,
    query={"reading": WRITTEN},
)
def file_rows(call: Call[Received], model: str) -> FileRowsView:
    """Read a file of rows to be predicted: the answer has them as a prediction takes them. Nothing of it is kept.

    A file is read as for an upload, or as `reading` says that it is written; in an answer that names the columns each
    row keeps its place. Send the rows to predict, some thousand at a time, with row_errors.
    """
    from functions.system.scoring import kept_reading  # noqa: PLC0415  (no prediction needs it)
    from lepton_core.table import file_rows as reader  # noqa: PLC0415  (no prediction needs it)

    found = find.active_model(call.store, model).value
    size = call.body.size
    if not size:
        raise InvalidInput(
            "0 bytes came; send a table: a line with the names of its columns, and rows below it"
        )
    if size > MOST_FILE_BYTES:
        raise TooLarge(
            f"the file has {size} bytes; the most that is read at once is {MOST_FILE_BYTES}; send parts of it, or let "
            "the SDK or the command read it: lepton predict NAME FILE"
        )
    data = call.body.whole()
    said = ReadingOptions(**msgspec.structs.asdict(call.typed("reading") or Written()))
    kept = partial(kept_reading, call.store, found)
    reading = reader.reading_to_predict(data, kept, said.sheet, said)
    read = reader.file_rows(data, reading, most_bytes=MOST_FILE_BYTES, most_cells=MOST_CELLS_TO_SCORE)
    unread = (UnreadRow(one.place + 1, one.reason, one.line, one.column) for one in read.unread)
    return FileRowsView(read.columns, read.rows, tuple(unread))
