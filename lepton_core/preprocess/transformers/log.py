"""Log: large numbers drawn together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lepton_core.preprocess.curves import SignedLog
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.layout import NUMBERS
from lepton_core.preprocess.transformers.base import need_number_feature, need_numbers, no_options
from lepton_core.table import Column


@dataclass(frozen=True)
class Log:
    """sign(x) log(1 + |x|): 0 stays 0, negative numbers mirror positive ones, and small ones hardly change.

    >>> import numpy as np
    >>> from lepton_core.preprocess import Preprocessor
    >>> from lepton_core.table import Numbers, Table
    >>> table = Table((Numbers("income", np.array([0.0, np.e - 1])),))
    >>> Preprocessor.empty().add("Log", input="income").fit(table).transform(table).tolist()
    [[0.0], [1.0]]
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """None."""
        return {}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers."""
        return NUMBERS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("Log", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing to learn. Raises `InvalidData` naming the column if it holds text."""
        need_numbers("Log", column)
        return {}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The logarithm of the feature, under its name. Raises `InvalidData` naming it if it is one of text."""
        number = need_number_feature("Log", feature)
        return (NumberFeature(number.name, number.source, curve=SignedLog((number,))),)
