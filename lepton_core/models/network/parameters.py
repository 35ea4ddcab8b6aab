"""A trained network as named arrays: written, checked and computed with.

``weight_0`` ``(n, h_1)``, ``bias_0`` ``(h_1,)``, ``weight_1`` ... up to the last layer's, float64; ``activation``
``(1,)`` int64, its place in `ACTIVATIONS`; of a regression also ``center`` and ``scale`` ``(1,)``: a value is
``center + scale * score``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.matrix import Matrix, dense
from lepton_core.models.network.activations import ACTIVATIONS
from lepton_core.models.network.layers import unflatten
from lepton_core.models.scores import finite

Array = NDArray[np.float64]

_CHUNK_NUMBERS = 1 << 17  # of the widest layer: few rows at once stay in the cache


def named(W: Array, layers: Sequence[int]) -> dict[str, Array]:
    """Of ``W`` ``(p,)`` copies by name: ``weight_i`` ``(n, k)`` and ``bias_i`` ``(k,)``.

    >>> {name: array.tolist() for name, array in named(np.array([1.0, 2.0, 3.0]), (2, 1)).items()}
    {'weight_0': [[1.0], [2.0]], 'bias_0': [3.0]}
    """
    arrays = {}
    for number, (matrix, bias) in enumerate(unflatten(W, layers)):
        arrays[f"weight_{number}"], arrays[f"bias_{number}"] = matrix.copy(), bias.copy()
    return arrays


def flatten(parameters: Mapping[str, NDArray[Any]]) -> Array:
    """The weights ``(p,)`` of all layers of ``parameters``, each layer's ``(n, k)`` and ``(k,)``, see `named`.

    >>> flatten({"weight_0": np.array([[1.0], [2.0]]), "bias_0": np.array([3.0])}).tolist()
    [1.0, 2.0, 3.0]
    """
    return np.concatenate([array.ravel() for pair in _pairs(parameters) for array in pair])


def check(parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
    """Raises `InvalidArtifact` unless these are such arrays, ``weight_0`` ``(n, k)`` and so on, for such data.

    >>> check({"weight_0": np.zeros((4, 1)), "bias_0": np.zeros(1), "activation": np.array([0])}, 4, 2)
    >>> check({"weight_0": np.zeros((4, 1)), "bias_0": np.zeros(2), "activation": np.array([0])}, 4, 2)
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: bias_0 must be float64 of shape (1,), not float64 of (2,)
    """
    if n_classes == 1:
        raise InvalidArtifact("a network cannot have 1 class")
    last = len(_pairs(parameters)) - 1
    extra = {"activation"} if n_classes else {"activation", "center", "scale"}
    wanted = {f"{kind}_{number}" for kind in ("weight", "bias") for number in range(last + 1)} | extra
    if last < 0 or set(parameters) != wanted:
        raise InvalidArtifact(f"a network has {sorted(wanted)}, not {sorted(parameters)}")
    width = n_features
    for number in range(last + 1):
        matrix = parameters[f"weight_{number}"]
        out = matrix.shape[-1] if matrix.ndim == 2 and number < last else max(1, n_classes - (n_classes == 2))
        _check_floats(parameters, f"weight_{number}", (width, out))
        _check_floats(parameters, f"bias_{number}", (out,))
        width = out
    code = parameters["activation"]
    if code.dtype != np.int64 or code.shape != (1,) or not 0 <= int(code[0]) < len(ACTIVATIONS):
        raise InvalidArtifact(
            f"activation must be one int64 below {len(ACTIVATIONS)}, not {code.dtype} of {code.shape}",
            field="activation",
        )
    if n_classes == 0:
        _check_floats(parameters, "center", (1,))
        _check_floats(parameters, "scale", (1,))
        if not parameters["scale"][0] > 0.0:
            raise InvalidArtifact("scale must be greater than 0", field="scale")


def outputs(parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
    """The scores ``(m,)``, or ``(m, K)``, for the rows of ``X`` ``(m, n)``; ``parameters`` passed `check`.

    Of a regression they are values, ``(m,)``. Raises `InvalidData` naming a row whose scores overflow.

    >>> line = {"weight_0": np.array([[2.0]]), "bias_0": np.array([1.0]), "activation": np.array([0])}
    >>> outputs(line, np.array([[1.0], [5.0]])).tolist()
    [3.0, 11.0]
    """
    pairs = _pairs(parameters)
    activation = list(ACTIVATIONS.values())[int(parameters["activation"][0])]
    scores = np.empty((len(X), len(pairs[-1][1])))
    rows = max(1, _CHUNK_NUMBERS // max(1, *(len(bias) for _, bias in pairs)))
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, len(X), rows):
            A = dense(X[first : first + rows])
            for number, (matrix, bias) in enumerate(pairs, start=1):
                A = A @ matrix
                A += bias
                if number < len(pairs):
                    activation.apply(A)
            scores[first : first + rows] = A
        if "scale" in parameters:
            scores *= parameters["scale"]
            scores += parameters["center"]
    finite(scores)
    return scores[:, 0] if scores.shape[1] == 1 else scores


def _pairs(parameters: Mapping[str, NDArray[Any]]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    pairs: list[tuple[NDArray[Any], NDArray[Any]]] = []
    while f"weight_{len(pairs)}" in parameters and f"bias_{len(pairs)}" in parameters:
        pairs.append((parameters[f"weight_{len(pairs)}"], parameters[f"bias_{len(pairs)}"]))
    return pairs


def _check_floats(parameters: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> None:
    array = parameters[name]
    if array.dtype != np.float64 or array.shape != shape:
        raise InvalidArtifact(
            f"{name} must be float64 of shape {shape}, not {array.dtype} of {array.shape}", field=name
        )
    if not np.isfinite(array).all():
        raise InvalidArtifact(f"{name} holds a value that is not finite", field=name)
