"""The compiled functions, if they are there: what each takes and gives."""

import ctypes
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core.table.native.signatures import SIGNATURES, interface
from lepton_core.table.native.sources import FLAGS, digest

FILE = Path(__file__).with_name("compiled.bin")
"""Where they are once they were compiled."""

SWITCH = "LEPTON_NATIVE"
"""The environment variable that, set to 0, has files read by numpy all the same."""

_OCTET = ctypes.c_uint8
_MOST_OCTETS = 2**31 - 1
_TYPES: dict[str, Any] = {
    "void": None,
    "bytes": ctypes.c_char_p,
    "uint8": _OCTET,
    "int32": ctypes.c_int32,
    "int64": ctypes.c_int64,
    "uint64": ctypes.c_uint64,
}
_ARRAY = ctypes.POINTER(_OCTET)
"""Where an array begins, of whatever type: `at` looks at that."""


def at(array: npt.NDArray[np.generic], dtype: Any) -> ctypes.c_uint8:
    """Where ``array`` (m,) begins, which is of ``dtype``, writable, in one piece and not empty.

    `ndarray.ctypes` takes five times as long. Raises ``TypeError`` for another array.
    """
    if array.dtype != dtype:
        raise TypeError(f"an array of {dtype} is needed, not of {array.dtype}")
    return _OCTET.from_buffer(array)  # type: ignore[arg-type]


def demand_short(size: int) -> None:
    """Raise ``ValueError`` for a block of so many bytes that places of 32 bits cannot tell them apart."""
    if size > _MOST_OCTETS:
        raise ValueError(f"a block holds at most {_MOST_OCTETS} bytes")


def native() -> ctypes.CDLL | None:
    """The compiled functions; None if there are none, or if they are not wanted, see `SWITCH` and `using`."""
    chosen = _chosen.get()
    return _installed() if isinstance(chosen, _Installed) else chosen


@contextmanager
def using(library: ctypes.CDLL | None) -> Iterator[None]:
    """Within it `native` gives ``library``, None for numpy.

    >>> with using(None):
    ...     native() is None
    True
    """
    token = _chosen.set(library)
    try:
        yield
    finally:
        _chosen.reset(token)


class _Installed:
    """Nothing was chosen."""


_chosen: ContextVar[ctypes.CDLL | _Installed | None] = ContextVar("native", default=_Installed())  # noqa: B039


@cache
def _installed() -> ctypes.CDLL | None:
    if os.environ.get(SWITCH) == "0" or not FILE.exists():
        return None
    return fitting(FILE)


def fitting(file: Path) -> ctypes.CDLL | None:
    """The functions in ``file``; None if it was made for another machine.

    None with a warning, too, if it was made from other sources than lie beside it, with other flags, or for other
    arguments than they are called with.
    """
    try:
        library = loaded(file)
        if library is None:
            return None
        has_sources = digest(file.parent) in (None, library.lepton_sources())
        if has_sources and library.lepton_interface() == interface(FLAGS):
            return library
    except AttributeError:  # a function is lacking
        pass
    message = (
        f"{file} was compiled from other sources, and is not used: install again, or python -m infra.native"
    )
    warnings.warn(message, RuntimeWarning, stacklevel=2)
    return None


def loaded(file: Path) -> ctypes.CDLL | None:
    """The functions in ``file``; None if it was made for another machine. ``AttributeError`` if one is lacking."""
    try:
        library = ctypes.CDLL(str(file))
    except OSError:
        return None
    for name, signature in SIGNATURES.items():
        gives, _, takes = signature.partition(":")
        function = getattr(library, name)
        function.argtypes = [_ARRAY if word.endswith("*") else _TYPES[word] for word in takes.split()]
        function.restype = _TYPES[gives]
    return library
