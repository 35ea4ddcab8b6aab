"""Two predictions of the same held-out rows: which is better, and whether by more than noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.real_tables.peer import Told, chosen, tried

CLEAR = 2.0
"""A difference of so many standard errors is more than noise."""


@dataclass(frozen=True)
class Beside:
    """Ours and the peer's on the same rows: ``ours`` and ``theirs`` (m,) are the loss of each row.

    It is the log loss of a class, the squared error of a value.
    """

    ours: np.ndarray
    theirs: np.ndarray

    @property
    def errors(self) -> float:
        """How many standard errors ours is above the peer's; below zero it is better.

        The rows are paired: the error is that of the mean of their differences.
        """
        apart = self.ours - self.theirs
        spread = float(np.std(apart, ddof=1)) / np.sqrt(len(apart))
        return float(np.mean(apart)) / spread if spread else 0.0

    @property
    def verdict(self) -> str:
        """In a word, with the number of standard errors.

        >>> Beside(np.array([1.0, 2.0, 1.5]), np.array([1.0, 1.9, 1.7])).verdict
        'alike (-0.4)'
        """
        word = "alike" if abs(self.errors) < CLEAR else "better" if self.errors < 0 else "worse"
        return f"{word} ({self.errors:+.1f})"


def together(found: Sequence[Beside]) -> Beside:
    """The rows of all splits as one. A row that several splits hold out counts in each of them."""
    return Beside(np.concatenate([one.ours for one in found]), np.concatenate([one.theirs for one in found]))


def of_rows(of: Told, found: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The loss of each row (m,): log loss in nats of classes, squared error of values."""
    truth = of.y[places]
    if not of.classes:
        return np.asarray(np.square(found - truth))
    return np.asarray(-np.log(np.maximum(found[np.arange(len(truth)), truth], 2.2e-16)))


def peers(of: Told, training: np.ndarray, held_out: np.ndarray, seed: int) -> np.ndarray:
    """What the peer predicts for the held-out rows, chosen by and trained on these training rows alone."""
    name = chosen(of, training, seed)
    return tried(of, training, held_out, [name], seed)[name]
