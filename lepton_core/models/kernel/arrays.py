"""A support vector machine with a kernel, as arrays.

For K classes there is a score for each pair i < j of them, in the order (0, 1), (0, 2) .. (1, 2) ..; positive, it
votes for i (for two classes alone, for the second, 1). For values there is one score.

- ``support`` ``(S, n)``: the rows that the score depends on, those of class 0 first, then those of class 1 ..
- ``counts`` ``(K,)`` int64: how many of them each class has; for values ``(1,)``
- ``coefficients`` ``(K - 1, S)``: of a row of class i, its weight against each other class j, at j, or at j - 1 for
  j > i; for values ``(1, S)``
- ``intercept`` ``(K (K - 1) / 2,)``; for values ``(1,)``
- ``form`` ``(4,)``: 0 for rbf and 1 for poly, gamma, coef0, degree
- ``slope`` and ``offset`` ``(K',)``: the sigmoid of each class's score, K' = 1 for two classes; not for values
"""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.losses import Array

KERNEL_ARRAYS = ("support", "counts", "coefficients", "intercept", "form")

Arrays = dict[str, NDArray[Any]]


def outputs(n_classes: int) -> int:
    """How many scores a row is given.

    >>> [outputs(k) for k in (0, 2, 3)]
    [1, 1, 3]
    """
    return n_classes if n_classes > 2 else 1


def pairs(n_classes: int) -> int:
    """How many scores there are before the votes are counted.

    >>> [pairs(k) for k in (0, 2, 4)]
    [1, 1, 6]
    """
    return n_classes * (n_classes - 1) // 2 if n_classes else 1


def widened(made: Arrays, present: NDArray[np.int64], n_classes: int) -> Arrays:
    """Arrays of the classes ``present`` ``(k,)``, ascending, as those of ``n_classes``; the others never win a vote.

    ``made`` has the shapes of this module, for k classes.

    >>> one = {"counts": np.zeros(1, np.int64), "coefficients": np.zeros((0, 0)), "intercept": np.zeros(0)}
    >>> widened(one, np.array([1]), 3)["intercept"].tolist()
    [-1.0, 1.0, 1.0]
    """
    counts = np.zeros(n_classes, np.int64)
    counts[present] = made["counts"]
    coefficients = np.zeros((n_classes - 1, made["coefficients"].shape[1]))
    intercept, first = np.zeros(pairs(n_classes)), 0
    for place, i in enumerate(present.tolist()):
        rows = slice(first, first + int(made["counts"][place]))
        for other, j in enumerate(present.tolist()):
            if i != j:
                coefficients[j - (j > i), rows] = made["coefficients"][other - (other > place), rows]
        first = rows.stop
    found = dict(zip(combinations(present.tolist(), 2), made["intercept"].tolist(), strict=True))
    known = set(present.tolist())
    for at, (i, j) in enumerate(combinations(range(n_classes), 2)):
        intercept[at] = found.get((i, j), -1.0 if j in known and i not in known else 1.0)
    if n_classes == 2 and len(present) == 1:  # alone, a pair scores its second class
        intercept *= -1.0
    return made | {"counts": counts, "coefficients": coefficients, "intercept": intercept}


def constant(n_features: int, n_classes: int, answer: float) -> Arrays:
    """The arrays, of any shape, of a model that gives every row the value, or, of classes, the class ``answer``.

    >>> constant(3, 0, 2.5)["support"].shape, constant(3, 2, 1)["intercept"].tolist()
    ((0, 3), [1.0])
    """
    made = {
        "support": np.zeros((0, n_features)),
        "counts": np.zeros(1, np.int64),
        "coefficients": np.zeros((1, 0)),
    }
    if n_classes:
        return widened(made | {"intercept": np.zeros(0)}, np.array([int(answer)]), n_classes)
    return made | {"intercept": np.array([float(answer)])}


def form(kernel: str, gamma: float, coef0: float, degree: int) -> Array:
    """The array ``form`` ``(4,)``.

    >>> form("poly", 0.5, 1.0, 3).tolist()
    [1.0, 0.5, 1.0, 3.0]
    """
    return np.array([float(kernel == "poly"), gamma, coef0, float(degree)])
