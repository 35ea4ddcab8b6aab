"""Update: train a challenger from the champion's weights, promote it if it is not worse, serve it."""

from typing import Annotated, Any

from chalice.app import Blueprint, Rate
from msgspec import Meta
from msgspec.structs import replace

from functions.context import current, log
from functions.edge import Call, route
from functions.edge.shapes import Request
from functions.records import find
from functions.records.intents import due_models
from functions.records.kinds import Model
from functions.runs import idempotency
from functions.runs.new_run import new_run
from functions.runs.record import has_ended
from functions.runs.view import RunView, started, whole
from functions.storage import Stored
from functions.training import auto_update
from functions.training.make_way import already, go_first
from functions.training.update_job import ASKED_FOR, asked_for, update_job
from lepton_core.errors import LeptonError

NO_CHANGES = {"iterations": None, "learning_rate": None}


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
    once=True,
)
def update(call: Call[UpdateModel], model: str) -> RunView:
    """Train a challenger on the newest data; it is promoted and served only if held-out rows show it not worse.

    If an update has used the newest data already, or is about to, that one is the answer: nothing new trains nothing,
    and the answer says ``nothing_new``. Data that is held is trained on, too: the run's ``trigger`` says what held it.
    """
    found = find.active_model(call.store, model)
    earlier = idempotency.answered(call, "update", model)
    if earlier is not None:
        return whole(call.store, earlier)
    changes = {"iterations": call.body.iterations, "learning_rate": call.body.learning_rate}
    done = already(call.store, found.value) if changes == NO_CHANGES else None
    if done is not None:
        return replace(whole(call.store, done), nothing_new=has_ended(done))

    memory = call.platform.settings.memory_bytes

    def start(found: Stored[Model]) -> RunView:
        reason = asked_for(call.store, found.value)
        job, needed = update_job(call.store, found.value, changes, reason, memory_bytes=memory)
        run = new_run(call.platform, model, job, needed)
        return started(call, idempotency.queue_once(call, run, found))

    if found.value.run is not None:
        # A refused call changes nothing: it is checked before an update makes way.
        update_job(call.store, found.value, changes, ASKED_FOR, memory_bytes=memory)
    return go_first(call.platform, call.store, model, start)


@bp.schedule(Rate(1, unit=Rate.DAYS), name="update_daily")
def update_daily(event: Any) -> None:
    """Start an update for each deployed model that has a reason for one."""
    platform = current()
    for store, name in due_models(platform.system, platform.troubles.pass_over):
        try:
            auto_update.start(platform, store, name)
        except LeptonError as error:
            log.warning("model %s/%s was not updated: %s", store.name, name, error.message)
        except Exception:  # noqa: BLE001  (the others need their update all the same)
            log.exception("the update of model %s/%s failed", store.name, name)
