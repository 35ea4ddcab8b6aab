"""Train: queue a run that fits the model in slices, evaluates it on held-out rows and leaves one new version."""

from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta
from msgspec.structs import replace

from functions.datasets.parts import read_columns
from functions.edge import PAGING, Call, page, route
from functions.edge.shapes import Page, Request
from functions.records import find
from functions.records.files import Blended
from functions.records.kinds import (
    VERSIONS,
    Chain,
    ClassWeight,
    Hyperparameters,
    LearningTask,
    Model,
    Version,
)
from functions.records.names import all_names, name_of
from functions.runs import idempotency
from functions.runs.job import Spec, TrainJob
from functions.runs.new_run import new_run
from functions.runs.record import Run, find_run
from functions.runs.view import RunView, started, view
from functions.storage import Stored, Workspace
from functions.training import preflight, trials
from functions.training.dealing import SplitBy, asked
from functions.training.make_way import go_first
from functions.training.specs import given, refits_by_default, task_in, with_extras
from lepton_core.errors import Conflict
from lepton_core.evaluate import CrossValidation, LabelDecision
from lepton_core.models import algorithm
from lepton_core.models.contributes import contributes
from lepton_core.table import ReadingOptions, Split


class TrainModel(Request, frozen=True):
    """Train a new version. A field that is left out takes the algorithm's default.

    ``weight`` names the column that says how much each row counts, ``class_weight`` says how much each class does,
    ``split`` which rows are held out. With ``refit`` what serves is fitted again, on all rows; left out: of at most
    100,000 rows, and in a split by time. ``auto`` searches all algorithms for the task, among ``trials`` candidates or
    for ``seconds``, and blends at most ``members`` of them (default: 5; 0 or 1: the best stays alone), whose artifact
    takes at most about so many ``megabytes`` and a prediction of one row ``milliseconds``. "algorithm": the best one
    alone; "hyperparameters": the settings of the model's own algorithm.

    With ``calibrate`` probabilities are calibrated where that is shown to help, with ``uncertainty`` predictions can
    have intervals, or sets of classes. Both are learnt from rows out of fold, by five more fits; left out: where
    ``auto`` is true, whose search has predicted them.

    With ``deploy`` the new version serves as soon as it is there, whatever served before.
    """

    iterations: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    learning_rate: Annotated[float, Meta(gt=0)] | None = None
    hyperparameters: Hyperparameters = msgspec.field(default_factory=dict)
    dataset_version: Annotated[int, Meta(ge=1)] | None = None
    warm_start: bool = False
    weight: str | None = None
    class_weight: ClassWeight | None = None
    split: SplitBy | None = None
    seed: Annotated[int, Meta(ge=0)] = 0
    refit: bool | None = None
    auto: trials.Auto = False
    trials: Annotated[int, Meta(ge=1, le=200)] | None = None
    seconds: Annotated[float, Meta(gt=0)] | None = None
    members: Annotated[int, Meta(ge=0, le=20)] | None = None
    megabytes: Annotated[float, Meta(gt=0)] | None = None
    milliseconds: Annotated[float, Meta(gt=0)] | None = None
    calibrate: bool | None = None
    uncertainty: bool | None = None
    deploy: bool = False


class FitView(msgspec.Struct, frozen=True):
    """One fit of a version: its artifact's digest, and how many rows it has learnt from; null: not known."""

    digest: str
    rows: int | None


class ImportedView(msgspec.Struct, frozen=True):
    """Where a version comes from that was imported: ``version`` of ``model`` there, made at ``created``.

    It learnt from ``data_version`` of the data set ``data`` there, which was read as ``reading`` says, and predicts the
    column ``label``.
    """

    model: str
    version: int
    created: datetime
    label: str
    data: str
    data_version: int
    reading: ReadingOptions


class VersionView(msgspec.Struct, frozen=True):
    """One trained version: its metrics on the held-out rows, its loss curve, its lineage and its artifact's digest.

    ``weight`` is the column that said how much each row counts, ``class_weight`` how much each class does, ``split``
    which rows were held out. All figures are those of the ``judged`` fit, which has not seen these rows; ``served`` is
    the one that answers, and ``digest`` that of its artifact. A blend of several ``members`` has the algorithm
    "ensemble". ``decision`` is there if something else makes its labels than the most probable class, of which all
    ``metrics`` are. ``calibrate`` says whether its probabilities are calibrated where that helps, ``uncertainty``
    whether predictions can have intervals or sets, ``explains`` whether they can say what each column added. One that
    was ``imported`` has no data here: its ``dataset_version`` is 0, and ``run`` the id of its import.
    """

    model: str
    version: int
    algorithm: str
    task: LearningTask
    digest: str
    run: str
    dataset: str
    dataset_version: int
    dataset_digest: str
    hyperparameters: Hyperparameters
    metrics: dict[str, float | None]
    loss: list[float]
    created: datetime
    preprocessor: Chain | None
    cross_validation: CrossValidation | None
    warm_from: int | None
    weight: str | None
    class_weight: ClassWeight | None
    split: Split
    libraries: dict[str, str]
    judged: FitView
    served: FitView
    members: list[Blended]
    decision: LabelDecision | None
    calibrate: bool
    uncertainty: bool
    explains: bool
    imported: ImportedView | None


bp = Blueprint(__name__)


@route(
    bp,
    "POST",
    "/v1/models/{model}/train",
    scope="write",
    body=TrainModel,
    returns=RunView,
    status=202,
    once=True,
)
def train(call: Call[TrainModel], model: str) -> RunView:
    """Train a new version of the model; the answer is the run to follow.

    The same request answers with the same run while that is under way, and ever after with an ``Idempotency-Key``.
    """
    found = find.active_model(call.store, model)
    earlier = idempotency.answered(call, "train", model)
    if earlier is not None:
        return view(earlier)
    if found.value.run is not None:
        # A refused call changes nothing: it is checked before an update makes way.
        decide(call.store, found.value, call.body, call.platform.settings.memory_bytes)
    return go_first(call.platform, call.store, model, partial(_start, call))


def _start(call: Call[TrainModel], found: Stored[Model]) -> RunView:
    """Queue the run, unless the model's run under way does the same: then that is the answer."""
    name = found.value.name
    job, needed = decide(call.store, found.value, call.body, call.platform.settings.memory_bytes)
    try:
        return started(call, idempotency.queue_once(call, new_run(call.platform, name, job, needed), found))
    except Conflict:
        current = under_way(call.store, find.model(call.store, name).value, job)
        if current is None:
            raise
        return view(current)


def decide(store: Workspace, model: Model, wanted: TrainModel, memory_bytes: int = 0) -> tuple[TrainJob, int]:
    """The complete job, and about how many bytes of memory it takes.

    Its hyperparameters and the figures of its data are checked before anything is queued. An error that offers a
    training repeats all of ``wanted`` in it that is right.
    """
    from lepton_core.asked_again import repeating, said_in  # noqa: PLC0415  (no prediction needs it)

    asked = said_in(msgspec.to_builtins(wanted))
    with repeating(model.name, asked):
        job, needed = _decided(store, model, wanted, memory_bytes)
    return replace(job, asked=asked), needed


def _decided(store: Workspace, model: Model, wanted: TrainModel, memory_bytes: int) -> tuple[TrainJob, int]:
    hyperparameters = given(
        wanted.hyperparameters, {"iterations": wanted.iterations, "learning_rate": wanted.learning_rate}
    )
    algorithm(model.algorithm).configure(hyperparameters)
    data = find.dataset(store, model.dataset).value
    chosen = wanted.dataset_version or data.latest
    version = find.dataset_version(store, model.dataset, chosen).value
    warm_from = (model.champion or model.latest or None) if wanted.warm_start else None
    earlier = None if warm_from is None else find.version(store, model.name, warm_from).value
    spec = Spec(
        algorithm=model.algorithm,
        hyperparameters=hyperparameters,
        dataset=model.dataset,
        dataset_version=chosen,
        seed=wanted.seed,
        preprocessor=model.preprocessor,
        task=model.task,
        weight=wanted.weight,
        class_weight=wanted.class_weight,
        split=asked(wanted.split, earlier, version),
        default_steps="default-5",
    )
    columns = read_columns(store, version)
    needed = preflight.check(replace(version, dataset=data.called), columns, spec, memory_bytes)
    refit = refits_by_default(version.rows, spec.split) if wanted.refit is None else wanted.refit
    job = TrainJob(spec, warm_from=warm_from, refit=refit, deploy=wanted.deploy)
    label = next(column for column in columns if column.name == version.label)
    planned = trials.planned(
        job,
        partial(task_in, store, version, model.algorithm, label),
        auto=wanted.auto,
        trials=wanted.trials,
        seconds=wanted.seconds,
        members=wanted.members,
        megabytes=wanted.megabytes,
        milliseconds=wanted.milliseconds,
        rows=version.rows,
    )
    return with_extras(planned, wanted.calibrate, wanted.uncertainty, by_itself=wanted.auto is True), needed


def under_way(store: Workspace, model: Model, job: TrainJob) -> Run | None:
    """The model's run under way, if it does this very job: its caller died, or did not hear the answer."""
    if model.run is None:
        return None
    run = find_run(store, model.run).value
    if not isinstance(run.job, TrainJob):
        return None
    # The same may be asked for in two ways.
    return run if replace(run.job, asked={}, pauses=[]) == replace(job, asked={}) else None


@route(bp, "GET", "/v1/models/{model}/versions", scope="read", returns=Page[VersionView], query=PAGING)
def versions(call: Call[None], model: str) -> Page[VersionView]:
    """All versions of the model, the oldest first, each with its metrics and lineage."""
    find.model(call.store, model)
    found = call.store.list(VERSIONS, model, after=call.after, limit=call.limit + 1)
    names = all_names(call.store)
    views = [(key, _view(one.value, names.get(one.value.dataset, one.value.dataset))) for key, one in found]
    return page(views, call.limit)


@route(bp, "GET", "/v1/models/{model}/versions/{version}", scope="read", returns=VersionView)
def version(call: Call[None], model: str, version: int) -> VersionView:
    """One version: metrics on the held-out rows, loss curve, lineage and digest."""
    found = find.version(call.store, model, version).value
    return _view(found, name_of(call.store, found.dataset))


def _view(version: Version, dataset: str) -> VersionView:
    same = set(VersionView.__struct_fields__) - {
        "digest",
        "dataset",
        "judged",
        "served",
        "calibrate",
        "uncertainty",
        "explains",
        "imported",
    }
    came = version.imported
    judged = FitView(version.artifact.digest if came is None else came.judged, version.rows or None)
    again = version.served
    return VersionView(
        digest=version.answers.digest,
        dataset=dataset,
        judged=judged,
        served=judged if again is None else FitView(again.artifact.digest, again.rows),
        calibrate=version.extras.calibrate,
        uncertainty=version.extras.uncertainty,
        explains=_explains(version),
        imported=None
        if came is None
        else ImportedView(**{name: getattr(came, name) for name in ImportedView.__struct_fields__}),
        **{name: getattr(version, name) for name in same},
    )


def _explains(version: Version) -> bool:
    if version.members:
        classes = version.task == "classification"
        return all(contributes(one.algorithm, one.hyperparameters, classes) for one in version.members)
    trainer = algorithm(version.algorithm)
    return trainer.explains(trainer.configure(given(version.hyperparameters, {})))
