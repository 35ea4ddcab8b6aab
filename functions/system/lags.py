"""A version with what was known before: its rows become a version again, with values of earlier rows beside them."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from functions.datasets.announcing import announce, put_in, upload_view
from functions.datasets.parts import read_columns, read_table
from functions.edge import Call, route
from functions.edge.shapes import Name, Request, UploadView
from functions.records import find
from functions.records.kinds import DATASETS, DatasetVersion
from functions.records.names import Named, named
from functions.storage import Workspace
from lepton_core.artifact import write_container
from lepton_core.errors import Conflict, InvalidInput, TooLarge
from lepton_core.remedy import lagging
from lepton_core.table import ReadingOptions, Table, kind_of, pack_table

if TYPE_CHECKING:
    from lepton_core.table.lagged import Lags

bp = Blueprint(__name__)

LAGGED_CELLS = 10_000_000
"""Of a table with its lags, which is in memory at once while somebody waits: of numbers 350 MB, for three seconds."""

LAGGED_BYTES = 100_000_000
"""Of the parts of a version: the cells of texts may be long."""

MOST_LAGS = 1000
"""Columns that one call makes: an answer has room for rows of so many."""

NEXT_ROWS = 50
"""Most rows that come next which a preview shows: there is one for each group."""


class Lagged(Request, frozen=True):
    """Columns of what was known before: ``lags`` says of each column how many rows earlier.

    Rows are in the order of the column ``by``, among those with the same value of ``group``. Of columns that are lagged
    the present value is left out, but for the label's and those that are ``known`` ahead.
    """

    lags: dict[str, tuple[int, ...]]
    by: str
    group: str | None = None
    known: tuple[str, ...] = ()


class PreviewLags(Lagged, frozen=True):
    """Show so many of the ``rows``, with ``lags`` of columns in the order ``by``."""

    rows: Annotated[int, Meta(ge=1, le=50)] = 8


class AddLags(Lagged, frozen=True):
    """Add ``lags`` of columns in the order ``by``: the next version of ``dataset``, or, left out, of the same one."""

    dataset: Name | None = None


class LagsView(msgspec.Struct, frozen=True):
    """The last ``rows`` in the order of group and time, with a cell for each of the ``columns`` that are concerned.

    ``next_rows`` come next in time, one a group, with what is known of them by then, for each of ``next_columns``.
    """

    columns: tuple[str, ...]
    rows: list[list[Any]]
    next_columns: tuple[str, ...]
    next_rows: list[list[Any]]


@route(
    bp,
    "POST",
    "/v1/datasets/{dataset}/versions/{version}/lags/preview",
    scope="read",
    body=PreviewLags,
    returns=LagsView,
)
def preview_lags(call: Call[PreviewLags], dataset: Named, version: int) -> LagsView:
    """Show the last rows of a version with what was known before, and the rows that come next. Nothing is kept."""
    from lepton_core.table.lagged import following, in_order  # noqa: PLC0415  (few data are forecast)

    wanted = _wanted(call.body)
    found = find.dataset_version(call.store, dataset.key, version).value
    table, made, _ = _made(call.store, found, wanted, call.body.known)
    concerned = {found.label, wanted.by, wanted.group, *wanted.of, *wanted.names}
    shown = made.select([name for name in made.names if name in concerned])
    last = shown.take(in_order(table, wanted)[-call.body.rows :])
    later = following(table, wanted)
    later = later.take(slice(min(later.rows, NEXT_ROWS)))
    return LagsView(last.names, _rows(last), later.names, _rows(later))


@route(
    bp,
    "POST",
    "/v1/datasets/{dataset}/versions/{version}/lags",
    scope="write",
    body=AddLags,
    returns=UploadView,
    status=202,
)
def add_lags(call: Call[AddLags], dataset: Named, version: int) -> UploadView:
    """Make a version of the rows with what was known before, of the same data set or another. Follow the upload.

    It is taken in as a file with these columns would be.
    """
    wanted = _wanted(call.body)
    found = find.dataset_version(call.store, dataset.key, version).value
    table, made, kinds = _made(call.store, found, wanted, call.body.known)
    to = dataset if call.body.dataset is None else named(call.store, call.body.dataset)
    there = _columns_of(call.store, to)
    gone = tuple(name for name in table.names if name not in made and name in there)
    data = write_container(*pack_table(made))
    reading = ReadingOptions(kinds=kinds or None, exclude=gone or None)
    announced = announce(call.platform, call.store, to, size=len(data), label=found.label, reading=reading)
    settled = put_in(call.platform, call.store, announced, lambda key: call.platform.blobs.put(key, data))
    return upload_view(call.store, settled, to.name)


def _wanted(body: Lagged) -> "Lags":
    from lepton_core.table.lagged import Lags  # noqa: PLC0415  (as above)

    wanted = Lags.checked(body.lags, body.by, body.group)
    if len(wanted.names) > MOST_LAGS:
        raise InvalidInput(f"are {len(wanted.names)}; the most is {MOST_LAGS}", field="lags")
    return wanted


def _made(
    store: Workspace, version: DatasetVersion, wanted: "Lags", known: tuple[str, ...]
) -> tuple[Table, Table, dict[str, str]]:
    """The table of a version, the same with the ``wanted`` lags as a program gives it, and the kinds of its texts.

    Raises `Conflict` for a version with rows of a second file, and `TooLarge` for more than `LAGGED_CELLS`, or
    `LAGGED_BYTES`.
    """
    from lepton_core.table.with_lags import with_lags  # noqa: PLC0415  (as above)

    if version.held_out:
        raise Conflict(
            "the version has rows of a second file, which have no place in the order; hold out the newest rows by a "
            "split, and upload one file"
        )
    cells = version.rows * (version.column_count + len(wanted.names))
    size = sum(store.blobs.size(part.file.key) or 0 for part in version.parts)
    if cells > LAGGED_CELLS or size > LAGGED_BYTES:
        way = lagging(wanted.of, wanted.by, wanted.group)
        raise TooLarge(
            f"the table would have {cells} cells, of {size} bytes before, and at most {LAGGED_CELLS} cells of "
            f"{LAGGED_BYTES} bytes are made here; make it in Python, and upload that: {way}",
            remedies=(way,),
        )
    table = read_table(store, version)
    return (table, *with_lags(table, wanted, version.label, known, version.reading.kinds or {}))


def _columns_of(store: Workspace, dataset: Named) -> set[str]:
    """The columns of its newest version, which the next one must have unless they are left out."""
    found = store.get(DATASETS, dataset.key)
    if found is None or not found.value.latest:
        return set()
    newest = find.dataset_version(store, dataset.key, found.value.latest).value
    return {one.name for one in read_columns(store, newest)}


def _rows(table: Table) -> list[list[Any]]:
    """The cells of each row, as a prediction takes them."""
    return list(map(list, zip(*(kind_of(one).cells(one) for one in table.columns), strict=True)))
