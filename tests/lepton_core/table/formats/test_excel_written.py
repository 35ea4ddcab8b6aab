"""Further cells in a sheet of Excel: each stands behind its row, and nothing else in the file changes."""

import io
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from lepton_core.errors import InvalidData, TooLarge
from lepton_core.table.file_rows import file_rows
from lepton_core.table.formats.excel_written import with_cells
from tests.support.written_files import sheet_xml, xlsx

MAIN = "xl/worksheets/sheet1.xml"


def book() -> bytes:
    """A title, names, dates, a formula, a gap, formats, a row that is missing, and another sheet."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet["B2"] = "Report of May"
    for column, name in enumerate(["when", "amount", "twice"], start=2):
        sheet.cell(4, column, name).font = Font(bold=True)
    for row in (5, 6, 8):
        sheet.cell(row, 2, datetime(2024, 5, row)).number_format = "DD.MM.YYYY"
        sheet.cell(row, 3, row * 1.5).number_format = "#,##0.00"
        sheet.cell(row, 4, f"=C{row}*2")
    made.create_sheet("other")["A1"] = "stays"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def cells(data: bytes, sheet: str) -> dict[str, Any]:
    """Each cell with its value, its format and its font."""
    rows = openpyxl.load_workbook(io.BytesIO(data))[sheet].iter_rows()
    found = {one.coordinate: (one.value, one.number_format, one.font.bold) for row in rows for one in row}
    return {place: one for place, one in found.items() if one[0] is not None}


def test_cells_stand_behind_all_others_and_nothing_else_changes() -> None:
    data = book()
    added = [(4, ["label", "P"]), (5, ["yes", 0.1]), (7, [None, "empty"]), (8, ["no", 1 / 3]), (10, ["x", 2])]
    made = with_cells(data, "Sheet", iter(added))
    before, after = cells(data, "Sheet"), cells(made, "Sheet")
    assert {place: after[place] for place in before} == before
    assert {place: one[0] for place, one in after.items() if place not in before} == {
        **{"E4": "label", "F4": "P", "E5": "yes", "F5": 0.1, "F7": "empty"},
        **{"E8": "no", "F8": 1 / 3, "E10": "x", "F10": 2},
    }
    assert cells(made, "other") == cells(data, "other")
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(io.BytesIO(made)) as written:
        assert given.namelist() == written.namelist()
        others = [name for name in given.namelist() if name != MAIN]
        assert [written.read(name) for name in others] == [given.read(name) for name in others]
    assert with_cells(data, "Sheet", iter(added)) == made
    again = file_rows(made)
    assert again.columns == ("when", "amount", "twice", "label", "P")
    assert again.rows[0] is not None and again.rows[0][1:] == [7.5, None, "yes", 0.1]


@pytest.mark.parametrize(
    "text", ["=1+1", "<a & b>", " x ", "a\nb", "\x00\x1f", "_x0041_", "1e5", "\u20ac", "\r"]
)
def test_a_text_is_one_whatever_it_looks_like(text: str) -> None:
    made = with_cells(xlsx(["a"], [1]), "Sheet", iter([(2, [text])]))
    one = openpyxl.load_workbook(io.BytesIO(made))["Sheet"]["B2"]
    assert (openpyxl.utils.escape.unescape(one.value), one.data_type) == (text, "s")


def test_names_of_xml_with_a_prefix_and_rows_without_a_number_are_read() -> None:
    first, second = (f'<x:c r="A{row}"><x:v>{row}</x:v></x:c></x:row>' for row in (1, 2))
    rows = f'<x:row>{first}<x:row spans="1:1">{second}<x:row/>'
    made = with_cells(sheet_xml(rows, "x:"), "Sheet", iter([(1, ["one"]), (2, ["two"]), (3, ["three"])]))
    found = openpyxl.load_workbook(io.BytesIO(made))["Sheet"].iter_rows(values_only=True)
    assert list(found) == [(1, "one"), (2, "two"), (None, "three")]
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert b"spans" not in archive.read(MAIN)


def test_a_sheet_without_room_is_refused() -> None:
    with pytest.raises(TooLarge, match="no room for 16384 more columns; send it as CSV"):
        with_cells(xlsx(["a"], [1]), "Sheet", iter([(1, ["x"] * 16_384)]))


def test_rows_without_an_end_are_refused_in_time_that_grows_with_them() -> None:
    cell = '<row r="1"><c r="A1"><v>1</v></c></row>'
    with pytest.raises(InvalidData, match="has no end; send it as CSV"):
        with_cells(sheet_xml(cell + "<row>" * 1_000_000), "Sheet", iter([(1, ["x"])]))


def test_a_text_that_looks_like_cells_is_passed_over_once_and_is_none() -> None:
    text = f"<is><t>{':c ' * 300_000}:c r='ZZ1' </t></is>"
    rows = f'<row r="1"><c r="A1" t="inlineStr">{text}</c></row><row r="{"9" * 5000}"/>'
    made = with_cells(sheet_xml(rows), "Sheet", iter([(1, ["x"])]))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert b'</c><c r="B1" t="inlineStr">' in archive.read(MAIN)


ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "rows",
    [
        f"<!-- {ROW} -->{ROW}",
        f"<?old {ROW}?><?old?>{ROW}",
        '<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[</row>]]></t></is></c></row>',
    ],
)
def test_no_row_is_written_where_no_row_is(rows: str) -> None:
    with pytest.raises(InvalidData, match="in an unusual way; send it as CSV"):
        with_cells(sheet_xml(rows), "Sheet", iter([(1, ["x"])]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_sheet_that_is_there_twice_is_refused() -> None:
    out = io.BytesIO(sheet_xml(ROW))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(MAIN, archive.read(MAIN))
    with pytest.raises(InvalidData, match="cannot be written again; send it as CSV"):
        with_cells(out.getvalue(), "Sheet", iter([(1, ["x"])]))


def test_a_sheet_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidData, match="cannot be written again; send it as CSV"):
        with_cells(xlsx(["a"], [1]), "Nothing", iter([]))
