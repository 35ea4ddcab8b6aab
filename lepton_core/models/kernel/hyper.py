"""Hyperparameters of support vector machines, and what is decided where they are left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

import numpy as np

from lepton_core.descent import Array
from lepton_core.errors import InvalidInput
from lepton_core.models.constraints import unconstrained
from lepton_core.models.descent_hyper import FIRST_ORDER, DescentHyper
from lepton_core.models.hyper import Elsewhere, setting
from lepton_core.models.ranges import LogUniform, OneOf

INTERIOR = "interior_point"
SMOOTH_ONLY = ("line_search", "lbfgs")

MOST_UNKNOWNS = 5000
"""The interior point method factors a matrix of so many rows at most: the fewer of rows and features."""

_OF_DESCENT = {one.name: one for one in fields(DescentHyper)}
_TEXTBOOK = ("iterations", "learning_rate", "batch_size")
_SHARE = 0.1
_FLAT = float(np.finfo(np.float64).tiny)


def _of_descent(name: str) -> Any:
    one = _OF_DESCENT[name]
    return field(default=one.default, metadata=one.metadata)


@dataclass(frozen=True)
class SvmHyper:
    """How a support vector machine is trained; None is what `settle` decides."""

    kernel: str = setting(
        "linear",
        "How rows are compared: linear by x.z, rbf by exp(-gamma |x - z|^2), poly by (gamma x.z + coef0)^degree. "
        "The last two need scikit-learn for training.",
        choices=("linear", "rbf", "poly"),
        search=OneOf("linear", "rbf"),
    )
    loss: str | None = setting(
        None,
        "Cost of a row t inside of its margin: t (hinge) or t^2 (squared_hinge); for values t counts from epsilon "
        "on. Left out: squared_hinge for classes and smooth optimizers, hinge for values and kernels.",
        choices=("hinge", "squared_hinge"),
    )
    C: float | None = setting(
        None,
        "Weight of the costs against half the sum of squared weights. Left out: 1; for values under hinge the "
        "standard deviation of the targets, so that their unit makes no difference.",
        above=0,
        search=LogUniform(1e-2, 1e2),
    )
    epsilon: float | None = setting(
        None,
        "Distance from its target up to which a value costs nothing. Left out: a tenth of the standard deviation of "
        "the targets.",
        low=0,
    )
    gamma: float | None = setting(
        None,
        "Scale of rbf and poly. Left out: 1 / (features * variance of all their values).",
        above=0,
    )
    degree: int = setting(3, "Degree of poly.", low=1, high=10)
    coef0: float = setting(0.0, "Constant in poly.", low=0)
    iterations: int | None = setting(
        None,
        "Updates, or epochs if batch_size is given. Left out: 1000 at most, 200 for interior_point.",
        low=1,
        high=10_000_000,
    )
    learning_rate: float | None = _of_descent("learning_rate")
    optimizer: str = setting(
        "auto",
        "How a linear one is trained. auto: gradient_descent if iterations, learning_rate, batch_size or a schedule "
        "is given, momentum if that is, else interior_point, which finds the minimum to the last digits under either "
        f"loss; lbfgs above {MOST_UNKNOWNS} rows and features, for squared_hinge.",
        choices=("auto", INTERIOR, *FIRST_ORDER, *SMOOTH_ONLY),
    )
    momentum: float | None = _of_descent("momentum")
    batch_size: int | None = _of_descent("batch_size")
    schedule: str = _of_descent("schedule")
    decay: float = _of_descent("decay")
    tolerance: float | None = setting(
        None,
        "Gap to the minimum, relative to it, up to which interior_point has arrived (left out: 1e-9); relative "
        "change of the loss up to which other optimizers rest (left out: 1e-7, or 0 if iterations are given); "
        "scikit-learn's tolerance of kernels (left out: 1e-3).",
        low=0,
        below=1,
    )
    patience: int | None = setting(
        None,
        "Iterations at rest (mini-batches: epochs without progress) after which training stops. Left out: 10, or 3 for "
        "lbfgs.",
        low=1,
        high=10_000_000,
    )

    elsewhere: ClassVar[Mapping[str, Elsewhere]] = unconstrained("svm")


def check(hyper: SvmHyper) -> None:
    """Raises `InvalidInput` naming a hyperparameter that the others make meaningless.

    >>> check(SvmHyper(kernel="rbf", iterations=10))
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: does not go with kernel='rbf', which has no gradient descent
    """
    descends = {
        "iterations": hyper.iterations is not None,
        "learning_rate": hyper.learning_rate is not None,
        "optimizer": hyper.optimizer != "auto",
        "momentum": hyper.momentum is not None,
        "batch_size": hyper.batch_size is not None,
        "schedule": hyper.schedule != "constant",
    }
    if hyper.kernel != "linear":
        why = f"kernel={hyper.kernel!r}, which has no gradient descent"
        if hyper.loss == "squared_hinge":
            raise InvalidInput(
                f"does not go with kernel={hyper.kernel!r}, which has hinge only", field="loss"
            )
    elif hyper.optimizer in (INTERIOR, *SMOOTH_ONLY):
        why = f"optimizer={hyper.optimizer!r}, which uses all rows and finds its own steps"
        descends |= {"iterations": False, "optimizer": False}
    else:
        return
    for name, wrong in descends.items():
        if wrong:
            raise InvalidInput(f"does not go with {why}", field=name)
    if hyper.optimizer in SMOOTH_ONLY and hyper.loss == "hinge":
        raise InvalidInput(
            f"does not go with optimizer={hyper.optimizer!r}: hinge has corners, squared_hinge has none",
            field="loss",
        )


def settle(hyper: SvmHyper, X: Array, y: Array, weights: Array, n_classes: int) -> SvmHyper:
    """``hyper`` with all decided but the learning rate, from ``X`` ``(m, n)``, ``y`` and ``weights`` ``(m,)``.

    Raises `InvalidInput` for a linear hinge with more rows and features than the interior point method takes.

    >>> X, y = np.array([[1.0], [-1.0]]), np.array([-3.0, 1.0])
    >>> of = settle(SvmHyper(kernel="rbf"), X, y, np.ones(2), n_classes=0)
    >>> of.loss, of.C, of.epsilon, of.gamma
    ('hinge', 2.0, 0.2, 1.0)
    """
    loss = hyper.loss
    if loss is None:
        smooth = hyper.kernel == "linear" and (n_classes > 0 or hyper.optimizer in SMOOTH_ONLY)
        loss = "squared_hinge" if smooth else "hinge"
    spread = 1.0 if n_classes else _spread(y, weights)
    c = spread or 1.0 if loss == "hinge" else 1.0
    return replace(
        hyper,
        loss=loss,
        C=hyper.C or c,
        epsilon=_SHARE * spread if hyper.epsilon is None else hyper.epsilon,
        gamma=hyper.gamma or _gamma(X),
        optimizer=hyper.optimizer if hyper.optimizer != "auto" else _optimizer(hyper, loss, *X.shape),
    )


def _spread(y: Array, weights: Array) -> float:
    apart = y - np.average(y, weights=weights)
    spread = float(np.sqrt(np.average(np.square(apart), weights=weights)))
    return spread if spread > 1e-12 * float(np.abs(y).max()) else 0.0


def _gamma(X: Array) -> float:
    variance = float(X.var()) if X.size else 0.0
    # A variance whose inverse is no number is none.
    return 1.0 / (X.shape[1] * variance) if variance > _FLAT else 1.0


def _optimizer(hyper: SvmHyper, loss: str, rows: int, columns: int) -> str:
    if hyper.momentum is not None:
        return "momentum"
    if hyper.schedule != "constant" or any(getattr(hyper, name) is not None for name in _TEXTBOOK):
        return "gradient_descent"
    if hyper.kernel != "linear" or min(rows, columns) <= MOST_UNKNOWNS:
        return INTERIOR
    if loss == "hinge":
        raise InvalidInput(
            f"a linear hinge takes at most {MOST_UNKNOWNS} rows or features: take squared_hinge, or give iterations "
            "for subgradient descent",
            field="loss",
        )
    return "lbfgs"
