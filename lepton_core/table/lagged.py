"""Features of what was known before: the values of a column some rows earlier in time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.remedy import call
from lepton_core.table.asked_split import times_of
from lepton_core.table.columns import Column, FloatArray, IndexArray, Mask, Numbers
from lepton_core.table.kinds import kind_of
from lepton_core.table.table import Table
from lepton_core.table.written_numbers import written_numbers


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
        if not isinstance(of, Mapping) or not of or not all(isinstance(name, str) for name in of):
            raise InvalidInput("must name columns, as {'sales': [1, 7]}", field="lags")
        for field, name in (("by", by), ("group", group)):
            if not isinstance(name, str) and not (field == "group" and name is None):
                raise InvalidInput("must be the name of a column", field=field)
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
            made.append(_with_values(column, _name(name, lag), values))
    return Table((*table.columns, *made))


def following(table: Table, lags: Lags) -> Table:
    """The rows that come next in time, one a group: when, the group, and what `lagged` would give them.

    The next time is one usual step after the last: the median, or so many months, if all steps of dates are as many.
    ``table`` need not have the columns of ``lags``.
    Raises what `lagged` raises, and `InvalidData` if no group has two rows.

    >>> rows = Table((Numbers("day", np.array([1.0, 2.0])), Numbers("sales", np.array([10.0, 20.0]))))
    >>> [(column.name, column.values.tolist()) for column in following(rows, Lags({"sales": (1, 2)}, "day")).columns]
    [('day', [3.0]), ('sales 1 before', [20.0]), ('sales 2 before', [10.0])]
    """
    order, places, when = _ordered(table, lags)
    ordered, by = places[order], table[lags.by]
    same = np.diff(ordered) == 0
    if not same.any():
        raise InvalidData("has one time only, so there is no next one", column=lags.by)
    last = np.flatnonzero(np.append(~same, [True]))
    later = _usual_step(when[order], same, dates=kind_of(by).moves)
    found: list[Column] = [_with_values(by, by.name, later(when[order[last]]))]
    if lags.group is not None:
        found.append(table[lags.group].take(order[last]))
    begins = np.concatenate(([0], last[:-1] + 1))
    for name, its in lags.of.items():
        column = _numbers(table, name)
        for lag in its:
            at = last - min(lag, table.rows + 1) + 1
            values = np.where(at >= begins, column.values[order[np.maximum(at, 0)]], np.nan)
            found.append(_with_values(column, _name(name, lag), values))
    return Table(tuple(found))


def in_order(table: Table, lags: Lags) -> IndexArray:
    """The places (m,) of the rows in the order of group and time. Raises what `lagged` raises of both.

    >>> in_order(Table((Numbers("day", np.array([3.0, 1.0, 2.0])),)), Lags({"day": (1,)}, "day"))
    array([1, 2, 0])
    """
    return _ordered(table, lags)[0]


def _name(column: str, lag: int) -> str:
    return f"{column} {lag} before"


def _ordered(table: Table, lags: Lags) -> tuple[IndexArray, IndexArray, FloatArray]:
    """The rows in the order of group and time, the group of each row, and its time."""
    for name in (*lags.of, lags.by, *filter(None, [lags.group])):
        if name not in table:
            raise InvalidData(f"is not there; there are {', '.join(table.names[:8])}", column=name)
    by = table[lags.by]
    if not kind_of(by).quantitative:
        read = call(kinds={lags.by: _order_in(by)})
        raise InvalidData(
            f"is of the kind {by.kind!r}; an order needs dates or numbers: {read}",
            column=lags.by,
            remedies=(read,),
        )
    when = times_of(by)
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


def _order_in(column: Column) -> str:
    """The kind as which cells that give no order may be read to give one: years, and running numbers, are no dates."""
    numbers = written_numbers(column)
    if numbers is None:
        return "date"
    return "integer" if (numbers == np.floor(numbers)).all() else "number"


def _numbers(table: Table, name: str) -> Column:
    column = table[name]
    if not kind_of(column).quantitative:
        raise InvalidData(f"is a {column.kind}; numbers alone have values before", column=name)
    return column


def _with_values(column: Column, name: str, values: FloatArray) -> Numbers:
    return Numbers(name, values, column.kind, column.notation, column.missing_words)


def _usual_step(when: FloatArray, same: Mask, *, dates: bool) -> Callable[[FloatArray], FloatArray]:
    """What leads from times (g,) to the next ones: whole months, if all steps of ``dates`` are as many, or seconds.

    ``when`` (m,) ascends where the next row is of the ``same`` (m - 1,) group.
    """
    seconds = float(np.median(np.diff(when)[same]))
    if not dates:
        return lambda times: times + seconds
    month, within = _months(when)
    steps = np.diff(month.astype(np.int64))[same]
    if steps[0] < 1 or (steps != steps[0]).any() or (within != within[0]).any():
        return lambda times: times + seconds

    def later(times: FloatArray) -> FloatArray:
        months, rest = _months(times)
        found: FloatArray = ((months + steps[0]).astype("datetime64[s]") + rest).astype(np.float64)
        return found

    return later


def _months(times: FloatArray) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.timedelta64]]:
    """The months of times (m,) in seconds since 1970, and how far into them each is."""
    whole = times.astype(np.int64).astype("datetime64[s]")
    months = whole.astype("datetime64[M]")
    return months, whole - months.astype("datetime64[s]")
