"""Normalize: the z-score."""

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
    not_negative,
)
from lepton_core.table import Column


@dataclass(frozen=True)
class Normalize:
    """(x - mean) / std, with the mean and the population standard deviation of the fitted rows.

    A column that held one value only becomes 0, whatever comes later: nothing was learnt about its scale.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> Normalize().fit(Numbers("age", np.array([20.0, 40.0, np.nan])), {})
    {'mean': 30.0, 'std': 10.0}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """Mean and standard deviation, in the units of the column."""
        return {"mean": finite, "std": not_negative}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers."""
        return NUMBERS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("Normalize", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """Mean and standard deviation of the values that are there.

        Raises `InvalidData` naming the column if it holds text, or no value.
        """
        of_column = moments(need_numbers("Normalize", column).values)
        if not of_column.count:
            raise InvalidData("has no value to learn a mean from", column=column.name)
        return {"mean": of_column.mean, "std": of_column.std}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The feature (this - mean) / std. Raises `InvalidData` naming it if it is one of text."""
        number = need_number_feature("Normalize", feature)
        return (number.scaled(fitted["mean"], fitted["std"] or inf),)
