"""A large file is of the encoding that it is of when it is read at once, wherever its first letters stand."""

import random

import pytest

from lepton_core.table import read_csv
from lepton_core.table.files import Options
from lepton_core.table.large.text import LargeText
from tests.lepton_core.table.large.test_first_cells import in_both_ways
from tests.lepton_core.table.large.test_read import large

ROWS = 2_000


def rows(town: str, seed: int) -> str:
    deal = random.Random(seed)
    return "".join(
        f"{deal.gauss(0, 9):.2f},{deal.choice(['Ulm', town])},{deal.choice('pq')}\n" for _ in range(ROWS)
    )


ALWAYS = "a,town,y\n" + rows("{town}", 1)
LATE = "a,town,y\n" + rows("Bonn", 1) + rows("{town}", 2)

FILES = {
    "Western": ("Köln", "cp1252"),
    "Central European": ("Łódź", "cp1250"),
    "Russian": ("Москва", "cp1251"),
    "Japanese": ("東京", "cp932"),
    "UTF-8": ("Köln", "utf-8"),
    "a mark": ("Köln", "utf-8-sig"),
    "UTF-16": ("Köln", "utf-16"),
    "controls": ("K\x84ln", "utf-8"),
}


@pytest.mark.parametrize("form", [ALWAYS, LATE], ids=["always", "late"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_same_in_windows(name: str, form: str) -> None:
    town, encoding = FILES[name]
    found = in_both_ways(form.replace("{town}", town).encode(encoding), 4_000, piece=9_000)
    assert found is not None
    assert found[0].table["town"].levels != ("Bonn", "Ulm")


@pytest.mark.parametrize("encoding", ["cp1251", "cp932"])
@pytest.mark.parametrize("piece", [*range(1_000, 1_010), 9_000])
def test_no_letter_is_cut_where_a_piece_ends(encoding: str, piece: int) -> None:
    town = FILES["Russian" if encoding == "cp1251" else "Japanese"][0]
    written = "a,town,y\n" + "1,Ulm,p\n" * 124 + rows(town, 1)[:9_000]
    data = written.encode(encoding)
    text = LargeText(lambda: [data[at : at + piece] for at in range(0, len(data), piece)])
    assert b"".join(text()).decode() == written
    assert f"read as {encoding}" in text.notes[0].message


@pytest.mark.parametrize("encoding", ["cp1251", "cp932", "cp1252", "utf-8"])
@pytest.mark.parametrize("piece", [50, 5_000, 100_000])
def test_names_longer_than_a_piece_show_the_encoding(encoding: str, piece: int) -> None:
    town = next(town for town, other in FILES.values() if other == encoding)
    names = ",".join(f"{town}_{at}" for at in range(1_000))
    data = f"{names}\n{(','.join('5' * 1_000) + chr(10)) * 30}".encode(encoding)
    found = in_both_ways(data, 20_000, piece=piece)
    assert found is not None
    assert found[0].table.names[7] == f"{town}_7"


@pytest.mark.parametrize("end", ["", "\n"])
def test_letters_in_the_last_line_alone_show_the_encoding(end: str) -> None:
    data = ("a,town,y\n" + rows("Bonn", 1) + f"1,Москва и Казань,p{end}").encode("cp1251")
    found = in_both_ways(data, 4_000, piece=9_000)
    assert found is not None
    assert "Москва и Казань" in found[0].table["town"].levels


def test_an_encoding_that_was_named_is_no_guess() -> None:
    data = ALWAYS.replace("{town}", "K\x84ln").encode()
    options = Options(encoding="utf-8")
    table, read, _ = large(data, size=4_000, options=options)
    whole = read_csv(data, options=options)
    assert table == whole.table
    assert "K\x84ln" in table["town"].levels
    assert read.read.notes == whole.notes


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (ALWAYS.encode("utf-16") + b"\x00", 2 + ROWS),
        (ALWAYS[:5000].encode("utf-16-le") + b"\x00\xd8" + ALWAYS[5000:].encode("utf-16-le"), None),
    ],
    ids=["cut off", "within"],
)
def test_what_is_no_letter_of_utf16_stops_nothing(data: bytes, line: int | None) -> None:
    found = in_both_ways(data, 4_000, piece=9_001)
    assert found is not None
    [note] = [one for one in found[0].notes if one.code == "encoding"]
    assert line in (None, note.line)


def test_a_line_with_other_bytes_is_named() -> None:
    data = LATE.replace("{town}", "Köln").encode() + "1,Łódź,p\n".encode("cp1250")
    _, read, _ = large(data, size=4_000)
    [note] = [one for one in read.read.notes if one.code == "encoding"]
    assert note.message == (
        f"from line {2 + 2 * ROWS} on there are bytes that are not UTF-8; they were read as Windows-1252"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("piece", [999, 9_001])
def test_a_sign_that_stands_for_a_lost_letter_is_no_loss_here(encoding: str, piece: int) -> None:
    data = (ALWAYS.replace("{town}", "K\ufffdln") + "1,Ulm,\ufffd").encode(encoding)
    found = in_both_ways(data, 4_000, piece=piece)
    assert found is not None
    table, notes = found[0].table, found[0].notes
    assert (table["y"].levels, "encoding" in {one.code for one in notes}) == (("p", "q", "\ufffd"), False)


def test_what_is_lost_is_told_from_such_a_sign_above() -> None:
    text = ALWAYS.replace("{town}", "K\ufffdln")
    data = text.encode("utf-16-le") + "1,U".encode("utf-16-le") + b"\x00\xd8" + "m,p\n".encode("utf-16-le")
    found = in_both_ways(data, 4_000, piece=9_001)
    assert found is not None
    assert [one.line for one in found[0].notes if one.code == "encoding"] == [2 + ROWS]


@pytest.mark.parametrize("piece", [9_000, 100_000, 1 << 20])
@pytest.mark.parametrize("encoding", ["cp1251", "cp932"])
def test_letters_far_down_show_the_encoding(encoding: str, piece: int) -> None:
    town = FILES["Russian" if encoding == "cp1251" else "Japanese"][0]
    head = "a,town,y\n" + "1,Bonn,p\n" * 35_000
    data = (head + f"1,{town},q\n" + "2,Ulm,p\n" * 300 + f"1,{town}{town},q\n" * 9).encode(encoding)
    found = in_both_ways(data, 60_000, piece=piece)
    assert found is not None
    assert town in found[0].table["town"].levels
    assert [one.line for one in found[0].notes if one.code == "encoding"] == [35_002]


@pytest.mark.lengthy
def test_a_line_of_names_longer_than_what_is_looked_at_shows_the_encoding() -> None:
    names = ",".join(f"Москва_{at}" for at in range(25_000))
    data = f"{names}\n{(','.join('5' * 25_000) + chr(10)) * 3}".encode("cp1251")
    found = in_both_ways(data, 500_000, piece=100_000)
    assert found is not None
    assert found[0].table.names[7] == "Москва_7"
