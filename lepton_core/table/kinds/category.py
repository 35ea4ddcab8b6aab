"""Categories: texts, of which each stands for itself. This kind takes every cell."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lepton_core import fields
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.table.cells import Faults, demand_unicode, number_of, shown
from lepton_core.table.columns import MISSING, Categories, CodeArray, Column, IndexArray, Texts
from lepton_core.table.hashing import MISSING_HASH, HashArray, HashForm, level_hashes
from lepton_core.table.kinds.base import (
    ColumnFigures,
    DefaultStep,
    Drawing,
    Known,
    Values,
    figures_of,
    is_absent,
)
from lepton_core.table.kinds.bins import Bins
from lepton_core.table.kinds.category_bins import BUCKETS, CategoryBins, bucket, by_code, pick
from lepton_core.table.spelling import read_number

if TYPE_CHECKING:
    from lepton_core.table.kinds.category_reader import CategoryReader

_REPEATED = frozenset({str, int})
"""Cells of these types are read once each. Of the others, 0.0 and -0.0 are equal, and a list has no hash."""

CATEGORY_BARS = 10
"""Bars of a drawing."""


@dataclass(frozen=True)
class CategoryFigures:
    """Which levels occur, and how many cells are missing."""

    missing: int
    levels: frozenset[str]

    def merge(self, other: "CategoryFigures") -> "CategoryFigures":
        """Those of both parts."""
        return CategoryFigures(self.missing + other.missing, self.levels | other.levels)

    def describe(self, column: Known) -> ColumnFigures:
        """The number of levels, and the least and the greatest if all are numbers."""
        found = replace(figures_of(column, self.missing), distinct=len(self.levels))
        numbers = [number for level in self.levels if (number := read_number(level)) is not None]
        if not numbers or len(numbers) < len(self.levels):
            return found
        return replace(found, min=min(numbers), max=max(numbers))


class Category:
    """See `Kind`. Cells are `Categories`."""

    name = "category"
    quantitative = False
    has_levels = True
    arrays = ("",)
    left_out = ""
    wider = ""
    notation_options: frozenset[str] = frozenset()
    is_open = False
    given_notation = None
    given_type = str
    given_decides = False
    moves = False
    recurs = False

    def reads(self, notation: str) -> bool:
        """Only the empty one."""
        return not notation

    def find_notation(
        self,
        counts: Mapping[str, int],
        missing: Collection[str],
        *,
        decimal: str = "",
        day_first: bool | None = None,
    ) -> str:
        """The empty one."""
        return ""

    def reader(self, column: Known, rows: int = 0) -> "CategoryReader":
        """Takes every cell."""
        from lepton_core.table.kinds.category_reader import CategoryReader  # noqa: PLC0415  (as `Quantity.reader`)

        return CategoryReader(column, self.name, rows)

    def check_given(self, column: Categories) -> None:
        """Every text is one of this kind."""

    def without_words(self, column: Categories, words: Collection[str]) -> Categories:
        """The column: its texts are asked when they are read."""
        return column

    def from_given(self, column: Column, known: Known) -> Categories | None:
        """None: a text is read, and a number has first to be written as one."""
        return None

    def given_cells(self, column: Categories) -> list[str | None]:
        """Those of `cells`."""
        return self.cells(column)

    def from_cells(self, cells: Sequence[Sequence[Any]], columns: Sequence[Known]) -> list[Categories]:
        """A text that is not among the levels gets the code len(levels)."""
        faults, made = Faults(), []
        for own, column in zip(cells, columns, strict=True):
            try:
                made.append(_read(own, column))
            except InvalidData as error:
                faults.add(error)
        faults.demand_none()
        return made

    def from_typed(self, column: Column, cell_type: type, known: Known) -> Categories | None:
        """None: each cell is looked up."""
        return None

    def cells(self, column: Categories) -> list[str | None]:
        """The texts. Raises ``ValueError`` for those that are not among the levels: they are lost already."""
        _demand_known(column)
        levels = [*column.levels, None]  # code -1 is the last entry
        return [levels[code] for code in column.codes.tolist()]

    def usual_cell(self, column: Known, bins: Bins | None) -> str:
        """A frequent level; failing that any level; failing that an unknown text."""
        frequent = () if bins is None else bins.levels
        return next(iter((*frequent, *column.levels)), "other")

    def pack(self, column: Categories) -> dict[str, npt.NDArray[Any]]:
        """The codes (m,). Raises ``ValueError`` for texts that are not among the levels: they are lost already."""
        _demand_known(column)
        return {"": column.codes}

    def unpack(self, arrays: Mapping[str, npt.NDArray[Any]], column: Known, rows: int) -> Categories:
        """The column of the codes (m,). Raises `InvalidArtifact` for codes beyond the levels, too."""
        array = arrays[""]
        if not isinstance(array, np.ndarray) or array.dtype != np.int32 or array.shape != (rows,):
            raise InvalidArtifact(f"column {column.name!r} is not {rows} cells of int32")
        if rows and (array.min() < MISSING or array.max() >= len(column.levels)):
            raise InvalidArtifact(
                f"column {column.name!r} holds a code beyond its {len(column.levels)} levels"
            )
        return _like(column, array, column.levels)

    def concatenate(self, columns: Sequence[Categories], levels: tuple[str, ...]) -> Categories:
        """The codes of ``levels``."""
        place = {level: code for code, level in enumerate(levels)}
        codes = []
        for column in columns:
            known = [place[level] for level in column.levels]
            codes.append(np.array([*known, len(levels), MISSING], dtype=np.int32)[column.codes])
        return replace(columns[0], codes=np.concatenate(codes), levels=levels)

    def compact(self, column: Categories) -> Categories:
        """With the levels that occur."""
        _demand_known(column)
        there = by_code(column)[:-2] > 0
        if there.all():
            return column
        places = np.array([*np.cumsum(there) - 1, MISSING], dtype=np.int32)
        return replace(column, codes=places[column.codes], levels=pick(column.levels, there))

    def figures(self, column: Categories) -> CategoryFigures:
        """The levels that occur."""
        return CategoryFigures(int(column.missing.sum()), frozenset(_occurring(column)))

    def only_value(self, figures: ColumnFigures) -> str | None:
        """The figures do not say which."""
        return "class" if figures.distinct == 1 else None

    def only_named(self, name: str) -> str:
        """It is a class."""
        return f"class ({shown(name)})"

    def distinct(self, column: Categories) -> tuple[Values, IndexArray]:
        """The levels that occur, sorted, and their places (m,)."""
        there = by_code(column)[:-2] > 0
        places = np.where(there, np.cumsum(there) - 1, -1)
        return pick(column.levels, there), np.array([*places, -1, -1], dtype=np.int64)[column.codes]

    def names(self, column: Categories) -> tuple[str, ...]:
        """The texts."""
        return _occurring(column)

    def texts(self, column: Categories) -> Categories:
        """The column itself."""
        return column

    def one_by_one(self, column: Categories) -> Texts:
        """The levels and the unknown texts, by the codes."""
        known = column.with_unknown()
        return Texts.of(column.name, [*known.levels, None, None]).take(known.codes)

    def is_constant(self, column: Categories) -> bool:
        """Compares codes."""
        codes = column.codes[column.codes != MISSING]
        return bool((codes == codes[:1]).all())

    def cell_hashes(self, column: Categories, form: HashForm = 1) -> HashArray:
        """See `text_hash`, (m,); all texts that are not among the levels have one hash."""
        # Behind the levels stand the unseen texts, and last, where code -1 looks, the missing cell.
        known = level_hashes([*column.levels, "unseen"], form)
        return np.append(known, MISSING_HASH)[column.codes]

    def reference(self, column: Categories) -> CategoryBins:
        """See `CategoryBins.of`."""
        return CategoryBins.of(column)

    def histogram(self, column: Categories) -> CategoryBins:
        """The same."""
        return self.reference(column)

    def read_bins(self, given: Mapping[str, Any], name: str) -> CategoryBins:
        """No level may stand there twice, and groups and counts must fit to the levels."""
        levels = fields.texts(fields.part(given, "levels"), f"{name}.levels")
        grouped = fields.texts(fields.part(given, "grouped"), f"{name}.grouped")
        fields.texts([*levels, *grouped], name)
        groups = fields.count(fields.part(given, "groups"), f"{name}.groups")
        if (groups == 0) != (not grouped) or groups > len(grouped):
            fields.refuse("does not fit the grouped levels", f"{name}.groups")
        buckets = fields.count(given.get("buckets", 1), f"{name}.buckets")
        if buckets not in (1, 2, 4, BUCKETS):
            fields.refuse("not 1, 2, 4 or 8", f"{name}.buckets")
        made = CategoryBins(name, levels, grouped, groups, (), buckets)
        counts = fields.counts(fields.part(given, "counts"), f"{name}.counts", made.absent + 1)
        return replace(made, counts=counts)

    def default_steps(
        self, column: Categories, *, scaled: bool, missing: bool, most_codes: int, sparse: bool
    ) -> tuple[DefaultStep, ...]:
        """Ordinal, or OneHot where there are too many levels for it. Missing text is 0 in all columns of OneHot."""
        coded = most_codes > 0 and len(_occurring(column)) <= most_codes
        return (DefaultStep("Ordinal" if coded else "OneHot"),)

    def draw(self, column: Categories) -> Drawing:
        """The `CATEGORY_BARS` most frequent levels; of equally frequent ones those that sort first."""
        *seen, unseen, missing = by_code(column).tolist()
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
    return pick(column.levels, by_code(column)[:-2] > 0)


def _read(cells: Sequence[Any], column: Known) -> Categories:
    try:
        return _like(column, np.fromiter(map(column.codes.get, cells), np.int32, len(cells)), column.levels)
    except TypeError:  # a cell that is no level, at least not as it is spelled; or a list, which has no hash
        pass
    faults = Faults()
    read: dict[tuple[type, Any] | None, tuple[int, str | None]] = {}
    found: list[tuple[int, str | None]] = []
    for row, cell in enumerate(cells, start=1):
        key = (type(cell), cell) if type(cell) in _REPEATED else None
        try:
            one = read[key] if key in read else _code(cell, row, column)
        except InvalidData as error:
            faults.add(error)
            continue
        found.append(one)
        if key is not None:
            read[key] = one
    faults.demand_none()
    codes, texts = zip(*found, strict=True)
    made = _like(column, np.array(codes, dtype=np.int32), column.levels)
    if not any(texts):
        return made
    buckets = np.array([0 if text is None else bucket(text) for text in texts], dtype=np.uint8)
    return replace(made, buckets=buckets, unknown=np.array(texts, dtype=object))


def _code(cell: object, row: int, column: Known) -> tuple[int, str | None]:
    """The code of a cell, and its text if that is no level."""
    texts = spellings(cell, row, column)
    if not texts:
        return MISSING, None
    code = next((column.codes[text] for text in texts if text in column.codes), None)
    return (len(column.levels), texts[0]) if code is None else (code, None)


def _like(column: Known, codes: CodeArray, levels: tuple[str, ...]) -> Categories:
    return Categories(column.name, codes, levels, Category.name, column.notation, column.missing_words)


def spellings(cell: object, row: int, column: Known) -> tuple[str, ...]:
    """The texts that may stand for ``cell`` among the levels, the likeliest first; nothing if it is missing.

    Raises `InvalidData` for what is no cell.
    """
    if cell is None:
        return ()
    if isinstance(cell, str):
        text = cell.strip()
        if is_absent(text, column):
            return ()
        demand_unicode(text, row, column.name)
        return (text,)
    if isinstance(cell, bool | np.bool_):
        return ("true", "True", "TRUE") if cell else ("false", "False", "FALSE")
    if isinstance(cell, int):
        return (str(cell), f"{cell}.0")
    if not isinstance(cell, Real):
        raise InvalidData(f"{shown(cell)} is neither text nor a number", row=row, column=column.name)
    value = number_of(cell, row, column.name)
    return (str(int(value)), repr(value)) if value.is_integer() else (repr(value),)
