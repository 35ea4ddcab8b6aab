"""RobustScale: distance from the median in widths of the middle half."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.moments import moments
from lepton_core.preprocess.feature import Feature
from lepton_core.preprocess.layout import NUMBERS
from lepton_core.preprocess.transformers.base import (
    finite,
    need_number_feature,
    need_numbers,
    no_options,
    not_negative,
)
from lepton_core.table import Column


@dataclass(frozen=True)
class RobustScale:
    """(x - median) / (upper quartile - lower quartile) of the fitted rows, which a few wild values do not move.

    Quartiles lie between two values in proportion (Hyndman and Fan 1996, "Sample quantiles in statistical packages",
    type 7). Where both are equal, the standard deviation is taken in place of their difference. A column that held
    one value only becomes 0, whatever comes later.

    >>> from lepton_core.table import Numbers
    >>> RobustScale().fit(Numbers("age", np.array([20.0, 30.0, 40.0, 50.0, 9000.0, np.nan])), {})
    {'median': 40.0, 'spread': 20.0}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The median, and what its distance is divided by, in the units of the column."""
        return {"median": finite, "spread": not_negative}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers."""
        return NUMBERS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("RobustScale", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """Median and spread of the values that are there.

        Raises `InvalidData` naming the column if it holds text, or no value.
        """
        values = need_numbers("RobustScale", column).values
        values = values[~np.isnan(values)]
        if not len(values):
            raise InvalidData("has no value to learn a median from", column=column.name)
        with np.errstate(over="ignore", invalid="ignore"):
            lower, median, upper = np.percentile(values, (25, 50, 75)).tolist()
        return {"median": median, "spread": upper - lower or moments(values).std}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The feature (this - median) / spread. Raises `InvalidData` naming it if it is one of text."""
        number = need_number_feature("RobustScale", feature)
        return (number.scaled(fitted["median"], fitted["spread"] or inf),)
