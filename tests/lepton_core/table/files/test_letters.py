"""A file that is not UTF-8 is read in the encoding that its letters show, and one in Western letters as before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table import ReadingOptions, read_csv, read_file
from lepton_core.table.files.letters import by_letters
from lepton_core.table.files.single_text import by_single_bytes, is_of_single_bytes
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
NAMES = {
    "euc_jp": "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 "
    "新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 "
    "奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 "
    "熊本県 大分県 宮崎県 鹿児島県 沖縄県 有効 無効 契約 解約 男性 女性 正社員 既婚 未婚 新規 継続",
    "gb18030": "北京市 上海市 天津市 重庆市 河北省 山西省 辽宁省 吉林省 黑龙江省 江苏省 浙江省 安徽省 福建省 江西省 "
    "山东省 河南省 湖北省 湖南省 广东省 海南省 四川省 贵州省 云南省 陕西省 甘肃省 青海省 台湾省 内蒙古 "
    "广西 西藏 宁夏 新疆 香港 澳门 有效 无效 合同 解约 男性 女性 已婚 未婚 新客户",
    "cp949": "서울특별시 부산광역시 대구광역시 인천광역시 광주광역시 대전광역시 울산광역시 경기도 강원도 충청북도 "
    "충청남도 전라북도 전라남도 경상북도 경상남도 제주도 세종시 수원시 창원시 유효 무효 계약 해지 남성 "
    "여성 정규직 기혼 미혼 신규 갱신",
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


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@settings(deadline=None, max_examples=100)
def test_letters_that_share_their_bytes_are_told_apart_by_those_that_are_frequent(
    name: str, data: st.DataObject
) -> None:
    words = data.draw(st.lists(st.sampled_from(NAMES[name].split()), min_size=8, max_size=30, unique=True))
    written = "id,x\n" + "".join(f"{at},{word}\n" for at, word in enumerate(words * 3))
    assert by_letters(written.encode(name)).name == name
    assert read_csv(written.encode(name)).table == read_csv(written.encode()).table


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
def test_western_letters_are_read_as_those_of_windows(cell: str) -> None:
    written = "".join(f"{at},{cell},{'ja' if at % 2 else 'nein'}\n" for at in range(40))
    data = ("a,b,y\n" + written).encode("cp1252", "ignore")
    assert by_letters(data).name == "cp1252"
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
    found = by_letters(data)
    if not is_of_single_bytes(found.name):
        data.decode(found.name)
    assert b"".join(by_single_bytes([data], found.other)).decode()


def test_what_an_owner_says_holds() -> None:
    data = text("cp932").encode("cp932")
    found = read_file(data, ReadingOptions(encoding="latin-1"))
    assert not [one for one in found.notes if one.code == "encoding"]
    assert found.table.names[0] != "年齢"
