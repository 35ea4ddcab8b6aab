"""Runs: follow one, list them, cancel one."""

from chalice.app import Blueprint

from functions.edge import PAGING, Call, page, route
from functions.edge.shapes import Page
from functions.runs import ending
from functions.runs.record import RUNS, find_run
from functions.runs.view import RunView, view, whole

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/runs", scope="read", returns=Page[RunView], query=PAGING)
def runs(call: Call[None]) -> Page[RunView]:
    """All runs of the workspace, the newest first, without their leaderboards."""
    found = call.store.list(RUNS, after=call.after, limit=call.limit + 1, reverse=True)
    return page([(key, view(stored.value)) for key, stored in found], call.limit)


@route(bp, "GET", "/v1/runs/{run}", scope="read", returns=RunView)
def run(call: Call[None], run: str) -> RunView:
    """One run: its state, its progress and loss curve, and its outcome or error."""
    return whole(call.store, find_run(call.store, run).value)


@route(bp, "POST", "/v1/runs/{run}/cancel", scope="write", returns=RunView)
def cancel(call: Call[None], run: str) -> RunView:
    """Stop a run; one that is finished stays as it is."""
    return view(ending.cancel(call.platform, call.store, run))
