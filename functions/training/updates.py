"""Updates that nobody asked for: why a model should be trained again, what that takes, and the run that does it.

An alert that opens (`functions/monitor.py`), and a data version that arrives (`functions/datasets/ingest.py`), write an
intent (`functions/records/intents.py`). `functions/system/pick_up.py` picks it up, and `start` makes a run of it.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from functions.context import Platform, log
from functions.records import find
from functions.records.change import TRIES, until_written
from functions.records.intents import update_wanted
from functions.records.kinds import Model, Version
from functions.runs.ending import cancel
from functions.runs.job import Spec, UpdateJob
from functions.runs.queue import new_run, queue
from functions.runs.record import RUNS, Run, find_run, has_ended
from functions.storage import Stored, Workspace
from functions.storage.protocols import Write
from functions.training import preflight
from functions.training.job import given
from lepton_core.errors import Conflict
from lepton_core.models import algorithm
from lepton_core.update import reason_to_update

T = TypeVar("T")

ASKED_FOR = "asked for"
"""The reason of an update that a caller wanted; any other one came by itself."""


def decide(store: Workspace, model: Model, changes: Mapping[str, Any], reason: str) -> UpdateJob:
    """The champion's recipe, with ``changes``, on the newest data, from the champion's weights.

    Raises `Conflict` without a champion, and `InvalidInput` for a change, or data, that nothing can be learnt from.
    """
    if model.champion is None:
        raise Conflict(f"model {model.name!r} has no champion yet; train and deploy it first")
    champion = find.version(store, model.name, model.champion).value
    hyperparameters = given(champion.hyperparameters, changes)
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


def reason_for(store: Workspace, model: Model) -> str | None:
    """Why the model should be trained again: newer data, or an alert that its newest version did not know of."""
    newest = newest_version(store, model)
    if newest is None:
        return None
    data = find.dataset(store, newest.dataset).value
    return reason_to_update(
        trained_on=newest.dataset_version,
        newest_data=data.latest,
        trained_at=newest.created,
        alerts={key: alert.value.opened for key, alert in find.open_alerts(store, model.name)},
    )


def newest_version(store: Workspace, model: Model) -> Version | None:
    """The newest version of a model, if it has any."""
    return find.version(store, model.name, model.latest).value if model.latest else None


def start(platform: Platform, store: Workspace, name: str, also: tuple[Write, ...] = ()) -> bool:
    """Queue an update of a model if it has a reason for one, with ``also`` in the same transaction.

    False: not now, because another run of it is under way, or its last version is too young by its policy. True: it
    is queued; or there is nothing to do, and ``also`` is all that was written. Errors: `LeptonError`.
    """
    model = find.model(store, name)
    reason = None
    if model.value.state == "active" and model.value.champion and model.value.policy.update == "auto":
        reason = reason_for(store, model.value)
    if reason is None:
        if also:
            platform.system.write(*also)
        return True
    if model.value.run is not None or _is_too_young(platform, store, model.value):
        return False
    run = new_run(platform, name, decide(store, model.value, {}, reason))
    queue(platform, store, run, model, also)
    log.info("model %s/%s is updated: %s", store.name, name, reason)
    platform.runner.start(store.name, run.id)
    return True


def _is_too_young(platform: Platform, store: Workspace, model: Model) -> bool:
    newest = newest_version(store, model)
    if newest is None:
        return False
    # A clock that was set back makes no version too young for longer than the interval itself.
    age = abs(platform.clock() - newest.created)
    return age.total_seconds() < model.policy.least_interval


def go_first(platform: Platform, store: Workspace, name: str, act: Callable[[Stored[Model]], T]) -> T:
    """The value that ``act`` makes of the active model. An update that came by itself makes way for a person's call.

    An update may come at the same moment; so where ``act`` raises `Conflict` and the model was changed by somebody
    else, both are done again.
    """
    for _ in range(TRIES):
        found = make_way(platform, store, name)
        try:
            return act(found)
        except Conflict:
            now = find.active_model(store, name)
            if now.revision == found.revision or not _makes_way(store, now.value):
                raise
    raise Conflict(f"model {name!r} keeps changing; try again")


def make_way(platform: Platform, store: Workspace, name: str) -> Stored[Model]:
    """The active model, whose update that came by itself is cancelled, and asked for again.

    So the update is decided anew after the run that went first: that one may fail, or learn from older data.
    """
    found = find.active_model(store, name)
    if found.value.run is None or not _makes_way(store, found.value):
        return found
    run = find_run(store, found.value.run).value
    reason = f"run {run.id} made way"
    until_written(
        name,
        lambda: platform.system.write(
            update_wanted(platform.system, store.name, name, reason, platform.clock())
        ),
    )
    cancel(platform, store, found.value.run)
    return find.active_model(store, name)


def _makes_way(store: Workspace, model: Model) -> bool:
    """Whether the model has no run under way, or only an update that came by itself."""
    if model.run is None:
        return True
    run = find_run(store, model.run).value
    return not has_ended(run) and isinstance(run.job, UpdateJob) and run.job.reason != ASKED_FOR


def already(store: Workspace, model: Model) -> Run | None:
    """The update that uses the newest data, if one is under way, or made the newest version and nothing came since."""
    if model.run is not None:
        run = find_run(store, model.run).value
        latest = find.dataset(store, model.dataset).value.latest
        return run if isinstance(run.job, UpdateJob) and run.job.spec.dataset_version == latest else None
    newest = newest_version(store, model)
    if newest is None or reason_for(store, model) is not None:
        return None
    made = store.get(RUNS, newest.run)
    return made.value if made is not None and isinstance(made.value.job, UpdateJob) else None
