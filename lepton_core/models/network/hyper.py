"""Hyperparameters of a network, and what is decided where they are left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from lepton_core.errors import InvalidInput
from lepton_core.models.constraints import unconstrained
from lepton_core.models.descent_hyper import CLIP, DECAY, MOMENTUM, SCHEDULE, WEIGHT_DECAY, Plan
from lepton_core.models.hyper import Elsewhere, setting
from lepton_core.models.network.activations import ACTIVATIONS
from lepton_core.models.ranges import LogUniform, OneOf

EARLY_PATIENCE = 30
"""Epochs without a lower loss of the rows kept aside."""

_BATCH = 200
_SMALLEST_BATCH = 32
_BATCHES = 20
_RATES = {"gradient_descent": 0.1, "momentum": 0.01, "nesterov": 0.01, "adagrad": 0.01, "lbfgs": 1.0}


@dataclass(frozen=True)
class NetworkHyper:
    """How a network is built and trained; None is what `plan` decides for the data."""

    hidden: tuple[int, ...] = setting(
        (100,),
        "Units of each hidden layer, from the features on; an empty list makes a linear model.",
        low=1,
        high=4096,
        most=16,
        search=OneOf((32,), (100,), (256,), (64, 32), (128, 64)),
    )
    activation: str = setting(
        "relu", "What bends each unit's score.", choices=tuple(ACTIVATIONS), search=OneOf(*ACTIVATIONS)
    )
    dropout: float = setting(
        0.0,
        "Probability that a hidden unit is left out of an update.",
        low=0,
        below=1,
        search=OneOf(0.0, 0.1, 0.3),
    )
    iterations: int | None = setting(
        None,
        "Epochs, each one pass over all rows (lbfgs: one update); with early_stopping at most so many. Left out: 200.",
        low=1,
        high=10_000_000,
    )
    learning_rate: float | None = setting(
        None,
        "Length of a step. Left out: 0.001; 0.01 for momentum, nesterov and adagrad, 0.1 for gradient_descent.",
        above=0,
        search=LogUniform(3e-4, 1e-2),
    )
    optimizer: str = setting(
        "auto",
        "How a gradient becomes a step. auto is adam, for any shape of data: no other came as far without a rate to be "
        "found. lbfgs takes all rows at once, and suits small data.",
        choices=(
            "auto",
            "adam",
            "adamw",
            "gradient_descent",
            "momentum",
            "nesterov",
            "adagrad",
            "rmsprop",
            "lbfgs",
        ),
    )
    momentum: float | None = MOMENTUM()
    batch_size: int | None = setting(
        None,
        "Rows of a mini-batch; more than there are means all. Left out: a twentieth of the rows, but at least 32 "
        "and at most 200.",
        low=1,
        high=10_000_000,
    )
    clip: float | None = CLIP()
    weight_decay: float | None = WEIGHT_DECAY()
    l2: float | None = setting(
        None,
        "Weight of half the sum of squared weights, without the biases, in the objective. Left out: 1 / rows, or 0 "
        "where weights decay.",
        low=0,
        search=LogUniform(1e-6, 1e-1),
    )
    schedule: str = SCHEDULE(search=OneOf("constant", "cosine"))
    decay: float = DECAY()
    early_stopping: bool = setting(
        False,
        "Whether a tenth of the rows is kept aside, and the weights are those of the epoch after which these rows lose "
        "least; of fewer than 200 rows none is.",
        search=OneOf(False, True),
    )
    tolerance: float | None = setting(
        None,
        "Share of the best epoch's loss by which a better one must be lower; 0 never stops early. "
        "Left out: 1e-4, or 0 if iterations are given.",
        low=0,
        below=1,
    )
    patience: int | None = setting(
        None,
        "Epochs without such progress after which training stops; with early_stopping, without a lower loss of the "
        "rows kept aside. Left out: 10, with early_stopping 30.",
        low=1,
        high=10_000_000,
    )
    precision: str = setting(
        "float64",
        "Type of the numbers in which losses and gradients are computed; float32 takes about half the time.",
        choices=("float64", "float32"),
    )

    elsewhere: ClassVar[Mapping[str, Elsewhere]] = unconstrained("deep_learning")


def check(hyper: NetworkHyper) -> None:
    """Raises `InvalidInput` naming a hyperparameter that lbfgs or early stopping cannot be combined with.

    >>> check(NetworkHyper(optimizer="lbfgs", dropout=0.5))
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: does not go with optimizer='lbfgs', which uses all rows and finds its own steps
    """
    if hyper.early_stopping and hyper.schedule != "constant":
        what = f"schedule={hyper.schedule!r}, which falls to an epoch that is known before; leave the schedule out"
        raise InvalidInput(f"does not go with {what}", field="early_stopping")
    if hyper.early_stopping and hyper.tolerance is not None:
        what = "a tolerance, which is for the loss of the rows that are learnt from; leave the tolerance out"
        raise InvalidInput(f"does not go with {what}", field="early_stopping")
    if hyper.optimizer != "lbfgs":
        return
    for field, wrong in (
        ("learning_rate", hyper.learning_rate is not None),
        ("batch_size", hyper.batch_size is not None),
        ("clip", hyper.clip is not None),
        ("weight_decay", hyper.weight_decay is not None),
        ("schedule", hyper.schedule != "constant"),
        ("dropout", hyper.dropout > 0.0),
        ("precision", hyper.precision != "float64"),
        ("early_stopping", hyper.early_stopping),
    ):
        if wrong:
            raise InvalidInput(
                "does not go with optimizer='lbfgs', which uses all rows and finds its own steps", field=field
            )


def plan(hyper: NetworkHyper, rows: int, total: float | None = None) -> Plan:
    """Decide what ``hyper`` leaves open, for so many rows, that count as much as ``total`` ones.

    >>> chosen = plan(NetworkHyper(), 1000)
    >>> chosen.batch_size, chosen.learning_rate, chosen.tolerance
    (50, 0.001, 0.0001)
    >>> plan(NetworkHyper(iterations=10, batch_size=64), 50).batch_size is None
    True
    """
    optimizer, decay = "adam" if hyper.optimizer == "auto" else hyper.optimizer, hyper.weight_decay
    if decay is None:
        decay = 0.01 if optimizer == "adamw" else 0.0
    size = None if optimizer == "lbfgs" else _batch_size(hyper, rows)
    tolerance = hyper.tolerance
    if tolerance is None:
        tolerance = 1e-4 if hyper.iterations is None and not hyper.early_stopping else 0.0
    return Plan(
        optimizer=optimizer,
        why=_why(rows, size) if hyper.optimizer == "auto" else "",
        iterations=hyper.iterations or 200,
        learning_rate=hyper.learning_rate or _RATES.get(optimizer, 0.001),
        momentum=0.9 if hyper.momentum is None else hyper.momentum,
        batch_size=size,
        clip=hyper.clip,
        weight_decay=decay,
        l1=0.0,
        l2=(0.0 if decay else 1.0 / (total or rows)) if hyper.l2 is None else hyper.l2,
        schedule=hyper.schedule,
        decay=hyper.decay,
        tolerance=tolerance,
        patience=hyper.patience or (EARLY_PATIENCE if hyper.early_stopping else 10),
    )


def _why(rows: int, size: int | None) -> str:
    if size is None:
        return f"adam: {rows} rows make one batch, and weights of different layers need steps of different lengths"
    return f"adam: batches of {size} of {rows} rows are noisy, and weights of different layers need different steps"


def _batch_size(hyper: NetworkHyper, rows: int) -> int | None:
    size = hyper.batch_size or min(_BATCH, max(_SMALLEST_BATCH, rows // _BATCHES))
    if size < rows:
        return size
    return rows if hyper.dropout else None  # what dropout draws is as noisy as a mini-batch
