"""MissingIndicator: 1 where a cell is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.layout import NUMBERS
from lepton_core.preprocess.transformers.base import need_number_feature, need_numbers, no_options
from lepton_core.table import Column


@dataclass(frozen=True)
class MissingIndicator:
    """A column becomes 1 where its cell is missing and 0 elsewhere; with an ``output`` the numbers stay beside it.

    >>> import numpy as np
    >>> from lepton_core.preprocess import Preprocessor
    >>> from lepton_core.table import Numbers, Table
    >>> table = Table((Numbers("income", np.array([5.0, np.nan])),))
    >>> chain = Preprocessor.empty().add("MissingIndicator", input="income", output="missing")
    >>> chain.add("Impute", input="income").fit(table).transform(table).tolist()
    [[5.0, 0.0], [5.0, 1.0]]
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """None."""
        return {}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers and dates."""
        return NUMBERS | {"date"}

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are no options. Raises `InvalidInput` if one is given."""
        return no_options("MissingIndicator", given)

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing to learn. Raises `InvalidData` naming the column if it holds text."""
        need_numbers("MissingIndicator", column)
        return {}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """One feature, named ``column=(missing)``.

        Raises `InvalidData` naming the column if it holds text, and `InvalidInput` (field 'input') if an earlier step
        made something else of its cells.
        """
        number = need_number_feature("MissingIndicator", feature)
        if not number.as_in_data or number.fill is not None:
            raise InvalidInput(
                f"column {feature.name!r} was changed by an earlier step; put MissingIndicator before it",
                field="input",
            )
        # 1 - x, where x says that the cell is there: it is none of no levels.
        return (
            NumberFeature(f"{number.name}=(missing)", number.source, others=(), divisor=-1.0, offset=1.0),
        )
