"""Impute: a value for missing cells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.moments import moments
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.layout import LEVELS, NUMBERS
from lepton_core.preprocess.transformers.base import finite, known_options
from lepton_core.preprocess.transformers.levels import FEWEST
from lepton_core.table import Categories, Column, kind_of

STRATEGIES = ("mean", "median", "most_frequent", "constant")


@dataclass(frozen=True)
class Impute:
    """Missing cells get the mean, the median or the most frequent value of the fitted rows, or a constant.

    Options: ``strategy`` ('mean', 'median', 'most_frequent' or 'constant'; default 'mean') and, for a
    constant, ``value``. Of equally frequent values the smallest counts. Text takes 'most_frequent' or
    'constant'. A text that fewer than five rows have is not kept by name: in its place missing cells get the
    empty text, a level that they share.

    >>> from lepton_core.table import Numbers
    >>> Impute().fit(Numbers("age", np.array([20.0, 40.0, np.nan])), {"strategy": "mean"})
    {'fill': 30.0}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The value for missing cells: a number or a text, as the column is."""
        return {"fill": _cell}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Numbers, with the strategies that text has categories too, and with a constant what is of its type."""
        if options["strategy"] == "most_frequent":
            return LEVELS
        return frozenset({"category"}) if isinstance(options.get("value"), str) else NUMBERS

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Strategy, and value where there is one. Raises `InvalidInput` naming the option that is wrong."""
        options = {"strategy": "mean", **known_options("Impute", given, ("strategy", "value"))}
        if options["strategy"] not in STRATEGIES:
            raise InvalidInput(f"must be one of {', '.join(STRATEGIES)}", field="strategy")
        if (options["strategy"] == "constant") != ("value" in options):
            raise InvalidInput("goes with strategy='constant', and only with it", field="value")
        if "value" in options:
            try:
                options["value"] = _cell(options["value"])
            except ValueError as error:
                raise InvalidInput(str(error), field="value") from error
        return options

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The value that the strategy gives, in the units of the column.

        Raises `InvalidInput` (field 'value') if the constant is text and the column numbers, or the other way
        round; `InvalidData` naming the column if it has no value, or is text and the strategy 'mean' or 'median'.
        """
        strategy = options["strategy"]
        kind = kind_of(column)
        if not kind.quantitative:
            return {"fill": _text_fill(kind.texts(column), strategy, options.get("value"))}
        if strategy == "constant":
            if isinstance(options["value"], str):
                raise InvalidInput(f"is text, and column {column.name!r} holds numbers", field="value")
            return {"fill": options["value"]}
        present = column.values[~column.missing]
        if not len(present):
            raise InvalidData(
                "has no value to impute from; leave it out, or use strategy='constant'", column=column.name
            )
        return {"fill": _number_fill(present, strategy)}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The feature with its missing cells filled, unless an earlier step filled them already.

        Raises `InvalidInput` (field 'fill') if the value is text and the feature numbers, or the other way round.
        """
        fill = fitted["fill"]
        if isinstance(feature, NumberFeature) == isinstance(fill, str):
            raise InvalidInput(f"fills column {feature.name!r} with the wrong kind of value", field="fill")
        return (feature if feature.fill is not None else replace(feature, fill=fill),)


def _number_fill(present: NDArray[np.float64], strategy: str) -> float:
    if strategy == "mean":
        return moments(present).mean
    if strategy == "median":
        below, above = (len(present) - 1) // 2, len(present) // 2
        ordered = np.partition(present, (below, above))
        return float(ordered[below] / 2 + ordered[above] / 2)
    values, counts = np.unique(present, return_counts=True)
    return float(values[np.argmax(counts)])


def _text_fill(column: Categories, strategy: str, value: str | float | None) -> str:
    if strategy == "constant":
        if not isinstance(value, str):
            raise InvalidInput(f"is a number, and column {column.name!r} holds text", field="value")
        return value
    if strategy != "most_frequent":
        raise InvalidData(
            f"holds text, which has no {strategy}; use strategy='most_frequent' or 'constant'",
            column=column.name,
        )
    known = column.codes[(column.codes >= 0) & (column.codes < len(column.levels))]
    if not len(known):
        raise InvalidData("has no value to impute from; use strategy='constant'", column=column.name)
    rows = np.bincount(known)
    return column.levels[int(np.argmax(rows))] if rows.max() >= FEWEST else ""


def _cell(value: Any) -> float | str:
    if isinstance(value, str):
        return value
    try:
        return finite(value)
    except ValueError:
        raise ValueError("must be a finite number or a text") from None
