"""Columns from the texts of their cells, a chunk at a time: of the first kind that takes them all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy.typing as npt

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Column
from lepton_core.table.kinds import BY_NAME, KINDS, Kind

Chunks = Callable[[], Iterator[list[list[str]]]]


def kinds_from(kind: str | None) -> Sequence[Kind[Any]]:
    """The kinds that a column is offered to, in order: all, or those from the declared ``kind`` on.

    >>> [kind.name for kind in kinds_from(None)], [kind.name for kind in kinds_from("category")]
    (['number', 'category'], ['category'])
    """
    return KINDS if kind is None else KINDS[KINDS.index(BY_NAME[kind]) :]


def columns_from(
    names: Sequence[str], chunks: Chunks, kinds: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """The columns ``names`` of the rows that ``chunks()`` gives, each of the first kind that takes all its cells.

    ``chunks`` is called again where a kind took the first cells and refused later ones. A column in ``kinds`` is
    offered first to the kind that is named there: one declared a category is text, even if all of it looks like
    numbers. Raises `InvalidData` for no rows, and for a cell that must be a mistake, naming row and column: NaN or
    infinity among numbers, and text where nine cells in ten (and at least ten) are numbers.

    >>> columns_from(["a", "b"], lambda: iter([[["1", "x"], ["", "y"]]]))
    (Numbers(name='a', values=array([ 1., nan])),
     Categories(name='b', codes=array([0, 1], dtype=int32), levels=('x', 'y')))
    """
    declared = kinds or {}
    columns = [_Reading(name, declared.get(name)) for name in names]
    total = 0
    for number, chunk in enumerate(chunks()):
        for column, cells in zip(columns, zip(*chunk, strict=True), strict=True):
            column.offer(number, cells)
        total = number + 1
    if not total:
        raise InvalidData("there are no rows below the header")
    while late := [(place, column) for place, column in enumerate(columns) if column.unread(total)]:
        needed = max(column.unread(total) for _, column in late)
        for number, chunk in zip(range(needed), chunks(), strict=False):
            for place, column in late:
                column.offer(number, [record[place] for record in chunk])
    return tuple(column.made() for column in columns)


class _Reading:
    """One column being read: what the kind at hand made of each chunk, by the chunk's number."""

    def __init__(self, name: str, declared: str | None) -> None:
        self._name = name
        self._declared = declared
        self._kinds = iter(kinds_from(declared))
        self._begin()

    def _begin(self) -> None:
        kind = next(self._kinds)  # the last takes every cell
        self._reader = kind.reader(self._name, declared=kind.name == self._declared)
        self._parts: dict[int, npt.NDArray[Any]] = {}

    def unread(self, total: int) -> int:
        """How many of ``total`` chunks one has to go through for those that the kind at hand has not seen; 0: none."""
        return next((number + 1 for number in reversed(range(total)) if number not in self._parts), 0)

    def offer(self, number: int, cells: Sequence[str]) -> None:
        if number in self._parts:
            return
        while (part := self._reader.take(cells)) is None:
            self._begin()
        self._parts[number] = part

    def made(self) -> Column:
        return self._reader.column([self._parts[number] for number in sorted(self._parts)])
