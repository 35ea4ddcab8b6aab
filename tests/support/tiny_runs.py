"""A kind of run whose tasks are a few lines each, for tests of the machinery around them.

The hyperparameters of its job name what each task does: a function of `WORK`, under the name up to its first '-'.
A test in threads may bring its own; worker processes know the functions of this module.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from functions.context import Context
from functions.records.files import write_file
from functions.records.kinds import MODELS, LearningTask, Model
from functions.runs.job import EvaluateJob, Spec
from functions.runs.kind import Ending, Kinds, RunKind, by_job
from functions.runs.new_run import new_run, queue
from functions.runs.perform import Worker
from functions.runs.record import EvaluateOutcome, Progress, Run, file_key, find_run
from functions.runs.task import FitTask, Fitted, Folded, FoldTask, Result, Results, Scored, Task, key_of
from functions.settings import Settings
from functions.storage import Workspace
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from lepton_core.errors import InvalidInput, Unavailable
from lepton_core.evaluate import CrossValidation, FoldResult

Work = Callable[[Context, Run, str], None]
"""What a task does, given its run and its name, before it leaves a file and is done."""


def done(context: Context, run: Run, name: str) -> None:
    """Be done."""


def nap(context: Context, run: Run, name: str) -> None:
    """Take a while."""
    time.sleep(asked(run, "seconds"))


def boom(context: Context, run: Run, name: str) -> None:
    """A programming error."""
    raise ZeroDivisionError("the secret of line 7")


def refuse(context: Context, run: Run, name: str) -> None:
    """What the caller did wrong."""
    raise InvalidInput("must be even", field="seven")


def hiccup(context: Context, run: Run, name: str) -> None:
    """Not now: only the third time."""
    if run.attempt < 3:
        raise Unavailable("the store is busy; try again")


def die(context: Context, run: Run, name: str) -> None:
    """End the process, every time."""
    time.sleep(asked(run, "seconds", 0.0))
    os._exit(1)


def once(context: Context, run: Run, name: str) -> None:
    """End the process, the first time."""
    mark = Path(asked(run, "folder"), f"{run.id}-{name}")
    if not mark.exists():
        mark.touch()
        die(context, run, name)


def stay(context: Context, run: Run, name: str) -> None:
    """Say who does the task, in a file of its process's number, and stay until there is a file 'go-on'."""
    folder = Path(asked(run, "folder"))
    (folder / f"{name}.{os.getpid()}").touch()
    while not (folder / "go-on").exists():
        time.sleep(0.01)


WORK: dict[str, Work] = {made.__name__: made for made in (done, nap, boom, refuse, hiccup, die, once, stay)}


def asked(run: Run, name: str, default: Any = None) -> Any:
    """A hyperparameter of the run."""
    return run.job.spec.hyperparameters.get(name, default)


def _rounds(job: EvaluateJob) -> int:
    """How many slices the one task of the run takes; 0: its tasks are folds, each done at once."""
    return int(job.spec.hyperparameters.get("rounds", 0))


def _plan(job: EvaluateJob, results: Results) -> list[Task]:
    if not _rounds(job):
        return [fold for fold in map(FoldTask, range(job.folds)) if key_of(fold) not in results]
    fitted = results.get("fit")
    return [] if isinstance(fitted, Fitted) and fitted.scored else [FitTask()]


def _work(
    work: dict[str, Work],
    context: Context,
    store: Workspace,
    run: Run,
    job: EvaluateJob,
    task: Task,
    before: Result | None,
) -> Result:
    name = str(asked(run, str(task.number) if isinstance(task, FoldTask) else "0"))
    work[name.partition("-")[0]](context, run, name)
    file = write_file(store, file_key(context, store, run, key_of(task)), name.encode())
    if isinstance(task, FoldTask):
        return Folded(FoldResult(loss=0.0, rows=os.getpid(), metrics={}))
    iteration = 1 + (before.iteration if isinstance(before, Fitted) else 0)
    rounds = _rounds(job)
    scored = Scored(file, file, {"pid": os.getpid()}, TASK) if iteration == rounds else None
    return Fitted(file, iteration, rounds, [], scored=scored)


TASK: LearningTask = "classification"


def _finish(
    context: Context, store: Workspace, run: Run, job: EvaluateJob, results: Results, model: Model
) -> Ending:
    """Say in the outcome which process did which task."""
    processes: dict[str, float | None] = {}
    for key, result in results.items():
        if isinstance(result, Folded):
            processes[key] = result.result.rows
        elif isinstance(result, Fitted) and result.scored is not None:
            processes[key] = result.scored.metrics["pid"]
    return Ending(model, outcome=EvaluateOutcome(CrossValidation(0.0, (), {}), processes))


def _progress(job: EvaluateJob, results: Results) -> Progress:
    fitted = results.get("fit")
    iteration = fitted.iteration if isinstance(fitted, Fitted) else 0
    return Progress(iteration=iteration, iterations=_rounds(job))


def tiny(**work: Work) -> Kinds:
    """The tiny kind of run; ``work`` adds to `WORK`."""
    return by_job(RunKind(EvaluateJob, _plan, partial(_work, {**WORK, **work}), _finish, _progress))


def tiny_run(context: Context, *tasks: str, workspace: str = "default", **settings: Any) -> str:
    """Queue a run of these tasks; its id. With ``rounds`` it has one task, which takes so many slices."""
    store = context.workspace(workspace)
    if store.get(MODELS, "m") is None:
        model = Model("m", "logistic_regression", "m", context.clock())
        store.write(store.put(MODELS, "m", value=model, expect=0))
    named: dict[str, Any] = {str(number): task for number, task in enumerate(tasks)}
    spec = Spec("logistic_regression", named | settings, "m", 1)
    run = new_run(context, "m", EvaluateJob(spec, version=1, folds=len(tasks)))
    queue(context, store, run, None)
    return run.id


def run_of(context: Context, run: str, workspace: str = "default") -> Run:
    """The run as stored."""
    return find_run(context.workspace(workspace), run).value


def open_context(folder: Path, settings: Settings) -> Context:
    """A disk store with a clock that goes."""
    return Context(
        blobs=DiskBlobs(folder / "blobs"),
        records=DiskRecords(folder / "records.sqlite"),
        settings=settings,
    )


def open_tiny(folder: Path, settings: Settings) -> Worker:
    """What a worker process opens: a disk store, and the tiny kind of run."""
    return Worker(open_context(folder, settings), tiny())
