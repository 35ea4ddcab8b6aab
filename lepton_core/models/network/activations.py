"""Activations bend the scores of a hidden layer; without them all layers together would be one linear map."""

from collections.abc import Callable, Mapping
from math import pi, sqrt
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_WIDE = sqrt(2.0 / pi)
_CUBIC = 0.044715
_FLAT = 10.0  # from here on tanh is 1 to the last bit


class Activation(NamedTuple):
    """A function of each score, in float64 or float32.

    ``apply(Z)`` overwrites ``Z`` ``(m, k)`` with its values and returns it. ``with_slope(Z)`` does that too, and
    returns the derivatives as well, ``(m, k)``, as numbers or as truth values: what to multiply by.
    ``rectifies``: it silences about half of the scores, which He's initial weights make up for.
    """

    apply: Callable[[Array], Array]
    with_slope: Callable[[Array], tuple[Array, Array]]
    rectifies: bool


def _relu(Z: Array) -> Array:
    result: Array = np.maximum(Z, 0.0, out=Z)
    return result


def _relu_with_slope(Z: Array) -> tuple[Array, Array]:
    np.maximum(Z, 0.0, out=Z)
    return Z, Z > 0.0


def _tanh(Z: Array) -> Array:
    result: Array = np.tanh(Z, out=Z)
    return result


def _tanh_with_slope(Z: Array) -> tuple[Array, Array]:
    np.tanh(Z, out=Z)
    slope = Z * Z
    return Z, np.subtract(1.0, slope, out=slope)


def _bend(Z: Array) -> tuple[Array, Array]:
    # Where tanh is flat a clipped score has the same values, and its powers neither overflow nor meet a slope of 0.
    near = np.clip(Z, -_FLAT, _FLAT)
    bend = near * near
    bend *= _CUBIC * _WIDE
    bend += _WIDE
    bend *= near
    np.tanh(bend, out=bend)
    return near, bend


def _gelu(Z: Array) -> Array:
    bend = _bend(Z)[1]
    bend += 1.0
    bend *= 0.5
    Z *= bend
    return Z


def _gelu_with_slope(Z: Array) -> tuple[Array, Array]:
    near, bend = _bend(Z)
    slope = near * near
    slope *= 1.5 * _CUBIC * _WIDE
    slope += 0.5 * _WIDE
    slope *= near
    slope *= 1.0 - bend * bend
    bend += 1.0
    bend *= 0.5
    slope += bend
    Z *= bend
    return Z, slope


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "relu": Activation(_relu, _relu_with_slope, True),
        "tanh": Activation(_tanh, _tanh_with_slope, False),
        "gelu": Activation(_gelu, _gelu_with_slope, True),
    }
)
"""By name: ``relu``, ``max(z, 0)``; ``tanh``; ``gelu``, ``z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3)))``, which is
``z`` times the probability that a standard normal number is below ``z``, to 5e-4. Their order is that of the codes in
parameters: a new one goes to the end."""
