"""In which encoding a text is that is not UTF-8, from the letters that it would have.

Letters of Windows-1252, of an old Mac and of DOS stand alone among those of ASCII. Those of Cyrillic, Greek, Japanese,
Chinese and Korean stand side by side: where most bytes beyond ASCII do, the encodings of these are tried, and one is
taken if all bytes are of it and the letters are those that such texts mostly have.
"""

import re
from collections.abc import Callable

_LOOK = 1 << 18
_FEWEST = 12
"""Of fewer bytes beyond ASCII nothing is told."""

_DISTINCT = 6
"""Nor of fewer different letters of Chinese and Korean, which share their bytes."""

_BESIDE = 0.6
_MOST = 0.9
_HIGH = re.compile(rb"[\x80-\xff]+")
_TOUCHING = re.compile(rb"[A-Za-z][\x80-\xff]+|[\x80-\xff]+[A-Za-z]")

_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")
_KANA = re.compile("[\u3041-\u30fe]")
_FREQUENT = {
    "оеаинтсрвл": ("cp1251", "koi8-r", "cp866", "iso8859-5"),
    "αοιετσνηυρςάίόέή": ("cp1253",),
}
"""The letters that are frequent in a script, and encodings of it."""

_ALPHABETS = {"оеаинтсрвл": "[а-яё]", "αοιετσνηυρςάίόέή": "[α-ωά-ώ]"}
_LEAST_FREQUENT = 0.45

_FIRST = 0xB0
"""The first byte of letters in pairs; those before are signs."""

_KNOWN = 0.25
"""Least share of the different letters of Chinese, Japanese or Korean that are frequent ones of it."""

_CLEARLY = 1.5
"""By how much the next language must have fewer."""


OTHERWISE = {"euc_jp": "gb18030", "gb18030": "euc_jp", "cp949": "gb18030", "cp950": "gb18030"}
"""What a text most likely is if it is not of an encoding: these share their bytes. Else it is Windows-1252."""


def by_letters(data: bytes) -> str | None:
    """The encoding of a text that is not UTF-8, as Python calls it; None for Windows-1252, and in doubt.

    >>> by_letters("年齢,都市,金額,解約\\n34,東京,1.5,有\\n".encode("shift_jis"))
    'cp932'
    >>> by_letters("возраст,город,сумма\\n34,Москва,1\\n".encode("koi8-r"))
    'koi8-r'
    >>> by_letters("größe,länge,straße\\n3,4,Köln\\n".encode("cp1252"))
    """
    sample = data[:_LOOK]
    if len(data) > _LOOK:
        sample = sample[: sample.rfind(b"\n") + 1]
    runs = _HIGH.findall(sample)
    total = sum(map(len, runs))
    if total < _FEWEST:
        return None
    beside = sum(len(run) for run in runs if len(run) > 1) >= _BESIDE * total
    if _is_shift_jis(sample, beside=beside):
        return "cp932"
    if not beside:
        from lepton_core.table.files.western import western  # noqa: PLC0415  (few files need it)

        return western(sample)
    pairs = {run[at : at + 2] for run in runs for at in range(0, len(run) - 1, 2)}
    are_pairs = all(len(run) % 2 == 0 for run in runs)
    if are_pairs and (name := _of_frequent(sample, pairs)):
        return name
    touching = sum(1 for _ in _TOUCHING.finditer(sample))
    alone = touching <= (1 - _MOST) * len(
        runs
    )  # words of Cyrillic and Greek have no letters of ASCII in them
    return (_of_single_bytes(set(runs)) if alone else None) or _of_pairs(
        sample, runs, pairs if are_pairs else set()
    )


def _is_shift_jis(sample: bytes, *, beside: bool) -> bool:
    """The second byte of a letter may be ASCII; then kana must show that it is one, for quotes look alike."""
    letters = _beyond_ascii(sample, "cp932")
    if not letters or len(_JAPANESE.findall(letters)) < _MOST * len(letters):
        return False
    return beside or len(_KANA.findall(letters)) >= (1 - _BESIDE) * len(letters)


def _of_single_bytes(words: set[bytes]) -> str | None:
    """Words are counted once: what repeats in cells says nothing of letters."""
    best, found = _LEAST_FREQUENT, None
    for frequent, names in _FREQUENT.items():
        for name in names:
            letters = _beyond_ascii(b" ".join(words), name).lower()
            if letters and len(re.findall(_ALPHABETS[frequent], letters)) >= _MOST * len(letters):
                share = sum(map(letters.count, frequent)) / len(letters)
                best, found = max((best, found), (share, name), key=lambda one: one[0])
    return found


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

    if sum(pair[0] >= _FIRST for pair in pairs) < _DISTINCT:
        return None
    shares = {
        name: sum(pair.decode(name) in frequent for pair in pairs) / len(pairs)
        for name, frequent in (("euc_jp", JAPANESE), ("gb18030", CHINESE), ("cp949", KOREAN))
        if _beyond_ascii(sample, name)
    }
    best, *others = sorted(shares, key=shares.__getitem__, reverse=True) or [""]
    if not best or shares[best] < _KNOWN or any(shares[best] < _CLEARLY * shares[other] for other in others):
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
