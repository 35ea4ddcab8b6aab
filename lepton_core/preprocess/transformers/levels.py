"""The levels of a column, as OneHot and Ordinal learn and read them: the frequent ones by name, the others as one."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from lepton_core.errors import InvalidInput
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.transformers.base import finite, known_options
from lepton_core.table import Column, kind_of

Named = tuple[str, ...] | tuple[float, ...]
Levels = tuple[str | float | None, ...]
"""Texts or numbers, ascending; and None at the end, if all other values are one more level."""

FEWEST = 5
"""A level that fewer rows have is not kept by name: names and mail addresses are no categories, and private."""


def level_options(transformer: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The option ``fewest``, if it is given. Raises `InvalidInput` for another one, or no whole number from 1 up.

    >>> level_options("OneHot", {"fewest": 2})
    {'fewest': 2}
    """
    options = known_options(transformer, given, ("fewest",))
    if "fewest" in options and (type(options["fewest"]) is not int or options["fewest"] < 1):
        raise InvalidInput("must be a whole number, at least 1", field="fewest")
    return options


def learn_levels(column: Column, fewest: int, most: int) -> Levels:
    """The values that at least ``fewest`` rows of ``column`` have, ascending, and None if that leaves any out.

    There are at most ``most``, None included: the most frequent, and of equals those that sort first.

    >>> from lepton_core.table import Categories
    >>> learn_levels(Categories.of("colour", ["red", "blue", "red", None]), 1, 10)
    ('blue', 'red')
    >>> learn_levels(Categories.of("colour", ["red", "blue", "red", None]), 2, 10)
    ('red', None)
    """
    levels, places = kind_of(column).distinct(column)
    rows = np.bincount(places[places >= 0], minlength=len(levels))
    if len(levels) <= most and (rows >= fewest).all():
        return tuple(levels)
    first = np.argsort(-rows, kind="stable")[: most - 1]
    kept = np.sort(first[rows[first] >= fewest]).tolist()
    return (*(levels[place] for place in kept), None)


def named(levels: Levels) -> tuple[Named, bool]:
    """The levels that have a name, and whether all others are one more."""
    pooled = bool(levels) and levels[-1] is None
    return levels[: len(levels) - pooled], pooled  # type: ignore[return-value]  # (None stands at the end only)


def read_levels(value: Any, most: int) -> Levels:
    """Read the levels of one column back from JSON. Raises ``ValueError`` saying what they must be."""
    if not isinstance(value, (list, tuple)) or len(value) > most:
        raise ValueError(f"must be a list of at most {most} levels")
    rest = (None,) if value and value[-1] is None else ()
    given = value[:-1] if rest else value
    if any(isinstance(level, str) for level in given):
        if not all(isinstance(level, str) for level in given):
            raise ValueError("must be all texts or all numbers")
        levels = tuple(given)
    else:
        levels = tuple(map(finite, given))
    if any(not low < high for low, high in pairwise(levels)):
        raise ValueError("must be ascending, and none twice")
    return (*levels, *rest)


def check_feature(transformer: str, feature: Feature, levels: Named) -> None:
    """Raises `InvalidInput` if the cells of ``feature`` cannot be looked up among ``levels``.

    A step has scaled or coded it before (field 'input'), or the levels are texts and the feature numbers, or the
    other way round (field 'levels').
    """
    numeric = isinstance(feature, NumberFeature)
    if isinstance(feature, NumberFeature) and not feature.as_in_data:
        raise InvalidInput(
            f"{transformer} takes column {feature.name!r} as it is in the data, before another step scales it",
            field="input",
        )
    if levels and numeric == isinstance(levels[0], str):
        raise InvalidInput(f"column {feature.name!r} has levels of the wrong kind", field="levels")
