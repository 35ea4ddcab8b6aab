"""Yes or no, in any spelling."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.cells import shown
from lepton_core.table.columns import Column, FloatArray, Mask, Numbers
from lepton_core.table.hashing import MISSING_HASH, HashArray, HashForm, level_hashes
from lepton_core.table.kinds.base import Known, is_absent
from lepton_core.table.kinds.quantity import Quantity
from lepton_core.table.spelling import boolean_of, read_number
from lepton_core.table.spelling.booleans import OPPOSITES

TRUTH = "False/True"
"""The notation of truth values of a program."""


_VALUES = np.array([0.0, 1.0, np.nan])
"""Of no, of yes and of a missing cell."""


_OF_JSON: Mapping[str, tuple[bool | int, ...]] = {"false/true": (False, True), "0/1": (0, 1)}


class Boolean(Quantity):
    """See `Kind`. Cells are 0 and 1; the notation is how the file spells them, "no/yes"; empty: "false/true"."""

    name = "boolean"
    akin = frozenset({"number", "integer"})
    given_notation = TRUTH
    notation_spells = True
    given_type = bool
    plain_cells = frozenset({bool, type(None)})

    def _plain(self, cells: Sequence[Any]) -> FloatArray | None:
        types = set(map(type, cells))
        if not types <= self.plain_cells:
            return None
        octets = bytes(cells if types == {bool} else [2 if cell is None else cell for cell in cells])
        return _VALUES[np.frombuffer(octets, dtype=np.uint8)]

    def value_of(self, text: str, notation: str) -> float | None:
        """1 for true, yes, on, t, y and 1, 0 for their opposites, in any case."""
        found = boolean_of(text)
        return None if found is None else float(found)

    def holds(self, values: FloatArray) -> Mask:
        """0 and 1, (k,)."""
        return np.isin(values, (0.0, 1.0))

    def spelled(self, value: float, notation: str) -> str:
        """As the file spells it."""
        return (notation or "false/true").split("/")[int(value)]

    def cell(self, value: float, notation: str) -> Any:
        """As the file mostly spells it: "ja"; as JSON has it where both words are its own: True and False, 1 and 0.

        >>> BOOLEAN.cell(1.0, "nein/ja"), BOOLEAN.cell(1.0, "FALSE/TRUE"), BOOLEAN.cell(1.0, "0/1")
        ('ja', True, 1)
        """
        plain = _OF_JSON.get((notation or "false/true").lower())
        return self.spelled(value, notation) if plain is None else plain[int(value)]

    def given_cells(self, column: Numbers) -> list[Any]:
        """True or False, whatever a file spells them like."""
        return [
            None if absent else bool(value)
            for value, absent in zip(column.values.tolist(), column.missing.tolist(), strict=True)
        ]

    def find_notation(
        self,
        counts: Mapping[str, int],
        missing: Collection[str],
        *,
        decimal: str = "",
        day_first: bool | None = None,
    ) -> str:
        """The most frequent spelling of no, and of yes."""
        usual = {False: "", True: ""}
        for text in sorted(counts, key=lambda text: (-counts[text], text)):
            said = boolean_of(text)
            if said is not None and not usual[said]:
                usual[said] = text.strip()
        if not any(usual.values()):
            return ""
        return f"{usual[False] or _opposite(usual[True])}/{usual[True] or _opposite(usual[False])}"

    def reads(self, notation: str) -> bool:
        """Two spellings with a slash between them, of which the first means no."""
        return not notation or [boolean_of(text) for text in notation.split("/")] == [False, True]

    def only_named(self, name: str) -> str:
        """It is a class."""
        return f"class ({shown(name)})"

    def cell_hashes(self, column: Numbers, form: HashForm = 1) -> HashArray:
        """Those of the texts, (m,): a column of two texts may turn out to be one of yes and no."""
        known = level_hashes([self.spelled(value, column.notation) for value in (0.0, 1.0)], form)
        return np.append(known, MISSING_HASH)[np.where(column.missing, 2, column.values).astype(np.int64)]

    def from_typed(self, column: Column, cell_type: type, known: Known) -> Numbers | None:
        """The same values; of numbers, if they are 0 and 1."""
        zeros_and_ones = cell_type is float and (self.holds(column.values) | column.missing).all()
        return super().from_typed(column, bool if zeros_and_ones else cell_type, known)

    def read_cell(self, cell: Any, row: int, column: Known) -> float:
        """True and False, and the numbers 0 and 1; raises `InvalidData` for others."""
        if isinstance(cell, bool | np.bool_):
            return float(cell)
        known = not isinstance(cell, str) or boolean_of(cell) is not None or is_absent(cell, column)
        value = super().read_cell(cell, row, column) if known else read_number(cell)
        if value is not None and (value in (0.0, 1.0) or value != value):  # noqa: PLR0124  (NaN)
            return value
        raise InvalidData(f"{shown(cell)} is no {self.name}", row=row, column=column.name)


BOOLEAN = Boolean()


def _opposite(text: str) -> str:
    word = OPPOSITES[text.lower()]
    return word.upper() if text.isupper() else word.title() if text.istitle() else word
