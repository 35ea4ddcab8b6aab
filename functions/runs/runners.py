"""Runners have runs driven: by the caller, by the sweep, or by threads of this process."""

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable

from functions.context import Context, log, never
from functions.runs.kind import Kinds
from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.inline import Inline
from functions.runs.places.place import Place
from functions.runs.places.threads import Threads

DRIVERS = 8
"""Runs driven at once; further ones wait. A driver only plans and writes records, so this costs no core."""

TURN_SECONDS = 5.0
"""How long a run is driven at least before it makes way for a workspace that has no driver, where each has one at most.

To give it back costs a claim and a read of its results, which is little beside some seconds of work.
"""

LOOKS_WITHIN = 1.0
"""Seconds within which a driver with no task under way looks again; after that it is taken to be held up."""

MERCY_SECONDS = 1.0
"""How much longer than its grace a close waits for drivers that give their runs back: a store may not answer them."""

Ended = Callable[[str, str], None]


class InlineRunner:
    """Drives a run before `start` returns, its tasks one after the other in the same thread: for tests."""

    def __init__(self, context: Context, kinds: Kinds, ended: Ended = lambda workspace, model: None) -> None:
        self._driver = Driver(context, kinds, Inline(Worker(context, kinds)), ended)

    def start(self, workspace: str, run: str) -> None:
        """Drive it to its end."""
        self._driver.drive(workspace, run)

    def take_up(self, workspace: str, run: str, stopping: Callable[[], bool] = never) -> None:
        """Drive it to its end, or until ``stopping``."""
        self._driver.drive(workspace, run, stopping)

    def close(self, grace_seconds: float = 0.0) -> None:
        """Nothing is ever under way between calls."""


class DeferredRunner:
    """Leaves new runs to the sweep, and drives in the caller's time those that are taken up.

    Their tasks are done in the place that ``place`` opens for each run.
    """

    def __init__(
        self,
        context: Context,
        kinds: Kinds,
        ended: Ended = lambda workspace, model: None,
        place: Callable[[], Place] | None = None,
    ) -> None:
        self._context = context
        self._kinds = kinds
        self._ended = ended
        # The tasks have threads of their own: this one keeps the lease alive, however long a task takes.
        self._place = place or (lambda: Threads(Worker(context, kinds)))

    def start(self, workspace: str, run: str) -> None:
        """Leave it to the sweep."""

    def take_up(self, workspace: str, run: str, stopping: Callable[[], bool] = never) -> None:
        """Drive it here, unless there is no time left."""
        if stopping():
            return
        place = self._place()
        try:
            Driver(self._context, self._kinds, place, self._ended).drive(workspace, run, stopping)
        finally:
            place.close()

    def close(self, grace_seconds: float = 0.0) -> None:
        """Nothing is ever under way between calls."""


class LocalRunner:
    """Drives runs in background threads of this process; their tasks go to the driver's place.

    Runs wait in a line a workspace. A driver that becomes free goes to the workspace that has fewest; of several with
    as few, to the one that waits for longest. While a run waits whose workspace has at least two fewer than the one
    that has most, a driver of that one gives its run back after the tasks under way, and that run waits again. While
    each has one and another workspace waits for its first, so does a driver whose turn of `TURN_SECONDS` is over, by
    the clock ``seconds``. A driver does at least one task before it gives its run back. Of several that could do so,
    one with no task under way does.
    """

    def __init__(
        self, driver: Driver, drivers: int = DRIVERS, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._driver = driver
        self._drivers = drivers
        self._seconds = seconds
        self._lock = threading.Lock()
        self._lines: OrderedDict[str, deque[str]] = OrderedDict()
        self._driven: set[tuple[str, str]] = set()
        self._turns: set[_Turn] = set()
        self._yielding: Counter[str] = Counter()
        self._threads: set[threading.Thread] = set()
        self._until: float | None = None

    def start(self, workspace: str, run: str) -> None:
        """Drive it in the background, unless this process already does."""
        with self._lock:
            waits = run in self._lines.get(workspace, ())
            if self._until is not None or (workspace, run) in self._driven or waits:
                return
            self._lines.setdefault(workspace, deque()).append(run)
            self._begin()

    def take_up(self, workspace: str, run: str, stopping: Callable[[], bool] = never) -> None:
        """As `start`: the drivers of this process have time of their own."""
        self.start(workspace, run)

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Runner.close`."""
        with self._lock:
            self._until = time.monotonic() + grace_seconds
            self._lines.clear()
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, self._until + MERCY_SECONDS - time.monotonic()))
        self._driver.place.close()

    def _begin(self) -> None:
        while self._lines and len(self._threads) < self._drivers:
            share = Counter(one for one, _ in self._driven)
            workspace = min(self._lines, key=share.__getitem__)
            line = self._lines[workspace]
            run = line.popleft()
            self._lines.move_to_end(workspace)
            if not line:
                del self._lines[workspace]
            self._driven.add((workspace, run))
            turn = _Turn(self, workspace, self._seconds)
            self._turns.add(turn)
            thread = threading.Thread(
                target=self._drive, args=(workspace, run, turn), name="lepton-drive", daemon=True
            )
            self._threads.add(thread)
            thread.start()

    def _drive(self, workspace: str, run: str, turn: "_Turn") -> None:
        taken = True
        try:
            taken = self._driver.drive(workspace, run, self.is_closing, self._abandoning, turn)
        except Exception:  # noqa: BLE001  (a driver thread has nobody to tell; the sweep takes the run up again)
            log.exception("driving run %s failed", run)
        finally:
            with self._lock:
                self._driven.discard((workspace, run))
                self._threads.discard(threading.current_thread())
                self._turns.discard(turn)
                if turn.given_up:
                    self._yielding[workspace] -= 1
                    if self._until is None:
                        self._lines.setdefault(workspace, deque()).append(run)
                if workspace in self._lines:
                    # A run that had ended, or that another process holds, costs its workspace no turn.
                    self._lines.move_to_end(workspace, last=taken)
                if not self._yielding[workspace]:
                    del self._yielding[workspace]
                self._begin()

    def _abandoning(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until

    def is_closing(self) -> bool:
        """Whether `close` was called."""
        return self._until is not None

    def has_to_yield(self, asking: "_Turn", now: float) -> bool:
        """Whether a driver has to give its run back, and the one that asks ``now`` is that one.

        With a task under way it is not, while another one that could be it has none: that one asks soon.
        """
        if not self._lines:
            return False
        with self._lock:
            share, waiting = self._once_all_have_yielded()
            if not waiting:
                return False
            most, fewest = max(share.values()), min(share[one] for one in waiting)

            def may(one: "_Turn") -> bool:
                has_most = share[one.workspace] == most and not one.given_up
                return has_most and (most > fewest + 1 or (one.is_over and fewest == 0))

            others = self._turns - {asking}
            if not may(asking) or (
                asking.under_way and any(may(one) and one.has_none_under_way(now) for one in others)
            ):
                return False
            self._yielding[asking.workspace] += 1
            asking.given_up = True
            return True

    def _once_all_have_yielded(self) -> tuple[Counter[str], Counter[str]]:
        """How many runs of each workspace are driven, and wait, once the drivers that are to be free have begun others.

        The runs they give back are not among those that wait.
        """
        share = Counter(one for one, _ in self._driven)
        share.subtract(self._yielding)
        waiting = Counter({one: len(line) for one, line in self._lines.items()})
        for _ in range(min(self._yielding.total(), waiting.total())):
            following = min(+waiting, key=share.__getitem__)
            share[following] += 1
            waiting[following] -= 1
        return share, +waiting


class _Turn:
    """One driver's turn: given up once another workspace has to get its own.

    ``is_over`` and ``under_way`` (whether a task is) are as of its last look; it looks once it has done a task.
    """

    def __init__(self, runner: LocalRunner, workspace: str, seconds: Callable[[], float]) -> None:
        self.workspace = workspace
        self.given_up = False
        self.is_over = False
        self.under_way = True
        self._runner = runner
        self._seconds = seconds
        self._looked = seconds()
        self._until = self._looked + TURN_SECONDS

    def __call__(self, under_way: bool) -> bool:
        self._looked = self._seconds()
        self.is_over, self.under_way = self._looked >= self._until, under_way
        return self.given_up or self._runner.has_to_yield(self, self._looked)

    def has_none_under_way(self, now: float) -> bool:
        """Whether it had no task under way when it looked, which is not long ago."""
        return not self.under_way and now <= self._looked + LOOKS_WITHIN
