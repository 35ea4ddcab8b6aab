"""Linear regression: least squares, or Huber's loss, with ridge (l2), lasso (l1) or both as penalties."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import (
    Full,
    Huber,
    Loss,
    Penalty,
    Squared,
    begin,
    constant,
    descend,
    inverse_curvature,
    lbfgs,
)
from lepton_core.errors import InvalidArtifact
from lepton_core.matrix import Matrix
from lepton_core.models import descent_hyper
from lepton_core.models.algorithm import Array
from lepton_core.models.constraints import unconstrained
from lepton_core.models.descent_choices import sum_of_squares
from lepton_core.models.descent_hyper import DescentHyper
from lepton_core.models.gradient import GradientTrained
from lepton_core.models.hyper import Elsewhere, setting
from lepton_core.models.ranges import LogUniform

_WIDTH = 1.35  # of the spread: 95 % as sure as least squares where errors are normal (Huber)
_NORMAL = 1.4826  # the standard deviation of normal errors over the median of their sizes
_LEAST = 1e-8
_HARDLY = 1e-10  # of a penalty that only chooses among minima


@dataclass(frozen=True)
class LinearHyper(DescentHyper):
    """Those of descent, and which loss."""

    # In the target's units, and so drawn from a wide range.
    l1: float = setting(
        0.0, "Weight of the sum of absolute weights in the objective.", low=0, search=LogUniform(1e-3, 100.0)
    )
    l2: float | None = setting(
        None,
        "Weight of half the sum of squared weights in the objective. Left out: 0, but where a column has at most 50 "
        "rows what generalized cross-validation finds, if that leaves at most 0.99 of the error; of words of texts "
        "what five folds find.",
        low=0,
        search=LogUniform(1e-5, 1.0),
    )
    loss: str = setting(
        "squared",
        "What an error costs: its square, or with huber only its size once it is larger than huber_delta, so that "
        "outliers bend nothing.",
        choices=("squared", "huber"),
    )
    huber_delta: float | None = setting(
        None,
        "Size of an error, in the target's units, from which its cost grows linearly. Left out: 1.35 times the "
        "spread (1.4826 times the median size) of the errors of least squares.",
        above=0,
    )

    elsewhere: ClassVar[Mapping[str, Elsewhere]] = unconstrained("linear_regression")


def loss(n_classes: int, hyper: LinearHyper) -> Loss:
    """The loss by its name. Raises `InvalidArtifact` for Huber's if neither caller nor data said its delta.

    >>> loss(0, LinearHyper()), loss(0, LinearHyper(loss="huber", huber_delta=2.0))
    (Squared(), Huber(delta=2.0))
    """
    if hyper.loss == "squared":
        return Squared()
    if hyper.huber_delta is None:
        raise InvalidArtifact("the checkpoint lacks the delta of Huber's loss", field="huber_delta")
    return Huber(hyper.huber_delta)


def settle(
    X: Matrix, y: NDArray[Any], s: Array | None, total: float, hyper: LinearHyper
) -> Mapping[str, float]:
    """``huber_delta`` where it is needed and left out, from ``X`` ``(m, n)``, ``y`` and shares ``s`` ``(m,)`` of total.

    And ``l2`` where it is left out: what `ridge` finds. Where that finds nothing and there are as many columns as
    rows, least squares have many minima, and a penalty of 1e-10 of the mean square of ``X`` picks the shortest of
    them, as the pseudoinverse does. Raises `InvalidData` if the squares of ``X`` overflow.

    >>> X, y = np.arange(5.0)[:, None], np.array([0.0, 1.0, 2.0, 3.0, 14.0])
    >>> {name: round(value, 3) for name, value in settle(X, y, None, 5.0, LinearHyper(loss="huber")).items()}
    {'huber_delta': 4.003}
    >>> settle(X, y, None, 5.0, LinearHyper()), settle(X.T, np.array([3.0]), None, 1.0, LinearHyper())
    ({}, {'l2': 6e-10})
    """
    if hyper.loss == "squared":
        return _penalty(X, y, s, total, hyper)
    if hyper.huber_delta is not None:
        return {}
    sum_of_squares(X)
    residuals = _residuals(X, y, s, hyper.l2 or 0.0)
    spread = _NORMAL * median(np.abs(residuals - median(residuals, s)), s)
    # Where more than half of the errors are nothing but rounding, the few that are not say how large errors are.
    floor = _LEAST * float(np.sqrt(np.average(np.square(y - np.average(y, weights=s)), weights=s)))
    if spread <= floor:
        spread = float(np.sqrt(np.average(np.square(residuals), weights=s)))
    return {"huber_delta": _WIDTH * spread if spread > floor else 1.0}


def _penalty(
    X: Matrix, y: NDArray[Any], s: Array | None, total: float, hyper: LinearHyper
) -> dict[str, float]:
    rows, columns = X.shape
    if hyper.l2 is not None or hyper.l1:
        return {}
    if descent_hyper.plan(hyper, rows, columns, 0, quadratic=True).optimizer not in descent_hyper.MINIMISERS:
        return {}
    from lepton_core.models.ridge import ridge  # noqa: PLC0415  (predictions need it not)

    l2 = ridge(X, y, s, total)
    if l2 is None and columns >= rows:
        l2 = _HARDLY * sum_of_squares(X) / max(1, X.size)
    return {"l2": l2} if l2 else {}


def median(values: Array, s: Array | None) -> float:
    """The median of ``values`` ``(m,)``, of which each counts ``s`` ``(m,)`` times.

    >>> median(np.array([3.0, 1.0, 2.0, 10.0]), None), median(np.array([3.0, 1.0, 2.0]), np.array([0.9, 0.9, 1.2]))
    (2.5, 2.0)
    """
    if s is None:
        return float(np.median(values))
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(s[order])
    # From both ends, so that a weight of 2 is a value that occurs twice, also where the middle lies between two.
    low, high = np.searchsorted(upto, upto[-1] / 2 * np.array([1 - _LEAST, 1 + _LEAST]))
    return float((values[order[low]] + values[order[min(high, len(values) - 1)]]) / 2)


def _residuals(X: Matrix, y: NDArray[Any], s: Array | None, l2: float) -> Array:
    optimizer = lbfgs(inverse_curvature(Squared(), X, s, l2=l2))
    state = begin(np.zeros(X.shape[1] + 1), optimizer)
    parts = (Squared(), Penalty(l2=l2), optimizer, constant(), Full(), state, X, y, s)
    w = descend(*parts, rate=1.0, iterations=100, tolerance=1e-9, patience=3).weights
    return np.asarray(X @ w[:-1] + w[-1] - y)


ALGORITHM = GradientTrained(
    name="linear_regression",
    tasks=frozenset({"regression"}),
    loss=loss,
    outputs=lambda scores: scores,
    unit="value",
    defaults=LinearHyper(),
    settle=settle,
)
