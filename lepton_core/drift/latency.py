"""Latencies as counts in buckets, each 15 % wider than the one before: any two of them add up."""

from bisect import bisect_left
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

SHORTEST_MS = 0.05
LONGEST_MS = 60_000.0
GROWTH = 1.15

LATENCY_EDGES: tuple[float, ...] = tuple(
    SHORTEST_MS * GROWTH**i for i in range(ceil(log(LONGEST_MS / SHORTEST_MS) / log(GROWTH)) + 1)
)
"""Upper ends of the buckets in ms, 0.05 ms to just above 60 s; one more bucket holds what took longer."""


def bucket(milliseconds: float) -> int:
    """The bucket of a latency: i holds those above edge i - 1, up to and with edge i.

    >>> bucket(0.01), bucket(0.05), bucket(1e9) == len(LATENCY_EDGES)
    (0, 0, True)
    """
    return bisect_left(LATENCY_EDGES, milliseconds)


def quantile(latency: NDArray[np.int64], q: float) -> float | None:
    """The latency in ms that the share ``q`` (0 to 1) of the requests did not exceed; None if there were
    none.

    ``latency`` holds the counts, shape (len(LATENCY_EDGES) + 1,). The result lies in the same bucket as the
    exact quantile, so it is off by less than 15 %; what took longer than the last edge is given as that edge.

    Raises ``ValueError`` if ``q`` is below 0 or above 1.

    >>> counts = np.zeros(len(LATENCY_EDGES) + 1, dtype=np.int64)
    >>> quantile(counts, 0.5)
    >>> counts[bucket(3.0)] += 10
    >>> 2.5 < quantile(counts, 0.5) < 3.5
    True
    """
    if not 0 <= q <= 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {q}")
    reached = np.cumsum(latency)
    total = int(reached[-1])
    if total == 0:
        return None
    rank = max(1, ceil(q * total))
    i = int(np.searchsorted(reached, rank))
    if i == len(LATENCY_EDGES):
        return LATENCY_EDGES[-1]
    # The requests of a bucket are taken to lie evenly within it, on the scale on which it is one of many.
    within = (rank - (int(reached[i]) - int(latency[i]))) / int(latency[i])
    return LATENCY_EDGES[i] * (GROWTH ** (within - 1) if i else within)
