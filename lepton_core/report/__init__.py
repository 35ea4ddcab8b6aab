"""What is to know of a table before anything is trained on it."""

from typing import TYPE_CHECKING

from lepton_core.later import later
from lepton_core.report.values import (
    Changes,
    ColumnReport,
    Finding,
    LabelReport,
    Report,
    Request,
    Retyped,
    ValueCount,
)

if TYPE_CHECKING:
    from lepton_core.report.make import Earlier, make_report

__all__ = [
    "Changes",
    "ColumnReport",
    "Earlier",
    "Finding",
    "LabelReport",
    "Report",
    "Request",
    "Retyped",
    "ValueCount",
    "make_report",
]

__getattr__ = later(__name__, {"Earlier": "make", "make_report": "make"})
