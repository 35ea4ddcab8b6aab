"""A run that scores a file of rows: it is cut into parts, each part is predicted, and the parts are joined."""

from functions.context import Context
from functions.records.kinds import Model
from functions.runs.job import ScoreJob
from functions.runs.kind import Ending, RunKind
from functions.runs.record import Progress, Run
from functions.runs.score_task import CutRows, CutTask, JoinedRows, JoinTask, PartTask, ScoredPart
from functions.runs.task import Result, Results, Task, key_of
from functions.storage import Workspace

CUT, JOIN = "cut", "join"


def plan(job: ScoreJob, results: Results) -> list[Task]:
    """The file is cut first, then all parts are predicted, and at last they are joined."""
    cut = results.get(CUT)
    if not isinstance(cut, CutRows):
        return [CutTask()]
    tasks: list[Task] = [PartTask(at, file) for at, file in enumerate(cut.parts)]
    left = [task for task in tasks if key_of(task) not in results]
    if left or JOIN in results:
        return left
    done = parts_of(cut, results)
    return [JoinTask([one.file for one in done], cut.form, any(one.refused for one in done))]


def parts_of(cut: CutRows, results: Results) -> list[ScoredPart]:
    """The parts that are scored, in their order."""
    found = (results.get(f"part-{at}") for at in range(len(cut.parts)))
    return [one for one in found if isinstance(one, ScoredPart)]


def work(
    context: Context, store: Workspace, run: Run, job: ScoreJob, task: Task, before: Result | None
) -> Result:
    """Cut the file, predict one part, or join them."""
    from functions.training import score_work  # noqa: PLC0415  (it has all readers of files)

    return score_work.work(context, store, run, job, task)


def finish(
    context: Context, store: Workspace, run: Run, job: ScoreJob, results: Results, model: Model
) -> Ending:
    """The scored file is kept for a time, and its rows count as traffic of the version that serves."""
    from functions.training import score_work  # noqa: PLC0415  (it has all readers of files)

    cut, joined = results[CUT], results[JOIN]
    if not isinstance(cut, CutRows) or not isinstance(joined, JoinedRows):
        raise ValueError("the file is not scored")
    return score_work.finish(context, store, run, job, cut, joined, parts_of(cut, results), model)


def progress(job: ScoreJob, results: Results) -> Progress:
    """How many rows of how many are predicted."""
    cut = results.get(CUT)
    if not isinstance(cut, CutRows):
        return Progress()
    return Progress(iteration=sum(one.rows for one in parts_of(cut, results)), iterations=cut.rows)


SCORE = RunKind(ScoreJob, plan=plan, work=work, finish=finish, progress=progress)
