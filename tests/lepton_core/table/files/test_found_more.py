"""More of what is found in files: wrong marks, joined files, wrapped lines, footers, blanks in cells, dashes."""

import csv
import io
import random
import unicodedata

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table.files import Options, open_sheet

TABLE = ("age,town,paid\n" + "".join(f"{30 + i},Köln,{i % 2}\n" for i in range(30))).encode()


def read(data, **options):
    sheet = open_sheet(data if isinstance(data, bytes) else data.encode(), Options(**options))
    rows = [row for chunk in sheet.chunks(7) for row in chunk]
    return sheet, rows


def codes(sheet):
    return [note.code for note in sheet.notes]


WANTED = read(TABLE)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_files_that_were_joined_have_marks_in_between(encoding):
    joined = b"".join([TABLE, "\ufeff".encode(), TABLE]).decode().encode(encoding)
    sheet, rows = read(joined)
    assert (len(rows), codes(sheet)) == (60, ["header_again"])


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_mark_that_the_bytes_belie_is_not_believed(mark, encoding):
    sheet, rows = read(mark + TABLE.decode().encode(encoding))
    assert (sheet.names, rows) == (WANTED[0].names, WANTED[1])


def test_half_letters_of_utf_16_are_said_unless_the_encoding_was():
    data = TABLE.decode().encode("utf-16-le")
    sheet, rows = read(data + b"\n")
    assert (rows, codes(sheet), sheet.notes[0].line) == (WANTED[1], ["encoding"], 32)
    broken = data[:140] + b"\x00\xd8" + data[142:]
    assert len(read(broken)[1]) == 30
    with pytest.raises(InvalidData, match=r"line 7: bytes that are not utf-16-le; name another encoding"):
        read(broken, encoding="utf-16-le")


def test_lines_that_are_in_quotes_as_a_whole_are_unwrapped_and_said():
    lines = TABLE.decode().splitlines()
    for first in (lines[0], f'"{lines[0]}"'):
        wrapped = "\r\n".join([first, *('"' + line.replace("Köln", '""K, ""') + '"' for line in lines[1:])])
        sheet, rows = read(wrapped)
        assert (sheet.names, rows[0], codes(sheet)) == (
            ("age", "town", "paid"), ["30", "K, ", "0"], ["lines_in_quotes"]
        )  # fmt: skip


def test_lines_of_one_cell_below_a_table_are_set_aside_whatever_their_share():
    text = "age,town,paid\n" + "31,Bonn,1\n" * 30
    sheet, rows = read(text + "\nSource: town hall\nprinted 2024\n")
    assert (len(rows), [one.line for one in sheet.set_aside]) == (30, [33, 34])
    with pytest.raises(InvalidData, match="line 33"):
        read(text + "\nSource: town hall\nprinted 2024\n", bad_rows=0)
    with pytest.raises(InvalidData, match="11 of 41 rows"):
        read(text + "note\n" * 11)


@pytest.mark.parametrize("cell", ["+49 228 {:05d}", "  {}  ", '="{:04d}"'])
def test_blanks_in_cells_are_no_delimiters_where_tabs_are(cell):
    sheet, rows = read("x\ty\n" + "".join(f"{cell.format(i)}\tp{i}\n" for i in range(30)))
    assert (sheet.names, rows[7]) == (("x", "y"), [cell.format(7), "p7"])


def test_a_cell_of_more_lines_than_are_looked_at():
    text = "x\n" * 10_000
    sheet, rows = read(f'a\tb\n"{text}"\t1\nshort\t2\n')
    assert (sheet.names, rows) == (("a", "b"), [[text, "1"], ["short", "2"]])


@pytest.mark.parametrize(
    "order", [["inches", "text", "y"], ["text", "inches", "y"], ["text", "text", "inches"]]
)
@pytest.mark.parametrize("rows", [40, 4_000])
def test_a_quote_within_a_text_costs_nothing_beside_texts_of_several_lines(order, rows):
    """The csv module reads the same."""
    deal = random.Random(f"{order} {rows}")
    words = ["a", "long", "day, it", '""so""', "\nnew", "\n"]
    cells = {
        "inches": lambda: deal.choice(['4"', "5", '6" x 7"', "8"]),
        "text": lambda: f'"{" ".join(deal.choice(words) for _ in range(deal.randrange(1, 12)))}"',
        "y": lambda: deal.choice("pq"),
    }
    lines = [",".join([str(row), *(cells[one]() for one in order)]) for row in range(rows)]
    data = "\n".join(["id,a,b,c", *lines]) + "\n"
    sheet, found = read(data)
    assert found == [*csv.reader(io.StringIO(data, newline=""))][1:]
    assert [row for block in sheet.blocks() for row in block] == found
    assert sheet.set_aside == ()


NOTES = [["* as of May,,"], ["Source: the office,,", ",,", ",see there,"], [",,x"] * 10]


@pytest.mark.parametrize("notes", NOTES)
@pytest.mark.parametrize("rows", [2, 30, 3067, 3072, 4000])
def test_a_total_is_none_of_the_rows_though_notes_stand_below_it(notes, rows):
    text = "age,town,paid\n" + "31,Bonn,1\n" * rows
    sheet, found = read("\n".join([f"{text}Total,,15", *notes]))
    assert len(found) == rows
    blocks = [row for block in sheet.blocks() for row in block]
    assert blocks == found
    total, *others = sheet.set_aside
    assert (total.line, total.reason) == (rows + 2, "it is a total of the rows above")
    assert [one.reason for one in others] == ["it is a note below the total"] * len(notes)
    assert [one.text for one in others] == notes
    [note] = sheet.notes
    assert (note.code, note.line, note.remedy) == ("total", rows + 2, "Data.from_csv(path, bad_rows=0)")
    assert (
        note.message
        == "the last row is a total of the rows above; it was left out, as what is written below it"
    )
    assert len(read("\n".join([f"{text}Total,,15", *notes]), bad_rows=0)[1]) == rows + 1 + len(notes)


@pytest.mark.parametrize("below", ["32,Ulm,1", "32,,1", "Total of all,,"])
def test_what_stands_below_a_row_that_is_no_total_stays(below):
    text = "age,town,paid\n" + "31,Bonn,1\n" * 30 + f"Total,,15\n{below}\n"
    sheet, found = read(text)
    assert (len(found), sheet.set_aside) == (32, ())


@pytest.mark.parametrize("total", ["Total,,15", "total:,Bonn,15", ",Total,15", "Summe,,15", "合计,,15"])
@pytest.mark.parametrize("rows", [30, 3072])
def test_a_total_below_the_rows_is_set_aside_unless_each_row_is_to_be_kept(total, rows):
    text = "age,town,paid\n" + "31,Bonn,1\n" * rows
    sheet, found = read(f"{text}{total}\n,,\n")
    assert len(found) == rows
    assert [(one.line, one.reason) for one in sheet.set_aside] == [
        (rows + 2, "it is a total of the rows above")
    ]
    [note] = [one for one in sheet.notes if one.code != "empty_rows"]
    assert (note.code, note.line, note.remedy) == ("total", rows + 2, "Data.from_csv(path, bad_rows=0)")
    sheet, found = read(text + total, bad_rows=0)
    assert (found[-1], sheet.set_aside) == (total.split(","), ())
    assert len(read(text.replace("Bonn", total.strip(",").split(",")[0], 1) + total)[1]) == rows + 1


WORDS = [
    "Total", "TOTALS", "Grand Total", "grand  total:", "Sum", "Summe:", "Gesamt", "Insgesamt",
    "Gesamtsumme", "Gesamtergebnis", "Zusammen", "Somme", "Total général", "Totale", "Suma",
    "TOTAL GENERAL", "Totaal", "Totalt", "Summa", "Yhteensä", "YHTEENSÄ", "Razem",
    "Suma końcowa", "Celkem", "Összesen", "Toplam", "Soma", "Σύνολο", "Итого", "ИТОГО:", "Всего",
    "Разом", "合计", "总计", "小计", "合計", "総計", "小計", "總計", "합계", "총계", "Σ", "∑", "合计\uff1a",
    "\uff34\uff4f\uff54\uff41\uff4c",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_words_for_a_total_are_known_in_many_languages_whatever_their_case(word: str) -> None:
    text = "town,paid,open\n" + "Bonn,1,2\n" * 9
    for spelled in (word, unicodedata.normalize("NFD", word)):
        sheet, found = read(f"{text}{spelled},9,18\n")
        assert len(found) == 9
        assert [one.code for one in sheet.notes] == ["total"]
        twice = read(f"{text}{spelled},1,2\n{spelled},9,18\n")[1]
        assert len(twice) == 11
    assert len(read(f"{text}{word} and more,9,18\n")[1]) == 10


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("| age | paid |\n|-----|:----:|", "| 31 | no |"),
        ("| age | paid |\n| - | - |", "| 31 | no |"),
        ("|age|paid|\n|--|-|", "|31|no|"),
        ("| age | paid | note |\n| - | - | --- |", "| 31 | no | x |"),
        ("age | paid\n- | -", "31 | no"),
        ("| age |\n| - |", "| 31 |"),
        ("age,paid\n---,----", "31,no"),
        ("age\tpaid\n===\t====", "31\tno"),
    ],
)
def test_a_line_of_dashes_below_the_names_is_passed_over_and_said(head: str, row: str) -> None:
    text = f"{head}\n" + f"{row}\n" * 9
    sheet, rows = read(text)
    assert len(rows) == 9
    [note] = [one for one in sheet.notes if one.code == "rule"]
    assert (note.line, note.remedy) == (2, "Data.from_csv(path, header=True)")
    assert len(read(text, header=True)[1]) == 10
    assert len(read(text.replace(head.split("\n")[1], row))[1]) == 10


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("dash", ["-", "--"])
def test_short_dashes_without_bars_are_missing_cells(delimiter: str, dash: str) -> None:
    text = f"age{delimiter}paid\n{dash}{delimiter}{dash}\n" + f"31{delimiter}2\n" * 9
    sheet, rows = read(text, header=True)
    assert rows[0] == [dash, dash] and len(rows) == 10 and "rule" not in codes(sheet)
