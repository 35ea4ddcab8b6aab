"""Hash: categories of any number of levels in a fixed number of columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_core.errors import InvalidInput
from lepton_core.preprocess.feature import Feature, Matrix, NumberFeature, TextFeature
from lepton_core.preprocess.transformers.base import known_options
from lepton_core.preprocess.words import mixed
from lepton_core.table import BY_NAME, Categories, Column, kind_of

USUAL_PLACES = 16
MOST_PLACES = 4096


@dataclass(frozen=True)
class LevelReading:
    """Reads a cell as ``size`` numbers: +1 or -1 in the place that the hash of its text says, 0 elsewhere.

    So is a text that training never saw. A missing cell is read as ``fill``, and without one as 0 everywhere.

    >>> found = LevelReading(4).values(Categories.of("town", ["Bonn", None, "Bonn"]))
    >>> np.abs(found).sum(axis=1).tolist(), bool((found[0] == found[2]).all())
    ([1.0, 0.0, 1.0], True)
    """

    size: int
    fill: str | None = None

    def values(self, column: Column) -> Matrix:
        """See `Reading.values`, (m, k)."""
        by_code: Categories = kind_of(column).texts(column).with_unknown()
        table = np.zeros(
            (len(by_code.levels) + 2, self.size)
        )  # the last two: an unknown level, a missing cell
        hashes = _hashes(by_code)
        places = (hashes % np.uint64(self.size)).astype(np.int64)
        table[np.arange(len(places)), places] = np.where(hashes >> np.uint64(63), -1.0, 1.0)
        if self.fill is not None:
            table[-1] = LevelReading(self.size).values(Categories.of(column.name, [self.fill]))[0]
        return table[by_code.codes]


def _hashes(column: Categories) -> np.ndarray[Any, np.dtype[np.uint64]]:
    levels = Categories(column.name, np.arange(len(column.levels), dtype=np.int32), column.levels)
    return mixed(kind_of(levels).cell_hashes(levels))


@dataclass(frozen=True)
class Hash:
    """A column becomes ``size`` columns: its text in one of them, as its hash says, with a sign from the hash too.

    Levels that meet in one column by chance are told apart by the other steps of the model only; with few columns
    that is the price for any number of levels (Weinberger et al. 2009, "Feature hashing for large scale multitask
    learning"). A missing cell is 0 everywhere. Option: ``size`` (default 16).

    >>> Hash().fit(Categories.of("town", ["Bonn", "Ulm"]), {"size": 8})
    {'size': 8}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The number of columns, as it was asked for."""
        return {"size": _size}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """All that is no quantity."""
        return frozenset(name for name, kind in BY_NAME.items() if not kind.quantitative)

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The size. Raises `InvalidInput` naming the option that is wrong."""
        options = {"size": USUAL_PLACES, **known_options("Hash", given, ("size",))}
        try:
            return {"size": _size(options["size"])}
        except ValueError as error:
            raise InvalidInput(str(error), field="size") from error

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The size: nothing is learnt."""
        return {"size": options["size"]}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """One feature a column, named ``column#place``.

        Raises `InvalidInput` (field 'input') for numbers that another step has changed before.
        """
        if isinstance(feature, NumberFeature) and not (feature.as_in_data and feature.fill is None):
            raise InvalidInput(
                f"Hash takes column {feature.name!r} as it is in the data, before another step changes it",
                field="input",
            )
        fill = feature.fill if isinstance(feature, TextFeature) else None
        reading = LevelReading(fitted["size"], fill)
        return tuple(
            NumberFeature(f"{feature.name}#{place}", feature.source, reading=reading, place=place)
            for place in range(reading.size)
        )


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PLACES:
        raise ValueError(f"must be a whole number from 1 to {MOST_PLACES}")
    return value
