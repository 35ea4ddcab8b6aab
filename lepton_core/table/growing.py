"""An array that becomes longer, for columns of which nobody knows beforehand how long they will be."""

from mmap import ACCESS_COPY, mmap
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T", bound=np.generic)

_FACTOR = 2

_MOST_FACTOR = 64
"""Nobody is believed who expects more."""

_LARGE = 1 << 22
"""Bytes from which on numpy asks for huge pages."""


class Growing(Generic[T]):
    """Pieces of one dtype, one behind the other in one array.

    >>> found = Growing(np.dtype(np.int32))
    >>> found.add(np.array([1, 2], dtype=np.int32))
    >>> found.add(np.array([3], dtype=np.int32))
    >>> found.whole()
    array([1, 2, 3], dtype=int32)
    """

    def __init__(self, dtype: np.dtype[T]) -> None:
        self._room = np.empty(0, dtype=dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, piece: npt.NDArray[T], expected: int = 0) -> None:
        """Put ``piece`` (k,) behind what is there; about so many cells are ``expected`` at last, 0 if nobody knows.

        A first piece that may be all is kept as it is: nobody may change it afterwards.
        """
        if not len(piece):
            return
        end = self._length + len(piece)
        if not self._length and expected <= end:
            self._room = piece
        elif end > len(self._room):
            wanted = min(expected, _MOST_FACTOR * end) if expected >= end else _FACTOR * end
            room = _room(wanted, self._room.dtype)
            room[: self._length] = self._room[: self._length]
            room[self._length : end] = piece
            self._room = room
        else:
            self._room[self._length : end] = piece
        self._length = end

    def whole(self) -> npt.NDArray[T]:
        """All pieces, (m,)."""
        return self._room[: self._length]


def _room(cells: int, dtype: np.dtype[T]) -> npt.NDArray[T]:
    """Room for so many cells, of which some may never be used.

    Memory of pages of the usual size: a huge page has to be found and cleared as a whole at its first cell, which takes
    longer than to fill it.
    """
    size = cells * dtype.itemsize
    if size < _LARGE:
        return np.empty(cells, dtype=dtype)
    return np.frombuffer(mmap(-1, size, access=ACCESS_COPY), dtype=dtype)
