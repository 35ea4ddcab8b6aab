"""Categories: texts, of which each stands for itself. This kind takes every cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core import fields
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.table.cells import MISSING_WORDS, is_not_finite, is_number, number_of, shown
from lepton_core.table.columns import MISSING, Categories, CodeArray, Column, FloatArray, IndexArray
from lepton_core.table.hashing import MISSING_HASH, HashArray, text_hash
from lepton_core.table.kinds.base import Bins, ColumnFigures, DefaultStep, Drawing, Known, Tally, Values

FREQUENT = 0.05
"""A level of this share of the rows has a bin of its own, so at most 20 have."""

ENOUGH_ROWS = 5
"""No level or group of levels of fewer rows has a bin of its own: chi-squared would not hold."""

MAX_GROUPS = 8
MAX_BINNED_LEVELS = 1000
"""Most levels that the bins of a column know."""

CATEGORY_BARS = 10
"""Bars of a drawing."""


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
    def kind(self) -> str:
        """``'category'``."""
        return Categories.kind

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

    def tally(self, column: Column) -> Tally:
        """How many rows of ``column`` fall into each bin, int64 of the shape of ``counts``.

        Raises `InvalidData` naming the column if it holds numbers.
        """
        self._demand(column)
        return self.fold(column.levels, _by_code(column))

    def finder(self) -> Callable[[Any, int], int]:
        """See `Bins.finder`; it remembers the levels of the last column and the bins of its codes."""
        known: tuple[str, ...] = ()
        places, kind = self.places(known), self.kind

        def place(column: Any, row: int) -> int:
            nonlocal known, places
            if column.kind != kind:
                self._demand(column)
            if column.levels is not known and column.levels != known:
                known, places = column.levels, self.places(column.levels)
            found: int = places[column.codes.item(row)]
            return found

        return place

    def tally_predictions(self, predictions: FloatArray) -> Tally:
        """How many of ``predictions`` (m, K) have their most probable class in each bin, int64 (len(counts),).

        Raises ``ValueError`` if these are not the bins of K classes.
        """
        if predictions.ndim != 2 or predictions.shape[1] != len(self.levels):
            raise ValueError(f"predictions of shape {predictions.shape} for {len(self.levels)} classes")
        return np.bincount(predictions.argmax(axis=1), minlength=len(self.counts)).astype(np.int64)

    def place_of_prediction(self, prediction: FloatArray) -> int:
        """The most probable class of ``prediction`` (K,)."""
        return int(prediction.argmax())

    def fold(self, levels: Sequence[str], seen: Tally) -> Tally:
        """Rows by code, (len(levels) + 2,) (then unseen, missing), as rows by bin, int64 of the shape of ``counts``."""
        counts = np.zeros(self.rare + 2, dtype=np.int64)
        np.add.at(counts, self.places(levels), seen)
        return counts

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "levels": list(self.levels),
            "grouped": list(self.grouped),
            "groups": self.groups,
            "counts": list(self.counts),
        }

    @staticmethod
    def of(column: Categories) -> "CategoryBins":
        """The bins of ``column``.

        >>> CategoryBins.of(Categories.of("sex", ["f", "m"] * 5))
        CategoryBins(name='sex', levels=('f', 'm'), grouped=(), groups=0, counts=(5, 5, 0, 0))
        """
        seen = _by_code(column)
        rows = seen[:-2]
        frequent = rows >= max(ENOUGH_ROWS, FREQUENT * rows.sum())
        fewest = 2
        if np.count_nonzero(rows >= fewest) > MAX_BINNED_LEVELS:
            fewest = int(np.partition(rows, -MAX_BINNED_LEVELS - 1)[-MAX_BINNED_LEVELS - 1]) + 1
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

    def _demand(self, column: Column) -> None:
        if column.kind != self.kind:
            raise InvalidData("text was expected, not numbers", column=self.name)


@dataclass(frozen=True)
class CategoryFigures:
    """Which levels occur, and how many cells are missing."""

    missing: int
    levels: frozenset[str]

    def merge(self, other: "CategoryFigures") -> "CategoryFigures":
        """Those of both parts."""
        return CategoryFigures(self.missing + other.missing, self.levels | other.levels)

    def describe(self, name: str) -> ColumnFigures:
        """The number of levels."""
        return ColumnFigures(name, Categories.kind, self.missing, distinct=len(self.levels))


class _Reader:
    """Texts by code in the order of their coming, until all are known."""

    def __init__(self, name: str, *, declared: bool) -> None:
        self._name = name
        self._declared = declared
        self._codes: dict[str, int] = {}

    def take(self, cells: Sequence[str]) -> CodeArray:
        texts = [cell.strip() for cell in cells]
        for text in dict.fromkeys(texts):
            self._codes.setdefault(text, len(self._codes))
        return np.fromiter(map(self._codes.__getitem__, texts), dtype=np.int32, count=len(texts))

    def column(self, parts: Sequence[npt.NDArray[Any]]) -> Categories:
        codes = np.concatenate(parts)
        if not self._declared:
            self._demand_text(codes)
        levels = sorted(text for text in self._codes if text not in MISSING_WORDS)
        code = dict(zip(levels, range(len(levels)), strict=True))
        order = np.array([code.get(text, MISSING) for text in self._codes], dtype=np.int32)
        return Categories(self._name, order[codes], tuple(levels))

    def _demand_text(self, codes: CodeArray) -> None:
        counts = np.bincount(codes, minlength=len(self._codes))
        cells = {text: int(counts[code]) for text, code in self._codes.items() if text not in MISSING_WORDS}
        numeric = {text for text in cells if is_number(text) or is_not_finite(text)}
        total, found = sum(cells.values()), sum(cells[text] for text in numeric)
        if found < total and (found < 10 or found * 10 < total * 9):
            return
        for row, text in enumerate(map(list(self._codes).__getitem__, codes.tolist()), start=1):
            if text in MISSING_WORDS:
                continue
            if text not in numeric:
                raise InvalidData(f"{shown(text)} is text where numbers were", row=row, column=self._name)
            if is_not_finite(text):
                raise InvalidData(f"{shown(text)} is not a finite number", row=row, column=self._name)


class Category:
    """See `Kind`. Cells are `Categories`."""

    name = Categories.kind
    quantitative = False
    has_levels = True
    takes_plain_numbers = False

    def reader(self, name: str, *, declared: bool) -> _Reader:
        """Takes every cell.

        But where nobody ``declared`` text and nine cells in ten (and at least ten) are numbers, the text is a mistake;
        so are NaN and infinity among numbers alone. `column` raises `InvalidData` for those.
        """
        return _Reader(name, declared=declared)

    def read_rows(self, grid: Sequence[Sequence[Any]], columns: Sequence[Known]) -> list[Categories]:
        """A text that is not among the levels gets the code len(levels)."""
        return [_read(grid, place, column) for place, column in enumerate(columns)]

    def cells(self, column: Categories) -> list[str | None]:
        """The texts. Raises ``ValueError`` for those that are not among the levels: they are lost already."""
        _demand_known(column)
        levels = [*column.levels, None]  # code -1 is the last entry
        return [levels[code] for code in column.codes.tolist()]

    def usual_cell(self, column: Known, bins: Bins | None) -> str:
        """A frequent level; failing that any level; failing that an unknown text."""
        frequent = () if bins is None else bins.levels
        return next(iter((*frequent, *column.levels)), "other")

    def pack(self, column: Categories) -> npt.NDArray[Any]:
        """The codes (m,). Raises ``ValueError`` for texts that are not among the levels: they are lost already."""
        _demand_known(column)
        return column.codes

    def unpack(self, array: npt.NDArray[Any], column: Known, rows: int) -> Categories:
        """The column of the codes (m,). Raises `InvalidArtifact` for codes beyond the levels, too."""
        if not isinstance(array, np.ndarray) or array.dtype != np.int32 or array.shape != (rows,):
            raise InvalidArtifact(f"column {column.name!r} is not {rows} cells of int32")
        if rows and (array.min() < MISSING or array.max() >= len(column.levels)):
            raise InvalidArtifact(
                f"column {column.name!r} holds a code beyond its {len(column.levels)} levels"
            )
        return Categories(column.name, array, column.levels)

    def concatenate(self, columns: Sequence[Categories], levels: tuple[str, ...]) -> Categories:
        """The codes of ``levels``."""
        place = {level: code for code, level in enumerate(levels)}
        codes = []
        for column in columns:
            known = [place[level] for level in column.levels]
            codes.append(np.array([*known, len(levels), MISSING], dtype=np.int32)[column.codes])
        return Categories(columns[0].name, np.concatenate(codes), levels)

    def compact(self, column: Categories) -> Categories:
        """With the levels that occur."""
        _demand_known(column)
        levels, codes = self.distinct(column)
        return Categories(column.name, codes.astype(np.int32), self.names(levels))

    def figures(self, column: Categories) -> CategoryFigures:
        """The levels that occur."""
        return CategoryFigures(int(column.missing.sum()), frozenset(_occurring(column)))

    def only_value(self, figures: ColumnFigures) -> str | None:
        """The figures do not say which."""
        return "class" if figures.distinct == 1 else None

    def distinct(self, column: Categories) -> tuple[Values, IndexArray]:
        """The levels that occur, sorted, and their places (m,)."""
        there = _by_code(column)[:-2] > 0
        places = np.where(there, np.cumsum(there) - 1, -1)
        return _pick(column.levels, there), np.array([*places, -1, -1], dtype=np.int64)[column.codes]

    def names(self, values: Values) -> tuple[str, ...]:
        """The texts."""
        return tuple(map(str, values))

    def texts(self, column: Categories) -> Categories:
        """The column itself."""
        return column

    def from_texts(self, texts: Categories) -> Categories:
        """The texts themselves."""
        return texts

    def cell_hashes(self, column: Categories) -> HashArray:
        """See `text_hash`, (m,); all texts that are not among the levels have one hash."""
        # Behind the levels stand the unseen texts, and last, where code -1 looks, the missing cell.
        known = [text_hash(level) for level in column.levels]
        table = np.array([*known, text_hash("unseen"), int(MISSING_HASH)], dtype=np.uint64)
        return table[column.codes]

    def reference(self, column: Categories) -> CategoryBins:
        """See `CategoryBins.of`."""
        return CategoryBins.of(column)

    def read_bins(self, given: Mapping[str, Any], name: str) -> CategoryBins:
        """No level may stand there twice, and groups and counts must fit to the levels."""
        levels = fields.texts(fields.part(given, "levels"), f"{name}.levels")
        grouped = fields.texts(fields.part(given, "grouped"), f"{name}.grouped")
        fields.texts([*levels, *grouped], name)
        groups = fields.count(fields.part(given, "groups"), f"{name}.groups")
        if (groups == 0) != (not grouped) or groups > len(grouped):
            fields.refuse("does not fit the grouped levels", f"{name}.groups")
        made = CategoryBins(name, levels, grouped, groups, ())
        counts = fields.counts(fields.part(given, "counts"), f"{name}.counts", made.rare + 2)
        return replace(made, counts=counts)

    def default_steps(
        self, column: Categories, *, scaled: bool, missing: bool, most_codes: int
    ) -> tuple[DefaultStep, ...]:
        """Ordinal, or OneHot where there are too many levels for it. Missing text is 0 in all columns of OneHot."""
        coded = most_codes > 0 and len(_occurring(column)) <= most_codes
        return (DefaultStep("Ordinal" if coded else "OneHot"),)

    def draw(self, column: Categories) -> Drawing:
        """The `CATEGORY_BARS` most frequent levels; of equally frequent ones those that sort first."""
        *seen, unseen, missing = _by_code(column).tolist()
        order = sorted((code for code, rows in enumerate(seen) if rows), key=lambda code: (-seen[code], code))
        return Drawing(
            labels=tuple(column.levels[code] for code in order[:CATEGORY_BARS]),
            counts=tuple(seen[code] for code in order[:CATEGORY_BARS]),
            others=unseen + sum(seen[code] for code in order[CATEGORY_BARS:]),
            missing=missing,
        )


CATEGORY = Category()


def _demand_known(column: Categories) -> None:
    if (column.codes >= len(column.levels)).any():
        raise ValueError(f"column {column.name!r} holds texts that are not among its levels")


def _occurring(column: Categories) -> tuple[str, ...]:
    return _pick(column.levels, _by_code(column)[:-2] > 0)


def _by_code(column: Any) -> Tally:
    """Rows of each level, then of unseen, then of missing."""
    return np.roll(np.bincount(column.codes + 1, minlength=len(column.levels) + 2), -1)


def _pick(levels: Sequence[str], chosen: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(levels[i] for i in np.flatnonzero(chosen).tolist())


def _read(grid: Sequence[Sequence[Any]], place: int, column: Known) -> Categories:
    known, unseen = column.codes, len(column.levels)
    codes = []
    for number, row in enumerate(grid, start=1):
        cell = row[place]
        code = known.get(cell) if type(cell) is str else None
        if code is None:
            texts = _spelled(cell, number, column.name)
            code = next((known[text] for text in texts if text in known), unseen if texts else MISSING)
        codes.append(code)
    return Categories(column.name, np.array(codes, dtype=np.int32), column.levels)


def _spelled(cell: object, row: int, column: str) -> tuple[str, ...]:
    """The texts that may stand for ``cell`` among the levels, the likeliest first; nothing if it is missing."""
    if cell is None:
        return ()
    if isinstance(cell, str):
        text = cell.strip()
        return () if text in MISSING_WORDS else (text,)
    if isinstance(cell, bool | np.bool_):
        return ("true", "True", "TRUE") if cell else ("false", "False", "FALSE")
    if isinstance(cell, int):
        return (str(cell), f"{cell}.0")
    if not isinstance(cell, Real):
        raise InvalidData(f"{shown(cell)} is neither text nor a number", row=row, column=column)
    value = number_of(cell, row, column)
    return (str(int(value)), repr(value)) if value.is_integer() else (repr(value),)
