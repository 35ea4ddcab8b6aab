"""Trials of automatic training: what a run is to try, one trial as a task, and the job that the winner makes."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from msgspec.structs import replace as changed
from numpy.typing import NDArray

from functions.context import Context
from functions.records.files import File, write_file
from functions.records.kinds import Hyperparameters, LearningTask
from functions.runs.job import TrainJob, UpdateJob
from functions.runs.record import Progress, Run, file_key
from functions.runs.task import (
    CHOICE,
    LEARNT,
    AssembleTask,
    ChooseTask,
    Chosen,
    Fitted,
    LearnTask,
    Measured,
    Member,
    OutTask,
    Result,
    Results,
    Task,
    TrialTask,
    key_of,
)
from functions.storage import Workspace
from functions.training import fit
from functions.training.bench import Bench, begun_as, gather, too_few
from functions.training.searching import search_of, told
from functions.training.specs import blends, check_calibrates, is_limited, refits, tried
from lepton_core import search as core
from lepton_core.errors import (
    Diverged,
    Failure,
    InvalidInput,
    LeptonError,
    TooLarge,
    Unavailable,
)
from lepton_core.models import ALGORITHMS
from lepton_core.remedy import training

if TYPE_CHECKING:
    from lepton_core.out_of_fold import OutOfFold

TRIALS = 20

MOST_TRIALS = 200

MEMBERS = 5
"""Most models of a blend, if nothing is said: each costs bytes, and time in each prediction."""

TELLING = 0.1
"""The share of its seconds after which a search tells about how many trials there will be: earlier it is a guess."""

MOST_ROWS_OF = {"svm": 20_000}
"""Of more rows an algorithm whose time grows with their square is tried only where the model is of it."""

Auto = bool | Literal["algorithm", "hyperparameters"]
"""Search among all algorithms for a blend (True), or for one of them; or the settings of the model's own."""

MOST_GIVEN_BYTES = 500
"""Given hyperparameters are on every line of the leaderboard."""

MOST_MESSAGE_BYTES = 160

_COMPARES = f"auto compares by {core.FOLDS} folds"


def planned(
    job: TrainJob,
    task: Callable[[], LearningTask],
    *,
    auto: Auto,
    trials: int | None = None,
    seconds: float | None = None,
    members: int | None = None,
    megabytes: float | None = None,
    milliseconds: float | None = None,
    rows: int = 0,
) -> TrainJob:
    """The job with its candidates, if ``auto`` asks for a search; otherwise as it is.

    ``task`` finds what a spec without one is to learn: candidates are all algorithms that can do it.
    All that is random is decided here, so nothing of it depends on who does the trials, when and in which order.
    """
    limits = {"members": members, "megabytes": megabytes, "milliseconds": milliseconds}
    for field, given in ({"trials": trials, "seconds": seconds} | limits).items():
        if given is not None and not auto:
            way = training(auto=True, **{field: given})
            raise InvalidInput(f"goes with auto only: {way}", field=field, remedies=(way,))
    if not auto:
        return job
    for field, given in limits.items():
        if given is not None and auto is not True:
            way = training(auto=True, **{field: given})
            raise InvalidInput(
                f"goes with auto=True only, {auto!r} ends in one model: {way}", field=field, remedies=(way,)
            )
    spec = job.spec
    if len(msgspec.json.encode(spec.hyperparameters)) > MOST_GIVEN_BYTES:
        raise InvalidInput(f"auto takes at most {MOST_GIVEN_BYTES} bytes of them", field="hyperparameters")
    learnt = spec.task or task()
    names = [spec.algorithm] if auto == "hyperparameters" else _algorithms(spec.algorithm, learnt, rows)
    most = trials or (TRIALS if seconds is None else MOST_TRIALS)
    in_time = seconds is not None
    candidates = core.candidates(names, spec.hyperparameters, most, seed=spec.seed, cheap_first=in_time)
    return changed(
        job,
        spec=changed(spec, task=learnt),
        candidates=candidates,
        opener=core.opener(candidates) if in_time else 0,
        seconds=seconds,
        members=(MEMBERS if members is None else members) if auto is True else 0,
        megabytes=megabytes,
        milliseconds=milliseconds,
        repeats=1 if spec.split.rule == "time-1" else core.repeats_for(rows),
    )


def _algorithms(own: str, task: str, rows: int) -> list[str]:
    """The model's own algorithm, then by name the others for the ``task`` that are done with so many rows in time."""
    found = sorted(name for name, one in ALGORITHMS.items() if name != own and task in one.tasks)
    return [own, *(name for name in found if rows <= MOST_ROWS_OF.get(name, rows))]


def plan(job: TrainJob | UpdateJob, results: Results) -> list[Task]:
    """The trials of a search, then the fit of what won, or of what was asked for.

    Raises the error of the first candidate if all failed.
    """
    fitted, chosen = results.get(fit.FIT), results.get(CHOICE)
    if not job.candidates:
        return _besides(job, results) or fit.plan(results, refit=refits(job))
    if isinstance(chosen, Chosen):
        from functions.training import ensembles  # noqa: PLC0415  (no prediction needs it)

        return _besides(job, results, chosen.members) or ensembles.plan(chosen, results, refit=refits(job))
    if isinstance(fitted, Fitted):
        return fit.plan(results, fitted.candidate, refit=refits(job))
    search = search_of(job, results)
    planned = search.plan()
    trials: list[Task] = [
        TrialTask(trial, limit, _found(trial, results))
        for trial, limit in zip(planned, search.limits(planned), strict=True)
    ]
    if trials:
        return trials
    if blends(job):
        from functions.training import ensembles  # noqa: PLC0415  (no prediction needs it)

        return [ensembles.choice(job, search, results)]
    winner = core.winner(search)
    return _besides(job, results, [Member(winner, 1.0)]) or fit.plan(results, winner)


def _besides(job: TrainJob | UpdateJob, results: Results, members: Sequence[Member] = ()) -> list[Task]:
    """What comes before the fit, as long as it is to be learnt; after a search of the ``members`` of the version."""
    if not job.extras.any or LEARNT in results:
        return []
    from functions.training import extras  # noqa: PLC0415  (no prediction needs it)

    return extras.plan(job, results, members)


def _found(trial: core.Trial, results: Results) -> Hyperparameters:
    """The settings that the first fold of the candidate found."""
    first = results.get(key_of(TrialTask(core.Trial(0, trial.candidate))))
    return first.found if trial.rung and isinstance(first, Measured) else {}


def work(
    context: Context,
    store: Workspace,
    run: Run,
    job: TrainJob | UpdateJob,
    task: Task,
    before: Result | None,
) -> Result:
    """One task of a training: a trial, the choice of a blend and its making, or a slice of a fit."""
    match task:
        case TrialTask():
            return try_candidate(context, store, run, job, task, before)
        case ChooseTask():
            from functions.training import ensembles  # noqa: PLC0415  (no prediction needs it)

            return ensembles.choose(context, store, run, job, task)
        case AssembleTask():
            from functions.training import ensembles  # noqa: PLC0415  (no prediction needs it)

            return ensembles.assemble(context, store, run, task)
        case OutTask():
            from functions.training import extras  # noqa: PLC0415  (no prediction needs it)

            return extras.out_slice(context, store, run, task, before)
        case LearnTask():
            from functions.training import extras  # noqa: PLC0415  (no prediction needs it)

            return extras.learn(context, store, run, job, task)
        case _:
            return fit.work(context, store, run, task, before)


def progress(job: TrainJob | UpdateJob, results: Results) -> Progress:
    """The progress of a training; while it searches: trials done, trials in all (0: not known yet), and which leads."""
    from functions.training.stages import at_stage  # noqa: PLC0415  (no prediction needs it)

    if not job.candidates:
        return at_stage(fit.progress(results), job, results)
    search = search_of(job, results)
    trial, trials = search.progress()
    if search.seconds is not None and search.plan() and search.spent() < TELLING * search.seconds:
        trials = 0
    chosen = results.get(CHOICE)
    shown = fit.progress(results)
    if isinstance(chosen, Chosen):
        from functions.training import ensembles  # noqa: PLC0415  (no prediction needs it)

        shown = ensembles.progress(chosen, results)
    note = shown.note or _leader(search, job)
    if shown.note and not isinstance(chosen, Chosen):
        note = "; ".join(filter(None, [told(job, search), note]))
    return at_stage(changed(shown, trial=trial, trials=trials, note=note), job, results)


def _leader(search: core.Search, job: TrainJob | UpdateJob) -> str:
    best = next(iter(core.standings(search)), None)
    if best is None or best.loss is None:
        return "no candidate has a loss yet"
    one = job.candidates[best.candidate]
    drawn = ", ".join(f"{name} {value}" for name, value in one.hyperparameters.items()) or "the defaults"
    what = drawn if one.algorithm == job.spec.algorithm else f"{one.algorithm} with {drawn}"
    folds = len(best.losses)
    return f"best so far: {what}; loss {best.loss:.4g} over {folds} fold{'s' if folds > 1 else ''}"


def try_candidate(
    context: Context,
    store: Workspace,
    run: Run,
    job: TrainJob | UpdateJob,
    task: TrialTask,
    before: Result | None,
) -> Measured:
    """One trial, or one slice of it: the folds of its rung that are not done yet, as many as there is time for.

    An error of the candidate's own is kept as its result, and the search goes on.
    """
    from lepton_core.search.noise import block_losses  # noqa: PLC0415  (no prediction needs it)

    trial, began = task.trial, context.clock().timestamp()
    bench = context.recent.get((store.name, run.id, "trials"), lambda: gather(store, run.model, job))
    if len(bench.training) < core.FOLDS:
        raise too_few(bench, run.model, _COMPARES, "it")
    if isinstance(job, TrainJob) and job.calibrate_asked:
        check_calibrates(job, bench.recipe.task_on(bench.table), run.model)
    so_far = before.tried if isinstance(before, Measured) else core.Tried()
    left = core.folds_of(trial.rung)[len(so_far.losses) :]
    spec = tried(job.spec, job.candidates[trial.candidate])
    spec = changed(spec, hyperparameters={**spec.hyperparameters, **task.found})
    clock = Clock(time.monotonic(), context.settings.slice_seconds, task.seconds)
    begun = begun_as(bench, spec, trial.candidate)
    try:
        # Those of the rung, and all of the cross-validation that it is a part of, which are cut once.
        every = range(core.FOLDS) if trial.rung < len(core.RUNGS) else ()
        dealt = list(begun.trial_folds([*left, *every]))
    except InvalidInput as error:
        if error.field != "folds":
            raise
        raise too_few(bench, run.model, _COMPARES, "it", error) from None
    found, failed, late = _measured(begun, dealt[: len(left)], clock)
    if late and trial.rung:
        failed = None  # it has what it was measured on before
    cost = None
    if found and not trial.rung and isinstance(job, TrainJob) and is_limited(job):
        from functions.training.costs import checked  # noqa: PLC0415  (no prediction needs it)

        cost, failed = checked(job, bench, found[0])
    now = core.Tried(
        losses=(*so_far.losses, *(one.loss for one in found)),
        spans=(*so_far.spans, (began, context.clock().timestamp())),
        error=None if failed is None else Failure(failed.code, _cut(failed.message)),
        blocks=(*so_far.blocks, *(block_losses(one.losses) for one in found if trial.rung < len(core.RUNGS))),
        unseen=_unseen(begun, [held_out for _, held_out in dealt[len(left) :]], trial.rung) if found else 0.0,
        late=late,
    )
    outputs = before.outputs if isinstance(before, Measured) else []
    if (blends(job) or job.extras.any) and found:
        from functions.training import ensembles  # noqa: PLC0415  (no prediction needs it)

        name = f"trial-{trial.rung}-{trial.candidate}"
        outputs = [
            *outputs,
            ensembles.write_outputs(context, store, run, [one.output for one in found], name),
        ]
    first = dict(found[0].found) if found and not trial.rung else {}
    return Measured(trial, now, outputs, first, cost)


def _unseen(bench: Bench, folds: Sequence[NDArray[np.int64]], rung: int) -> float:
    """The share of the rows of all ``folds`` of whose classes those of a rung have none; 0 of values."""
    from lepton_core.out_of_fold import classes_of  # noqa: PLC0415  (no prediction needs it)
    from lepton_core.search.noise import unseen  # noqa: PLC0415
    from lepton_core.target import encode_classes  # noqa: PLC0415

    classes = classes_of(bench.recipe, bench.table)
    if not classes or rung >= len(core.RUNGS):
        return 0.0
    label = bench.table[bench.data.label]
    places = [encode_classes(label.take(fold), classes).y for fold in folds]
    return unseen(places, core.folds_of(rung))


@dataclass(frozen=True)
class Clock:
    """When a trial ``began``, after how many seconds its ``slice`` ends, and after how many it is given up."""

    began: float
    slice: float
    most: float | None

    def slice_over(self) -> bool:
        """Whether the rest is for another slice."""
        return time.monotonic() >= self.began + self.slice

    def given_up(self, _: Any) -> bool:
        """Whether the fit under way is not worth its time."""
        return self.most is not None and time.monotonic() >= self.began + self.most


def _measured(
    bench: Bench, folds: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]], clock: Clock
) -> tuple[list["OutOfFold"], LeptonError | None, bool]:
    """What comes of each of ``folds``, one at least, until its slice ends or one fails; and whether it was given up."""
    from lepton_core.out_of_fold import out_of_fold  # noqa: PLC0415  (no prediction needs it)

    found: list[OutOfFold] = []
    try:
        for rows in folds:
            one = out_of_fold(bench.recipe, bench.table, *rows, clock.given_up)
            if one is None:
                late = TooLarge(f"a fold takes longer than the {clock.most:.2g} s that it may take")
                return found, late, True
            if not isfinite(one.loss):
                raise Diverged("its loss on held-out rows is not finite")
            found.append(one)
            if clock.slice_over():
                break
    except Unavailable:
        raise
    except LeptonError as error:
        return found, error, False
    return found, None, False


def leaderboard(context: Context, store: Workspace, run: Run, job: TrainJob, results: Results) -> File | None:
    """The table of all that a search tried, as a file; None if there was no search."""
    if not job.candidates:
        return None
    entries = core.leaderboard(search_of(job, results), job.candidates, job.spec.hyperparameters)
    key = file_key(context, store, run, "leaderboard")
    return write_file(store, key, msgspec.json.encode(entries))


def _cut(message: str) -> str:
    """The message, or as much of it as a line of the leaderboard holds."""
    raw = message.encode()
    if len(raw) <= MOST_MESSAGE_BYTES:
        return message
    return raw[: MOST_MESSAGE_BYTES - 3].decode(errors="ignore") + "..."
