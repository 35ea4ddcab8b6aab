"""OneHot: one column of 0 and 1 for each level."""

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

MAX_ONE_HOT_LEVELS = 10_000
"""The most levels of one column that are told apart."""


@dataclass(frozen=True)
class OneHot:
    """A column becomes one column a level, 1 where the cell has that level and 0 elsewhere.

    The levels are those that at least ``fewest`` of the fitted rows have (an option; 5 if it is left out), sorted,
    and at most the 9,999 most frequent. Where that leaves any out, one more column, the last, is 1 for every other
    level, also for those that did not occur. Else these are 0 everywhere, and so is a missing cell. A column of
    numbers has its distinct numbers as levels; it must not have been scaled before.

    >>> from lepton_core.table import Categories
    >>> OneHot().fit(Categories.of("colour", ["red", "blue", "red", None]), {"fewest": 2})
    {'levels': ('red', None)}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The levels of the column: texts, or numbers, ascending; then None, if there is one for all others."""
        return {"levels": lambda value: read_levels(value, MAX_ONE_HOT_LEVELS)}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers and categories."""
        return LEVELS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """``fewest``. Raises `InvalidInput` naming the option that is wrong."""
        return level_options("OneHot", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The levels that are frequent enough; see `learn_levels`."""
        return {"levels": learn_levels(column, options.get("fewest", FEWEST), MAX_ONE_HOT_LEVELS)}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """One feature a level, named ``column=level``, and ``column=(rare)`` for all others.

        Raises `InvalidInput` if a step has scaled the feature before (field 'input'), or if the levels are texts
        and the feature numbers, or the other way round (field 'levels').
        """
        levels, pooled = named(fitted["levels"])
        check_feature("OneHot", feature, levels)
        made = [
            NumberFeature(f"{feature.name}={_show(level)}", feature.source, level=level, absent=feature.fill)
            for level in levels
        ]
        if pooled:
            rare = f"{feature.name}=(rare)"
            made.append(NumberFeature(rare, feature.source, others=levels, absent=feature.fill))
        return tuple(made)


def _show(level: str | float) -> str:
    return level if isinstance(level, str) else repr(level) if level != int(level) else str(int(level))
