"""Trials of automatic training: what a run is to try, one trial as a task, and the job that the winner makes."""

import time
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Literal, cast

import msgspec
from msgspec.structs import replace as changed

from functions.context import Context
from functions.records.files import File, write_file
from functions.records.kinds import LearningTask
from functions.runs.job import TrainJob
from functions.runs.record import Progress, Run, file_key
from functions.runs.task import Fitted, Measured, Result, Results, Task, TrialTask
from functions.storage import Workspace
from functions.training import fit
from functions.training.bench import Bench, gather
from functions.training.specs import refits, tried
from lepton_core import search as core
from lepton_core.errors import Diverged, Failure, InvalidData, InvalidInput, LeptonError, Unavailable
from lepton_core.models import ALGORITHMS, algorithm
from lepton_core.table import BY_NAME, ColumnFigures
from lepton_core.validation import fold_result

TRIALS = 20

MOST_TRIALS = 200

TELLING = 0.1
"""The share of its seconds after which a search tells about how many trials there will be: earlier it is a guess."""

MOST_GIVEN_BYTES = 500
"""Given hyperparameters are on every line of the leaderboard."""

MOST_MESSAGE_BYTES = 160


def planned(
    job: TrainJob,
    label: ColumnFigures,
    *,
    auto: bool | Literal["algorithm"],
    trials: int | None = None,
    seconds: float | None = None,
) -> TrainJob:
    """The job with its candidates, if ``auto`` asks for a search; otherwise as it is.

    All that is random is decided here, so nothing of it depends on who does the trials, when and in which order.
    """
    if not auto:
        for field, given in (("trials", trials), ("seconds", seconds)):
            if given is not None:
                raise InvalidInput("goes with auto only", field=field)
        return job
    spec = job.spec
    if len(msgspec.json.encode(spec.hyperparameters)) > MOST_GIVEN_BYTES:
        raise InvalidInput(f"auto takes at most {MOST_GIVEN_BYTES} bytes of them", field="hyperparameters")
    task = spec.task or _task(spec.algorithm, label)
    names = _algorithms(spec.algorithm, task) if auto == "algorithm" else [spec.algorithm]
    most = trials or (TRIALS if seconds is None else MOST_TRIALS)
    return changed(
        job,
        spec=changed(spec, task=task),
        candidates=core.candidates(names, spec.hyperparameters, most, seed=spec.seed),
        seconds=seconds,
    )


def _task(name: str, label: ColumnFigures) -> LearningTask | None:
    """The task, as far as it is known before the data are read."""
    tasks = algorithm(name).tasks
    if len(tasks) == 1:
        return cast(LearningTask, next(iter(tasks)))
    return None if BY_NAME[label.kind].quantitative else "classification"


def _algorithms(own: str, task: str | None) -> list[str]:
    """The model's own algorithm, then by name the others for the same task."""
    tasks = algorithm(own).tasks if task is None else {task}
    return [own, *sorted(name for name, one in ALGORITHMS.items() if name != own and tasks <= one.tasks)]


def search_of(job: TrainJob, results: Results) -> core.Search:
    """The search of a run, as far as it has come."""
    done = {one.trial: one.tried for one in results.values() if isinstance(one, Measured)}
    return core.Search(done, len(job.candidates), job.seconds)


def plan(job: TrainJob, results: Results) -> list[Task]:
    """The trials of a search, then the fit of what won (or of what was asked for).

    Raises the error of the first candidate if all failed.
    """
    fitted = results.get(fit.FIT)
    if isinstance(fitted, Fitted):
        return fit.plan(results, fitted.candidate, refit=refits(job))
    if not job.candidates:
        return fit.plan(results, refit=refits(job))
    search = search_of(job, results)
    trials: list[Task] = [TrialTask(trial) for trial in search.plan()]
    return trials or fit.plan(results, core.winner(search))


def progress(job: TrainJob, results: Results) -> Progress:
    """The progress of a training; while it searches: trials done, trials in all (0: not known yet), and which leads."""
    shown = fit.progress(results)
    if not job.candidates:
        return shown
    search = search_of(job, results)
    trial, trials = search.progress()
    if job.seconds is not None and search.plan() and search.spent() < TELLING * job.seconds:
        trials = 0
    note = shown.note if fit.FIT in results else _leader(search, job)
    return changed(shown, trial=trial, trials=trials, note=note)


def _leader(search: core.Search, job: TrainJob) -> str:
    best = next(iter(core.standings(search)), None)
    if best is None or best.loss is None:
        return "no candidate has a loss yet"
    one = job.candidates[best.candidate]
    drawn = ", ".join(f"{name} {value}" for name, value in one.hyperparameters.items()) or "the defaults"
    what = drawn if one.algorithm == job.spec.algorithm else f"{one.algorithm} with {drawn}"
    folds = len(best.losses)
    return f"best so far: {what}; loss {best.loss:.4g} over {folds} fold{'s' if folds > 1 else ''}"


def try_candidate(
    context: Context, store: Workspace, run: Run, job: TrainJob, trial: core.Trial, before: Result | None
) -> Measured:
    """One trial, or one slice of it: the folds of its rung that are not done yet, as many as there is time for.

    An error of the candidate's own is kept as its result, and the search goes on.
    """
    began = context.clock().timestamp()
    until = time.monotonic() + context.settings.slice_seconds
    bench = context.recent.get((store.name, run.id, "trials"), lambda: gather(store, run.model, job))
    if len(bench.training) < core.FOLDS:
        raise InvalidData(
            f"auto compares by {core.FOLDS} folds of the rows to train on, and there are {len(bench.training)}"
        )
    so_far = before.tried if isinstance(before, Measured) else core.Tried()
    left = core.folds_of(trial.rung)[len(so_far.losses) :]
    spec = tried(job.spec, job.candidates[trial.candidate])
    losses, error = _losses(replace(bench, spec=spec), left, until)
    now = core.Tried(
        losses=(*so_far.losses, *losses),
        spans=(*so_far.spans, (began, context.clock().timestamp())),
        error=None if error is None else Failure(error.code, _cut(error.message)),
    )
    return Measured(trial, now)


def _losses(bench: Bench, folds: Sequence[int], until: float) -> tuple[list[float], LeptonError | None]:
    """The held-out loss of each of ``folds``, one at least, until it is late or one fails."""
    losses: list[float] = []
    try:
        rows = bench.folds(core.FOLDS, seed=bench.spec.seed)
        for fold in folds:
            loss = fold_result(bench.recipe, bench.table, *rows[fold]).loss
            if not isfinite(loss):
                raise Diverged("its loss on held-out rows is not finite")
            losses.append(loss)
            if time.monotonic() >= until:
                break
    except Unavailable:
        raise
    except LeptonError as error:
        return losses, error
    return losses, None


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
