"""TargetEncode: a category as what the label was like where it occurred."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput
from lepton_core.preprocess.curves import LevelMeans
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.labels import Labels
from lepton_core.preprocess.transformers.base import finite, known_options, not_negative
from lepton_core.preprocess.transformers.levels import (
    FEWEST,
    Levels,
    check_feature,
    learn_levels,
    level_options,
    named,
    read_levels,
)
from lepton_core.table import Column, kind_of

MAX_ENCODED_LEVELS = 10_000
"""The most levels of one column that are told apart."""

USUAL_SMOOTH = 10.0


@dataclass(frozen=True)
class TargetEncode:
    """A category becomes the mean label of its rows, drawn towards the mean of all rows where it has few.

    For values that is their mean; for two classes the share of the second; for more classes one column a class, its
    share. Of a level whose rows weigh n and whose mean is t it is (n t + smooth p) / (n + smooth), where p is the mean
    of all rows (Micci-Barreca 2001, "A preprocessing scheme for high-cardinality categorical attributes").

    Rows that a model is trained on are encoded by the labels of other rows only, in five folds; see
    `Preprocessor.learning_matrix`. The levels are those that at least ``fewest`` of the fitted rows have, and at most
    the 9,999 most frequent; all others, also those that did not occur, are one more level. Where there is none
    that is rare, a new one has the mean of all rows, and so has a missing cell. Options: ``smooth`` (default 10 rows)
    and ``fewest`` (default 5).

    >>> from lepton_core.table import Categories
    >>> labels = Labels.of(np.array([0, 1, 1, 1]), ["no", "yes"])
    >>> TargetEncode().fit_to(Categories.of("town", ["B", "B", "U", None]), {"smooth": 2.0, "fewest": 1}, labels)
    {'levels': ('B', 'U'), 'classes': (), 'means': ((0.625, 0.8333333333333334, 0.75),)}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The levels, as OneHot has them; the classes, if there is a column for each; their means.

        ``means`` has one row for each column of the matrix: the levels' means, and last that of all rows.
        """
        return {
            "levels": lambda value: read_levels(value, MAX_ENCODED_LEVELS),
            "classes": _read_classes,
            "means": _read_means,
        }

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Categories."""
        return frozenset({"category"})

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """``smooth`` and ``fewest``. Raises `InvalidInput` naming the option that is wrong."""
        options = known_options("TargetEncode", given, ("smooth", "fewest"))
        try:
            smooth = not_negative(options.pop("smooth", USUAL_SMOOTH))
        except ValueError as error:
            raise InvalidInput(str(error), field="smooth") from error
        return {"smooth": smooth, **level_options("TargetEncode", options)}

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """Raises `InvalidInput` (field 'labels'): without them there is nothing to learn."""
        raise InvalidInput("TargetEncode learns from the label; fit it to data that has one", field="labels")

    def fit_to(self, column: Column, options: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
        """See `Supervised`. Where no row counts, every mean is 0."""
        levels = learn_levels(column, options.get("fewest", FEWEST), MAX_ENCODED_LEVELS)
        total, sums = labels.sums(np.zeros(len(labels.y), dtype=np.int64), 1)
        prior = _over(sums, total)
        counts, sums = labels.sums(_places(column, levels), len(levels))
        smooth = options["smooth"]
        means = prior + _over(sums - counts[:, None] * prior, counts + smooth)
        return {
            "levels": levels,
            "classes": labels.described if len(labels.described) > 1 else (),
            "means": tuple(map(tuple, np.vstack([means, prior]).T.tolist())),
        }

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The means under the feature's own name, or one feature a class, named ``column~class``.

        None if there is no level. Raises `InvalidInput` if a step has scaled the feature before (field 'input'), if
        the levels are texts and the feature numbers, or the other way round (field 'levels'), or if there is not one
        mean for each level (field 'means').
        """
        return _made(feature, [fitted])

    def crossed(
        self, feature: Feature, fitted: Sequence[Mapping[str, Any]], fold: NumberFeature
    ) -> tuple[Feature, ...]:
        """See `Supervised`."""
        return _made(feature, fitted, fold)


def _made(feature: Feature, fitted: Sequence[Mapping[str, Any]], *fold: NumberFeature) -> tuple[Feature, ...]:
    first = fitted[0]
    levels, pooled = named(first["levels"])
    check_feature("TargetEncode", feature, levels)
    classes: tuple[str, ...] = first["classes"]
    if len(first["means"]) != max(1, len(classes)):
        raise InvalidInput(f"of column {feature.name!r} are not one row a class", field="means")
    if any(len(row) != len(first["levels"]) + 1 for row in first["means"]):
        raise InvalidInput(f"of column {feature.name!r} are not one a level and one more", field="means")
    if not levels and not pooled:
        return ()
    place = NumberFeature(feature.name, feature.source, codes=levels, pooled=pooled, absent=feature.fill)
    names = [f"{feature.name}~{name}" for name in classes] or [feature.name]
    return tuple(
        NumberFeature(
            name,
            feature.source,
            curve=LevelMeans((place, *fold), tuple(learnt["means"][at] for learnt in fitted)),
        )
        for at, name in enumerate(names)
    )


def _places(column: Column, levels: Levels) -> NDArray[np.int64]:
    found, at = kind_of(column).distinct(column)
    kept, pooled = named(levels)
    places = {level: place for place, level in enumerate(kept)}
    other = len(kept) if pooled else -1
    return np.array([*(places.get(level, other) for level in found), -1], dtype=np.int64)[at]


def _over(sums: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, k) / (n,), and 0 where nothing counts."""
    return np.divide(sums, weights[:, None], out=np.zeros_like(sums), where=weights[:, None] > 0.0)


def _read_classes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise ValueError("must be a list of the names of classes")
    return tuple(value)


def _read_means(value: Any) -> tuple[tuple[float, ...], ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, (list, tuple)) for row in value):
        raise ValueError("must be a list of lists of numbers")
    return tuple(tuple(map(finite, row)) for row in value)
