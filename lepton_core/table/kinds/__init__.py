"""The kinds of column. A new one is a file here and a place in `KINDS`."""

from collections.abc import Mapping
from typing import Any

from lepton_core.table.columns import Column
from lepton_core.table.kinds.base import ColumnFigures, DefaultStep, Drawing, Figures, Kind
from lepton_core.table.kinds.bins import Bins
from lepton_core.table.kinds.boolean import BOOLEAN
from lepton_core.table.kinds.category import CATEGORY
from lepton_core.table.kinds.category_bins import CategoryBins
from lepton_core.table.kinds.date import DATE
from lepton_core.table.kinds.duration import DURATION
from lepton_core.table.kinds.empty import EMPTY
from lepton_core.table.kinds.number import INTEGER, NUMBER
from lepton_core.table.kinds.number_bins import NumberBins
from lepton_core.table.kinds.text import IDENTIFIER, TEXT

KINDS: tuple[Kind[Any], ...] = (
    NUMBER, INTEGER, BOOLEAN, CATEGORY, DATE, DURATION, TEXT, IDENTIFIER, EMPTY,
)  # fmt: skip
"""All kinds. `lepton_core.table.spelling.recognise` says which one a column is of."""

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
