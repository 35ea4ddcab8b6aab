"""Names of a package whose modules are loaded when somebody asks for them: not every process reads files."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def later(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of ``package``, see PEP 562: ``places`` has the module, below it, of each such name.

    >>> found = later("lepton_core", {"shown": "table.cells"})
    >>> found("shown")("x")
    "'x'"
    >>> found("other")
    Traceback (most recent call last):
    AttributeError: module 'lepton_core' has no attribute 'other'
    """

    def find(name: str) -> Any:
        place = places.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{place}"), name)

    return find
