"""Pieces of a predict call that the platform takes: rows as JSON, or typed columns in the platform's own container."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from lepton_core.errors import InvalidData
    from lepton_core.table import Table

_CELLS_A_CALL = 60_000
_ROWS_A_CALL = 5_000


class Batch(Protocol):
    """Some of the rows of a call; ``before`` counts those before its first."""

    @property
    def before(self) -> int:
        """The rows before its first."""
        ...

    @property
    def sent(self) -> dict[str, Any]:
        """The request, as arguments of `Transport.call`."""
        ...

    def halves(self) -> tuple[Self, ...]:
        """Its first half and the rest; nothing for a single row."""
        ...

    def own_fault(self, row: int, column: str | None) -> "InvalidData | None":
        """Why the value in ``row``, from 1, and ``column`` is no cell, if a stand-in was sent for it."""
        ...

    def demand_characters(self) -> None:
        """Raise `InvalidData` for the first cell that holds half a surrogate pair: no request can hold it."""
        ...


@dataclass(frozen=True)
class JsonBatch:
    """``body`` is JSON with ``rows``, dicts or lists; see `Batch`."""

    before: int
    body: dict[str, Any]

    @property
    def sent(self) -> dict[str, Any]:
        """The body."""
        return {"body": self.body}

    @property
    def of_objects(self) -> bool:
        """Whether each row has names of its own."""
        return self.body.get("columns") is None and isinstance(
            next(iter(self.body["rows"]), None), dict | None
        )

    @property
    def names(self) -> set[str]:
        """The names in its rows, which are objects."""
        return {name for row in self.body["rows"] if row is not None for name in row}

    def halves(self) -> tuple["JsonBatch", ...]:
        """See `Batch`."""
        rows = self.body["rows"]
        half = len(rows) // 2
        if not half:
            return ()
        return (
            replace(self, body={**self.body, "rows": rows[:half]}),
            JsonBatch(self.before + half, {**self.body, "rows": rows[half:]}),
        )

    def own_fault(self, row: int, column: str | None) -> "InvalidData | None":
        """See `Batch`. Where only the platform knows the names, it is that of the only such value in the row."""
        cells = self.body["rows"][row - 1]
        names = self.body.get("columns")
        if isinstance(cells, dict):
            from lepton_core.table.nested import flat_cells  # noqa: PLC0415  (loads numpy)

            named: list[tuple[str | None, Any]] = [*flat_cells(cells)]
        else:
            named = list(zip(names or [None] * len(cells), cells, strict=True))
        faults = [(name, cell.error) for name, cell in named if getattr(cell, "error", None) is not None]
        of_this = [error for name, error in faults if name == column or (name is None and len(faults) == 1)]
        return of_this[0] if of_this else None

    def demand_characters(self) -> None:
        """See `Batch`."""
        from lepton_core.table.cells import demand_unicode  # noqa: PLC0415  (loads numpy)
        from lepton_core.table.nested import flat_cells  # noqa: PLC0415  (loads numpy)

        names = self.body.get("columns")
        for number, row in enumerate(self.body["rows"], start=self.before + 1):
            cells = (
                flat_cells(row)
                if isinstance(row, dict)
                else zip(names or range(1, len(row) + 1), row, strict=True)
            )
            for name, cell in cells:
                demand_unicode(str(name), number, ascii(name))
                if isinstance(cell, str):
                    demand_unicode(cell, number, str(name))


@dataclass(frozen=True)
class ColumnBatch:
    """Columns from `lepton_core.table.given_column`, with the query parameters of the call; see `Batch`."""

    before: int
    table: "Table"
    query: dict[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> dict[str, Any]:
        """The container."""
        from lepton_core.artifact import write_container  # noqa: PLC0415  (loads numpy)
        from lepton_core.table import pack_table  # noqa: PLC0415  (loads numpy)

        return {
            "body": write_container(*pack_table(self.table)),
            "content_type": "application/octet-stream",
            "query": self.query,
        }

    def halves(self) -> tuple["ColumnBatch", ...]:
        """See `Batch`."""
        half = self.table.rows // 2
        if not half:
            return ()
        return (
            replace(self, table=rows_of(self.table, 0, half)),
            ColumnBatch(self.before + half, rows_of(self.table, half, self.table.rows), self.query),
        )

    def own_fault(self, row: int, column: str | None) -> "InvalidData | None":
        """None: columns are made of cells."""
        return None

    def demand_characters(self) -> None:
        """Nothing to do: columns are made of whole characters."""


def slices(rows: int, width: int) -> Iterator[tuple[int, int]]:
    """The begins and ends of batches of ``rows`` of so many cells, which stay within 6 MB, answers included.

    >>> list(slices(2500, 60)), list(slices(0, 3))
    ([(0, 1000), (1000, 2000), (2000, 2500)], [(0, 0)])
    """
    size = max(1, min(_ROWS_A_CALL, _CELLS_A_CALL // max(1, width)))
    for start in range(0, max(1, rows), size):
        yield start, min(start + size, rows)


def rows_of(table: "Table", start: int, stop: int) -> "Table":
    """The rows from ``start`` to before ``stop``."""
    import numpy as np  # noqa: PLC0415  (predicting one dict needs no numpy here)

    return table if (start, stop) == (0, table.rows) else table.take(np.arange(start, stop))
