"""A run of training: the trials of a search, the fits, and one new version, which serves if that was asked for."""

from msgspec.structs import replace

from functions.context import Context
from functions.records.kinds import DEPLOYMENTS, VERSIONS, Model, Version, number
from functions.runs.job import TrainJob
from functions.runs.kind import Ending, RunKind
from functions.runs.record import Run, TrainOutcome
from functions.runs.task import Results
from functions.serving.publish import check_answers, left_behind, serve_version
from functions.storage import Workspace, Write
from functions.training import fit, trials
from lepton_core.errors import Damaged


def finish(
    context: Context, store: Workspace, run: Run, job: TrainJob, results: Results, model: Model
) -> Ending:
    """The new version, deployed at once if the job says so; else it challenges the champion, if there is one.

    What no deployment would take is not deployed, and the outcome says why.
    """
    version = fit.new_version(context, store, run, results, model)
    challenger = version.version if model.champion else None
    changed = replace(model, task=version.task, latest=version.version, challenger=challenger)
    writes: list[Write] = [store.put(VERSIONS, model.name, number(version.version), value=version, expect=0)]
    board = trials.leaderboard(context, store, run, job, results)
    outcome = TrainOutcome(version.metrics, board)
    if not job.deploy:
        return Ending(changed, writes, version.version, outcome)
    try:
        check_answers(store, version)
    except Damaged as error:
        refused = replace(outcome, deployed=False, reason=error.message)
        return Ending(changed, writes, version.version, refused)
    switch, said = _switched(context, store, version)
    deployed = replace(outcome, deployed=True, reason=said)
    served = replace(changed, champion=version.version, challenger=None)
    return Ending(served, [*writes, *switch], version.version, deployed)


def _switched(context: Context, store: Workspace, version: Version) -> tuple[list[Write], str]:
    """The writes that make ``version`` serve, whatever served before, and what is to be said of that."""
    current = store.get(DEPLOYMENTS, version.model)
    deployment, writes = serve_version(context, store, version, current, by="training", cause="trained")
    return writes, left_behind(deployment, None if current is None else current.value)


TRAIN = RunKind(TrainJob, plan=trials.plan, work=trials.work, finish=finish, progress=trials.progress)
