"""The cells of a column: numbers, or texts by code. `lepton_core.table.kinds` say what they mean."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData

FloatArray = npt.NDArray[np.float64]
CodeArray = npt.NDArray[np.int32]
IndexArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

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

    def take(self, indices: npt.NDArray[Any]) -> Self:
        """The rows at ``indices`` (integers of shape (k,)), in that order."""
        ...

    def __len__(self) -> int:
        """m."""
        ...


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of finite numbers: ``values`` is float64 of shape (m,), NaN where the cell is missing.

    Raises ``ValueError`` if ``values`` is of another dtype, or not of one dimension.

    >>> Numbers("age", np.array([31.0, np.nan])).missing.tolist()
    [False, True]
    """

    name: str
    values: FloatArray

    kind: ClassVar[str] = "number"
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
        return self.name == other.name and np.array_equal(self.values, other.values, equal_nan=True)

    @property
    def missing(self) -> Mask:
        """Which cells are missing, bool of shape (m,)."""
        return np.isnan(self.values)

    def take(self, indices: npt.NDArray[Any]) -> "Numbers":
        """The rows at ``indices`` (integers of shape (k,)), in that order."""
        return Numbers(self.name, self.values[indices])


@dataclass(frozen=True, eq=False)
class Categories:
    """A column of texts: the text of row i is ``levels[codes[i]]``.

    ``codes`` is int32 of shape (m,): `MISSING` (-1) where the cell is missing, ``len(levels)`` where a row to
    be predicted holds a text that the levels do not know. ``levels`` are distinct and sorted. Raises
    ``ValueError`` if ``codes`` is of another dtype, or not of one dimension.

    >>> Categories.of("colour", ["red", None, "blue", "red"])
    Categories(name='colour', codes=array([ 1, -1,  0,  1], dtype=int32), levels=('blue', 'red'))
    """

    name: str
    codes: CodeArray
    levels: tuple[str, ...]

    kind: ClassVar[str] = "category"
    __hash__ = None  # type: ignore[assignment]  # arrays have no hash

    def __post_init__(self) -> None:
        if self.codes.dtype != _INT32 or self.codes.ndim != 1:
            raise ValueError(f"column {self.name!r} needs int32 codes of shape (m,)")

    def __len__(self) -> int:
        return len(self.codes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Categories):
            return NotImplemented
        same = self.name == other.name and self.levels == other.levels
        return same and np.array_equal(self.codes, other.codes)

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
        there = ~self.missing
        if there.any():
            raise InvalidData("text where numbers were", row=int(np.argmax(there)) + 1, column=self.name)
        return np.full(len(self), np.nan)

    @property
    def missing(self) -> Mask:
        """Which cells are missing, bool of shape (m,)."""
        missing: Mask = self.codes == MISSING
        return missing

    def take(self, indices: npt.NDArray[Any]) -> "Categories":
        """The rows at ``indices`` (integers of shape (k,)), in that order, with the same levels."""
        return Categories(self.name, self.codes[indices], self.levels)
