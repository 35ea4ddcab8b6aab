"""Columns without any cell: what they are for is not known yet."""

from lepton_core.table.columns import Numbers
from lepton_core.table.kinds.base import DefaultStep
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

    def default_steps(
        self, column: Numbers, *, scaled: bool, missing: bool, most_codes: int
    ) -> tuple[DefaultStep, ...]:
        """None: it is no feature."""
        return ()


EMPTY = Empty()
