"""Data sets: which there are, the report and the first rows of a version, and its release if it is held."""

from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from chalice.app import Blueprint

from functions.datasets import holding, reports
from functions.datasets.parts import source_of
from functions.edge import PAGING, Call, Count, page, route
from functions.edge.shapes import Page
from functions.records import find
from functions.records.kinds import DATASETS, MODELS, Dataset, DataState
from functions.storage import Workspace
from lepton_core.report import Report
from lepton_core.table import kind_of

bp = Blueprint(__name__)

ROWS = Count("How many rows.", default=10, low=1, high=1000)


class DatasetView(msgspec.Struct, frozen=True):
    """A data set: the column that it predicts, its newest version and when its first one came.

    ``models`` learn from it; a list leaves them out.
    """

    name: str
    label: str
    latest: int
    created: datetime
    models: tuple[str, ...] = ()


class DataStateView(msgspec.Struct, frozen=True):
    """Whether models are trained by themselves on a version: not while it is 'held'."""

    dataset: str
    version: int
    state: DataState


class Head(msgspec.Struct, frozen=True):
    """The first ``rows`` of a version, each with a cell a column, as a prediction would take them."""

    columns: tuple[str, ...]
    rows: list[list[Any]]


@route(bp, "GET", "/v1/datasets", scope="read", returns=Page[DatasetView], query=PAGING)
def datasets(call: Call[None]) -> Page[DatasetView]:
    """All data sets of the workspace, by name."""
    found = call.store.list(DATASETS, after=call.after, limit=call.limit + 1)
    return page([(key, _view(stored.value)) for key, stored in found], call.limit)


@route(bp, "GET", "/v1/datasets/{dataset}", scope="read", returns=DatasetView)
def dataset(call: Call[None], dataset: str) -> DatasetView:
    """One data set, with the models that learn from it."""
    found = find.dataset(call.store, dataset).value
    return msgspec.structs.replace(_view(found), models=_models(call.store, dataset))


@route(bp, "GET", "/v1/datasets/{dataset}/versions/{version}/report", scope="read", returns=Report)
def report(call: Call[None], dataset: str, version: int) -> Report:
    """What is to know of a version before anything is trained on it, and what changed since the one before."""
    return reports.read(call.store, find.dataset_version(call.store, dataset, version).value)


@route(
    bp,
    "GET",
    "/v1/datasets/{dataset}/versions/{version}/head",
    scope="read",
    returns=Head,
    query={"rows": ROWS},
)
def head(call: Call[None], dataset: str, version: int) -> Head:
    """The first rows of a version."""
    found = find.dataset_version(call.store, dataset, version).value
    first = next(iter(source_of(call.store, found).parts()))
    rows = first.take(np.arange(min(call.count("rows"), first.rows)))
    cells = [kind_of(column).cells(column) for column in rows.columns]
    return Head(rows.names, [list(row) for row in zip(*cells, strict=True)])


@route(bp, "POST", "/v1/datasets/{dataset}/versions/{version}/release", scope="write", returns=DataStateView)
def release(call: Call[None], dataset: str, version: int) -> DataStateView:
    """Let models be trained by themselves on a version that is held; on any other one it changes nothing."""
    found = holding.release(call.platform, call.store, dataset, version)
    return DataStateView(found.dataset, found.version, found.state)


def _view(data: Dataset) -> DatasetView:
    return DatasetView(data.name, data.label, data.latest, data.created)


def _models(store: Workspace, dataset: str) -> tuple[str, ...]:
    return tuple(name for name, model in store.all(MODELS) if model.value.dataset == dataset)
