"""A run of training: the trials of a search, the fit, and one new version."""

from msgspec.structs import replace

from functions.context import Context
from functions.records.kinds import VERSIONS, Model, number
from functions.runs.job import TrainJob
from functions.runs.kind import Ending, RunKind
from functions.runs.record import Run, TrainOutcome
from functions.runs.task import FitTask, Result, Results, Task, TrialTask
from functions.storage import Workspace
from functions.training import trials
from functions.training.fit import fit_slice, new_version, the_fit


def work(
    context: Context, store: Workspace, run: Run, job: TrainJob, task: Task, before: Result | None
) -> Result:
    """One task of a training: a trial, or a slice of the fit."""
    match task:
        case TrialTask(trial):
            return trials.try_candidate(context, store, run, job, trial, before)
        case FitTask():
            return fit_slice(context, store, run, task, before)
        case _:
            raise ValueError(f"a training has no task {task}")


def finish(
    context: Context, store: Workspace, run: Run, job: TrainJob, results: Results, model: Model
) -> Ending:
    """The new version; it challenges the champion, if there is one."""
    fitted, scored = the_fit(results)
    version = new_version(context, store, run, fitted, scored, model)
    challenger = version.version if model.champion else None
    changed = replace(model, task=version.task, latest=version.version, challenger=challenger)
    put = store.put(VERSIONS, model.name, number(version.version), value=version, expect=0)
    board = trials.leaderboard(context, store, run, job, results)
    return Ending(changed, [put], version.version, TrainOutcome(version.metrics, board))


TRAIN = RunKind(TrainJob, plan=trials.plan, work=work, finish=finish, progress=trials.progress)
