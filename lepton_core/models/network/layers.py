"""How the weights of all layers lie in one vector, which is what descent moves.

``layers`` is ``(n, h_1, ..., h_k, outputs)``: how many numbers go in, how many units each hidden layer has, how many
scores come out. A layer from ``n`` numbers to ``k`` has a matrix ``(n, k)`` and a bias ``(k,)``. They follow each other
in the vector ``(p,)``, where ``p`` is their `size`: each matrix row after row, then its bias.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.network.activations import ACTIVATIONS

_DRAW = 1  # no other draws from the same seed end with this number


def layers_of(n_features: int, hidden: Sequence[int], n_classes: int) -> tuple[int, ...]:
    """The layers' widths: one score for values and for two classes, else one a class.

    >>> layers_of(4, (100, 10), 3), layers_of(4, (), 2)
    ((4, 100, 10, 3), (4, 1))
    """
    return (n_features, *hidden, n_classes if n_classes > 2 else 1)


def size(layers: Sequence[int]) -> int:
    """How many weights there are, biases included.

    >>> size((4, 10, 1))
    61
    """
    return sum((into + 1) * out for into, out in pairwise(layers))


def unflatten(W: NDArray[Any], layers: Sequence[int]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Of ``W`` ``(p,)`` a view a layer: its matrix ``(n, k)`` and its bias ``(k,)``.

    >>> [(matrix.tolist(), bias.tolist()) for matrix, bias in unflatten(np.arange(5), (1, 1, 2))][0]
    ([[0]], [1])
    """
    views, first = [], 0
    for into, out in pairwise(layers):
        last = first + into * out
        views.append((W[first:last].reshape(into, out), W[last : last + out]))
        first = last + out
    return views


def initial(layers: Sequence[int], activation: str, seed: int) -> NDArray[np.float64]:
    """Random weights ``(p,)`` that keep the scores' variance from layer to layer; biases 0.

    Uniform between plus and minus ``sqrt(6 / (n + k))`` (Glorot and Bengio, 2010), but ``sqrt(6 / n)`` from one
    layer of relu or gelu to the next, which make up for the half of the variance that those cut off (He and others,
    2015); neither features nor scores are cut.

    >>> weights = initial((2, 3, 1), "relu", seed=0)
    >>> weights.shape, bool(abs(weights).max() < 1.5 ** 0.5), weights[6:9].tolist()
    ((13,), True, [0.0, 0.0, 0.0])
    """
    rng = np.random.default_rng([seed, 0, 0, _DRAW])
    W = np.zeros(size(layers))
    views = unflatten(W, layers)
    for number, (matrix, _) in enumerate(views):
        into, out = matrix.shape
        he = ACTIVATIONS[activation].rectifies and 0 < number < len(views) - 1
        bound = sqrt(6.0 / max(1, into if he else into + out))
        matrix[...] = rng.uniform(-bound, bound, matrix.shape)
    return W


def not_biases(layers: Sequence[int]) -> NDArray[np.bool_]:
    """``(p,)``: which weights a penalty acts on, all but the biases.

    >>> not_biases((2, 1, 1)).tolist()
    [True, True, False, True, False]
    """
    where = np.zeros(size(layers), dtype=np.bool_)
    for matrix, _ in unflatten(where, layers):
        matrix[...] = True
    return where
