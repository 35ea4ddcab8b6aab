"""Platt's sigmoid for two classes and temperature scaling for more: one line on the scale of the log-odds.

Platt, "Probabilistic outputs for support vector machines" (1999); Guo, Pleiss, Sun and Weinberger, "On calibration of
modern neural networks" (2017). For more than two classes there is one slope and no offset: an offset a class has to be
learnt from the rows of that class alone, of which there may be few, and with the slope alone the likeliest class stays
the likeliest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.blend import linked, unlinked
from lepton_core.errors import InvalidArtifact
from lepton_core.models import calibrate, scores
from lepton_core.models.algorithm import Array

_MOST = 1e6
"""Largest slope, and largest offset: beyond, log-odds of one bit would decide."""

_HALVINGS = 60
_STEEPEST = 64.0


@dataclass(frozen=True)
class Scaling:
    """Calibrated log-odds are ``slope`` times the raw ones plus, for two classes, ``offset``.

    The ``slope`` is at least 0, so the order of two rows, and of the classes in a row, stays.
    """

    slope: float
    offset: float = 0.0
    method = "platt"

    @classmethod
    def fit(cls, output: Array, y: NDArray[np.int64], share: Array) -> "Scaling":
        """The line for probabilities ``output`` (m, K) of rows of classes ``y`` (m,), each counting ``share`` (m,)."""
        if output.shape[1] == 2:
            slope, offset = calibrate.fit_sigmoid(_log_odds(output), y == 1, share)
            if slope > _MOST or abs(offset) > _MOST:
                return cls(1.0)
            return cls(slope, offset)
        return cls(_temperature(linked(output), y, share))

    @property
    def line(self) -> tuple[float, float]:
        """The slope and the offset of the log-odds: contributions to them are stretched alike."""
        return self.slope, self.offset

    def calibrated(self, output: Array) -> Array:
        """Probabilities (m, K) for ``output`` (m, K): rows that sum to 1."""
        if output.shape[1] == 2:
            return scores.probabilities(self.slope * _log_odds(output) + self.offset)
        return unlinked(self.slope * linked(output))

    def packed(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """No array of any shape, and what is said."""
        return {}, {"method": self.method, "slope": self.slope, "offset": self.offset}

    @classmethod
    def unpacked(cls, meta: Mapping[str, Any], classes: int) -> "Scaling":
        """The line of so many ``classes`` out of what `packed` said. Raises `InvalidArtifact` for what is no line."""
        slope, offset = meta["slope"], meta["offset"]
        sound = (
            type(slope) is float and type(offset) is float and 0.0 <= slope <= _MOST and abs(offset) <= _MOST
        )
        if not sound or classes < 2 or (classes > 2 and offset != 0.0):
            raise InvalidArtifact("the slope and the offset are not those of a sigmoid", field="calibration")
        return cls(slope, offset)


def _log_odds(output: Array) -> Array:
    logs = linked(output)
    return np.asarray(logs[:, 1] - logs[:, 0])


def _temperature(logs: Array, y: NDArray[np.int64], share: Array) -> float:
    """The slope a >= 0 that minimises the cross entropy of softmax(a z), for z = ``logs`` (m, K), with Platt's targets.

    Of a class of N rows the target is (N + 1) / (N + 2), and the rest is spread over the other classes, so that a
    perfect separation does not lead to certainty. The loss is convex in a: its slope is halved until it is 0.
    """
    m, classes = logs.shape
    counts = np.bincount(y, weights=share, minlength=classes)
    sure = ((counts + 1.0) / (counts + 2.0))[y]
    others = (logs.sum(axis=1) - logs[np.arange(m), y]) / (classes - 1)
    wanted = sure * logs[np.arange(m), y] + (1.0 - sure) * others

    def rises(slope: float) -> bool:
        expected = (unlinked(slope * logs) * logs).sum(axis=1)
        return float(share @ (expected - wanted)) > 0.0

    low, high = 0.0, _STEEPEST
    if not rises(high):
        return high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if rises(middle) else (middle, high)
    return high if low else 0.0
