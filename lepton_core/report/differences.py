"""The difference between two versions of a data set, as values: they are sent and shown."""

from dataclasses import dataclass
from typing import Any

from lepton_core.report.values import Changes


@dataclass(frozen=True)
class RowDifference:
    """Rows that only one of two versions has: how many, and the first of them, each with a cell a column."""

    count: int
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Difference:
    """What changed from version ``since``, which had ``rows_before``, to ``version``, which has ``rows_now``.

    Rows are compared by what they hold in the columns ``compared``, which both have, and by how manyth copy of that
    they are; ``kept`` are in both. ``changes`` are those of columns, and how far each moved, as the report of a version
    has them; without drift where there is no report of the earlier one.
    """

    since: int
    version: int
    rows_before: int
    rows_now: int
    kept: int
    compared: tuple[str, ...]
    added: RowDifference
    removed: RowDifference
    label_before: str
    label_now: str
    changes: Changes
