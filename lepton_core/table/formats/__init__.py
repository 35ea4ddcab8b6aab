"""Files that are no CSV: JSON, Parquet, Arrow and Excel, known by their content, as typed columns."""

from lepton_core.table.formats.arrow import read_arrow_stream
from lepton_core.table.formats.excel import SHEET
from lepton_core.table.formats.given_file import GivenFile
from lepton_core.table.formats.library import has_pyarrow
from lepton_core.table.formats.opening import is_packed, is_plain_text, open_file

__all__ = [
    "SHEET",
    "GivenFile",
    "has_pyarrow",
    "is_packed",
    "is_plain_text",
    "open_file",
    "read_arrow_stream",
]
