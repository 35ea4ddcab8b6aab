"""Drop and Select: which columns a model is not to see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lepton_core.preprocess.feature import Feature
from lepton_core.preprocess.transformers.base import no_options
from lepton_core.table import BY_NAME, Column, kind_of


@dataclass(frozen=True)
class Drop:
    """The columns are left out of all that follows; rows to be predicted may still have them.

    >>> from lepton_core.table import Texts
    >>> Drop().fit(Texts.of("id", ["a1", "a2"], "identifier"), {})
    {'reason': 'only tells rows apart'}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """Why there is nothing to learn from the column; empty if there might have been."""
        return {"reason": _text}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """All."""
        return frozenset(BY_NAME)

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("Drop", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """What is to be said about the column."""
        return {"reason": _reason(column)}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """No feature."""
        return ()


@dataclass(frozen=True)
class Select:
    """Only these columns stay, in their order; every other one is left out, and so is every block.

    >>> import numpy as np
    >>> from lepton_core.preprocess import Preprocessor
    >>> from lepton_core.table import Numbers, Table
    >>> table = Table((Numbers("age", np.array([20.0])), Numbers("height", np.array([1.5]))))
    >>> Preprocessor.empty().add("Select", input=["height"]).fit(table).feature_names
    ('height',)
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """None."""
        return {}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """All."""
        return frozenset(BY_NAME)

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("Select", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing to learn."""
        return {}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The feature itself."""
        return (feature,)


def _reason(column: Column) -> str:
    left_out = kind_of(column).left_out
    if left_out:
        return left_out
    distinct, _ = kind_of(column).distinct(column)
    return ("has no value", "has one value only")[len(distinct)] if len(distinct) < 2 else ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value
