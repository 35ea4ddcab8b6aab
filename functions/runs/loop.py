"""The loop: plan -> work* -> plan, until only the ending is left."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from time import monotonic

from functions.context import Context, log, never
from functions.runs.ending import cleanup
from functions.runs.kind import Kinds, kind_of_job
from functions.runs.lease import Held, claim
from functions.runs.perform import Order, failure_of
from functions.runs.places.place import Closed, Died, Place
from functions.runs.planning import next_tasks, read_results
from functions.runs.record import RUNS, is_over
from functions.runs.task import Failed, Result, Task, is_done, key_of
from functions.storage import Lost
from lepton_core.errors import Unavailable

LOOK_SECONDS = 0.2
"""How often a holder that waits for tasks looks whether it is to stop."""

Stopping = Callable[[], bool]

Yielding = Callable[[bool], bool]
"""Whether to let others have their turn, told whether a task is under way: that one would have to be waited for."""


@dataclass(frozen=True)
class Driver:
    """Drives runs to their endings. ``ended`` is told the workspace and the model of each run that ends."""

    context: Context
    kinds: Kinds
    place: Place
    ended: Callable[[str, str], None] = lambda workspace, model: None
    _alive: set[str] = field(default_factory=set)

    def drive(
        self,
        workspace: str,
        run_id: str,
        stopping: Stopping = never,
        abandoning: Stopping = never,
        yielding: Yielding = lambda under_way: False,
    ) -> bool:
        """Take the run up and see it through, or as far as ``stopping`` lets it; return whether it was taken up.

        It is not if it has ended, or if another holds it.
        ``yielding`` is to let others have their turn: it is asked only once a task is done, so that no turn is in vain.
        After either, tasks under way are waited for, unless ``abandoning``: then their results come late.
        """
        store, owner = self.context.workspace(workspace), self.context.new_id("driver")
        held = None
        try:
            held = claim(self.context, store, run_id, owner, alive=self._alive)
            if held is not None:
                self._see_through(held, _Limits(stopping, abandoning, yielding))
        except Unavailable as error:
            self._alive.add(owner)  # the lease could not even be given back, and yet nobody died
            log.warning("run %s waits: %s", run_id, error.message)
        except Lost:
            log.info("run %s was taken over or cancelled; this holder stops", run_id)
            stored = store.get(RUNS, run_id)
            if stored is not None and stored.value.lease is not None and stored.value.lease.owner == owner:
                self._alive.add(owner)  # our own write, whose answer got lost while the store was away
            if stored is not None and is_over(stored.value):
                cleanup(self.context, store, run_id)  # of what our last tasks wrote after the run had ended
        return held is not None

    def _see_through(self, held: Held, limits: "_Limits") -> None:
        results = read_results(held.store, held.run)
        while True:
            tasks = next_tasks(held, self.kinds, results)
            if not tasks:
                break
            if limits.are_reached(under_way=False):
                held.release()
                return
            join = _Join(held, self, results, limits)
            join.do(tasks)
            held = join.held
            if join.away is not None:
                held.postpone(join.away)
                return
            if join.closed:
                held.release()
                return
        self.ended(held.store.name, held.run.model)


@dataclass
class _Limits:
    """How far one holder goes; ``has_worked``: a task, or a slice of one, was done since it took the run up."""

    stopping: Stopping
    abandoning: Stopping
    yielding: Yielding
    has_worked: bool = False

    def are_reached(self, *, under_way: bool) -> bool:
        """Whether to begin no further task."""
        return self.stopping() or (self.has_worked and self.yielding(under_way))


@dataclass
class _Join:
    """Tasks side by side. ``held`` is what was written last; ``results`` grow as tasks end.

    ``away`` is the message of a store that cannot be reached; ``closed``: the place takes no more tasks, or there is no
    time left for any; ``died``: a task ended without a word.
    """

    held: Held
    driver: Driver
    results: dict[str, Result]
    limits: _Limits
    away: str | None = None
    closed: bool = False
    died: bool = False
    pending: dict["Future[Result]", str] = field(default_factory=dict)

    def do(self, tasks: list[Task]) -> None:
        """Do the tasks, and keep the lease alive. After a problem, or at the limits, no other one begins.

        Those under way are waited for, however it ends; their results are records already.
        """
        beat = self.held.context.settings.lease_seconds / 3
        try:
            self._submit(tasks)
            due = monotonic() + beat
            while self.pending:
                seconds = min(LOOK_SECONDS, max(0.0, due - monotonic()))
                ended, _ = wait(self.pending, timeout=seconds, return_when=FIRST_COMPLETED)
                news = self._take(ended)
                if news or monotonic() >= due:
                    self._write(news)
                    due = monotonic() + beat
                if self._is_over():
                    self._cancel()
                    if self.limits.abandoning():
                        self.closed = True
                        self.pending.clear()
        finally:
            self._cancel()
            left = set(self.pending)
            while left and not self.limits.abandoning():
                left = wait(left, timeout=LOOK_SECONDS).not_done

    def _submit(self, tasks: list[Task]) -> None:
        try:
            for task in tasks:
                order = Order(self.held.store.name, self.held.run, task)
                self.pending[self.driver.place.submit(order)] = key_of(task)
        except Closed:
            self.closed = True

    def _take(self, ended: set["Future[Result]"]) -> bool:
        news = False
        for one in ended:
            key = self.pending.pop(one)
            try:
                self.results[key] = one.result()
                news = self.limits.has_worked = True
            except Died:
                # However many of the tasks side by side die, a round is one crash.
                self.held = self.held if self.died else self.held.crashed()
                self.died = True
            except Unavailable as error:
                self.away = error.message
            except Closed:
                self.closed = True
            except Lost:
                raise
            except Exception as error:  # noqa: BLE001  (the run must end with a state that its owner can see)
                self.results[key] = Failed(failure_of(error, self.held.run, f"task {key}"))
        return news

    def _write(self, news: bool) -> None:
        kind = kind_of_job(self.driver.kinds, self.held.run.job)
        try:
            if news:
                done = sum(map(is_done, self.results.values()))
                self.held = self.held.progressed(kind.progress(self.held.run.job, self.results), done)
            else:
                self.held = self.held.renew()
        except Unavailable as error:
            self.away = error.message

    def _is_over(self) -> bool:
        failed = any(isinstance(one, Failed) for one in self.results.values())
        if failed or self.closed or self.away is not None:
            return True
        return self.limits.are_reached(under_way=any(future.running() for future in self.pending))

    def _cancel(self) -> None:
        self.pending = {future: key for future, key in self.pending.items() if not future.cancel()}
