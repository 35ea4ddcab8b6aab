"""All algorithms by name: every module in `lepton_core.models.algorithms` brings one."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from lepton_core.errors import InvalidInput
from lepton_core.models import algorithms
from lepton_core.models.algorithm import Algorithm


def _found() -> Mapping[str, Algorithm]:
    names = sorted(module.name for module in iter_modules(algorithms.__path__))
    found: dict[str, Algorithm] = {}
    for name in names:
        one: Algorithm = import_module(f"{algorithms.__name__}.{name}").ALGORITHM
        if one.name != name:
            raise ValueError(f"the file {name}.py holds the algorithm {one.name!r}: both have one name")
        found[name] = one
    return MappingProxyType(found)


ALGORITHMS: Mapping[str, Algorithm] = _found()
"""Every algorithm there is, by its name."""


def algorithm(name: str) -> Algorithm:
    """The algorithm of that name; `InvalidInput` with the names there are, if it is not one of them.

    >>> sorted(algorithm("linear_regression").tasks)
    ['regression']
    """
    if name in ALGORITHMS:
        return ALGORITHMS[name]
    near = get_close_matches(name, ALGORITHMS, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise InvalidInput(f"no algorithm {name!r}; {hint}there are: {', '.join(ALGORITHMS)}", field="algorithm")
