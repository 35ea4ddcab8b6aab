"""Whether a label goes on from one time to the next, so that to predict rows to come is a forecast."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lepton_core.table.columns import Column, FloatArray, IndexArray
from lepton_core.table.kinds import kind_of

GOES_ON = 0.5
"""The correlation of a value with the one before it from which a label goes on."""

EVEN = 0.5
"""The share of steps in time that must be like the usual one: events come at any time, and no row is the next one."""

SEASONS = (7, 12, 24, 52, 365)
"""Steps of a week, a year of months, a day of hours, a year of weeks and one of days."""

_SEASONAL = 0.3
_LEAST = 30
_LEAST_OF_GROUP = 10


@dataclass(frozen=True)
class Follows:
    """A label follows itself in the order of the column ``by``, in each ``group`` if one is named.

    ``told`` is the share of its spread that its value before tells, ``lags`` are how many steps back are worth having.
    """

    by: str
    group: str | None
    told: float
    lags: tuple[int, ...]


def follows(
    times: Iterable[tuple[str, FloatArray]], columns: Sequence[Column], label: FloatArray
) -> Follows | None:
    """How the ``label`` (m,) follows itself along one of the ``times``, (m,) each; None if it does not.

    Either each row has a time of its own, or those of each value of one of the ``columns`` have.

    >>> days = np.arange(100.0) * 86400
    >>> follows([("day", days)], [], np.sin(np.arange(100) / 9))
    Follows(by='day', group=None, told=0.98..., lags=(1,))
    """
    for by, when in times:
        if np.isnan(when).any() or not np.isfinite(label).all():
            continue
        found = _along(by, when, label, None, np.zeros(len(when), dtype=np.int64))
        for column in columns if found is None and len(np.unique(when)) < len(when) else ():
            kind = kind_of(column)
            if column.name == by or not (kind.has_levels or kind.quantitative):
                continue
            values, places = kind.distinct(column)
            if 2 <= len(values) <= len(when) / _LEAST_OF_GROUP and (places >= 0).all():
                found = _along(by, when, label, column.name, places)
            if found is not None:
                break
        if found is not None:
            return found
    return None


def _along(
    by: str, when: FloatArray, label: FloatArray, group: str | None, places: IndexArray
) -> Follows | None:
    order = np.lexsort((when, places))
    same = np.diff(places[order]) == 0
    steps = np.diff(when[order])[same]
    if len(steps) < _LEAST or (steps == 0).any():
        return None
    usual = float(np.median(steps))
    if (np.abs(steps - usual) <= 0.1 * usual).mean() < EVEN:
        return None
    counts = np.maximum(np.bincount(places), 1)
    series = (label - (np.bincount(places, weights=label) / counts)[places])[order]
    before = _correlation(series, places[order], 1)
    if before < max(GOES_ON, 4 / np.sqrt(len(series))):
        return None
    return Follows(by, group, before**2, (1, *_season(series, places[order])))


def _season(series: FloatArray, places: IndexArray) -> tuple[int, ...]:
    """The shortest season by which the series comes again more than by the steps beside it, if there is one."""
    longest = int(np.bincount(places).max()) // 3
    for season in SEASONS:
        if season < longest:
            less, at, more = (_correlation(series, places, season + shift) for shift in (-1, 0, 1))
            if at >= _SEASONAL and at > less and at > more:
                return (season,)
    return ()


def _correlation(series: FloatArray, places: IndexArray, lag: int) -> float:
    """Of each value with the one ``lag`` rows before it in the same place, 0 where there are no two."""
    same = places[lag:] == places[:-lag]
    now, before = series[lag:][same], series[:-lag][same]
    if len(now) < 2 or now.std() == 0 or before.std() == 0:
        return 0.0
    return float(np.corrcoef(now, before)[0, 1])
