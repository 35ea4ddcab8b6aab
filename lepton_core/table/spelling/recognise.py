"""What kind a column of cells is, and why. The column's name is never looked at."""

import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from lepton_core.table.spelling.dates import mixed_orders
from lepton_core.table.spelling.decision import Decision, Kind, percent, quoted
from lepton_core.table.spelling.evidence import Evidence, evidence_of, plain_figure
from lepton_core.table.spelling.missing import MISSING_SPELLINGS
from lepton_core.table.spelling.numbers import (
    CANONICAL,
    NumberNotation,
    mixed_notations,
    number_notation,
    read_each,
    read_number,
    undress,
)
from lepton_core.table.spelling.parsing import as_booleans, as_dates, as_durations, as_numbers

if TYPE_CHECKING:
    from lepton_core.table.spelling.classes import Look, Looks

SURE = 0.7
"""From here on whole numbers that look like codes, or like the key of a table, are taken for them."""

UNDECIDED = "only a person can tell whether"
"""How a doubt begins that no rule and no look decides."""

FEW_CELLS = 20
"""With fewer present cells, that all differ says nothing: no column is an identifier."""

NEARLY_EMPTY = 0.001
"""With a smaller share of present cells a column is as good as empty."""

_MEASUREMENTS = 10
"""So many different numbers, some with a decimal sign, are measurements."""

_MANY_CODES = 20
"""With more of them, codes may well be quantities such as years."""

_MOST_LARGE_CLASSES = 50
"""Up to so many whole numbers to be predicted may be classes: more are a quantity."""

_FEW_CLASSES = 10
"""With more of them, whole numbers and bounds among them may well be a quantity to be predicted."""

_KEY = 100
"""So many whole numbers without a gap, each once, count rows."""

_COMMON = 5
"""A word that so many other cells have says something of rows that were never seen."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_DIGITS = re.compile(r"[+-]?[0-9]{16,300}")
_IDENTIFIERS = (
    ("mail addresses", re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")),
    ("UUIDs", re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")),
    ("hashes", re.compile(r"(?:[0-9a-f]{32,128}|[0-9A-F]{32,128})")),
)
_NUMBERED = re.compile(r"([^\s:/]*?)[0-9]+([^\s:/0-9]*)")
_OF_NUMBERS = frozenset({"categorical", "context-specific", "not-generalizable", "numeric"})
_OF_TEXTS = (_OF_NUMBERS | {"list", "sentence", "url"}) - {"numeric"}
_DOUBTFUL = frozenset({"context-specific", "not-generalizable"})
_FORMS = {"list": ("list", "lists"), "url": ("url", "links"), "sentence": ("sentences", "sentences")}
_OTHERS = {
    "categorical": "codes of categories",
    "not-generalizable": "a key that tells rows apart",
    "context-specific": "something else, which only a person knows",
}


def recognise(
    texts: Mapping[str, int],
    *,
    rows: int,
    missing: Set[str] = MISSING_SPELLINGS,
    decimal: str = "",
    day_first: bool | None = None,
    is_label: bool = False,
) -> Decision:
    """The kind of a column from its distinct cells, missing ones too, with their counts, perhaps of a sample of rows.

    ``missing`` are the words for a missing cell; a person may say that one of them is a value. ``decimal`` is the sign
    that somebody says is in front of decimals, ``day_first`` whether the day is before the month. Whole numbers to be
    predicted (``is_label``) stay numbers: the algorithm says what it takes them for. A few of them are categories if
    float64 does not have each, as 2**53 + 1: two classes would become one.

    Rules first: no value, truth values, dates, durations, numbers that need a notation or have decimals. What is left,
    whole numbers and words, is judged by what thousands of columns that people have labelled look like. It takes some
    microseconds a distinct cell: give it the cells of some thousand rows of a large table.

    >>> recognise({"31.12.2024": 1, "1.2.2024": 4}, rows=5).kind
    'date'
    >>> recognise({"$1,200": 3, "$80": 2, "": 1}, rows=6).notation
    '.,$'
    """
    evidence = evidence_of(texts, missing)
    decision = _label(evidence, decimal) if is_label else decide(evidence)
    if decimal and decision.kind in ("number", "integer"):
        decision = _with_decimal(decision, evidence, decimal)
    if day_first is not None and decision.kind == "date":
        decision = _with_order(decision, evidence, day_first=day_first)
    absent = tuple(sorted(word for word in missing if word and word in texts))
    if absent:
        decision = replace(decision, absent=absent)
    seen = sum(texts.values())
    if seen < rows:
        decision = replace(decision, reason=f"{decision.reason} (of {seen} of {rows} rows)")
    return decision


def _label(evidence: Evidence, decimal: str) -> Decision:
    changed = next((text for text in evidence.present if _would_change(text)), None)
    if changed is not None and evidence.distinct <= _MOST_LARGE_CLASSES:
        doubt = f"{quoted(changed)} has more digits than a number can keep, so the label is read as classes"
        return Decision(
            "category", reason=f"as a number {quoted(changed)} would become another one", doubt=doubt
        )
    notation = number_notation(evidence.present, decimal)
    if notation is None:
        return decide(evidence)
    alike = _alike_but_for_bounds(evidence.present, notation)
    if alike:
        return Decision(
            "category", reason=f"as numbers {quoted(alike[0])} and {quoted(alike[1])} would be one class"
        )
    return as_numbers(evidence.present, notation)


def _alike_but_for_bounds(texts: Mapping[str, int], notation: NumberNotation) -> tuple[str, str] | None:
    """Two of few classes of which one is a bound of the other, as `<5` and `5`; None if there are none."""
    if len(texts) > _FEW_CLASSES:
        return None
    seen: dict[float, tuple[str, str]] = {}
    for text in texts:
        worn, value = undress(text), read_number(text, notation)
        if worn is not None and value is not None:
            if not value.is_integer():
                return None  # a quantity that was measured
            bound, first = seen.setdefault(value, (worn.bound, text))
            if bound != worn.bound:
                return first, text
    return None


def _would_change(text: str) -> bool:
    """Whether these digits are a whole number that float64 does not have."""
    digits = text.strip()
    return _DIGITS.fullmatch(digits) is not None and int(float(digits)) != int(digits)


def _with_decimal(decision: Decision, evidence: Evidence, decimal: str) -> Decision:
    notation = number_notation(evidence.present, decimal)
    if notation is None:
        doubt = f"its cells are no numbers with the decimal sign {decimal!r}, so that option was not used"
        return replace(decision, doubt="; ".join(filter(None, [doubt, decision.doubt])))
    found = as_numbers(evidence.present, notation, guessed=False)
    # Somebody said what would else be a guess; whether numbers are codes stays open.
    doubt = decision.doubt if decision.is_open else found.doubt
    return replace(found, constant=decision.constant, doubt=doubt, is_open=decision.is_open)


def _with_order(decision: Decision, evidence: Evidence, *, day_first: bool) -> Decision:
    found = as_dates(evidence.present, day_first)
    if found is None:
        doubt = (
            f"its dates do not have the {'day' if day_first else 'month'} first, so that option was not used"
        )
        return replace(decision, doubt="; ".join(filter(None, [doubt, decision.doubt])))
    return replace(found, constant=decision.constant)


def decide(evidence: Evidence, looks: "Looks | None" = None) -> Decision:
    """The kind of a column from its evidence; ``looks`` in place of the trees that are shipped.

    >>> decide(evidence_of({"": 3})).kind
    'empty'
    """
    decision = _by_rule(evidence)
    if decision is not None:
        return decision
    present = evidence.present
    notation = number_notation(present)
    if notation is not None:
        return _of_numbers(evidence, as_numbers(present, notation), looks)
    decision = _of_texts(evidence, looks)
    doubt = mixed_notations(present) or mixed_orders(present)
    return replace(decision, doubt="; ".join(filter(None, [doubt, decision.doubt]))) if doubt else decision


def asks_for_looks(evidence: Evidence) -> bool:
    """Whether no rule decides what the column is.

    >>> asks_for_looks(evidence_of({"1": 3, "2": 4})), asks_for_looks(evidence_of({"1.5": 3, "": 4}))
    (True, False)
    """
    return _by_rule(evidence) is None


def _by_rule(evidence: Evidence) -> Decision | None:
    rules = (_empty, _constant, _readable, _numbers, _known_identifier, _numbered)
    return next((decision for rule in rules if (decision := rule(evidence)) is not None), None)


def _empty(evidence: Evidence) -> Decision | None:
    if not evidence.present:
        return Decision("empty", reason="no cell has a value")
    if evidence.distinct > 1 and evidence.filled < NEARLY_EMPTY * evidence.cells:
        reason = f"only {evidence.filled} of its {evidence.cells} cells have a value"
        return Decision("empty", reason=reason, doubt=f"{reason}: name a kind to keep it")
    return None


def _readable(evidence: Evidence) -> Decision | None:
    present = evidence.present
    return as_booleans(present) or as_dates(present) or as_durations(present)


def _numbers(evidence: Evidence) -> Decision | None:
    """Numbers that need a notation, measurements, and whole numbers that count the rows."""
    notation = number_notation(evidence.present)
    if notation is None:
        return None
    decision = as_numbers(evidence.present, notation)
    if notation != CANONICAL or _are_measurements(evidence):
        return decision
    return _key(evidence, decision)


def _constant(evidence: Evidence) -> Decision | None:
    if evidence.distinct != 1:
        return None
    notation = number_notation(evidence.present)
    decision = _readable(evidence)
    if decision is None:
        decision = Decision("category") if notation is None else as_numbers(evidence.present, notation)
    text = next(iter(evidence.present))
    reason = f"each of its {evidence.filled} present cells is {quoted(text)}"
    # Cells of #### were different dates before they were lost.
    return decision if text.startswith("##") else replace(decision, constant=True, reason=reason)


def _are_measurements(evidence: Evidence) -> bool:
    """Whether many different numbers, some of them not whole, are there."""
    if evidence.distinct < _MEASUREMENTS:
        return False
    values = read_each(list(evidence.present), CANONICAL)
    return any(value is not None and value != int(value) for value in values)


def _key(evidence: Evidence, decision: Decision) -> Decision | None:
    """Whole numbers without a gap, each once: they count the rows."""
    span = evidence.most - evidence.least + 1
    if evidence.distinct == evidence.filled == span and evidence.filled >= _KEY:
        return replace(
            decision,
            kind="identifier",
            notation="",
            reason=f"its whole numbers count {evidence.filled} rows one by one",
        )
    return None


def _known_identifier(evidence: Evidence) -> Decision | None:
    total = sum(evidence.present.values())
    if evidence.filled < FEW_CELLS or evidence.distinct < 0.9 * evidence.filled:
        return None
    for name, pattern in _IDENTIFIERS:
        found = sum(count for text, count in evidence.present.items() if pattern.fullmatch(text.strip()))
        if found >= 0.95 * total:
            return Decision(
                "identifier", reason=f"{percent(found, total)} of its cells are {name}, nearly all different"
            )
    return None


def _numbered(evidence: Evidence) -> Decision | None:
    """One word in each cell, all of them different, and all the same but for a number: ``SKU-0042``."""
    if evidence.filled < FEW_CELLS or evidence.distinct < evidence.filled:
        return None
    found = [_NUMBERED.fullmatch(text.strip()) for text in evidence.present]
    forms = {(one[1], one[2]) for one in found if one is not None}
    if None in found or len(forms) > 1:
        return None
    [(before, behind)] = forms
    if not any(map(str.isalpha, before + behind)):
        return None
    form = quoted(f"{before}...{behind}")
    return Decision("identifier", reason=f"each of its cells is {form} with another number")


def _of_numbers(evidence: Evidence, plain: Decision, looks: "Looks | None") -> Decision:
    """Whole numbers stay numbers unless it is quite sure that they are something else: a wrong category harms more."""
    if evidence.filled < FEW_CELLS:
        return plain
    look = _look(evidence, _OF_NUMBERS, looks)
    if look.name == "numeric":
        return plain
    other = _OTHERS[look.name]
    if look.probability >= SURE and look.name != "context-specific":
        kind: Kind = "category" if look.name == "categorical" else "identifier"
        doubt = ""
        if kind == "category" and evidence.distinct > _MANY_CODES:
            doubt = f"its {evidence.distinct} numbers have no order as categories: name the kind integer to keep it"
        reason = f"its numbers look like {other}: {_why(look, evidence)}"
        # Beside codes a word is one more of them.
        return replace(plain, kind=kind, notation="", reason=reason, doubt=doubt, misfits={})
    doubt = f"its numbers may be {other}: {_why(look, evidence)}"
    return replace(plain, doubt="; ".join(filter(None, [doubt, plain.doubt])), is_open=True)


def _of_texts(evidence: Evidence, looks: "Looks | None") -> Decision:
    few = evidence.filled < FEW_CELLS
    look = _look(evidence, _OF_TEXTS - _DOUBTFUL if few else _OF_TEXTS, looks)
    why = _why(look, evidence)
    if look.name == "categorical":
        return Decision(
            "category", reason=f"its {evidence.distinct} different values look like categories: {why}"
        )
    if look.name in _FORMS:
        notation, plural = _FORMS[look.name]
        return Decision("text", notation, f"its cells look like {plural}: {why}")
    if look.name == "not-generalizable" and evidence.distinct >= 0.5 * evidence.filled:
        if _have_common_words(evidence):
            return Decision(
                "text", reason=f"its cells look like names of single rows, but share words: {why}"
            )
        return Decision("identifier", reason=f"its cells look like identifiers, each of one row: {why}")
    return Decision(
        _fallback(evidence),
        reason=f"{evidence.distinct} different values in {evidence.filled} present cells",
        doubt=f"{UNDECIDED} it is a category, a text, an identifier or of no use: {why}",
        is_open=True,
    )


def _fallback(evidence: Evidence) -> Kind:
    """What is least wrong where only a person can tell."""
    words = sum(len(text.split()) * count for text, count in evidence.present.items())
    if words > 4 * sum(evidence.present.values()):
        return "text"
    if not evidence.distinct > 0.9 * evidence.filled >= 0.9 * FEW_CELLS:
        return "category"
    return "text" if _have_common_words(evidence) else "identifier"


def _have_common_words(evidence: Evidence) -> bool:
    """Whether half of the different cells are several words, one of which `_COMMON` other cells have, too."""
    cells = [frozenset(_WORD.findall(text.lower())) for text in evidence.present]
    often = Counter(chain.from_iterable(cells))
    common = sum(len(words) > 1 and any(often[word] > _COMMON for word in words) for words in cells)
    return 2 * common >= len(cells) > 2 * _COMMON


def _look(evidence: Evidence, among: Set[str], looks: "Looks | None") -> "Look":
    from lepton_core.table.spelling.classes import look_of  # noqa: PLC0415  (predictions need no trees of looks)

    return look_of(evidence, among, looks)


def _why(look: "Look", evidence: Evidence) -> str:
    told = look.why(evidence).items()
    figures = " and ".join(f"{name} {plain_figure(name, value):.3g}" for name, value in told)
    most = f"; the figures that decide most: {figures}" if figures else ""
    return f"{percent(look.probability, 1)} sure{most}"
