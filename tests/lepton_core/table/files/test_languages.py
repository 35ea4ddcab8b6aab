"""The letters of each language are right in every encoding that its files are usually in, however few its words are."""

import random
import unicodedata
from collections.abc import Iterator

import pytest

from lepton_core.table import read_csv
from lepton_core.table.files.encoding import as_utf8
from lepton_core.table.files.letters import by_letters
from lepton_core.table.large.text import LargeText, text_of
from tests.lepton_core.table.files.languages import LANGUAGES

PAIRS = [(language, name) for language, (_, names) in LANGUAGES.items() for name in names]
WESTERN = [language for language, (_, names) in LANGUAGES.items() if "cp1252" in names]
TIMES = 4

FEW_LETTERS = 4
"""Fewer different letters beyond ASCII tell not always: ``Győr`` is ``Gyõr`` in Windows-1252, and ``Žalec`` of DOS
``¦alec``. Of scripts other than Latin they tell."""

LEAST_OF_FEW = 0.93
"""Least share that is right of files of three rows, whichever their letters are."""


def table(words: list[str], rows: int) -> str:
    said = (f"{at},{words[at % len(words)]},{at * 1.5},{'yn'[at % 2]}\n" for at in range(rows))
    return "id,town,amount,paid\n" + "".join(said)


def encoded(text: str, name: str) -> bytes:
    if name != "cp1258":
        return text.encode(name)
    kept = "\u0302\u0306\u031b"  # all other marks of Vietnamese are letters of their own
    out = []
    for letter in text:
        first, *marks = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", first + "".join(one for one in marks if one in kept))
        out.append(base + "".join(one for one in marks if one not in kept))
    return "".join(out).encode(name)


def some(language: str, many: int, time: int) -> list[str]:
    words = LANGUAGES[language][0].split()
    return random.Random(f"{language} {many} {time}").sample(words, min(many, len(words)))


def reads(data: bytes) -> str:
    found = as_utf8(data)
    return found.data[found.start :].decode()


def tables(language: str, name: str, rows: int) -> Iterator[str]:
    for time in range(TIMES):
        yield table([one for one in some(language, rows, time) if can(one, name)], rows)


@pytest.mark.parametrize(("language", "name"), PAIRS)
def test_all_letters_are_right_in_every_usual_encoding(language: str, name: str) -> None:
    for rows in (3, 8, 30):
        for written in tables(language, name, rows):
            letters = {one for one in written if not one.isascii()}
            if rows > 3 or len(letters) >= FEW_LETTERS:
                assert reads(encoded(written, name)) == written


@pytest.mark.parametrize(("language", "name"), [pair for pair in PAIRS if pair[0] != "Turkish"])
def test_words_in_capitals_are_right_too(language: str, name: str) -> None:
    head, *rows = table([one.upper() for one in some(language, 30, 0) if can(one.upper(), name)], 30).split(
        "\n"
    )
    written = "\n".join([head, *rows])
    assert reads(encoded(written, name)) == written


def test_most_files_of_three_rows_are_right() -> None:
    right = [
        reads(encoded(written, name)) == written
        for language, name in PAIRS
        for written in tables(language, name, 3)
    ]
    assert sum(right) >= LEAST_OF_FEW * len(right)


def can(word: str, name: str) -> bool:
    """Croatian has Đ, which old Macs have not."""
    try:
        return bool(encoded(word, name))
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize("language", WESTERN)
@pytest.mark.parametrize("many", [1, 2, 3, 4, 5])
def test_few_western_letters_are_those_of_windows(language: str, many: int) -> None:
    words = [one for one in LANGUAGES[language][0].split() if not one.isascii()]
    for time in range(20):
        written = table(random.Random(f"{many} {time}").sample(words, many), many)
        assert by_letters(written.encode("cp1252")).name == "cp1252"


@pytest.mark.parametrize(
    ("language", "name"), [("Polish", "cp1250"), ("Vietnamese", "cp1258"), ("Thai", "cp874")]
)
@pytest.mark.parametrize("size", [7, 1001])
def test_a_large_file_is_read_the_same(language: str, name: str, size: int) -> None:
    written = table(some(language, 30, 0), 200)
    data = encoded(written, name)
    head = data[: data.index(b"\n", 400) + 1]
    pieces = [head, *(data[at : at + size] for at in range(len(head), len(data), size))]
    text = LargeText(lambda: pieces)
    assert b"".join(text()).decode() == written
    [note] = text.notes
    assert f"read as {name}" in note.message


def test_what_remains_doubtful_is_said_with_words_as_both_read_them() -> None:
    [note] = [
        one
        for one in read_csv("x,town\n1,Győr\n2,Erdős\n3,Nagy\n".encode("cp1250")).notes
        if one.code == "encoding"
    ]
    assert "'Gyõr', 'Erdõs'" in note.message and "as cp1250 'Győr', 'Erdős'" in note.message
    assert note.remedy == "Data.from_csv(path, encoding='cp1250')"


def test_a_byte_that_the_encoding_does_not_have_stops_nothing() -> None:
    written = table(some("Polish", 30, 0), 60)
    data = written.encode("cp1250") + b"60,\x81,1,y\n"
    assert reads(data) == written + "60,\x81,1,y\n"


@pytest.mark.parametrize("language", ["Japanese", "Korean"])
def test_escapes_announce_the_letters(language: str) -> None:
    name = {"Japanese": "iso2022_jp", "Korean": "iso2022_kr"}[language]
    written = table(some(language, 8, 0), 20)
    data = written.encode(name)
    assert reads(data) == written
    assert (
        b"".join(text_of(lambda: [data[at : at + 99] for at in range(0, len(data), 99)])()).decode()
        == written
    )


def test_an_escape_alone_announces_nothing() -> None:
    assert reads(b"a,b\n\x1b[1m,2\n\x1b(B,3\n") == "a,b\n\x1b[1m,2\n\x1b(B,3\n"


@pytest.mark.parametrize(
    "language", ["Russian", "Greek", "Hebrew", "Arabic", "Thai", "Japanese", "Chinese", "Korean"]
)
@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(language: str, name: str) -> None:
    words = some(language, 30, 0)
    head, *rows = (f"{one},{other}\n" for one, other in zip(words, reversed(words), strict=True))
    written = head + "".join(rows)
    assert reads(written.encode(name)) == written


def test_few_bytes_of_a_file_that_is_utf8_say_nothing_of_it() -> None:
    data = "town\nKöln\nŁódź\nŽilina\n".encode() + b"M\xfcnster\n"
    assert reads(data).endswith("Münster\n")
    text = LargeText(lambda: [data])
    assert (b"".join(text()), text.notes) == (data, ())


def test_one_long_word_takes_no_longer_than_many() -> None:
    assert by_letters(b"a" * (1 << 18) + b",\x94" * 20).name == "cp1252"
    assert by_letters((b"A" * 99 + b"\x94") * 2000).name == "cp1252"
