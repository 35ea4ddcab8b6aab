"""Multi-layer perceptrons: their layers, activations, loss with its gradient, and parameters as named arrays."""

from lepton_core.models.network.activations import ACTIVATIONS, Activation
from lepton_core.models.network.hyper import NetworkHyper, plan
from lepton_core.models.network.hyper import check as check_hyper
from lepton_core.models.network.layers import initial, layers_of, not_biases, size, unflatten
from lepton_core.models.network.loss import NetworkLoss
from lepton_core.models.network.parameters import check, flatten, named, outputs

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "NetworkHyper",
    "NetworkLoss",
    "check",
    "check_hyper",
    "flatten",
    "initial",
    "layers_of",
    "named",
    "not_biases",
    "outputs",
    "plan",
    "size",
    "unflatten",
]
