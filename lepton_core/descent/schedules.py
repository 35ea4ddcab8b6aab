"""Learning-rate schedules: from the iteration (0 is the first) to the factor on the learning rate."""

from collections.abc import Callable
from math import cos, pi

RateSchedule = Callable[[int], float]


def constant() -> RateSchedule:
    """1 for ever.

    >>> constant()(1000)
    1.0
    """
    return lambda iteration: 1.0


def step(every: int, factor: float) -> RateSchedule:
    """``factor ** floor(iteration / every)``.

    >>> [step(2, 0.5)(i) for i in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    return lambda iteration: float(factor ** (iteration // every))


def exponential(factor: float) -> RateSchedule:
    """``factor ** iteration``.

    >>> [exponential(0.5)(i) for i in range(3)]
    [1.0, 0.5, 0.25]
    """
    return lambda iteration: float(factor**iteration)


def cosine(over: int, floor: float = 0.0) -> RateSchedule:
    """Half a cosine from 1 at iteration 0 to ``floor`` at iteration ``over``, and ``floor`` from there on.

    >>> [round(cosine(4)(i), 3) for i in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    return lambda iteration: floor + (1.0 - floor) * 0.5 * (1.0 + cos(pi * min(iteration, over) / over))


def inverse_time(slope: float) -> RateSchedule:
    """``1 / (1 + slope * iteration)``.

    >>> [inverse_time(1.0)(i) for i in (0, 1, 3)]
    [1.0, 0.5, 0.25]
    """
    return lambda iteration: 1.0 / (1.0 + slope * iteration)
