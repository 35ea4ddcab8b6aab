"""Train: queue a run that fits the model in slices, evaluates it on held-out rows and leaves one new version."""

from typing import Any

from chalice.app import Blueprint
from msgspec.structs import replace

from functions import feasible, lookup, requests, runs, trials, workbench
from functions.api import Page, RunView, TrainModel
from functions.edge import PAGING, Call, page, route
from functions.platform import Platform
from functions.runner import Ending, Steps, TaskResult, register
from functions.storage import Workspace
from functions.values import VERSIONS, Model, Run, Version, number
from functions.workbench import Job
from lepton_core.errors import Conflict
from lepton_core.models import algorithm
from lepton_core.train import plan

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
    found = lookup.active_model(call.store, model)
    earlier = requests.answered(call, "train", model)
    if earlier is not None:
        return runs.view(earlier)
    job = decide(call.store, found.value, call.body)
    run = workbench.new_run(call.platform, model, "train", job)
    try:
        return runs.started(call, requests.queue_once(call, run, found))
    except Conflict:
        current = under_way(call.store, lookup.model(call.store, model).value, job)
        if current is None:
            raise
        return runs.view(current)


def decide(store: Workspace, model: Model, wanted: TrainModel) -> Job:
    """The complete job; its hyperparameters and the figures of its data are checked before anything is queued."""
    given: dict[str, Any] = dict(wanted.hyperparameters)
    if wanted.iterations is not None:
        given["iterations"] = wanted.iterations
    if wanted.learning_rate is not None:
        given["learning_rate"] = wanted.learning_rate
    algorithm(model.algorithm).configure(given)
    data = lookup.dataset(store, model.dataset).value
    chosen = wanted.dataset_version or data.latest
    version = lookup.dataset_version(store, model.dataset, chosen).value
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
    feasible.check(version, job)
    return trials.planned(wanted, job, version)


def under_way(store: Workspace, model: Model, job: Job) -> Run | None:
    """The model's run under way, if it does this very job: its caller died, or did not hear the answer."""
    if model.run is None:
        return None
    run = lookup.run(store, model.run).value
    return run if run.kind == "train" and Job.of(run) == job else None


def next_tasks(run: Run) -> list[str]:
    """The trials of a search, then the fit of what won (or of what was asked for), then its score."""
    return trials.plan(run) or plan(run.done)


def work(platform: Platform, store: Workspace, run: Run, task: str) -> TaskResult:
    """One task of a training run: a trial, a slice of the fit, or the scoring of what it made."""
    if task.startswith("trial-"):
        return trials.work(platform, store, run, task)
    if task == "fit":
        return workbench.fit_slice(platform, store, run)
    _, _, summary = workbench.score(platform, store, run)
    return TaskResult(summary)


def finish(platform: Platform, store: Workspace, run: Run, model: Model) -> Ending:
    """The new version; it challenges the champion, if there is one."""
    version = workbench.new_version(platform, store, run, model)
    challenger = version.version if model.champion else None
    changed = replace(model, task=version.task, latest=version.version, challenger=challenger)
    put = store.put(VERSIONS, model.name, number(version.version), value=version, expect=0)
    return Ending(changed, [put], version.version, {"metrics": version.metrics, **trials.leaderboard(run)})


register("train", Steps(plan=next_tasks, work=work, finish=finish, progress=trials.progress))


@route(bp, "GET", "/v1/models/{model}/versions", scope="read", returns=Page[Version], query=PAGING)
def versions(call: Call[None], model: str) -> Page[Version]:
    """All versions of the model, the oldest first, each with its metrics and lineage."""
    lookup.model(call.store, model)
    found = call.store.list(VERSIONS, model, after=call.after, limit=call.limit + 1)
    return page([(key, stored.value) for key, stored in found], call.limit)


@route(bp, "GET", "/v1/models/{model}/versions/{version}", scope="read", returns=Version)
def version(call: Call[None], model: str, version: int) -> Version:
    """One version: metrics on the held-out rows, loss curve, lineage and digest."""
    return lookup.version(call.store, model, version).value
