"""The tasks of runs and their results: each result is one record, under the run and the task."""

from collections.abc import Mapping

import msgspec

from functions.records.files import Extras, File, Served
from functions.records.kinds import Hyperparameters, LearningTask
from functions.runs.score_task import CutRows, CutTask, JoinedRows, JoinTask, PartTask, ScoredPart
from lepton_core import search as core
from lepton_core.errors import Failure
from lepton_core.evaluate import Calibrated, FoldResult, HeldOutCurve, PairedTest
from lepton_core.table import CONTENT, Split


class Learnt(msgspec.Struct, frozen=True, omit_defaults=True, tag="learn"):
    """What rows out of fold have taught, as a ``file``, and ``why`` probabilities are calibrated as they are."""

    file: File
    why: Calibrated | None = None


class FitTask(msgspec.Struct, frozen=True, omit_defaults=True, tag="fit"):
    """Fit the spec, a slice of time at once; the last slice scores what was made, with what was ``learnt`` besides.

    After a search ``candidate`` is the one that won.
    """

    candidate: int | None = None
    learnt: Learnt | None = None


class RefitTask(msgspec.Struct, frozen=True, omit_defaults=True, tag="refit"):
    """Fit the spec on all rows, a slice of time at once, with what the judged fit has ``found``; it will serve.

    After a search ``candidate`` is the one that won. What was ``learnt`` out of fold is a part of it, too.
    """

    candidate: int | None = None
    found: Hyperparameters = {}
    learnt: Learnt | None = None


class OutTask(msgspec.Struct, frozen=True, tag="out"):
    """Fit the spec without one fold of the rows to train on, a slice of time at once, and predict that fold."""

    number: int


class LearnTask(msgspec.Struct, frozen=True, tag="learn"):
    """Learn ``extras`` from predictions out of fold: those of each member of a blend, with ``weights``, or of one.

    ``outputs`` are of the first ``folds`` of ``among`` folds: for each model its files, one after the other.
    """

    outputs: list[list[File]]
    weights: list[float]
    folds: int
    among: int
    extras: Extras


class TrialTask(msgspec.Struct, frozen=True, omit_defaults=True, tag="trial"):
    """Measure a candidate of a search on the folds of one rung, as far as a slice of time allows.

    It is given up after ``seconds``; None: it is seen through. ``found`` are settings that its first fold found by
    rows that it left out: finding them takes several fits, and one fold's serve for all.
    """

    trial: core.Trial
    seconds: float | None = None
    found: Hyperparameters = {}


class Cost(msgspec.Struct, frozen=True):
    """About what a fitted model costs for ever: ``megabytes`` of its artifact, ``milliseconds`` of one prediction."""

    megabytes: float
    milliseconds: float


class Entrant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A candidate that may be blended: its predictions for the folds, and the ``seconds`` that a fit of it takes.

    ``cost`` is known where there is a limit to it.
    """

    candidate: int
    outputs: list[File]
    seconds: float
    cost: Cost | None = None


class ChooseTask(msgspec.Struct, frozen=True, omit_defaults=True, tag="choose"):
    """Choose which of the ``entrants`` are blended, the best of them first, and with which weights.

    Their predictions are those for the first ``folds`` folds. ``seconds`` are left for the fits; None: as many as it
    takes. The blend may cost so many ``megabytes`` and ``milliseconds``. ``all``: each of them stays;
    ``note`` says who is missing, or what there was no time for. ``defaults`` are the predictions of candidate 0 if it
    is none of the entrants, for fewer folds.
    """

    entrants: list[Entrant]
    folds: int
    seconds: float | None = None
    all: bool = False
    note: str = ""
    megabytes: float | None = None
    milliseconds: float | None = None
    defaults: list[File] = []


CHOICE = "choose"
"""The key of the choice of a run."""

LEARNT = "learn"
"""The key of what a run has learnt from rows out of fold."""


class MemberTask(msgspec.Struct, frozen=True, omit_defaults=True, tag="member"):
    """Fit a ``candidate`` that is blended, a slice of time at once.

    ``served``: on all rows, with what the judged fit has ``found``.
    """

    candidate: int
    served: bool = False
    found: Hyperparameters = {}


class AssembleTask(msgspec.Struct, frozen=True, omit_defaults=True, tag="assemble"):
    """Make one artifact of ``files``, one a member, with their ``weights``; score it, or, if ``served``, keep it.

    ``iterations`` are those of all members, ``learnt`` is what their predictions out of fold have taught.
    """

    files: list[File]
    weights: list[float]
    iterations: int
    served: bool = False
    note: str = ""
    learnt: Learnt | None = None


class FoldTask(msgspec.Struct, frozen=True, tag="fold"):
    """Train on all folds but one, and evaluate on that one."""

    number: int


class HeldOutTask(msgspec.Struct, frozen=True, tag="held_out"):
    """Evaluate a version on its held-out rows."""


class ImportanceTask(msgspec.Struct, frozen=True, tag="importance"):
    """Measure how much each column matters to a version on its held-out rows."""


Task = (
    FitTask
    | RefitTask
    | OutTask
    | LearnTask
    | TrialTask
    | ChooseTask
    | MemberTask
    | AssembleTask
    | FoldTask
    | HeldOutTask
    | ImportanceTask
    | CutTask
    | PartTask
    | JoinTask
)


def key_of(task: Task) -> str:
    """The name of a task within its run.

    >>> key_of(TrialTask(core.Trial(0, 17))), key_of(FitTask())
    ('trial-0-17', 'fit')
    """
    match task:
        case TrialTask(trial):
            return f"trial-{trial.rung}-{trial.candidate}"
        case FoldTask(number):
            return f"fold-{number}"
        case OutTask(number) | PartTask(number):
            return f"{type(task).__struct_config__.tag}-{number}"
        case MemberTask(candidate, served):
            return f"{'refit' if served else 'fit'}-{candidate}"
        case AssembleTask():
            return "refit" if task.served else "fit"
        case _:
            return str(type(task).__struct_config__.tag)


class Compared(msgspec.Struct, frozen=True):
    """The held-out losses of a challenger and its champion, or why the champion cannot predict those rows.

    ``comparison`` says what the rows show of the difference.
    """

    challenger_loss: float
    champion_loss: float | None = None
    champion_error: str | None = None
    comparison: PairedTest | None = None


class Scored(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finished fit: its artifact, its evaluation on the held-out rows, and what of it fits on a line.

    ``split`` is how those rows were chosen; a split by time names the time from which on. ``rows`` it has learnt from.
    """

    artifact: File
    evaluation: File
    metrics: dict[str, float | None]
    task: LearningTask
    compared: Compared | None = None
    split: Split = CONTENT
    rows: int = 0


class Chunk(msgspec.Struct, frozen=True):
    """A part of a long loss curve, written once: so many losses, and the few of them that are shown meanwhile."""

    file: File
    losses: int
    shown: list[float]


class Member(msgspec.Struct, frozen=True):
    """A candidate that is blended, and its weight; those of all members sum to 1."""

    candidate: int
    weight: float


class Chosen(msgspec.Struct, frozen=True, tag="choose"):
    """The members of a blend, the first that which is best alone; one member: it stays alone.

    ``note`` says in words what that is worth, and what was decided for it.
    """

    members: list[Member]
    note: str


class Fitted(msgspec.Struct, frozen=True, omit_defaults=True, tag="fit"):
    """A fit as far as it has come. ``curve`` are the losses that the checkpoint no longer holds.

    A fit that is finished has no checkpoint, as nobody goes on from it: the judged one is ``scored``, with what it has
    ``found`` for a fit on more rows, and the other one is ``served``; that of one member of a blend is ``made``, and
    that of all folds but one has the ``output`` for that fold. ``loss`` is the whole curve thinned. ``warm``: it
    began at the weights of an earlier version. ``candidate`` is that of its task. ``held_out``: the losses of the
    judged fit on rows that it does not see; None for every other fit, and where its algorithm has none before its end.
    """

    checkpoint: File | None
    iteration: int
    iterations: int
    loss: list[float]
    note: str = ""
    warm: bool = False
    curve: list[Chunk] = []
    candidate: int | None = None
    scored: Scored | None = None
    found: Hyperparameters = {}
    served: Served | None = None
    made: Served | None = None
    output: File | None = None
    held_out: HeldOutCurve | None = None


class Measured(msgspec.Struct, frozen=True, omit_defaults=True, tag="trial"):
    """A trial as far as it has come; ``outputs`` are its predictions for the folds, a file a slice, or none.

    ``found`` are the settings that the fit of its first fold found; ``cost`` is that of this fit, if there is a limit.
    """

    trial: core.Trial
    tried: core.Tried
    outputs: list[File] = []
    found: Hyperparameters = {}
    cost: Cost | None = None


class Folded(msgspec.Struct, frozen=True, tag="fold"):
    """One fold, trained and evaluated."""

    result: FoldResult


class Evaluated(msgspec.Struct, frozen=True, tag="held_out"):
    """The figures of a version on its held-out rows."""

    metrics: dict[str, float | None]


class Weighed(msgspec.Struct, frozen=True, tag="importance"):
    """The columns' importance, as a file: there may be many columns."""

    importance: File


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The task cannot be done: this ends the run."""

    error: Failure


Result = (
    Fitted
    | Measured
    | Chosen
    | Learnt
    | Folded
    | Evaluated
    | Weighed
    | CutRows
    | ScoredPart
    | JoinedRows
    | Failed
)
Results = Mapping[str, Result]
"""The results of a run by the key of their task, each as last written."""


def is_done(result: Result) -> bool:
    """Whether nothing is left to do of the task; until then it is done again, from where its result ends.

    >>> is_done(Measured(core.Trial(2, 0), core.Tried(losses=(0.5,))))
    False
    """
    match result:
        case Fitted():
            ends = (result.scored, result.served, result.made, result.output)
            return any(one is not None for one in ends)
        case Measured():
            return result.tried.has_ended(result.trial.rung)
        case _:
            return True


def files_of(result: Result) -> frozenset[str]:
    """The keys of the blobs that a result names."""
    match result:
        case Fitted():
            scored = [] if result.scored is None else [result.scored.artifact, result.scored.evaluation]
            alone = [one for one in (result.checkpoint, result.output) if one is not None]
            chunks = (chunk.file for chunk in result.curve)
            fits = [one.artifact for one in (result.served, result.made) if one is not None]
            return frozenset(file.key for file in (*alone, *chunks, *scored, *fits))
        case Measured():
            return frozenset(file.key for file in result.outputs)
        case Weighed():
            return frozenset({result.importance.key})
        case Learnt() | ScoredPart() | JoinedRows():
            return frozenset({result.file.key})
        case CutRows():
            return frozenset(file.key for file in result.parts)
        case _:
            return frozenset()
