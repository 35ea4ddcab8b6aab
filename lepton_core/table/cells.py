"""The meaning of the text of one cell: a missing value, a number, or text."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any, Protocol

import numpy as np

from lepton_core.errors import MOST_FAULTS, InvalidData, RowFault

NUMBER_CHARACTERS = "0123456789+-.eE"
"""Among texts of these characters `float` takes exactly what `is_number` takes."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)


def is_number(text: str) -> bool:
    """Whether ``text`` is a number in ASCII digits, as plain or scientific notation.

    `float` alone will not do: it takes ``1_000``, digits of other alphabets and ``infinity``.

    >>> [is_number(text) for text in ("-1.5e3", ".5", "1_000", "٣", "inf", "")]
    [True, True, False, False, False, False]
    """
    return _NUMBER.fullmatch(text) is not None


def is_not_finite(text: str) -> bool:
    """Whether ``text`` spells NaN or infinity, or is a number beyond float64.

    >>> [is_not_finite(text) for text in ("NaN", "-inf", "1e400", "1e308", "nano")]
    [True, True, True, False, False]
    """
    if is_number(text):
        return float(text) in (float("inf"), float("-inf"))
    return _NOT_FINITE.fullmatch(text) is not None


def is_infinite(text: str) -> bool:
    """Whether ``text`` spells an infinity, or is a number beyond float64.

    >>> [is_infinite(text) for text in ("NaN", "-inf", "1e400", "1e308")]
    [False, True, True, False]
    """
    return is_not_finite(text) and "nan" not in text.lower()


def demand_width(cells: int, row: int, width: int) -> None:
    """Raise `InvalidData` unless a ``row`` of so many ``cells`` is as wide as it must be."""
    if cells != width:
        raise InvalidData(f"{cells} cells, where there are {width} columns", row=row)


class Faults:
    """The cells that could not be read: the first of them, by row, how many there are, and the first one of each row.

    Of two cells of a row the first is that whose column comes first in ``columns``; or else that which was added first.
    """

    def __init__(self, columns: Sequence[str] = ()) -> None:
        self._columns = columns
        self._first: list[InvalidData] = []
        self._count = 0
        self._by_row: dict[int, RowFault] = {}

    def add(self, error: InvalidData) -> None:
        """One more error; if it stands for several, all of them."""
        self._count += error.count
        for row, fault in error.by_row.items():
            known = self._by_row.get(row)
            self._by_row[row] = fault if known is None else self._joined(known, fault)
        if len(self._first) < MOST_FAULTS or self._order(error.first[0]) < self._order(self._first[-1]):
            self._first = sorted([*self._first, *error.first], key=self._order)[:MOST_FAULTS]

    def demand_none(self) -> None:
        """Raises `InvalidData` for all of them together."""
        if self._count:
            raise InvalidData.together(self._first, self._count, self._by_row)

    @staticmethod
    def of_rows(error: InvalidData, rows: Sequence[Any], read: Callable[[Any], object]) -> InvalidData:
        """The one error for all of the ``rows`` that ``read`` refuses, each read in a list of its own.

        That is the ``error`` itself if each alone can be read, or all have the same fault and name no column.
        """
        faults = Faults()
        for number in range(1, len(rows) + 1 if len(rows) > 1 else 1):
            try:
                read(rows[number - 1 : number])
            except InvalidData as why:
                if why.row is None:
                    return error
                first = [
                    InvalidData(one.reason, row=number, column=one.column, remedies=one.remedies)
                    for one in why.first
                ]
                faults.add(InvalidData.together(first, why.count, dict.fromkeys([number], why.by_row[1])))
        by_row = faults._by_row
        if len(by_row) == len(rows) and {(one.reason, one.column) for one in by_row.values()} == {
            (error.reason, None)
        }:
            return error
        try:
            faults.demand_none()
        except InvalidData as found:
            return found
        return error

    def _joined(self, known: RowFault, other: RowFault) -> RowFault:
        first = other if self._place(other) < self._place(known) else known
        return RowFault(first.reason, first.column, known.count + other.count)

    def _order(self, error: InvalidData) -> tuple[int, int]:
        return error.row or 0, self._place(error)

    def _place(self, fault: RowFault | InvalidData) -> int:
        return self._places.get(fault.column or "", -1)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: at for at, name in enumerate(self._columns)}


def demand_unicode(text: str, row: int, column: str) -> None:
    """Raises `InvalidData` naming ``row`` and ``column`` for half a surrogate pair: no file can hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidData(
            f"{shown(text)} holds half a surrogate pair, which is no character", row=row, column=column
        ) from None


def shown(cell: object) -> str:
    """A cell as an error message quotes it: at most 40 characters of its ``repr``, and no values of a list.

    What is in a list is not said, for the SDK sends an empty one in place of any.

    >>> shown("x" * 100), shown([1])
    ("'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...", 'a list')
    """
    if isinstance(cell, list):
        return "a list"
    text = repr(cell[:41] if isinstance(cell, str) else cell)
    return text if len(text) <= 40 else text[:37] + "..."


def number_of(cell: object, row: int, column: str) -> float:
    """A cell of a row as a number; NaN if it is missing.

    Raises `InvalidData` naming ``row`` and ``column`` for text, a bool, NaN and infinity.

    >>> number_of(3, 1, "age"), number_of(None, 1, "age")
    (3.0, nan)
    """
    if cell is None:
        return math.nan
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, Real):
        what = "text" if isinstance(cell, str) else "no number"
        raise InvalidData(f"{shown(cell)} is {what}; this column holds numbers", row=row, column=column)
    try:
        value = float(cell)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise InvalidData(f"{shown(cell)} is not a finite number", row=row, column=column)
    return value


def are_texts(cells: Sequence[Any]) -> bool:
    """Whether all ``cells`` are texts.

    >>> are_texts(["2024-12-31", ""]), are_texts(["2024-12-31", None])
    (True, False)
    """
    try:
        "".join(cells)  # a third of the time of asking each for its type
    except TypeError:
        return False
    return True


def written(value: float) -> str:
    """A finite number as the text of a cell: whole numbers without a point.

    >>> written(1010.0), written(2.5)
    ('1010', '2.5')
    """
    return str(int(value)) if value == int(value) else repr(float(value))


@dataclass(frozen=True)
class Assumed:
    """A column in which so many ``rows`` leave open what was taken for granted: ``meaning``.

    It is "UTC" of dates without a zone where training saw zones, "seconds" of lengths of time without a unit.
    """

    column: str
    rows: int
    meaning: str


class Cells(Protocol):
    """``cells[j]`` are the JSON cells of column j of the schema."""

    def __getitem__(self, at: int, /) -> Sequence[Any]: ...


class Assuming:
    """What a `Kind` is too that reads cells which leave something open; in rows to be predicted that is told."""

    def assumes(self, column: Any) -> str:
        """What such a cell of a `Known` column is taken for; empty if this one has none.

        Of a kind that does not say it: `NotImplementedError`.
        """
        raise NotImplementedError

    def is_open_cell(self, cell: Any, column: Any) -> bool:
        """Whether a readable ``cell`` leaves that open. Of a kind that does not say it: `NotImplementedError`."""
        raise NotImplementedError


def assumed_in(
    cells: Any, by_kind: Iterable[tuple[Any, Sequence[int]]], columns: Sequence[Any], but: Set[int], rows: int
) -> tuple[Assumed, ...]:
    """What was taken for granted in ``cells[j]`` of each of the ``columns``, but for those at some places.

    Without ``cells`` each of the ``rows`` is of plain numbers.
    """
    found = []
    for kind, places in by_kind:
        for at in places if isinstance(kind, Assuming) else ():
            column = columns[at]
            meaning = "" if at in but else kind.assumes(column)
            told = Counter(cells[at] if cells else (0.0,) * rows).items() if meaning else ()
            count = sum(times for cell, times in told if kind.is_open_cell(cell, column))
            if count:
                found.append(Assumed(column.name, count, meaning))
    return tuple(found)
