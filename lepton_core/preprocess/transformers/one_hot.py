"""OneHot: one column of 0 and 1 for each level."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.transformers.base import no_options
from lepton_core.preprocess.transformers.levels import check_feature, learn_levels, read_levels
from lepton_core.table import Column

MAX_ONE_HOT_LEVELS = 1000
"""More levels than this are an identifier, not a category, and the matrix would not fit into memory."""


@dataclass(frozen=True)
class OneHot:
    """A column becomes one column a level, 1 where the cell has that level and 0 elsewhere.

    The levels are those that occur in the fitted rows, sorted. A missing cell, and a level that did not
    occur, is 0 everywhere. A column of numbers has its distinct numbers as levels; it must not have been
    scaled before.

    >>> from lepton_core.table import Categories
    >>> OneHot().fit(Categories.of("colour", ["red", "blue", "red", None]), {})
    {'levels': ('blue', 'red')}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The levels of the column: texts, or numbers, ascending."""
        return {"levels": lambda value: read_levels(value, MAX_ONE_HOT_LEVELS)}

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("OneHot", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The levels that occur. Raises `InvalidData` naming the column if there are more than `MAX_ONE_HOT_LEVELS`."""
        return {"levels": learn_levels("OneHot", column, MAX_ONE_HOT_LEVELS)}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """One feature a level, named ``column=level``.

        Raises `InvalidInput` if a step has scaled the feature before (field 'input'), or if the levels are texts
        and the feature numbers, or the other way round (field 'levels').
        """
        levels = fitted["levels"]
        check_feature("OneHot", feature, levels)
        return tuple(
            NumberFeature(f"{feature.name}={_show(level)}", feature.source, level=level, absent=feature.fill)
            for level in levels
        )


def _show(level: str | float) -> str:
    return level if isinstance(level, str) else repr(level) if level != int(level) else str(int(level))
