"""Two versions of a model compared on rows that neither has learnt from, while the caller waits."""

from dataclasses import replace as replaced
from typing import TYPE_CHECKING

from functions.datasets.parts import read_rows
from functions.records import find
from functions.records.kinds import DatasetVersion, Policy, Version
from functions.records.names import name_of
from functions.serving.artifacts import read_predictor
from functions.storage import Workspace
from functions.training.dealing import dealt
from lepton_core.beside import beside
from lepton_core.compare import blocks_of, compare
from lepton_core.errors import Conflict, InvalidData, NotFound
from lepton_core.promotion import LossComparison, held_out_loss
from lepton_core.table import Split
from lepton_core.table.kinds.bins import some_rows

if TYPE_CHECKING:
    from lepton_core.servable import Servable

MOST_COMPARED_CELLS = 5_000_000
"""Of a table that is read while a caller waits: some 40 MB."""

MOST_COMPARED = 5_000
"""Held-out rows that both predict: of more some, spread evenly."""

_FOLLOWS_ROWS = ("content-1", "copies-2", "group-1", "time-1")
"""Rules under which a row of one data version is never trained on in another."""


def compared(
    store: Workspace, version: Version, earlier: Version, policy: Policy
) -> tuple[LossComparison, DatasetVersion]:
    """The ``version`` beside the ``earlier`` one on rows that the newer data hold out, and which data these are.

    Raises `Conflict` that says why there are no rows that neither has learnt from, or none that both can predict, and
    `Damaged`.
    """
    split, data = _common(store, version, earlier)
    rows = read_rows(store, data)
    try:
        split, _, held_out, by = dealt(store, data, rows, split)
    except InvalidData as error:
        raise Conflict(f"{_both(version, earlier)} cannot be compared: {error.message}") from error
    chosen = held_out[some_rows(len(held_out), MOST_COMPARED)]
    table = rows.table if split.hides is None else rows.table.without(split.hides)
    aside = table.take(chosen)
    by = None if by is None else by.take(chosen)
    two = [read_predictor(store, one.model, one.version, one.artifact) for one in (earlier, version)]
    try:
        losses = [held_out_loss(one, aside) for one in two]
        found = compare(*_two(two), aside, blocks_of(aside, split, by))
    except InvalidData as error:
        raise Conflict(
            f"{_both(version, earlier)} cannot be compared: one of them cannot predict version {data.version} of the "
            f"data ({error.message})"
        ) from error
    made = beside(
        (earlier.version, version.version),
        (losses[0], losses[1]),
        found,
        "rmse" if version.task == "regression" else "log_loss",
        margin=policy.margin,
        tolerance=policy.tolerance,
    )
    return made, data


def _two(two: "list[Servable]") -> "tuple[Servable, Servable]":
    return two[0], two[1]


def _both(version: Version, earlier: Version) -> str:
    return f"versions {earlier.version} and {version.version}"


def _common(store: Workspace, version: Version, earlier: Version) -> tuple[Split, DatasetVersion]:
    """The rule that both were dealt by, and the newer of their data. Raises `Conflict` if there is no such thing."""
    why = _differ(version, earlier)
    if why:
        raise Conflict(
            f"{_both(version, earlier)} were judged on different rows and cannot be compared: {why}; train both on the "
            "same data, with the same split"
        )
    newer = max(version, earlier, key=lambda one: one.dataset_version)
    try:
        data = find.dataset_version(store, newer.dataset, newer.dataset_version).value
    except NotFound as error:
        raise Conflict(f"{_both(version, earlier)} cannot be compared: {error.message}") from error
    if data.rows * data.column_count > MOST_COMPARED_CELLS:
        raise Conflict(
            f"version {data.version} of dataset {name_of(store, data.dataset)!r} has {data.rows} rows of "
            f"{data.column_count} columns, too many to compare two versions on while you wait; an update compares its "
            "challenger with the champion on them"
        )
    since = [one.split.after for one in (version, earlier) if one.split.after is not None]
    return replaced(newer.split, after=max(since, default=None)), data


def _differ(version: Version, earlier: Version) -> str:
    rules = [(one.split.rule, one.split.fraction, one.split.column) for one in (version, earlier)]
    for one in (earlier, version):
        if one.imported is not None:
            return f"version {one.version} was imported, and may have learnt from any row"
    if version.dataset != earlier.dataset:
        return "they learn from different data sets"
    if version.task != earlier.task:
        return "one predicts classes and the other one a number"
    if rules[0] != rules[1]:
        return "their rows were held out by different rules"
    if version.dataset_version != earlier.dataset_version and version.split.rule not in _FOLLOWS_ROWS:
        return "each version of the data says by itself which rows are held out"
    return ""
