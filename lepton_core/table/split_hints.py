"""What a table says of how it should be split. A hint changes nothing: it names the call that would."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData
from lepton_core.table.asked_split import cutoff, times_of
from lepton_core.table.columns import Column, FloatArray, IndexArray, Numbers
from lepton_core.table.kinds import kind_of
from lepton_core.table.labels import FEW_NUMBERS
from lepton_core.table.row_keys import copy_numbers, row_hashes
from lepton_core.table.split import HELD_OUT_SHARE
from lepton_core.table.table import Table

LEAST_ROWS = 50
"""A table of fewer rows says nothing by chance and everything by accident."""

LEAST_GROUPS = 20
"""Fewer values of a column are categories, not the ids of things that occur again."""

ALIKE = 0.05
"""Share of the label's spread that groups must tell beyond chance, or of rows that must be near-copies."""

_DIGITS = 3
"""Significant digits in which near-copies agree."""


@dataclass(frozen=True)
class SplitHint:
    """Why another split would be more honest, the call that makes it, and what it likely does to the figures.

    ``column`` is None for near-copies: no column says which rows belong together.
    """

    reason: Literal["time", "group", "copies"]
    column: str | None
    message: str
    call: str
    effect: str


def split_hints(table: Table, label: str) -> tuple[SplitHint, ...]:
    """The hints of a labelled table, at most one of each reason; none for fewer than `LEAST_ROWS` rows.

    By time, where numbers or dates rise or fall over the rows; by group, where the values of a column come again and
    their rows are more alike than by chance; for near-copies, where rows agree in three digits more often than by
    chance. Raises `InvalidData` for an absent label.

    >>> from lepton_core.table import Categories
    >>> days = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(100)]
    >>> rows = Table((Categories.of("when", days), Categories.of("y", ["n"] * 80 + ["y"] * 20)))
    >>> [(hint.reason, hint.call) for hint in split_hints(rows, "y")]
    [('time', "model.train(split=Split('time', 'when'))")]
    """
    target = _target(table[label])
    if table.rows < LEAST_ROWS:
        return ()
    features = table.without(label).columns
    groups = [found for one in features if (found := _group_hint(one, table, target)) is not None]
    times = [hint for one in features if (hint := _time_hint(one, target)) is not None]
    best = sorted(groups, key=lambda one: -one[0])[:1]
    copies = _copies_hint(Table(features))
    return (*times[:1], *(hint for _, hint in best), *([] if copies is None else [copies]))


def _target(label: Column) -> FloatArray:
    """The label as columns of numbers (m, t) whose spread can be compared: a quantity, or classes as zeros and ones."""
    kind = kind_of(label)
    values, places = kind.distinct(label)
    if kind.quantitative and len(values) > FEW_NUMBERS:
        return np.nan_to_num(label.values)[:, None]
    order = np.argsort(-np.bincount(places[places >= 0], minlength=1), kind="stable")[:FEW_NUMBERS]
    found: FloatArray = (places[:, None] == order).astype(np.float64)
    return found


def _time_hint(column: Column, target: FloatArray) -> SplitHint | None:
    try:
        times = times_of(column)
    except InvalidData:
        return None
    steps = np.diff(times)
    if np.isnan(times).any() or len(np.unique(times)) < len(times) / 4:
        return None
    numbered = kind_of(column).quantitative and bool((steps == steps[0]).all())
    if numbered or not ((steps >= 0).all() or (steps <= 0).all()):
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
        f"model.train(split=Split('time', {column.name!r}))",
        effect,
    )


def _group_hint(column: Column, table: Table, target: FloatArray) -> tuple[float, SplitHint] | None:
    """With how alike the rows of one value are, 0 to 1."""
    kind = kind_of(column)
    if kind.quantitative and not _is_whole(column.values):
        return None
    values, places = kind.distinct(column)
    there = places >= 0
    groups = len(values)
    rows = int(there.sum())
    if groups < max(LEAST_GROUPS, rows / 50) or groups > 0.7 * rows:
        return None
    alike = _told(places[there], target[there])
    fixed = [
        other.name
        for other in table.columns
        if other is not column and _depends(kind_of(other).distinct(other)[1][there], places[there])
    ]
    # Ages and years come again as ids do; ids are either sparse, or say what else a row holds.
    sparse = not kind.quantitative or float(np.ptp(column.values[there])) > 5 * groups
    # Four standard deviations of what as many groups tell of a label that has nothing to do with them.
    chance = 4 * float(np.sqrt(2 * groups)) / rows
    if not fixed and not (sparse and alike >= max(ALIKE, chance)):
        return None
    hint = SplitHint(
        "group",
        column.name,
        f"{column.name!r} has {groups} values in {rows} rows; if new rows have new values, keep each value's rows "
        "together",
        f"model.train(split=Split('group', {column.name!r}))",
        f"a value tells {alike:.0%} of the label's spread beyond chance"
        + (f", and all of {fixed[0]!r}" if fixed else "")
        + ": figures on rows of known values are likely better than on rows of new ones",
    )
    return alike, hint


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
    """Whether each group has one of several cells, each of which several groups have."""
    pairs = np.unique(places * (int(cells.max(initial=0)) + 2) + cells + 1)
    kinds = len(np.unique(cells))
    groups = len(np.unique(places))
    return len(pairs) == groups and 1 < kinds <= groups / 2


def _copies_hint(features: Table) -> SplitHint | None:
    rounded = Table(tuple(map(_rounded, features.columns)))
    near = _copied(rounded)
    if near < ALIKE or near < 3 * _copied(_shifted(rounded)):
        return None
    return SplitHint(
        "copies",
        None,
        f"{near:.0%} of the rows are near-copies of others (the same to {_DIGITS} digits); add a column that says "
        "which rows belong together, and keep those together",
        "model.train(split=Split('group', '<that column>'))",
        f"a model can remember up to {near:.0%} of the held-out rows: its figures are likely too good by as much",
    )


def _copied(table: Table) -> float:
    """The share of the rows that equal an earlier one."""
    return float((copy_numbers(row_hashes(table)) > 0).mean()) if table.columns else 0.0


def _shifted(table: Table) -> Table:
    """As if the columns had nothing to do with each other: each is moved on by other steps."""
    rows = np.arange(table.rows)
    step = max(1, table.rows // (len(table.columns) + 1))
    return Table(
        tuple(column.take(np.roll(rows, at * step + at * at)) for at, column in enumerate(table.columns))
    )


def _rounded(column: Column) -> Column:
    if not kind_of(column).quantitative:
        return column
    values: npt.NDArray[np.float64] = np.nan_to_num(column.values)
    size = np.floor(np.log10(np.where(values == 0, 1.0, abs(values))))
    unit = 10.0 ** np.maximum(size - _DIGITS + 1, -300)
    return Numbers(column.name, np.where(column.missing, np.nan, np.round(values / unit) * unit))
