"""The quantiles of the standard normal distribution."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Each a polynomial above and one below the line, highest power first.
_CENTRE_ABOVE = (
    2509.0809287301227,
    33430.57558358813,
    67265.7709270087,
    45921.95393154987,
    13731.69376550946,
    1971.5909503065513,
    133.14166789178438,
    3.3871328727963665,
)
_CENTRE_BELOW = (
    5226.495278852854,
    28729.085735721943,
    39307.89580009271,
    21213.794301586597,
    5394.196021424751,
    687.1870074920579,
    42.31333070160091,
    1.0,
)
_TAIL_ABOVE = (
    0.0007745450142783414,
    0.022723844989269184,
    0.2417807251774506,
    1.2704582524523684,
    3.6478483247632045,
    5.769497221460691,
    4.630337846156546,
    1.4234371107496835,
)
_TAIL_BELOW = (
    1.0507500716444169e-09,
    0.0005475938084995345,
    0.015198666563616457,
    0.14810397642748008,
    0.6897673349851,
    1.6763848301838038,
    2.053191626637759,
    1.0,
)
_FAR_ABOVE = (
    2.0103343992922881e-07,
    2.7115555687434876e-05,
    0.0012426609473880784,
    0.026532189526576124,
    0.29656057182850487,
    1.7848265399172913,
    5.463784911164114,
    6.657904643501103,
)
_FAR_BELOW = (
    2.0442631033899397e-15,
    1.421511758316446e-07,
    1.8463183175100548e-05,
    0.0007868691311456133,
    0.014875361290850615,
    0.1369298809227358,
    0.599832206555888,
    1.0,
)


def quantiles_of_normal(shares: FloatArray) -> FloatArray:
    """The z of which the share of a standard normal distribution lies below, (m,); NaN stays NaN.

    ``shares`` lie between 0 and 1, both excluded. Wichura (1988), "Algorithm AS 241: the percentage points of the
    normal distribution", exact to about 16 digits.

    >>> quantiles_of_normal(np.array([0.5, 0.975])).round(3).tolist()
    [0.0, 1.96]
    """
    from_middle = shares - 0.5
    near = 0.180625 - from_middle**2
    central = from_middle * _ratio(near, _CENTRE_ABOVE, _CENTRE_BELOW)
    depth = np.sqrt(-np.log(np.minimum(shares, 1 - shares)))
    outer = np.where(
        depth <= 5,
        _ratio(depth - 1.6, _TAIL_ABOVE, _TAIL_BELOW),
        _ratio(depth - 5, _FAR_ABOVE, _FAR_BELOW),
    )
    return np.where(np.abs(from_middle) <= 0.425, central, np.copysign(outer, from_middle))


def _ratio(at: FloatArray, above: tuple[float, ...], below: tuple[float, ...]) -> FloatArray:
    found: FloatArray = np.polyval(above, at) / np.polyval(below, at)
    return found
