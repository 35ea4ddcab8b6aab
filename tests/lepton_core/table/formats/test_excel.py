"""An Excel file is the table that a reader sees in it: pandas' own reader is the judge of its cells."""

import datetime as dt
import io
import subprocess
import sys
import zipfile
from contextlib import suppress
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai.frames import table_from_frame
from lepton_core.errors import InvalidData, InvalidInput, LeptonError, TooLarge
from lepton_core.report import make_report
from lepton_core.table import ReadingOptions, read_file
from lepton_core.table.file_rows import file_rows
from lepton_core.table.formats import GivenFile, open_file
from lepton_core.table.formats.excel_formulas import member_of
from lepton_core.table.formats.excel_sizes import demand_bounded
from tests.support.sampling import examples
from tests.support.written_files import ndjson, sheet_xml, xlsx

LETTERS = st.text("abcxyz é;,\"'0123", min_size=1, max_size=8).map(str.strip).filter(bool)
CELLS = (
    st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.floats(-1e9, 1e9).map(lambda value: float(f"{value:.6g}"))
    | st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2090, 1, 1)).map(
        lambda when: when.replace(microsecond=0)
    )
    | LETTERS
)


def opened(data: bytes, **said: object) -> GivenFile:
    found = open_file(data, ReadingOptions(**said))  # type: ignore[arg-type]
    assert isinstance(found, GivenFile)
    return found


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.lists(CELLS | st.none(), min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_cells_are_those_that_another_reader_finds(rows):
    rows = [["first", 1, True], *rows]
    data = xlsx(["age of all", "town", "paid at"], *rows)
    frame = pd.read_excel(
        io.BytesIO(data), engine="openpyxl", dtype=object, keep_default_na=False, na_values=[""]
    )
    assert opened(data, header=1).table == table_from_frame(frame.dropna(how="all").astype(object))


def test_titles_empty_rows_and_columns_are_what_they_are_in_a_text_file():
    data = xlsx(
        ["Report"], [], ["age", "town", "paid"], [31, "Bonn", "yes"], [], [47, "Ulm", "no"], [None, "", None]
    )
    found = opened(data)
    assert found.table.names == ("age", "town", "paid") and found.table.rows == 2
    assert [note.code for note in found.notes] == ["lines_above"]
    assert opened(xlsx(["", "x", "x"], [0, 5, 1], [1, 7, 2])).table.names == ("x", "x_2")
    assert opened(xlsx([5.5, 1], [4.5, 0], [3.5, 1])).table.names == ("column_1", "column_2")
    assert opened(xlsx(["2019", "2020"], [4, 0], [3, 1])).table.names == ("2019", "2020")
    assert opened(xlsx([1, 2], [3, 4]), names=("a", "b"), header=False).table.names == ("a", "b")


MONTHS = [
    [place % 9, f"town {place % 5}", f"2024-0{place % 9 + 1}-11", place % 2 == 0] for place in range(40)
]
HEAD = ["age", "town", "paid at", "open"]


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("total", ["Total", "Gesamtergebnis", "Razem:", None])
@pytest.mark.parametrize("notes", [[], ["Source: the office"], ["* as of May", "Source: the office"]])
@pytest.mark.parametrize("again", [(), (20,), (1, 20, 40)])
def test_a_header_that_comes_again_and_a_total_are_left_out_as_from_a_text_file(
    typed: bool, total: str | None, notes: list[str], again: tuple[int, ...]
) -> None:
    rows = MONTHS if typed else [list(map(str, row)) for row in MONTHS]
    sheet = [HEAD, *rows]
    for place in sorted(again, reverse=True):
        sheet.insert(place, HEAD)
    sheet += [[None, total, None, True], *([one, None, None, None] for one in notes)] if total else []
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in sheet)
    found, wanted = read_file(xlsx(*sheet), label="open"), read_file(text.encode(), label="open")
    assert found.table.rows == wanted.table.rows == len(MONTHS)
    assert found.table.schema.kinds == read_file(xlsx(HEAD, *rows), label="open").table.schema.kinds
    assert [(one.line, one.reason) for one in found.set_aside] == [
        (one.line, one.reason) for one in wanted.set_aside
    ]
    said = [(one.code, one.message, one.line, one.remedy) for one in wanted.notes if one.code != "no_label"]
    assert [(one.code, one.message, one.line, one.remedy) for one in found.notes] == said
    assert ("total" in {one[0] for one in said}) == bool(total)
    kept = read_file(xlsx(*sheet), ReadingOptions(bad_rows=0.0), label="open")
    assert kept.table.rows == len(MONTHS) + bool(total)  # notes have no label
    data, other = file_rows(xlsx(*sheet)), file_rows(text.encode())
    assert data.unread == other.unread
    assert [row is None for row in data.rows] == [row is None for row in other.rows]


def test_a_word_for_a_total_that_stands_elsewhere_too_is_none() -> None:
    rows = [["Total" if place % 9 == 0 else "part", place] for place in range(37)]
    assert opened(xlsx(["what", "many"], *rows)).table.rows == 37


def test_several_sheets_are_said_and_can_be_named():
    data = xlsx(one=[["a", "b"], [1, 2]], two=[["c", "d"], [3, 4]])
    found = opened(data)
    assert found.table.names == ("a", "b")
    assert found.notes[0].message == "the sheet 'one' was read; there are also 'two'"
    assert opened(data, sheet="two").table.names == ("c", "d")
    with pytest.raises(
        InvalidInput, match="there is no sheet 'three'; there are 'Sheet', 'one', 'two'"
    ) as caught:
        opened(data, sheet="three")
    assert caught.value.field == "sheet"
    with pytest.raises(InvalidData, match="no cells"):
        opened(xlsx())


def test_errors_are_missing_and_formulas_are_what_excel_kept():
    row = '<row r="{0}"><c r="A{0}" t="str"><f>1</f><v>{1}</v></c><c r="B{0}" {2}</c></row>'
    cells = [(1, "a", 't="str"><v>b</v>'), (2, "x", 't="e"><v>#N/A</v>'), (3, "y", "><f>1+1</f><v>2</v>")]
    table = opened(sheet_xml("".join(row.format(*one) for one in cells))).table
    assert table.names == ("a", "b") and table["b"].missing.tolist() == [True, False]
    assert table["b"].values[1] == 2


def with_formulas(value: str, prefix: str = "") -> bytes:
    """A sheet from B2 on, whose column C holds formulas, and each of them ``value``."""
    text = '<{{0}}c r="{0}2" t="inlineStr"><{{0}}is><{{0}}t>{1}</{{0}}t></{{0}}is></{{0}}c>'.format
    row = '<{0}row r="{1}"><{0}c r="B{1}"><{0}v>{1}</{0}v></{0}c><{0}c r="C{1}"><{0}f>B{1}*2</{0}f>{2}</{0}c></{0}row>'
    names = '<{0}row r="2">' + text("B", "b") + text("C", "c") + "</{0}row>"
    rows = (row.format(prefix, number, value.format(prefix)) for number in range(3, 33))
    return sheet_xml(names.format(prefix) + "".join(rows), prefix)


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("value", ["", "<{0}v/>", "<{0}v />", "<{0}v></{0}v>"])
def test_formulas_of_which_the_file_keeps_no_value_are_said(prefix: str, value: str) -> None:
    found = opened(with_formulas(value, prefix))
    [note] = [one for one in found.notes if one.code == "formulas"]
    assert note.column == "c" and note.message.startswith("30 cells are formulas in 'c' of which")
    assert found.table["c"].missing.all() and not found.table["b"].missing.any()


def test_a_formula_with_a_value_or_in_another_sheet_needs_no_word() -> None:
    kept = with_formulas("<{0}v>4</{0}v>")
    empty = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="str"><f>C1</f><v></v></c><c r="C1"><v>1</v></c></row>'
    )
    assert not [one for one in opened(kept).notes if one.code == "formulas"]
    assert not [one for one in opened(sheet_xml(empty), header=False).notes if one.code == "formulas"]
    rows = [["a", "b"], *([i, 2 * i] for i in range(30))]
    formulas = [["a", "b"], *([i, f"=A{i + 2}*2"] for i in range(30))]
    book = xlsx(*rows, **{"<&> 'ä'": formulas})
    assert not [one for one in opened(book).notes if one.code == "formulas"]
    said = [one.message for one in opened(book, sheet="<&> 'ä'").notes if one.code == "formulas"]
    assert len(said) == 1 and "30 cells are formulas in 'b'" in said[0]


@pytest.mark.parametrize(
    ("names", "at", "column"),
    [
        (["a", "b", None], 2, "column C"),
        ([None, "a", "b"], 0, "column A"),
        (["a", "b", None, None], 3, "column D"),
        (["a", "b", None, None], (2, 3), "columns C, D"),
    ],
)
def test_formulas_in_a_column_without_a_name_are_said(names: list[Any], at: Any, column: str) -> None:
    places = at if isinstance(at, tuple) else (at,)

    def row(i: int) -> list[Any]:
        made = [i if name == "a" else i % 2 if name == "b" else None for name in names]
        for place in places:
            made[place] = f"=A{i + 2}+1"
        return made

    read = read_file(xlsx(names, *map(row, range(30))))
    assert read.table.names == ("a", "b")
    [note] = [one for one in read.notes if one.code == "formulas"]
    assert f"{30 * len(places)} cells are formulas in {column} of which" in note.message
    assert "no name" in note.message and "left out" in note.message
    assert [one.message for one in make_report(read).warnings if one.code == "formulas"] == [note.message]


def test_no_column_of_a_sheet_with_formulas_goes_unsaid() -> None:
    """Whatever stands where: each column with formulas that have no value is read and named, or named as left out."""
    for names in product(["a", None], repeat=3):
        for filled in product(["=1+1", 7, None], repeat=3):
            if not (
                set(filled) & {"=1+1"}
                and any(name and cell == 7 for name, cell in zip(names, filled, strict=True))
            ):
                continue
            header = [name and f"{name}{at}" for at, name in enumerate(names)]
            found = opened(xlsx(header, *([filled] * 4)))
            told = sum(int(one.message.split()[0]) for one in found.notes if one.code == "formulas")
            assert told == 4 * filled.count("=1+1"), (header, filled)


def test_a_sheet_of_formulas_without_values_alone_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        InvalidData, match="nothing but formulas of which it keeps no value; open the file in Excel"
    ):
        opened(xlsx(["=1+1", "=2+2"], ["=1+1", "=2+2"]))


def test_formulas_without_values_are_a_warning_of_the_report() -> None:
    rows = [["a", "b", "y"], *([i, i if i % 5 else f"=A{i + 2}*2", "uv"[i % 2]] for i in range(40))]
    read = read_file(xlsx(*rows))
    [warning] = [one for one in make_report(read).warnings if one.code == "formulas"]
    assert warning.column == "b" and "8 cells are formulas" in warning.message


def test_texts_have_the_kinds_that_they_have_in_other_files():
    names, texts = list("abcde"), [["01010", "1.5", "2024-01-31", "yes", f"w{n % 4}"] for n in range(40)]
    kinds = read_file(xlsx(names, *texts)).table.schema.kinds
    assert (
        kinds == read_file(ndjson([dict(zip(names, row, strict=True)) for row in texts])).table.schema.kinds
    )
    assert kinds == read_file("\n".join(",".join(row) for row in [names, *texts]).encode()).table.schema.kinds


def test_two_cells_far_apart_take_no_memory():
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(TooLarge, match="1048576 rows of 16384 columns are nearly all empty"):
        opened(sheet_xml(cells))
    for place in ('r="&#88;FD1048576"', 's="1"', "r='xfd9'"):
        with pytest.raises(InvalidData, match="do not say where they stand"):
            opened(sheet_xml(f'<row r="1"><c {place}><v>1</v></c></row>'))


@pytest.mark.slow
def test_what_unpacks_to_far_more_than_its_length_is_refused():
    out = io.BytesIO(xlsx(["a"]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as file:
        for _ in range(200):
            file.write(bytes(1 << 20))
    with pytest.raises(TooLarge, match="unpacks to more than"):
        opened(out.getvalue())


@pytest.mark.slow
def test_pictures_and_names_with_a_prefix_are_no_obstacle():
    out = io.BytesIO(xlsx(["a", "b"], [1, 2]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/media/image1.png", b"\x89PNG" + bytes(3 << 20))
    assert opened(out.getvalue()).table.names == ("a", "b")
    rows = "".join(
        f'<x:row r="{n}"><x:c r="A{n}"><x:v>{n}.5</x:v></x:c><x:c r="B{n}"><x:v>1</x:v></x:c></x:row>'
        for n in range(1, 30_001)
    )
    assert opened(sheet_xml(rows, "x:")).table.rows == 30_000


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_a_text_that_looks_like_a_cell_is_none(prefix: str) -> None:
    names = xlsx(["a", "b"], ["1:c of r", "<c r='B7'/>"], ["x", 'x:c r="ZZ9" s'])
    assert opened(names).table.rows == 2
    texts = ["name", *(f"{':c ' * 30_000}{n}" for n in range(2, 60))]
    rows = "".join(
        f'<{prefix}row r="{n}"><{prefix}c r="A{n}" t="inlineStr"><{prefix}is><{prefix}t>{text}'
        f"</{prefix}t></{prefix}is></{prefix}c></{prefix}row>"
        for n, text in enumerate(texts, start=1)
    )
    found = opened(sheet_xml(rows, prefix)).table
    assert (found.names, found.rows) == (("name",), 58)


NEVER_ENDS = {
    "a text": f'<row r="1"><c r="A1" t="inlineStr"><is><t>{":c " * 300_000}</t></is></c></row>',
    "a cell": '<row r="1"><c r="A1" ' + 't="s" ' * 300_000,
    "blanks": f'<row r="1"><c r="A1"><f/>{" " * 900_000}',
}


@pytest.mark.parametrize("what", NEVER_ENDS)
def test_a_sheet_is_passed_over_in_time_that_grows_with_it(what: str) -> None:
    data = sheet_xml(NEVER_ENDS[what])
    with zipfile.ZipFile(io.BytesIO(data)) as archive, suppress(LeptonError):
        assert not demand_bounded(data, archive)


def test_the_list_of_sheets_is_passed_over_in_time_that_grows_with_it() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", f"<sheet {'a' * 900_000}>")
        archive.writestr("xl/_rels/workbook.xml.rels", "")
        assert member_of(archive, "Sheet") is None


def test_a_text_that_a_million_cells_have_is_refused():
    shared = f"<sst><si><t>{'x' * 30_000}</t></si></sst>"
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 70_001))
    out = io.BytesIO(sheet_xml(cells))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", shared)
    with pytest.raises(TooLarge, match="texts of the Excel file"):
        opened(out.getvalue())


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_bytes_changed_anywhere_give_a_table_or_an_error_of_ours(data):
    written = bytearray(WRITTEN)
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.integers(0, 9)) == 0:
        del written[data.draw(st.integers(1, len(written) - 1)) :]
    only_read(bytes(written))


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_parts_changed_anywhere_give_a_table_or_an_error_of_ours(data):
    """Behind the checksums of the archive, which keep changed bytes from the reader."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WRITTEN)) as given_, zipfile.ZipFile(out, "w") as made:
        names = given_.namelist()
        changed = data.draw(st.sampled_from([one for one in names if one.startswith("xl/")]))
        for name in names:
            part = bytearray(given_.read(name))
            if name == changed:
                for _ in range(data.draw(st.integers(1, 4))):
                    at = data.draw(st.integers(0, len(part) - 1))
                    part[at : at + data.draw(st.integers(0, 2))] = data.draw(
                        st.binary(max_size=3) | st.sampled_from([b"9" * 30, b"<", b'"', b"e999"])
                    )
            made.writestr(name, bytes(part))
    only_read(out.getvalue())


WRITTEN = xlsx(
    ["n", "f", "t", "d", "b"],
    *([n, n / 2, f"t{n}", dt.datetime(2024, 1, n), n % 2 == 0] for n in range(1, 9)),
)


def only_read(data: bytes) -> None:
    try:
        read = read_file(data)
    except LeptonError:
        return
    assert read.table.rows > 0


def test_without_the_library_the_error_names_the_extra():
    code = (
        "import sys; sys.modules['python_calamine'] = None\n"
        "from lepton_core.table import read_file\n"
        "from lepton_core.errors import InvalidData\n"
        "try:\n"
        "    read_file(sys.stdin.buffer.read())\n"
        "except InvalidData as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=WRITTEN, capture_output=True, check=True)
    assert done.stdout.decode().startswith("this is an Excel file: pip install 'lepton-ai[excel]'")
