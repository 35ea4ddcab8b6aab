"""What is to know of a table before anything is trained on it."""

from lepton_core.report.make import Earlier, make_report
from lepton_core.report.values import (
    Changes,
    ColumnReport,
    Finding,
    LabelReport,
    Report,
    Retyped,
    ValueCount,
)

__all__ = [
    "Changes",
    "ColumnReport",
    "Earlier",
    "Finding",
    "LabelReport",
    "Report",
    "Retyped",
    "ValueCount",
    "make_report",
]
