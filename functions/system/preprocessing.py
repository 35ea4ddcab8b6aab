"""Preprocessing: the transformers to choose from, and what a chain of them makes of the rows of a data set."""

from functools import cache
from typing import Annotated

import numpy as np
from chalice.app import Blueprint
from msgspec import Meta

from functions.datasets.parts import source_of
from functions.edge import Call, route
from functions.edge.shapes import Page, Request
from functions.records import find
from functions.records.kinds import Chain, DatasetVersion, LearningTask
from functions.records.names import Named
from functions.storage import Workspace
from lepton_core.errors import TooLarge
from lepton_core.models import algorithm
from lepton_core.preprocess import Preprocessor
from lepton_core.preprocess.options import ListedTransformer, transformer_listing
from lepton_core.preview import FITTED_ROWS, Preview, preview
from lepton_core.table import Table, collect
from lepton_core.table.source import Parts
from lepton_core.target import check_task
from lepton_core.train import Recipe

bp = Blueprint(__name__)

PREVIEWED_COLUMNS = 1000
"""Of a table that is previewed: what its columns become is computed while somebody waits."""


class PreviewPreprocessor(Request, frozen=True):
    """Preview a ``preprocessor``; left out, the default one for the ``algorithm``.

    ``rows`` are shown, from the first on. ``task`` is what is to be learnt, as far as the algorithm can do both.
    """

    preprocessor: Chain | None = None
    algorithm: str = "logistic_regression"
    task: LearningTask | None = None
    rows: Annotated[int, Meta(ge=1, le=50)] = 5


@route(bp, "GET", "/v1/transformers", scope="read", returns=Page[ListedTransformer])
def transformers(call: Call[None]) -> Page[ListedTransformer]:
    """All transformers that a preprocessor can have, with their options; there is one page."""
    return _transformers()


@cache
def _transformers() -> Page[ListedTransformer]:
    return Page(transformer_listing())


@route(
    bp,
    "POST",
    "/v1/datasets/{dataset}/versions/{version}/preview",
    scope="read",
    body=PreviewPreprocessor,
    returns=Preview,
)
def preview_preprocessor(call: Call[PreviewPreprocessor], dataset: Named, version: int) -> Preview:
    """Show what a preprocessor makes of the first rows of a version, fitted to at most 1,000 of them."""
    wanted = call.body
    tasks = algorithm(wanted.algorithm).tasks
    if wanted.task is not None:
        check_task(wanted.task, tasks)
    chain = None if wanted.preprocessor is None else Preprocessor.from_dict(wanted.preprocessor)
    found = find.dataset_version(call.store, dataset.key, version).value
    recipe = Recipe(wanted.algorithm, found.label, {}, chain, task=wanted.task)
    return preview(recipe, _first_rows(call.store, found), rows=wanted.rows, most=PREVIEWED_COLUMNS)


def _first_rows(store: Workspace, version: DatasetVersion) -> Table:
    """The first rows of a version, as many as a preview is fitted to. Raises `TooLarge` for too many columns."""
    if version.column_count > PREVIEWED_COLUMNS + 1:
        raise TooLarge(
            f"the table has {version.column_count} columns, and a preview takes {PREVIEWED_COLUMNS}; "
            "preview the preprocessor in Python: preprocessor.fit(data).transform(data)"
        )
    source = source_of(store, version)
    parts, left = list[Table](), FITTED_ROWS
    for part in source.parts():
        parts.append(part.take(np.arange(min(left, part.rows))))
        left -= parts[-1].rows
        if not left:
            break
    return collect(Parts(source.schema, lambda: iter(parts)))
