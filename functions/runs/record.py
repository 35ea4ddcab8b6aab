"""A run as it is stored: its job, its state, who works on it until when, and how far it has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeVar

import msgspec

from functions.context import Context
from functions.records.files import File
from functions.records.record_upgrades import as_it_was
from functions.runs.job import Job
from functions.runs.run_upgrades import (
    result_with_core_values,
    run_with_asked_calibration,
    run_with_core_values,
    run_with_split,
    run_with_types,
)
from functions.runs.score_task import FirstRow
from functions.runs.task import Result
from functions.storage import RecordKind, Stored, Workspace
from lepton_core.errors import Failure, NotFound
from lepton_core.evaluate import CrossValidation, HeldOutCurve
from lepton_core.promotion import Verdict
from lepton_core.search import Entry

T = TypeVar("T")

RunState = Literal["queued", "running", "succeeded", "failed", "cancelled"]

TRANSITIONS: Mapping[RunState, frozenset[RunState]] = {
    "queued": frozenset({"running", "failed", "cancelled"}),
    "running": frozenset({"running", "succeeded", "failed", "cancelled"}),
    "succeeded": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset({"queued"}),
}
"""Which state may follow which. A run that was cancelled is queued again only if it is resumed."""

ENDED: frozenset[RunState] = frozenset({"succeeded", "failed", "cancelled"})
"""The states in which nobody works on a run."""


POINTS = 200
"""Most points of a curve that are kept to be shown."""


class Lease(msgspec.Struct, frozen=True):
    """The holder of a run, and the time until which nobody else may work on it."""

    owner: str
    until: datetime


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run under way as it is shown: iterations and losses of a fit, ``trial`` of ``trials`` of a search.

    ``stage`` says which fit of how many is under way, where there are several; the iterations are then those of it.
    ``held_out`` are its losses on rows that it does not see, if there are any yet.
    """

    iteration: int = 0
    iterations: int = 0
    loss: list[float] = []
    trial: int = 0
    trials: int = 0
    note: str = ""
    stage: str = ""
    held_out: HeldOutCurve | None = None


class TrainOutcome(msgspec.Struct, frozen=True, omit_defaults=True, tag="train"):
    """The figures of the new version, and the table of a search, if there was one.

    ``deployed``: whether it was deployed, where that was asked for; ``reason`` says why not, or what that left behind.
    ``leaderboard_inside`` is that of a run which ended before the table was a file.
    """

    metrics: dict[str, float | None]
    leaderboard: File | None = None
    leaderboard_inside: list[Entry] | None = None
    deployed: bool | None = None
    reason: str = ""


class EvaluateOutcome(msgspec.Struct, frozen=True, tag="evaluate"):
    """The figures over the folds, and those on the held-out rows."""

    cross_validation: CrossValidation
    metrics: dict[str, float | None]


class UpdateOutcome(msgspec.Struct, frozen=True, tag="update"):
    """The verdict on the challenger; ``trigger`` is why it was trained at all.

    ``rollout``: it was not deployed but became a canary, in the `Rollout` of that id.
    """

    verdict: Verdict
    trigger: str
    rollout: int | None = None


class ScoreOutcome(msgspec.Struct, frozen=True, omit_defaults=True, tag="score"):
    """The scored ``file`` (None: it was removed), called ``name``, of so many ``rows``; ``refused`` have no prediction.

    ``digest`` is that of the version's artifact. ``as_it_came``: the file has the form of the one that came.
    ``ignored`` and ``filled`` are those of `ScoredPart`, the first of them. ``columns``, ``first`` and ``errors`` are
    those of `JoinedRows`, as long as the file is kept.
    """

    file: File | None
    name: str
    rows: int
    refused: int
    digest: str
    until: datetime | None = None
    as_it_came: bool = True
    ignored: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    columns: list[str] = []
    first: list[FirstRow] = []
    errors: list[str] = []


Outcome = TrainOutcome | EvaluateOutcome | UpdateOutcome | ScoreOutcome


class Run(msgspec.Struct, frozen=True):
    """One training, evaluation, update or scoring of a file under way.

    ``attempt`` grows each time somebody takes the run up; a writer that holds an older attempt has lost it.
    ``crashes`` counts the attempts since the last progress in which a task began and ended without a word.
    ``waits`` counts how often in a row a store was away, ``not_before`` is when to try again. ``worked`` are the
    seconds in which somebody held it. ``carried`` are results of a run that began when they were part of its record.
    ``made_way``: it was cancelled for a run that a person asked for. ``needed_bytes``: about so much memory a training
    takes; 0: not known. ``kept_until``: it was cancelled, and all its results are kept until then, so that it can be
    resumed; None: they are not.
    """

    id: str
    model: str
    job: Job
    state: RunState
    created: datetime
    updated: datetime
    attempt: int = 0
    crashes: int = 0
    waits: int = 0
    not_before: datetime | None = None
    worked: float = 0.0
    lease: Lease | None = None
    tasks_done: int = 0
    progress: Progress = Progress()
    version: int | None = None
    outcome: Outcome | None = None
    error: Failure | None = None
    carried: dict[str, Result] = {}
    made_way: bool = False
    needed_bytes: int = 0
    kept_until: datetime | None = None


class Begun(msgspec.Struct, frozen=True):
    """Evidence that a task was begun in an attempt, when its result had ``revision``: without it nobody is blamed."""

    attempt: int
    revision: int


class Kept(msgspec.Struct, frozen=True):
    """The result of one task, as last written, and the ``attempt`` in which that was (0: not known)."""

    result: Result
    attempt: int = 0


RUNS = RecordKind(  # run id
    "runs",
    Run,
    12,
    (
        run_with_types,
        run_with_core_values,
        run_with_split,
        *[as_it_was] * 5,
        run_with_asked_calibration,
        as_it_was,
        as_it_was,
    ),
)
RESULTS = RecordKind("results", Kept, 6, (result_with_core_values, *[as_it_was] * 4))  # run id, task
BEGUN = RecordKind("begun", Begun)  # run id, task


def has_ended(run: Run) -> bool:
    """Whether the run has ended, one way or another."""
    return run.state in ENDED


def is_over(run: Run) -> bool:
    """Whether the run has ended for good: it keeps nothing to be resumed with, and never goes on."""
    return has_ended(run) and run.kept_until is None


def find_run(store: Workspace, run_id: str) -> Stored[Run]:
    """The run. Raises `NotFound`."""
    found = store.get(RUNS, run_id)
    if found is None:
        raise NotFound(f"no run {run_id!r}")
    return found


def transition(run: Run, state: RunState) -> Run:
    """The run in its next state. Raises ``ValueError`` for one that may not follow.

    A run that has ended stays as it is, unless it is resumed; a late holder changes nothing.
    """
    if state not in TRANSITIONS[run.state]:
        raise ValueError(f"a run that is {run.state} does not become {state}")
    return msgspec.structs.replace(run, state=state)


def file_key(context: Context, store: Workspace, run: Run, name: str) -> str:
    """A blob key that nobody else uses: a task that runs twice writes twice, and one of the two is taken."""
    return store.blob("runs", run.id, context.new_id(f"{name}-{run.attempt}"))


def thin(curve: Sequence[T], points: int = POINTS) -> list[T]:
    """At most ``points`` of the curve, evenly spread, the first and the last among them; of one point, the last.

    >>> thin(range(11), 3), thin(range(11), 1), thin(range(11), 0)
    ([0, 5, 10], [10], [])
    """
    if len(curve) <= points:
        return list(curve)
    if points < 2:
        return list(curve[len(curve) - points :])
    return [curve[round(i * (len(curve) - 1) / (points - 1))] for i in range(points)]
