"""What is to know of a table before anything is trained on it."""

from typing import TYPE_CHECKING

from lepton_core.later import later
from lepton_core.report.values import (
    Changes,
    ColumnReport,
    Difference,
    Finding,
    LabelReport,
    Report,
    Retyped,
    RowDifference,
    ValueCount,
)

if TYPE_CHECKING:
    from lepton_core.report.differ import difference
    from lepton_core.report.make import Earlier, make_report

__all__ = [
    "Changes",
    "ColumnReport",
    "Difference",
    "Earlier",
    "Finding",
    "LabelReport",
    "RemedyRequest",
    "Report",
    "Retyped",
    "RowDifference",
    "ValueCount",
    "difference",
    "make_report",
]

__getattr__ = later(__name__, {"Earlier": "make", "difference": "differ", "make_report": "make"})
