"""In which encoding of single bytes the words of a text are those of some language.

Each encoding is tried with the languages that it is used for. What counts is how frequent the letters beyond ASCII are
in the language, whether vowels stand beside consonants, capitals after small letters, and signs within words: the
method of Mozilla's detector, made for the few words that a table has.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, log

from lepton_core.table.files.alphabets import (
    FINAL,
    LATIN,
    NOT_FIRST,
    NOT_INSIDE,
    NOT_LAST,
    OTHERS,
    SELDOM_CAPITAL,
)

_WORDS = re.compile(rb"[A-Za-z\x80-\xff]+")
_LATIN_LETTER = re.compile(rb"[A-Za-z]")
_MID_CAPITALS = re.compile(rb"l(?=U)|L(?=u)|l(?=u)|[Uu](?=u[Ll])|u(?=U[Ll])|[Uu](?=Ul)")
_CAPITALS = re.compile(rb"(?<![LlUu])[Uu]{2,}(?![LlUu])")
"""Within what `_shapes` makes of words."""

_HIGH = range(0x80, 0x100)
_MOST_WORDS = 1000
_MOST_LETTERS = 40
"""Of a longer word nothing more is looked at."""

_ASCII_VOWELS = frozenset(b"aeiouyAEIOUY")
_VOWELS = frozenset("aeiouyøæœıåõ")
_EDGES = frozenset("“”‘„‚«»–—…®™©€¹²³")
"""Signs that stand at the edge of words: quotes, dashes, and what is written without a blank."""

_BEFORE_VOWELS = frozenset("ãõ")
_USUAL_SIGNS = {"’": 1.5, "–": 3.0, "…": 3.0, "²": 3.0}
_USUAL_EDGES = {"’": 4.0, "µ": 2.0, "°": 2.0, "¿": 2.0, "¡": 2.0, "º": 5.0, "ª": 5.0}

_FLOOR, _SIGN, _EDGE, _NOTHING = 9.0, 9.0, 6.0, 12.0
"""The cost, in nats, of a letter that the language has not, a sign within a word and at its edge, and no character."""

_FALL = 3.0
"""The logarithm of how much more frequent the first letter of a language is than its last."""

_KIN = 0.1
"""The share of letters that are of other languages with the same encoding."""

_MID_CAPITAL, _ALL_CAPITAL = 4.0, 1.0
"""The cost of a capital behind a small letter, or of two before one, and of a word of capitals alone."""

_OPPOSITE, _SAME = -log(0.72), -log(0.28)
_USUALLY_LAST, _SELDOM_LAST = 0.97, 0.3

_SELDOM = 3.0
"""The cost of a letter where it hardly ever stands."""

PURE = 0.6
"""Least share of the bytes beyond ASCII that stand in words without letters of ASCII, in a script other than Latin."""

_FEWEST, _FEWEST_KINDS = 5, 4
"""Of fewer letters, or fewer different ones, of scripts other than Latin nothing is told."""

_DEAREST, _DEAREST_LATIN, _FREE = 4.3, 6.0, 12.0
"""The cost of a letter, in nats, beyond which it is none of the scripts, or of Latin, of which few may be dearer."""


@dataclass(frozen=True)
class Likely:
    """An encoding, and the ``cost`` of the words in it: minus the logarithm of how likely they are, in nats."""

    name: str
    cost: float


@dataclass(frozen=True)
class HighWords:
    """The different words of a text that have letters beyond ASCII."""

    mixed: tuple[bytes, ...]
    pure: tuple[bytes, ...]

    @property
    def are_latin(self) -> bool:
        """Whether most bytes beyond ASCII stand in words with letters of ASCII."""
        mixed, pure = (
            sum(byte > 0x7F for word in words for byte in word) for words in (self.mixed, self.pure)
        )
        return pure < PURE * (mixed + pure)


def words_of(sample: bytes) -> HighWords:
    """The words of a ``sample``, at most a thousand; one byte alone is no word."""
    every = dict.fromkeys(word[:_MOST_LETTERS] for word in _WORDS.findall(sample) if not word.isascii())
    some = [word for word in every if len(word) > 1][:_MOST_WORDS]
    mixed = tuple(word for word in some if _LATIN_LETTER.search(word))
    return HighWords(mixed, tuple(word for word in some if not _LATIN_LETTER.search(word)))


def likeliest(words: HighWords) -> list[Likely]:
    """The encodings that ``words`` can be of, from the likeliest on; none if they are no letters in any.

    >>> [one.name for one in likeliest(words_of("Łódź,Kraków,Gdańsk".encode("cp1250")))][:2]
    ['cp1250', 'iso8859-2']
    """
    if words.mixed and words.are_latin:
        high = sum(byte > 0x7F for word in words.mixed for byte in word)
        found = _ranked(words.mixed, _latin(), vowels=True)
        return [] if found[0].cost > _DEAREST_LATIN * high + _FREE else found
    letters = sum(map(len, words.pure))
    if letters < _FEWEST or len(set(b"".join(words.pure))) < _FEWEST_KINDS:
        return []
    found = _ranked(words.pure, OTHERS, vowels=False)
    return [one for one in found if one.cost <= _DEAREST * letters]


def _ranked(
    words: tuple[bytes, ...], languages: Iterable[tuple[str, dict[str, float]]], *, vowels: bool
) -> list[Likely]:
    counts = _counted(words)
    beside = _beside(words) if vowels else {}
    joined = b" ".join(words)
    best: dict[str, float] = {}
    shapes: dict[str, float] = {}
    for letters, encodings in languages:
        for name, less in encodings.items():
            if name not in shapes:
                shapes[name] = _shape_cost(joined, name) + _beside_cost(beside, name)
            costs = _costs(letters, name, latin=vowels)
            cost = less + shapes[name]
            for place in range(3):
                cost += sum(many * costs[place][byte] for byte, many in counts[place].items())
            best[name] = min(best.get(name, cost), cost)
    return sorted((Likely(*one) for one in best.items()), key=lambda one: one.cost)


@cache
def _latin() -> tuple[tuple[str, dict[str, float]], ...]:
    return (FINAL, *LATIN)


def _counted(words: Iterable[bytes]) -> tuple[Counter[int], ...]:
    """How often each byte beyond ASCII begins a word, stands within one, and ends one."""
    first, inside, last = Counter[int](), Counter[int](), Counter[int]()
    for word in words:
        first[word[0]] += 1
        inside.update(word[1:-1])
        last[word[-1]] += 1
    return tuple(
        Counter({byte: many for byte, many in one.items() if byte > 0x7F}) for one in (first, inside, last)
    )


def _beside(words: Iterable[bytes]) -> dict[int, list[int]]:
    """How many consonants and how many vowels of ASCII stand beside each byte."""
    found: dict[int, list[int]] = {}
    for word in words:
        for one, other in pairwise(word):
            if (one > 0x7F) != (other > 0x7F):
                high, low = max(one, other), min(one, other)
                found.setdefault(high, [0, 0])[low in _ASCII_VOWELS] += 1
    return found


def _beside_cost(beside: dict[int, list[int]], name: str) -> float:
    cost = 0.0
    for byte, (consonants, vowels) in beside.items():
        letter = _letters(name)[byte - 0x80].lower()
        if letter.isalpha():
            opposite, same = (consonants, vowels) if _is_vowel(letter) else (vowels, consonants)
            cost += opposite * _OPPOSITE + same * (_OPPOSITE if letter in _BEFORE_VOWELS else _SAME)
        else:
            cost += (consonants + vowels) * _SAME
    return cost


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter)[0] in _VOWELS


def _shape_cost(joined: bytes, name: str) -> float:
    shape = joined.translate(_shapes(name))
    return _MID_CAPITAL * len(_MID_CAPITALS.findall(shape)) + _ALL_CAPITAL * len(_CAPITALS.findall(shape))


@cache
def _letters(name: str) -> str:
    return "".join(bytes([byte]).decode(name, "replace") for byte in _HIGH)


@cache
def _shapes(name: str) -> bytes:
    """Of each byte: L and U for small and capital letters of ASCII, l and u for others, and a blank."""
    table = bytearray(b" " * 256)
    for byte in range(256):
        letter = bytes([byte]).decode(name, "replace")
        if letter.islower():
            table[byte] = ord("L" if byte < 0x80 else "l")
        elif letter.isupper():
            table[byte] = ord("U" if byte < 0x80 else "u")
    return bytes(table)


@cache
def _shares(letters: str) -> dict[str, float]:
    weights = [exp(-_FALL * at / len(letters)) for at in range(len(letters))]
    return {letter: weight / sum(weights) for letter, weight in zip(letters, weights, strict=True)}


@cache
def _kin(name: str) -> dict[str, float]:
    """How frequent letters are in all languages of an encoding."""
    shared = Counter[str]()
    kin = [letters for letters, encodings in (*_latin(), *OTHERS) if name in encodings]
    for letters in kin:
        for letter, share in _shares(letters).items():
            shared[letter] += share / len(kin)  # type: ignore[assignment]
    return dict(shared)


@cache
def _costs(letters: str, name: str, *, latin: bool) -> tuple[dict[int, float], ...]:
    """The cost of each byte that begins a word, that stands within one, and that ends one."""
    shares, kin = _shares(letters), _kin(name)
    costs: tuple[dict[int, float], ...] = ({}, {}, {})
    ends = _USUALLY_LAST if letters == FINAL[0] else _SELDOM_LAST
    for byte, letter in zip(_HIGH, _letters(name), strict=True):
        small = letter.lower() if len(letter.lower()) == 1 else letter
        share = (1 - _KIN) * shares.get(small, 0) + _KIN * kin.get(small, 0)
        if share:
            cost = -log(share)
            within = cost - log(1 - ends) if latin else cost
            costs[0][byte] = within + _SELDOM * (small in NOT_FIRST or letter in SELDOM_CAPITAL)
            costs[1][byte] = within + _SELDOM * (small in NOT_INSIDE or letter in SELDOM_CAPITAL)
            costs[2][byte] = (cost - log(ends) if latin else cost) + _SELDOM * (
                ends == _SELDOM_LAST and small in NOT_LAST
            )
        elif latin and letter in _USUAL_EDGES:
            costs[0][byte] = costs[2][byte] = _USUAL_EDGES[letter]
            costs[1][byte] = _USUAL_SIGNS.get(letter, _SIGN)
        elif letter.isalpha():
            costs[0][byte] = costs[1][byte] = costs[2][byte] = _FLOOR
        elif letter == "\ufffd" or unicodedata.category(letter) == "Cc":
            costs[0][byte] = costs[1][byte] = costs[2][byte] = _NOTHING
        else:
            costs[0][byte] = costs[2][byte] = _EDGE if latin and letter in _EDGES else _SIGN
            costs[1][byte] = _USUAL_SIGNS.get(letter, _SIGN) if latin else _SIGN
    return costs
