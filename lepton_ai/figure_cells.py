"""The figures of a column as the cells of a table that a person reads."""

import numpy as np

from lepton_ai.show import figure
from lepton_core.table import ColumnFigures, Numbers
from lepton_core.table.kinds import BY_NAME

HEAD = ("column", "kind", "missing", "mean", "std", "min", "max", "distinct")
"""The head over the cells."""

_DAY = 86_400


def figure_cells(one: ColumnFigures, name: str) -> list[str]:
    """The cells under `HEAD`, with ``name`` in place of the column's own; a date is a date, and its spread one of days.

    >>> figure_cells(ColumnFigures("day", "date", 0, 129600.0, 43200.0, 86400.0, 172800.0), "day")
    ['day', 'date', '0', '1970-01-02', '0.5 days', '1970-01-02', '1970-01-03', '']
    """
    distinct = "" if one.distinct is None else str(one.distinct)
    kind = BY_NAME[one.kind]
    if kind.quantitative and kind.moves:
        spread = "" if one.std is None else f"{figure(one.std / _DAY)} days"
        shown = [_day(one, one.mean), spread, _day(one, one.min), _day(one, one.max)]
    else:
        shown = ["" if n is None else figure(n) for n in (one.mean, one.std, one.min, one.max)]
    return [name, one.kind, str(one.missing), *shown, distinct]


def _day(one: ColumnFigures, value: float | None) -> str:
    if value is None:
        return ""
    [text] = BY_NAME[one.kind].names(Numbers(one.name, np.array([value]), one.kind, one.notation))
    return text.partition("T")[0]
