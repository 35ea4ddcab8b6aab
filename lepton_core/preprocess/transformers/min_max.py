"""MinMax: the range of the column becomes 0 to 1."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from lepton_core.errors import InvalidData
from lepton_core.moments import moments
from lepton_core.preprocess.feature import Feature
from lepton_core.preprocess.layout import NUMBERS
from lepton_core.preprocess.transformers.base import (
    finite,
    need_number_feature,
    need_numbers,
    no_options,
)
from lepton_core.table import Column


@dataclass(frozen=True)
class MinMax:
    """(x - min) / (max - min) with the smallest and largest value of the fitted rows.

    Later values may lie outside 0 to 1. A column that held one value only becomes 0, whatever comes later.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> MinMax().fit(Numbers("age", np.array([20.0, 40.0, np.nan])), {})
    {'min': 20.0, 'max': 40.0}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """Smallest and largest value, in the units of the column."""
        return {"min": finite, "max": finite}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers."""
        return NUMBERS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("MinMax", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """Smallest and largest of the values that are there.

        Raises `InvalidData` naming the column if it holds text, or no value.
        """
        of_column = moments(need_numbers("MinMax", column).values)
        if not of_column.count:
            raise InvalidData("has no value to learn a range from", column=column.name)
        return {"min": of_column.low, "max": of_column.high}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The feature (this - min) / (max - min).

        Raises `InvalidData` naming it if it is one of text, or max - min is negative or not finite.
        """
        number = need_number_feature("MinMax", feature)
        span = fitted["max"] - fitted["min"]
        if not 0 <= span < inf:
            raise InvalidData("has a range that no number can hold", column=feature.name)
        return (number.scaled(fitted["min"], span or inf),)
