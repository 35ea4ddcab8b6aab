"""Yes and no in everyday spellings."""

from collections.abc import Iterable, Mapping

_ENGLISH: tuple[tuple[str, str], ...] = (
    ("false", "true"),
    ("f", "t"),
    ("no", "yes"),
    ("n", "y"),
    ("off", "on"),
)
_LANGUAGES = {
    "Arabic": (("لا", "نعم"),),
    "Bulgarian, Macedonian": (("не", "да"),),
    "Chinese, Japanese": (("無", "有"),),
    "Chinese": (("否", "是"), ("无", "有"), ("没有", "有"), ("假", "真"), ("错", "对"), ("錯", "對")),
    "Croatian, Lithuanian, Serbian, Slovenian": (("ne", "da"), ("ne", "taip")),
    "Czech, Slovak": (("ne", "ano"), ("nepravda", "pravda"), ("nie", "áno")),
    "Danish, Icelandic, Norwegian, Swedish": (
        ("nej", "ja"), ("nei", "ja"), ("falsk", "sand"), ("falskt", "sant"), ("usann", "sann"), ("nei", "já"),
    ),
    "Dutch": (("nee", "ja"), ("onwaar", "waar")),
    "Estonian": (("ei", "jah"),),
    "Finnish": (("ei", "kyllä"), ("epätosi", "tosi")),
    "French": (("non", "oui"), ("faux", "vrai")),
    "German": (("nein", "ja"), ("falsch", "wahr")),
    "Greek": (("όχι", "ναι"), ("ψευδής", "αληθής")),
    "Hebrew": (("לא", "כן"),),
    "Hindi": (("नहीं", "हाँ"), ("नहीं", "हां")),
    "Hungarian": (("nem", "igen"), ("hamis", "igaz")),
    "Indonesian": (("tidak", "ya"),),
    "Italian": (("no", "sì"), ("no", "si"), ("falso", "vero")),
    "Japanese": (("いいえ", "はい"), ("無し", "有り"), ("なし", "あり"), ("偽", "真"), ("×", "○"), ("×", "〇")),
    "Korean": (("아니요", "예"), ("아니오", "예"), ("아니요", "네"), ("아니오", "네"), ("무", "유"), ("거짓", "참")),
    "Latvian": (("nē", "jā"),),
    "Persian": (("خیر", "بله"),),
    "Polish": (("nie", "tak"), ("fałsz", "prawda")),
    "Portuguese": (("não", "sim"), ("nao", "sim"), ("falso", "verdadeiro")),
    "Romanian": (("nu", "da"), ("fals", "adevărat")),
    "Russian": (("нет", "да"), ("ложь", "истина")),
    "Spanish": (("no", "sí"), ("no", "si"), ("falso", "verdadero")),
    "Thai": (("ไม่ใช่", "ใช่"), ("ไม่", "ใช่")),
    "Turkish": (("hayır", "evet"), ("hayir", "evet"), ("yok", "var"), ("yanlış", "doğru")),
    "Ukrainian": (("ні", "так"), ("хибність", "істина")),
    "Vietnamese": (("không", "có"),),
}  # fmt: skip
"""What forms and spreadsheets write, by language: no and yes, and false and true. Letters alone are read in English
only: S and N are more often south and north than yes and no."""

OPPOSITES: Mapping[str, str] = {
    one: other
    for no, yes in (
        *(pair for pairs in _LANGUAGES.values() for pair in reversed(pairs)),
        *_ENGLISH,
        ("0", "1"),
    )
    for one, other in ((no, yes), (yes, no))
}
"""Of each spelling the one that is usual for its opposite."""

_DIGITS = frozenset({"0", "1"})
_SPELLINGS = {
    text: truth
    for pairs in (*_LANGUAGES.values(), _ENGLISH, (("0", "1"),))
    for pair in pairs
    for text, truth in zip(pair, (False, True), strict=True)
}
_FAMILIES = tuple(
    frozenset(text for pair in pairs for text in pair) | _DIGITS
    for pairs in (
        _ENGLISH[:2],
        _ENGLISH[2:4],
        _ENGLISH[4:],
        *((pair,) for of in _LANGUAGES.values() for pair in of),
    )
)
"""Spellings that may stand beside each other in a column."""

_ALONE = frozenset(text for pair in _ENGLISH for text in pair if len(text) > 1)


def boolean_of(text: str) -> bool | None:
    """The truth value that a cell spells, in any case; None if it spells none.

    >>> [boolean_of(text) for text in ("TRUE", "t", "No", "0", "nein", "2")]
    [True, True, False, False, False, None]
    """
    return _SPELLINGS.get(text.strip().lower())


def are_booleans(texts: Iterable[str]) -> bool:
    """Whether all cells spell truth values of one pair: true/false, yes/no, on/off, or 1/0 beside them or alone.

    So does a pair of another language, such as ja/nein. One letter alone (a column of nothing but ``F``) or one digit
    alone is no evidence of a pair. Neither is one word of another language alone: ``da`` is more than a yes.

    >>> are_booleans(["True", "FALSE", "1"]), are_booleans(["oui", "Non"]), are_booleans(["yes", "off"])
    (True, True, False)
    >>> are_booleans(["0", "0"]), are_booleans(["ja"])
    (False, False)
    """
    found = set()
    for text in texts:
        if boolean_of(text) is None:
            return False
        found.add(text.strip().lower())
    if not found or (len(found) == 1 and not found <= _ALONE):
        return False
    return any(found <= family for family in _FAMILIES)
