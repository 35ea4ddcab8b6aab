"""The levels of a column, as OneHot and Ordinal learn and read them."""

from itertools import pairwise
from typing import Any

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.transformers.base import finite
from lepton_core.table import Column, kind_of

Levels = tuple[str, ...] | tuple[float, ...]


def learn_levels(transformer: str, column: Column, most: int) -> Levels:
    """The texts or numbers that occur in ``column``, ascending.

    Raises `InvalidData` naming it if there are more than ``most``.

    >>> from lepton_core.table import Categories
    >>> learn_levels("OneHot", Categories.of("colour", ["red", "blue", None]), 10)
    ('blue', 'red')
    """
    levels, _ = kind_of(column).distinct(column)
    if len(levels) > most:
        raise InvalidData(
            f"has {len(levels)} distinct values and {transformer} takes {most}; leave the column out",
            column=column.name,
        )
    return levels


def read_levels(value: Any, most: int) -> Levels:
    """Read the levels of one column back from JSON. Raises ``ValueError`` saying what they must be."""
    if not isinstance(value, (list, tuple)) or len(value) > most:
        raise ValueError(f"must be a list of at most {most} levels")
    if any(isinstance(level, str) for level in value):
        if not all(isinstance(level, str) for level in value):
            raise ValueError("must be all texts or all numbers")
        levels = tuple(value)
    else:
        levels = tuple(map(finite, value))
    if any(not low < high for low, high in pairwise(levels)):
        raise ValueError("must be ascending, and none twice")
    return levels


def check_feature(transformer: str, feature: Feature, levels: Levels) -> None:
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
