"""Holders of runs in threads, and what a test asks of them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from functions.context import Context, never
from functions.records.kinds import DUE_RUNS
from functions.runs.kind import Kinds
from functions.runs.lease import claim
from functions.runs.loop import Driver
from functions.runs.perform import Order, Worker
from functions.runs.places.place import Place
from functions.runs.places.threads import Threads
from functions.runs.record import BEGUN, RESULTS, RUNS, Run
from functions.runs.runners import Ended, InlineRunner, LocalRunner
from functions.runs.task import Result
from tests.support.runners import MakeRunner
from tests.support.tiny_runs import run_of, tiny
from tests.support.waiting import happened, joined, until
from tests.support.world import World


def inline(kinds: Kinds | None = None) -> MakeRunner:
    """Runs of these kinds (tiny ones) are driven at once, by their caller."""
    return lambda context, ended: InlineRunner(context, kinds or tiny(), ended)


def drive(context: Context, run: str, kinds: Kinds | None = None, *, workspace: str = "default") -> Run:
    """The run after one holder has seen it through, or as far as it goes."""
    InlineRunner(context, kinds or tiny()).start(workspace, run)
    return run_of(context, run, workspace)


def local(kinds: Kinds, workers: int = 1, drivers: int = 8) -> MakeRunner:
    """Runs of these kinds are driven in the background, their tasks done in threads."""

    def make(context: Context, ended: Ended) -> LocalRunner:
        place = Threads(Worker(context, kinds), workers)
        return LocalRunner(Driver(context, kinds, place, ended), drivers)

    return make


def left_behind(context: Context, run: str, workspace: str = "default") -> list[str]:
    """What there is of a run besides its record: files, results, evidence, the sweeper's pointer."""
    store = context.workspace(workspace)
    records = [f"{kind.name} {key}" for kind in (RESULTS, BEGUN) for key, _ in store.list(kind, run)]  # type: ignore[attr-defined]
    pointers = [key for key, _ in context.system.list(DUE_RUNS) if key == f"{workspace}:{run}"]
    return context.blobs.keys(f"{workspace}/runs/{run}/") + records + pointers


def revision(context: Context, run: str) -> int:
    stored = context.workspace("default").get(RUNS, run)
    assert stored is not None
    return stored.revision


def results_of(context: Context, run: str) -> dict[str, Result]:
    return {key: kept.value.result for key, kept in context.workspace("default").list(RESULTS, run)}


def outlives_its_lease(here: World, run: str, times: int = 4) -> None:
    """Let most of a lease pass, ``times`` times: each time its holder renews it, and nobody else gets the run."""

    def lives() -> bool:
        lease = run_of(here.platform, run).lease
        return lease is not None and (lease.until - here.clock()).total_seconds() >= seconds

    seconds = here.platform.settings.lease_seconds
    until(lives, "the run has a holder")
    for _ in range(times):
        here.clock.forward(0.8 * seconds)
        until(lives, "the lease is renewed")
        assert claim(here.platform, here.platform.workspace("default"), run, "thief") is None


class Gate:
    """Tasks that stop in their middle until they are let through; they leave their file only then."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go_on = threading.Event()
        self.calls: list[str] = []

    def __call__(self, context: Context, run: Run, name: str) -> None:
        self.calls.append(name)
        self.began.set()
        happened(self.go_on, "the task is let through")


class Watched:
    """A place that keeps the futures that it gave."""

    def __init__(self, inner: Place) -> None:
        self._inner = inner
        self.futures: list[Future[Result]] = []

    def submit(self, order: Order) -> "Future[Result]":
        self.futures.append(self._inner.submit(order))
        return self.futures[-1]

    def close(self, grace_seconds: float = 0.0) -> None:
        self._inner.close(grace_seconds)


class Holder(threading.Thread):
    """A holder in a thread, with a place for tasks of its own."""

    def __init__(
        self,
        context: Context,
        run: str,
        kinds: Kinds | None = None,
        *,
        stopping: Callable[[], bool] = never,
        abandoning: Callable[[], bool] = never,
        place: Place | None = None,
    ) -> None:
        super().__init__()
        known = kinds or tiny()
        self.place = Watched(place or Threads(Worker(context, known)))
        self._driver = Driver(context, known, self.place)
        self._drive = lambda: self._driver.drive("default", run, stopping, abandoning)
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._drive()
        except BaseException as error:  # noqa: BLE001  (the test asks for it at the end)
            self.error = error
        self.place.close()

    def end(self) -> None:
        joined(self)
        assert self.error is None, repr(self.error)
