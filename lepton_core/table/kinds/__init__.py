"""The kinds of column. A new one is a file here and a place in `KINDS`."""

from collections.abc import Mapping
from typing import Any

from lepton_core.table.columns import Column
from lepton_core.table.kinds.base import Bins, ColumnFigures, DefaultStep, Drawing, Figures, Kind
from lepton_core.table.kinds.category import CATEGORY, CategoryBins
from lepton_core.table.kinds.number import NUMBER, NumberBins

KINDS: tuple[Kind[Any], ...] = (NUMBER, CATEGORY)
"""In the order in which a column of a file is offered to them: the first that takes all cells has it. The last takes
every cell."""

BY_NAME: Mapping[str, Kind[Any]] = {kind.name: kind for kind in KINDS}
"""The kinds by their names."""


def kind_of(column: Column) -> Kind[Any]:
    """The kind of ``column``.

    >>> from lepton_core.table.columns import Categories
    >>> kind_of(Categories.of("sex", ["f", "m"])).quantitative
    False
    """
    return BY_NAME[column.kind]


__all__ = [
    "BY_NAME",
    "KINDS",
    "Bins",
    "CategoryBins",
    "ColumnFigures",
    "DefaultStep",
    "Drawing",
    "Figures",
    "Kind",
    "NumberBins",
    "kind_of",
]
