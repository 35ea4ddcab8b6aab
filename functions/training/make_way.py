"""An update that came by itself makes way for what a person asks for, and is asked for again."""

from collections.abc import Callable
from typing import TypeVar

from functions.context import Platform
from functions.records import find
from functions.records.change import TRIES, until_written
from functions.records.intents import update_wanted
from functions.records.kinds import Model
from functions.runs.ending import cancel
from functions.runs.job import UpdateJob
from functions.runs.record import RUNS, Run, find_run, has_ended
from functions.storage import Stored, Workspace
from functions.training.auto_update import newest_version, reason_for
from lepton_core.errors import Conflict

T = TypeVar("T")


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
    cancel(platform, store, found.value.run, made_way=True)
    return find.active_model(store, name)


def _makes_way(store: Workspace, model: Model) -> bool:
    """Whether the model has no run under way, or only an update that came by itself."""
    if model.run is None:
        return True
    run = find_run(store, model.run).value
    return not has_ended(run) and isinstance(run.job, UpdateJob) and run.job.by_itself


def already(store: Workspace, model: Model) -> Run | None:
    """The update that uses the newest data, if one is under way, or made the newest version and nothing came since."""
    if model.run is not None:
        run = find_run(store, model.run).value
        latest = find.dataset(store, model.dataset).value.latest
        return run if isinstance(run.job, UpdateJob) and run.job.spec.dataset_version == latest else None
    newest = newest_version(store, model)
    if newest is None or reason_for(store, model) is not None:
        return None
    if newest.dataset_version < find.dataset(store, model.dataset).value.latest:  # which is held
        return None
    made = store.get(RUNS, newest.run)
    return made.value if made is not None and isinstance(made.value.job, UpdateJob) else None
