"""The interface of a place, where tasks are done. `tests/contract` says it again as a suite that every place runs."""

from concurrent.futures import Future
from typing import Protocol

from functions.runs.perform import Order
from functions.runs.task import Result


class Died(Exception):
    """The process that did a task ended without a word."""


class Closed(Exception):
    """The place takes no more tasks: its process is about to end. Nothing was begun."""


class Place(Protocol):
    """Somewhere tasks are done: in this thread, in others, in worker processes."""

    def submit(self, order: Order) -> "Future[Result]":
        """Have one task done; of several workspaces each gets its turn. Raises `Closed`.

        The future gives the result as it is stored. It raises `Died` if the process that did the task ended without a
        word, ``Unavailable`` if a store was away, ``Lost`` if the run has ended, and `Closed` if the task was not done.
        It can be cancelled until the task begins.
        """
        ...

    def close(self, grace_seconds: float = 0.0) -> None:
        """Begin no further task, wait at most so long for those under way, then end what can be ended."""
        ...
