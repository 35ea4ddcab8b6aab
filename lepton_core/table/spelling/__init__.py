"""How cells are spelled, and what kind a column of cells is: pure functions of texts."""

from lepton_core.table.spelling.booleans import boolean_of
from lepton_core.table.spelling.dates import DateNotation, date_notation, read_date
from lepton_core.table.spelling.decision import Decision
from lepton_core.table.spelling.durations import DurationNotation, duration_notation, read_duration
from lepton_core.table.spelling.many_dates import read_dates
from lepton_core.table.spelling.missing import MISSING_SPELLINGS, is_missing
from lepton_core.table.spelling.numbers import NumberNotation, number_notation, read_later_number, read_number
from lepton_core.table.spelling.recognise import recognise

__all__ = [
    "MISSING_SPELLINGS",
    "DateNotation",
    "Decision",
    "DurationNotation",
    "NumberNotation",
    "boolean_of",
    "date_notation",
    "duration_notation",
    "is_missing",
    "number_notation",
    "read_date",
    "read_dates",
    "read_duration",
    "read_later_number",
    "read_number",
    "recognise",
]
