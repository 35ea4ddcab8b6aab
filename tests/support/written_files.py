"""Tables written as files of other programs."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet


def ndjson(rows: Sequence[Any]) -> bytes:
    """One JSON value a line."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def xlsx(*rows: Sequence[Any], **sheets: Sequence[Sequence[Any]]) -> bytes:
    """An Excel file: ``rows`` in the first sheet, called Sheet, and further ``sheets``."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, own in sheets.items():
        sheet = book.create_sheet(name)
        for row in own:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_xml(cells: str, prefix: str = "") -> bytes:
    """An Excel file whose one sheet has ``cells`` as XML, its names with a ``prefix``."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(["a"]))) as given,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in given.namelist():
            text = given.read(name)
            if name == "xl/worksheets/sheet1.xml":
                main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                space = f'xmlns:{prefix[:-1]}="{main}"' if prefix else f'xmlns="{main}"'
                rows = f"<{prefix}sheetData>{cells}</{prefix}sheetData>"
                text = f"<{prefix}worksheet {space}>{rows}</{prefix}worksheet>".encode()
            made.writestr(name, text)
    return out.getvalue()


def parquet(table: pa.Table | Mapping[str, Any], **options: Any) -> bytes:
    """A Parquet file."""
    out = io.BytesIO()
    pa.parquet.write_table(table if isinstance(table, pa.Table) else pa.table(table), out, **options)
    return out.getvalue()


def feather(table: pa.Table | Mapping[str, Any], **options: Any) -> bytes:
    """A Feather file, which is an Arrow file."""
    out = io.BytesIO()
    pa.feather.write_feather(table if isinstance(table, pa.Table) else pa.table(table), out, **options)
    return out.getvalue()


def arrow_stream(table: pa.Table | Mapping[str, Any]) -> bytes:
    """An Arrow stream."""
    made = table if isinstance(table, pa.Table) else pa.table(table)
    out = io.BytesIO()
    with pa.ipc.new_stream(out, made.schema) as writer:
        writer.write_table(made)
    return out.getvalue()
