"""Columns without any cell: what they are for is not known yet."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lepton_core.table.columns import Column, Numbers
from lepton_core.table.kinds.base import DefaultStep, Known
from lepton_core.table.kinds.bins import Bins
from lepton_core.table.kinds.quantity import Quantity


class Empty(Quantity):
    """See `Kind`. Every cell is missing; a later file with cells decides what it is."""

    name = "empty"
    left_out = "has no cell"
    is_open = True
    given_notation = None

    def value_of(self, text: str, notation: str) -> float | None:
        """None: nothing fits."""
        return None

    def from_cells(self, cells: Sequence[Sequence[Any]], columns: Sequence[Known]) -> list[Numbers]:
        """Missing cells, whatever is given: a model that has seen no cell reads none."""
        return [
            self.made(np.full(len(own), np.nan), column) for own, column in zip(cells, columns, strict=True)
        ]

    def from_typed(self, column: Column, cell_type: type, known: Known) -> Numbers | None:
        """As `from_cells` does."""
        return self.made(np.full(len(column), np.nan), known)

    def usual_cell(self, column: Known, bins: Bins | None) -> Any:
        """A missing one: nothing else was there."""
        return None

    def default_steps(
        self, column: Numbers, *, scaled: bool, missing: bool, most_codes: int, sparse: bool
    ) -> tuple[DefaultStep, ...]:
        """None: it is no feature."""
        return ()


EMPTY = Empty()
