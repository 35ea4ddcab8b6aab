"""Data sets: which there are, what is to know of a version, its release if it is held, and what is no longer needed."""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Annotated, Any

import msgspec
import numpy as np
from chalice.app import Blueprint
from msgspec import Meta

from functions.datasets import holding, reports
from functions.datasets.parts import read_columns, source_of
from functions.edge import ANSWERED_COLUMNS, COLUMN, PAGING, Call, Count, page, route
from functions.edge.shapes import Name, Page, Request
from functions.records import find
from functions.records.change import until_written
from functions.records.kinds import (
    DATASET_VERSIONS,
    DATASETS,
    MODELS,
    Dataset,
    DatasetVersion,
    DataState,
    number,
)
from functions.records.names import DATA_NAMES, Named
from functions.storage import Workspace
from functions.system import renaming
from functions.system.data_users import ToDelete, trained_on
from functions.system.deletion import delete
from lepton_core.errors import InvalidInput, NotFound
from lepton_core.report import Difference, Report
from lepton_core.table import ColumnFigures, ReadingOptions, kind_of

bp = Blueprint(__name__)

FORCE = "true: also if versions of models were trained on it; they keep serving, and are not evaluated on it again."

ROWS = Count("How many rows.", default=10, low=1, high=1000)

ANSWERED_CELLS = 100_000
"""Of a table that one answer holds: a function on AWS answers with 6 MB at most."""


class DatasetView(msgspec.Struct, frozen=True):
    """A data set: the column that it predicts, its newest version and when its first one came.

    ``models`` learn from it. ``tags`` are words that it is found by. ``rows``, ``state`` and ``changed``, when it came,
    are those of the newest version.
    """

    name: str
    label: str
    latest: int
    created: datetime
    models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rows: int = 0
    state: DataState = "open"
    changed: datetime | None = None


Tag = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/@+-]{0,62}(=[A-Za-z0-9_.:/@+-]{0,64})?\Z",
        description="A word, or key=value, of letters, digits and '_.:/@+-'.",
    ),
]


class Tags(Request, frozen=True):
    """All tags of a data set, at most 50, in place of those that it has."""

    tags: Annotated[tuple[Tag, ...], Meta(max_length=50)]


class NewName(Request, frozen=True):
    """What a data set is to be called."""

    name: Name


class Description(msgspec.Struct, frozen=True):
    """A version: its ``columns`` with kinds and figures, how its file was read, and what the reader noted.

    Of ``column_count`` columns some are told of at once: ask again from ``column`` on for more.
    ``bytes`` are those of all its files, of which it may share some with the version that it was ``appended_to``.
    ``trained`` are the versions of models that were trained on it, as ``model/number``. The last ``held_out`` rows are
    those of a second file, which no training sees.
    """

    dataset: str
    version: int
    label: str
    rows: int
    columns: tuple[ColumnFigures, ...]
    reading: ReadingOptions
    notes: tuple[str, ...]
    bytes: int
    state: DataState
    created: datetime
    upload: str
    appended_to: int | None
    tags: tuple[str, ...]
    trained: tuple[str, ...]
    column_count: int
    held_out: int


class Deleted(msgspec.Struct, frozen=True):
    """What was deleted: one version, or the whole data set."""

    dataset: str
    version: int | None


class DataStateView(msgspec.Struct, frozen=True):
    """Whether models are trained by themselves on a version: not while it is 'held'."""

    dataset: str
    version: int
    state: DataState


class Head(msgspec.Struct, frozen=True):
    """The first ``rows`` of a version, each with a cell a column, as a prediction would take them.

    Of ``column_count`` columns some are told of at once: ask again from ``column`` on for more.
    """

    columns: tuple[str, ...]
    rows: list[list[Any]]
    column_count: int


@route(
    bp,
    "GET",
    "/v1/datasets",
    scope="read",
    returns=Page[DatasetView],
    query={
        **PAGING,
        "tag": "Only data sets that have this tag.",
        "name": "Only data sets whose name has this text in it, in whatever case.",
    },
)
def datasets(call: Call[None]) -> Page[DatasetView]:
    """All data sets of the workspace, by name."""
    tag, text = call.query.get("tag"), call.query.get("name", "").casefold()
    every = merge(_own_names(call.store, call.after), _other_names(call.store, call.after))
    wanted = (one for one in every if (tag is None or tag in one[1].tags) and text in one[0].casefold())
    found = list(islice(wanted, call.limit + 1))
    learning = _learning(call.store) if found else {}
    views = [(name, _view(call.store, one, learning.get(one.name, ()))) for name, one in found]
    return page(views, call.limit)


@route(bp, "GET", "/v1/datasets/{dataset}", scope="read", returns=DatasetView)
def dataset(call: Call[None], dataset: Named) -> DatasetView:
    """One data set, with the models that learn from it."""
    found = find.dataset(call.store, dataset.key).value
    return _view(call.store, found, _models(call.store, dataset.key))


@route(bp, "GET", "/v1/datasets/{dataset}/versions/{version}/report", scope="read", returns=Report)
def report(call: Call[None], dataset: Named, version: int) -> Report:
    """What is to know of a version before anything is trained on it, and what changed since the one before.

    Of a very wide table it lists the first columns, and says so.
    """
    found = reports.read(call.store, find.dataset_version(call.store, dataset.key, version).value)
    return found.of_first(ANSWERED_COLUMNS)


@route(
    bp,
    "GET",
    "/v1/datasets/{dataset}/versions/{version}/head",
    scope="read",
    returns=Head,
    query={"rows": ROWS, "column": COLUMN},
)
def head(call: Call[None], dataset: Named, version: int) -> Head:
    """The first rows of a version; of a wide one as many columns as an answer has room for."""
    found = find.dataset_version(call.store, dataset.key, version).value
    source, wanted = source_of(call.store, found), call.count("rows")
    begin = call.count("column")
    names = source.schema.names[begin : begin + max(1, ANSWERED_CELLS // wanted)]
    rows = list[list[Any]]()
    for part in source.parts():
        first = part.select(names).take(np.arange(min(wanted - len(rows), part.rows)))
        cells = [kind_of(column).cells(column) for column in first.columns]
        rows += map(list, zip(*cells, strict=True))
        if len(rows) == wanted:
            break
    return Head(names, rows, len(source.schema.names))


@route(bp, "POST", "/v1/datasets/{dataset}/versions/{version}/release", scope="write", returns=DataStateView)
def release(call: Call[None], dataset: Named, version: int) -> DataStateView:
    """Let models be trained by themselves on a version that is held; on any other one it changes nothing."""
    found = holding.release(call.platform, call.store, dataset.key, version)
    return DataStateView(dataset.name, found.version, found.state)


@route(
    bp,
    "GET",
    "/v1/datasets/{dataset}/versions/{version}/describe",
    scope="read",
    returns=Description,
    query={"column": COLUMN},
)
def describe(call: Call[None], dataset: Named, version: int) -> Description:
    """Everything that is kept of a version; of a very wide one some columns at once."""
    begin = call.count("column")
    series = find.dataset(call.store, dataset.key).value
    found = find.dataset_version(call.store, dataset.key, version).value
    sizes = (call.store.blobs.size(file.key) or 0 for file in found.files)
    trained = trained_on(call.store, ToDelete(dataset.key, version, series.given))
    return Description(
        dataset=dataset.name,
        version=version,
        label=found.label,
        rows=found.rows,
        columns=read_columns(call.store, found)[begin : begin + ANSWERED_COLUMNS],
        reading=found.reading,
        notes=_notes(call.store, found),
        bytes=sum(sizes),
        state=found.state,
        created=found.created,
        upload=found.upload,
        appended_to=found.appended_to,
        tags=series.tags,
        trained=tuple(f"{one.model}/{one.version}" for one in trained),
        column_count=found.column_count,
        held_out=found.held_out,
    )


@route(
    bp,
    "GET",
    "/v1/datasets/{dataset}/versions/{version}/diff/{since}",
    scope="read",
    returns=Difference,
)
def diff(call: Call[None], dataset: Named, version: int, since: int) -> Difference:
    """What changed from version ``since``: columns, rows, and how far each column moved."""
    before, now = (find.dataset_version(call.store, dataset.key, which).value for which in (since, version))
    return reports.difference(call.store, before, now)


@route(bp, "PUT", "/v1/datasets/{dataset}/tags", scope="write", body=Tags, returns=DatasetView)
def tags(call: Call[Tags], dataset: Named) -> DatasetView:
    """Tag a data set with words by which it is found."""

    def change() -> Dataset:
        found = find.dataset(call.store, dataset.key)
        changed = msgspec.structs.replace(found.value, tags=tuple(dict.fromkeys(call.body.tags)))
        call.store.write(call.store.put(DATASETS, dataset.key, value=changed, expect=found.revision))
        return changed

    changed = until_written(dataset.name, change)
    return _view(call.store, changed, _models(call.store, dataset.key))


@route(bp, "PUT", "/v1/datasets/{dataset}/name", scope="write", body=NewName, returns=DatasetView)
def rename(call: Call[NewName], dataset: Named) -> DatasetView:
    """Rename a data set. Models that learn from it go on to do so; the name that it had is free for another one."""
    renamed = renaming.rename(call.platform, call.store, dataset.name, call.body.name)
    return _view(call.store, renamed, _models(call.store, renamed.name))


@route(
    bp,
    "DELETE",
    "/v1/datasets/{dataset}/versions/{version}",
    scope="write",
    returns=Deleted,
    query={"force": FORCE},
)
def delete_version(call: Call[None], dataset: Named, version: int) -> Deleted:
    """Delete a version, and free its files; its number is not given again. Refused as long as it is used."""
    delete(call.platform, call.store, dataset.key, version, forced=_forced(call))
    return Deleted(dataset.name, version)


@route(bp, "DELETE", "/v1/datasets/{dataset}", scope="write", returns=Deleted, query={"force": FORCE})
def delete_dataset(call: Call[None], dataset: Named) -> Deleted:
    """Delete a data set with all its versions; the name can be used for another. Refused as long as it is used."""
    delete(call.platform, call.store, dataset.key, None, forced=_forced(call))
    return Deleted(dataset.name, None)


def _own_names(store: Workspace, after: str) -> Iterator[tuple[str, Dataset]]:
    """The data sets whose name is their key, by name."""
    every = ((key, one.value) for key, one in store.all(DATASETS, after=after))
    return ((key, one) for key, one in every if one.latest and one.called == key)


def _other_names(store: Workspace, after: str) -> Iterator[tuple[str, Dataset]]:
    """The data sets whose name is not their key, by name."""
    for name, where in store.all(DATA_NAMES, after=after):
        found = None if where.value.key == name else store.get(DATASETS, where.value.key)
        if found is not None and found.value.latest:
            yield name, found.value


def _forced(call: Call[None]) -> bool:
    given = call.query.get("force", "false")
    if given not in ("true", "false"):
        raise InvalidInput("must be true or false", field="force")
    return given == "true"


def _notes(store: Workspace, version: DatasetVersion) -> tuple[str, ...]:
    try:
        return tuple(one.message for one in reports.read(store, version).findings if one.level == "note")
    except NotFound:
        return ()


def _view(store: Workspace, data: Dataset, models: tuple[str, ...]) -> DatasetView:
    view = DatasetView(data.called, data.label, data.latest, data.created, models, data.tags)
    newest = store.get(DATASET_VERSIONS, data.name, number(data.latest)) if data.latest else None
    if newest is None:
        return view
    one = newest.value
    return msgspec.structs.replace(view, rows=one.rows, state=one.state, changed=one.created)


def _models(store: Workspace, key: str) -> tuple[str, ...]:
    return _learning(store).get(key, ())


def _learning(store: Workspace) -> dict[str, tuple[str, ...]]:
    """The models that learn from each data set, by its key."""
    found = dict[str, tuple[str, ...]]()
    for name, model in store.all(MODELS):
        found[model.value.dataset] = (*found.get(model.value.dataset, ()), name)
    return found
