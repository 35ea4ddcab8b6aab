"""A run that takes long goes on beside, and no other one."""

from concurrent.futures import Future
from typing import Any

import pytest

from functions.runs.perform import Order
from functions.runs.places.place import Closed
from functions.runs.places.threads import Patient
from functions.runs.task import FoldTask, Result


class Given:
    """A place whose tasks end when the test says so."""

    def __init__(self) -> None:
        self.futures: list[Future[Result]] = []
        self.closed: float | None = None

    def submit(self, order: Order) -> "Future[Result]":
        if self.closed is not None:
            raise Closed
        self.futures.append(Future())
        return self.futures[-1]

    def close(self, grace_seconds: float = 0.0) -> None:
        self.closed = grace_seconds


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Made:
    def __init__(self) -> None:
        self.here, self.beside, self.clock = Given(), Given(), Clock()
        self.place = Patient(self.here, lambda: self.beside, 5.0, self.clock)

    def submit(self, run: str = "a") -> "Future[Result]":
        return self.place.submit(order(run))

    def done(self, at: float) -> None:
        """The oldest task here that is under way is done at that time."""
        self.clock.now = at
        next(one for one in self.here.futures if not one.done()).set_result(None)  # type: ignore[arg-type]


def order(run: str) -> Order:
    class Named:
        id = run

    named: Any = Named()
    return Order("default", named, FoldTask(0))


@pytest.fixture
def made() -> Made:
    return Made()


def test_its_first_tasks_are_done_here_and_later_ones_beside(made: Made) -> None:
    made.submit()
    made.done(at=4.9)
    made.submit()
    made.done(at=5.1)
    assert (len(made.here.futures), len(made.beside.futures)) == (2, 0)
    made.submit()
    assert (len(made.here.futures), len(made.beside.futures)) == (2, 1)


def test_time_counts_while_tasks_are_under_way_and_once_where_several_are(made: Made) -> None:
    made.submit()
    made.submit()
    made.done(at=2.0)
    made.done(at=2.5)
    made.clock.now = 100.0  # nobody worked on it meanwhile
    made.submit()
    made.done(at=102.0)
    made.submit()
    assert not made.beside.futures


def test_another_run_is_begun_here(made: Made) -> None:
    made.submit("a")
    made.done(at=9.0)
    made.submit("b")
    assert len(made.here.futures) == 2
    made.submit("a")
    assert len(made.beside.futures) == 1


def test_both_are_closed_and_the_grace_is_for_what_is_done_here(made: Made) -> None:
    made.submit()
    made.done(at=9.0)
    made.submit()
    made.place.close(2.0)
    assert (made.here.closed, made.beside.closed) == (2.0, 0.0)
    with pytest.raises(Closed):
        made.submit()
