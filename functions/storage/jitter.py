"""Pauses of random length before something is tried again."""

import random
from collections.abc import Iterator

_DRAWS = random.SystemRandom()
"""Not those of `random`: a script that is seeded draws the same whatever is waited for."""


def jittered(first: float, longest: float) -> Iterator[float]:
    """Seconds to wait, without end: each drawn from 0 to a bound that begins at ``first`` and doubles to ``longest``.

    This is full jitter: two callers that met once do not meet again at the same moment. Source: M. Brooker,
    "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.

    >>> pauses = jittered(0.1, 0.3)
    >>> all(next(pauses) <= bound for bound in (0.1, 0.2, 0.3, 0.3))
    True
    """
    bound = first
    while True:
        yield _DRAWS.uniform(0, bound)
        bound = min(longest, 2 * bound)
