"""Files as they are found: each gives its names and rows, and says what was guessed."""

import bz2
import gzip
import io
import lzma
import zipfile

import pandas as pd
import pytest

from lepton_core.errors import InvalidData, InvalidInput, TooLarge
from lepton_core.table.files import Options, open_sheet

TABLE = ("age,town,paid\n" + "".join(f"{30 + i},Köln,{i % 2}\n" for i in range(30))).encode()


def read(data, **options):
    sheet = open_sheet(data if isinstance(data, bytes) else data.encode(), Options(**options))
    rows = [row for chunk in sheet.chunks(7) for row in chunk]
    return sheet, rows


def codes(sheet):
    return [note.code for note in sheet.notes]


WANTED = read(TABLE)


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "latin-1",
        "cp1252",
    ],
)
def test_any_usual_encoding(encoding):
    sheet, rows = read(TABLE.decode().encode(encoding))
    assert (sheet.names, rows) == (WANTED[0].names, WANTED[1])


def test_a_guessed_encoding_is_said_with_its_line_and_can_be_named():
    data = "town,paid\nBonn,1\nKöln,0\n".encode("cp1252")
    sheet, _ = read(data)
    assert [(note.code, note.line) for note in sheet.notes] == [("encoding", 3)]
    assert read(data, encoding="cp437")[1][1] == ["K÷ln", "0"]
    with pytest.raises(InvalidData, match="line 3: byte 0xf6 is not UTF-8"):
        read(data, encoding="utf-8")
    with pytest.raises(InvalidInput, match="no encoding") as caught:
        read(data, encoding="no-such")
    assert caught.value.field == "encoding"


def test_a_file_of_two_encodings_keeps_what_is_utf8():
    _, rows = read("a,b\n1,Köln\n2,Tromsø\n3,".encode() + "Žilina\n".encode("cp1252"))
    assert [row[1] for row in rows] == ["Köln", "Tromsø", "Žilina"]


def test_a_double_mark_is_no_part_of_the_first_name():
    assert read(b"\xef\xbb\xbf\xef\xbb\xbf" + TABLE)[0].names == WANTED[0].names


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_any_usual_delimiter(delimiter):
    sheet, rows = read(TABLE.decode().replace(",", delimiter))
    assert (sheet.names, rows, codes(sheet)) == (WANTED[0].names, WANTED[1], ["delimiter"])


def test_columns_that_are_aligned_with_blanks():
    sheet, rows = read("age  income  paid\n 31    1200     1\n 47     900     0\n" * 1)
    assert (sheet.names, rows[1]) == (("age", "income", "paid"), ["47", "900", "0"])


def test_columns_that_are_aligned_with_blanks_and_tabs():
    rows = "".join(f'1{i}.0   {i}   {i}300. {i}\t"ford no {i}"\n' for i in range(1, 9))
    sheet, found = read("mpg\tcylinders\tpower weight\tname\n" + rows)
    assert (sheet.names, found[0]) == (
        ("mpg", "cylinders", "power", "weight", "name"),
        ["11.0", "1", "1300.", "1", "ford no 1"],
    )
    sheet, found = read("a\tb\n" + "two  words\t1\n" * 9)
    assert (sheet.names, found[0]) == (("a", "b"), ["two  words", "1"])


@pytest.mark.parametrize(
    ("text", "names", "row"),
    [
        (
            'id,"a;b;c;d",label\n1,"u;v;w;x",n\n2,"u;v;w;y",p\n',
            ("id", "a;b;c;d", "label"),
            ["1", "u;v;w;x", "n"],
        ),
        ('id,"x;y;z;w",label\n1,2,n\n3,4,p\n', ("id", "x;y;z;w", "label"), ["1", "2", "n"]),
    ],
)
def test_a_delimiter_within_quotes_delimits_nothing(text, names, row):
    sheet, rows = read(text)
    assert (sheet.names, rows[0]) == (names, row)


def test_a_first_line_with_the_separator():
    sheet, rows = read("sep=;\na;b\n1,5;2\n")
    assert (sheet.names, rows) == (("a", "b"), [["1,5", "2"]])
    sheet, _ = read("sep=;\na;b\n" + "1;2\n" * 50 + "1;2;3\n")
    assert sheet.set_aside[0].line == 53


def test_a_leading_index_without_a_name_is_left_out_and_said():
    frame = pd.DataFrame({"age": [31, 47], "paid": ["y", "n"]})
    sheet, rows = read(frame.to_csv())
    assert (sheet.names, rows, codes(sheet)) == (("age", "paid"), [["31", "y"], ["47", "n"]], ["index"])
    sheet, rows = read('"","age","paid"\n"1",31,"y"\n"2",47,"n"\n')
    assert (sheet.names, rows) == (("age", "paid"), [["31", "y"], ["47", "n"]])


def test_the_index_of_some_rows_of_a_longer_table_is_left_out_and_one_with_a_name_is_not():
    numbers = [(7 * i) % 101 for i in range(30)]
    rows = "".join(f"{number},{i % 3},{i % 2}\n" for i, number in enumerate(numbers))
    sheet, _ = read(",age,paid\n" + rows)
    assert (sheet.names, codes(sheet)) == (("age", "paid"), ["index"])
    assert read("id,age,paid\n" + rows)[0].names == ("id", "age", "paid")
    again = "".join(f"{number % 29},{i % 3},{i % 2}\n" for i, number in enumerate(numbers))
    assert read(",age,paid\n" + again)[0].names == ("column_1", "age", "paid")


def test_row_names_of_r_without_a_name_above_are_a_column():
    sheet, rows = read('"mpg" "cyl"\n"Mazda RX4" 21 6\n"Datsun 710" 22.8 4\n')
    assert (sheet.names, rows[1]) == (("column_1", "mpg", "cyl"), ["Datsun 710", "22.8", "4"])


def test_trailing_empty_columns_and_rows_of_excel():
    sheet, rows = read("a,b,,\n1,2,,\n3,4,,\n,,,\n,,,\n")
    assert (sheet.names, rows) == (("a", "b"), [["1", "2"], ["3", "4"]])
    assert codes(sheet) == ["empty_columns", "empty_rows"]


@pytest.mark.slow
def test_a_last_column_with_one_cell_far_down_is_kept():
    sheet, rows = read("a,b,\n" + "1,2,\n" * 30_000 + "1,2,3\n")
    assert (sheet.names, rows[-1]) == (("a", "b", "column_3"), ["1", "2", "3"])


def test_lines_above_the_header_are_skipped_and_said():
    text = "Report,,\n,,\nage,town,paid\n31,Bonn,1\n47,Ulm,0\n"
    sheet, rows = read(text)
    assert (sheet.names, len(rows)) == (("age", "town", "paid"), 2)
    note = sheet.notes[0]
    assert (note.code, note.remedy) == ("lines_above", "Data.from_csv(path, header=1)")
    assert read(text, header=3)[0].names == ("age", "town", "paid")
    assert read("Made by me\n\n" + TABLE.decode())[0].names == WANTED[0].names


@pytest.mark.parametrize(
    "text", ["0,3.5,0\n4.9,3.0,1\n5.0,3.2,1\n", "5.1,3.5,0\n4.9,3.0,1\n5.0,3.2,1\n", "31,Bonn,1\n47,Ulm,0\n"]
)
def test_a_first_row_of_values_is_no_header(text):
    sheet, rows = read(text)
    assert sheet.names == ("column_1", "column_2", "column_3") and sheet.names_made_up
    assert rows[0] == text.split("\n", 1)[0].split(",")
    assert codes(sheet) == ["no_header"] and "header=True" in sheet.notes[0].remedy
    assert read(text, header=False)[1] == rows
    assert read(text, names=("x", "y", "z"))[0].names == ("x", "y", "z")
    assert len(read(text, header=True)[1]) == len(rows) - 1


def test_years_above_columns_are_names_and_quoted_numbers_are():
    assert read("town,2001,2002,2003\nBonn,1,2,3\nUlm,4,5,6\n")[0].names[1:] == ("2001", "2002", "2003")
    assert read('"0","1"\n5,6\n7,8\n')[0].names == ("0", "1")
    assert read('"0","1"\n"5","6"\n')[0].names == ("column_1", "column_2")


def test_rows_that_end_with_one_empty_cell_more_than_the_header():
    sheet, rows = read('"name";"size"\n"x";"12";""\n')
    assert (sheet.names, rows) == (("name", "size"), [["x", "12"]])


def test_a_name_that_is_there_twice_gets_a_number():
    sheet, _ = read("x,x,x_2,paid\n1,2,3,0\n")
    assert (sheet.names, codes(sheet)) == (("x", "x_3", "x_2", "paid"), ["name_twice"])


def test_a_blank_cell_behind_every_row_is_dropped_and_behind_one_row_it_is_a_slide():
    sheet, rows = read("a,b\n1,2,\n3,4,\n")
    assert (sheet.names, rows) == (("a", "b"), [["1", "2"], ["3", "4"]])
    sheet, rows = read("a,b\n" + "1,2\n" * 40 + "1,2,\n")
    assert (len(rows), sheet.set_aside[0].line) == (40, 42)


def test_a_column_without_a_name():
    sheet, _ = read('"",age,paid\nx,31,0\ny,47,1\n')
    assert (sheet.names, codes(sheet)) == (("column_1", "age", "paid"), ["no_name"])


def test_two_header_lines_are_refused_with_the_two_calls():
    text = "time,posx,posy\ns,m,m\n0,1,2\n1,3,4\n2,5,6\n"
    with pytest.raises(InvalidData, match=r"lines 1 and 2 .*header=1\) or Data.from_csv\(path, header=2\)"):
        read(text)
    assert read(text, header=1)[0].names == ("time", "posx", "posy")


@pytest.mark.parametrize(
    ("types", "parts"),
    [("c\td\t", "\t\tclass"), ("continuous\td\tno yes", "\tmeta\ti=1"), ("c\tstring\td", "\t\t")],
)
def test_two_lines_of_orange_below_the_names_are_passed_over_and_said(types, parts):
    rows = "31\tBonn\tno\n47\tKöln\tyes\n" * 4
    sheet, found = read(f"age\ttown\tpaid\n{types}\n{parts}\n{rows}")
    assert (sheet.names, len(found), codes(sheet)) == (
        ("age", "town", "paid"),
        8,
        ["delimiter", "lines_below"],
    )
    assert (sheet.notes[1].line, sheet.notes[1].remedy) == (2, "Data.from_csv(path, header=True)")
    _, all_lines = read(f"age\ttown\tpaid\n{types}\n{parts}\n{rows}", header=True)
    assert len(all_lines) == 10


def test_rows_of_single_letters_are_no_lines_of_orange():
    sheet, rows = read("size\tcolour\nc\td\nd\tred\nc\td\nd\tred\n")
    assert len(rows) == 4 and "lines_below" not in codes(sheet)


def test_names_that_are_there_twice_are_told_apart_by_the_line_above():
    sheet, _ = read("control,,fire,\nX,Y,X,Y\n1,2,3,4\n5,6,7,8\n")
    assert sheet.names == ("control X", "control Y", "fire X", "fire Y")


def test_the_header_line_that_comes_again_is_no_row():
    sheet, rows = read(TABLE + TABLE)
    assert len(rows) == 60 and codes(sheet) == ["header_again"]


def test_two_tables_in_one_file_are_refused_with_a_hint():
    with pytest.raises(InvalidData, match="two tables"):
        read(TABLE.decode() + "\nx,y\n" + "1,2\n" * 20)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("31,Bonn,1,7", "4 cells, where the header has 3"),
        ("31,1", "2 cells, where the header has 3"),
        ('31,"Bonn,1', "a quote is opened and never closed"),
        ('31,"Bonn"n,1', "there is text behind a closing quote"),
        ("31,Bo\0nn,1", "it holds a NUL byte"),
    ],
)
def test_one_wrong_row_among_83_is_set_aside_with_its_line(line, reason):
    lines = ["age,town,paid", *(f"{i},Bonn,{i % 2}" for i in range(83))]
    lines[40] = line
    sheet, rows = read("\n".join(lines))
    assert [row[0] for row in rows] == [str(i) for i in range(83) if i != 39]
    assert [(one.line, one.reason, one.text.rstrip()) for one in sheet.set_aside] == [(41, reason, line)]
    assert sheet.notes[-1].code == "set_aside"
    with pytest.raises(InvalidData, match="line 41"):
        read("\n".join(lines), bad_rows=0)


def test_more_wrong_rows_than_allowed_refuse_the_file_with_their_reasons():
    text = "a,b\n" + "1,2\n" * 90 + "1\n" * 6 + '1,"2\n' * 4
    with pytest.raises(InvalidData) as caught:
        read(text)
    assert "10 of 100 rows cannot be read: 1 cells, where the header has 2 (6)" in caught.value.message
    sheet, rows = read(text, bad_rows=0.1)
    assert (len(rows), sheet.set_aside_count) == (90, 10)


def test_of_many_wrong_rows_the_first_hundred_are_kept_and_all_are_counted():
    sheet, rows = read("a,b\n" + "1,2\n" * 1000 + "1\n" * 300, bad_rows=0.5)
    assert (len(rows), len(sheet.set_aside), sheet.set_aside_count) == (1000, 100, 300)
    assert sheet.set_aside[99].line == 1101


def test_a_quote_inside_a_cell_that_is_not_quoted_is_said():
    sheet, rows = read('price,name,paid\n7,pipe,1\n8"board, long",0\n9,tube,1\n')
    assert rows[1] == ['8"board', ' long"', "0"]
    assert [(note.code, note.line) for note in sheet.notes] == [("stray_quote", 3)]


@pytest.mark.parametrize(
    "text",
    [
        'id, "a, b", n\n1, "x, y", 2\n2, "z ""w""", 3\n',
        'id,"a, b",n\n1,"x, y",2\n2,"z \\"w\\"",3\n',
        "id|'a, b'|n\n1|'x, y'|2\n2|'z \"w\"'|3\n",
        'id,"a, b",n\n1,"x, y",2\n2,"z "w"",3\n',
    ],
)
def test_other_quoting_is_read(text):
    sheet, rows = read(text)
    assert (sheet.names, rows) == (("id", "a, b", "n"), [["1", "x, y", "2"], ["2", 'z "w"', "3"]])


def test_what_is_said_of_a_file_is_taken():
    sheet, rows = read("1~'x~y'\n", delimiter="~", quote="'", header=False, names=("a", "b"))
    assert (sheet.names, rows, codes(sheet)) == (("a", "b"), [["1", "x~y"]], [])
    for options in (
        {"delimiter": ",,"},
        {"names": ("a",)},
        {"names": ("a", "a", "b")},
        {"bad_rows": 2},
        {"header": 99},
    ):
        with pytest.raises(InvalidInput) as caught:
            read(TABLE, **options)
        assert caught.value.field == next(iter(options))


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_packed_files_are_read_and_bounded():
    assert read(gzip.compress(TABLE))[1] == WANTED[1]
    assert read(gzip.compress(TABLE[:100]) + gzip.compress(TABLE[100:]))[1] == WANTED[1]
    assert read(zipped(**{"a.csv": TABLE, "__MACOSX/a": b"x"}))[1] == WANTED[1]
    for packing in (bz2, lzma):
        assert read(packing.compress(TABLE))[1] == WANTED[1]
        assert read(packing.compress(TABLE[:100]) + packing.compress(TABLE[100:]))[1] == WANTED[1]
    for bomb in (*(one.compress(bytes(10**6)) for one in (gzip, bz2, lzma)), zipped(a=bytes(10**6))):
        with pytest.raises(TooLarge, match="more than 1000 bytes"):
            open_sheet(bomb, most_bytes=1000)
    cut = [
        gzip.compress(TABLE, mtime=0)[:-9],
        bz2.compress(TABLE)[:-9],
        lzma.compress(TABLE)[:-9],
        zipped(a=TABLE)[:-30],
    ]
    for broken in (*cut, b"\x1f\x8bxx", b"BZh9xx", b"\xfd7zXZ\0xx", zipped(a=TABLE, b=TABLE)):
        with pytest.raises(InvalidData, match=r"broken|holds 2 files"):
            open_sheet(broken)
    for once in (gzip, bz2, lzma):
        for twice in (gzip, bz2, lzma):
            with pytest.raises(InvalidData, match="packed twice"):
                open_sheet(once.compress(twice.compress(TABLE)))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (zipped(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "an Excel file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an old Excel"),
        (b"PAR1" + bytes(50), "a Parquet file"),
        (b"%PDF-1.4", "a PDF"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (zipped(**{"a.npy": b""}), "an archive of NumPy arrays"),
        (zipped(**{"mimetype": b"", "content.xml": b""}), "an OpenDocument file"),
        (zipped(**{"model/data.pkl": b""}), "a Python pickle"),
        (b"\x80\x02csklearn", "a Python pickle"),
        (b"\x72\x02\x01\x00", "a Stata file"),
        (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00", "a SAS file"),
        (b"HEADER RECORD*******LIBRARY", "a SAS transport file"),
        (gzip.compress(b"X\n\x00\x00\x00\x03", mtime=0), "an R data file"),
        (b"$FL2@(#) SPSS", "an SPSS file"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"\xff\xff\xff\xff\x00\x01", "an Arrow stream"),
        (b"\x80\x04\x95\x10", "a Python pickle"),
    ],
)
def test_other_files_are_called_by_their_names(data, what):
    with pytest.raises(InvalidData, match=f"this is {what}"):
        open_sheet(data)


def test_a_pass_begins_anew_and_knows_its_own_rows_only():
    sheet = open_sheet(b"a,b\n" + b"1,2\n" * 40 + b"3\n")
    assert list(sheet.chunks(3)) == list(sheet.chunks(3))
    assert (sheet.set_aside_count, len(sheet.set_aside)) == (1, 1)
