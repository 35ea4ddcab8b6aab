"""PolynomialFeatures: products of columns, for models that only add."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.preprocess.curves import Product
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.layout import NUMBERS
from lepton_core.preprocess.transformers.base import known_options, need_number_feature, need_numbers
from lepton_core.table import Column

MOST = 50
"""Of more columns than this there would be more products than a person meant."""


@dataclass(frozen=True)
class PolynomialFeatures:
    """The columns, and behind them the product of every two of them and the square of each: x, y, x², xy, y².

    Option: ``interaction_only`` (default False; True: no squares). At most 50 columns. A product is missing where one
    of its columns is. In explanations it counts for the first of its columns.

    >>> import numpy as np
    >>> from lepton_core.preprocess import Preprocessor
    >>> from lepton_core.table import Numbers, Table
    >>> table = Table((Numbers("a", np.array([2.0])), Numbers("b", np.array([3.0]))))
    >>> fitted = Preprocessor.empty().add("PolynomialFeatures", input="X").fit(table)
    >>> dict(zip(fitted.feature_names, fitted.transform(table)[0].tolist()))
    {'a': 2.0, 'b': 3.0, 'a^2': 4.0, 'a*b': 6.0, 'b^2': 9.0}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """None."""
        return {}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers."""
        return NUMBERS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Whether there are squares. Raises `InvalidInput` naming the option that is wrong."""
        options = {
            "interaction_only": False,
            **known_options("PolynomialFeatures", given, ("interaction_only",)),
        }
        if not isinstance(options["interaction_only"], bool):
            raise InvalidInput("must be True or False", field="interaction_only")
        return options

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing to learn. Raises `InvalidData` naming the column if it holds text."""
        need_numbers("PolynomialFeatures", column)
        return {}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The feature itself."""
        return (need_number_feature("PolynomialFeatures", feature),)

    def join(self, features: Sequence[Feature], options: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The products, in the order of their columns. Raises `InvalidInput` (field 'input') for too many columns."""
        if len(features) > MOST:
            raise InvalidInput(
                f"PolynomialFeatures takes at most {MOST} columns, and these are {len(features)}; name those that "
                "go together",
                field="input",
            )
        numbers = [need_number_feature("PolynomialFeatures", feature) for feature in features]
        pairs = combinations if options["interaction_only"] else combinations_with_replacement
        return tuple(
            NumberFeature(_name(one, two), one.source, curve=Product((one, two)))
            for one, two in pairs(numbers, 2)
        )


def _name(one: NumberFeature, two: NumberFeature) -> str:
    return f"{one.name}^2" if one is two else f"{one.name}*{two.name}"
