"""How well scores tell classes apart."""

import numpy as np

from lepton_core.evaluate.roc import roc_auc
from lepton_core.table.columns import FloatArray, IndexArray

LEAST_OF_A_CLASS = 10
"""A class of fewer rows says more of chance than of scores."""


def macro_auc(scores: FloatArray, classes: IndexArray) -> float | None:
    """The mean, over the classes, of the area under the ROC curve of ``scores`` (m, K) for that class against the rest.

    ``classes`` (m,) are indices below K. A class of fewer than `LEAST_OF_A_CLASS` rows, or without as many rows of
    others, does not count; None if none counts.

    >>> macro_auc(np.array([[0.0, 1.0], [1.0, 0.0]] * 10), np.array([1, 0] * 10))
    1.0
    """
    rows = np.bincount(classes, minlength=scores.shape[1])
    enough = np.minimum(rows, len(classes) - rows) >= LEAST_OF_A_CLASS
    areas = (roc_auc(classes == place, scores[:, place]) for place in np.flatnonzero(enough).tolist())
    found = [area for area in areas if area is not None]
    return sum(found) / len(found) if found else None


def spread(area: float, classes: IndexArray) -> float:
    """The standard error of an area from the ``classes`` (m,) of its rows, from above: of the smallest that counts.

    >>> round(spread(0.5, np.array([0, 1] * 50)), 3)
    0.071
    """
    counts = np.bincount(classes)
    fewest = int(counts[counts >= LEAST_OF_A_CLASS].min(initial=len(classes)))
    return float(np.sqrt(max(area * (1 - area), 0.01) / max(fewest, 1)))
