"""Rows to be predicted, column by column, their cells as JSON has them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter, ne
from typing import TYPE_CHECKING, Any

from lepton_ai.batches import slices

if TYPE_CHECKING:
    from lepton_ai.of_file import OfFile
    from lepton_core.errors import InvalidData

_MISSING = type(None)
_TYPES = frozenset({int, float, bool, str, _MISSING})
_GAPS = frozenset({float, _MISSING})
_INFINITE = frozenset({math.inf, -math.inf})
_LEAST, _MOST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class CellColumns:
    """The body of a call of predict: ``cells[j]`` are those of ``columns[j]``, one a row, at least one.

    A platform in this process takes it as it is, see `functions.edge.shapes.HandedCells`; any other one as JSON.
    """

    columns: Sequence[str]
    cells: Sequence[Sequence[Any]]
    explain: bool = False
    coverage: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The body as a value that JSON can hold.

        >>> CellColumns(["a", "b"], [[1, 2], ["x", None]]).as_json()
        {'rows': [(1, 'x'), (2, None)], 'columns': ['a', 'b']}
        """
        rows = list(zip(*self.cells, strict=True))
        explain = {"explain": True} if self.explain else {}
        coverage = {} if self.coverage is None else {"coverage": self.coverage}
        return {"rows": rows, "columns": self.columns, **explain, **coverage}


@dataclass(frozen=True)
class CellBatch:
    """Some of the rows of a call; see `lepton_ai.batches.Batch`."""

    before: int
    body: CellColumns

    @property
    def sent(self) -> dict[str, Any]:
        """The body."""
        return {"body": self.body}

    def halves(self) -> tuple["CellBatch", ...]:
        """See `Batch`."""
        half = len(self.body.cells[0]) // 2
        if not half:
            return ()
        first, rest = (
            [cells[part] for cells in self.body.cells] for part in (slice(half), slice(half, None))
        )
        return (
            CellBatch(self.before, replace(self.body, cells=first)),
            CellBatch(self.before + half, replace(self.body, cells=rest)),
        )

    def own_fault(self, row: int, column: str | None) -> "InvalidData | None":
        """None: `cell_rows` takes plain cells only."""
        return None

    def demand_characters(self) -> None:
        """Nothing to do: `cell_rows` takes whole characters only."""


@dataclass(frozen=True)
class CellRows:
    """Rows of the same ``columns``: ``cells[j]`` are those of ``columns[j]``, each plain as `cell_rows` has it."""

    columns: list[str]
    cells: list[Sequence[Any]]
    single: bool = False
    of_file: "OfFile | None" = None

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The cells of each row."""
        return list(zip(*self.cells, strict=True))

    def batches(self, *, explain: bool = False, coverage: float | None = None) -> Iterator[CellBatch]:
        """The requests, one after the other."""
        rows = len(self.cells[0])
        for start, stop in slices(rows, len(self.columns)):
            whole = (start, stop) == (0, rows)
            cells = self.cells if whole else [cells[start:stop] for cells in self.cells]
            yield CellBatch(start, CellColumns(self.columns, cells, explain, coverage))


def cell_rows(given: Sequence[dict[Any, Any]], names: list[str]) -> CellRows | None:
    """The cells of dicts that have these ``names``, two at least, and no other one.

    None if a row has other names, or a cell is not plain: JSON has it as it is, whole numbers are of 64 bits, and no
    text holds half a surrogate pair. NaN becomes None, as it would in JSON.

    >>> cell_rows([{"a": 1, "b": "x"}, {"b": None, "a": float("nan")}], ["a", "b"]).cells
    [[1, None], ['x', None]]
    >>> cell_rows([{"a": 1, "b": float("inf")}], ["a", "b"]) is None
    True
    """
    width = len(names)
    if set(map(len, given)) != {width} or not _are_whole(names):
        return None
    try:
        flat = list(chain.from_iterable(map(itemgetter(*names), given)))
    except KeyError:
        return None
    found: list[Sequence[Any]] = []
    for at in range(width):
        plain = _plain(flat[at::width])
        if plain is None:
            return None
        found.append(plain)
    return CellRows(names, found)


def _plain(cells: list[Any]) -> list[Any] | None:
    """The cells of a column, None in place of NaN; None in place of all if one of them needs a second look."""
    types = set(map(type, cells))
    if not types <= _TYPES:
        return None
    if str in types:
        texts = cells if len(types) == 1 else [cell for cell in cells if type(cell) is str]
        if not _are_whole(texts):
            return None
    if int in types:
        numbers = cells if len(types) == 1 else [cell for cell in cells if type(cell) is int]
        if min(numbers) < _LEAST or max(numbers) > _MOST:
            return None
    # One infinity or NaN makes a sum that is not finite; large numbers may, too.
    if float in types and not (types <= _GAPS and math.isfinite(sum(filter(None, cells)))):
        if not _INFINITE.isdisjoint(cells):
            return None
        if any(map(ne, cells, cells)):  # NaN is the only cell that differs from itself
            return [None if cell != cell else cell for cell in cells]  # noqa: PLR0124
    return cells


def _are_whole(texts: Sequence[str]) -> bool:
    """Whether none of ``texts`` holds half a surrogate pair."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
