"""Runs: follow one, list them, see what a search has tried, cancel one."""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

import msgspec
from chalice.app import Blueprint

from functions.edge import PAGING, Call, page, route
from functions.edge.shapes import Page
from functions.records.files import Blended
from functions.records.kinds import VERSIONS, number
from functions.runs import ending
from functions.runs.job import TrainJob, name_of
from functions.runs.loop import read_results
from functions.runs.record import RUNS, Run, RunState, find_run
from functions.runs.task import CHOICE, Chosen
from functions.runs.view import RunView, view, whole
from functions.storage import Stored, Workspace
from functions.training import trials
from lepton_core.errors import InvalidInput
from lepton_core.search import Entry, leaderboard

bp = Blueprint(__name__)

Kind = Literal["train", "evaluate", "update"]

FILTERS: Mapping[str, str] = {
    "model": "Only runs of this model.",
    "state": f"Only runs in this state: {', '.join(get_args(RunState))}.",
    "kind": f"Only runs of this kind: {', '.join(get_args(Kind))}.",
}

_CHOICES: Mapping[str, tuple[str, ...]] = {"state": get_args(RunState), "kind": get_args(Kind)}

LOOKED_AT = 2000
"""So many runs one call looks at for those that are wanted; then the page ends, and tells where to go on."""


class Leaderboard(msgspec.Struct, frozen=True):
    """What the search of a run has tried so far, the best first; empty without a search, or once it was cancelled.

    ``members`` are the models that the version is blended of, once they are chosen; none: one stays alone.
    """

    run: str
    entries: list[Entry]
    members: list[Blended]


@route(bp, "GET", "/v1/runs", scope="read", returns=Page[RunView], query={**PAGING, **FILTERS})
def runs(call: Call[None]) -> Page[RunView]:
    """All runs of the workspace, the newest first, without their leaderboards; a page may hold fewer than ``limit``."""
    for key, choices in _CHOICES.items():
        if call.query.get(key, choices[0]) not in choices:
            raise InvalidInput(f"must be one of {', '.join(choices)}", field=key)
    if not call.query.keys() & FILTERS.keys():
        found = call.store.list(RUNS, after=call.after, limit=call.limit + 1, reverse=True)
        return page([(key, view(stored.value)) for key, stored in found], call.limit)
    items, last = list[RunView](), ""
    for seen, (key, stored) in enumerate(_newest_first(call.store, call.after)):
        if len(items) == call.limit or seen == LOOKED_AT:
            return Page(items, last)
        if _is_wanted(stored.value, call.query):
            items.append(view(stored.value))
        last = key
    return Page(items)


def _newest_first(store: Workspace, after: str) -> Iterator[tuple[str, Stored[Run]]]:
    while found := store.list(RUNS, after=after, limit=100, reverse=True):
        yield from found
        after = found[-1][0]


def _is_wanted(run: Run, query: Mapping[str, str]) -> bool:
    has = {"model": run.model, "state": run.state, "kind": name_of(run.job)}
    return all(has[key] == query[key] for key in has if key in query)


@route(bp, "GET", "/v1/runs/{run}", scope="read", returns=RunView)
def run(call: Call[None], run: str) -> RunView:
    """One run: its state, its progress and loss curve, and its outcome or error."""
    return whole(call.store, find_run(call.store, run).value)


@route(bp, "GET", "/v1/runs/{run}/leaderboard", scope="read", returns=Leaderboard)
def run_leaderboard(call: Call[None], run: str) -> Leaderboard:
    """What a search has tried, the best first, and what its version is made of; while it goes on, what there is."""
    found = find_run(call.store, run).value
    if not isinstance(found.job, TrainJob) or not found.job.candidates:
        return Leaderboard(run, [], [])
    ended = whole(call.store, found).outcome.leaderboard
    if ended is not None:
        made = None if found.version is None else call.store.get(VERSIONS, found.model, number(found.version))
        return Leaderboard(run, ended, [] if made is None else made.value.members)
    results = read_results(call.store, found)
    given = found.job.spec.hyperparameters
    entries = leaderboard(trials.search_of(found.job, results), found.job.candidates, given)
    chosen = results.get(CHOICE)
    return Leaderboard(run, entries, _blended(found.job, chosen) if isinstance(chosen, Chosen) else [])


def _blended(job: TrainJob, chosen: Chosen) -> list[Blended]:
    if len(chosen.members) < 2:
        return []
    tried = [(job.candidates[one.candidate], one.weight) for one in chosen.members]
    given = job.spec.hyperparameters
    return [Blended(one.algorithm, {**given, **one.hyperparameters}, weight) for one, weight in tried]


@route(bp, "POST", "/v1/runs/{run}/cancel", scope="write", returns=RunView)
def cancel(call: Call[None], run: str) -> RunView:
    """Stop a run; one that is finished stays as it is."""
    return view(ending.cancel(call.platform, call.store, run))
