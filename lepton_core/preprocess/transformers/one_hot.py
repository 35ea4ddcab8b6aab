"""OneHot: one column of 0 and 1 for each level."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.transformers.base import finite, no_options
from lepton_core.table import Categories, Column

MAX_LEVELS = 1000
"""More levels than this are an identifier, not a category, and the matrix would not fit into memory."""


@dataclass(frozen=True)
class OneHot:
    """A column becomes one column a level, 1 where the cell has that level and 0 elsewhere.

    The levels are those that occur in the fitted rows, sorted. A missing cell, and a level that did not
    occur, is 0 everywhere. A column of numbers has its distinct numbers as levels; it must not have been
    scaled before.

    >>> OneHot().fit(Categories.of("colour", ["red", "blue", "red", None]), {})
    {'levels': ('blue', 'red')}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The levels of the column: texts, or numbers, ascending."""
        return {"levels": _levels}

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options."""
        return no_options("OneHot", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The levels that occur."""
        levels: tuple[str, ...] | tuple[float, ...]
        if isinstance(column, Categories):
            known = column.codes[(column.codes >= 0) & (column.codes < len(column.levels))]
            levels = tuple(column.levels[code] for code in np.unique(known))
        else:
            levels = tuple(np.unique(column.values[~column.missing]).tolist())
        if len(levels) > MAX_LEVELS:
            raise InvalidData(
                f"has {len(levels)} distinct values and OneHot takes {MAX_LEVELS}; leave the column out",
                column=column.name,
            )
        return {"levels": levels}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """One feature a level, named ``column=level``."""
        levels = fitted["levels"]
        numeric = isinstance(feature, NumberFeature)
        if isinstance(feature, NumberFeature) and not feature.as_in_data:
            raise InvalidInput(
                f"OneHot takes column {feature.name!r} as it is in the data, before another step scales it",
                field="input",
            )
        if levels and numeric == isinstance(levels[0], str):
            raise InvalidInput(f"column {feature.name!r} has levels of the wrong kind", field="levels")
        return tuple(
            NumberFeature(f"{feature.name}={_show(level)}", feature.source, level=level, absent=feature.fill)
            for level in levels
        )


def _show(level: str | float) -> str:
    return level if isinstance(level, str) else repr(level) if level != int(level) else str(int(level))


def _levels(value: Any) -> tuple[str, ...] | tuple[float, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_LEVELS:
        raise ValueError(f"must be a list of at most {MAX_LEVELS} levels")
    if any(isinstance(level, str) for level in value):
        if not all(isinstance(level, str) for level in value):
            raise ValueError("must be all texts or all numbers")
        levels = tuple(value)
    else:
        levels = tuple(map(finite, value))
    if any(not low < high for low, high in pairwise(levels)):
        raise ValueError("must be ascending, and none twice")
    return levels
