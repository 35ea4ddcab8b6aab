"""All algorithms by name."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from lepton_core.errors import InvalidInput
from lepton_core.models.algorithm import Algorithm
from lepton_core.models.linear import LINEAR_REGRESSION
from lepton_core.models.logistic import LOGISTIC_REGRESSION

_ALL: tuple[Algorithm, ...] = (LINEAR_REGRESSION, LOGISTIC_REGRESSION)

ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType({one.name: one for one in _ALL})
"""Every algorithm there is, by its name."""


def algorithm(name: str) -> Algorithm:
    """The algorithm of that name; `InvalidInput` with the names there are, if it is not one of them.

    >>> algorithm("linear_regression").tasks
    frozenset({'regression'})
    """
    if name in ALGORITHMS:
        return ALGORITHMS[name]
    near = get_close_matches(name, ALGORITHMS, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise InvalidInput(f"no algorithm {name!r}; {hint}there are: {', '.join(ALGORITHMS)}", field="algorithm")
