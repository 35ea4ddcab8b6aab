"""Files that are no CSV: JSON, Parquet, Arrow and Excel, known by their content, as typed columns."""

from lepton_core.table.formats.excel import SHEET
from lepton_core.table.formats.given_file import GivenFile
from lepton_core.table.formats.opening import is_plain_text, open_file

__all__ = ["SHEET", "GivenFile", "is_plain_text", "open_file"]
