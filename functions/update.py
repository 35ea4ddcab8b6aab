"""Update: train a challenger from the champion's weights, promote it if it is not worse, serve it."""

from typing import Annotated, Any

from chalice.app import Blueprint, Rate
from msgspec import Meta

from functions.context import Platform, current, log
from functions.edge import Call, route
from functions.edge.shapes import Request
from functions.records import find
from functions.records.intents import due_models
from functions.records.kinds import (
    ALERTS,
    DATASETS,
    Model,
)
from functions.runs import idempotency
from functions.runs.job import Spec, UpdateJob
from functions.runs.queue import new_run, queue
from functions.runs.view import RunView, started, view
from functions.storage import Workspace
from functions.training import preflight
from functions.training.job import given
from lepton_core.errors import Conflict, LeptonError
from lepton_core.models import algorithm
from lepton_core.update import reason_to_update


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
    run = new_run(call.platform, model, decide(call.store, found.value, call.body, "asked for"))
    return started(call, idempotency.queue_once(call, run, found))


def decide(store: Workspace, model: Model, wanted: UpdateModel, reason: str) -> UpdateJob:
    """The champion's recipe on the newest data, from the champion's weights."""
    if model.champion is None:
        raise Conflict(f"model {model.name!r} has no champion yet; train and deploy it first")
    champion = find.version(store, model.name, model.champion).value
    hyperparameters = given(
        champion.hyperparameters, {"iterations": wanted.iterations, "learning_rate": wanted.learning_rate}
    )
    algorithm(champion.algorithm).configure(hyperparameters)
    latest = find.dataset(store, model.dataset).value.latest
    spec = Spec(
        algorithm=champion.algorithm,
        hyperparameters=hyperparameters,
        dataset=model.dataset,
        dataset_version=latest,
        seed=int(champion.hyperparameters["seed"]),
        preprocessor=champion.preprocessor,
        task=champion.task,
        weight=champion.weight,
        class_weight=champion.class_weight,
    )
    preflight.check(find.dataset_version(store, model.dataset, latest).value, spec)
    return UpdateJob(spec, model.champion, tolerance=model.policy.tolerance, reason=reason)


@bp.schedule(Rate(1, unit=Rate.DAYS), name="update_daily")
def update_daily(event: Any) -> None:
    """Start an update for each deployed model that has a reason for one."""
    platform = current()
    for store, name in due_models(platform.system):
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
        alerts={
            key: alert.value.opened for key, alert in store.each(ALERTS, name) if alert.value.state == "open"
        },
    )
    if reason is None:
        return
    log.info("model %s/%s is updated: %s", store.name, name, reason)
    run = new_run(platform, name, decide(store, model.value, UpdateModel(), reason))
    queue(platform, store, run, model)
    platform.runner.start(store.name, run.id)
