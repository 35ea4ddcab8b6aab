"""The gradient-descent engine: losses, penalties, optimizers, schedules, batches and the loop over them."""

from lepton_core.descent.adaptive import adagrad, adam, rmsprop
from lepton_core.descent.batches import Batch, Batches, Full, Mini
from lepton_core.descent.curvature import inverse_curvature, second_moments
from lepton_core.descent.lbfgs import Inverse, identity, lbfgs
from lepton_core.descent.linesearch import line_search
from lepton_core.descent.loop import DescentState, begin, descend
from lepton_core.descent.losses import Array, Huber, Logistic, Loss, Softmax, Squared
from lepton_core.descent.optimizers import Optimizer, Slots, gradient_descent, momentum
from lepton_core.descent.penalties import Penalty
from lepton_core.descent.rates import lipschitz
from lepton_core.descent.schedules import RateSchedule, constant, cosine, exponential, inverse_time, step
from lepton_core.descent.transforms import adamw, clip_by_norm, decoupled_decay

__all__ = [
    "Array",
    "Batch",
    "Batches",
    "DescentState",
    "Full",
    "Huber",
    "Inverse",
    "Logistic",
    "Loss",
    "Mini",
    "Optimizer",
    "Penalty",
    "RateSchedule",
    "Slots",
    "Softmax",
    "Squared",
    "adagrad",
    "adam",
    "adamw",
    "begin",
    "clip_by_norm",
    "constant",
    "cosine",
    "decoupled_decay",
    "descend",
    "exponential",
    "gradient_descent",
    "identity",
    "inverse_curvature",
    "inverse_time",
    "lbfgs",
    "line_search",
    "lipschitz",
    "momentum",
    "rmsprop",
    "second_moments",
    "step",
]
