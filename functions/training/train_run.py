"""A run of training: the trials of a search, the fits, and one new version."""

from msgspec.structs import replace

from functions.context import Context
from functions.records.kinds import VERSIONS, Model, number
from functions.runs.job import TrainJob
from functions.runs.kind import Ending, RunKind
from functions.runs.record import Run, TrainOutcome
from functions.runs.task import Results
from functions.storage import Workspace
from functions.training import fit, trials


def finish(
    context: Context, store: Workspace, run: Run, job: TrainJob, results: Results, model: Model
) -> Ending:
    """The new version; it challenges the champion, if there is one."""
    version = fit.new_version(context, store, run, results, model)
    challenger = version.version if model.champion else None
    changed = replace(model, task=version.task, latest=version.version, challenger=challenger)
    put = store.put(VERSIONS, model.name, number(version.version), value=version, expect=0)
    board = trials.leaderboard(context, store, run, job, results)
    return Ending(changed, [put], version.version, TrainOutcome(version.metrics, board))


TRAIN = RunKind(TrainJob, plan=trials.plan, work=trials.work, finish=finish, progress=trials.progress)
