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

from lepton_core.table.native.sources import digest

FILE = Path(__file__).with_name("compiled.bin")
"""Where they are once they were compiled."""

SWITCH = "LEPTON_NATIVE"
"""The environment variable that, set to 0, has files read by numpy all the same."""

_SIZE, _OCTET, _WORD = ctypes.c_int64, ctypes.c_uint8, ctypes.c_uint64
_MOST_OCTETS = 2**31 - 1
_BYTES = ctypes.c_char_p
_ARRAY = ctypes.POINTER(_OCTET)
_CELLS = (_BYTES, _ARRAY, _ARRAY, _SIZE)
"""The bytes of a block; where its cells start and end; how many there are."""

_TAKES: dict[str, tuple[Any, ...]] = {
    "lepton_split": (
        *(_BYTES, _SIZE, _SIZE, _OCTET, ctypes.c_int32, _SIZE, _SIZE),
        *(_ARRAY, _ARRAY, _ARRAY, _ARRAY),
    ),
    "lepton_lines": (_BYTES, _SIZE, _SIZE),
    "lepton_strip": (*_CELLS, _ARRAY, _ARRAY),
    "lepton_numbers": (*_CELLS, _OCTET, _ARRAY, _ARRAY),
    "lepton_dates": (*_CELLS, _ARRAY),
    "lepton_codes": (
        *(*_CELLS, _WORD, _ARRAY, _WORD, _ARRAY, _ARRAY, _SIZE),
        *(_ARRAY, _SIZE, _ARRAY, _ARRAY),
    ),
    "lepton_place": (_ARRAY, _SIZE, _ARRAY, _WORD),
    "lepton_absent": (*_CELLS, _ARRAY, _SIZE, _ARRAY),
    "lepton_join": (*_CELLS, _ARRAY, _ARRAY, _OCTET, _ARRAY, _ARRAY),
    "lepton_word_hashes": (_ARRAY, _ARRAY, _SIZE, _SIZE, _ARRAY),
    "lepton_number_hashes": (_ARRAY, _SIZE, _ARRAY),
    "lepton_scramble": (_ARRAY, _SIZE),
    "lepton_mix": (_ARRAY, _ARRAY, _SIZE),
}
_GIVE_NOTHING = {
    "lepton_dates",
    "lepton_place",
    "lepton_join",
    "lepton_number_hashes",
    "lepton_scramble",
    "lepton_mix",
}


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
    library = loaded(FILE)
    if library is None or digest(FILE.parent) in (None, library.lepton_sources()):
        return library
    message = f"{FILE} was compiled from other sources, and is not used: python -m infra.native"
    warnings.warn(message, RuntimeWarning, stacklevel=2)
    return None


def loaded(file: Path) -> ctypes.CDLL | None:
    """The functions in ``file``; None if it was made for another machine."""
    try:
        library = ctypes.CDLL(str(file))
        for name, takes in _TAKES.items():
            function = getattr(library, name)
            function.argtypes = takes
            function.restype = None if name in _GIVE_NOTHING else _SIZE
        library.lepton_sources.restype = _WORD
    except (OSError, AttributeError):
        return None
    return library
