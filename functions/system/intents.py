"""Intents: what was written to be seen to is picked up at once; the sweep picks up what got lost."""

from typing import Any

from chalice.app import Blueprint

from functions.context import Platform, current, log
from functions.records.intents import update_wanted
from functions.records.kinds import INTENTS, MODELS, DataArrived, Intent, Model, Update
from functions.storage import Lost, Stored, Workspace
from functions.training import updates
from lepton_core.errors import Conflict, LeptonError

bp = Blueprint(__name__)


@bp.lambda_function(name="pick_up")
def pick_up_now(event: Any, context: Any) -> None:
    """Somebody wrote an intent."""
    pick_up(current())


def pick_up(platform: Platform) -> None:
    """Act on every intent, first on those that make others; one that cannot be helped stops no other."""
    found = list(platform.system.all(INTENTS))
    arrived = [(key, intent) for key, intent in found if isinstance(intent.value.what, DataArrived)]
    for key, intent in arrived:
        _guarded(platform, key, intent, _tell_models)
    for key, intent in platform.system.all(INTENTS) if arrived else found:
        if isinstance(intent.value.what, Update):
            _guarded(platform, key, intent, _update)


def _guarded(platform: Platform, key: str, intent: Stored[Intent], act: Any) -> None:
    try:
        act(platform, key, intent)
    except (Lost, Conflict) as error:
        log.debug("intent %s is left for later: %s", key, error)
    except Exception:  # noqa: BLE001  (the others need to be seen to all the same)
        log.exception("intent %s cannot be acted on", key)


def _tell_models(platform: Platform, key: str, intent: Stored[Intent]) -> None:
    """Ask for an update of each model that learns from the dataset and updates by itself; then the intent goes."""
    what = intent.value.what
    assert isinstance(what, DataArrived)  # noqa: S101  (picked by its type)
    store = platform.workspace(what.workspace)
    for name, model in store.all(MODELS):
        if _learns_by_itself(model.value, what.dataset):
            reason = f"data version {what.version} arrived"
            _ask(platform.system, what.workspace, name, reason, what)
    platform.system.write(platform.system.delete(INTENTS, key, expect=intent.revision))


def _learns_by_itself(model: Model, dataset: str) -> bool:
    wanted = model.dataset == dataset and model.policy.update == "auto"
    return wanted and model.state == "active" and model.champion is not None


def _ask(system: Workspace, workspace: str, model: str, reason: str, what: DataArrived) -> None:
    write = update_wanted(system, workspace, model, reason, what.since)
    if write is None:
        return
    try:
        system.write(write)
    except Lost:
        log.debug("an update of model %s/%s was asked for at the same time", workspace, model)


def _update(platform: Platform, key: str, intent: Stored[Intent]) -> None:
    """Start the update, if there is a reason for it; the intent goes in the transaction that queues the run.

    An update that cannot be is not tried again before the next cause, or the next day.
    """
    what = intent.value.what
    assert isinstance(what, Update)  # noqa: S101  (picked by its type)
    gone = platform.system.delete(INTENTS, key, expect=intent.revision)
    try:
        updates.start(platform, platform.workspace(what.workspace), what.model, (gone,))
    except Conflict:
        raise
    except LeptonError as error:
        log.warning("model %s/%s is not updated: %s", what.workspace, what.model, error.message)
        platform.system.write(gone)
