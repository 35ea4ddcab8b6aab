"""Train: queue a run that fits the model in slices, evaluates it on held-out rows and leaves one new version."""

from typing import Annotated, Any, Literal

import msgspec
from chalice.app import Blueprint
from msgspec import Meta
from msgspec.structs import replace

from functions.context import Platform
from functions.edge import PAGING, Call, page, route
from functions.edge.shapes import Page, Request
from functions.records import find
from functions.records.kinds import (
    VERSIONS,
    ClassWeight,
    Model,
    Run,
    Version,
    number,
)
from functions.runs import idempotency
from functions.runs.kind import Ending, Steps, TaskResult, register
from functions.runs.view import RunView, started, view
from functions.storage import Workspace
from functions.training import preflight, trials
from functions.training.fit import fit_slice, new_version, score
from functions.training.job import Job, new_run
from lepton_core.errors import Conflict
from lepton_core.models import algorithm
from lepton_core.train import plan


class TrainModel(Request, frozen=True):
    """Train a new version. What is left out takes the algorithm's default.

    ``weight`` names the column that says how much each row counts, ``class_weight`` says how much each class does.
    ``auto`` searches hyperparameters, among ``trials`` candidates or for ``seconds``; "algorithm": algorithms too.
    """

    iterations: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    learning_rate: Annotated[float, Meta(gt=0)] | None = None
    hyperparameters: dict[str, Any] = msgspec.field(default_factory=dict)
    dataset_version: Annotated[int, Meta(ge=1)] | None = None
    warm_start: bool = False
    weight: str | None = None
    class_weight: ClassWeight | None = None
    seed: Annotated[int, Meta(ge=0)] = 0
    auto: bool | Literal["algorithm"] = False
    trials: Annotated[int, Meta(ge=1, le=200)] | None = None
    seconds: Annotated[float, Meta(gt=0)] | None = None


bp = Blueprint(__name__)


@route(
    bp,
    "POST",
    "/v1/models/{model}/train",
    scope="write",
    body=TrainModel,
    returns=RunView,
    status=202,
)
def train(call: Call[TrainModel], model: str) -> RunView:
    """Train a new version of the model; the answer is the run to follow.

    The same request answers with the same run while that is under way, and ever after with an ``Idempotency-Key``.
    """
    found = find.active_model(call.store, model)
    earlier = idempotency.answered(call, "train", model)
    if earlier is not None:
        return view(earlier)
    job = decide(call.store, found.value, call.body)
    run = new_run(call.platform, model, "train", job)
    try:
        return started(call, idempotency.queue_once(call, run, found))
    except Conflict:
        current = under_way(call.store, find.model(call.store, model).value, job)
        if current is None:
            raise
        return view(current)


def decide(store: Workspace, model: Model, wanted: TrainModel) -> Job:
    """The complete job; its hyperparameters and the figures of its data are checked before anything is queued."""
    given: dict[str, Any] = dict(wanted.hyperparameters)
    if wanted.iterations is not None:
        given["iterations"] = wanted.iterations
    if wanted.learning_rate is not None:
        given["learning_rate"] = wanted.learning_rate
    algorithm(model.algorithm).configure(given)
    data = find.dataset(store, model.dataset).value
    chosen = wanted.dataset_version or data.latest
    version = find.dataset_version(store, model.dataset, chosen).value
    job = Job(
        algorithm=model.algorithm,
        hyperparameters=given,
        dataset=model.dataset,
        dataset_version=chosen,
        seed=wanted.seed,
        preprocessor=model.preprocessor,
        warm_from=(model.champion or model.latest or None) if wanted.warm_start else None,
        task=model.task,
        weight=wanted.weight,
        class_weight=wanted.class_weight,
    )
    preflight.check(version, job)
    return trials.planned(job, version, auto=wanted.auto, trials=wanted.trials, seconds=wanted.seconds)


def under_way(store: Workspace, model: Model, job: Job) -> Run | None:
    """The model's run under way, if it does this very job: its caller died, or did not hear the answer."""
    if model.run is None:
        return None
    run = find.run(store, model.run).value
    return run if run.kind == "train" and Job.of(run) == job else None


def next_tasks(run: Run) -> list[str]:
    """The trials of a search, then the fit of what won (or of what was asked for), then its score."""
    return trials.plan(run) or plan(run.done)


def work(platform: Platform, store: Workspace, run: Run, task: str) -> TaskResult:
    """One task of a training run: a trial, a slice of the fit, or the scoring of what it made."""
    if task.startswith("trial-"):
        return trials.work(platform, store, run, task)
    if task == "fit":
        return fit_slice(platform, store, run)
    _, _, summary = score(platform, store, run)
    return TaskResult(summary)


def finish(platform: Platform, store: Workspace, run: Run, model: Model) -> Ending:
    """The new version; it challenges the champion, if there is one."""
    version = new_version(platform, store, run, model)
    challenger = version.version if model.champion else None
    changed = replace(model, task=version.task, latest=version.version, challenger=challenger)
    put = store.put(VERSIONS, model.name, number(version.version), value=version, expect=0)
    return Ending(changed, [put], version.version, {"metrics": version.metrics, **trials.leaderboard(run)})


register("train", Steps(plan=next_tasks, work=work, finish=finish, progress=trials.progress))


@route(bp, "GET", "/v1/models/{model}/versions", scope="read", returns=Page[Version], query=PAGING)
def versions(call: Call[None], model: str) -> Page[Version]:
    """All versions of the model, the oldest first, each with its metrics and lineage."""
    find.model(call.store, model)
    found = call.store.list(VERSIONS, model, after=call.after, limit=call.limit + 1)
    return page([(key, stored.value) for key, stored in found], call.limit)


@route(bp, "GET", "/v1/models/{model}/versions/{version}", scope="read", returns=Version)
def version(call: Call[None], model: str, version: int) -> Version:
    """One version: metrics on the held-out rows, loss curve, lineage and digest."""
    return find.version(call.store, model, version).value
