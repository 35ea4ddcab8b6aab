"""The data that trees are grown on: the rows that count, and targets in a unit that suits sums of squares."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact, InvalidData, InvalidInput
from lepton_core.models.algorithm import Array, Fit, Problem
from lepton_core.models.rows import check_targets, counted
from lepton_core.models.trees.predict import prepared


@dataclass(frozen=True, eq=False)
class TreeRows:
    """The rows of a problem whose weight is not 0: ``X`` ``(m, n)``, ``y`` ``(m,)`` and ``weights`` ``(m,)`` or None.

    The weights are at most 1, scaled by a power of two: so the trees are those of the weights that were given. Weights
    that are all alike are none.

    The targets of a regression are ``offset + scale * y``; of a classification these are 0 and 1.
    """

    X: NDArray[Any]
    y: NDArray[Any]
    weights: Array | None
    offset: float = 0.0
    scale: float = 1.0


def check(problem: Problem, name: str, dtype: np.dtype[Any]) -> None:
    """Raises `InvalidData`, naming the row, for what no tree can be grown on; ``dtype`` is that of the thresholds.

    That is one class only, a value that is infinite or too large, a target that is missing or not finite.

    >>> check(Problem(np.ones((1, 1)), np.array([0]), n_classes=1), "decision_tree", np.dtype(np.float32))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: the label has one class only; at least two are needed to learn from
    """
    if problem.n_classes == 1:
        raise InvalidData("the label has one class only; at least two are needed to learn from")
    if np.isinf(problem.array).any():
        row = int(np.argwhere(np.isinf(problem.array))[0][0])
        raise InvalidData("a value is not finite", row=row + 1)
    if dtype == np.float32:
        with np.errstate(over="ignore"):
            large = np.abs(problem.array) > np.finfo(np.float32).max
        if large.any():
            row = int(np.argwhere(large)[0][0])
            raise InvalidData(
                f"the features are too large for {name}; measure them in larger units", row=row + 1
            )
    if problem.n_classes:
        return
    if not np.isfinite(problem.y).all():
        row = int(np.flatnonzero(~np.isfinite(problem.y))[0])
        raise InvalidData("a value is missing or not finite", row=row + 1)
    check_targets(problem)


def check_signs(problem: Problem) -> None:
    """Raises `InvalidInput` (field 'monotone') for signs where there are more than two classes.

    >>> check_signs(Problem(np.ones((2, 1)), np.array([0, 1]), 2, signs=(1,)))
    """
    if any(problem.signs) and problem.n_classes > 2:
        raise InvalidInput("goes with a number, or with two classes, and not with more", field="monotone")


def check_criterion(criterion: str | None, problem: Problem) -> None:
    """Raises `InvalidInput` (field 'criterion') if one is given for a regression.

    >>> check_criterion(None, Problem(np.ones((1, 1)), np.ones(1), 0))
    """
    if criterion is not None and not problem.n_classes:
        raise InvalidInput("a regression is split by squared error; leave it out", field="criterion")


def rows(problem: Problem, dtype: np.dtype[Any]) -> TreeRows:
    """The rows that count, their features `prepared`; see `TreeRows` for shapes.

    The squared errors of targets that lie far from 0 compared with their spread would drown in rounding, and a very
    small spread looks like none to what grows the trees; only such targets are moved and scaled, by a power of two.

    >>> found = rows(Problem(np.ones((2, 1)), np.array([1e9, 1e9 + 2]), 0), np.dtype(np.float32))
    >>> found.y.tolist(), found.offset
    ([-1.0, 1.0], 1000000001.0)
    """
    problem = counted(problem)
    X, y, weights = prepared(problem.array, dtype), problem.y, problem.weights
    if weights is not None:
        alike = (weights == weights[0]).all()
        weights = None if alike else np.ldexp(weights, -int(np.frexp(weights.max())[1]))
    if problem.n_classes:
        return TreeRows(X, y, weights)
    unit = float(np.abs(y).max()) or 1.0  # squares of what is measured in it neither overflow nor vanish
    mean = unit * float(np.average(y / unit, weights=weights))
    spread = unit * float(np.sqrt(np.average((y / unit - mean / unit) ** 2, weights=weights)))
    offset = mean if abs(mean) > 1e3 * spread else 0.0
    scale = 2.0 ** round(np.log2(spread)) if spread and not 1e-4 < spread < 1e6 else 1.0
    return TreeRows(X, (y - offset) / scale, weights, offset, scale)


def loss(predicted: Array, y: NDArray[Any], weights: Array | None) -> float:
    """The mean loss of predictions ``(m, K)``, probabilities, or ``(m,)``, values: log loss, or half the squared error.

    ``y`` is ``(m,)``, ``weights`` ``(m,)`` or None. A probability of 0 counts as the least number above it.

    >>> round(loss(np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([0, 1]), None), 4)
    0.3466
    >>> loss(np.array([3.0]), np.array([1.0]), None)
    2.0
    """
    if predicted.ndim == 1:
        each = 0.5 * (predicted - y) ** 2
    else:
        each = -np.log(np.maximum(predicted[np.arange(len(y)), y], np.finfo(np.float64).eps))
    return float(each.mean() if weights is None else each @ weights / weights.sum())


def mark(problem: Problem, hyper: object) -> dict[str, NDArray[np.uint8]]:
    """``{"of": (16,) uint8}``: what tells a training of these hyperparameters on data of this shape from others.

    >>> mark(Problem(np.ones((2, 1)), np.array([0, 1]), 2), None)["of"].shape
    (16,)
    """
    text = repr((hyper, problem.X.shape, problem.n_classes, problem.seed, problem.levels))
    if problem.signs or problem.groups:  # so that what was begun without them goes on
        text += repr((problem.signs, problem.groups))
    return {"of": np.frombuffer(blake2b(text.encode(), digest_size=16).digest(), dtype=np.uint8).copy()}


def check_mark(fit: Fit, problem: Problem, hyper: object) -> None:
    """Raises `InvalidArtifact` unless ``fit``, with arrays of any shape, was begun with this problem and ``hyper``.

    >>> check_mark(Fit(0, 1, np.zeros(0), {}), Problem(np.ones((2, 1)), np.array([0, 1]), 2), None)
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: the checkpoint belongs to other data or other hyperparameters
    """
    found = fit.arrays.get("of")
    if found is None or not np.array_equal(found, mark(problem, hyper)["of"]):
        raise InvalidArtifact("the checkpoint belongs to other data or other hyperparameters")


def anew(warm: object) -> str:
    """The note of a training that was asked to go on from an earlier version.

    >>> anew(None), anew({})
    ('', 'trained anew: trees do not go on from an earlier version')
    """
    return "" if warm is None else "trained anew: trees do not go on from an earlier version"


def random_state(seed: int) -> int:
    """The seed that scikit-learn takes for a ``seed``: the seed itself, unless it is too large.

    >>> random_state(7), random_state(2**40) < 2**32
    (7, True)
    """
    return seed if seed < 2**32 else int(np.random.default_rng(seed).integers(2**32))
