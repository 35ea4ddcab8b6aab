"""The reference that drift is measured against: the bins of each feature, and the training rows in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift import fields
from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Column, Numbers, Table

QUANTILE_BINS = 10
FREQUENT = 0.05
"""A level of this share of the rows has a bin of its own, so at most 20 have."""

ENOUGH_ROWS = 5
"""No level or group of levels of fewer rows has a bin of its own: chi-squared would not hold."""

MAX_GROUPS = 8
MAX_LEVELS = 1000
MAX_FEATURES = 1000
"""Features beyond these many are not watched: a window of all counts has to fit into one record."""

PREDICTION = "prediction"


@dataclass(frozen=True)
class NumberBins:
    """Bins of a number: k + 1 between and beyond k rising ``edges``, then one for missing.

    Bin i holds what is above edge i - 1, up to and with edge i. ``counts`` (k + 2,) are those of the training
    rows.
    """

    name: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def tally(self, column: Column) -> NDArray[np.int64]:
        """How many rows of ``column`` fall into each bin, int64 of shape (k + 2,).

        Raises `InvalidData` naming the column if it holds text.
        """
        if not isinstance(column, Numbers):
            raise InvalidData("numbers were expected, not text", column=self.name)
        return _tally_numbers(self.edges, column.values)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "kind": "number",
            "edges": list(self.edges),
            "counts": list(self.counts),
        }


@dataclass(frozen=True)
class CategoryBins:
    """Bins of a category, ``counts`` of shape (len(levels) + groups + 2,).

    One for each of ``levels``, the frequent ones; ``groups`` that share the ``grouped`` levels, by turns in
    their order; one for rare levels, known or not; and one for missing.

    Training saw some rare levels often by luck and others never, so what it counted under grouped levels is
    more than new data will bring. It brings as many as stay when the rows of the least frequent of them are
    left out: for the model without one such row, that row's level would have been rare (Good and Turing's
    estimate). The groups' counts are scaled down by that much, in favour of the rare. So a column of
    identifiers is expected to go on with new ones.
    """

    name: str
    levels: tuple[str, ...]
    grouped: tuple[str, ...]
    groups: int
    counts: tuple[int, ...]

    @property
    def rare(self) -> int:
        """The bin of rare levels; that of missing follows and is the last."""
        return len(self.levels) + self.groups

    def places(self, levels: Sequence[str]) -> list[int]:
        """The bin of each code of a column with ``levels``, then of unseen, then of missing (at -1)."""
        first = len(self.levels)
        known = {level: i for i, level in enumerate(self.levels)}
        known |= {level: first + i % self.groups for i, level in enumerate(self.grouped)}
        return [*(known.get(level, self.rare) for level in levels), self.rare, self.rare + 1]

    def tally(self, column: Column) -> NDArray[np.int64]:
        """How many rows of ``column`` fall into each bin, int64 of the shape of ``counts``.

        Raises `InvalidData` naming the column if it holds numbers.
        """
        if isinstance(column, Numbers):
            raise InvalidData("text was expected, not numbers", column=self.name)
        return self.fold(column.levels, _by_code(column))

    def fold(self, levels: Sequence[str], seen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows by code, (len(levels) + 2,) (then unseen, missing), as rows by bin, int64 of the shape of ``counts``."""
        counts = np.zeros(self.rare + 2, dtype=np.int64)
        np.add.at(counts, self.places(levels), seen)
        return counts

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "kind": "category",
            "levels": list(self.levels),
            "grouped": list(self.grouped),
            "groups": self.groups,
            "counts": list(self.counts),
        }


Bins = NumberBins | CategoryBins


@dataclass(frozen=True)
class Profile:
    """The bins of the features, in the order of the training table, and of the prediction."""

    features: tuple[Bins, ...]
    prediction: Bins

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` gives it back exactly."""
        return {
            "features": [bins.as_dict() for bins in self.features],
            "prediction": self.prediction.as_dict(),
        }

    @classmethod
    def from_dict(cls, value: Any) -> "Profile":
        """Read what `as_dict` wrote. Raises `InvalidArtifact` naming the field that is wrong."""
        given = fields.mapping(value, "profile")
        features = tuple(map(_bins, fields.items(fields.part(given, "features"), "features")))
        fields.texts([bins.name for bins in features], "features")
        return cls(features, _bins(fields.part(given, "prediction")))


def profile(
    features: Table, predictions: NDArray[np.float64], classes: Sequence[str] | None = None
) -> Profile:
    """The reference of a model: its training ``features`` and its ``predictions`` for them.

    ``predictions`` are class probabilities (m, K) with the names of the K ``classes``, or values (m,) with
    None. A number gets up to 10 bins of about equal counts; one of at most 10 distinct values a bin for each;
    a constant one on either side as well. Only the first 1000 features are watched.

    Raises ``ValueError`` if ``predictions`` of classes are not of shape (m, K).

    >>> from lepton_core.table import Numbers
    >>> table = Table((Numbers("x", np.array([0.0, 1.0, 1.0, np.nan])),))
    >>> made = profile(table, np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]]), ["no", "yes"])
    >>> made.features[0]
    NumberBins(name='x', edges=(0.5,), counts=(1, 2, 1))
    >>> made.prediction
    CategoryBins(name='prediction', levels=('no', 'yes'), grouped=(), groups=0, counts=(2, 2, 0, 0))
    """
    made = tuple(_reference(column) for column in features.columns[:MAX_FEATURES])
    if classes is None:
        return Profile(made, _number_bins(PREDICTION, np.asarray(predictions, dtype=np.float64)))
    empty = CategoryBins(PREDICTION, tuple(classes), (), 0, (0,) * (len(classes) + 2))
    counts = tuple(tally_predictions(empty, predictions).tolist())
    return Profile(made, replace(empty, counts=counts))


def tally_predictions(bins: Bins, predictions: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of ``predictions``, (m, K) or (m,), fall into each bin; a class is the most probable one.

    The result is int64 of the shape of ``bins.counts``. Raises ``ValueError`` if ``bins`` are those of K classes
    and ``predictions`` not of shape (m, K).
    """
    if isinstance(bins, NumberBins):
        return _tally_numbers(bins.edges, predictions)
    if predictions.ndim != 2 or predictions.shape[1] != len(bins.levels):
        raise ValueError(f"predictions of shape {predictions.shape} for {len(bins.levels)} classes")
    return np.bincount(predictions.argmax(axis=1), minlength=len(bins.counts)).astype(np.int64)


def _reference(column: Column) -> Bins:
    if isinstance(column, Numbers):
        return _number_bins(column.name, column.values)
    seen = _by_code(column)
    rows = seen[:-2]
    frequent = rows >= max(ENOUGH_ROWS, FREQUENT * rows.sum())
    fewest = 2
    if np.count_nonzero(rows >= fewest) > MAX_LEVELS:
        fewest = int(np.partition(rows, -MAX_LEVELS - 1)[-MAX_LEVELS - 1]) + 1
    grouped = (rows >= fewest) & ~frequent
    total, rarest = int(rows[grouped].sum()), int(rows[grouped & (rows == fewest)].sum())
    groups = min(MAX_GROUPS, int(np.count_nonzero(grouped)), (total - rarest) // ENOUGH_ROWS)
    names = _pick(column.levels, grouped) if groups else ()
    bins = CategoryBins(column.name, _pick(column.levels, frequent), names, groups, ())
    counts = bins.fold(column.levels, seen)
    shared = counts[len(bins.levels) : bins.rare]
    before = shared.sum()
    shared[:] = np.rint(shared * (1 - rarest / max(total, 1)))
    counts[bins.rare] += before - shared.sum()
    return replace(bins, counts=tuple(counts.tolist()))


def _by_code(column: Categories) -> NDArray[np.int64]:
    """Rows of each level, then of unseen, then of missing."""
    return np.roll(np.bincount(column.codes + 1, minlength=len(column.levels) + 2), -1)


def _pick(levels: Sequence[str], chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(levels[i] for i in np.flatnonzero(chosen).tolist())


def _number_bins(name: str, values: NDArray[np.float64]) -> NumberBins:
    distinct, seen = np.unique(values[np.isfinite(values)], return_counts=True)
    edges = _edges(distinct, seen)
    return NumberBins(name, edges, tuple(map(int, _tally_numbers(edges, values))))


def _edges(distinct: NDArray[np.float64], seen: NDArray[np.int64]) -> tuple[float, ...]:
    """Edges lie halfway between neighbouring values: a value that is rounded differently stays in its bin."""
    if len(distinct) == 1:  # of a constant, everything that is not it up to rounding is news
        constant = float(distinct[0])
        margin = max(abs(constant) * 1e-6, 1e-9)
        chosen = np.array([constant - margin, constant + margin])
    else:
        chosen = distinct[:-1] / 2 + distinct[1:] / 2
    if len(distinct) > QUANTILE_BINS:
        reached = np.cumsum(seen)
        at = np.searchsorted(reached, reached[-1] * np.arange(1, QUANTILE_BINS) / QUANTILE_BINS)
        chosen = chosen[np.unique(at[at < len(chosen)])]
    return tuple(np.unique(chosen[np.isfinite(chosen)]).tolist())


def _tally_numbers(edges: Sequence[float], values: NDArray[np.float64]) -> NDArray[np.int64]:
    # NaN sorts behind every edge, into the last bin; the one behind that is for missing.
    at = np.searchsorted(np.asarray(edges, dtype=np.float64), values) + np.isnan(values)
    return np.bincount(at, minlength=len(edges) + 2).astype(np.int64)


def _bins(value: Any) -> Bins:
    given = fields.mapping(value, "bins")
    name = fields.text(fields.part(given, "name"), "name")
    counts = fields.part(given, "counts")
    kind = fields.part(given, "kind")
    if kind == "number":
        edges = fields.rising(fields.part(given, "edges"), f"{name}.edges")
        return NumberBins(name, edges, fields.counts(counts, f"{name}.counts", len(edges) + 2))
    if kind != "category":
        fields.refuse("'number' or 'category' was expected", f"{name}.kind")
    levels = fields.texts(fields.part(given, "levels"), f"{name}.levels")
    grouped = fields.texts(fields.part(given, "grouped"), f"{name}.grouped")
    fields.texts([*levels, *grouped], name)
    groups = fields.count(fields.part(given, "groups"), f"{name}.groups")
    if (groups == 0) != (not grouped) or groups > len(grouped):
        fields.refuse("does not fit the grouped levels", f"{name}.groups")
    made = CategoryBins(name, levels, grouped, groups, ())
    return replace(made, counts=fields.counts(counts, f"{name}.counts", made.rare + 2))
