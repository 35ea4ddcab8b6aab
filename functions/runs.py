"""Runs: follow one, list them, cancel one."""

from typing import Any

from chalice.app import Blueprint
from msgspec.structs import replace

from functions import lookup
from functions.api import Page, RunView
from functions.edge import PAGING, Call, page, route
from functions.runner import Ending, cleanup
from functions.runner.hold import FINISHED, conclude
from functions.storage import Lost
from functions.values import RUNS, Run

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/runs", scope="read", returns=Page[RunView], query=PAGING)
def runs(call: Call[None]) -> Page[RunView]:
    """All runs of the workspace, the newest first, without their leaderboards."""
    found = call.store.list(RUNS, after=call.after, limit=call.limit + 1, reverse=True)
    return page([(key, _brief(view(stored.value))) for key, stored in found], call.limit)


@route(bp, "GET", "/v1/runs/{run}", scope="read", returns=RunView)
def run(call: Call[None], run: str) -> RunView:
    """One run: its state, its progress and loss curve, and its outcome or error."""
    return view(lookup.run(call.store, run).value)


@route(bp, "POST", "/v1/runs/{run}/cancel", scope="write", returns=RunView)
def cancel(call: Call[None], run: str) -> RunView:
    """Stop a run; one that is finished stays as it is."""
    while True:
        stored = lookup.run(call.store, run)
        if stored.value.state in FINISHED:
            return view(stored.value)
        try:
            if conclude(call.platform, call.store, stored, "cancelled", Ending, None):
                cleanup(call.platform, call.store, run)
        except Lost:
            continue


def started(call: Call[Any], run: Run) -> RunView:
    """Hand a queued run to the runner; the answer is the run to follow."""
    call.platform.runner.start(call.platform, call.store.name, run.id)
    return view(lookup.run(call.store, run.id).value)


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
