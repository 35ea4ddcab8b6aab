"""The loop: plan -> work* -> plan, until only the ending is left."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool

from functions.platform import Platform, log
from functions.runner.hold import Held, claim
from functions.runner.protocol import Closed, TaskResult, steps_of
from functions.storage import Lost, Workspace
from functions.values import Problem, Run
from lepton_core.errors import LeptonError

Submit = Callable[[Workspace, Run, str], "Future[TaskResult]"]
Never = Callable[[], bool]


def drive(platform: Platform, workspace: str, run_id: str, submit: Submit, stopping: Never) -> None:
    """Take the run up and see it through, or as far as ``stopping`` lets it; nothing happens if another holds it.

    ``submit`` puts one task to work somewhere and returns its future.
    """
    store = platform.workspace(workspace)
    held = claim(platform, store, run_id, platform.new_id("driver"))
    if held is None:
        return
    try:
        _go_on(held, submit, stopping)
    except Lost:
        log.info("run %s was taken over or cancelled; this holder stops", run_id)


def _go_on(held: Held, submit: Submit, stopping: Never) -> None:
    while tasks := steps_of(held.run).plan(held.run):
        if stopping():
            held.release()
            return
        try:
            held, results = _work(held, tasks, submit)
        except BrokenProcessPool:
            held = held.crashed()
            if held.run.crashes > held.platform.settings.attempts:
                held.fail(Problem("internal", "the worker process keeps dying; it may need more memory"))
                return
            continue
        except Closed:
            # The interpreter ends its executors before it calls atexit handlers, so nobody may have told us.
            held.release()
            return
        problems = [result.error for result in results.values() if result.error is not None]
        if problems:
            held.fail(problems[0])
            return
        held = held.absorb(results)
    held.succeed()


def _work(held: Held, tasks: Sequence[str], submit: Submit) -> tuple[Held, dict[str, TaskResult]]:
    """Run the tasks side by side and keep the lease alive meanwhile."""
    futures = {task: submit(held.store, held.run, task) for task in tasks}
    beat = held.platform.settings.lease_seconds / 3
    pending = set(futures.values())
    while pending:
        finished, pending = wait(pending, timeout=beat, return_when=FIRST_COMPLETED)
        if not finished:
            held = held.renew()
    return held, {task: future.result() for task, future in futures.items()}


def work(platform: Platform, store: Workspace, run: Run, task: str) -> TaskResult:
    """Do one task. What the caller did wrong becomes the result's error; so does our own fault, named by an id only."""
    try:
        return steps_of(run).work(platform, store, run, task)
    except LeptonError as error:
        return TaskResult({}, error=Problem(error.code, error.message, error.field))
    except Exception:  # noqa: BLE001  (the run must end with a state that its owner can see, whatever broke)
        log.exception("task %s of run %s failed", task, run.id)
        return TaskResult(
            {}, error=Problem("internal", f"something went wrong on our side; logged under {run.id}")
        )
