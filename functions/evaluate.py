"""Evaluate: cross-validate a version's recipe fold by fold, and evaluate the version on its held-out rows."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta
from msgspec.structs import replace

from functions.edge import ANSWERED_COLUMNS, COLUMN, Call, Download, Html, route
from functions.edge.shapes import MOST_SHOWN_LEVELS, Cell, Request, ServedColumn
from functions.records import find
from functions.records.files import read_file, read_value
from functions.records.kinds import Version
from functions.runs import idempotency
from functions.runs.job import EvaluateJob, Spec
from functions.runs.new_run import new_run
from functions.runs.view import RunView, started, view
from functions.storage import Workspace
from functions.training.specs import given
from lepton_core.errors import Conflict
from lepton_core.evaluate import (
    BaselineComparison,
    ByPrediction,
    Calibrated,
    Calibration,
    ClassificationReport,
    Coverage,
    CrossValidation,
    Effect,
    Imbalance,
    LabelDecision,
    OneClass,
    PermutationImportance,
    RegressionReport,
    Roc,
    Segments,
)
from lepton_core.promotion import LossComparison


class EvaluateModel(Request, frozen=True):
    """Cross-validate the model, and evaluate one version on its held-out rows."""

    version: Annotated[int, Meta(ge=1)] | None = None
    folds: Annotated[int, Meta(ge=2, le=50)] = 5
    seed: Annotated[int, Meta(ge=0)] = 0


class ClassificationEvaluation(msgspec.Struct, frozen=True, tag_field="task", tag="classification"):
    """A version that tells classes apart, on its held-out rows: a `lepton_core.evaluate.ClassificationReport`.

    ``cross_validation`` and ``importance`` are null until an evaluation was made. ``baselines`` is empty for a version
    of an earlier platform, and ``segments`` is null. With a ``decision`` the accuracy, precision, recall, F1 and
    confusion are those of its rule; the baselines, the segments and the folds are of the most probable class.
    ``calibrated`` says why probabilities are calibrated as they are, and ``coverages`` how many sets hold the truth,
    for a version that was trained for it.
    """

    classes: list[str]
    unknown_class_rows: int
    accuracy: float
    precision: float
    recall: float
    f1: float
    log_loss: float
    brier: float
    auc: float | None
    confusion: list[list[int]]
    per_class: dict[str, OneClass]
    roc: dict[str, Roc]
    calibration: dict[str, Calibration]
    baselines: list[BaselineComparison] = []
    segments: Segments | None = None
    imbalance: Imbalance | None = None
    calibrated: Calibrated | None = None
    coverages: list[Coverage] = []
    cross_validation: CrossValidation | None = None
    importance: PermutationImportance | None = None
    decision: LabelDecision | None = None


class RegressionEvaluation(msgspec.Struct, frozen=True, tag_field="task", tag="regression"):
    """A version that predicts a number, on its held-out rows: a `lepton_core.evaluate.RegressionReport`.

    ``cross_validation`` and ``importance`` are null until an evaluation was made. ``baselines`` is empty for a version
    of an earlier platform, ``segments`` and ``by_prediction`` are null. ``coverages`` says how many intervals hold the
    truth, for a version that has them.
    """

    rmse: float
    mae: float
    r2: float | None
    mean_residual: float
    baselines: list[BaselineComparison] = []
    segments: Segments | None = None
    by_prediction: ByPrediction | None = None
    coverages: list[Coverage] = []
    cross_validation: CrossValidation | None = None
    importance: PermutationImportance | None = None


Evaluation = ClassificationEvaluation | RegressionEvaluation
"""The reports of the core, declared again: msgspec takes no union of dataclasses (`docs/adr/0024-a-value-once.md`)."""

_EVALUATION: msgspec.json.Decoder[Evaluation] = msgspec.json.Decoder(Evaluation)
_IMPORTANCE = msgspec.json.Decoder(PermutationImportance)


class RowColumns(msgspec.Struct, frozen=True):
    """What a row for a version brings: its ``columns``, in the trained order; the cells of a ``usual`` one by name.

    If one answer does not tell of all ``column_count``, those that follow are asked for by the first of them.
    """

    model: str
    version: int
    columns: list[ServedColumn]
    usual: dict[str, Cell]
    column_count: int


MOST_COLUMN_BYTES = 2_000_000
"""About so many bytes of columns are in one answer, or a single column."""


bp = Blueprint(__name__)


@route(
    bp,
    "POST",
    "/v1/models/{model}/evaluate",
    scope="write",
    body=EvaluateModel,
    returns=RunView,
    status=202,
    once=True,
)
def evaluate(call: Call[EvaluateModel], model: str) -> RunView:
    """Cross-validate how a version was trained, and evaluate it on its held-out rows; follow the run."""
    found = find.active_model(call.store, model)
    earlier = idempotency.answered(call, "evaluate", model)
    if earlier is not None:
        return view(earlier)
    wanted = call.body.version or found.value.latest
    if wanted == 0:
        raise Conflict(f"model {model!r} has no version yet; train it first")
    version = find.version(call.store, model, wanted).value
    find.data_of(call.store, version)
    run = new_run(call.platform, model, decide(version, call.body))
    return started(call, idempotency.queue_once(call, run, None))


def decide(version: Version, wanted: EvaluateModel) -> EvaluateJob:
    """The version's own recipe on its own data, in folds."""
    first = version.members[0] if version.members else version
    spec = Spec(
        algorithm=first.algorithm,
        hyperparameters=given(first.hyperparameters, {}),
        dataset=version.dataset,
        dataset_version=version.dataset_version,
        seed=wanted.seed,
        preprocessor=version.preprocessor,
        task=version.task,
        weight=version.weight,
        class_weight=version.class_weight,
        split=version.split,
        default_steps=version.default_steps,
    )
    return EvaluateJob(spec, version=version.version, folds=wanted.folds, members=version.members)


@route(
    bp,
    "GET",
    "/v1/models/{model}/versions/{version}/evaluation",
    scope="read",
    returns=Evaluation,
)
def evaluation(call: Call[None], model: str, version: int) -> Evaluation:
    """The full report on the held-out rows; cross-validation and the columns' importance, if it was evaluated."""
    return _evaluation(call.store, find.version(call.store, model, version).value)


def _evaluation(store: Workspace, found: Version) -> Evaluation:
    what = f"version {found.version} of model {found.model!r}"
    stored = read_value(store, found.evaluation, _EVALUATION, f"the evaluation of {what}")
    weighed = found.importance_inside
    if found.importance is not None:
        weighed = read_value(store, found.importance, _IMPORTANCE, f"the columns' importance of {what}")
    if isinstance(stored, ClassificationEvaluation) and stored.imbalance is not None:
        from lepton_core.imbalance import of_version  # noqa: PLC0415  (no prediction needs it)

        stored = replace(stored, imbalance=of_version(stored.imbalance, found.version))
    if found.decision is not None and isinstance(stored, ClassificationEvaluation):
        from functions.training.labels import at_rule  # noqa: PLC0415  (no prediction needs it)

        ruled = at_rule(store, found, stored.per_class, stored.imbalance)
        stored = stored if ruled is None else replace(stored, **vars(ruled))
    return replace(stored, cross_validation=found.cross_validation, importance=weighed)


class VersionComparison(msgspec.Struct, frozen=True):
    """A version beside an ``earlier`` one, on ``dataset_version``'s held-out rows, which neither has learnt from.

    ``beside`` has the verdict and its numbers. It is null where there are no such rows, or too many to compare them
    while you wait; ``sentence`` says why then, and otherwise what is shown.
    """

    model: str
    version: int
    earlier: int
    sentence: str
    dataset_version: int | None = None
    beside: LossComparison | None = None


@route(
    bp,
    "GET",
    "/v1/models/{model}/versions/{version}/compare/{earlier}",
    scope="read",
    returns=VersionComparison,
)
def comparison(call: Call[None], model: str, version: int, earlier: int) -> VersionComparison:
    """Whether a version is better than another one, by the rows that the newer data hold out, row by row.

    It is the test of an update; of more than 5,000 such rows some are taken, spread evenly.
    """
    from functions.training.beside import compared  # noqa: PLC0415  (no prediction needs it)

    policy = find.model(call.store, model).value.policy
    two = [find.version(call.store, model, one).value for one in (version, earlier)]
    try:
        found, data = compared(call.store, two[0], two[1], policy)
    except Conflict as error:
        return VersionComparison(model, version, earlier, error.message)
    return VersionComparison(model, version, earlier, found.sentence, data.version, found)


@route(
    bp,
    "GET",
    "/v1/models/{model}/versions/{version}/columns",
    scope="read",
    returns=RowColumns,
    query={"column": COLUMN},
)
def columns(call: Call[None], model: str, version: int) -> RowColumns:
    """The columns that a row for this version brings, as the version itself knows them, and a row that is usual.

    Of very many, or of many with long texts, some are told at once.
    """
    from functions.serving.artifacts import read_predictor  # noqa: PLC0415  (no prediction needs it)
    from functions.serving.publish import usual_cells  # noqa: PLC0415

    predictor = read_predictor(
        call.store, model, version, find.version(call.store, model, version).value.answers
    )
    known, cells = predictor.schema.columns, usual_cells(predictor)
    read = [(one, cell) for one, cell in zip(known, cells, strict=True) if one.name in predictor.reads]
    begin = call.count("column")
    some = read[begin : begin + ANSWERED_COLUMNS]
    told = [
        ServedColumn(one.name, one.kind, one.levels[:MOST_SHOWN_LEVELS], len(one.levels)) for one, _ in some
    ]
    told = told[: fitting(told)]
    usual = {one.name: cell for one, cell in some[: len(told)]}
    return RowColumns(model, version, told, usual, len(read))


def fitting(columns: Sequence[ServedColumn]) -> int:
    """How many of these columns one answer tells of by their bytes; the first one always."""
    size = 0
    for count, one in enumerate(columns):
        size += len(msgspec.json.encode(one))
        if count and size > MOST_COLUMN_BYTES:
            return count
    return len(columns)


_COLUMN = "The column whose effect is wanted."


@route(
    bp,
    "GET",
    "/v1/models/{model}/versions/{version}/effect",
    scope="read",
    returns=Effect,
    query={"column": _COLUMN},
)
def effect(call: Call[None], model: str, version: int) -> Effect:
    """What the version says on average, where one column has the same value in every row (partial dependence).

    The mean is over at most 200 rows of its data; all other columns stay as they are in them.
    """
    from functions.training.varied import effect_of  # noqa: PLC0415  (no prediction needs it)

    return effect_of(call.store, find.version(call.store, model, version).value, call.query.get("column"))


@route(bp, "GET", "/v1/models/{model}/versions/{version}/card", scope="read", returns=Html)
def card(call: Call[None], model: str, version: int) -> Html:
    """The model card of a version: one page of HTML, which can be printed, without scripts.

    It shows the figures of the evaluation, and what the records of the version and of its data say. That of an
    imported version is the one in its file.
    """
    from lepton_core.card.style import POLICY  # noqa: PLC0415  (no prediction needs it)

    return Html(_card(call.store, find.version(call.store, model, version).value), POLICY)


def _card(store: Workspace, found: Version) -> str:
    if found.imported is not None:
        what = f"the card of version {found.version} of model {found.model!r}"
        return read_file(store, found.imported.card, what).decode()
    from functions.system.card import gather  # noqa: PLC0415  (no prediction needs it)
    from lepton_core.card.page import card_page  # noqa: PLC0415

    told = _evaluation(store, found)
    kind = ClassificationReport if isinstance(told, ClassificationEvaluation) else RegressionReport
    known: dict[str, Any] = {one.name: getattr(told, one.name) for one in fields(kind) if one.name != "task"}
    return card_page(gather(store, found, kind(**known), told.importance))


class ExportView(msgspec.Struct, frozen=True):
    """Where the ``file`` of a version is, to be kept under that name: GET ``url``.

    One of another host needs no key, and is good for an hour; one that begins with "/" is a path of this platform.
    """

    model: str
    version: int
    file: str
    url: str


_EXPORT = "/v1/models/{model}/versions/{version}/export"


@route(bp, "GET", _EXPORT, scope="read", returns=ExportView)
def export(call: Call[None], model: str, version: int) -> ExportView:
    """Where a version is as one file, with which it predicts without a platform: `lepton_ai.load` reads it."""
    from functions.system.export import address, file_name  # noqa: PLC0415  (no prediction needs it)

    found = find.version(call.store, model, version).value
    url = address(call.platform, call.store, found, lambda: _card(call.store, found))
    return ExportView(
        model, version, file_name(found), url or f"/v1/models/{model}/versions/{version}/export/file"
    )


@route(bp, "GET", f"{_EXPORT}/file", scope="read", returns=Download)
def export_file(call: Call[None], model: str, version: int) -> Download:
    """A version as one file: the artifact that answers, its card, and what a platform has to know to serve it.

    On AWS one of more than 4 MB is at the address that the call above tells.
    """
    from functions.system.export import check_sent, exported, file_name  # noqa: PLC0415  (no prediction needs it)

    found = find.version(call.store, model, version).value
    data = exported(call.store, found, _card(call.store, found)).dump()
    check_sent(call.platform, call.store, found, len(data))
    return Download(data, file_name(found))
