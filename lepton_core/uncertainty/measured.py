"""What calibration, intervals and sets are worth on held-out rows: before and after, and how many truths are inside."""

from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.evaluate import (
    Calibrated,
    Calibrator,
    ClassificationReport,
    Coverage,
    RegressionReport,
    calibration_error,
    log_loss,
)
from lepton_core.models.algorithm import Array
from lepton_core.normal import quantiles_of_normal
from lepton_core.uncertainty.conformal import Intervals, Sets

if TYPE_CHECKING:
    from lepton_core.uncertainty.learnt import Uncertainty

MEASURED = (0.5, 0.8, 0.9, 0.95)
"""The coverages that an evaluation measures, as far as the rows out of fold can tell them."""

_REACH = float(quantiles_of_normal(np.array([0.975]))[0])
_ROUNDING = 1e-9


def with_values(
    report: RegressionReport, of: "Uncertainty", y: Array, output: Array, blocks: NDArray[np.int64] | None
) -> RegressionReport:
    """The ``report`` with the coverage of intervals around ``output`` (m,), which should be ``y`` (m,).

    ``blocks`` (m,) is the number of each row's block, None where all rows are independent.
    """
    conformal = of.conformal
    if not isinstance(conformal, Intervals):
        return report
    found = []
    for coverage in _told(conformal.highest):
        ends = conformal.around(output, coverage)
        inside = (ends[:, 0] <= y) & (y <= ends[:, 1])
        with np.errstate(over="ignore"):
            width = float(np.minimum(ends[:, 1] - ends[:, 0], np.finfo(np.float64).max)[0])
        found.append(measured(coverage, inside, width, blocks, sets=False))
    return replace(report, coverages=tuple(found))


def with_classes(
    report: ClassificationReport,
    of: "Uncertainty",
    y: NDArray[Any],
    outputs: tuple[Array, Array],
    blocks: NDArray[np.int64] | None,
    why: Calibrated | None,
) -> ClassificationReport:
    """The ``report`` with both sides of the calibration, and the coverage of sets, on rows of classes ``y`` (m,).

    ``outputs`` are what it says, (m, K), and what it says before calibration; ``blocks`` (m,) are as in `with_values`.
    ``why`` it is calibrated as it is.
    """
    (output, raw), conformal = outputs, of.conformal
    calibrated = None
    if why is not None:
        before = Calibrator("none", log_loss(y, raw), calibration_error(y, raw))
        after = Calibrator(why.chosen, log_loss(y, output), calibration_error(y, output))
        calibrated = replace(why, before=before, after=after, sentence=_with_both(why, before, after, len(y)))
    found = []
    if isinstance(conformal, Sets):
        for coverage in _told(conformal.highest):
            sets = conformal.inside(output, coverage)
            inside = sets[np.arange(len(y)), y]
            found.append(measured(coverage, inside, float(sets.sum(axis=1).mean()), blocks, sets=True))
    return replace(report, calibrated=calibrated, coverages=tuple(found))


def _told(highest: float) -> list[float]:
    return [one for one in MEASURED if one <= highest + _ROUNDING]


def _with_both(why: Calibrated, before: Calibrator, after: Calibrator, rows: int) -> str:
    error = "expected calibration error"
    if why.chosen == "none":
        return f"{why.sentence}; on {rows} held-out rows the {error} is {before.calibration_error:.2g}"
    return (
        f"{why.sentence}; on {rows} held-out rows "
        f"log loss {before.log_loss:.4g} before and {after.log_loss:.4g} after, "
        f"{error} {before.calibration_error:.2g} before and {after.calibration_error:.2g} after"
    )


def measured(
    coverage: float, inside: NDArray[np.bool_], size: float, blocks: NDArray[np.int64] | None, *, sets: bool
) -> Coverage:
    """The share of rows whose truth is ``inside`` (m,), with Wilson's interval of 95 % around it.

    Wilson (1927), "Probable inference". Rows of a block, by the number of each row's ``blocks`` (m,), are not
    independent: then the rows count as so many as would give the standard error that the blocks give.

    >>> found = measured(0.9, np.arange(100) >= 8, 1.25, None, sets=True)
    >>> print(found.sentence)
    sets of 90 %: 92 % of 100 held-out rows have their class inside (85 to 96 %), the mean set has 1.25 classes
    """
    m = len(inside)
    share = float(inside.mean())
    low, high = _wilson(share, _independent(inside, share, blocks))
    ends = f"({100 * low:.0f} to {100 * high:.0f} %)"
    if sets:
        classes = "1 class" if f"{size:.3g}" == "1" else f"{size:.3g} classes"
        what = f"have their class inside {ends}, the mean set has {classes}"
    else:
        what = f"lie inside {ends}, their width is {size:.4g}"
    kind = "sets" if sets else "intervals"
    sentence = f"{kind} of {100 * coverage:g} %: {100 * share:.0f} % of {m} held-out rows {what}"
    return Coverage(coverage, m, share, low, high, size, sentence)


def _independent(inside: NDArray[np.bool_], share: float, blocks: NDArray[np.int64] | None) -> float:
    """How many independent rows these are worth."""
    m = len(inside)
    if blocks is None:
        return m
    sums = np.bincount(blocks, weights=inside - share)
    counts = np.bincount(blocks)
    variance = float(np.square(sums).sum()) / m**2
    most = float(np.count_nonzero(counts))
    # Where no block differs from another one, there is no more to know than how many blocks there are.
    return most if variance == 0.0 else min(float(m), max(1.0, share * (1.0 - share) / variance))


def _wilson(share: float, rows: float) -> tuple[float, float]:
    squared = _REACH**2 / rows
    middle = (share + squared / 2.0) / (1.0 + squared)
    reach = _REACH * sqrt(share * (1.0 - share) / rows + squared / (4.0 * rows)) / (1.0 + squared)
    return max(0.0, middle - reach), min(1.0, middle + reach)
