"""A table of typed columns: read from CSV or from rows, packed as arrays, described and split."""

from typing import TYPE_CHECKING

from lepton_core.later import later
from lepton_core.table.columns import MISSING, Categories, Column, Numbers, Texts
from lepton_core.table.describing import Describing, describe, described_schema
from lepton_core.table.kinds import BY_NAME, KINDS, ColumnFigures, Kind, kind_of
from lepton_core.table.labels import check_label, infer_label
from lepton_core.table.packing import pack_table, unpack_table
from lepton_core.table.reading_options import ReadingOptions, check_reading
from lepton_core.table.row_keys import row_keys
from lepton_core.table.rows import Filled, Ignored, ReadRows, Unknown, read_rows, rows_to_table
from lepton_core.table.schema import ColumnSchema, Schema
from lepton_core.table.source import Parts, Source, collect, concatenate, split_parts
from lepton_core.table.split import BY_FILE, CONTENT, COPIES, Split
from lepton_core.table.splitting import Rows, asked_split, split_rows
from lepton_core.table.strata import Strata
from lepton_core.table.table import Table
from lepton_core.table.written_numbers import written_numbers

if TYPE_CHECKING:
    from lepton_core.table.csv_columns import Wanted
    from lepton_core.table.files.unpacking import unpacks_beyond
    from lepton_core.table.formats import is_packed, is_plain_text
    from lepton_core.table.given import given_cell, given_column
    from lepton_core.table.handing_over import handed_over
    from lepton_core.table.large.text import is_large_text
    from lepton_core.table.parse import Read, parse_csv, read_csv
    from lepton_core.table.reading import read_file, read_large_file
    from lepton_core.table.reading_given import read_given
    from lepton_core.table.second_file import with_held_out

__all__ = [
    "BY_FILE",
    "BY_NAME",
    "CONTENT",
    "COPIES",
    "KINDS",
    "MISSING",
    "Categories",
    "Column",
    "ColumnFigures",
    "ColumnSchema",
    "Describing",
    "Filled",
    "Ignored",
    "Kind",
    "Numbers",
    "Parts",
    "Read",
    "ReadRows",
    "ReadingOptions",
    "Rows",
    "Schema",
    "Source",
    "Split",
    "Strata",
    "Table",
    "Texts",
    "Unknown",
    "Wanted",
    "asked_split",
    "check_label",
    "check_reading",
    "collect",
    "concatenate",
    "describe",
    "described_schema",
    "given_cell",
    "given_column",
    "handed_over",
    "infer_label",
    "is_large_text",
    "is_packed",
    "is_plain_text",
    "join_rows",
    "kind_of",
    "pack_table",
    "parse_csv",
    "read_csv",
    "read_file",
    "read_given",
    "read_large_file",
    "read_rows",
    "row_keys",
    "rows_to_table",
    "split_parts",
    "split_rows",
    "unpack_table",
    "unpacks_beyond",
    "with_held_out",
    "written_numbers",
]

__getattr__ = later(
    __name__,
    {
        "Read": "parse",
        "Wanted": "csv_columns",
        "given_cell": "given",
        "given_column": "given",
        "handed_over": "handing_over",
        "is_large_text": "large.text",
        "is_packed": "formats",
        "is_plain_text": "formats",
        "unpacks_beyond": "files.unpacking",
        "join_rows": "joining",
        "parse_csv": "parse",
        "read_csv": "parse",
        "read_file": "reading",
        "read_given": "reading_given",
        "read_large_file": "reading",
        "with_held_out": "second_file",
    },
)
