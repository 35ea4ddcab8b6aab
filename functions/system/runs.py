"""Runs: follow one, list them, cancel one."""

from chalice.app import Blueprint

from functions.edge import PAGING, Call, page, route
from functions.edge.shapes import Page
from functions.records import find
from functions.records.kinds import RUNS
from functions.runs.kind import Ending
from functions.runs.record import FINISHED, cleanup, conclude
from functions.runs.view import RunView, _brief, view
from functions.storage import Lost

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/runs", scope="read", returns=Page[RunView], query=PAGING)
def runs(call: Call[None]) -> Page[RunView]:
    """All runs of the workspace, the newest first, without their leaderboards."""
    found = call.store.list(RUNS, after=call.after, limit=call.limit + 1, reverse=True)
    return page([(key, _brief(view(stored.value))) for key, stored in found], call.limit)


@route(bp, "GET", "/v1/runs/{run}", scope="read", returns=RunView)
def run(call: Call[None], run: str) -> RunView:
    """One run: its state, its progress and loss curve, and its outcome or error."""
    return view(find.run(call.store, run).value)


@route(bp, "POST", "/v1/runs/{run}/cancel", scope="write", returns=RunView)
def cancel(call: Call[None], run: str) -> RunView:
    """Stop a run; one that is finished stays as it is."""
    while True:
        stored = find.run(call.store, run)
        if stored.value.state in FINISHED:
            return view(stored.value)
        try:
            if conclude(call.platform, call.store, stored, "cancelled", Ending, None):
                cleanup(call.platform, call.store, run)
        except Lost:
            continue
