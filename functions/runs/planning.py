"""What a run does next: its plan over all results so far, its ending, or the problem that ends it."""

from collections.abc import Mapping

from msgspec.structs import replace

from functions.runs.ending import fail, succeed
from functions.runs.kind import Kinds, kind_of_job
from functions.runs.lease import Held
from functions.runs.perform import failure_of
from functions.runs.record import RESULTS, Run
from functions.runs.task import Failed, Result, Task, is_done
from functions.storage import Lost, Workspace
from lepton_core.errors import Failure, Unavailable


def read_results(store: Workspace, run: Run) -> dict[str, Result]:
    """All results that a run has so far, read once by each holder."""
    return {**run.carried, **{key: kept.value.result for key, kept in store.all(RESULTS, run.id)}}


def next_tasks(held: Held, kinds: Kinds, results: Mapping[str, Result]) -> list[Task]:
    """The next tasks; if there are none, or there is a problem, the run has ended when this returns."""
    problem, done = _problem(held, results), sum(map(is_done, results.values()))
    if problem is None:
        try:
            tasks = kind_of_job(kinds, held.run.job).plan(held.run.job, results)
            if not tasks:
                succeed(held, kinds, results)
            return tasks
        except (Unavailable, Lost):
            raise
        except Exception as error:  # noqa: BLE001  (the run must end with a state that its owner can see)
            problem = failure_of(error, held.run, "the plan or the ending")
    ended = Held(held.context, held.store, replace(held.run, tasks_done=done), held.revision)
    fail(ended, problem)
    return []


def _problem(held: Held, results: Mapping[str, Result]) -> Failure | None:
    """The failure that ends the run: a task that cannot be done, one that keeps dying, or all its seconds spent."""
    settings = held.context.settings
    for result in results.values():
        if isinstance(result, Failed):
            return result.error
    if held.run.crashes >= settings.attempts:
        times = f"a task of it ended without a word {held.run.crashes} times"
        return Failure("internal", f"{times}; it may need more memory")
    if held.run.worked > settings.run_seconds:
        return Failure(
            "too_many", f"it took more than {settings.run_seconds:g} seconds (setting run_seconds)"
        )
    return None
