"""What came of the canaries of updates: what the history of the deployment says, which is written with each change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from functions.records.deployments import Deployment, HistoryEntry
from functions.records.kinds import DEPLOYMENT_HISTORY, DEPLOYMENTS, number
from functions.runs.record import Run, UpdateOutcome
from functions.storage import Workspace

STILL_CANARY = ("canary", "weight", "paused", "resumed", "labels")
"""Changes after which a canary still has its share."""


class RolledOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of the canary that an update made of its challenger.

    While it has its share ``canary`` of the traffic it is 'watched' ``until`` then, 'paused', or 'needs approval'. Else
    it was 'promoted', 'rolled back', or 'replaced' by another decision of somebody. ``by`` says who, or what, decided
    that ('failing', 'slow', 'schedule', the id of a key), and ``reason`` why.
    """

    state: Literal["watched", "paused", "needs approval", "promoted", "rolled back", "replaced"]
    canary: float | None = None
    until: datetime | None = None
    by: str = ""
    reason: str = ""


def came_of(store: Workspace, runs: Sequence[Run]) -> dict[str, RolledOut]:
    """By the id of a run, what came of its canary, of those that began one.

    However many runs of a model there are, its history is read once.
    """
    begun = dict[str, dict[int, str]]()
    for run in runs:
        if isinstance(run.outcome, UpdateOutcome) and run.outcome.rollout is not None:
            begun.setdefault(run.model, {})[run.outcome.rollout] = run.id
    found = dict[str, RolledOut]()
    for model, ids in begun.items():
        current = store.get(DEPLOYMENTS, model)
        ends = _ends(store, model, ids)
        for rollout, run_id in ids.items():
            now = None if current is None else _under_way(current.value, rollout)
            found[run_id] = now or ends.get(rollout, RolledOut("replaced"))
    return found


def _under_way(deployment: Deployment, rollout: int) -> RolledOut | None:
    one, canary = deployment.rollout, deployment.canary
    if one is None or canary is None or one.id != rollout or deployment.state == "stopped":
        return None
    state: Literal["watched", "paused", "needs approval"] = "needs approval" if one.approval else "watched"
    return RolledOut("paused" if one.paused is not None else state, canary.weight, one.until, one.by)


def _ends(store: Workspace, model: str, ids: dict[int, str]) -> dict[int, RolledOut]:
    """How each of these rollouts ended: a key of the history is the number of the change, as the id of a rollout is."""
    ends, open_one = dict[int, RolledOut](), 0
    for key, entry in store.all(DEPLOYMENT_HISTORY, model, after=number(min(ids) - 1)):
        if int(key) in ids:
            open_one = int(key)
        elif open_one and entry.value.cause not in STILL_CANARY:
            ends[open_one] = _end(entry.value)
            open_one = 0
    return ends


def _end(entry: HistoryEntry) -> RolledOut:
    match entry.cause:
        case "promoted" | "rolled back" as state:
            return RolledOut(state, by=entry.by, reason=entry.reason)
    return RolledOut("replaced", by=entry.by, reason=entry.reason)
