"""The loop: plan -> work* -> plan, until only the ending is left."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from time import monotonic

from functions.context import Platform, log
from functions.records.kinds import RUNS, Problem, Run
from functions.runs.kind import Closed, Died, TaskResult, steps_of
from functions.runs.record import FINISHED, Held, claim, cleanup
from functions.storage import Lost, Workspace
from lepton_core.errors import LeptonError, Unavailable

Submit = Callable[[Workspace, Run, str], "Future[TaskResult]"]


Stopping = Callable[[], bool]


def drive(platform: Platform, workspace: str, run_id: str, submit: Submit, stopping: Stopping) -> None:
    """Take the run up and see it through, or as far as ``stopping`` lets it; nothing happens if another holds it.

    ``submit`` puts one task to work somewhere and returns its future.
    """
    store = platform.workspace(workspace)
    try:
        held = claim(platform, store, run_id, platform.new_id("driver"))
        if held is not None:
            _go_on(held, submit, stopping)
    except Lost:
        log.info("run %s was taken over or cancelled; this holder stops", run_id)
        stored = store.get(RUNS, run_id)
        if stored is not None and stored.value.state in FINISHED:
            cleanup(platform, store, run_id)  # of what our last tasks wrote after the run had ended


def _go_on(held: Held, submit: Submit, stopping: Stopping) -> None:
    while tasks := steps_of(held.run).plan(held.run):
        if stopping():
            held.release()
            return
        join = _Join(held)
        try:
            problem = join.work(tasks, submit, stopping)
        except (BrokenProcessPool, Died):
            held = join.held.crashed()
            if held.run.crashes >= held.platform.settings.attempts:
                held.fail(Problem("internal", "the worker process keeps dying; it may need more memory"))
                return
            continue
        except Closed:
            # The time is up. The interpreter ends its executors before it calls atexit handlers, so nobody may have
            # told us.
            join.held.release()
            return
        held = join.held
        if problem is not None:
            held.fail(problem)
            return
    held.succeed()


class _Join:
    """Tasks side by side. ``held`` is what was written last: each result is recorded as it comes."""

    def __init__(self, held: Held) -> None:
        self.held = held

    def work(self, tasks: Sequence[str], submit: Submit, stopping: Stopping) -> Problem | None:
        """Do the tasks, and keep the lease alive. After a problem, or when ``stopping``, no other one begins.

        Those under way are waited for, and what they found is kept, however it ends.
        """
        pending: dict[Future[TaskResult], str] = {}
        problem: Problem | None = None
        broken: BaseException | None = None
        beat = self.held.platform.settings.lease_seconds / 3
        try:
            for task in tasks:
                pending[submit(self.held.store, self.held.run, task)] = task
            due = monotonic() + beat
            while pending:
                finished, _ = wait(pending, timeout=max(0.0, due - monotonic()), return_when=FIRST_COMPLETED)
                ended = {pending.pop(one): one for one in finished}
                broken = next(filter(None, (one.exception() for one in ended.values())), broken)
                results = {task: one.result() for task, one in ended.items() if one.exception() is None}
                good = {task: result for task, result in results.items() if result.error is None}
                if good or monotonic() >= due:
                    self.held = self.held.absorb(good) if good else self.held.renew()
                    due = monotonic() + beat
                problem = problem or next((one.error for one in results.values() if one.error), None)
                if problem is not None or broken is not None or stopping():
                    pending = {future: task for future, task in pending.items() if not future.cancel()}
        finally:
            wait([future for future in pending if not future.cancel()])
        if broken is not None and problem is None:
            raise broken
        return problem


def work(platform: Platform, store: Workspace, run: Run, task: str) -> TaskResult:
    """Do one task. What the caller did wrong becomes the result's error; so does our own fault, named by an id only."""
    try:
        return steps_of(run).work(platform, store, run, task)
    except Unavailable:
        raise  # it may work for whoever takes the run up next
    except LeptonError as error:
        return TaskResult({}, error=Problem(error.code, error.message, error.field))
    except Exception:  # noqa: BLE001  (the run must end with a state that its owner can see, whatever broke)
        log.exception("task %s of run %s failed", task, run.id)
        return TaskResult(
            {}, error=Problem("internal", f"something went wrong on our side; logged under {run.id}")
        )
