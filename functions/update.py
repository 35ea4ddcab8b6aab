"""Update: train a challenger from the champion's weights, promote it if it is not worse, serve it."""

from collections.abc import Iterator
from typing import Annotated, Any

from chalice.app import Blueprint, Rate
from msgspec import Meta
from msgspec.structs import replace

from functions.context import Platform, current, log
from functions.edge import Call, route
from functions.edge.shapes import Request
from functions.records import find
from functions.records.intents import due_models
from functions.records.kinds import (
    ALERTS,
    DATASETS,
    DEPLOYMENTS,
    VERSIONS,
    Model,
    Run,
    number,
)
from functions.runs import idempotency
from functions.runs.kind import Ending, Steps, TaskResult, register
from functions.runs.record import queue
from functions.runs.view import RunView, started, view
from functions.serving.publish import serve_version
from functions.storage import Stored, Workspace
from functions.storage.protocols import Write
from functions.training import preflight
from functions.training.fit import fit_slice, new_version, score
from functions.training.job import Job, new_run
from lepton_core.errors import Conflict, InvalidData, LeptonError
from lepton_core.models import algorithm
from lepton_core.train import numbered, plan
from lepton_core.update import Verdict, held_out_loss, judge, reason_to_update


class UpdateModel(Request, frozen=True):
    """Train a challenger from the champion's weights and promote it if it is not worse."""

    iterations: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    learning_rate: Annotated[float, Meta(gt=0)] | None = None


bp = Blueprint(__name__)


@route(
    bp,
    "POST",
    "/v1/models/{model}/update",
    scope="write",
    body=UpdateModel,
    returns=RunView,
    status=202,
)
def update(call: Call[UpdateModel], model: str) -> RunView:
    """Train a challenger on the newest data; it is promoted and served only if it is not worse on held-out rows."""
    found = find.active_model(call.store, model)
    earlier = idempotency.answered(call, "update", model)
    if earlier is not None:
        return view(earlier)
    job = decide(call.store, found.value, call.body, "asked for")
    run = new_run(call.platform, model, "update", job)
    return started(call, idempotency.queue_once(call, run, found))


def decide(store: Workspace, model: Model, wanted: UpdateModel, reason: str) -> Job:
    """The champion's recipe on the newest data, from the champion's weights."""
    if model.champion is None:
        raise Conflict(f"model {model.name!r} has no champion yet; train and deploy it first")
    champion = find.version(store, model.name, model.champion).value
    given: dict[str, Any] = {
        name: value for name, value in champion.hyperparameters.items() if name != "seed"
    }
    if wanted.iterations is not None:
        given["iterations"] = wanted.iterations
    if wanted.learning_rate is not None:
        given["learning_rate"] = wanted.learning_rate
    algorithm(champion.algorithm).configure(given)
    latest = find.dataset(store, model.dataset).value.latest
    job = Job(
        algorithm=champion.algorithm,
        hyperparameters=given,
        dataset=model.dataset,
        dataset_version=latest,
        seed=int(champion.hyperparameters["seed"]),
        preprocessor=champion.preprocessor,
        warm_from=model.champion,
        task=champion.task,
        weight=champion.weight,
        class_weight=champion.class_weight,
        champion=model.champion,
        tolerance=model.policy.tolerance,
        reason=reason,
    )
    preflight.check(find.dataset_version(store, model.dataset, latest).value, job)
    return job


def work(platform: Platform, store: Workspace, run: Run, task: str) -> TaskResult:
    """One task: a slice of the fit, or the comparison of what it made with the champion."""
    if task == "fit":
        return fit_slice(platform, store, run)
    bench, challenger, summary = score(platform, store, run)
    assert bench.warm is not None  # noqa: S101  (decide sets warm_from)
    held_out = bench.held_out_table
    losses: dict[str, Any] = {"champion_loss": None, "champion_error": None}
    with numbered(bench.held_out):
        losses["challenger_loss"] = held_out_loss(challenger, held_out)
        try:
            losses["champion_loss"] = held_out_loss(bench.warm, held_out)
        except InvalidData as error:
            losses["champion_error"] = error.message
    return TaskResult({**summary, **losses})


def finish(platform: Platform, store: Workspace, run: Run, model: Model) -> Ending:
    """The new version, and, if it is promoted, the deployment that serves it: all in one transaction."""
    job = Job.of(run)
    version = new_version(platform, store, run, model)
    scored = run.done["score"]
    verdict = judge(
        scored["champion_loss"],
        scored["challenger_loss"],
        tolerance=job.tolerance,
        champion_error=scored["champion_error"],
    )
    if verdict.promote and model.champion != job.champion:
        reason = "another version was deployed while this one was trained"
        verdict = Verdict(False, reason, verdict.champion_loss, verdict.challenger_loss)
    writes: list[Write] = [store.put(VERSIONS, model.name, number(version.version), value=version, expect=0)]
    if verdict.promote:
        _, serving = serve_version(platform, store, version, store.get(DEPLOYMENTS, model.name))
        writes += serving
        changed = replace(model, latest=version.version, champion=version.version, challenger=None)
    else:
        changed = replace(model, latest=version.version, challenger=version.version)
    outcome = {**verdict.as_dict(), "trigger": job.reason}
    return Ending(changed, writes, version.version, outcome)


register("update", Steps(plan=lambda run: plan(run.done), work=work, finish=finish))


@bp.schedule(Rate(1, unit=Rate.DAYS), name="update_daily")
def update_daily(event: Any) -> None:
    """Start an update for each deployed model that has a reason for one."""
    platform = current()
    for store, name in due_models(platform):
        try:
            _update_if_due(platform, store, name)
        except LeptonError as error:
            log.warning("model %s/%s was not updated: %s", store.name, name, error.message)
        except Exception:  # noqa: BLE001  (the others need their update all the same)
            log.exception("the update of model %s/%s failed", store.name, name)


def _update_if_due(platform: Platform, store: Workspace, name: str) -> None:
    model = find.active_model(store, name)
    if model.value.policy.update == "manual" or model.value.run is not None or not model.value.champion:
        return
    newest = find.version(store, name, model.value.latest).value
    data = store.get(DATASETS, newest.dataset)
    reason = reason_to_update(
        trained_on=newest.dataset_version,
        newest_data=newest.dataset_version if data is None else data.value.latest,
        trained_at=newest.created,
        alerts={key: alert.value.opened for key, alert in _open_alerts(store, name)},
    )
    if reason is None:
        return
    log.info("model %s/%s is updated: %s", store.name, name, reason)
    run = new_run(platform, name, "update", decide(store, model.value, UpdateModel(), reason))
    queue(platform, store, run, model)
    platform.runner.start(platform, store.name, run.id)


def _open_alerts(store: Workspace, name: str) -> Iterator[tuple[str, Stored[Any]]]:
    for key, alert in store.list(ALERTS, name, limit=1000):
        if alert.value.state == "open":
            yield key, alert
