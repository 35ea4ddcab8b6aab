"""A run as a caller sees it."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from functions.edge import Call
from functions.edge.shapes import ErrorView
from functions.records.files import read_value
from functions.runs.job import Job, ScoreJob, TrainJob, UpdateJob, name_of
from functions.runs.record import (
    POINTS,
    EvaluateOutcome,
    Outcome,
    Run,
    RunState,
    ScoreOutcome,
    TrainOutcome,
    UpdateOutcome,
    find_run,
    thin,
)
from functions.runs.rolled_out import RolledOut, came_of
from functions.storage import Workspace
from lepton_core.evaluate import CrossValidation, HeldOutCurve, PairedTest
from lepton_core.search import Entry

_LEADERBOARD = msgspec.json.Decoder(list[Entry])


class HeldOutLoss(msgspec.Struct, frozen=True):
    """The loss of one version on rows that no training saw; null if it cannot predict them."""

    loss: float | None


class RunOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of a run: figures, and, by its kind, a leaderboard, a cross-validation or a verdict and why.

    ``deployed`` says whether a training that was to deploy its version did so, and ``reason`` then why not, or what
    that left behind. A file that was scored has so many ``rows``, and ``refused`` of them have no prediction; ``until``
    then its result is kept. ``file`` is its name, and ``upload`` under which id it was announced, from the start.
    Of a verdict, ``margin`` is by how much the challenger may be worse, and ``comparison`` what the rows show.
    ``rollout`` is what came of a challenger that won, and became a canary; until it has all of the traffic it is
    not ``promoted``.
    """

    metrics: dict[str, float | None] | None = None
    leaderboard: list[Entry] | None = None
    cross_validation: CrossValidation | None = None
    deployed: bool | None = None
    promoted: bool | None = None
    reason: str | None = None
    champion: HeldOutLoss | None = None
    challenger: HeldOutLoss | None = None
    margin: float | None = None
    comparison: PairedTest | None = None
    trigger: str | None = None
    rollout: RolledOut | None = None
    rows: int | None = None
    refused: int | None = None
    until: datetime | None = None
    file: str | None = None
    upload: str | None = None


class RunView(msgspec.Struct, frozen=True):
    """A run to follow: ``state`` ends in succeeded, failed or cancelled. An update has its ``trigger`` from the start.

    ``by_itself``: nobody asked for the run; it is cancelled where somebody asks for another one of the model, and then
    it has ``made_way``.
    ``nothing_new``: an update was asked for, and nothing came since the last one, which is the answer.
    ``loss`` is the curve of all iterations in a few points, which are evenly spread once the run has ended.
    ``held_out`` is how the judged fit of a training or an update does on rows that it does not see; null where there is
    none, as of an ensemble, of one tree, or of classes by a support vector machine.
    ``trial`` of ``trials`` are done of a search, whose table is in the outcome's ``leaderboard`` when it is over.
    ``stage`` says which fit of how many is under way, where there are several, and the iterations are those of it.
    Of a file that is scored, ``iteration`` of ``iterations`` rows are predicted.
    ``needed_bytes``: about so much memory a training or an update takes; 0 for an evaluation. ``asked`` are the fields
    of the request that began a training: the same body trains like that again. ``resumable_until``: the run was
    cancelled, and until then it can be resumed; null: it cannot.
    """

    id: str
    model: str
    kind: Literal["train", "evaluate", "update", "score"]
    state: RunState
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
    stage: str = ""
    by_itself: bool = False
    made_way: bool = False
    nothing_new: bool = False
    needed_bytes: int = 0
    version: int | None = None
    outcome: RunOutcome = RunOutcome()
    error: ErrorView | None = None
    held_out: HeldOutCurve | None = None
    asked: dict[str, Any] = {}
    resumable_until: datetime | None = None


def started(call: Call[Any], run: Run) -> RunView:
    """Hand a queued run to the runner; the answer is the run to follow."""
    call.platform.runner.start(call.store.name, run.id)
    return whole(call.store, find_run(call.store, run.id).value)


def view(run: Run, points: int = POINTS) -> RunView:
    """A run without its leaderboard, which may have a hundred kilobytes, and without the end of its canary.

    Its curve has at most ``points`` points.
    """
    shown = run.progress
    return RunView(
        id=run.id,
        model=run.model,
        kind=name_of(run.job),  # type: ignore[arg-type]
        state=run.state,
        iteration=shown.iteration,
        iterations=shown.iterations,
        loss=thin(shown.loss, points),
        tasks_done=run.tasks_done,
        attempt=run.attempt,
        created=run.created,
        updated=run.updated,
        trial=shown.trial,
        trials=shown.trials,
        note=shown.note,
        stage=shown.stage,
        by_itself=isinstance(run.job, UpdateJob) and run.job.by_itself,
        made_way=run.made_way,
        needed_bytes=run.needed_bytes,
        version=run.version,
        outcome=_named(run.job, _without_end(run.job) if run.outcome is None else _outcome(run.outcome)),
        error=None if run.error is None else ErrorView.of(run.error),
        held_out=_thinned(shown.held_out, points),
        asked=run.job.asked if isinstance(run.job, TrainJob) else {},
        resumable_until=run.kept_until,
    )


def views(store: Workspace, runs: Sequence[Run], points: int = POINTS) -> list[RunView]:
    """Runs as a list shows them, with what came of the canaries of updates."""
    ends, seen = came_of(store, runs), list[RunView]()
    for run in runs:
        one, end = view(run, points), ends.get(run.id)
        if end is not None:
            outcome = replace(one.outcome, rollout=end, promoted=end.state == "promoted")
            one = replace(one, outcome=outcome)
        seen.append(one)
    return seen


def _thinned(curve: HeldOutCurve | None, points: int) -> HeldOutCurve | None:
    return None if curve is None else dataclasses.replace(curve, points=thin(curve.points, points))


def whole(store: Workspace, run: Run, points: int = POINTS) -> RunView:
    """A run with its leaderboard, if it has one, and at most ``points`` points of its curve. Raises `Damaged`."""
    [seen] = views(store, [run], points)
    if not isinstance(run.outcome, TrainOutcome):
        return seen
    board = run.outcome.leaderboard_inside
    if run.outcome.leaderboard is not None:
        what = f"the leaderboard of run {run.id!r}"
        board = read_value(store, run.outcome.leaderboard, _LEADERBOARD, what)
    return replace(seen, outcome=replace(seen.outcome, leaderboard=board))


def _without_end(job: Job) -> RunOutcome:
    """What is known of a run that has no outcome: why an update was begun."""
    return RunOutcome(trigger=job.reason) if isinstance(job, UpdateJob) else RunOutcome()


def _named(job: Job, outcome: RunOutcome) -> RunOutcome:
    """The outcome with the name of the file that is scored, and with its id, unless it was put into a folder."""
    if not isinstance(job, ScoreJob):
        return outcome
    return replace(outcome, file=job.name, upload=None if job.beside else job.key.rpartition("/")[2])


def _outcome(outcome: Outcome) -> RunOutcome:
    match outcome:
        case TrainOutcome():
            return RunOutcome(
                metrics=outcome.metrics, deployed=outcome.deployed, reason=outcome.reason or None
            )
        case EvaluateOutcome():
            return RunOutcome(metrics=outcome.metrics, cross_validation=outcome.cross_validation)
        case UpdateOutcome():
            verdict = outcome.verdict
            return RunOutcome(
                promoted=verdict.promote and outcome.rollout is None,
                reason=verdict.reason,
                champion=HeldOutLoss(verdict.champion_loss),
                challenger=HeldOutLoss(verdict.challenger_loss),
                margin=verdict.margin,
                comparison=verdict.comparison,
                trigger=outcome.trigger,
            )
        case ScoreOutcome():
            until = None if outcome.file is None else outcome.until
            return RunOutcome(rows=outcome.rows, refused=outcome.refused, until=until)
