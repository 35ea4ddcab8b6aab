"""Updates that come by themselves: why a model should be trained again, and the run that does it.

An alert that opens (`functions/monitor.py`), and a data version that arrives (`functions/datasets/ingest.py`), write an
intent (`functions/records/intents.py`). `functions/system/pick_up.py` picks it up, and `start` makes a run of it.
"""

from datetime import datetime, timedelta

from functions.context import Platform, log
from functions.records import find
from functions.records.kinds import DEPLOYMENTS, LONGEST_INTERVAL, Model, Version
from functions.runs.new_run import new_run, queue
from functions.storage import Workspace, Write
from functions.training.update_job import update_job
from lepton_core.monitor import OF_CALLS
from lepton_core.update import reason_to_update, unanswered


def start(platform: Platform, store: Workspace, name: str, also: tuple[Write, ...] = ()) -> bool:
    """Queue an update of a model if it has a reason for one, with ``also`` in the same transaction.

    False: not now, because another run of it is under way, a version of it is tried as a canary, or its last version
    is too young by its policy. True: it is queued; or there is nothing to do, and ``also`` is all that was written.
    Errors: `LeptonError`.
    """
    model = find.model(store, name)
    reason = None
    if model.value.state == "active" and model.value.champion and model.value.policy.update == "auto":
        reason = reason_for(store, model.value)
        if reason is None:
            _say_nothing_new(store, model.value)
    if reason is None:
        if also:
            platform.system.write(*also)
        return True
    if model.value.run is not None or _is_too_young(platform, store, model.value) or _tries(store, name):
        return False
    data, memory = data_for(store, model.value), platform.settings.memory_bytes
    job, needed = update_job(store, model.value, {}, reason, data=data, memory_bytes=memory)
    run = new_run(platform, name, job, needed)
    queue(platform, store, run, model, also)
    log.info("model %s/%s is updated: %s", store.name, name, reason)
    platform.runner.start(store.name, run.id)
    return True


def reason_for(store: Workspace, model: Model) -> str | None:
    """Why the model should be trained again: newer data than its newest version has learnt from."""
    newest = newest_version(store, model)
    if newest is None:
        return None
    return reason_to_update(
        trained_on=newest.dataset_version,
        newest_data=data_for(store, model),
        trained_at=newest.created,
        alerts=_alerts(store, model),
    )


def data_for(store: Workspace, model: Model) -> int:
    """The version of its data that a model is trained on by itself: the newest that predicts the same and is not held.

    Unless its policy says so, or a person has trained it on that one.
    """
    newest = newest_version(store, model)
    if newest is None or newest.dataset != model.dataset:
        trained_on, label = 1, None
    else:
        trained_on, label = newest.dataset_version, find.label_of(store, newest)
    found = find.newest_open(store, model.dataset, label, held=model.policy.held == "train")
    return trained_on if found is None else max(found.version, trained_on)


LOOK_AGAIN = timedelta(minutes=1)
"""So long at most an update that waits for the end of a canary is not looked at."""


def waits_until(platform: Platform, store: Workspace, name: str) -> datetime | None:
    """Until when an update waits: for the newest version to be old enough, or the end of a canary to be looked for.

    None if it does not, or a run of the model is under way.
    """
    model = find.model(store, name).value
    newest = newest_version(store, model)
    if newest is None or model.run is not None:
        return None
    if _is_too_young(platform, store, model):
        # A record may hold an interval of more seconds than a time can.
        return newest.created + timedelta(seconds=min(model.policy.least_interval, LONGEST_INTERVAL))
    return platform.clock() + LOOK_AGAIN if _tries(store, name) else None


def _tries(store: Workspace, name: str) -> bool:
    """Whether a version of the model is tried as a canary: what its calls say comes first."""
    deployment = store.get(DEPLOYMENTS, name)
    return deployment is not None and deployment.value.canary is not None


def newest_version(store: Workspace, model: Model) -> Version | None:
    """The newest version of a model, if it has any."""
    return find.version(store, model.name, model.latest).value if model.latest else None


def _is_too_young(platform: Platform, store: Workspace, model: Model) -> bool:
    newest = newest_version(store, model)
    if newest is None:
        return False
    # A clock that was set back makes no version too young for longer than the interval itself.
    age = abs(platform.clock() - newest.created)
    return age.total_seconds() < model.policy.least_interval


def _alerts(store: Workspace, model: Model) -> dict[str, datetime]:
    """When each open alert of drift was opened: no training mends what callers send."""
    return {
        alert.value.name: alert.value.opened
        for _, alert in find.open_alerts(store, model.name)
        if alert.value.name not in OF_CALLS
    }


def _say_nothing_new(store: Workspace, model: Model) -> None:
    """Say in the log that an alert comes to no update, as all the data that may be learnt from is learnt."""
    newest = newest_version(store, model)
    alert = None if newest is None else unanswered(newest.created, _alerts(store, model))
    if newest is not None and alert is not None:
        learnt = newest.dataset_version
        message = f"alert {alert!r} is open, but there is no data to learn from newer than version {learnt}"
        log.info("model %s/%s is not updated: %s", store.name, model.name, message)
