"""What a table says of how it should be split. A hint changes nothing: it names the call that would."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.moments import in_reach
from lepton_core.remedy import Remedy, lagging, training
from lepton_core.table.asked_split import cutoff, times_of
from lepton_core.table.columns import Column, FloatArray, IndexArray, Mask
from lepton_core.table.follows import follows
from lepton_core.table.kinds import kind_of
from lepton_core.table.labels import FEW_NUMBERS
from lepton_core.table.split import HELD_OUT_SHARE
from lepton_core.table.table import Table
from lepton_core.table.written_numbers import written_numbers

LEAST_ROWS = 50
"""A table of fewer rows says nothing by chance and everything by accident."""

LEAST_GROUPS = 20
"""Fewer values of a column are categories, not the ids of things that occur again."""

ALIKE = 0.05
"""Share of the label's spread that groups must tell beyond chance."""

ALIKE_LEVELS = 0.3
"""The same of levels: many a category tells something of the label, and only an id tells so much."""

SMOOTH = 0.75
"""A number whose neighbours tell this much of what it tells itself is a measure and no id."""

UNEVEN = 2.0
"""Rows dealt to ids by chance vary by 1, as a share of their mean; those of counts and ratings vary more."""

EPOCH = (1e8, 5e12)
"""Numbers between these that rise are seconds or milliseconds since 1970, as likely as not."""

YEARS = (1700.0, 2100.0)

MOST_LOOKED_AT = 60
"""Of more columns that may be ids, those with the most values are looked at, and so many columns beside each."""

MOST_OF_ONE_CELL = 0.95
"""What nearly every row has, every group has."""

_FIRST_ROWS = 1000


@dataclass(frozen=True)
class SplitHint:
    """Why another split would be more honest, the call that makes it, and what it likely does to the figures.

    ``matters`` says whether the figures will likely change; ``also`` is what else the message offers.
    """

    reason: Literal["time", "forecast", "group"]
    column: str
    message: str
    remedy: Remedy
    effect: str
    matters: bool = True
    also: tuple[Remedy, ...] = ()


def split_hints(
    table: Table,
    label: str,
    *,
    but: Collection[str] = (),
    groups: Callable[[str], Table] | None = None,
) -> tuple[SplitHint, ...]:
    """The hints of a labelled table, at most one of each reason; none for fewer than `LEAST_ROWS` rows.

    By time, where dates rise or fall over the rows, or the label is a forecast (see `follows`); by group, where the
    values of a column come again and their rows are more alike than by chance. Of the columns ``but`` nothing is said
    as times; ids may tell all of the label. A table that is a piece of a larger one has few whole groups: ``groups``
    gives the rows of some values of a column, and all of those. Raises `InvalidData` for an absent label.

    >>> from lepton_core.table import Categories
    >>> days = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(100)]
    >>> rows = Table((Categories.of("when", days), Categories.of("y", ["n"] * 80 + ["y"] * 20)))
    >>> [(hint.reason, str(hint.remedy)) for hint in split_hints(rows, "y")]
    [('time', "model.train(split=Split('time', 'when'))")]
    """
    target = target_of(table[label])
    if table.rows < LEAST_ROWS:
        return ()
    features = table.without(label).columns
    asked = (one for one in features if one.name not in but)
    times = _forecast_hint(features, [one for one in features if one.name not in but], table[label])
    times = times or next((hint for one in asked if (hint := _time_hint(one, target)) is not None), None)
    groups_of = (lambda _: table) if groups is None else groups
    found = [group_hint(groups_of(one.name), one.name, label) for one in _candidates(features)]
    best = max((one for one in found if one is not None), key=lambda one: one[0], default=None)
    return tuple(one for one in (times, None if best is None else best[1]) if one is not None)


def target_of(label: Column) -> FloatArray:
    """The label as columns of numbers, (m, k), whose spread can be compared: a quantity, or classes as 0 and 1."""
    kind = kind_of(label)
    values, places = kind.distinct(label)
    if kind.quantitative and len(values) > FEW_NUMBERS:
        return in_reach(np.nan_to_num(label.values))[:, None]
    order = np.argsort(-np.bincount(places[places >= 0], minlength=1), kind="stable")[:FEW_NUMBERS]
    found: FloatArray = (places[:, None] == order).astype(np.float64)
    return found


def _time_hint(column: Column, target: FloatArray) -> SplitHint | None:
    if not _is_time(column):
        return None
    try:
        times = times_of(column)
    except InvalidData:
        return None
    steps = np.diff(in_reach(times))
    if np.isnan(times).any() or len(np.unique(times)) < min(len(times) / 4, LEAST_GROUPS):
        return None
    if not ((steps >= 0).all() or (steps <= 0).all()):
        return None
    late = times >= cutoff(times, HELD_OUT_SHARE)
    spread = np.sqrt(np.maximum(target.var(axis=0), 1e-300))
    shift = float((abs(target[late].mean(axis=0) - target[~late].mean(axis=0)) / spread).max())
    chance = 3 * float(np.sqrt(1 / late.sum() + 1 / (~late).sum()))
    effect = (
        f"the label of the last fifth differs from the others' by {shift:.2f} standard deviations: figures on rows of "
        "all times are likely better than on new rows"
        if shift > chance
        else "the label of the last fifth is like the others': the figures will likely change little"
    )
    return SplitHint(
        "time",
        column.name,
        f"{column.name!r} orders the rows; if new rows are later ones, hold out the last",
        training(split={"by": "time", "column": column.name}),
        effect,
        shift > chance,
    )


def _forecast_hint(features: Sequence[Column], asked: Sequence[Column], label: Column) -> SplitHint | None:
    if not kind_of(label).quantitative or len(kind_of(label).distinct(label)[0]) <= FEW_NUMBERS:
        return None
    found = follows(_times(asked), features, in_reach(label.values))
    if found is None:
        return None
    way = lagging({label.name: found.lags}, found.by, found.group)
    along = repr(found.by) if found.group is None else f"{found.by!r} of each {found.group!r}"
    return SplitHint(
        "forecast",
        found.by,
        f"the label goes on along {along}: its value before tells {found.told:.0%} of its spread. To predict rows to "
        f"come is a forecast: give it what is known by then, {way}, and hold out the last rows",
        training(split={"by": "time", "column": found.by}),
        "rows dealt out at random lie between known ones: figures on them are likely better than on rows to come",
        also=(way,),
    )


def _times(columns: Sequence[Column]) -> Iterator[tuple[str, FloatArray]]:
    for column in columns:
        if _is_time(column):
            try:
                yield column.name, times_of(column)
            except InvalidData:
                continue


def _is_time(column: Column) -> bool:
    """Whether the cells may be times: dates, texts that begin like dates, or numbers of the size of times."""
    kind = kind_of(column)
    if kind.left_out or not len(column):
        return False
    if not kind.quantitative:
        first = next(iter(kind.names(column.take(np.arange(1)))), "")
        return first[:4].isdigit() and not first.isdigit()
    if kind.moves:
        return True
    low, high = (
        float(np.nanmin(column.values, initial=np.inf)),
        float(np.nanmax(column.values, initial=-np.inf)),
    )
    steps = np.diff(in_reach(column.values))
    counted = bool(len(steps)) and bool((steps == steps[0]).all())
    sizes = (EPOCH, YEARS)
    return not counted and any(least <= low and high <= most for least, most in sizes)


def _candidates(columns: Sequence[Column]) -> list[Column]:
    """The columns whose values may be ids of things that come again, at most `MOST_LOOKED_AT`."""
    found = [(values, one) for one in columns if (values := _values_that_return(one))]
    found.sort(key=lambda pair: -pair[0])
    return [one for _, one in found[:MOST_LOOKED_AT]]


def _values_that_return(column: Column) -> int:
    """How many values there are, if they are as many as ids would be; else 0."""
    kind = kind_of(column)
    if kind.quantitative and (kind.moves or not _is_whole(column.values)):
        return 0
    if not (kind.quantitative or kind.has_levels or kind.left_out):
        return 0
    return len(kind.distinct(column)[0])


def group_hint(table: Table, name: str, label: str) -> tuple[float, SplitHint] | None:
    """The hint to keep the rows of each value of a column together, with how alike these are, 0 to 1."""
    column = table[name]
    kind = kind_of(column)
    _, places = kind.distinct(column)
    there = places >= 0
    places, target = places[there], target_of(table[label])[there]
    groups, rows = int(places.max(initial=-1)) + 1, len(places)
    if groups < max(LEAST_GROUPS, rows / 50) or groups > (0.5 if kind.quantitative else 0.7) * rows:
        return None
    alike = _told(places, target)
    # Four standard deviations of what as many groups tell of a label that has nothing to do with them.
    chance = 4 * float(np.sqrt(2 * groups)) / rows
    numbers = written_numbers(column)
    enough = alike >= max(ALIKE if kind.quantitative else ALIKE_LEVELS, chance)
    if numbers is not None:
        enough = enough and _are_ids(numbers[there], target, alike)
    fixed = _fixed(table, name, label, there, places, numbers=numbers is not None)
    if not enough and fixed is None:
        return None
    hint = SplitHint(
        "group",
        name,
        f"{name!r} has {groups} values in {rows} rows; if new rows have new values, keep each value's rows together",
        training(split={"by": "group", "column": name}),
        f"a value tells {alike:.0%} of the label's spread beyond chance"
        + ("" if fixed is None else f", and all of {fixed!r}")
        + ": figures on rows of known values are likely better than on rows of new ones",
        alike >= max(ALIKE, chance),
    )
    return alike, hint


def _are_ids(numbers: FloatArray, target: FloatArray, alike: float) -> bool:
    """Whether whole numbers that tell so much of the label, ``alike``, are ids and measure nothing.

    Ages and years come again as ids do, and tell nearly as much of their neighbours as of themselves. Ids leave gaps;
    or they count up, and then each has about as many rows as the others, or tells as much as ids alone do.
    """
    values, ordered, rows = np.unique(numbers, return_inverse=True, return_counts=True)
    near = max(_told((ordered + shift) // 2, target) for shift in (0, 1))
    if near >= SMOOTH * alike:
        return False
    if float(values[-1]) - float(values[0]) > 5 * len(values):
        return True
    # Pairs of neighbours that differ by chance alone: the spread of what telling them apart tells.
    chance = 4 * float(np.sqrt(len(values))) / len(numbers)
    even = float(rows.var()) <= UNEVEN * float(rows.mean())
    return bool(np.median(rows) >= 2) and alike - near > chance and (even or alike >= ALIKE_LEVELS)


def _fixed(
    table: Table, name: str, label: str, there: Mask, places: IndexArray, *, numbers: bool
) -> str | None:
    """A column that each value of another one fixes, and that does not only rise or fall with it."""
    for other in [one for one in table.columns if one.name not in (name, label)][:MOST_LOOKED_AT]:
        kind = kind_of(other)
        if kind.quantitative or kind.has_levels:
            cells = kind.distinct(other)[1][there]
            if _depends(cells, places) and not (numbers and _in_runs(cells, places)):
                return other.name
    return None


def _in_runs(cells: IndexArray, places: IndexArray) -> bool:
    """Whether groups beside each other have the same cell, as where a number is cut into ranges, or squared."""
    _, first = np.unique(places, return_index=True)
    by_group = cells[first]
    shares = np.bincount(by_group - by_group.min()) / len(by_group)
    changes = float((np.diff(by_group) != 0).mean())
    rising = float((np.diff(by_group) > 0).mean())
    return changes < 0.5 * (1 - float((shares**2).sum())) or not 0.1 < rising / max(changes, 1e-9) < 0.9


def _is_whole(values: FloatArray) -> bool:
    known = values[~np.isnan(values)]
    return bool((known == np.round(known)).all())


def _told(places: IndexArray, target: FloatArray) -> float:
    """The share of the spread of ``target`` (m, t) that groups tell beyond what as many would tell by chance."""
    counts = np.bincount(places)
    total = ((target - target.mean(axis=0)) ** 2).sum()
    means = np.stack([np.bincount(places, weights=one) for one in target.T], axis=1)
    within = ((target - (means / np.maximum(counts, 1)[:, None])[places]) ** 2).sum()
    free = len(places) - int(np.count_nonzero(counts))
    if not total or not free:
        return 0.0
    return float(max(0.0, 1 - within / free * (len(places) - 1) / total))


def _depends(cells: IndexArray, places: IndexArray) -> bool:
    """Whether each group has one of several cells, each of which several groups have, and none nearly all."""
    if np.bincount(cells + 1).max(initial=0) > MOST_OF_ONE_CELL * len(cells):
        return False
    for rows in (_FIRST_ROWS, len(cells)):  # the first rows say no to nearly all
        pairs = np.unique(places[:rows] * (int(cells.max(initial=0)) + 2) + cells[:rows] + 1)
        if len(pairs) > len(np.unique(places[:rows])):
            return False
    return 1 < len(np.unique(cells)) <= len(pairs) / 2
