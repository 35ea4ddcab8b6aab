"""What a version of a data set has changed since an earlier one, of which the report is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lepton_core.drift.statistics.psi import PSI
from lepton_core.errors import LeptonError
from lepton_core.monitor import LEVEL, THRESHOLD, Drift
from lepton_core.report.auc import spread
from lepton_core.report.label import MOST_CLASSES_KEPT, classes_of, classes_under
from lepton_core.report.relation import Binned, binned, told_again
from lepton_core.report.values import Changes, ColumnReport, Report, Retyped, ValueCount
from lepton_core.table import BY_NAME, Table, kind_of
from lepton_core.table.columns import Column
from lepton_core.table.kinds import Bins

LABEL_THRESHOLD = 0.1
"""The label moves less than a column may before a model is misled: from 10 % to 20 %, or from 40 % to 56 %."""

LEAST_OF_A_LEVEL = 5
MOST_LEVELS = 10


@dataclass(frozen=True)
class Comparison:
    """What changed, and how sure it is that the columns tell less of the label (or of another one) than before.

    ``told_line`` is what `Changes.told` would hardly ever fall below if nothing had changed. ``new_classes`` are those
    of the label that the earlier version did not have, the most frequent first.
    """

    changes: Changes
    told_line: float = 0.0
    new_classes: tuple[ValueCount, ...] = ()


def compare(
    rows: Table,
    label: str,
    earlier: Report,
    since: int,
    kinds: Mapping[str, str] | None = None,
    labels: Column | None = None,
) -> Comparison:
    """The changes from version ``since``, of which ``earlier`` is the report, to ``rows``, perhaps a sample.

    ``kinds`` are those of all columns, where ``rows`` have only some of them; ``labels`` are those of all rows.
    """
    before = {one.name: one for one in earlier.columns}
    there = rows.schema.kinds
    now = there if kinds is None else kinds
    retyped = tuple(
        Retyped(name, before[name].kind, kind)
        for name, kind in now.items()
        if name in before and before[name].kind != kind
    )
    bins = {name: found for name, one in before.items() if (found := _bins(one, there.get(name))) is not None}
    places = {name: binned(_as(rows[name], one), one) for name, one in bins.items()}
    each = 1 - (1 - LEVEL) / (len(bins) + 1)
    drift = tuple(_drift(one, places[name], each, THRESHOLD) for name, one in bins.items() if name != label)
    changes = Changes(
        since=since,
        added=tuple(name for name in now if name not in before),
        removed=tuple(name for name in before if name not in now),
        retyped=retyped,
        drift=drift,
        label_drift=_drift(bins[label], places[label], each, LABEL_THRESHOLD) if label in bins else None,
        new_levels={name: levels for name in bins if (levels := _new_levels(rows[name], before[name]))},
    )
    compared = _told(
        changes, rows[label], earlier, {name: one for name, one in places.items() if name != label}
    )
    return replace(
        compared, new_classes=_new_classes(rows[label] if labels is None else labels, earlier.label.classes)
    )


def _told(changes: Changes, label: Column, earlier: Report, places: Mapping[str, Binned]) -> Comparison:
    if earlier.label.told is None:
        return Comparison(changes)
    classes = classes_under(label, earlier.label.classes, earlier.label.cut)
    tables = {one.name: one.by_class for one in earlier.columns if one.by_class}
    many = max((len(table[0]) for table in tables.values()), default=0)
    told = told_again(places, tables, classes, many)
    if told is None:
        return Comparison(changes)
    before = earlier.label.told
    share = earlier.sampled / max(
        earlier.label.rows, earlier.sampled, 1
    )  # of the rows that the classes are of
    counts = [int(one.rows * share) for one in earlier.label.classes] or [earlier.sampled // 2] * 2
    earlier_classes = np.repeat(np.arange(len(counts)), np.minimum(counts, earlier.sampled))
    error = float(np.hypot(spread(told, classes[classes >= 0]), spread(before, earlier_classes)))
    return Comparison(replace(changes, told=told), before - max(0.1, 4 * error))


def _bins(one: ColumnReport, kind: str | None) -> Bins | None:
    """The bins of a column that is there and is still measured in them."""
    if one.bins is None or kind is None or (kind != one.kind and BY_NAME[one.kind].is_open):
        return None  # a column without any cell had no distribution
    same = kind == one.kind or (BY_NAME[kind].quantitative and BY_NAME[one.kind].quantitative)
    try:
        return BY_NAME[one.kind].read_bins(one.bins, one.name) if same else None
    except LeptonError:
        return None


def _as(column: Column, bins: Bins) -> Column:
    """The column under the kind of its bins: an integer column may have become one of numbers."""
    return column if column.kind == bins.kind else replace(column, kind=bins.kind)  # type: ignore[type-var]


def _drift(bins: Bins, now: Binned, level: float, threshold: float) -> Drift:
    expected = np.array(bins.counts, dtype=np.int64)
    actual = np.bincount(now.places, minlength=now.many)
    n, m = int(expected.sum()), int(actual.sum())
    if not n or not m:
        return Drift(bins.name, 0.0, threshold, False)
    psi = PSI.distance(expected, actual)
    alarm = max(threshold, PSI.noise(level, int(np.count_nonzero(expected + actual)), n, m))
    return Drift(bins.name, psi, alarm, psi > alarm)


def _new_classes(label: Column, before: Sequence[ValueCount]) -> tuple[ValueCount, ...]:
    """The classes of a label that are not among those ``before``; numbers may be a quantity, where they are not two."""
    if not before or len(before) >= MOST_CLASSES_KEPT or (kind_of(label).quantitative and len(before) != 2):
        return ()
    known = {one.text for one in before}
    return tuple(one for one in classes_of(label).counts if one.text not in known)


def _new_levels(column: Column, before: ColumnReport) -> tuple[ValueCount, ...]:
    """Texts of some rows that the earlier version did not have, the most frequent first."""
    kind = kind_of(column)
    if not kind.has_levels or before.bins is None:
        return ()
    known = {
        *before.bins.get("levels", ()),
        *before.bins.get("grouped", ()),
        *(one.text for one in before.top),
    }
    values, places = kind.distinct(column)
    rows = np.bincount(places[places >= 0], minlength=len(values))
    new = [
        ValueCount(str(value), int(count))
        for value, count in zip(values, rows, strict=True)
        if count >= LEAST_OF_A_LEVEL and value not in known
    ]
    return tuple(sorted(new, key=lambda one: -one.rows)[:MOST_LEVELS])
