"""Ranges of hyperparameters: from where automatic training draws the values that it tries."""

from dataclasses import dataclass
from math import exp, log
from typing import Any, Protocol

import numpy as np


class Range(Protocol):
    """Where the values of one hyperparameter come from."""

    def draw(self, rng: np.random.Generator) -> Any:
        """One value, as JSON holds it."""
        ...

    def __str__(self) -> str:
        """How it is written on a page."""
        ...


@dataclass(frozen=True)
class LogUniform:
    """exp u with u uniform in [log low, log high], rounded to three digits, or to whole numbers if ``whole``.

    >>> rng = np.random.default_rng(0)
    >>> LogUniform(1e-3, 1e-3).draw(rng), LogUniform(8, 8, whole=True).draw(rng)
    (0.001, 8)
    """

    low: float
    high: float
    whole: bool = False

    def draw(self, rng: np.random.Generator) -> float | int:
        """See `Range`."""
        value = exp(rng.uniform(log(self.low), log(self.high)))
        return _within(round(value) if self.whole else float(f"{value:.3g}"), self.low, self.high)

    def __str__(self) -> str:
        """As in '0.001 to 1, logarithmic'."""
        return f"{self.low:g} to {self.high:g}, logarithmic"


@dataclass(frozen=True)
class Between:
    """Uniform in [low, high], rounded to three digits, or to whole numbers, all alike, if ``whole``.

    >>> Between(0.5, 0.5).draw(np.random.default_rng(0)), Between(2, 2, whole=True).draw(np.random.default_rng(0))
    (0.5, 2)
    """

    low: float
    high: float
    whole: bool = False

    def draw(self, rng: np.random.Generator) -> float | int:
        """See `Range`."""
        if self.whole:
            return int(rng.integers(int(self.low), int(self.high), endpoint=True))
        return _within(float(f"{rng.uniform(self.low, self.high):.3g}"), self.low, self.high)

    def __str__(self) -> str:
        """As in '0.5 to 1'."""
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class OneOf:
    """One of ``values``, all alike. None is the default that the algorithm finds by itself.

    >>> OneOf((64, 32), (128,)).draw(np.random.default_rng(0)) in ([64, 32], [128])
    True
    """

    values: tuple[Any, ...]

    def __init__(self, *values: Any) -> None:
        object.__setattr__(self, "values", values)

    def draw(self, rng: np.random.Generator) -> Any:
        """See `Range`."""
        return as_json(self.values[int(rng.integers(len(self.values)))])

    def __str__(self) -> str:
        """As in '3, 5, 7'."""
        return ", ".join("left out" if value is None else f"{as_json(value)}" for value in self.values)


def as_json(value: Any) -> Any:
    """A value as JSON holds it: a tuple is a list there.

    >>> as_json((64, 32)), as_json(0.5)
    ([64, 32], 0.5)
    """
    return list(value) if isinstance(value, tuple) else value


def _within(value: float | int, low: float, high: float) -> float | int:
    """Rounding may step over an end that has more digits."""
    return value if low <= value <= high else type(value)(min(max(value, low), high))
