"""Ordinal: one column of codes, for algorithms that take categories as they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.transformers.base import no_options
from lepton_core.preprocess.transformers.levels import check_feature, learn_levels, read_levels
from lepton_core.table import Column

MAX_ORDINAL_LEVELS = 255
"""The most levels that a tree can keep apart: one byte a cell, and one of its values means missing."""


@dataclass(frozen=True)
class Ordinal:
    """A column becomes the place of its cell among the levels, 0 to k - 1.

    The levels are those that occur in the fitted rows, sorted. A missing cell, and a level that did not occur,
    is missing. A column of numbers has its distinct numbers as levels; it must not have been scaled before.

    >>> from lepton_core.table import Categories
    >>> Ordinal().fit(Categories.of("colour", ["red", "blue", "red", None]), {})
    {'levels': ('blue', 'red')}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The levels of the column: texts, or numbers, ascending."""
        return {"levels": lambda value: read_levels(value, MAX_ORDINAL_LEVELS)}

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("Ordinal", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The levels that occur. Raises `InvalidData` naming the column if there are more than `MAX_ORDINAL_LEVELS`."""
        return {"levels": learn_levels("Ordinal", column, MAX_ORDINAL_LEVELS)}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The feature as codes under its own name; none if there is no level.

        Raises `InvalidInput` if a step has scaled the feature before (field 'input'), or if the levels are texts
        and the feature numbers, or the other way round (field 'levels').
        """
        levels = fitted["levels"]
        check_feature("Ordinal", feature, levels)
        if not levels:
            return ()
        return (NumberFeature(feature.name, feature.source, codes=levels, absent=feature.fill),)
