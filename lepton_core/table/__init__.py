"""A table of typed columns: read from CSV or from rows, packed as arrays, described and split."""

from lepton_core.table.columns import MISSING, Categories, Column, Numbers
from lepton_core.table.describing import describe, described_schema
from lepton_core.table.kinds import BY_NAME, KINDS, ColumnFigures, Kind, kind_of
from lepton_core.table.labels import check_label, infer_label
from lepton_core.table.packing import pack_table, unpack_table
from lepton_core.table.parse import parse_csv
from lepton_core.table.rows import rows_to_table
from lepton_core.table.schema import ColumnSchema, Schema
from lepton_core.table.source import Parts, Source, collect, concatenate, split_parts
from lepton_core.table.splitting import split_rows
from lepton_core.table.table import Table

__all__ = [
    "BY_NAME",
    "KINDS",
    "MISSING",
    "Categories",
    "Column",
    "ColumnFigures",
    "ColumnSchema",
    "Kind",
    "Numbers",
    "Parts",
    "Schema",
    "Source",
    "Table",
    "check_label",
    "collect",
    "concatenate",
    "describe",
    "described_schema",
    "infer_label",
    "kind_of",
    "pack_table",
    "parse_csv",
    "rows_to_table",
    "split_parts",
    "split_rows",
    "unpack_table",
]
