"""From the bytes of a text file to names and cells: encoding, dialect, header, rows that are wrong."""

from typing import TYPE_CHECKING

from lepton_core.later import later
from lepton_core.table.files.values import BAD_ROWS, Dialect, Note, Options, SetAside

if TYPE_CHECKING:
    from lepton_core.table.files.sheet import CHUNK_ROWS, Sheet, open_sheet
    from lepton_core.table.files.spelling import is_value
    from lepton_core.table.files.unpacking import MOST_BYTES, MOST_RATIO

__all__ = [
    "BAD_ROWS",
    "CHUNK_ROWS",
    "MOST_BYTES",
    "MOST_RATIO",
    "Dialect",
    "Note",
    "Options",
    "SetAside",
    "Sheet",
    "is_value",
    "open_sheet",
]

__getattr__ = later(
    __name__,
    {
        "CHUNK_ROWS": "sheet",
        "MOST_BYTES": "unpacking",
        "MOST_RATIO": "unpacking",
        "Sheet": "sheet",
        "is_value": "spelling",
        "open_sheet": "sheet",
    },
)
