"""The demands of algorithms on a problem, and the rows of it that count."""

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput, RowFault
from lepton_core.matrix import Array, Blocks, Matrix, dense, not_finite, row_chunks
from lepton_core.models.algorithm import Problem

_LEAST_SPREAD = 1e-150


def demand(problem: Problem, tasks: Collection[str]) -> None:
    """Raises `InvalidInput` for another task than ``tasks``, `InvalidData` for one class or numbers not finite.

    >>> demand(Problem(np.array([[np.nan]]), np.array([0]), n_classes=2), {"classification"})
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 1: a value is missing or not finite
    """
    if ("classification" if problem.n_classes else "regression") not in tasks:
        raise InvalidInput(f"this algorithm is for {' and '.join(sorted(tasks))} only", field="algorithm")
    if problem.n_classes == 1:
        raise InvalidData("the label has one class only; at least two are needed to learn from")
    for values in (problem.X, problem.y[:, None]):
        row = not_finite(values)
        if row is not None:
            raise InvalidData("a value is missing or not finite", row=row + 1)


def check_targets(problem: Problem) -> None:
    """Raises `InvalidData` for values whose squares overflow.

    >>> check_targets(Problem(np.ones((1, 1)), np.array([1e200]), 0))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: the targets are too large to be squared; measure them in larger units
    """
    with np.errstate(over="ignore"):
        if not problem.n_classes and not np.isfinite(problem.y @ problem.y):
            raise InvalidData("the targets are too large to be squared; measure them in larger units")


def check_spread(problem: Problem) -> None:
    """Raises `InvalidData` for values whose squared differences vanish, though they differ.

    >>> check_spread(Problem(np.ones((2, 1)), np.array([1e-200, 3e-200]), 0))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: the targets are too small to be squared; measure them in smaller units
    """
    if not problem.n_classes and 0.0 < np.ptp(problem.y) < _LEAST_SPREAD:
        raise InvalidData("the targets are too small to be squared; measure them in smaller units")


def counted(problem: Problem) -> Problem:
    """The problem without rows of weight 0, and with ``X`` row after row.

    >>> counted(Problem(np.ones((3, 1)), np.zeros(3), 0, weights=np.array([2.0, 0.0, 2.0]))).total
    4.0
    """
    weights = problem.weights
    if weights is not None and not weights.all():
        at = np.flatnonzero(weights)
        problem = replace(problem, X=problem.X[at], y=problem.y[at], weights=weights[at])
    if isinstance(problem.X, Blocks):
        return problem
    # The last bits depend on the order in memory, and a resumed run may hold the data in another. Arrays that
    # lie row after row at addresses of whole numbers, as a preprocessor makes them, are not copied.
    return replace(problem, X=np.require(problem.X, requirements=("C_CONTIGUOUS", "ALIGNED")))


def piecewise(predict: Callable[[Array], Array], X: Matrix) -> Array:
    """``predict`` of ``X`` ``(m, n)``: ``(m,)`` or ``(m, K)``; blocks are expanded some rows at a time.

    Raises what ``predict`` raises, with the rows of ``X``.

    >>> piecewise(lambda rows: rows.sum(axis=1), np.ones((2, 3))).tolist()
    [3.0, 3.0]
    """
    if not isinstance(X, Blocks):
        return predict(X)
    made = []
    by_row: dict[int, RowFault] = {}
    for at in row_chunks(X, expanded=True):
        try:
            made.append(predict(dense(X[at])))
        except InvalidData as error:
            if not error.by_row:
                raise
            by_row |= {row + at.start: fault for row, fault in error.by_row.items()}
    if by_row:
        raise InvalidData.in_rows(by_row)
    return np.concatenate(made) if made else predict(dense(X))
