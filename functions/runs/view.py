"""A run as a caller sees it."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from functions.edge import Call
from functions.records import find
from functions.records.kinds import Problem, Run


class RunView(msgspec.Struct, frozen=True):
    """A run to follow: ``state`` ends in succeeded, failed or cancelled.

    ``trial`` of ``trials`` are done of a search, whose table is in the outcome's ``leaderboard`` when it is over.
    """

    id: str
    model: str
    kind: Literal["train", "evaluate", "update"]
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    iteration: int
    iterations: int
    loss: list[float]
    tasks_done: int
    attempt: int
    created: datetime
    updated: datetime
    trial: int = 0
    trials: int = 0
    note: str = ""
    version: int | None = None
    outcome: dict[str, Any] = {}
    error: Problem | None = None


def started(call: Call[Any], run: Run) -> RunView:
    """Hand a queued run to the runner; the answer is the run to follow."""
    call.platform.runner.start(call.platform, call.store.name, run.id)
    return view(find.run(call.store, run.id).value)


def _brief(seen: RunView) -> RunView:
    """A leaderboard may have a hundred kilobytes; a page of them would be more than a function may answer."""
    outcome = {name: value for name, value in seen.outcome.items() if name != "leaderboard"}
    return replace(seen, outcome=outcome)


def view(run: Run) -> RunView:
    """A run as a caller sees it."""
    return RunView(
        id=run.id,
        model=run.model,
        kind=run.kind,
        state=run.state,
        iteration=run.iteration,
        iterations=run.iterations,
        loss=run.loss,
        tasks_done=len(run.done),
        attempt=run.attempt,
        created=run.created,
        updated=run.updated,
        trial=run.trial,
        trials=run.trials,
        note=run.note,
        version=run.version,
        outcome=run.outcome,
        error=run.error,
    )
