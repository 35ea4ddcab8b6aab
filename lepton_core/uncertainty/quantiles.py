"""How large a score is in all but a share of rows: few numbers in place of all scores, on the safe side."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.algorithm import Array

MOST_KEPT = 1001
"""Most numbers that are kept of the scores."""

_LEAST_LEVEL = 0.5
_ROUNDING = 1e-9
_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Quantiles:
    """Of the scores of ``rows`` rows the ``ranks``-th smallest ones, ``values``: both (k,) and ascending.

    The next row, if it is exchangeable with these, has a score of at most `at` (c) with a chance of at least c: Vovk,
    Gammerman and Shafer (2005), "Algorithmic learning in a random world".
    """

    rows: int
    ranks: NDArray[np.int64]
    values: Array

    @classmethod
    def of(cls, scores: Array) -> "Quantiles":
        """Those of ``scores`` (m,), m at least 1, for levels from 0.5 on: all, or evenly chosen ones.

        >>> Quantiles.of(np.arange(10.0)).values.tolist()
        [5.0, 6.0, 7.0, 8.0, 9.0]
        """
        m = len(scores)
        levels = np.linspace(_LEAST_LEVEL, 1.0, MOST_KEPT)
        ranks = np.unique(np.minimum(np.ceil((m + 1) * levels - _ROUNDING).astype(np.int64), m))
        ordered = np.sort(np.nan_to_num(scores, nan=_LARGEST, posinf=_LARGEST, neginf=-_LARGEST))
        return cls(m, ranks, ordered[ranks - 1])

    @property
    def highest(self) -> float:
        """The highest level that so many rows allow, rows / (rows + 1).

        >>> Quantiles.of(np.arange(19.0)).highest
        0.95
        """
        return self.rows / (self.rows + 1)

    def at(self, level: float) -> float:
        """The ceil((rows + 1) level)-th smallest score, or one that is kept just above it.

        Raises ``ValueError`` for a level above `highest`, or below 0.5.

        >>> Quantiles.of(np.arange(1.0, 20.0)).at(0.9)
        18.0
        """
        rank = ceil((self.rows + 1) * level - _ROUNDING)
        if rank > self.rows or level < _LEAST_LEVEL:
            raise ValueError(f"{self.rows} rows do not say what {level} of all rows are below")
        return float(self.values[np.searchsorted(self.ranks, rank)])

    def packed(self, name: str) -> dict[str, NDArray[Any]]:
        """Its arrays, (k,) each, under names that begin with ``name``."""
        return {f"{name}.ranks": self.ranks, f"{name}.values": self.values}

    @classmethod
    def unpacked(cls, arrays: Mapping[str, NDArray[Any]], name: str, rows: int) -> "Quantiles":
        """Those of ``rows`` rows out of ``arrays`` as `packed` made them, (k,) each.

        Raises `InvalidArtifact` for what are no quantiles.
        """
        ranks, values = arrays[f"{name}.ranks"], arrays[f"{name}.values"]
        if ranks.dtype != np.int64 or values.dtype != np.float64 or ranks.shape != values.shape:
            raise InvalidArtifact("the quantiles are not numbers and their ranks", field=name)
        if ranks.ndim != 1 or not 1 <= len(ranks) <= MOST_KEPT or not np.isfinite(values).all():
            raise InvalidArtifact("the quantiles are not finite, or too many", field=name)
        ascending = (ranks[1:] > ranks[:-1]).all() and (values[1:] >= values[:-1]).all()
        if not ascending or ranks[0] < 1 or ranks[-1] != rows or ranks[0] > (rows + 2) // 2:
            raise InvalidArtifact("the quantiles do not ascend to the last row", field=name)
        return cls(rows, ranks, values)
