"""A file that is not UTF-8 is read in the encoding that its letters show, and one in Western letters as before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table import ReadingOptions, read_csv, read_file
from lepton_core.table.files.letters import by_letters
from lepton_core.table.large.read import read_large

TABLES = {
    "cp932": ("年齢,都市,金額,解約", ["東京", "大阪市", "名古屋"], ["はい", "いいえ"]),
    "euc_jp": ("年齢,都市,金額,解約", ["とうきょう", "大阪市", "ナゴヤ"], ["はい", "いいえ"]),
    "gb18030": ("年龄,城市,金额,流失", ["北京", "上海", "广州市"], ["是", "否"]),
    "cp949": ("나이,도시,금액,해지", ["서울", "부산", "대구"], ["예", "아니오"]),
    "cp1251": ("возраст,город,сумма,ушёл", ["Москва", "Тверь", "Омск"], ["да", "нет"]),
    "koi8-r": ("возраст,город,сумма,ушёл", ["Москва", "Тверь", "Омск"], ["да", "нет"]),
    "cp866": ("возраст,город,сумма,ушёл", ["Москва", "Тверь", "Омск"], ["да", "нет"]),
    "cp1253": ("ηλικία,πόλη,ποσό,έφυγε", ["Αθήνα", "Πάτρα", "Βόλος"], ["ναι", "όχι"]),
}
WESTERN = [
    "Besançon été créée Noël", "CRÉÉE ÇÀ ÜÖ", "don’t “quote” – €5", "ÄÖÜ", "Þórshöfn æðislegt", "Köln", "Łódź",
    "°C ±5 µm", "São João ações", "Señor ¿qué?", "Göteborg Åsa Öst", "½ ¼ §§ ££",
]  # fmt: skip


def text(name: str, many: int = 40) -> str:
    head, towns, answers = TABLES[name]
    rows = (f"{20 + at % 50},{towns[at % 3]},{at * 1.5},{answers[at % 2]}" for at in range(many))
    return "\n".join([head, *rows, ""])


@pytest.mark.parametrize("name", TABLES)
def test_the_letters_show_the_encoding_and_it_is_said(name: str) -> None:
    written = text(name)
    found = read_csv(written.encode(name))
    assert found.table == read_csv(written.encode()).table
    [note] = [one for one in found.notes if one.code == "encoding"]
    assert f"was read as {name} (the first in line 1)" in note.message and note.remedy


@pytest.mark.parametrize("name", TABLES)
def test_a_large_file_is_read_the_same(name: str) -> None:
    written = text(name, 3_000)
    taken = []

    class Sink:
        def begin(self, label: str) -> None:
            taken.clear()

        def take(self, table: object) -> None:
            taken.append(table)

        def end(self) -> None:
            pass

    data = written.encode(name)
    pieces = [data[at : at + 10_001] for at in range(0, len(data), 10_001)]
    found = read_large(lambda: pieces, Sink(), wanted_for=lambda names: ({}, ()), window_bytes=20_000)
    assert found.rows == 3_000
    assert taken[0].names == read_csv(written.encode()).table.names
    assert [one.code for one in found.read.notes].count("encoding") == 1


@pytest.mark.parametrize("cell", WESTERN)
def test_western_letters_are_read_as_before(cell: str) -> None:
    written = "".join(f"{at},{cell},{'ja' if at % 2 else 'nein'}\n" for at in range(40))
    for name in ("cp1252", "cp1250"):
        data = ("a,b,y\n" + written).encode(name, "ignore")
        assert by_letters(data) is None
        assert (
            data.isascii()
            or "Windows-1252" in next(n for n in read_csv(data).notes if n.code == "encoding").message
        )


@given(
    st.text(st.characters(min_codepoint=0xA0, max_codepoint=0xFF) | st.sampled_from("abc ,\n"), min_size=20)
)
@settings(deadline=None, max_examples=150)
def test_whatever_it_is_taken_for_all_bytes_are_of_it(written: str) -> None:
    data = written.encode("cp1252", "ignore")
    name = by_letters(data)
    if name is not None:
        data.decode(name)


def test_what_an_owner_says_holds() -> None:
    data = text("cp932").encode("cp932")
    found = read_file(data, ReadingOptions(encoding="latin-1"))
    assert not [one for one in found.notes if one.code == "encoding"]
    assert found.table.names[0] != "年齢"
