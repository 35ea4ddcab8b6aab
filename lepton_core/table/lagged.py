"""Features of what was known before: the values of a column some rows earlier in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table.asked_split import times_of
from lepton_core.table.columns import Column, FloatArray, IndexArray, Numbers
from lepton_core.table.kinds import kind_of
from lepton_core.table.table import Table


@dataclass(frozen=True)
class Lags:
    """Of each column in ``of`` how many rows earlier its values are wanted, in the order of the column ``by``.

    ``group``: among the rows with the same value of that column.
    """

    of: Mapping[str, tuple[int, ...]]
    by: str
    group: str | None = None

    @classmethod
    def checked(cls, of: Mapping[str, Any], by: str, group: str | None = None) -> "Lags":
        """Raises `InvalidInput` naming what is no mapping of names to whole numbers from 1 on.

        >>> Lags.checked({"sales": [1, 7]}, "day").names
        ('sales 1 before', 'sales 7 before')
        """
        if not isinstance(of, Mapping) or not of:
            raise InvalidInput("must name columns, as {'sales': [1, 7]}", field="lags")
        for name, lags in of.items():
            whole = isinstance(lags, Sequence) and all(type(lag) is int and lag >= 1 for lag in lags)
            if isinstance(lags, str) or not whole or not lags:
                raise InvalidInput(
                    f"must be whole numbers from 1 on, as {{{name!r}: [1, 7]}}", field=f"lags.{name}"
                )
        return cls({name: tuple(dict.fromkeys(lags)) for name, lags in of.items()}, by, group)

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the new columns."""
        return tuple(_name(column, lag) for column, lags in self.of.items() for lag in lags)


def lagged(table: Table, lags: Lags) -> Table:
    """``table`` with the columns of ``lags`` besides; the first rows, before which nothing is known, lack them.

    Raises `InvalidData` naming a column that is absent, is there already, or holds no numbers, and a row without a
    time, or with the time of another row of its group.

    >>> day = Numbers("day", np.array([3.0, 1.0, 2.0]))
    >>> rows = Table((day, Numbers("sales", np.array([30.0, 10.0, 20.0]))))
    >>> lagged(rows, Lags({"sales": (1,)}, "day"))["sales 1 before"].values
    array([20., nan, 10.])
    """
    order, places, _ = _ordered(table, lags)
    made: list[Column] = []
    for name, its in lags.of.items():
        column = _numbers(table, name)
        for lag in its:
            if _name(name, lag) in table:
                raise InvalidData("is there already", column=_name(name, lag))
            values = np.full(table.rows, np.nan)
            same = places[order][lag:] == places[order][:-lag]
            values[order[lag:][same]] = column.values[order[:-lag][same]]
            made.append(replace(column, name=_name(name, lag), values=values))
    return Table((*table.columns, *made))


def following(table: Table, lags: Lags) -> Table:
    """The rows that come next in time, one a group: when, the group, and what `lagged` would give them.

    The next time is one usual step (the median of all) after the last. ``table`` need not have the columns of ``lags``.
    Raises what `lagged` raises, and `InvalidData` if no group has two rows.

    >>> rows = Table((Numbers("day", np.array([1.0, 2.0])), Numbers("sales", np.array([10.0, 20.0]))))
    >>> [(column.name, column.values.tolist()) for column in following(rows, Lags({"sales": (1, 2)}, "day")).columns]
    [('day', [3.0]), ('sales 1 before', [20.0]), ('sales 2 before', [10.0])]
    """
    order, places, when = _ordered(table, lags)
    ordered = places[order]
    steps = np.diff(when[order])[np.diff(ordered) == 0]
    if not len(steps):
        raise InvalidData("has one time only, so there is no next one", column=lags.by)
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, [True]))
    found: list[Column] = [_at(table[lags.by], when[order[last]] + float(np.median(steps)))]
    if lags.group is not None:
        found.append(table[lags.group].take(order[last]))
    begins = np.concatenate(([0], last[:-1] + 1))
    for name, its in lags.of.items():
        column = _numbers(table, name)
        for lag in its:
            at = last - lag + 1
            values = np.where(at >= begins, column.values[order[np.maximum(at, 0)]], np.nan)
            found.append(replace(column, name=_name(name, lag), values=values))
    return Table(tuple(found))


def _name(column: str, lag: int) -> str:
    return f"{column} {lag} before"


def _ordered(table: Table, lags: Lags) -> tuple[IndexArray, IndexArray, FloatArray]:
    """The rows in the order of group and time, the group of each row, and its time."""
    for name in (*lags.of, lags.by, *filter(None, [lags.group])):
        if name not in table:
            raise InvalidData(f"is not there; there are {', '.join(table.names[:8])}", column=name)
    when = times_of(table[lags.by])
    if np.isnan(when).any():
        raise InvalidData(
            "is missing, so what came before is not known",
            row=int(np.isnan(when).argmax()) + 1,
            column=lags.by,
        )
    places = np.zeros(table.rows, dtype=np.int64)
    if lags.group is not None:
        places = kind_of(table[lags.group]).distinct(table[lags.group])[1]
    order: IndexArray = np.lexsort((when, places))
    twice = (np.diff(when[order]) == 0) & (np.diff(places[order]) == 0)
    if twice.any():
        row = int(order[1:][twice][0]) + 1
        which = "another row" if lags.group is None else f"another row with the same {lags.group!r}"
        way = "name the column that tells them apart, group='...'" if lags.group is None else "join such rows"
        raise InvalidData(f"has the time of {which}; {way}", row=row, column=lags.by)
    return order, places, when


def _numbers(table: Table, name: str) -> Numbers:
    column = table[name]
    if not isinstance(column, Numbers) or not kind_of(column).quantitative:
        raise InvalidData(f"is a {column.kind}; numbers alone have values before", column=name)
    return column


def _at(column: Column, when: FloatArray) -> Column:
    if isinstance(column, Numbers):
        return replace(column, values=when)
    raise InvalidData(
        f"is a {column.kind} and no date, so the next time cannot be written", column=column.name
    )
