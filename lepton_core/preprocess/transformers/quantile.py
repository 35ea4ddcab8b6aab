"""Quantile: the place of a number in the distribution of the fitted rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess.curves import QuantileCurve
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.layout import NUMBERS
from lepton_core.preprocess.transformers.base import (
    finite,
    known_options,
    need_number_feature,
    need_numbers,
)
from lepton_core.table import Column

DISTRIBUTIONS = ("uniform", "normal")
QUANTILES = 100
MAX_QUANTILES = 10_000


@dataclass(frozen=True)
class Quantile:
    """The share of the fitted rows below x, 0 to 1, whatever the distribution was; or the z-score of that share.

    Between ``quantiles`` values of the fitted rows, evenly spread over their ranks, shares lie on straight lines;
    outside of them they are 0 and 1, which are z-scores of -5.2 and 5.2. Options: ``distribution`` ('uniform' or
    'normal'; default 'uniform') and ``quantiles`` (default 100).

    >>> from lepton_core.table import Numbers
    >>> ages = Numbers("age", np.array([20.0, 30.0, 90.0, np.nan]))
    >>> Quantile().fit(ages, {"distribution": "uniform", "quantiles": 3})
    {'quantiles': (20.0, 30.0, 90.0), 'normal': False}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The quantiles, ascending, in the units of the column; and whether the result is a z-score."""
        return {"quantiles": _ascending, "normal": _flag}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers."""
        return NUMBERS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Distribution and number of quantiles. Raises `InvalidInput` naming the option that is wrong."""
        known = known_options("Quantile", given, ("distribution", "quantiles"))
        options = {"distribution": "uniform", "quantiles": QUANTILES, **known}
        if options["distribution"] not in DISTRIBUTIONS:
            raise InvalidInput(f"must be one of {', '.join(DISTRIBUTIONS)}", field="distribution")
        count = options["quantiles"]
        if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= MAX_QUANTILES:
            raise InvalidInput(f"must be a whole number from 2 to {MAX_QUANTILES}", field="quantiles")
        return options

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The quantiles of the values that are there.

        Raises `InvalidData` naming the column if it holds text, or no value.
        """
        values = need_numbers("Quantile", column).values
        values = values[~np.isnan(values)]
        if not len(values):
            raise InvalidData("has no value to learn quantiles from", column=column.name)
        with np.errstate(over="ignore", invalid="ignore"):
            found = np.percentile(values, np.linspace(0, 100, options["quantiles"]))
        if not np.isfinite(found).all():
            raise InvalidData("its values are too large to learn from", column=column.name)
        rising = np.maximum.accumulate(found)  # rounding may have lowered one by a bit
        return {"quantiles": tuple(rising.tolist()), "normal": options["distribution"] == "normal"}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The share, or its z-score, under the feature's name. Raises `InvalidData` naming it if it is one of text."""
        number = need_number_feature("Quantile", feature)
        curve = QuantileCurve((number,), fitted["quantiles"], fitted["normal"])
        return (NumberFeature(number.name, number.source, curve=curve),)


def _ascending(value: Any) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)) or not 2 <= len(value) <= MAX_QUANTILES:
        raise ValueError(f"must be a list of 2 to {MAX_QUANTILES} numbers")
    found = tuple(map(finite, value))
    if any(low > high for low, high in pairwise(found)):
        raise ValueError("must be ascending")
    return found


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be True or False")
    return value
