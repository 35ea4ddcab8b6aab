"""Intervals around values and sets of classes that hold the truth of so many rows, whatever its distribution.

Both are cross-conformal: Vovk, "Cross-conformal predictors" (2015). The scores of all folds are put together, each by a
model that had not seen the row, and what they say is applied to the model that learnt from all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.models.algorithm import Array
from lepton_core.uncertainty.quantiles import Quantiles

LEAST_COVERAGE, MOST_COVERAGE = 0.5, 0.99

_SAME = 1e-6
"""Probabilities this near are one: a search keeps seven digits of them, and many rows have that of the same leaf."""

_ROUNDING = 1e-9
_LARGEST = float(np.finfo(np.float64).max)


def check_coverage(coverage: float, highest: float) -> None:
    """Raise `InvalidInput` (field 'coverage') for one that is not from 0.5 to 0.99, or above the ``highest`` here.

    >>> check_coverage(0.99, 0.95)
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: 0.99 is more than the rows out of fold can tell; ask for at most 0.95
    """
    if not LEAST_COVERAGE <= coverage <= MOST_COVERAGE:
        raise InvalidInput(
            f"must be a share from {LEAST_COVERAGE} to {MOST_COVERAGE}, not {coverage}", field="coverage"
        )
    if coverage > highest + _ROUNDING:
        most = np.floor(highest * 1000) / 1000
        what = f"ask for at most {most:g}" if most >= LEAST_COVERAGE else "train on more rows"
        raise InvalidInput(f"{coverage} is more than the rows out of fold can tell; {what}", field="coverage")


@dataclass(frozen=True)
class Intervals:
    """Intervals for values: by how much predictions are too high, ``above``, and too low, ``below``, out of fold.

    Each side misses half of what may be missed, so an interval lies where the errors do, also if these are skewed.
    """

    above: Quantiles
    below: Quantiles
    name = "intervals"

    @classmethod
    def of(cls, output: Array, y: Array) -> "Intervals":
        """Those of values ``output`` (m,) that were predicted out of fold, and the true ones ``y`` (m,)."""
        with np.errstate(over="ignore"):
            errors = y - output
        return cls(Quantiles.of(-errors), Quantiles.of(errors))

    @property
    def rows(self) -> int:
        """How many rows it was learnt from."""
        return self.above.rows

    @property
    def highest(self) -> float:
        """The largest coverage that so many rows can tell."""
        return 2.0 * self.above.highest - 1.0

    def around(self, output: Array, coverage: float) -> Array:
        """The ends (m, 2) of the intervals around the values ``output`` (m,) that hold a share ``coverage`` of truths.

        That is [f - q, f + r] with the ceil((rows + 1)(1 + coverage) / 2)-th smallest errors q and r of both sides.
        Raises `InvalidInput` (field 'coverage').
        """
        check_coverage(coverage, self.highest)
        side = (1.0 + coverage) / 2.0
        with np.errstate(over="ignore"):
            low, high = output - self.above.at(side), output + self.below.at(side)
        found = np.stack([np.minimum(low, high), np.maximum(low, high)], axis=1)
        return np.asarray(np.clip(found, -_LARGEST, _LARGEST))

    def packed(self) -> dict[str, NDArray[Any]]:
        """Its arrays, (k,) each."""
        return {**self.above.packed("intervals.above"), **self.below.packed("intervals.below")}

    @classmethod
    def unpacked(cls, arrays: Mapping[str, NDArray[Any]], rows: int) -> "Intervals":
        """Those of ``rows`` rows out of ``arrays`` as `packed` made them, (k,) each. Errors: `InvalidArtifact`."""
        sides = (Quantiles.unpacked(arrays, f"intervals.{side}", rows) for side in ("above", "below"))
        return cls(*sides)


@dataclass(frozen=True)
class Sets:
    """Sets of classes: all whose probability is not smaller than that of the true one as a rule is out of fold.

    These are the smallest sets of their coverage, if the probabilities are right: Sadinle, Lei and Wasserman, "Least
    ambiguous set-valued classifiers with bounded error levels" (2019). The likeliest class is always inside.
    """

    missing: Quantiles
    name = "sets"

    @classmethod
    def of(cls, output: Array, y: NDArray[np.int64]) -> "Sets":
        """Those of probabilities ``output`` (m, K) that were predicted out of fold, and the true classes ``y`` (m,)."""
        return cls(Quantiles.of(1.0 - output[np.arange(len(y)), y]))

    @property
    def rows(self) -> int:
        """How many rows it was learnt from."""
        return self.missing.rows

    @property
    def highest(self) -> float:
        """The largest coverage that so many rows can tell."""
        return self.missing.highest

    def inside(self, output: Array, coverage: float) -> NDArray[np.bool_]:
        """Which classes are in the set of each row, (m, K), by their probabilities ``output`` (m, K).

        Those with 1 - p at most the ceil((rows + 1) coverage)-th smallest of the true classes out of fold, and the
        likeliest. Raises `InvalidInput` (field 'coverage').
        """
        check_coverage(coverage, self.highest)
        found = 1.0 - output <= self.missing.at(coverage) + _SAME
        found[np.arange(len(output)), np.argmax(output, axis=1)] = True
        return found

    def packed(self) -> dict[str, NDArray[Any]]:
        """Its arrays, (k,) each."""
        return self.missing.packed("sets.missing")

    @classmethod
    def unpacked(cls, arrays: Mapping[str, NDArray[Any]], rows: int) -> "Sets":
        """Those of ``rows`` rows out of ``arrays`` as `packed` made them, (k,) each.

        Raises `InvalidArtifact` for what is missing from a probability and is none.
        """
        found = Quantiles.unpacked(arrays, "sets.missing", rows)
        if found.values[0] < -_ROUNDING or found.values[-1] > 1.0:
            raise InvalidArtifact("what is missing from a probability is none", field="sets.missing")
        return cls(found)
