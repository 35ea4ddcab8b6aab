"""In which encoding a text is that is not UTF-8, from the letters that it would have.

Letters of Japanese, Chinese and Korean are pairs of bytes: one of their encodings is taken if all bytes are of it and
the letters are those that such texts mostly have. The other encodings have one byte a letter, and are told apart by
words: see `lepton_core.table.files.single_bytes`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lepton_core.table.files.alphabets import WESTERN_OLD, WINDOWS_1252
from lepton_core.table.files.first_letters import sample_of
from lepton_core.table.files.single_bytes import HighWords, likeliest, words_of

_FEWEST = 8
"""Of fewer bytes beyond ASCII no letters of two bytes are told."""

_DISTINCT, _FEW_DISTINCT = 6, 3
"""Nor of fewer different letters of Chinese and Korean, which share their bytes; of the lower number, of no others."""

_BESIDE = 0.6
_MOST = 0.9
_HIGH = re.compile(rb"[\x80-\xff]+")

_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")
_KANA = re.compile("[\u3041-\u30fe]")
_LATER = 0xE0
"""The first byte of rare kanji of Shift-JIS; those before are kana and most kanji."""

_USUAL_KANJI = 0.6
"""Least share of the different letters of Shift-JIS that are no rare kanji."""

_FIRST = 0xB0
"""The first byte of letters in pairs; those before are signs."""

_KNOWN = 0.25
"""Least share of the different letters of Chinese, Japanese or Korean that are frequent ones of it."""

_MOSTLY_KNOWN = 0.6
"""The same where there are few different letters."""

_CLEARLY = 1.5
"""By how much the next language must have fewer."""

_DEAR = 4.0
"""The cost of a letter, in nats, beyond which a text in Latin letters is none of them."""

_DOUBT = 3.0
"""The next encoding may be as much less likely, in nats, that it remains doubtful which it is."""

_SAMPLES = 3
_OTHERWISE = {
    "euc_jp": "gb18030",
    "gb18030": "euc_jp",
    "cp949": "gb18030",
    "cp950": "gb18030",
    "cp932": "euc_jp",
    WINDOWS_1252: "cp1250",
}
"""What a text most likely is if it is not of an encoding, and its words do not tell."""


@dataclass(frozen=True)
class Guess:
    """The encoding ``name`` that a text has most likely, and the next that reads its words as ``other`` ones.

    ``doubtful`` has some words as both read them, where they do not tell well which it is.
    """

    name: str
    other: str
    doubtful: tuple[tuple[str, str], ...] = ()


def by_letters(data: bytes) -> Guess:
    """The encodings of a text that is not UTF-8, as Python calls them; Windows-1252 if nothing tells.

    >>> by_letters("年齢,都市,金額,解約\\n34,東京,1.5,有\\n".encode("shift_jis")).name
    'cp932'
    >>> by_letters("возраст,город,сумма\\n34,Москва,1\\n".encode("koi8-r")).name
    'koi8-r'
    >>> by_letters("Győr\\n".encode("cp1250"))
    Guess(name='cp1252', other='cp1250', doubtful=(('Gyõr', 'Győr'),))
    """
    sample = sample_of(data)
    words = words_of(sample)
    found = likeliest(words)
    single = found[0].cost if found else None
    if (name := _of_letters_in_pairs(sample, words, single)) is not None:
        return Guess(name, _OTHERWISE[name])
    if not found:
        return Guess(WINDOWS_1252, _OTHERWISE[WINDOWS_1252])
    some = words.mixed if words.are_latin else words.pure
    best, others = found[0], found[1:]
    for other in others:
        if best.name in WESTERN_OLD and other.name != WINDOWS_1252:
            continue  # who doubts doubts that it is an old one
        pairs = [(_read(word, best.name), _read(word, other.name)) for word in some]
        unlike = tuple(pair for pair in pairs if pair[0] != pair[1])
        if unlike:
            doubtful = unlike[:_SAMPLES] if other.cost - best.cost < _DOUBT else ()
            return Guess(best.name, other.name, doubtful)
    return Guess(best.name, _OTHERWISE.get(best.name, WINDOWS_1252))


def _read(word: bytes, name: str) -> str:
    return word.decode(name, "replace")


def _of_letters_in_pairs(sample: bytes, words: HighWords, single: float | None) -> str | None:
    """``single`` is the cost of the words in the likeliest encoding of single bytes, if there is one."""
    runs = _HIGH.findall(sample)
    total = sum(map(len, runs))
    if total < _FEWEST:
        return None
    beside = sum(len(run) for run in runs if len(run) > 1) >= _BESIDE * total
    pairs = {run[at : at + 2] for run in runs for at in range(0, len(run) - 1, 2)}
    are_pairs = all(len(run) % 2 == 0 for run in runs)
    high = sum(byte > 0x7F for word in words.mixed for byte in word)
    is_latin = words.are_latin and single is not None and single <= _DEAR * high
    if not is_latin and _is_shift_jis(sample, beside=beside):
        return "cp932"
    if are_pairs and (name := _of_frequent(sample, pairs)):
        return name
    if is_latin or (single is not None and not words.are_latin):
        return None
    return _of_pairs(sample, runs, pairs if are_pairs else set())


def _is_shift_jis(sample: bytes, *, beside: bool) -> bool:
    """The second byte of a letter may be ASCII; then kana must show that it is one, for quotes look alike."""
    letters = _beyond_ascii(sample, "cp932")
    if not letters or len(_JAPANESE.findall(letters)) < _MOST * len(letters):
        return False
    kinds = set(letters)
    if sum(one.encode("cp932")[0] < _LATER for one in kinds) < _USUAL_KANJI * len(kinds):
        return False  # as Hebrew, of which all words have even numbers of letters
    return beside or len(_KANA.findall(letters)) >= (1 - _BESIDE) * len(letters)


def _of_pairs(sample: bytes, runs: list[bytes], pairs: set[bytes]) -> str | None:
    """``pairs`` are the different ones; none if some of the ``runs`` of bytes are no pairs."""
    kana = len(_KANA.findall(_beyond_ascii(sample, "euc_jp")))
    if kana >= (1 - _MOST) * sum(map(len, runs)) / 2:
        return "euc_jp"
    leads = [pair[0] for pair in pairs if pair[0] >= _FIRST]
    if pairs:
        if len(leads) < _DISTINCT:
            return None
        if _share(leads, lambda lead: lead <= 0xC8) >= _MOST and _beyond_ascii(sample, "cp949"):
            return "cp949"
        if _share(leads, lambda lead: lead <= 0xD7) >= 0.8 and _beyond_ascii(sample, "gb18030"):
            return "gb18030"
    letters = {one.encode("cp950") for one in set(_beyond_ascii(sample, "cp950"))}
    often = [one[0] for one in letters if len(one) == 2]
    is_big5 = len(often) >= _DISTINCT and _share(often, lambda lead: 0xA4 <= lead <= 0xC6) >= _MOST
    return "cp950" if is_big5 else None


def _of_frequent(sample: bytes, pairs: set[bytes]) -> str | None:
    """Of the encodings that have the same pairs, the one in which clearly more of them are letters that are frequent.

    Kanji and Chinese letters lie in the same places, and those of Hangul among them.
    """
    from lepton_core.table.files.frequent_letters import (  # noqa: PLC0415  (few files need it)
        CHINESE,
        JAPANESE,
        KOREAN,
    )

    distinct = sum(pair[0] >= _FIRST for pair in pairs)
    known = _KNOWN if distinct >= _DISTINCT else _MOSTLY_KNOWN
    if distinct < _FEW_DISTINCT:
        return None
    shares = {
        name: sum(pair.decode(name) in frequent for pair in pairs) / len(pairs)
        for name, frequent in (("euc_jp", JAPANESE), ("gb18030", CHINESE), ("cp949", KOREAN))
        if _beyond_ascii(sample, name)
    }
    best, *others = sorted(shares, key=shares.__getitem__, reverse=True) or [""]
    if not best or shares[best] < known or any(shares[best] < _CLEARLY * shares[other] for other in others):
        return None
    return best


def _share(leads: list[int], wanted: Callable[[int], bool]) -> float:
    return sum(map(wanted, leads)) / len(leads)


def _beyond_ascii(sample: bytes, name: str) -> str:
    """The letters beyond ASCII of a ``sample`` in an encoding; empty if some bytes are not of it."""
    try:
        return re.sub("[\x00-\x7f]+", "", sample.decode(name))
    except UnicodeDecodeError:
        return ""
