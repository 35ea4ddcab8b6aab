"""Trials of automatic training: what a run is to try, one trial as a task, and the job that the winner makes."""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from math import isfinite
from typing import Any, Literal

import msgspec
from msgspec.structs import replace as changed

from functions.context import Platform
from functions.records.kinds import DatasetVersion, Run
from functions.runs.kind import TaskResult
from functions.storage import Workspace
from functions.training.bench import Bench, gather
from functions.training.job import Job, search_of
from lepton_core import search as core
from lepton_core.errors import Diverged, InvalidData, InvalidInput, LeptonError, Unavailable
from lepton_core.models import ALGORITHMS, algorithm
from lepton_core.validation import fold_result, fold_rows

TRIALS = 20


MOST_TRIALS = 200


MOST_GIVEN_BYTES = 500
"""What is given is on every line of the leaderboard, and a record holds all of that."""


MOST_MESSAGE_BYTES = 160


def planned(
    job: Job,
    data: DatasetVersion,
    *,
    auto: bool | Literal["algorithm"],
    trials: int | None = None,
    seconds: float | None = None,
) -> Job:
    """The job with its candidates, if ``auto`` asks for a search; otherwise as it is.

    All that is random is decided here, so nothing of it depends on who does the trials, when and in which order.
    """
    if not auto:
        for field, given in (("trials", trials), ("seconds", seconds)):
            if given is not None:
                raise InvalidInput("goes with auto only", field=field)
        return job
    if len(msgspec.json.encode(job.hyperparameters)) > MOST_GIVEN_BYTES:
        raise InvalidInput(f"auto takes at most {MOST_GIVEN_BYTES} bytes of them", field="hyperparameters")
    task = job.task or _task(job.algorithm, data)
    names = _algorithms(job.algorithm, task) if auto == "algorithm" else [job.algorithm]
    most = trials or (TRIALS if seconds is None else MOST_TRIALS)
    found = core.candidates(names, job.hyperparameters, most, seed=job.seed)
    return changed(
        job,
        task=task,
        folds=core.FOLDS,
        seconds=seconds,
        candidates=[asdict(one) for one in found],
    )


def _task(name: str, data: DatasetVersion) -> str | None:
    """What is to be learnt, as far as it is known before the data are read."""
    tasks = algorithm(name).tasks
    label = next(column for column in data.columns if column.name == data.label)
    if len(tasks) == 1:
        return next(iter(tasks))
    return "classification" if label.kind == "category" else None


def _algorithms(own: str, task: str | None) -> list[str]:
    """The model's own algorithm, then by name the others for the same task."""
    tasks = algorithm(own).tasks if task is None else {task}
    return [own, *sorted(name for name, one in ALGORITHMS.items() if name != own and tasks <= one.tasks)]


def plan(run: Run) -> list[str]:
    """The next trials; none if there is nothing to search, or if that is over."""
    job = Job.of(run)
    return search_of(run, job).plan() if job.candidates and "fit" not in run.done else []


def progress(run: Run) -> Run:
    """What is shown of a run while it searches: trials done, trials in all (about), and who leads."""
    job = Job.of(run)
    if not job.candidates or "fit" in run.done:
        return run
    search = search_of(run, job)
    trial, trials = search.progress()
    return changed(run, trial=trial, trials=trials, note=_leader(search, job))


def _leader(search: core.Search, job: Job) -> str:
    best = next(iter(core.standings(search)), None)
    if best is None or best.loss is None:
        return "no candidate has a loss yet"
    one = job.candidates[best.candidate]
    drawn = ", ".join(f"{name} {value}" for name, value in one["hyperparameters"].items()) or "the defaults"
    what = drawn if one["algorithm"] == job.algorithm else f"{one['algorithm']} with {drawn}"
    folds = len(best.losses)
    return f"best so far: {what}; loss {best.loss:.4g} over {folds} fold{'s' if folds > 1 else ''}"


def work(platform: Platform, store: Workspace, run: Run, task: str) -> TaskResult:
    """One trial, or one slice of it: the folds of its rung that are not done yet, as many as there is time for.

    An error of the candidate's own is kept as its result, and the search goes on.
    """
    began = platform.clock().timestamp()
    until = time.monotonic() + platform.settings.slice_seconds
    job = Job.of(run)
    bench = platform.recent.get((store.name, run.id, "trials"), lambda: gather(store, run.model, job))
    if len(bench.training) < core.FOLDS:
        raise InvalidData(
            f"auto compares by {core.FOLDS} folds of the rows to train on, and there are {len(bench.training)}"
        )
    before = run.done.get(task, {"losses": [], "spans": []})
    rung, candidate = core.place(task)
    left = core.folds_of(rung)[len(before["losses"]) :]
    losses, error = _losses(replace(bench, job=job.tried(candidate)), left, until)
    summary: dict[str, Any] = {
        "losses": [*before["losses"], *losses],
        "spans": [*before["spans"], [began, platform.clock().timestamp()]],
    }
    if error is not None:
        summary["error"] = {"code": error.code, "message": _cut(error.message)}
    return TaskResult(summary)


def _losses(bench: Bench, folds: Sequence[int], until: float) -> tuple[list[float], LeptonError | None]:
    """The held-out loss of each of ``folds``, one at least, until it is late or one fails."""
    losses: list[float] = []
    try:
        rows = fold_rows(bench.recipe, bench.table, bench.training, core.FOLDS, seed=bench.job.seed)
        for fold in folds:
            loss = fold_result(bench.recipe, bench.table, *rows[fold])["loss"]
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


def leaderboard(run: Run) -> dict[str, Any]:
    """What the outcome of a run says of its search."""
    job = Job.of(run)
    if not job.candidates:
        return {}
    candidates = [core.Candidate(**one) for one in job.candidates]
    return {"leaderboard": core.leaderboard(search_of(run, job), candidates, job.hyperparameters)}


def _cut(message: str) -> str:
    """The message, or as much of it as a line of the leaderboard holds."""
    raw = message.encode()
    if len(raw) <= MOST_MESSAGE_BYTES:
        return message
    return raw[: MOST_MESSAGE_BYTES - 3].decode(errors="ignore") + "..."
