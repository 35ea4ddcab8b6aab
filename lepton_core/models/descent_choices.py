"""The choices of a `Plan`, made: penalty, optimizer, schedule, batches and learning rate of the descent engine."""

from collections.abc import Callable
from math import isfinite
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import (
    Array,
    Batches,
    Full,
    Loss,
    Mini,
    Optimizer,
    Penalty,
    RateSchedule,
    adagrad,
    adam,
    clip_by_norm,
    constant,
    cosine,
    decoupled_decay,
    exponential,
    gradient_descent,
    inverse_curvature,
    inverse_time,
    lbfgs,
    line_search,
    lipschitz,
    momentum,
    rmsprop,
    step,
)
from lepton_core.descent.losses import Curved
from lepton_core.descent.newton import bend, newton
from lepton_core.descent.proximal import proximal, working_set
from lepton_core.descent.relay import relay
from lepton_core.errors import InvalidData
from lepton_core.matrix import Blocks, Matrix, row_squares
from lepton_core.models.descent_hyper import ADAPTIVE, OWN_STEPS, RELAY, Plan

R = TypeVar("R")

_STEPS = 10
_SHARE = 0.01
_SHARE_OF_ADAGRAD = 0.2


def penalty(plan: Plan) -> Penalty:
    """The penalty on the weights.

    >>> from lepton_core.models.descent_hyper import DescentHyper, plan
    >>> penalty(plan(DescentHyper(l2=0.5), 100, 3, 2)), penalty(plan(DescentHyper(), 100, 3, 2))
    (Penalty(l1=0.0, l2=0.5), Penalty(l1=0.0, l2=0.01))
    """
    return Penalty(l1=plan.l1, l2=plan.l2)


def optimizer(plan: Plan, loss: Loss, X: Matrix, y: NDArray[Any], s: Array | None = None) -> Optimizer:
    """The optimizer by its name, with its transforms, for ``X`` ``(m, n)``, ``y`` and shares ``s`` ``(m,)``.

    Only those that find their own steps look at the data.

    >>> from lepton_core.descent import Squared
    >>> from lepton_core.models.descent_hyper import DescentHyper, plan
    >>> made = optimizer(plan(DescentHyper(optimizer="momentum"), 2, 1, 0), Squared(), np.ones((2, 1)), np.ones(2))
    >>> sorted(made.init(np.zeros(2)))
    ['before']
    """
    costs, curved = penalty(plan), cast(Curved, loss)
    choices: dict[str, Callable[[], Optimizer]] = {
        "gradient_descent": gradient_descent,
        "momentum": lambda: momentum(plan.momentum),
        "nesterov": lambda: momentum(plan.momentum, nesterov=True),
        "adagrad": adagrad,
        "rmsprop": rmsprop,
        "adam": adam,
        "adamw": adam,
        "line_search": lambda: line_search(costs),
        "lbfgs": lambda: lbfgs(_when_needed(lambda: inverse_curvature(loss, X, s, l2=plan.l2))),
        "newton": lambda: newton(_when_needed(lambda: bend(curved, X, y, s, l2=plan.l2))),
        "lbfgs, then newton": lambda: relay(choices["lbfgs"](), choices["newton"](), after=RELAY),
        "proximal": lambda: proximal(
            _when_needed(lambda: working_set(curved, X, y, s, penalty=costs)), costs
        ),
    }
    made = choices["lbfgs, then newton" if plan.hands_over else plan.optimizer]()
    if plan.clip is not None:
        made = clip_by_norm(made, plan.clip)
    if plan.weight_decay:
        made = decoupled_decay(made, plan.weight_decay)
    return made


def _when_needed(make: Callable[[], Callable[[Array], R]]) -> Callable[[Array], R]:
    """``make()``, called at the first use: a fit that only begins, or is finished, needs no pass over the rows."""
    made: list[Callable[[Array], R]] = []

    def of(array: Array) -> R:
        if not made:
            made.append(make())
        return made[0](array)

    return of


def schedule(plan: Plan) -> RateSchedule:
    """The schedule by its name, scaled so that the last iteration has the factor ``decay``.

    >>> from lepton_core.models.descent_hyper import DescentHyper, plan
    >>> given = DescentHyper(iterations=101, schedule="inverse_time", decay=0.5)
    >>> falling = schedule(plan(given, 100, 3, 2))
    >>> falling(0), falling(100)
    (1.0, 0.5)
    """
    last = max(1, plan.iterations - 1)
    every = -(-plan.iterations // _STEPS)
    steps = max(1, last // every)
    return {
        "constant": constant(),
        "step": step(every, plan.decay ** (1 / steps)),
        "exponential": exponential(plan.decay ** (1 / last)),
        "cosine": cosine(last, plan.decay),
        "inverse_time": inverse_time((1 / plan.decay - 1) / last),
    }[plan.schedule]


def batches(plan: Plan, seed: int) -> Batches:
    """Mini-batches if they are smaller than all rows together.

    >>> from lepton_core.models.descent_hyper import DescentHyper, plan
    >>> of = DescentHyper(batch_size=8)
    >>> batches(plan(of, 100, 3, 2), seed=0), batches(plan(of, 5, 3, 2), seed=0)
    (Mini(size=8, seed=0), Full())
    """
    return Full() if plan.batch_size is None else Mini(plan.batch_size, seed)


def learning_rate(
    plan: Plan, loss: Loss, X: Matrix, y: NDArray[Any], s: Array | None = None, *, n_classes: int
) -> tuple[float, str]:
    """The rate for ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``, and a note if it was chosen here.

    The caller's own as it is; else 1/L with `lipschitz`'s L. Momentum multiplies the noise of mini-batches by
    ``1/(1 - momentum)``, so a chosen rate is divided by that. The adaptive ones move every weight by about the
    rate, so theirs is in the units of weights: 0.01 times (adagrad, whose steps only shrink: 0.2 times) the root of
    the mean square of the targets (classes: 1) over that of the features, which is at least 1, that of the intercept.
    1 for those that find their own steps. Raises `InvalidData` if the squares of ``X`` overflow.

    >>> from lepton_core.descent import Squared
    >>> from lepton_core.models.descent_hyper import DescentHyper, plan
    >>> given = plan(DescentHyper(iterations=10), 2, 1, 0)
    >>> learning_rate(given, Squared(), np.array([[2.0], [-2.0]]), np.array([1.0, 0.0]), n_classes=0)
    (0.25, 'learning rate 0.25 chosen from the data')
    """
    if plan.learning_rate is not None:
        return plan.learning_rate, ""
    if plan.optimizer in OWN_STEPS or plan.optimizer in ADAPTIVE:
        squares = sum_of_squares(X, s if plan.optimizer in ADAPTIVE else None)
        if plan.optimizer in OWN_STEPS:
            return 1.0, ""
        size = 1.0 if n_classes else _spread(y, s)
        share = _SHARE_OF_ADAGRAD if plan.optimizer == "adagrad" else _SHARE
        rate = share * size / max(1.0, (squares / max(1, X.size)) ** 0.5)
    else:
        constant_of_gradient = lipschitz(loss, X, s, l2=plan.l2, batch=plan.batch_size)
        _check_squares(constant_of_gradient)
        rate = 1.0 / constant_of_gradient
        if plan.batch_size is not None and plan.optimizer != "gradient_descent":
            rate *= 1.0 - plan.momentum
    return rate, f"learning rate {rate:.3g} chosen from the data"


def _spread(y: NDArray[Any], s: Array | None) -> float:
    """The size of the scores that values ask for: the root of their mean square."""
    return float(np.sqrt(np.average(np.square(y), weights=s))) or 1.0


def sum_of_squares(X: Matrix, s: Array | None = None) -> float:
    """Of all of ``X`` ``(m, n)``, each row times its share ``s`` ``(m,)``.

    Raises `InvalidData` if that is no finite number.

    >>> sum_of_squares(np.array([[3.0, 4.0]])), sum_of_squares(np.array([[3.0], [4.0]]), np.array([2.0, 0.0]))
    (25.0, 18.0)
    """
    if s is None and not isinstance(X, Blocks):
        total = float(np.einsum("ij,ij->", X, X))
    else:
        total = float((np.ones(len(X)) if s is None else s) @ row_squares(X))
    _check_squares(total)
    return total


def _check_squares(total: float) -> None:
    if not isfinite(total):
        raise InvalidData("the features are too large to train on; add Normalize to the preprocessor")
