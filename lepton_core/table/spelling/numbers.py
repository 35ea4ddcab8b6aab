"""Numbers in everyday clothes: `$1,200`, `1.234,56`, `4.5%`, `(300)`, `12 kg`, `<=5`."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput
from lepton_core.table.cells import NUMBER_CHARACTERS
from lepton_core.table.spelling.missing import LEAST_READ, LONGEST_READ, present_cells, typical

_FEW_WORDS = 3
_MANY_NUMBERS = 20

_CODES = (
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF INR JPY KRW MXN NOK NZD PLN RUB SEK SGD THB TRY TWD USD ZAR"
)
_BEFORE = rf"\\|[A-Z]{{0,3}}[$¢£¤¥₡₦₨₩₪₫€₱₴₹₺₽₿]|{'|'.join(_CODES.split())}|R[sp]\.?|kr\.?"
_AFTER = (
    r"[^\W\d_][^\d()<>=,;:|_\s]*(?: [^\W\d_][^\d()<>=,;:|_\s]*)?|[%‰°$¢£¤¥₩€₱₹₺₽₿+″′][^\W\d_]?(?:/[^\W\d_]+)?"
)
_CLOTHES = re.compile(
    rf"(?P<open>\()?(?P<bound>(?:[<>]=?|[≤≥~≈]) ?)?(?P<sign>[+-] ?)?(?:(?P<before>{_BEFORE}) ?)?(?P<late>[+-])?"
    r"(?P<second>\((?=[^)]*\)\Z))?"
    r"(?P<body>[0-9][0-9.,' ]*(?<! )|[.,][0-9]+)(?P<power>[eE][+-]?[0-9]+)?(?(second)\))"
    rf"(?:(?P<even>(?<=[.,])(?:--?|[–—]))|(?<=[0-9])(?P<behind> ?-)(?=\Z| (?:{_BEFORE})\Z))?"
    rf"(?: ?(?P<after>{_AFTER}))?(?(open)\))"
)
_MOST_DIGITS = 4000
_MOST_REMEMBERED = 1 << 14
_THOUSANDS = frozenset({"K", "k", "M", "m", "B", "b", "bn", "T"})
_CANONICAL = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BOUNDS = frozenset("<>≤≥")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_PADDED = re.compile(r"0[0-9]")
_NO_NUMBER = re.compile(f"[^\n{re.escape(NUMBER_CHARACTERS)}]")
_PADDED_NUMBER = re.compile(r"\n[+-]?0[0-9]")
_LARGEST = 2.0**53
_ONE_SIGN = {
    **dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u2007"), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff")),  # marks that nobody sees
    ord("’"): "'",
}
_BODIES = {
    "": re.compile(r"0|[1-9][0-9]*"),
    ".": re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+"),
    " ": re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+"),
    "'": re.compile(r"[1-9][0-9]{0,2}(?:'[0-9]{3})+"),
    # India writes 12,34,567.
    ",": re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"),
}


@dataclass(frozen=True)
class NumberNotation:
    """How the numbers of a column are written: ``decimal`` sign, sign of ``group`` ("" for none) and ``unit``.

    A blank as the group stands for each kind of blank, an apostrophe for both kinds of it. The unit stands before or
    behind the number, or is left out.

    >>> NumberNotation(",", ".", "€").as_text()
    ',.€'
    """

    decimal: str = "."
    group: str = ""
    unit: str = ""

    def as_text(self) -> str:
        """One short text: the decimal sign, the group's sign or ``_``, the unit; nothing for the plain way.

        >>> NumberNotation(",").as_text(), NumberNotation().as_text()
        (',_', '')
        """
        return "" if self == CANONICAL else f"{self.decimal}{self.group or '_'}{self.unit}"

    @classmethod
    def from_text(cls, text: str) -> "NumberNotation":
        """The notation that `as_text` wrote. Raise `InvalidInput` for any other text.

        >>> NumberNotation.from_text(". kg")
        NumberNotation(decimal='.', group=' ', unit='kg')
        """
        if not text:
            return CANONICAL
        if text[:1] not in {".", ","} or text[1:2] not in {"_", ",", ".", " ", "'"} or text[0] == text[1]:
            raise InvalidInput(f"{text[:40]!r} is no notation of numbers, as '._' or ',.€'", field="notation")
        return cls(text[0], text[1].replace("_", ""), text[2:])


CANONICAL = NumberNotation()
"""A point, no groups, no unit: what `float` reads."""

_NOTATIONS = tuple(
    NumberNotation(decimal, group)
    for decimal in ".,"
    for group in ("", ",", ".", " ", "'")
    if group != decimal
)
"""In the order of preference: of two that read as many cells, the first is taken."""


def read_number(text: str, notation: NumberNotation = CANONICAL) -> float | None:
    """A cell as a number, or None if it is none: the whole cell is read or nothing of it.

    A cell in canonical form is read bit for bit as `float` does where the decimal sign is a point. Never a number:
    digits padded with zeros, an integer that float64 cannot hold, NaN and infinity, other alphabets' digits, ``1_000``.
    A percentage is read as written (4.5% is 4.5), a bound (``<=5``) as the bound. A minus may stand behind a number
    that shows its decimal or group sign (``1,234.56-``); ``12.-`` is 12.

    >>> [read_number(text) for text in ("1.5", "(300)", "<=5", "01010", "1,200", "٣")]
    [1.5, -300.0, 5.0, None, None, None]
    >>> read_number("1.234,56 €", NumberNotation(",", ".", "€"))
    1234.56
    """
    text = text.strip()
    if notation.decimal == "." and len(text) <= _MOST_DIGITS and _CANONICAL.fullmatch(text):
        return _exact(text)
    worn = undress(text)
    if worn is None or (worn.unit and worn.unit != notation.unit):
        return None
    return _value(worn, notation)


def read_later_number(text: str, notation: NumberNotation) -> float | None:
    """A cell of a column whose ``notation`` was told by other cells; see `read_number`.

    A column of small numbers shows no sign of its groups. Its decimal sign is known, so that any other sign between
    groups of three digits can only be theirs.

    >>> read_later_number("$1,200.50", NumberNotation(unit="$")), read_later_number("1,20", CANONICAL)
    (1200.5, None)
    """
    found = read_number(text, notation)
    if found is not None or notation.group:
        return found
    grouped = (replace(notation, group=sign) for sign in _BODIES if sign not in {"", notation.decimal})
    return next((value for one in grouped if (value := read_number(text, one)) is not None), None)


def read_numbers(texts: Sequence[str], notation: NumberNotation = CANONICAL) -> NDArray[np.float64]:
    """Cells as float64 (m,), NaN where a cell is missing or no number; each distinct text is read once.

    >>> read_numbers(["1,5", "", "x"], NumberNotation(","))
    array([1.5, nan, nan])
    """
    values = {text: read_number(text, notation) for text in set(texts)}
    return np.array(
        [math.nan if (value := values[text]) is None else value for text in texts], dtype=np.float64
    )


def plain_numbers(texts: Collection[str]) -> list[float] | None:
    """What `read_number` makes of all ``texts`` in the plain notation, several times as fast; None: ask it for each.

    >>> plain_numbers(["1.5", "-7"]), plain_numbers(["1.5", "007"]), plain_numbers(["1.5", ""])
    ([1.5, -7.0], None, None)
    """
    if len(texts) <= _MOST_REMEMBERED:
        found = _remembered(tuple(texts))
        return None if found is None else [*found]
    return _plain_numbers(texts)


@lru_cache(maxsize=1)
def _remembered(texts: tuple[str, ...]) -> list[float] | None:
    """The cells of a column are asked for several times in a row while its kind is found."""
    return _plain_numbers(texts)


def _plain_numbers(texts: Collection[str]) -> list[float] | None:
    joined = "\n".join(("", *texts))
    if _NO_NUMBER.search(joined) or _PADDED_NUMBER.search(joined):
        return None
    if max(map(len, texts), default=0) > _MOST_DIGITS:
        return None
    try:
        values = list(map(float, texts))
    except ValueError:
        return None
    # From there on some are integers that float64 cannot hold: it takes 2**53 + 1 for 2**53.
    fit = min(values, default=0.0) > -_LARGEST and max(values, default=0.0) < _LARGEST
    return values if fit else None


def read_each(texts: Collection[str], notation: NumberNotation) -> list[float | None]:
    """What `read_number` makes of each of the ``texts``.

    >>> read_each(["1,5", "x"], NumberNotation(","))
    [1.5, None]
    """
    plain = plain_numbers(texts) if notation.decimal == "." else None
    return [read_number(text, notation) for text in texts] if plain is None else [*plain]


def number_notation(texts: Mapping[str, int], decimal: str = "") -> NumberNotation | None:
    """How a column's numbers are written, from its distinct cells and their counts; None if it is no number column.

    The notation is the one that reads the most cells, of equals the one with a decimal point: ``1,200`` is 1200 as long
    as no other cell speaks against it (see `is_guess`). It must read `LEAST_READ` of the present cells, or half of them
    where the numbers are many and the words at most three; half of the numbers must have its unit. One cell padded with
    zeros, or one integer that float64 cannot hold, makes a column of codes. Where all are bounds they name
    ranges: ``<=50K`` and ``>50K``. ``decimal`` is a person's word for the decimal sign.

    >>> print(number_notation({"<=50K": 3, ">50K": 1}))
    None
    >>> number_notation({"1,200": 3}, decimal=",").as_text()
    ',_'
    >>> number_notation({"1.254,15": 1, "300": 4}).as_text()
    ',.'
    >>> number_notation({"$1,200": 3, "$80": 1})
    NumberNotation(decimal='.', group=',', unit='$')
    >>> print(number_notation({"01010": 1, "90210": 200}))
    None
    """
    if decimal != "," and texts and plain_numbers(texts) is not None:
        return CANONICAL
    present = present_cells(texts)
    if (
        decimal != ","
        and present
        and all(_CANONICAL.fullmatch(text) and _exact(text) is not None for text in present)
    ):
        return CANONICAL
    if not any(map(undress, typical(present))):
        return None
    worn = {text: one for text in present if (one := undress(text)) is not None}
    if not worn or any(is_code(one) for one in worn.values()) or _are_ranges(worn):
        return None
    unit = _unit(present, worn)
    worn = {text: one for text, one in worn.items() if one.unit in {"", unit}}
    read, notation = _best(present, worn, decimal)
    if not _enough(present, worn, notation, read):
        return None
    return NumberNotation(notation.decimal, notation.group, unit)


def mixed_notations(texts: Mapping[str, int]) -> str:
    """What to say of cells that are numbers, nearly all, but not in one notation; "" of others.

    >>> mixed_notations({"1.5": 9, "2,5": 8, "7": 1})
    "its cells are numbers, but not written in one way, as '1.5' and '2,5'"
    >>> mixed_notations({"12 kg": 3, "007": 1}), mixed_notations({"red": 3})
    ('', '')
    """
    if not any(map(undress, typical(texts))):
        return ""
    worn = {text: one for text in texts if (one := undress(text)) is not None}
    total = sum(texts.values())
    if not worn or sum(texts[text] for text in worn) < LEAST_READ * total or any(map(is_code, worn.values())):
        return ""
    ways: dict[tuple[object, ...], str] = {}
    for text, one in worn.items():
        signs = next((way for way in _NOTATIONS if _value(one, way) is not None), None)
        if one.unit or (signs is not None and not one.body.isdigit()):
            ways.setdefault((signs, one.unit), text)
    shown = list(ways.values())
    if len(shown) < 2 or _are_ranges(worn):
        return ""
    return f"its cells are numbers, but not written in one way, as {shown[0]!r} and {shown[1]!r}"


def is_guess(texts: Iterable[str], notation: NumberNotation) -> bool:
    """Whether no cell decides between a decimal and a group's sign: all are as ``1,200``, or as ``1.200`` and round.

    >>> is_guess(["1,200", "3,150"], NumberNotation(".", ","))
    True
    >>> is_guess(["1,200", "3,150,000"], NumberNotation(".", ","))
    False
    """
    sign = notation.group if notation.group in {".", ","} else notation.decimal
    marked = round_ones = 0
    for text in texts:
        worn = None if text.isdigit() else undress(text)
        if worn is None or not ("." in worn.body or "," in worn.body):
            continue
        if worn.body.count(sign) != 1 or not _BODIES[sign].fullmatch(worn.body):
            return False
        marked += 1
        round_ones += worn.body.endswith("00")
    return marked > 0 and (sign == "," or round_ones > 0.3 * marked)


class Worn(NamedTuple):
    """A number as it is dressed: minus, bound, digits with their signs, power of ten and unit, all as text."""

    minus: bool
    bound: str
    body: str
    power: str
    unit: str


def undress(text: str) -> Worn | None:
    """The parts of a cell that may be a number in some notation; None if it can be none.

    >>> undress("-$1,200")
    Worn(minus=True, bound='', body='1,200', power='', unit='$')
    >>> undress("1.234,56- EUR")
    Worn(minus=True, bound='', body='1.234,56', power='', unit='EUR')
    >>> undress("12,-")
    Worn(minus=False, bound='', body='12,0', power='', unit='')
    """
    if len(text) > LONGEST_READ:
        return None
    found = _CLOTHES.fullmatch(text.strip().translate(_ONE_SIGN))
    if found is None:
        return None
    part = found.groupdict(default="")
    signs = [part["sign"].strip(), part["late"], part["behind"].strip()]
    brackets = bool(part["open"]) + bool(part["second"])
    two_units = part["before"] and part["after"] and part["after"] not in _THOUSANDS
    if two_units or sum(map(bool, signs)) + brackets > 1:
        return None
    body = part["body"] + ("0" if part["even"] else "")
    if part["behind"] and body.isdigit():
        return None  # a mark, as 2- at school
    minus = "-" in signs or brackets == 1
    return Worn(minus, part["bound"].strip(), body, part["power"], part["before"] + part["after"])


def is_code(worn: Worn) -> bool:
    """Whether digits are a code and no quantity: padded with zeros, or an integer that float64 cannot hold.

    >>> [is_code(undress(text)) for text in ("01010", "0.5", "9007199254740993", "9007199254740992")]
    [True, False, True, False]
    """
    if _PADDED.match(worn.body):
        return True
    return not worn.power and len(worn.body) > 15 and worn.body.isdigit() and _exact(worn.body) is None


def _are_ranges(worn: Mapping[str, Worn]) -> bool:
    return all(one.bound and one.bound[0] in _BOUNDS for one in worn.values())


def _exact(text: str) -> float | None:
    """`float` of a canonical text, or None where that is not finite or loses digits of an integer."""
    value = float(text)
    if not math.isfinite(value) or (len(text) > 15 and _INTEGER.fullmatch(text) and int(text) != value):
        return None
    return value


def _value(worn: Worn, notation: NumberNotation) -> float | None:
    whole, sign, rest = worn.body.partition(notation.decimal)
    if (rest and not rest.isdigit()) or (sign == "," and not rest) or not (whole or rest):
        return None
    if whole and not _is_whole(whole, notation.group):
        return None
    digits = whole.translate({ord(notation.group): None}) if notation.group else whole
    text = "-" * worn.minus + digits + ("." if sign else "") + rest + worn.power
    return _exact(text)


def _is_whole(digits: str, group: str) -> bool:
    return bool(_BODIES[""].fullmatch(digits) or (group and _BODIES[group].fullmatch(digits)))


def _unit(present: Mapping[str, int], worn: Mapping[str, Worn]) -> str:
    """The unit that most numbers with a unit have; "" unless half of all numbers but 0 have it."""
    counts: Counter[str] = Counter()
    for text, one in worn.items():
        if one.unit:
            counts[one.unit] += present[text]
    unit = max(counts, key=lambda one: (counts[one], one), default="")
    numbers = sum(present[text] for text, one in worn.items() if one.body != "0")
    return unit if 2 * counts[unit] >= numbers else ""


def _best(present: Mapping[str, int], worn: Mapping[str, Worn], decimal: str) -> tuple[int, NumberNotation]:
    """The weight of the cells that the best notation reads, and that notation, its unit left out."""
    plain = {text: one for text, one in worn.items() if one.body.isdigit()}
    rest = {text: one for text, one in worn.items() if text not in plain}
    base = sum(present[text] for text, one in plain.items() if _value(one, CANONICAL) is not None)
    notations = [one for one in _NOTATIONS if decimal in {"", one.decimal}]
    weights = [
        sum(present[text] for text, one in rest.items() if _value(one, notation) is not None)
        for notation in (notations if rest else notations[:1])
    ]
    most = max(weights)
    return base + most, notations[weights.index(most)]


def _enough(
    present: Mapping[str, int], worn: Mapping[str, Worn], notation: NumberNotation, read: int
) -> bool:
    total = sum(present.values())
    if read >= LEAST_READ * total:
        return True
    numbers = sum(_value(one, notation) is not None for one in worn.values())
    return 2 * read >= total and numbers > _MANY_NUMBERS and len(present) - numbers <= _FEW_WORDS
