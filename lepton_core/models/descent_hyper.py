"""Hyperparameters of descent, and what is decided where they are left out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.models.hyper import setting
from lepton_core.models.ranges import LogUniform

FIRST_ORDER = ("gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
"""Optimizers that take a step a batch, of a given or chosen length."""

ADAPTIVE = ("adagrad", "rmsprop", "adam", "adamw")
"""Those whose steps do not depend on the scale of the gradient."""

OWN_STEPS = ("line_search", "lbfgs", "newton", "proximal")
"""Optimizers over all rows that find the length of their steps."""

RELAY = 150
"""Iterations after which newton takes over from an lbfgs that was chosen here: what lies so flat needs the Hessian."""

_SECOND_ORDER = ("newton", "proximal")
MINIMISERS = ("lbfgs", *_SECOND_ORDER)
"""Those that go on until they are at the minimum itself."""

_ITERATIONS = 1000
_TOLERANCE = 1e-7
# A short step of these may be followed by a longer one; near a minimum their next steps bring it soon.
_TOLERANCES = {"lbfgs": 1e-10, "newton": 1e-12, "proximal": 1e-12}
_PATIENCE = {"lbfgs": 3, "proximal": 1, "newton": 1}
_SUMS = 1_000_000  # products that make a Hessian: more cost more than the passes that they spare
_SUMS_OF_ONE = 50_000_000  # where one Hessian is enough
_PASS = (
    1_500_000  # what a pass over fewer rows than columns may cost: products with the Hessian then spare many
)
_CORNERS = 2_000_000_000  # products of a Hessian at whose corners an iteration of proximal still pays
_WORKING = 1000  # weights, at most, that take part in one

# Settings that mean the same wherever weights are trained by descent, be they of a line or of a network.
MOMENTUM = partial(
    setting,
    None,
    "Share of the last step that is kept (momentum and nesterov). Left out: 0.9.",
    low=0,
    below=1,
)
CLIP = partial(
    setting, None, "Longest gradient; a longer one is shortened to it. Left out: any length.", above=0
)
WEIGHT_DECAY = partial(
    setting,
    None,
    "Share of the weights, times the learning rate, that each step takes away apart from the objective. "
    "Left out: 0.01 for adamw, else 0.",
    low=0,
)
SCHEDULE = partial(
    setting,
    "constant",
    "How the learning rate falls.",
    choices=("constant", "step", "exponential", "cosine", "inverse_time"),
)
DECAY = partial(
    setting,
    0.01,
    "Share of the learning rate left at the last iteration (constant ignores it).",
    low=1e-9,
    high=1,
)


@dataclass(frozen=True)
class DescentHyper:
    """How a linear model is trained by descent; None is what `plan` or the data decide."""

    iterations: int | None = setting(
        None, "Updates, or epochs if batch_size is given. Left out: 1000.", low=1, high=10_000_000
    )
    learning_rate: float | None = setting(
        None, "Length of a step along the gradient; left out, it is chosen from the data.", above=0
    )
    optimizer: str = setting(
        "auto",
        "How a gradient becomes a step. auto: gradient_descent if iterations, learning_rate, batch_size, clip, "
        "weight_decay or a schedule is given, momentum if that is, else what the shape of the data and l1 ask for; "
        "the note of the training says which and why.",
        choices=("auto", *FIRST_ORDER, *OWN_STEPS),
    )
    momentum: float | None = MOMENTUM()
    batch_size: int | None = setting(
        None, "Rows of a mini-batch; left out, all rows make one batch.", low=1, high=10_000_000
    )
    clip: float | None = CLIP()
    weight_decay: float | None = WEIGHT_DECAY()
    l1: float = setting(
        0.0, "Weight of the sum of absolute weights in the objective.", low=0, search=LogUniform(1e-4, 0.1)
    )
    l2: float | None = setting(
        None,
        "Weight of half the sum of squared weights in the objective. Left out: 0, but 1 / rows for classes under "
        "lbfgs, newton and proximal without l1, which would else follow classes that a plane divides to infinite "
        "weights.",
        low=0,
        search=LogUniform(1e-5, 1.0),
    )
    schedule: str = SCHEDULE()
    decay: float = DECAY()
    tolerance: float | None = setting(
        None,
        "Relative change of the loss up to which it counts as resting; 0 never stops early. "
        "Left out: 1e-7, 1e-10 for lbfgs, 1e-12 for newton and proximal; 0 if iterations are given.",
        low=0,
        below=1,
    )
    patience: int | None = setting(
        None,
        "Iterations at rest (mini-batches: epochs without progress) after which training stops. "
        "Left out: 10; 3 for lbfgs, 1 for newton and proximal.",
        low=1,
        high=10_000_000,
    )


@dataclass(frozen=True)
class Plan:
    """The decisions for one set of data: the hyperparameters, complete but for the learning rate.

    ``why`` says for people which optimizer was chosen and why; empty where the caller named it. ``hands_over``: after
    `RELAY` iterations newton goes on.
    """

    optimizer: str
    why: str
    iterations: int
    learning_rate: float | None
    momentum: float
    batch_size: int | None
    clip: float | None
    weight_decay: float
    l1: float
    l2: float
    schedule: str
    decay: float
    tolerance: float
    patience: int
    hands_over: bool = False


def check(hyper: DescentHyper) -> None:
    """Raises `InvalidInput` naming a hyperparameter that the chosen optimizer cannot be combined with.

    >>> check(DescentHyper(optimizer="lbfgs", batch_size=10))
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: does not go with optimizer='lbfgs', which uses all rows and finds its own steps
    """
    if hyper.optimizer not in OWN_STEPS:
        return
    why = "which uses all rows and finds its own steps"
    wrong = {
        "learning_rate": hyper.learning_rate is not None,
        "batch_size": hyper.batch_size is not None,
        "clip": hyper.clip is not None,
        "weight_decay": hyper.weight_decay is not None,
        "schedule": hyper.schedule != "constant",
    }
    if hyper.l1 and hyper.optimizer in ("lbfgs", "newton"):
        wrong, why = wrong | {"l1": True}, f"{why} and cannot use the corners of l1; proximal does"
    for field, found in wrong.items():
        if found:
            raise InvalidInput(f"does not go with optimizer={hyper.optimizer!r}, {why}", field=field)


def plan(
    hyper: DescentHyper,
    rows: int,
    columns: int,
    n_classes: int,
    *,
    curved: bool = True,
    quadratic: bool = False,
    total: float | None = None,
) -> Plan:
    """Decide what ``hyper`` leaves open, for ``rows`` and ``columns`` of data and ``n_classes`` (0: a regression).

    ``total`` is how many rows they count for, where that differs.

    A caller that names iterations or a learning rate means gradient descent as in the textbook, all of it.
    ``curved`` says whether the loss has second derivatives, ``quadratic`` whether they are the same everywhere. Raises
    `InvalidInput` for an optimizer that needs second derivatives of a loss without.

    >>> plan(DescentHyper(), rows=569, columns=30, n_classes=2).why
    'newton: 569 rows of 30 columns, the Hessian costs little'
    >>> plan(DescentHyper(iterations=5), rows=569, columns=30, n_classes=2).why
    'gradient_descent: iterations is given'
    """
    optimizer, why = hyper.optimizer, ""
    if optimizer == "auto":
        weights = (n_classes if n_classes > 2 else 1) * (columns + 1)
        if hyper.l1:
            few = rows * min(weights, _WORKING) ** 2 <= _CORNERS
        else:
            few = rows * weights**2 <= (_SUMS_OF_ONE if quadratic else _SUMS)
            few = few or (rows < columns and rows * weights <= _PASS)
        optimizer, why = _chosen(hyper, f"{rows} rows of {columns} columns", curved, few)
    if optimizer in _SECOND_ORDER and not curved:
        raise InvalidInput(
            f"{optimizer} needs second derivatives, and this loss has none everywhere", field="optimizer"
        )
    tolerance, l2 = hyper.tolerance, hyper.l2
    if tolerance is None:
        tolerance = _TOLERANCES.get(optimizer, _TOLERANCE) if hyper.iterations is None else 0.0
    if l2 is None:
        l2 = 1.0 / (total or rows) if n_classes and optimizer in MINIMISERS and not hyper.l1 else 0.0
    decays = 0.01 if optimizer == "adamw" else 0.0
    return Plan(
        optimizer=optimizer,
        why=why,
        iterations=_ITERATIONS if hyper.iterations is None else hyper.iterations,
        learning_rate=hyper.learning_rate,
        momentum=0.9 if hyper.momentum is None else hyper.momentum,
        batch_size=None if hyper.batch_size is None or hyper.batch_size >= rows else hyper.batch_size,
        clip=hyper.clip,
        weight_decay=decays if hyper.weight_decay is None else hyper.weight_decay,
        l1=hyper.l1,
        l2=l2,
        schedule=hyper.schedule,
        decay=hyper.decay,
        tolerance=tolerance,
        patience=hyper.patience or _PATIENCE.get(optimizer, 10),
        hands_over=optimizer == "lbfgs" and hyper.optimizer == "auto" and curved,
    )


_TEXTBOOK: Mapping[str, Any] = {
    "iterations": None,
    "learning_rate": None,
    "batch_size": None,
    "clip": None,
    "weight_decay": None,
    "schedule": "constant",
}


def _chosen(hyper: DescentHyper, shape: str, curved: bool, few: bool) -> tuple[str, str]:
    if hyper.momentum is not None:
        return "momentum", "momentum: it is given"
    given = asdict(hyper)
    for name, left_out in _TEXTBOOK.items():
        if given[name] != left_out:
            return "gradient_descent", f"gradient_descent: {name} is given"
    if hyper.l1:
        chosen = "proximal" if curved and few else "nesterov"
        return chosen, f"{chosen}: {shape}, and l1, which makes corners"
    if curved and few:
        return "newton", f"newton: {shape}, the Hessian costs little"
    why = (
        f"in the first {RELAY} iterations a Hessian costs more than it saves"
        if curved
        else "the loss has no Hessian"
    )
    return "lbfgs", f"lbfgs: {shape}, {why}"
