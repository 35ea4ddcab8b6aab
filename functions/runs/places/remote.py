"""Tasks in other processes, which are called: one call a task, over a connection that waits for the result.

What travels are names; the run itself is read from its record, where its driver has just written it.
"""

from collections.abc import Callable
from concurrent.futures import Future

import msgspec

from functions.runs.ending import remove_results
from functions.runs.perform import Answer, Order, Worker
from functions.runs.places.fair_queue import FairQueue
from functions.runs.places.threads import in_thread
from functions.runs.record import RUNS, Run, has_ended, is_over
from functions.runs.task import Result, Task
from functions.storage import Workspace
from lepton_core.errors import Unavailable

WIDTH = 8
"""Tasks that are under way at once, if nothing else is said; further ones wait."""


class Asked(msgspec.Struct, frozen=True):
    """One task of a run, asked for by the holder of ``attempt``."""

    workspace: str
    run: str
    attempt: int
    task: Task


Invoke = Callable[[bytes], bytes]
"""`Asked` to `Answer`, both as JSON. Raises `Died` if the process did, `Unavailable` if nothing is known."""


class Functions:
    """A `Place` in processes that ``call`` reaches."""

    def __init__(self, call: Invoke, *, width: int = WIDTH) -> None:
        self._call = call
        self._queue = FairQueue(width, self._begin)

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        return self._queue.submit(order)

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`; a process that is not done by then writes its result all the same."""
        self._queue.close(grace_seconds)

    def _begin(self, order: Order) -> "Future[Result]":
        asked = Asked(order.workspace, order.run.id, order.run.attempt, order.task)
        return in_thread(lambda: self._result(asked), "lepton-call")

    def _result(self, asked: Asked) -> Result:
        answer = msgspec.json.decode(self._call(msgspec.json.encode(asked)), type=Answer)
        return answer.unwrap(asked.run)


def answer(worker: Worker, asked: Asked) -> Answer:
    """Do the task, if the run is still held under the attempt that asks.

    The holder may be gone when it is done: the result is kept for the next one.
    """
    try:
        run = held_run(worker.context.workspace(asked.workspace), asked.run, asked.attempt)
    except Unavailable as error:
        return Answer(away=error.message)
    return Answer(late=True) if run is None else worker.answer(Order(asked.workspace, run, asked.task))


def held_run(store: Workspace, run: str, attempt: int) -> Run | None:
    """The run, if it is still held under ``attempt``; of one that is over, what late tasks left is removed."""
    stored = store.get(RUNS, run)
    if stored is not None and has_ended(stored.value):
        if is_over(stored.value):
            remove_results(store, run)
        return None
    return None if stored is None or stored.value.attempt != attempt else stored.value
