"""What is measured of a column, to tell what it is: figures of all its cells, and the looks of five of them."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lepton_core.table.spelling.missing import MISSING_SPELLINGS, present_cells
from lepton_core.table.spelling.numbers import CANONICAL, is_code, read_each, read_number, undress

SAMPLES = 5
"""Cells whose looks are measured: so many were kept of the columns that people have labelled."""

_LINK = re.compile(r"https?://|www\.|\.(?:com|org|net|gov|edu)\b")
_SMALL_WORDS = frozenset(
    re.findall(
        "[a-z]+", "the of and a to in is for on with de la el que i you we it at from by this be are or"
    )
)
_SIGNS = {
    "commas": ",", "semicolons": ";", "bars": "|", "hyphens": "-", "underscores": "_", "slashes": "/", "colons": ":",
    "points": ".", "hashes": "#", "at signs": "@", "quotes": "'", "brackets": "(", "ampersands": "&",
}  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """A column: its present cells with their counts, perhaps of a sample, and figures of all cells.

    ``cells`` and ``missing`` are how many there are, ``distinct`` how many different ones are present. ``mean``,
    ``deviation``, ``least`` and ``most`` are of its numbers; all are 0 unless each present cell is a number as `float`
    writes it.
    """

    present: Mapping[str, int]
    cells: int
    missing: int
    distinct: int
    mean: float = 0.0
    deviation: float = 0.0
    least: float = 0.0
    most: float = 0.0

    @property
    def filled(self) -> int:
        """How many cells are present."""
        return self.cells - self.missing


def evidence_of(texts: Mapping[str, int], missing: Set[str] = MISSING_SPELLINGS) -> Evidence:
    """The evidence of distinct cells with their counts, missing ones too; ``missing`` are the words for those.

    >>> found = evidence_of({"1": 2, "4": 1, "": 5})
    >>> found.cells, found.missing, found.distinct, found.mean
    (8, 5, 2, 2.0)
    """
    if not all(texts.values()):
        texts = {text: count for text, count in texts.items() if count}
    present = present_cells(texts, missing)
    cells = sum(texts.values())
    gone = cells - sum(present.values())
    words = Evidence(present, cells, gone, len(present))
    if not present or read_number(next(iter(present)), CANONICAL) is None:
        return words
    values = read_each(list(present), CANONICAL)
    numbers = np.array([value for value in values if value is not None])
    if len(numbers) < len(values):
        return words
    counts = np.array(list(present.values()), dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(np.average(numbers, weights=counts))
        deviation = float(np.sqrt(np.average((numbers - mean) ** 2, weights=counts)))
    least, most = float(numbers.min()), float(numbers.max())
    return replace(words, mean=mean, deviation=deviation, least=least, most=most)


def measured(evidence: Evidence) -> dict[str, float]:
    """The figures by their names, all finite: what the model of `lepton_core.table.spelling.classes` is asked with.

    >>> measured(evidence_of({"red": 3, "blue": 1}))["letters"]
    1.0
    """
    chosen = _spread(list(evidence.present))
    found = _counts(evidence) | _distribution(evidence) | _as_numbers(chosen) | _as_text(chosen)
    values = np.nan_to_num(
        np.array(list(found.values()), dtype=np.float64), nan=0.0, posinf=1e30, neginf=-1e30
    )
    return dict(zip(found, values.tolist(), strict=True))


def plain_figure(name: str, value: float) -> float:
    """The figure that `measured` names, not as a logarithm: as people read it.

    >>> round(plain_figure("distinct values", measured(evidence_of({"red": 3, "blue": 1}))["distinct values"]), 9)
    2.0
    """
    if name in _SQUEEZED:
        return float(np.copysign(np.expm1(abs(value)), value))
    return 10**value - (name == "distinct values") if name in _LOGARITHMS else value


_LOGARITHMS = frozenset({"distinct values", "cells a value"})
_SQUEEZED = frozenset(
    {
        *("mean", "deviation", "least value", "greatest value", "deviation to mean", "greatest is nines"),
        *("middle number", "largest number", "smallest number"),
    }
)
"""Figures of which `measured` has the logarithm."""


def _spread(texts: Sequence[str]) -> list[str]:
    """At most five of the texts, as far apart as their order allows."""
    if len(texts) <= SAMPLES:
        return list(texts)
    return [texts[i * (len(texts) - 1) // (SAMPLES - 1)] for i in range(SAMPLES)]


def _counts(evidence: Evidence) -> dict[str, float]:
    filled = max(evidence.filled, 1)
    return {
        "share missing": evidence.missing / max(evidence.cells, 1),
        "distinct values": float(np.log10(evidence.distinct + 1)),
        "share distinct": evidence.distinct / filled,
        "cells a value": float(np.log10(filled / max(evidence.distinct, 1))),
    }


def _distribution(evidence: Evidence) -> dict[str, float]:
    mean, deviation, least, most = evidence.mean, evidence.deviation, evidence.least, evidence.most
    span = most - least
    return {
        "mean": _squeezed(mean),
        "deviation": _squeezed(deviation),
        "least value": _squeezed(least),
        "greatest value": _squeezed(most),
        "values filled": evidence.distinct / (span + 1),
        "deviation within the span": deviation / span if span else 0.0,
        "mean within the span": (mean - least) / span if span else 0.0,
        "deviation to mean": _squeezed(deviation / abs(mean)) if mean else 0.0,
        "height above the mean": (most - mean) / deviation if deviation else 0.0,
        "whole bounds": float((least == np.floor(least)) + (most == np.floor(most))),
        "greatest is nines": _squeezed(most) if re.fullmatch(r"9+(?:\.0)?", repr(most)) else 0.0,
        "where it begins": 1.0 if least == 0 else 2.0 if least == 1 else 3.0 if least < 0 else 4.0,
    }


def _as_numbers(texts: Sequence[str]) -> dict[str, float]:
    read = [read_number(text, CANONICAL) for text in texts]
    values = [value for value in read if value is not None]
    worn = [undress(text) for text in texts]
    return {
        "numbers": _share(value is not None for value in read),
        "whole numbers": _share(re.fullmatch(r"[+-]?[0-9]+", text.strip()) is not None for text in texts),
        "dressed numbers": _share(one is not None and not is_code(one) for one in worn),
        "codes": _share(one is not None and is_code(one) for one in worn),
        "decimals": _mean(len(text.partition(".")[2]) for text in texts),
        "points shown": _share("." in text for text in texts),
        "zeros": _share(value == 0 for value in values),
        "round numbers": _share(value % 10 == 0 for value in values),
        "years": _share(1900 <= value <= 2100 and value == int(value) for value in values),
        "middle number": _squeezed(float(np.median(values))) if values else 0.0,
        "largest number": _squeezed(max(values, default=0.0)),
        "smallest number": _squeezed(min(values, default=0.0)),
    }


def _as_text(texts: Sequence[str]) -> dict[str, float]:
    words = [text.split() for text in texts]
    lengths = [len(text) for text in texts] or [0]
    counts = [len(one) for one in words] or [0]
    letters = "".join(texts)
    size = max(len(letters), 1)
    return {
        "words": float(np.mean(counts)),
        "spread of words": float(np.std(counts)),
        "length": float(np.mean(lengths)),
        "spread of length": float(np.std(lengths)),
        "longest": float(max(lengths)),
        "shortest": float(min(lengths)),
        "same length": float(len(set(lengths)) == 1),
        "letters": sum(map(str.isalpha, letters)) / size,
        "digits": sum(map(str.isdigit, letters)) / size,
        "capitals": sum(map(str.isupper, letters)) / size,
        "blanks": sum(map(str.isspace, letters)) / size,
        "capital first": _share(text[:1].isupper() for text in texts),
        "capitalised words": _mean(_share(word[:1].isupper() for word in one) for one in words),
        "all capitals": _share(text.isupper() for text in texts),
        "letters and digits": _share(
            any(map(str.isdigit, text)) and any(map(str.isalpha, text)) for text in texts
        ),
        "common beginning": _shared(texts) / max(float(np.mean(lengths)), 1.0),
        "opening brackets": _share(text.strip()[:1] in {"[", "{", "("} for text in texts),
        "links": _share(_LINK.search(text) is not None for text in texts),
        "small words": _mean(sum(word.lower() in _SMALL_WORDS for word in one) for one in words),
        "different words": len({word for one in words for word in one}) / max(sum(counts), 1),
        "ends of sentences": _share(text.strip()[-1:] in {".", "!", "?"} for text in texts),
    } | {name: _mean(text.count(sign) for text in texts) for name, sign in _SIGNS.items()}


def _shared(texts: Sequence[str]) -> int:
    """How many letters all texts begin with in common; 0 of one text."""
    if len(texts) < 2:
        return 0
    first, last = min(texts), max(texts)
    return next((i for i, letter in enumerate(first) if last[i] != letter), len(first))


def _squeezed(value: float) -> float:
    """The logarithm of 1 + the size, with the sign."""
    return float(np.copysign(np.log1p(abs(value)), value))


def _share(found: Iterable[bool]) -> float:
    return _mean(map(float, found))


def _mean(found: Iterable[float]) -> float:
    values = list(found)
    return float(sum(values) / len(values)) if values else 0.0


def vector(evidence: Evidence) -> NDArray[np.float64]:
    """The figures that `measured` names, float64 (p,), each a value that float32 holds.

    >>> vector(evidence_of({"x": 1})).shape == (len(measured(evidence_of({"x": 1}))),)
    True
    """
    return np.array(list(measured(evidence).values()), dtype=np.float32).astype(np.float64)
