"""What answers, as operators: from the design matrix to values, or to probabilities."""

from collections.abc import Callable, Mapping
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_ai.onnx_file.graph import Graph, Tensor
from lepton_ai.onnx_file.trees import added, averaged
from lepton_core.models.network.activations import ACTIVATIONS

Parameters = Mapping[str, NDArray[Any]]
Build = Callable[[Graph, Parameters, Tensor, int], Tensor]
"""Of the matrix ``(N, p)`` and so many classes: probabilities ``(N, K)``, or values ``(N, 1)``."""

_FLAT, _CUBIC = 10.0, 0.044715


def linear(graph: Graph, parameters: Parameters, X: Tensor, classes: int) -> Tensor:
    """A linear, or a logistic, regression."""
    weights, bias = np.atleast_2d(parameters["weights"]), parameters["intercept"]
    return linked(graph, _affine(graph, X, weights.T, bias), classes)


def network(graph: Graph, parameters: Parameters, X: Tensor, classes: int) -> Tensor:
    """A network; of values in the unit of the label."""
    bend = _BENDS[list(ACTIVATIONS)[int(parameters["activation"][0])]]
    last = sum(name.startswith("weight_") for name in parameters) - 1
    for number in range(last + 1):
        X = _affine(graph, X, parameters[f"weight_{number}"], parameters[f"bias_{number}"])
        X = bend(graph, X) if number < last else X
    if classes:
        return linked(graph, X, classes)
    scaled = graph.add("Mul", X, graph.constant(parameters["scale"]))
    return graph.add("Add", scaled, graph.constant(parameters["center"]))


def forest(graph: Graph, parameters: Parameters, X: Tensor, classes: int) -> Tensor:
    """A tree, or the mean of several."""
    return averaged(graph, parameters, X)


def boosting(graph: Graph, parameters: Parameters, X: Tensor, classes: int) -> Tensor:
    """The sum of trees."""
    return linked(graph, added(graph, parameters, X), classes)


def linked(graph: Graph, scores: Tensor, classes: int) -> Tensor:
    """Scores ``(N, 1)`` or ``(N, K)`` as what a model of so many ``classes``, or of values (0), answers."""
    if not classes:
        return scores
    if classes > 2:
        return graph.add("Softmax", scores, axis=1)
    return graph.beside([graph.add("Sigmoid", graph.add("Neg", scores)), graph.add("Sigmoid", scores)])


def _affine(graph: Graph, X: Tensor, weights: NDArray[np.float64], bias: NDArray[np.float64]) -> Tensor:
    return graph.add("Add", graph.add("MatMul", X, graph.constant(weights)), graph.constant(bias[None]))


def _gelu(graph: Graph, Z: Tensor) -> Tensor:
    near = graph.add("Max", graph.add("Min", Z, graph.constant(_FLAT)), graph.constant(-_FLAT))
    square = graph.add("Mul", graph.add("Mul", near, near), graph.constant(_CUBIC * sqrt(2 / pi)))
    bend = graph.add("Mul", graph.add("Add", square, graph.constant(sqrt(2 / pi))), near)
    share = graph.add("Add", graph.add("Tanh", bend), graph.constant(1.0))
    return graph.add("Mul", Z, graph.add("Mul", share, graph.constant(0.5)))


_BENDS: Mapping[str, Callable[[Graph, Tensor], Tensor]] = {
    "relu": lambda graph, Z: graph.add("Relu", Z),
    "tanh": lambda graph, Z: graph.add("Tanh", Z),
    "gelu": _gelu,
}

BUILDS: Mapping[str, Build] = {
    "decision_tree": forest,
    "deep_learning": network,
    "gradient_boosting": boosting,
    "linear_regression": linear,
    "logistic_regression": linear,
    "random_forest": forest,
}
"""By the name of the algorithm; the others have no form."""
