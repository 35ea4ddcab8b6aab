"""One row of each stretch of a table, the same whether its rows come at once or in parts."""

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import IndexArray
from lepton_core.table.hashing import mix

_SEED = np.uint64(0x9E3779B97F4A7C15)

_PIECE = 1 << 18
"""Rows that are looked at together, a whole number of stretches."""


def chosen(places: IndexArray, step: int) -> npt.NDArray[np.bool_]:
    """Which of the rows at these ``places`` (k,), which rise, are the chosen ones of their stretches of ``step`` rows.

    Each row has a number of its own that looks random, and the least of a stretch is chosen: what is chosen of longer
    stretches is among what was chosen of shorter ones. A fixed step would see every eighth hour of a file with a row
    for each hour, and nothing of the others.

    >>> np.flatnonzero(chosen(np.arange(12), 4)).tolist(), np.flatnonzero(chosen(np.arange(3), 1)).tolist()
    ([3, 5, 10], [0, 1, 2])
    """
    if step == 1 or not len(places):
        return np.ones(len(places), dtype=np.bool_)
    numbers = places.astype(np.uint64) + _SEED
    mix(numbers)
    stretches = places // step
    begins = np.flatnonzero(np.append(True, stretches[1:] != stretches[:-1]))
    least = np.minimum.reduceat(numbers, begins)
    found: npt.NDArray[np.bool_] = numbers == np.repeat(least, np.diff(np.append(begins, len(places))))
    return found


def step_of(rows: int, most: int) -> int:
    """How many rows a stretch has where at most ``most`` of ``rows`` rows are to be chosen: a power of two.

    >>> step_of(100, 100), step_of(101, 100), step_of(900, 100)
    (1, 2, 16)
    """
    step = 1
    while rows > step * most:
        step *= 2
    return step


def one_of_each(rows: int, most: int) -> IndexArray:
    """The places (k,), which rise, of at most ``most`` of ``rows`` rows: those that `chosen` chooses.

    >>> one_of_each(3, 4).tolist(), one_of_each(12, 4).tolist()
    ([0, 1, 2], [3, 5, 10])
    """
    step = step_of(rows, most)
    piece = max(step, _PIECE)
    return np.concatenate(
        [
            start + np.flatnonzero(chosen(np.arange(start, min(start + piece, rows)), step))
            for start in range(0, rows, piece)
        ]
    )
