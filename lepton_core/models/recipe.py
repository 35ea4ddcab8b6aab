"""Hyperparameters of gradient descent, and the parts of the engine that they choose."""

from dataclasses import dataclass

from lepton_core.descent import (
    Array,
    Batches,
    Full,
    Loss,
    Mini,
    Optimizer,
    Penalty,
    Schedule,
    constant,
    cosine,
    exponential,
    gradient_descent,
    inverse_time,
    lipschitz,
    momentum,
    step,
)
from lepton_core.errors import InvalidData
from lepton_core.models.hyper import setting

_STEPS = 10


@dataclass(frozen=True)
class DescentHyper:
    """How a linear model is trained by gradient descent."""

    iterations: int = setting(1000, "Updates, or epochs if batch_size is given.", low=1, high=10_000_000)
    learning_rate: float | None = setting(
        None, "Length of a step along the gradient; left out, it is chosen from the data.", above=0
    )
    optimizer: str = setting(
        "gradient_descent",
        "How a gradient becomes a step.",
        choices=("gradient_descent", "momentum", "nesterov"),
    )
    momentum: float = setting(
        0.9, "Share of the last step that is kept (momentum and nesterov).", low=0, below=1
    )
    batch_size: int | None = setting(None, "Rows of a mini-batch; left out, all rows make one batch.", low=1)
    l1: float = setting(0.0, "Weight of the sum of absolute weights in the objective.", low=0)
    l2: float = setting(0.0, "Weight of half the sum of squared weights in the objective.", low=0)
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
    patience: int = setting(
        10, "Iterations at rest (mini-batches: epochs without progress) after which training stops.", low=1
    )


def penalty(hyper: DescentHyper) -> Penalty:
    """The penalty on the weights.

    >>> penalty(DescentHyper(l2=0.5))
    Penalty(l1=0.0, l2=0.5)
    """
    return Penalty(l1=hyper.l1, l2=hyper.l2)


def optimizer(hyper: DescentHyper) -> Optimizer:
    """The optimizer by its name.

    >>> sorted(optimizer(DescentHyper()).init([0.0]))
    []
    """
    if hyper.optimizer == "gradient_descent":
        return gradient_descent()
    return momentum(hyper.momentum, nesterov=hyper.optimizer == "nesterov")


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
    """The rate and a note: the caller's own, obeyed as it is, or 1/L with `lipschitz`'s L.

    Momentum multiplies the noise of mini-batches by ``1/(1 - momentum)``, so a chosen rate is divided by
    that.

    >>> import numpy as np
    >>> from lepton_core.descent import Squared
    >>> learning_rate(DescentHyper(), Squared(), np.array([[2.0], [-2.0]]))
    (0.25, 'learning rate 0.25 chosen from the data')
    """
    if hyper.learning_rate is not None:
        return hyper.learning_rate, ""
    constant_of_gradient = lipschitz(loss, X, l2=hyper.l2, batch=hyper.batch_size)
    rate = 1.0 / constant_of_gradient
    if rate == 0.0:
        raise InvalidData("the features are too large to train on; add Normalize to the preprocessor")
    if isinstance(batches(hyper, len(X), 0), Mini) and hyper.optimizer != "gradient_descent":
        rate *= 1.0 - hyper.momentum
    return rate, f"learning rate {rate:.3g} chosen from the data"
