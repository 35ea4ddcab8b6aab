"""Runs: follow one, list them, see what a search has tried, cancel one, resume it."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import get_args

import msgspec
from chalice.app import Blueprint

from functions.edge import PAGING, Call, Choice, Count, route
from functions.edge.shapes import Page
from functions.records.files import Blended
from functions.records.intents import pointed_at
from functions.records.kinds import DUE_RUNS, LAST_FAILED, MODELS, VERSIONS, Due, number
from functions.runs import ending
from functions.runs.job import TrainJob, name_of
from functions.runs.planning import read_results
from functions.runs.record import ENDED, POINTS, RUNS, Run, RunState, find_run
from functions.runs.task import CHOICE, Chosen
from functions.runs.view import RunView, started, view, views, whole
from functions.storage import RecordKind
from functions.training import resuming
from functions.training.searching import search_of
from lepton_core.search import Entry, leaderboard

bp = Blueprint(__name__)


class _JobHead(msgspec.Struct, frozen=True):
    type: str


class _Head(msgspec.Struct, frozen=True):
    """Of a run, what it is looked for by: to read the whole of ten thousand takes a second."""

    model: str
    job: _JobHead
    state: RunState


class Leaderboard(msgspec.Struct, frozen=True):
    """What the search of a run has tried so far, the best first; empty without a search, or if nothing was kept of it.

    ``members`` are the models that the version is blended of, once they are chosen; none: one stays alone.
    """

    run: str
    entries: list[Entry]
    members: list[Blended]


_HEADS = RecordKind(RUNS.name, _Head, RUNS.format, RUNS.upgrades)

UNDER_WAY = "under_way"
"""In place of a state: any in which a run has not ended."""

FAILED_LAST = "last_failed"
"""In place of a state: failed, and no run of its model has ended since, nor is one under way; it is not retired."""

NOT_ENDED = frozenset(get_args(RunState)) - ENDED

_POINTS = Count("The most points of a loss curve; 0: none.", default=POINTS, low=0, high=POINTS)


@route(
    bp,
    "GET",
    "/v1/runs",
    scope="read",
    returns=Page[RunView],
    query={
        **PAGING,
        "model": "Only runs of this model.",
        "kind": Choice("Only runs of this kind.", ("train", "evaluate", "update", "score")),
        "state": Choice(
            "Only runs in this state; under_way: queued or running; last_failed: failed, and no run of its model ended "
            "since, nor is one under way; a retired model has none.",
            (*get_args(RunState), UNDER_WAY, FAILED_LAST),
        ),
        "points": _POINTS,
    },
)
def runs(call: Call[None]) -> Page[RunView]:
    """All runs of the workspace, the newest first, without their leaderboards.

    Where few runs are of the model, kind or state that was asked for, a page may hold fewer than its limit, or none,
    and name a next one.
    """
    model, kind, state = call.query.get("model"), call.choice("kind"), call.choice("state")
    states = NOT_ENDED if state == UNDER_WAY else {"failed"} if state == FAILED_LAST else {state}

    def fits(of: str, job: str, now: RunState) -> bool:
        return model in (None, of) and kind in (None, job) and (state is None or now in states)

    points = call.count("points")
    if states <= NOT_ENDED or state == FAILED_LAST:
        pointed = _last_failed(call) if state == FAILED_LAST else _pointed(call, DUE_RUNS)
        fitting = (one for one in pointed if fits(one.model, name_of(one.job), one.state))
        some = list(islice(fitting, call.limit + 1))
        behind = some[call.limit - 1].id if len(some) > call.limit else None
        return Page(views(call.store, some[: call.limit], points), behind)
    found, behind = call.store.search(
        RUNS,
        _HEADS,
        lambda run: fits(run.model, run.job.type, run.state),
        after=call.after,
        limit=call.limit,
        reverse=True,
        # A name has no sign that JSON could write in two ways.
        having=b"" if model is None else b'"model":' + json.dumps(model).encode(),
    )
    return Page(views(call.store, [stored.value for _, stored in found], points), behind)


def _last_failed(call: Call[None]) -> Iterator[Run]:
    for run in _pointed(call, LAST_FAILED):
        model = call.store.get(MODELS, run.model)
        if model is not None and model.value.state == "active" and model.value.run is None:
            yield run


def _pointed(call: Call[None], kind: RecordKind[Due]) -> Iterator[Run]:
    """The runs behind the call's cursor that have a pointer of this kind, the newest first: they are few."""
    pointers = pointed_at(call.platform.system, kind, call.store.name)
    for subject in sorted(pointers, reverse=True):
        if call.after and subject >= call.after:
            continue
        if run := call.store.get(RUNS, subject):
            yield run.value


@route(bp, "GET", "/v1/runs/{run}", scope="read", returns=RunView, query={"points": _POINTS})
def run(call: Call[None], run: str) -> RunView:
    """One run: its state, its progress and loss curve, and its outcome or error."""
    return whole(call.store, find_run(call.store, run).value, call.count("points"))


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
    entries = leaderboard(search_of(found.job, results), found.job.candidates, given)
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
    """Stop a run; one that is finished stays as it is. Until ``resumable_until`` it can be resumed."""
    return view(ending.cancel(call.platform, call.store, run, keeps=True))


@route(bp, "POST", "/v1/runs/{run}/resume", scope="write", returns=RunView, status=202)
def resume(call: Call[None], run: str) -> RunView:
    """Let a run that was cancelled go on with all that it has done; one that is under way stays as it is.

    It ends as if it had never been cancelled. Refused once its results are gone, if its data are, or if the model has
    changed so that the run would make something else of it.
    """
    return started(call, resuming.resume(call.platform, call.store, run))
