"""Ordinal: one column of codes, for algorithms that take categories as they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.layout import LEVELS
from lepton_core.preprocess.transformers.levels import (
    FEWEST,
    check_feature,
    learn_levels,
    level_options,
    named,
    read_levels,
)
from lepton_core.table import Column

MAX_ORDINAL_LEVELS = 255
"""The most levels that a tree can keep apart: one byte a cell, and one of its values means missing."""


@dataclass(frozen=True)
class Ordinal:
    """A column becomes the place of its cell among the levels, 0 to k - 1.

    The levels are those that at least ``fewest`` of the fitted rows have (an option; 5 if it is left out), sorted,
    and at most the 254 most frequent. Where that leaves any out, all others are one more level, the last, also
    those that did not occur. Else these are missing, as a missing cell is. A column of numbers has its distinct
    numbers as levels; it must not have been scaled before.

    >>> from lepton_core.table import Categories
    >>> Ordinal().fit(Categories.of("colour", ["red", "blue", "red", None]), {"fewest": 2})
    {'levels': ('red', None)}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The levels of the column: texts, or numbers, ascending; then None, if there is one for all others."""
        return {"levels": lambda value: read_levels(value, MAX_ORDINAL_LEVELS)}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers and categories."""
        return LEVELS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """``fewest``. Raises `InvalidInput` naming the option that is wrong."""
        return level_options("Ordinal", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The levels that are frequent enough; see `learn_levels`."""
        return {"levels": learn_levels(column, options.get("fewest", FEWEST), MAX_ORDINAL_LEVELS)}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The feature as codes under its own name; none if there is no level.

        Raises `InvalidInput` if a step has scaled the feature before (field 'input'), or if the levels are texts
        and the feature numbers, or the other way round (field 'levels').
        """
        levels, pooled = named(fitted["levels"])
        check_feature("Ordinal", feature, levels)
        if not levels and not pooled:
            return ()
        made = NumberFeature(feature.name, feature.source, codes=levels, pooled=pooled, absent=feature.fill)
        return (made,)
