"""Tasks in functions of their own: one call a task, over a connection that waits for the result.

What travels are names; the run itself is read from its record, where its driver has just written it.
"""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from functions.context import Platform, never
from functions.records.kinds import RUNS, Run
from functions.runs.kind import Closed, TaskResult
from functions.runs.loop import work
from functions.runs.record import FINISHED, remove_files
from functions.storage import Lost, Workspace
from lepton_core.errors import Unavailable

WIDTH = 8
"""Tasks of one run that are under way at once; further ones wait. The API shares the account's limit."""


_FIRST_PAUSE = 0.2


_LONGEST_PAUSE = 5.0


class Asked(msgspec.Struct, frozen=True):
    """One task of a run, asked for by the holder of ``attempt``."""

    workspace: str
    run: str
    attempt: int
    task: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of it: a result; or it was asked ``late``, by who holds the run no more; or a store is ``away``."""

    result: TaskResult | None = None
    late: bool = False
    away: str = ""


class Busy(Exception):
    """No function is free to take the call. Nothing has begun."""


Call = Callable[[bytes], bytes]
"""`Asked` to `Answer`, both as JSON. Raises `Busy`, `Died` if the function did, `Unavailable` if nothing is known."""


class Functions:
    """Tasks in functions that ``call`` reaches. Once ``stopping``, no other one begins."""

    def __init__(
        self,
        call: Call,
        stopping: Callable[[], bool] = never,
        *,
        width: int = WIDTH,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._call = call
        self._stopping = stopping
        self._pause = pause
        self._waiting = ThreadPoolExecutor(width, thread_name_prefix="lepton-call")

    def submit(self, platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        """Start one task. Its future raises `Lost`, `Died`, `Unavailable`, or `Closed` if it did not begin."""
        return self._waiting.submit(self._result, Asked(store.name, run.id, run.attempt, task))

    def close(self) -> None:
        """Wait for the tasks under way, and end."""
        self._waiting.shutdown(wait=True, cancel_futures=True)

    def _result(self, asked: Asked) -> TaskResult:
        answer = msgspec.json.decode(self._called(msgspec.json.encode(asked)), type=Answer)
        if answer.late:
            raise Lost(RUNS.name, asked.run)
        if answer.result is None:
            raise Unavailable(answer.away)
        return answer.result

    def _called(self, asked: bytes) -> bytes:
        for seconds in _pauses():
            if self._stopping():
                break
            try:
                return self._call(asked)
            except Busy:
                self._pause(seconds)
        raise Closed


def answer(platform: Platform, asked: Asked) -> Answer:
    """Do the task, if the run is still held under the attempt that asks. It writes nothing but files of its own.

    Who asked may be gone when it is done. Then nobody hears the answer, and whoever holds the run next asks again;
    if the run has ended meanwhile, nobody would look for the files any more, so they go at once.
    """
    store = platform.workspace(asked.workspace)
    try:
        run = _held(store, asked)
        if run is None:
            return Answer(late=True)
        result = work(platform, store, run, asked.task)
        return Answer(late=True) if _held(store, asked) is None else Answer(result)
    except Unavailable as error:
        return Answer(away=error.message)


def _held(store: Workspace, asked: Asked) -> Run | None:
    stored = store.get(RUNS, asked.run)
    if stored is not None and stored.value.state in FINISHED:
        remove_files(store, asked.run)
        return None
    return None if stored is None or stored.value.attempt != asked.attempt else stored.value


def _pauses() -> Iterator[float]:
    # Full jitter: those who met once do not meet again at the same moment.
    longest = _FIRST_PAUSE
    while True:
        yield random.uniform(0, longest)  # noqa: S311
        longest = min(_LONGEST_PAUSE, 2 * longest)
