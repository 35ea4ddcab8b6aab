"""The cells of a column: numbers, texts by code, or texts one by one. `lepton_core.table.kinds` say what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData

FloatArray = npt.NDArray[np.float64]
CodeArray = npt.NDArray[np.int32]
IndexArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)
Chosen = npt.NDArray[Any] | slice
"""Some rows: their places (k,), or those from one to another."""

_FLOAT64 = np.dtype(np.float64)
_INT32 = np.dtype(np.int32)

MISSING = -1
"""The code of a missing cell in a column of categories."""


class Column(Protocol):
    """m cells of one kind under one name."""

    @property
    def name(self) -> str:
        """The name in the header."""
        ...

    @property
    def kind(self) -> str:
        """The name of one of `lepton_core.table.kinds.KINDS`."""
        ...

    @property
    def notation(self) -> str:
        """How its cells are spelled in files, as `lepton_core.table.spelling` writes it; empty for the plain way."""
        ...

    @property
    def missing_words(self) -> tuple[str, ...] | None:
        """The texts that stand for a missing cell in files and rows; None: the usual ones."""
        ...

    @property
    def values(self) -> FloatArray:
        """The cells as float64 of shape (m,), NaN where missing. Raises `InvalidData` naming the row of a text."""
        ...

    @property
    def levels(self) -> tuple[str, ...]:
        """The texts that its codes stand for; empty for what is not kept by code."""
        ...

    @property
    def missing(self) -> Mask:
        """Which cells are missing, bool of shape (m,)."""
        ...

    def take(self, indices: Chosen) -> Self:
        """The rows at ``indices`` (integers of shape (k,)), in that order; those of a slice are no copy."""
        ...

    def __len__(self) -> int:
        """m."""
        ...


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of finite numbers: ``values`` is float64 of shape (m,), NaN where the cell is missing.

    ``kind`` says what they count: numbers, seconds since the beginning of 1970, seconds, or nothing at all. Raises
    ``ValueError`` if ``values`` is of another dtype, or not of one dimension.

    >>> Numbers("age", np.array([31.0, np.nan])).missing.tolist()
    [False, True]
    """

    name: str
    values: FloatArray
    kind: str = "number"
    notation: str = field(default="", repr=False)
    missing_words: tuple[str, ...] | None = field(default=None, repr=False)

    levels: ClassVar[tuple[str, ...]] = ()
    __hash__ = None  # type: ignore[assignment]  # arrays have no hash

    def __post_init__(self) -> None:
        if self.values.dtype != _FLOAT64 or self.values.ndim != 1:
            raise ValueError(f"column {self.name!r} needs float64 values of shape (m,)")

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Numbers):
            return NotImplemented
        return _same(self, other) and np.array_equal(self.values, other.values, equal_nan=True)

    @property
    def missing(self) -> Mask:
        """Which cells are missing, bool of shape (m,)."""
        return np.isnan(self.values)

    def take(self, indices: Chosen) -> "Numbers":
        """The rows at ``indices`` (integers of shape (k,)), in that order."""
        return replace(self, values=_taken(self.values, indices))


@dataclass(frozen=True, eq=False)
class Categories:
    """A column of texts: the text of row i is ``levels[codes[i]]``.

    ``codes`` is int32 of shape (m,): `MISSING` (-1) where the cell is missing, ``len(levels)`` where a row to
    be predicted holds a text that the levels do not know. ``levels`` are distinct and sorted. ``buckets``, uint8 of
    shape (m,), are those of the unknown texts, see `lepton_core.table.kinds.category_bins`; ``unknown``, objects of
    shape (m,), are these texts. Both are None if there is none.
    Raises ``ValueError`` if ``codes`` is of another dtype, or not of one dimension.

    >>> Categories.of("colour", ["red", None, "blue", "red"])
    Categories(name='colour', codes=array([ 1, -1,  0,  1], dtype=int32), levels=('blue', 'red'),
    kind='category')
    """

    name: str
    codes: CodeArray
    levels: tuple[str, ...]
    kind: str = "category"
    notation: str = field(default="", repr=False)
    missing_words: tuple[str, ...] | None = field(default=None, repr=False)
    buckets: npt.NDArray[np.uint8] | None = field(default=None, repr=False)
    unknown: npt.NDArray[np.object_] | None = field(default=None, repr=False)

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash

    def __post_init__(self) -> None:
        if self.codes.dtype != _INT32 or self.codes.ndim != 1:
            raise ValueError(f"column {self.name!r} needs int32 codes of shape (m,)")

    def __len__(self) -> int:
        return len(self.codes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Categories):
            return NotImplemented
        return _same(self, other) and np.array_equal(self.codes, other.codes)

    @staticmethod
    def of(name: str, texts: list[str | None]) -> "Categories":
        """The column of these texts (None: missing), with exactly the levels that occur."""
        levels = tuple(sorted({text for text in texts if text is not None}))
        code: dict[str | None, int] = {level: i for i, level in enumerate(levels)}
        code[None] = MISSING
        return Categories(name, np.array([code[text] for text in texts], dtype=np.int32), levels)

    @property
    def values(self) -> FloatArray:
        """All NaN, shape (m,). Raises `InvalidData` naming the first row that is not missing: it holds text."""
        return _no_numbers(self.name, self.missing)

    @property
    def missing(self) -> Mask:
        """Which cells are missing, bool of shape (m,)."""
        missing: Mask = self.codes == MISSING
        return missing

    def take(self, indices: Chosen) -> "Categories":
        """The rows at ``indices`` (integers of shape (k,)), in that order, with the same levels."""
        buckets = None if self.buckets is None else _taken(self.buckets, indices)
        unknown = None if self.unknown is None else _taken(self.unknown, indices)
        return replace(self, codes=_taken(self.codes, indices), buckets=buckets, unknown=unknown)

    def with_unknown(self) -> "Categories":
        """The same cells, with the unknown texts among the levels.

        >>> column = Categories("town", np.array([1, 0], dtype=np.int32), ("Ulm",), unknown=np.array(["Bonn", None]))
        >>> column.with_unknown().levels
        ('Bonn', 'Ulm')
        """
        if self.unknown is None:
            return self
        at = np.flatnonzero(self.codes == len(self.levels))
        added = self.unknown[at].tolist()
        levels = tuple(sorted({*self.levels, *added}))
        place = {level: code for code, level in enumerate(levels)}
        codes = np.array([*(place[level] for level in self.levels), MISSING, MISSING], dtype=np.int32)[
            self.codes
        ]
        codes[at] = [place[text] for text in added]
        return replace(self, codes=codes, levels=levels, buckets=None, unknown=None)


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of texts that hardly repeat: that of row i is ``octets[offsets[i]:offsets[i + 1]]``, in UTF-8.

    ``offsets`` is int64 of shape (m + 1,), rising from 0 to n; ``octets`` uint8 of shape (n,); ``gone`` bool of shape
    (m,), True where the cell is missing. Raises ``ValueError`` if they are of other dtypes or shapes.

    >>> Texts.of("comment", ["good", None, "not bad"]).as_list()
    ['good', None, 'not bad']
    """

    name: str
    offsets: IndexArray
    octets: npt.NDArray[np.uint8]
    gone: Mask
    kind: str = "text"
    notation: str = field(default="", repr=False)
    missing_words: tuple[str, ...] | None = field(default=None, repr=False)

    levels: ClassVar[tuple[str, ...]] = ()
    __hash__ = None  # type: ignore[assignment]  # arrays have no hash

    def __post_init__(self) -> None:
        right = (
            self.offsets.dtype == np.int64 and self.octets.dtype == np.uint8 and self.gone.dtype == np.bool_
        )
        if not right or self.offsets.shape != (len(self.gone) + 1,) or self.octets.ndim != 1:
            raise ValueError(
                f"column {self.name!r} needs int64 offsets (m + 1,), uint8 octets and bool gone (m,)"
            )

    def __len__(self) -> int:
        return len(self.gone)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Texts):
            return NotImplemented
        return _same(self, other) and self.as_list() == other.as_list()

    @staticmethod
    def of(name: str, texts: Sequence[str | None], kind: str = "text") -> "Texts":
        """The column of these texts (None: missing)."""
        there = [text or "" for text in texts]
        joined = "".join(there)
        octets = joined.encode()
        sizes = (
            there if len(octets) == len(joined) else map(str.encode, there)
        )  # all ASCII: letters are bytes
        offsets = np.zeros(len(there) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, sizes), dtype=np.int64, count=len(there)), out=offsets[1:])
        gone = np.fromiter([text is None for text in texts], dtype=np.bool_, count=len(texts))
        return Texts(name, offsets, np.frombuffer(octets, dtype=np.uint8), gone, kind)

    def as_list(self) -> list[str | None]:
        """The texts, None where a cell is missing."""
        octets, ends = self.octets.tobytes(), self.offsets.tolist()
        places = zip(ends, ends[1:], self.gone.tolist(), strict=False)
        if octets.isascii():  # a letter is a byte
            letters = octets.decode()
            return [None if gone else letters[start:end] for start, end, gone in places]
        return [None if gone else octets[start:end].decode() for start, end, gone in places]

    @property
    def values(self) -> FloatArray:
        """All NaN, shape (m,). Raises `InvalidData` naming the first row that is not missing: it holds text."""
        return _no_numbers(self.name, self.gone)

    @property
    def missing(self) -> Mask:
        """Which cells are missing, bool of shape (m,)."""
        return self.gone

    def take(self, indices: Chosen) -> "Texts":
        """The rows at ``indices`` (integers of shape (k,)), in that order."""
        if isinstance(indices, slice):
            start, stop, _ = indices.indices(len(self))
            offsets = self.offsets[start : max(start, stop) + 1]
            octets = self.octets[offsets[0] : offsets[-1]]
            return replace(self, offsets=offsets - offsets[0], octets=octets, gone=self.gone[indices])
        starts = self.offsets[:-1][indices]
        lengths = self.offsets[1:][indices] - starts
        offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        octets = self.octets.take(np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1]))
        return replace(self, offsets=offsets, octets=octets, gone=self.gone[indices])


_SAID = ("name", "kind", "levels", "notation", "missing_words")


def _taken(cells: npt.NDArray[T], indices: Chosen) -> npt.NDArray[T]:
    if isinstance(indices, slice):
        return cells[indices]
    places = np.asarray(indices)
    return cells[places] if places.dtype == np.bool_ else cells.take(places)  # that is twice as fast


def _no_numbers(name: str, missing: Mask) -> FloatArray:
    there = ~missing
    if there.any():
        raise InvalidData("text where numbers were", row=int(np.argmax(there)) + 1, column=name)
    return np.full(len(missing), np.nan)


def _same(one: Column, other: Column) -> bool:
    return all(getattr(one, part) == getattr(other, part) for part in _SAID)
