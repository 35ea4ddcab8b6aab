"""What two versions of a data set have in common, and what only one of them has: columns, rows, distributions."""

from dataclasses import replace
from typing import Any

import numpy as np

from lepton_core.report.changes import compare
from lepton_core.report.make import DETAILED_COLUMNS, Earlier
from lepton_core.report.sampling import sample
from lepton_core.report.values import Changes, Difference, LabelReport, Retyped, RowDifference
from lepton_core.table import Table, kind_of, row_keys
from lepton_core.table.hashing import HashArray

MOST_SHOWN = 10
"""Rows of each side that are shown."""


def difference(
    before: Table, now: Table, labels: tuple[str, str], numbers: tuple[int, int], earlier: Earlier | None
) -> Difference:
    """The difference between two tables with these ``labels`` and version ``numbers``, earlier first.

    ``earlier`` is the report of the first one.

    >>> from lepton_core.table import Numbers
    >>> def rows(*values):
    ...     return Table((Numbers("a", np.array(values)), Numbers("y", np.zeros(len(values)))))
    >>> found = difference(rows(1.0, 2.0), rows(2.0, 2.0, 3.0), ("y", "y"), (1, 2), None)
    >>> found.kept, found.added.rows, found.removed.rows
    (1, ((2.0, 0.0), (3.0, 0.0)), ((1.0, 0.0),))
    """
    shared = tuple(name for name in now.names if name in before)
    own, others = _keys(now, shared), _keys(before, shared)
    added, removed = ~np.isin(own, others), ~np.isin(others, own)
    return Difference(
        since=numbers[0],
        version=numbers[1],
        rows_before=before.rows,
        rows_now=now.rows,
        kept=now.rows - int(added.sum()),
        compared=shared,
        added=_some(now, np.flatnonzero(added)),
        removed=_some(before, np.flatnonzero(removed)),
        label_before=labels[0],
        label_now=labels[1],
        changes=_changes(before, now, labels, numbers[0], earlier),
    )


def _keys(table: Table, names: tuple[str, ...]) -> HashArray:
    return row_keys(table.select(names)) if names else np.arange(table.rows, dtype=np.uint64)


def _some(table: Table, places: Any) -> RowDifference:
    names = table.names[:DETAILED_COLUMNS]
    shown = table.select(names).take(places[:MOST_SHOWN])
    cells = [kind_of(column).cells(column) for column in shown.columns]
    return RowDifference(len(places), names, tuple(zip(*cells, strict=True)), len(table.names) - len(names))


def _changes(
    before: Table, now: Table, labels: tuple[str, str], since: int, earlier: Earlier | None
) -> Changes:
    kinds = before.schema.kinds
    columns = Changes(
        since,
        added=tuple(name for name in now.names if name not in kinds),
        removed=tuple(name for name in before.names if name not in now),
        retyped=tuple(
            Retyped(name, kinds[name], kind)
            for name, kind in now.schema.kinds.items()
            if name in kinds and kinds[name] != kind
        ),
    )
    if earlier is None:
        return columns
    report = earlier.report
    if labels[0] != labels[1]:  # nothing is known of what the columns told of the other label
        report = replace(report, label=LabelReport(labels[1]))
    near = tuple(dict.fromkeys((*now.names[:DETAILED_COLUMNS], labels[1])))
    found = compare(
        sample(now.select(near)), labels[1], report, since, now.schema.kinds, now[labels[1]]
    ).changes
    return replace(found, added=columns.added, removed=columns.removed, retyped=columns.retyped)
