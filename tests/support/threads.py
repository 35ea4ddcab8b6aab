"""Things that happen at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def together(work: Sequence[Callable[[], T]]) -> list[T]:
    """What each of ``work`` returns, all begun at one moment in threads; raises what any raises."""
    barrier = Barrier(len(work))

    def begin(job: Callable[[], T]) -> T:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(begin, work))
