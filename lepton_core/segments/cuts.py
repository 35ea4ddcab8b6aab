"""How a column cuts rows into segments: a quantity at its tenths, a category by its levels, a text by being there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from lepton_core.readable import figure, visible
from lepton_core.table import Categories, Column, Numbers, kind_of
from lepton_core.table.kinds import Bins, NumberBins
from lepton_core.table.kinds.bins import some_rows

FEWEST_SEGMENT_ROWS = 20
"""Fewest rows of a segment, and of all rows beside it: of fewer, nothing that is not plain to see is shown."""

MOST_OWN_LEVELS = 50
"""Most levels of a column that are segments of their own; the others are one together."""

_SAMPLED = 20_000
"""Rows by which a quantity is cut that has no bins yet."""

_LONGEST = 20

Of = Literal["range", "level", "levels", "missing", "present"]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """The rows of a ``column`` in segments: ``places`` (m,) has the number of each row's segment, and ``of`` says what.

    ``levels`` are those that a segment has, where it has some.
    """

    column: Column
    places: Places
    of: tuple[Of, ...]
    levels: Sequence[tuple[str, ...]] = ()


@dataclass(frozen=True)
class InWords:
    """A segment in words, and what bounds it; see `lepton_core.evaluate.Segment`."""

    name: str
    of: Of
    least: float | None = None
    most: float | None = None
    level: str | None = None


def cut(column: Column, bins: Bins | None = None) -> Cut | None:
    """The segments of ``column``, of m rows; None if it sets nothing apart, as a constant does.

    A quantity is cut as the ``bins`` that its drift is measured in, else at tenths of its own. Neighbours are joined
    until each has `FEWEST_SEGMENT_ROWS`. Losses have no say in it: what is found later is not what was looked for.

    >>> found = cut(Categories.of("town", ["Bonn"] * 30 + ["Ulm"] * 25 + ["Aue", None]))
    >>> found.of, found.levels, np.bincount(found.places).tolist()
    (('level', 'level', 'levels', 'missing'), (('Bonn',), ('Ulm',), ('Aue',), ()), [30, 25, 1, 1])
    """
    found: Cut | None
    if kind_of(column).has_levels:
        found = _by_level(cast(Categories, column))
    elif kind_of(column).quantitative:
        own = None if bins is None or bins.kind != column.kind else cast(NumberBins, bins)
        found = _by_edges(cast(Numbers, column), own)
    else:
        found = Cut(column, column.missing.astype(np.int64), ("present", "missing"))
    return found if found is not None and found.places.min() < found.places.max() else None


def _by_level(column: Categories) -> Cut:
    rows = np.bincount(column.codes + 1, minlength=len(column.levels) + 2)[1:-1]
    often = np.flatnonzero(rows >= FEWEST_SEGMENT_ROWS)
    own = np.sort(often[np.argsort(-rows[often], kind="stable")[:MOST_OWN_LEVELS]])
    # Behind the levels stand a text that they lack, and at -1 a missing cell.
    place = np.full(len(column.levels) + 2, len(own))
    place[own] = np.arange(len(own))
    place[-1] = len(own) + 1
    rare = np.setdiff1d(np.flatnonzero(rows), own)
    levels = (*((column.levels[one],) for one in own), tuple(column.levels[one] for one in rare), ())
    each: list[Of] = ["level" for _ in own]
    return Cut(column, place[column.codes], (*each, "levels", "missing"), levels)


def _by_edges(column: Numbers, bins: NumberBins | None) -> Cut | None:
    values = column.values
    if bins is None:
        sampled = values[some_rows(len(values), _SAMPLED)]
        if np.isnan(sampled).all():
            return None if np.isnan(values).all() else _absent(column)
        bins = NumberBins.of(column.name, sampled, column.kind)
    places = np.zeros(len(values), dtype=np.uint8)
    for edge in bins.edges:
        places += values > edge
    gone = len(bins.edges) + 1
    places[np.isnan(values)] = gone
    joined = _joined(np.bincount(places, minlength=gone + 1)[:-1])
    ranges = int(joined.max()) + 1
    each: list[Of] = ["range" for _ in range(ranges)]
    return Cut(column, np.append(joined, ranges)[places], (*each, "missing"))


def _absent(column: Numbers) -> Cut:
    return Cut(column, np.isnan(column.values).astype(np.int64), ("range", "missing"))


def _joined(rows: NDArray[Any]) -> Places:
    """The segment of each bin: neighbours are joined from the left until they have rows enough."""
    found = np.zeros(len(rows), dtype=np.int64)
    at = so_far = 0
    for place, count in enumerate(rows.tolist()):
        found[place] = at
        so_far += count
        if so_far >= FEWEST_SEGMENT_ROWS:
            at, so_far = at + 1, 0
    if so_far < FEWEST_SEGMENT_ROWS and at:  # what is left at the right end
        found[found == at] = at - 1
    return found


def named(found: Cut, segment: int) -> InWords:
    """One segment of a `cut` in words.

    >>> named(cut(Numbers("age", np.arange(100.0), "integer")), 0)
    InWords(name='up to 19', of='range', least=0.0, most=19.0, level=None)
    """
    of = found.of[segment]
    if of == "missing":
        return InWords("missing", of)
    if of == "present":
        return InWords("not missing", of)
    if of == "range":
        return _named_range(found, segment)
    levels = found.levels[segment]
    if of == "level" or len(levels) == 1:
        return InWords(repr(visible(levels[0])), "level", level=levels[0])
    return InWords(f"any of {len(levels)} rarer levels", of)


def _named_range(found: Cut, segment: int) -> InWords:
    inside = found.column.values[found.places == segment]
    least, most = float(np.nanmin(inside)), float(np.nanmax(inside))
    texts = [_spelled(found.column, one) for one in (least, most)]
    if least == most:
        return InWords(texts[0], "range", least, most, texts[0])
    ends = found.of.count("range") - 1
    if segment == 0 and ends:
        return InWords(f"up to {texts[1]}", "range", least, most)
    if segment == ends and ends:
        return InWords(f"from {texts[0]} on", "range", least, most)
    return InWords(f"{texts[0]} to {texts[1]}", "range", least, most)


def _spelled(column: Column, value: float) -> str:
    """A quantity as a file has it, a date as a date; of others no more than four digits."""
    kind = kind_of(column)
    [text] = kind.names(Numbers(column.name, np.array([value]), column.kind, column.notation))
    if kind.moves:
        return visible(text.partition(".")[0])
    return figure(value) if text == str(value) or len(text) > _LONGEST else visible(text)
