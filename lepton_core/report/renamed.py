"""Whether a column that is new is one of an earlier version under another name."""

from collections.abc import Sequence

import numpy as np

from lepton_core.drift.statistics.psi import PSI
from lepton_core.errors import LeptonError
from lepton_core.report.relation import binned
from lepton_core.report.sampling import sample
from lepton_core.report.values import ColumnReport
from lepton_core.table import BY_NAME, Table
from lepton_core.table.columns import Column

_ALIKE = 0.5
"""Up to this PSI a column may be the same one: months later it has moved, and another one lies elsewhere."""

_LEVEL = 0.99


def looks_like(before: ColumnReport, table: Table, new: Sequence[str]) -> str | None:
    """The column, of those of ``table`` that are ``new``, that is of the kind of ``before`` and distributed as it was.

    None if there is no such column. Of dates, which move on, and of a column that tells rows apart the kind is enough,
    if it is the only new one of that kind.

    >>> from lepton_core.report import make_report
    >>> from lepton_core.table import read_csv
    >>> rows = "".join(f"{i % 7}.5,{i % 3},{'yes' if i % 2 else 'no'}\\n" for i in range(99))
    >>> zips = make_report(read_csv(f"zip,b,paid\\n{rows}".encode())).columns[0]
    >>> looks_like(zips, read_csv(f"code,b,paid\\n{rows}".encode()).table, ["b", "code"])
    'code'
    """
    of_kind = [name for name in new if table[name].kind == before.kind]
    kind = BY_NAME[before.kind]
    if kind.is_open or not of_kind:
        return None
    if before.bins is None or kind.left_out or kind.moves:
        return of_kind[0] if len(of_kind) == 1 else None
    rows = sample(table.select(of_kind))
    far = {name: _distance(before, rows[name]) for name in of_kind}
    nearest = min(far, key=lambda name: far[name])
    return nearest if far[nearest] <= 1 else None


def _distance(before: ColumnReport, column: Column) -> float:
    """The PSI, as a share of what is still taken for the same column."""
    try:
        bins = BY_NAME[before.kind].read_bins(before.bins or {}, before.name)
    except LeptonError:
        return np.inf
    places = binned(column, bins)
    expected = np.array(bins.counts, dtype=np.int64)
    actual = np.bincount(places.places, minlength=places.many)
    if not expected.sum() or not actual.sum():
        return np.inf
    filled = int(np.count_nonzero(expected + actual))
    most = max(_ALIKE, PSI.noise(_LEVEL, filled, int(expected.sum()), int(actual.sum())))
    return float(PSI.distance(expected, actual)) / most
