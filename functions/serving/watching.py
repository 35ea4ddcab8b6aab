"""Rollouts are watched: what the calls of a new version say is done, by whoever looks first."""

import dataclasses
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from functions.context import Context, log
from functions.records.change import until_written
from functions.records.deployments import Deployment, Rollout
from functions.records.intents import pointing
from functions.records.kinds import ALARMED, ALERTS, DEPLOYMENTS, ROLLOUTS
from functions.records.readable_key import readable_key
from functions.serving import rollouts
from functions.serving.windows import calls_before, calls_beside, first_hour
from functions.storage import Lost, Stored, Workspace, Write
from lepton_core.monitor import Alert, Fault
from lepton_core.rollout import Bake, Judgement, judge, slow_from

HOURS_JUDGED = 2
"""Calls of so many hours count, the current one included: what fails now is not hidden by what went well yesterday.

Of a canary that is about to be promoted, all calls count. A version that is served no more has those of these hours
before it was replaced.
"""


@dataclass(frozen=True)
class Looked:
    """Whether a rollout was ``changed`` by a look at it, and from how many milliseconds on a call may be slow."""

    changed: bool
    slow_ms: float | None = None


def watch(context: Context, store: Workspace, model: str) -> Looked:
    """Judge the rollout of a model by all calls that are written, and do what is to be done.

    Raises what the stores raise, and `Damaged` if what is to be served cannot answer.
    """
    return until_written(model, partial(_try, context, store, model))


def _try(context: Context, store: Workspace, model: str) -> Looked:
    current = store.get(DEPLOYMENTS, model)
    if current is None or not current.value.is_watched(context.clock()):
        return Looked(False)
    rollout = current.value.rollout
    assert rollout is not None  # noqa: S101  (it is watched)
    judged, slow_ms = _judged(context, store, current.value, rollout)
    if judged.action == "wait":
        return Looked(False, slow_ms)

    def step(found: Stored[Deployment]) -> rollouts.Decided:
        if found.revision != current.revision:
            raise Lost(DEPLOYMENTS.name, model)
        if judged.wrong is None:
            return rollouts.promote(context, store, found, "schedule", judged.reason)
        why = f"{judged.reason}; version {rollout.before} serves again"
        after, writes = rollouts.roll_back(context, store, found, judged.wrong.rule, judged.reason)
        return after, [*writes, *_alarm(context, store, model, judged.wrong, why)]

    rollouts.take(context, store, model, step)
    log.warning("model %s/%s: %s: %s", store.name, model, judged.action, judged.reason)
    return Looked(True)


def _judged(
    context: Context, store: Workspace, deployment: Deployment, rollout: Rollout
) -> tuple[Judgement, float]:
    now, is_canary, is_paused = context.clock(), deployment.canary is not None, rollout.paused is not None
    first = began = first_hour(rollout.began, 1)
    if now < rollout.until or rollout.approval or is_paused:
        first = max(began, first_hour(now, HOURS_JUDGED))
    new, old = calls_beside(store, deployment.model, rollout, first)
    if not is_canary:
        old = calls_before(store, deployment.model, rollout, first_hour(began, HOURS_JUDGED))
        # Of the new version those count that the old one would have answered: of these it refused none.
        old = dataclasses.replace(old, alike=old.refused - old.failed)
    bake = Bake(rollout.version, rollout.before, rollout.until, is_canary, rollout.approval, is_paused)
    return judge(new, old, bake, now), slow_from(old)


def _alarm(context: Context, store: Workspace, model: str, wrong: Fault, message: str) -> list[Write]:
    """The writes that open the alert of a version that was rolled back; the next assessment may close it."""
    now = context.clock()
    alert = Alert(wrong.rule, message, wrong.value, wrong.line, opened=now, seen=now)
    key = readable_key(alert.name, alert.name.encode())
    before = store.get(ALERTS, model, key)
    return [
        store.put(ALERTS, model, key, value=alert, expect=0 if before is None else before.revision),
        *pointing(context.system, ALARMED, store.name, model, model, now),
    ]


def watch_all(context: Context) -> list[tuple[str, str]]:
    """Look at each rollout of every workspace: workspace and model of those that were changed.

    The pointer to one that is over is removed.
    """
    found = list[tuple[str, str]]()
    system = context.system
    for key, due in system.all(ROLLOUTS, passing_over=context.troubles.pass_over):
        store, model = system.of(due.value.workspace), due.value.subject
        about, now = f"watching the rollout of model {store.name}/{model}", context.clock()
        if not context.troubles.may_try(about, now):
            continue
        try:
            current = store.get(DEPLOYMENTS, model)
            if current is None or not current.value.is_watched(context.clock()):
                with suppress(Lost):  # another rollout has begun meanwhile
                    system.write(system.delete(ROLLOUTS, key, expect=due.revision))
            elif watch(context, store, model).changed:
                found.append((store.name, model))
        except Exception as error:  # noqa: BLE001  (the others are watched all the same)
            context.troubles.met(about, error, now)
        else:
            context.troubles.over(about)
    return found
