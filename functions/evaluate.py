"""Evaluate: cross-validate a version's recipe fold by fold, and evaluate the version on its held-out rows."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta
from msgspec.structs import replace

from functions.context import Platform
from functions.edge import Call, route
from functions.edge.shapes import Request
from functions.records import find
from functions.records.kinds import (
    VERSIONS,
    Model,
    Run,
    Version,
    number,
)
from functions.runs import idempotency
from functions.runs.kind import Ending, Steps, TaskResult, register
from functions.runs.view import RunView, started, view
from functions.serving.artifacts import read_version
from functions.storage import Workspace
from functions.training.bench import gather
from functions.training.job import Job, new_run
from lepton_core.errors import Conflict
from lepton_core.train import numbered
from lepton_core.validation import (
    cross_validation,
    fold_result,
    fold_rows,
    headline,
    importance,
    report,
)


class EvaluateModel(Request, frozen=True):
    """Cross-validate the model, and evaluate one version on its held-out rows."""

    version: Annotated[int, Meta(ge=1)] | None = None
    folds: Annotated[int, Meta(ge=2, le=50)] = 5
    seed: Annotated[int, Meta(ge=0)] = 0


bp = Blueprint(__name__)


@route(
    bp,
    "POST",
    "/v1/models/{model}/evaluate",
    scope="write",
    body=EvaluateModel,
    returns=RunView,
    status=202,
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
    job = decide(found.value, version, call.body)
    run = new_run(call.platform, model, "evaluate", job)
    return started(call, idempotency.queue_once(call, run, None))


def decide(model: Model, version: Version, wanted: EvaluateModel) -> Job:
    """The version's own recipe on its own data, in folds."""
    given = {name: value for name, value in version.hyperparameters.items() if name != "seed"}
    return Job(
        algorithm=version.algorithm,
        hyperparameters=given,
        dataset=version.dataset,
        dataset_version=version.dataset_version,
        seed=wanted.seed,
        preprocessor=version.preprocessor,
        version=version.version,
        folds=wanted.folds,
        task=version.task,
        weight=version.weight,
        class_weight=version.class_weight,
    )


def plan(run: Run) -> list[str]:
    """Every fold, the held-out rows and the columns' importance, side by side; what is done is not done again."""
    tasks = ["held_out", "importance", *(f"fold-{k}" for k in range(Job.of(run).folds))]
    return [task for task in tasks if task not in run.done]


def work(platform: Platform, store: Workspace, run: Run, task: str) -> TaskResult:
    """Train and evaluate one fold, or evaluate the version, or its columns, on its held-out rows."""
    job = Job.of(run)
    bench = gather(store, run.model, job)
    if task in ("held_out", "importance"):
        assert job.version is not None  # noqa: S101  (decide sets it)
        predictor = read_version(store, run.model, job.version)
        with numbered(bench.held_out):
            if task == "held_out":
                return TaskResult({"metrics": headline(report(predictor, bench.held_out_table))})
            return TaskResult(importance(predictor, bench.held_out_table, seed=job.seed))
    rows = fold_rows(bench.recipe, bench.table, bench.training, job.folds, seed=job.seed)
    training, held_out = rows[int(task.removeprefix("fold-"))]
    return TaskResult(fold_result(bench.recipe, bench.table, training, held_out))


def finish(platform: Platform, store: Workspace, run: Run, model: Model) -> Ending:
    """CV = 1/K sum of the fold losses, kept with the version as the columns' importance is."""
    job = Job.of(run)
    assert job.version is not None  # noqa: S101  (decide sets it)
    version = find.version(store, run.model, job.version)
    validated = cross_validation([run.done[f"fold-{k}"] for k in range(job.folds)])
    found = run.done["importance"]
    changed = replace(version.value, cross_validation=validated, importance=found)
    put = store.put(VERSIONS, run.model, number(job.version), value=changed, expect=version.revision)
    outcome = {"cross_validation": validated, "metrics": run.done["held_out"]["metrics"]}
    return Ending(model, [put], job.version, outcome)


register("evaluate", Steps(plan=plan, work=work, finish=finish))


@route(
    bp,
    "GET",
    "/v1/models/{model}/versions/{version}/evaluation",
    scope="read",
    returns=dict[str, Any],
)
def evaluation(call: Call[None], model: str, version: int) -> dict[str, Any]:
    """The full report on the held-out rows; cross-validation and the columns' importance, if it was evaluated."""
    found = find.version(call.store, model, version).value
    stored: dict[str, Any] = msgspec.json.decode(call.store.blobs.get(found.evaluation))
    return {**stored, "cross_validation": found.cross_validation, "importance": found.importance}
