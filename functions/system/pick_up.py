"""Pick up intents, at once; the sweep picks up those whose call got lost."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from chalice.app import Blueprint

from functions.context import Platform, current, log
from functions.records.change import until_written
from functions.records.intents import put_off, update_wanted
from functions.records.kinds import INTENTS, MODELS, DataArrived, Intent, Model, UpdateWanted
from functions.storage import Delete, Lost, Stored
from functions.training import auto_update
from lepton_core.errors import Conflict, Damaged, LeptonError, TooMany, Unavailable

bp = Blueprint(__name__)


@bp.lambda_function(name="pick_up")
def pick_up_now(event: Any, context: Any) -> None:
    """Somebody wrote an intent."""
    pick_up(current())


def pick_up(platform: Platform) -> None:
    """Act on every intent, first on those that make others; one that cannot be helped stops no other."""
    found = _intents(platform)
    causes = [(key, intent, intent.value.what) for key, intent in found]
    arrived = [(key, intent, what) for key, intent, what in causes if isinstance(what, DataArrived)]
    for key, intent, what in arrived:
        _guarded(platform, key, intent, partial(_tell_models, platform, what))
    full: set[str] = set()  # workspaces that have as many runs as they may
    for key, intent in _intents(platform) if arrived else found:
        wanted = intent.value.what
        if isinstance(wanted, UpdateWanted) and wanted.workspace not in full:
            _guarded(platform, key, intent, partial(_update, platform, intent.revision, wanted, full))


def _intents(platform: Platform) -> list[tuple[str, Stored[Intent]]]:
    return list(platform.system.all(INTENTS, passing_over=platform.troubles.pass_over))


def _guarded(platform: Platform, key: str, intent: Stored[Intent], act: Callable[[Delete], None]) -> None:
    """Act on an intent, given the write by which it goes.

    A failure that may pass leaves it. Any other removes it: it is not tried again before the next cause, or the
    daily schedule.
    """
    gone = platform.system.delete(INTENTS, key, expect=intent.revision)
    try:
        try:
            act(gone)
        except (Lost, Conflict, Unavailable):
            raise
        except LeptonError as error:
            log.warning("intent %s comes to nothing: %s", key, error.message)
            platform.system.write(gone)
        except Exception:  # noqa: BLE001  (the others need to be seen to all the same)
            log.exception("intent %s comes to nothing", key)
            platform.system.write(gone)
    except (Lost, Conflict) as error:
        log.debug("intent %s is left for later: %s", key, error)
    except Unavailable as error:
        platform.troubles.met(f"intent {key}", error, platform.clock())


def _tell_models(platform: Platform, what: DataArrived, gone: Delete) -> None:
    """Ask for an update of each model that learns from the dataset and updates by itself; then the intent goes."""
    store = platform.workspace(what.workspace)
    for name, model in store.all(MODELS, passing_over=platform.troubles.pass_over):
        if not _learns_by_itself(model.value, what.dataset):
            continue
        try:
            until_written(name, partial(_ask, platform, name, what))
        except Damaged as error:
            platform.troubles.pass_over(error)
    platform.system.write(gone)


def _learns_by_itself(model: Model, dataset: str) -> bool:
    wanted = model.dataset == dataset and model.policy.update == "auto"
    return wanted and model.state == "active" and model.champion is not None


def _ask(platform: Platform, model: str, what: DataArrived) -> None:
    reason = f"data version {what.version} arrived"
    platform.system.write(update_wanted(platform.system, what.workspace, model, reason, what.since))


def _update(platform: Platform, revision: int, what: UpdateWanted, full: set[str], gone: Delete) -> None:
    """Start the update, if there is a reason for it; the intent goes in the transaction that queues the run.

    An intent from the future comes from a clock that was wrong: it waits for nothing.
    """
    now, quiet = platform.clock(), timedelta(seconds=platform.settings.quiet_seconds)
    until = max(what.since + quiet, what.not_before or what.since)
    if what.since <= now < until:
        return
    store = platform.workspace(what.workspace)
    try:
        if not auto_update.start(platform, store, what.model, (gone,)):
            _put_off(platform, revision, what)
    except TooMany as error:
        full.add(what.workspace)
        raise Conflict(error.message) from error


def _put_off(platform: Platform, revision: int, what: UpdateWanted) -> None:
    """Leave the intent alone as long as the newest version of its model is too young, or a canary may go on.

    It is decided anew if the policy changes; and an update is each day, whatever its intent says.
    """
    until = auto_update.waits_until(platform, platform.workspace(what.workspace), what.model)
    if until is not None:
        platform.system.write(put_off(platform.system, what, revision, until))
