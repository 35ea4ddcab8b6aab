"""One task of a run, done: marked as begun, worked on, and its result written as a record of its own."""

import threading
from contextlib import nullcontext
from dataclasses import dataclass

import msgspec

from functions.context import Context, log
from functions.runs.ending import remove_results
from functions.runs.job import EvaluateJob, ScoreJob
from functions.runs.kind import Kinds, kind_of_job
from functions.runs.record import BEGUN, RESULTS, RUNS, Begun, Kept, Run, has_ended, is_over
from functions.runs.score_task import OF_FILES
from functions.runs.task import Failed, Result, Task, files_of, is_done, key_of
from functions.storage import Lost, Workspace
from lepton_core.errors import Failure, LeptonError, Unavailable
from lepton_core.models.learners.one_thread import one_thread


class Order(msgspec.Struct, frozen=True):
    """One task to be done, of a run as its holder last wrote it."""

    workspace: str
    run: Run
    task: Task


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of a task as a value: a result; or ``late``, because the run has ended; or the store that is ``away``."""

    result: Result | None = None
    late: bool = False
    away: str = ""

    def unwrap(self, run_id: str) -> Result:
        """The result, or the error that `Worker.perform` raised."""
        if self.late:
            raise Lost(RUNS.name, run_id)
        if self.result is None:
            raise Unavailable(self.away)
        return self.result


@dataclass(frozen=True)
class Worker:
    """Does tasks, in whichever process."""

    context: Context
    kinds: Kinds

    def perform(self, order: Order) -> Result:
        """Do the task, or one slice of it, with one thread of linear algebra (`docs/adr/0017-one-thread.md`).

        Write its result, and return the result as it is stored afterwards.

        The first result is the result: a task that is done twice leaves what came first. A mistake of the caller
        becomes a `Failed`, and so does our own fault, named by an id only. Raises `Unavailable` if a store is away,
        and `Lost` if the run has ended meanwhile: then nothing of the task is left, unless the run can be resumed.
        """
        store = self.context.workspace(order.workspace)
        try:
            return self._perform(store, order)
        finally:
            _leave_nothing(store, order.run.id)

    def answer(self, order: Order) -> Answer:
        """As `perform`, for a caller in another process: no exception crosses its border."""
        try:
            return Answer(self.perform(order))
        except Lost:
            return Answer(late=True)
        except Unavailable as error:
            return Answer(away=error.message)
        except Exception as error:  # noqa: BLE001  (the run must end with a state that its owner can see)
            return Answer(Failed(failure_of(error, order.run, f"task {key_of(order.task)}")))

    def _perform(self, store: Workspace, order: Order) -> Result:
        key = key_of(order.task)
        stored = store.get(RESULTS, order.run.id, key)
        before = order.run.carried.get(key) if stored is None else stored.value.result
        if before is not None and is_done(before):
            return before
        revision = 0 if stored is None else stored.revision
        if stored is None or stored.value.attempt != order.run.attempt:
            _mark(store, order.run, key, revision)
        made = self._work(store, order, before)
        put = store.put(RESULTS, order.run.id, key, value=Kept(made, order.run.attempt), expect=revision)
        try:
            store.write(put)
        except Lost:
            return _earlier(store, order, key, made)
        _drop(store, frozenset() if before is None else files_of(before) - files_of(made))
        return made

    def _work(self, store: Workspace, order: Order, before: Result | None) -> Result:
        run = order.run
        try:
            # What reads a file has no matrices, and may be where nothing limits threads.
            with nullcontext() if isinstance(order.task, OF_FILES) else one_thread():
                kind = kind_of_job(self.kinds, run.job)
                return kind.work(self.context, store, run, run.job, order.task, before)
        except Unavailable:
            raise  # it may work when the store is back
        except Exception as error:  # noqa: BLE001  (the run must end with a state that its owner can see)
            return Failed(failure_of(error, run, f"task {key_of(order.task)}"))


def failure_of(error: Exception, run: Run, what: str) -> Failure:
    """An error as the run's owner sees it: a mistake of the caller as it is, our own fault as an id in the log.

    It is kept with the run, so its texts are cut. Raises `Unavailable` if this process is ending: from then on modules
    cannot be imported nor threads begun, which is nobody's fault, and the next holder does the work again.
    """
    if isinstance(error, LeptonError):
        return _repeated(error.failure, run).cut()
    if not threading.main_thread().is_alive():
        raise Unavailable("the process that worked on it has ended") from error
    log.error("%s of run %s failed", what, run.id, exc_info=error)
    return Failure("internal", f"something went wrong on our side; logged under {run.id}")


def _repeated(failure: Failure, run: Run) -> Failure:
    """The failure of a run, which offers the rest of what was asked for, or of what the champion had, as well."""
    if not failure.remedies:
        return failure
    from lepton_core.asked_again import asked_again  # noqa: PLC0415  (no prediction needs it)

    return asked_again(
        failure, run.model, {} if isinstance(run.job, EvaluateJob | ScoreJob) else run.job.asked
    )


def _mark(store: Workspace, run: Run, key: str, revision: int) -> None:
    """Leave evidence that the task was begun in this attempt, once: only a task that had begun can be blamed.

    Most tasks are begun once: nothing is read before, unless there is a mark already.
    """
    mark = Begun(run.attempt, revision)
    try:
        store.write(store.put(BEGUN, run.id, key, value=mark, expect=0))
        return
    except Lost:
        found = store.get(BEGUN, run.id, key)
    if found is None or found.value.attempt == run.attempt:
        return
    try:
        store.write(store.put(BEGUN, run.id, key, value=mark, expect=found.revision))
    except Lost:
        log.debug("somebody else began task %s of run %s at the same time", key, run.id)


def _earlier(store: Workspace, order: Order, key: str, made: Result) -> Result:
    """Somebody else wrote a result first: that one counts, and our files go."""
    now = store.get(RESULTS, order.run.id, key)
    _drop(store, files_of(made) - (frozenset() if now is None else files_of(now.value.result)))
    if now is None:
        raise Lost(RESULTS.name, key)  # the run has ended meanwhile
    return now.value.result


def _leave_nothing(store: Workspace, run_id: str) -> None:
    """If the run has ended, remove everything that its late worker wrote, and raise `Lost`.

    The late result of a run that can be resumed stays with its others.
    """
    stored = store.get(RUNS, run_id)
    if stored is not None and has_ended(stored.value):
        if is_over(stored.value):
            remove_results(store, run_id)
        raise Lost(RUNS.name, run_id)


def _drop(store: Workspace, keys: frozenset[str]) -> None:
    for key in keys:
        store.blobs.delete(key)
