"""From the bytes of a text file to names and cells: encoding, dialect, header, rows that are wrong."""

from lepton_core.table.files.sheet import CHUNK_ROWS, Sheet, open_sheet
from lepton_core.table.files.spelling import is_value
from lepton_core.table.files.unpacking import MOST_BYTES
from lepton_core.table.files.values import BAD_ROWS, Dialect, Note, Options, SetAside

__all__ = [
    "BAD_ROWS",
    "CHUNK_ROWS",
    "MOST_BYTES",
    "Dialect",
    "Note",
    "Options",
    "SetAside",
    "Sheet",
    "is_value",
    "open_sheet",
]
