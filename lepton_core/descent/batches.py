"""Which rows each update sees."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Array, Matrix


class Batch(NamedTuple):
    """Some rows: ``X`` ``(b, n)``, their targets ``y`` ``(b,)`` and shares ``s`` ``(b,)``, None if all count alike."""

    X: Matrix
    y: NDArray[Any]
    s: Array | None


class Batches(Protocol):
    """The batches of one iteration, as a function of the data and the iteration alone."""

    def of(self, iteration: int, X: Matrix, y: NDArray[Any], s: Array | None = None) -> Iterator[Batch]:
        """Rows of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``, together every row once."""
        ...

    @property
    def noisy(self) -> bool:
        """Whether a batch's loss is only an estimate of the loss of all rows."""
        ...


@dataclass(frozen=True)
class Full:
    """One batch of all rows, not copied: an iteration is one update."""

    noisy = False

    def of(self, iteration: int, X: Matrix, y: NDArray[Any], s: Array | None = None) -> Iterator[Batch]:
        """``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)`` themselves, as one batch."""
        yield Batch(X, y, s)


@dataclass(frozen=True)
class Mini:
    """Batches of ``size`` rows in an order that (seed, iteration) decides: an iteration is one epoch.

    No generator lives on from one epoch to the next, so that an interrupted training resumes at any of them.
    The last batch has what rows are left.

    >>> X, y = np.arange(5.0)[:, None], np.arange(5)
    >>> sorted(row for batch in Mini(2, seed=7).of(3, X, y) for row in batch.y.tolist())
    [0, 1, 2, 3, 4]
    """

    size: int
    seed: int = 0
    noisy = True

    def of(self, iteration: int, X: Matrix, y: NDArray[Any], s: Array | None = None) -> Iterator[Batch]:
        """Copies of the rows of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``, ``size`` at a time."""
        order = np.random.default_rng([self.seed, iteration]).permutation(len(X))
        for first in range(0, len(X), self.size):
            at = order[first : first + self.size]
            yield Batch(X.take(at, axis=0), y.take(at), None if s is None else s.take(at))
