"""Files of JSON, Parquet, Arrow and Excel that are broken or odd, and what each comes to."""

import io
import json
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.lepton_core.table.files.bad.made import lines, zipped


def parquet(columns: object, **options: object) -> bytes:
    """A Parquet file of these columns, by name, or of a table."""
    out = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), out, **options)
    return out.getvalue()


def excel(rows: list[list[object]]) -> bytes:
    """An Excel file of one sheet with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(cells: str, texts: str = "") -> bytes:
    """The Excel file with ``cells``, as XML, in its sheet, and these shared texts."""
    inside = zipfile.ZipFile(io.BytesIO(EXCEL))
    parts = {name: inside.read(name) for name in inside.namelist()}
    name = "xl/worksheets/sheet1.xml"
    before, _, rest = parts[name].decode().partition("<sheetData>")
    parts[name] = f"{before}<sheetData>{cells}</sheetData>{rest.partition('</sheetData>')[2]}".encode()
    if texts:
        parts["xl/sharedStrings.xml"] = f"<sst xmlns='{MAIN}'>{texts}</sst>".encode()
    return zipped(**parts)


def flipped(data: bytes, at: int) -> bytes:
    """``data`` with another byte there."""
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Y = ["pq"[i % 2] for i in range(40)]
TABLE = {"a": [i * 37 % 101 for i in range(40)], "y": Y}
PARQUET = parquet(TABLE)
CHECKED = parquet(TABLE, write_page_checksum=True, compression="none", use_dictionary=False)
EXCEL = excel([["a", "y"], *([i * 37 % 101, "pq"[i % 2]] for i in range(40))])
NAMES = "<row r='1'><c r='A1' t='inlineStr'><is><t>a</t></is></c><c r='B1' t='inlineStr'><is><t>y</t></is></c></row>"
CELLS = NAMES + "".join(
    f"<row r='{i}'><c r='A{i}'><v>{i * 7 % 11}</v></c><c r='B{i}'><v>{i % 2}</v></c></row>"
    for i in range(2, 9)
)
OBJECTS = tuple(f'{{"a": {i * 37 % 101}, "y": "{"pq"[i % 2]}"}}' for i in range(40))


def arrow() -> bytes:
    """An Arrow file of the table."""
    out = io.BytesIO()
    with pa.ipc.new_file(out, pa.schema([("a", pa.int64()), ("y", pa.string())])) as file:
        file.write_table(pa.table(TABLE))
    return out.getvalue()


# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "Parquet cut short": (
        PARQUET[:-200],
        "invalid_data: the Parquet file cannot be read: Parquet magic bytes not found in foot",
    ),
    "Parquet, its first bytes only": (
        PARQUET[:200],
        "invalid_data: the Parquet file cannot be read: Parquet magic bytes not found in foot",
    ),
    "Parquet with its footer spoilt": (
        flipped(PARQUET, len(PARQUET) - 6),
        "invalid_data: the Parquet file cannot be read: Parquet file size is 900 bytes, small",
    ),
    "Parquet with a page that is not what its checksum says": (
        flipped(CHECKED, 80),
        "invalid_data: the Parquet file cannot be read: could not verify page integrity, CRC ",
    ),
    "Parquet with text behind": (
        PARQUET + b'more',
        "invalid_data: the Parquet file cannot be read: Parquet magic bytes not found in foot",
    ),
    "Parquet of no rows": (
        parquet({'a': pa.array([], pa.int64()), 'y': pa.array([], pa.string())}),
        "invalid_data: there are no rows",
    ),
    "Parquet of no columns": (
        parquet(pa.table({})),
        "invalid_data: there are no rows",
    ),
    "Parquet with two columns of one name": (
        parquet(pa.Table.from_arrays([pa.array(TABLE['a']), pa.array(TABLE['a']), pa.array(Y)], ['a', 'a', 'y'])),
        "invalid_data: column 'a': there are two columns of this name; rename one",
    ),
    "Parquet with structs": (
        parquet({'a': [{'b': i, 'c': 'xy'[i % 2]} for i in TABLE['a']], 'y': Y}),
        "40 rows: a.b integer, a.c category, y category",
    ),
    "Parquet with lists": (
        parquet({'a': [[i] for i in range(40)], 'y': Y}),
        "invalid_data: column 'a': cells of type list<element: int64> are not taken; leave th",
    ),
    "Parquet with maps": (
        parquet({'a': pa.array([[('k', i)] for i in range(40)], pa.map_(pa.string(), pa.int64())), 'y': Y}),
        "invalid_data: column 'a': cells of type map<string, int64 ('a')> are not taken; leav",
    ),
    "Parquet with bytes": (
        parquet({'a': [bytes([255, i]) for i in range(40)], 'y': Y}),
        "invalid_data: column 'a': its cells are bytes; decode them to text first",
    ),
    "Parquet with numbers beyond float64": (
        parquet({'a': pa.array([10**75 + i for i in range(40)], pa.decimal256(76)), 'y': Y}),
        "40 rows: a number, y category",
    ),
    "Parquet with dates beyond the calendar": (
        parquet({'a': pa.array([2**62 + i for i in range(40)], pa.timestamp('us')), 'y': Y}),
        "invalid_data: column 'a': a date is beyond the years that are known",
    ),
    "Parquet with infinities": (
        parquet({'a': [float('inf'), float('nan'), -0.0, 1.5] * 10, 'y': Y}),
        "40 rows: a category, y category",
    ),
    "Parquet of a column of nothing": (
        parquet({'a': pa.nulls(40), 'b': TABLE['a'], 'y': Y}),
        "40 rows: a empty, b integer, y category",
    ),
    "Parquet with a page for each number": (
        parquet(TABLE, data_page_size=1, compression='none', use_dictionary=False, write_batch_size=1),
        "40 rows: a integer, y category",
    ),
    "Parquet with an empty name": (
        parquet({'': TABLE['a'], 'y': Y}),
        "40 rows: column_1 integer, y category",
    ),
    "Arrow cut short": (
        arrow()[:-20],
        "40 rows: a integer, y category",
    ),
    "Excel cut short": (
        EXCEL[:-100],
        "invalid_data: the zip archive is broken: File is not a zip file; get it again, or pa",
    ),
    "Excel of no cells": (
        excel([]),
        "invalid_data: the Excel file has no cells",
    ),
    "Excel with a cell in the last place there is": (
        with_sheet(NAMES + "<row r='1048576'><c r='XFD1048576'><v>2</v></c></row>"),
        "too_large: 1048576 rows of 16384 columns are nearly all empty; give fewer columns",
    ),
    "Excel with a cell beyond the last column": (
        with_sheet(NAMES + "<row r='2'><c r='ZZZ2'><v>2</v></c></row>"),
        "invalid_data: column 'y': no row has a label; fill the column, or name another one w",
    ),
    "Excel with 100,000 empty rows": (
        with_sheet(CELLS + ''.join(f"<row r='{i}'/>" for i in range(9, 100_000))),
        "7 rows: a integer, y integer",
    ),
    "Excel with a text that is not there": (
        with_sheet(NAMES + "<row r='2'><c r='A2' t='s'><v>999</v></c><c r='B2'><v>0</v></c></row>"),
        "invalid_data: the Excel file cannot be read: Cell string index not found in shared s",
    ),
    "Excel with a row twice": (
        with_sheet(CELLS + "<row r='3'><c r='A3'><v>99</v></c><c r='B3'><v>1</v></c></row>"),
        "7 rows: a integer, y integer",
    ),
    "Excel with XML that is broken": (
        with_sheet(CELLS[:-20]),
        "invalid_data: the cells of the Excel file do not say where they stand; save it again",
    ),
    "Excel with an entity": (
        with_sheet(CELLS.replace('<v>6</v>', '<v>&x;</v>', 1)),
        "7 rows: a integer, y integer",
    ),
    "Excel with numbers that are none": (
        with_sheet(CELLS.replace('<v>6</v>', '<v>seven</v>', 1)),
        "7 rows: a category, y integer",
    ),
    "Excel with 1e400": (
        with_sheet(CELLS.replace('<v>6</v>', '<v>1e400</v>', 1)),
        "7 rows: a category, y integer",
    ),
    "JSON nested 100,000 deep": (
        b'{"a": ' * 100_000 + b'1' + b'}' * 100_000,
        "invalid_data: line 1: this is no JSON: it is nested too deep",
    ),
    "JSON, one row of it nested 100,000 deep": (
        lines(*OBJECTS, '{"a": ' + '[' * 100_000 + ']' * 100_000 + ', "y": "p"}'),
        "40 rows: a integer, y category | said set_aside | aside 41",
    ),
    "JSON, a list cut short": (
        ('[' + ', '.join(OBJECTS)).encode(),
        "invalid_data: line 1: the JSON cannot be read: it ends too early; get the file again",
    ),
    "JSON, a list without a comma": (
        ('[' + ' '.join(OBJECTS[:9]) + ']').encode(),
        "invalid_data: line 1: the JSON cannot be read: a comma is missing; get the file agai",
    ),
    "JSON, a list with a comma at its end": (
        ('[' + ', '.join(OBJECTS) + ',]').encode(),
        "invalid_data: line 1: the JSON cannot be read: Expecting value; get the file again, ",
    ),
    "JSON, the last line cut": (
        lines(*OBJECTS)[:-8],
        "39 rows: a integer, y category | said set_aside | aside 40",
    ),
    "JSON, half a pair": (
        lines(*OBJECTS, '{"a": 1, "y": "\\ud83d"}'),
        "40 rows: a integer, y category | said set_aside | aside 41",
    ),
    "JSON, names that are half a pair": (
        lines(*(one.replace('"a"', '"\\ud83d"') for one in OBJECTS)),
        "invalid_data: line 1: half a surrogate pair is no text. 40 of 40 rows cannot be read",
    ),
    "JSON, 1e400 in it": (
        lines(*OBJECTS, '{"a": 1e400, "y": "p"}'),
        "41 rows: a integer, y category | said infinite | misfits 'inf' | doubt a",
    ),
    "JSON, a number of 5,000 digits": (
        lines(*OBJECTS, '{"a": ' + '9' * 5000 + ', "y": "p"}'),
        "40 rows: a integer, y category | said set_aside | aside 41",
    ),
    "JSON, a key twice": (
        lines(*OBJECTS, '{"a": 1, "a": 2, "y": "p"}'),
        "40 rows: a integer, y category | said set_aside | aside 41",
    ),
    "JSON, an empty key": (
        lines(*(one.replace('"a"', '""') for one in OBJECTS)),
        "40 rows: column_1 integer, y category",
    ),
    "JSON, keys that differ by blanks": (
        lines(*(one.replace('{', '{" a": 5, ') for one in OBJECTS)),
        "invalid_data: line 1: the name 'a' is there twice. 40 of 40 rows cannot be read: the",
    ),
    "JSON in UTF-16": (
        '\n'.join(OBJECTS).encode('utf-16'),
        "40 rows: a integer, y category",
    ),
    "JSON with a comment": (
        lines('// made by me', *OBJECTS),
        "invalid_data: line 2: here begin objects, one a line, but the file is no JSON; leave",
    ),
    "JSON of columns": (
        json.dumps(TABLE).encode(),
        "invalid_data: this is one JSON object of columns; write rows: frame.to_json(path, or",
    ),
    "JSON of lists": (
        json.dumps([['a', 'y'], *([i, 'pq'[i % 2]] for i in range(40))]).encode(),
        "invalid_data: line 1: it is no object: write each row as {name: value, ...}. 41 of 4",
    ),
    "JSON with a NUL in a text": (
        lines(*OBJECTS, '{"a": 1, "y": "\\u0000"}'),
        "41 rows: a integer, y category",
    ),
    "JSON with a NUL byte": (
        lines(*OBJECTS, '{"a": 1, "y": "p\0"}'),
        "40 rows: a integer, y category | said set_aside | aside 41",
    ),
    "JSON in quotes of Python": (
        lines(*(one.replace('"', "'") for one in OBJECTS)),
        "invalid_data: line 1: here begin objects, one a line, but the file is no JSON; write",
    ),
}
# fmt: on
