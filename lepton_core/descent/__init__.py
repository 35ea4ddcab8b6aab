"""The gradient-descent engine: losses, penalties, optimizers, schedules, batches and the loop over them."""

from lepton_core.descent.batches import Batches, Full, Mini
from lepton_core.descent.curvature import inverse_curvature, second_moments
from lepton_core.descent.lbfgs import Inverse, identity, lbfgs
from lepton_core.descent.loop import State, begin, descend
from lepton_core.descent.losses import Array, Logistic, Loss, Softmax, Squared
from lepton_core.descent.optimizers import Optimizer, Slots, gradient_descent, momentum
from lepton_core.descent.penalties import Penalty
from lepton_core.descent.rates import lipschitz
from lepton_core.descent.schedules import Schedule, constant, cosine, exponential, inverse_time, step

__all__ = [
    "Array",
    "Batches",
    "Full",
    "Inverse",
    "Logistic",
    "Loss",
    "Mini",
    "Optimizer",
    "Penalty",
    "Schedule",
    "Slots",
    "Softmax",
    "Squared",
    "State",
    "begin",
    "constant",
    "cosine",
    "descend",
    "exponential",
    "gradient_descent",
    "identity",
    "inverse_curvature",
    "inverse_time",
    "lbfgs",
    "lipschitz",
    "momentum",
    "second_moments",
    "step",
]
