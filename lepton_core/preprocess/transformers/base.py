"""The interface of a transformer, and the readers that its options and its state share."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, Protocol

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess.feature import Feature, FeaturePart, NumberFeature
from lepton_core.preprocess.labels import Labels
from lepton_core.table import Column, kind_of


class Transformer(Protocol):
    """One kind of step: it learns a few statistics from each column and rewrites the column's formula."""

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The names of the statistics that `fit` gives, each with what reads one back from JSON.

        A reader raises ``ValueError`` saying what the value must be.
        """
        ...

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """The kinds of column that a step over the block 'X' takes; it leaves those of other kinds alone."""
        ...

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options, checked and completed, as JSON. Errors: `InvalidInput` naming the option."""
        ...

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The statistics of one column; missing cells are skipped. Errors: `InvalidData` naming it."""
        ...

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[FeaturePart, ...]:
        """The features that ``feature`` becomes under statistics that `fit` gave.

        Errors: `InvalidInput` if the two do not go together.
        """
        ...


class Joint(Protocol):
    """A transformer that makes features of several of its columns together, besides those that it makes of each."""

    def join(self, features: Sequence[Feature], options: Mapping[str, Any]) -> tuple[Feature, ...]:
        """The features that stand behind all others. Raises as `Transformer.apply`."""
        ...


class Supervised(Protocol):
    """A transformer that learns from the label besides its column; of `Transformer` it has all but a use for `fit`."""

    def fit_to(self, column: Column, options: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
        """The statistics of one column whose rows have ``labels``. A row of weight 0 says nothing of the label."""
        ...

    def crossed(
        self, feature: Feature, fitted: Sequence[Mapping[str, Any]], fold: NumberFeature
    ) -> tuple[Feature, ...]:
        """What `apply` makes of ``feature``, with the statistics of ``fitted`` whose number the row's ``fold`` is."""
        ...


def no_options(transformer: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a transformer that has none. Raises `InvalidInput` if one is given."""
    return known_options(transformer, given, ())


def known_options(transformer: str, given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """``given``. Raises `InvalidInput` naming the key if it has others than ``names``."""
    for name in given:
        if name not in names:
            takes = f"its options are {', '.join(names)}" if names else "it has no options"
            raise InvalidInput(f"{transformer} has no option {name!r}; {takes}", field=name)
    return dict(given)


def need_numbers(transformer: str, column: Column) -> Column:
    """``column``. Raises `InvalidData` naming it if it holds text."""
    if not kind_of(column).quantitative:
        raise InvalidData(
            f"holds text and {transformer} takes numbers; turn it into numbers with OneHot",
            column=column.name,
        )
    return column


def need_number_feature(transformer: str, feature: Feature) -> NumberFeature:
    """``feature``. Raises `InvalidData` naming it if it is one of text."""
    if not isinstance(feature, NumberFeature):
        raise InvalidData(f"holds text and {transformer} takes numbers", column=feature.name)
    return feature


def finite(value: Any) -> float:
    """Read a finite number. Raises ``ValueError`` for any other ``value``."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
            return float(value)
    except OverflowError:  # an integer beyond the floats
        pass
    raise ValueError("must be a finite number")


def not_negative(value: Any) -> float:
    """Read a finite number >= 0. Raises ``ValueError`` for any other ``value``."""
    if finite(value) < 0:
        raise ValueError("must not be negative")
    return float(value)
