"""Closing, where tasks wait in lines."""

from concurrent.futures import Future
from threading import Event, Thread
from typing import Any

from functions.runs.perform import Order
from functions.runs.places.fair_queue import FairQueue
from functions.runs.places.place import Closed
from functions.runs.task import Result
from tests.support.waiting import BACKSTOP, happened, joined, until

ORDER = Order("default", None, None)  # type: ignore[arg-type]


def is_closed(queue: FairQueue) -> bool:
    try:
        queue.submit(ORDER)
    except Closed:
        return True
    return False


def test_a_task_that_is_just_beginning_is_waited_for_as_one_under_way() -> None:
    beginning, go_on = Event(), Event()
    events: list[str] = []

    def begin(order: Order) -> "Future[Result]":
        beginning.set()
        happened(go_on, "the task may go on")
        events.append("done")
        inner: Future[Any] = Future()
        inner.set_result(None)
        return inner

    def close() -> None:
        queue.close(BACKSTOP)
        events.append("closed")

    queue = FairQueue(1, begin)
    submitting, closing = Thread(target=queue.submit, args=(ORDER,)), Thread(target=close)
    submitting.start()
    happened(beginning, "the task is beginning")
    closing.start()
    until(lambda: is_closed(queue), "no other task is taken")
    go_on.set()
    joined(submitting)
    joined(closing)
    assert events == ["done", "closed"]
