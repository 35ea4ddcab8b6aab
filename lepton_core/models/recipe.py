"""Hyperparameters of descent, what is decided where they are left out, and the parts of the engine they choose."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from lepton_core.descent import (
    Array,
    Batches,
    Full,
    Inverse,
    Loss,
    Mini,
    Optimizer,
    Penalty,
    Schedule,
    constant,
    cosine,
    exponential,
    gradient_descent,
    identity,
    inverse_curvature,
    inverse_time,
    lbfgs,
    lipschitz,
    momentum,
    step,
)
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.models.hyper import setting

_STEPS = 10
_TOLERANCE = 1e-7


@dataclass(frozen=True)
class DescentHyper:
    """How a linear model is trained by descent; None is what `resolve` or the data decide."""

    iterations: int = setting(1000, "Updates, or epochs if batch_size is given.", low=1, high=10_000_000)
    learning_rate: float | None = setting(
        None, "Length of a step along the gradient; left out, it is chosen from the data.", above=0
    )
    optimizer: str | None = setting(
        None,
        "How a gradient becomes a step. Left out: gradient_descent if iterations, learning_rate, batch_size or a "
        "schedule is given, momentum if that is, nesterov for l1, else lbfgs.",
        choices=("gradient_descent", "momentum", "nesterov", "lbfgs"),
    )
    momentum: float = setting(
        0.9, "Share of the last step that is kept (momentum and nesterov).", low=0, below=1
    )
    batch_size: int | None = setting(None, "Rows of a mini-batch; left out, all rows make one batch.", low=1)
    l1: float = setting(0.0, "Weight of the sum of absolute weights in the objective.", low=0)
    l2: float | None = setting(
        None,
        "Weight of half the sum of squared weights in the objective. Left out: 0, but 1 / rows for classes under "
        "lbfgs, which would else follow classes that a plane divides to infinite weights.",
        low=0,
    )
    schedule: str = setting(
        "constant",
        "How the learning rate falls.",
        choices=("constant", "step", "exponential", "cosine", "inverse_time"),
    )
    decay: float = setting(
        0.01, "Share of the learning rate left at the last iteration (constant ignores it).", low=1e-9, high=1
    )
    tolerance: float | None = setting(
        None,
        "Relative change of the loss up to which it counts as resting; 0 never stops early. "
        "Left out: 1e-7, or 0 if iterations are given.",
        low=0,
        below=1,
    )
    patience: int | None = setting(
        None,
        "Iterations at rest (mini-batches: epochs without progress) after which training stops. "
        "Left out: 10, or 3 for lbfgs, whose loss never rises.",
        low=1,
    )


def resolve(hyper: DescentHyper, given: Mapping[str, Any], *, classes: bool) -> DescentHyper:
    """``hyper`` with what was left out of ``given`` decided; only ``l2`` 1 / rows and the rate wait for the data.

    A caller that names iterations or a learning rate means gradient descent as in the textbook, all of it.
    Raises `InvalidInput` for what lbfgs cannot be combined with.

    >>> resolve(DescentHyper(), {}, classes=False).optimizer
    'lbfgs'
    >>> resolve(DescentHyper(iterations=5), {"iterations": 5}, classes=True).optimizer
    'gradient_descent'
    """
    told = {name for name, value in given.items() if value is not None}
    chosen = hyper.optimizer or _optimizer(hyper, told)
    l2, tolerance, patience = hyper.l2, hyper.tolerance, hyper.patience or 10
    if tolerance is None:
        tolerance = 0.0 if "iterations" in told else _TOLERANCE
    if chosen == "lbfgs":
        _check_lbfgs(hyper)
        patience = hyper.patience or 3
    if l2 is None and not (chosen == "lbfgs" and classes):
        l2 = 0.0
    return replace(hyper, optimizer=chosen, l2=l2, tolerance=tolerance, patience=patience)


def _optimizer(hyper: DescentHyper, told: set[str]) -> str:
    if "momentum" in told:
        return "momentum"
    if told & {"iterations", "learning_rate", "batch_size"} or hyper.schedule != "constant":
        return "gradient_descent"
    return "nesterov" if hyper.l1 else "lbfgs"


def _check_lbfgs(hyper: DescentHyper) -> None:
    for field, wrong in (
        ("learning_rate", hyper.learning_rate is not None),
        ("batch_size", hyper.batch_size is not None),
        ("l1", hyper.l1 > 0.0),
        ("schedule", hyper.schedule != "constant"),
    ):
        if wrong:
            raise InvalidInput(
                "does not go with optimizer='lbfgs', which uses all rows and finds its own steps", field=field
            )


def penalty(hyper: DescentHyper, rows: int) -> Penalty:
    """The penalty on the weights.

    >>> penalty(DescentHyper(l2=0.5), rows=100), penalty(DescentHyper(), rows=100)
    (Penalty(l1=0.0, l2=0.5), Penalty(l1=0.0, l2=0.01))
    """
    return Penalty(l1=hyper.l1, l2=1.0 / rows if hyper.l2 is None else hyper.l2)


def optimizer(hyper: DescentHyper, inverse: Inverse = identity) -> Optimizer:
    """The optimizer by its name; ``inverse`` is lbfgs's first idea of the inverse of the Hessian.

    >>> sorted(optimizer(DescentHyper(optimizer="momentum")).init([0.0]))
    ['before']
    """
    if hyper.optimizer == "lbfgs":
        return lbfgs(inverse)
    if hyper.optimizer == "gradient_descent":
        return gradient_descent()
    return momentum(hyper.momentum, nesterov=hyper.optimizer == "nesterov")


def inverse(hyper: DescentHyper, loss: Loss, X: Array) -> Inverse:
    """What `optimizer` needs for going on."""
    if hyper.optimizer != "lbfgs":
        return identity
    return inverse_curvature(loss, X, l2=penalty(hyper, len(X)).l2)


def schedule(hyper: DescentHyper) -> Schedule:
    """The schedule by its name, scaled so that the last iteration has the factor ``decay``.

    >>> falling = schedule(DescentHyper(iterations=101, schedule="inverse_time", decay=0.5))
    >>> falling(0), falling(100)
    (1.0, 0.5)
    """
    last = max(1, hyper.iterations - 1)
    every = -(-hyper.iterations // _STEPS)
    steps = max(1, last // every)
    return {
        "constant": constant(),
        "step": step(every, hyper.decay ** (1 / steps)),
        "exponential": exponential(hyper.decay ** (1 / last)),
        "cosine": cosine(last, hyper.decay),
        "inverse_time": inverse_time((1 / hyper.decay - 1) / last),
    }[hyper.schedule]


def batches(hyper: DescentHyper, rows: int, seed: int) -> Batches:
    """Mini-batches if they are smaller than all rows together.

    >>> batches(DescentHyper(batch_size=8), 100, seed=0), batches(DescentHyper(batch_size=8), 5, seed=0)
    (Mini(size=8, seed=0), Full())
    """
    if hyper.batch_size is None or hyper.batch_size >= rows:
        return Full()
    return Mini(hyper.batch_size, seed)


def learning_rate(hyper: DescentHyper, loss: Loss, X: Array) -> tuple[float, str]:
    """The rate and a note: the caller's own, obeyed as it is, or 1/L with `lipschitz`'s L; lbfgs needs none.

    Momentum multiplies the noise of mini-batches by ``1/(1 - momentum)``, so a chosen rate is divided by
    that.

    >>> import numpy as np
    >>> from lepton_core.descent import Squared
    >>> hyper = resolve(DescentHyper(), {"iterations": 10}, classes=False)
    >>> learning_rate(hyper, Squared(), np.array([[2.0], [-2.0]]))
    (0.25, 'learning rate 0.25 chosen from the data')
    """
    if hyper.learning_rate is not None:
        return hyper.learning_rate, ""
    l2 = penalty(hyper, len(X)).l2
    if hyper.optimizer == "lbfgs":
        _check_squares(float(np.einsum("ij,ij->", X, X)))
        return 1.0, "" if hyper.l2 is not None else f"l2 {l2:.3g} chosen from the data"
    constant_of_gradient = lipschitz(loss, X, l2=l2, batch=hyper.batch_size)
    _check_squares(constant_of_gradient)
    rate = 1.0 / constant_of_gradient
    if isinstance(batches(hyper, len(X), 0), Mini) and hyper.optimizer != "gradient_descent":
        rate *= 1.0 - hyper.momentum
    return rate, f"learning rate {rate:.3g} chosen from the data"


def _check_squares(total: float) -> None:
    if not isfinite(total):
        raise InvalidData("the features are too large to train on; add Normalize to the preprocessor")
