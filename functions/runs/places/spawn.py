"""Worker processes that are nobody's but ours: deaf to signals, killed when they are to end, gone when we are."""

import os
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess

from functions.storage import posix


class _Process(SpawnProcess):
    """A worker that is deaf from its first moment, whichever thread begins it, and that ends when it is to end.

    It may be in a loop of C that lets no thread of Python go on, so it cannot be told; and it need not be, since a
    task may end at any moment.
    """

    def start(self) -> None:
        with posix.deaf():
            super().start()

    def terminate(self) -> None:
        self.kill()


class Spawn(SpawnContext):
    """Begins such processes."""

    Process = _Process


def end_with_parent() -> None:
    """Wait for the end of the process that began this one, then end this one: for a thread of its own."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
