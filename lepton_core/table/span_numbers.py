"""Many plain numbers at once: digits, perhaps with a sign and a point, are read eight at a time from their bytes.

The last eight or sixteen bytes of a cell are one or two words; taking the point out of them leaves digits alone.

A number of at most 19 digits is M / 10^b, M and b integers. If M < 2^53 and b <= 22 both are float64 without a
rounding, and so one division gives what `float` gives (Clinger 1990). A larger M is divided in two parts of float64
each, which have 106 bits together; the few quotients too near the middle of two float64 are left to `float`.
"""

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import FloatArray, Mask
from lepton_core.table.native import cells as compiled
from lepton_core.table.native.library import native
from lepton_core.table.spans import WORD, OctetWords, Places, ShortPlaces, Spans
from lepton_core.table.stripping import strip_in_numpy

_MOST_DIGITS = 19
_MOST_WHOLE = 2 * WORD
_MOST_SHORT = 2 * WORD + 1
"""Bytes of a cell whose digits and point are in two words, and perhaps a sign."""

_MOST_DECIMALS = 22
"""10^22 is the largest power of ten that is a float64."""

_EXACT = np.uint64(2**53)
_TEN_DIGITS = np.uint64(10**8)
_LEADING = 1000
"""From here on the digits in front of sixteen others may not fit into 64 bits."""

_TENS = np.array([10**power for power in range(20)], dtype=np.uint64)
_POWERS = np.array([float(f"1e{power}") for power in range(_MOST_DECIMALS + 1)])
_SPLITTER = float(2**27 + 1)
_DOUBT = 1e-9

_ZERO, _MINUS, _PLUS = (ord(sign) for sign in "0-+")
_ZEROS = np.uint64(0x3030303030303030)
_NINES_AT_MOST = np.uint64(0x7676767676767676)
_HIGH_BITS = np.uint64(0x8080808080808080)
_LAST_BYTES = np.array(
    [0, *((2 ** (8 * count) - 1) << (64 - 8 * count) for count in range(1, WORD + 1))], dtype=np.uint64
)
_OCTET, _SEVEN = np.uint64(8), np.uint64(56)
_ALL = 2**64 - 1
_KEPT = np.array([_ALL, *map(int, _LAST_BYTES[:WORD]), *[_ALL] * WORD], dtype=np.uint64)
"""Which bytes of the last word stay where they are if the point, and what is before it, is so many from the end."""

_KEPT_HIGH = np.array([_ALL, *[0] * WORD, *map(int, _LAST_BYTES[:WORD])], dtype=np.uint64)
"""The same of the word before that."""

_PAIRS = tuple(
    (np.uint64(mask), np.uint64(factor), np.uint64(shift))
    for mask, factor, shift in (
        (0x0F0F0F0F0F0F0F0F, 2561, 8),
        (0x00FF00FF00FF00FF, 6553601, 16),
        (0x0000FFFF0000FFFF, 42949672960001, 32),
    )
)


def span_numbers(cells: Spans, decimal: str = ".") -> tuple[FloatArray, Mask]:
    """The cells that are plain numbers, as `float` reads them, float64 (m,); and which cells are not, bool (m,).

    Plain is a number of at most 19 digits, 16 before the ``decimal`` sign, without blanks, exponent or zeros in front.
    What is not plain is NaN, and so is an empty cell, which counts as read. `5,` is not plain, `5.` is.

    >>> from lepton_core.table.spans import PAD, TextBlock
    >>> block = TextBlock(b" " * PAD + b"1.5,-7,x" + b" " * PAD)
    >>> ends = np.array([3, 6, 8]) + PAD
    >>> span_numbers(Spans(block, np.array([0, 4, 7]) + PAD, ends, np.array([1, 6, 8]) + PAD, np.array([1, 0, 0])))
    (array([ 1.5, -7. ,  nan]), array([False, False,  True]))
    """
    library = native()
    return numbers_in_numpy(cells, decimal) if library is None else compiled.numbers(library, cells, decimal)


def numbers_in_numpy(cells: Spans, decimal: str = ".") -> tuple[FloatArray, Mask]:
    """As `span_numbers`, (m,) each."""
    values, bad = _plain(cells, decimal)
    if bad.any():
        values[bad] = np.nan
        bad &= cells.starts < cells.ends
        worse = np.flatnonzero(bad)
        inner = strip_in_numpy(cells.pick(worse))
        if inner.starts is not cells.starts and len(worse) and (inner.sizes < cells.sizes[worse]).any():
            values[worse], bad[worse] = numbers_in_numpy(inner, decimal)
    return values, bad


def _plain(cells: Spans, decimal: str) -> tuple[FloatArray, Mask]:
    """The numbers, and which cells are none: those of up to eight bytes first, then longer ones by themselves."""
    if cells.points is None or cells.point_counts is None:
        return np.full(len(cells), np.nan), np.ones(len(cells), dtype=np.bool_)
    sizes = cells.sizes
    longest = int(sizes.max(initial=0))
    if longest <= WORD + 1:
        values, bad, over = _short(cells, decimal, 1)
    else:
        if np.count_nonzero(sizes > _MOST_SHORT) * 2 > len(sizes):
            return _long(cells, decimal)
        words = 1 if np.count_nonzero(sizes > WORD + 1) * 2 < len(sizes) else 2
        values, bad, over = _short(cells, decimal, words)
        if words == 1 and len(over):
            values[over], bad[over], longer = _short(cells.pick(over), decimal, 2)
            over = over[longer]
    if len(over):
        values[over], bad[over] = _long(cells.pick(over), decimal)
    return values, bad


def _short(cells: Spans, decimal: str, words: int) -> tuple[FloatArray, Mask, Places]:
    """The numbers whose digits and point are in so many ``words``, which cells are none, and which are longer (k,)."""
    octets, starts, ends = cells.block.octets, cells.starts, cells.ends
    first = octets[starts]
    sizes = cells.sizes
    minus = None
    if (first <= _MINUS).any():  # there is no digit below it
        minus = first == _MINUS
        signed = (minus | (first == _PLUS)) & (sizes > 0)
        sizes -= signed
        first = octets[starts + signed]
    assert cells.points is not None  # noqa: S101  (see `_plain`)
    behind = np.subtract(ends, cells.points)  # 0 where there is no point
    np.clip(behind, 0, sizes, out=behind)
    pointed = bool(behind.any())
    digits = sizes - (behind > 0) if pointed else sizes
    too_long = sizes > WORD * words
    bad = digits <= 0
    if pointed:
        whole = digits - behind
        whole += behind > 0
        bad |= (first == _ZERO) & (whole > 1)
        if decimal != "." or cells.block.has_other_marks:
            wrong = (octets[cells.points] != ord(decimal)) | ((decimal == ",") & (behind == 1))
            bad |= (behind > 0) & wrong
    else:
        bad |= (first == _ZERO) & (digits > 1)
    mantissa = _without_point(cells, behind if pointed else None, digits, words, bad)
    decimals = np.maximum(behind - 1, 0) if pointed else None
    if decimals is not None and decimals.max(initial=0) > _MOST_DECIMALS:
        np.minimum(decimals, _MOST_DECIMALS, out=decimals)
    over = np.flatnonzero(too_long)
    values = _quotients(mantissa, decimals, bad, behind > 0)
    if minus is not None:
        values *= np.where(minus, -1.0, 1.0)
    return values, bad, over


def _without_point(cells: Spans, behind: Places | None, digits: Places, words: int, bad: Mask) -> OctetWords:
    """The numbers that the last ``digits`` of each cell are, of which ``behind`` - 1 stand behind a point."""
    low = cells.block.words[cells.ends - WORD]
    high = cells.block.words[cells.ends - 2 * WORD] if words > 1 else None
    if behind is not None:
        kept = _KEPT.take(behind, mode="clip")
        moved = low << _OCTET
        if high is not None:
            moved |= high >> _SEVEN
            kept_high = _KEPT_HIGH.take(behind, mode="clip")
            high = (high & kept_high) | ((high << _OCTET) & ~kept_high)
        low &= kept
        np.invert(kept, out=kept)
        moved &= kept
        low |= moved
    found = _value_of(low, digits, bad)
    if high is not None:
        found += _TEN_DIGITS * _value_of(high, digits - WORD, bad)
    return found


def _value_of(word: OctetWords, digits: Places, bad: Mask) -> OctetWords:
    """The numbers that the last ``digits`` bytes of each word are, at most eight; in place."""
    word ^= _ZEROS
    word &= _LAST_BYTES.take(digits, mode="clip")
    wrong = word + _NINES_AT_MOST
    wrong |= word
    wrong &= _HIGH_BITS
    if wrong.any():
        bad |= wrong != 0
    for mask, factor, shift in _PAIRS:
        word &= mask
        word *= factor
        word >>= shift
    return word


def _long(cells: Spans, decimal: str) -> tuple[FloatArray, Mask]:
    """The numbers of any cells, and which cells are none. Most columns have no such cell; so that is asked first."""
    octets, starts, ends = cells.block.octets, cells.starts, cells.ends
    bad = np.zeros(len(cells), dtype=np.bool_)
    assert cells.points is not None and cells.point_counts is not None  # noqa: S101  (see `_plain`)
    first = octets[starts]
    minus = None
    if (first <= _MINUS).any():  # there is no digit below it
        minus = first == _MINUS
        starts = starts + ((minus | (first == _PLUS)) & (starts < ends))
        first = octets[starts]
    pointed, points = bool(cells.point_counts.any()), cells.points
    if pointed:
        points = np.minimum(np.maximum(points, starts), ends)
        decimals = ends - points - (points < ends)
    else:
        points, decimals = ends, None
    whole = points - starts
    _mark_sizes(bad, whole, decimals, cells.point_counts)
    bad |= (first == _ZERO) & (whole > 1)
    if decimals is not None and (decimal != "." or cells.block.has_other_marks):
        wrong = (octets[points] != ord(decimal)) | ((decimal == ",") & (decimals == 0))
        bad |= (points < ends) & wrong
    if bad.any():
        whole = np.where(bad, 0, whole)
        decimals = None if decimals is None else np.where(bad, 0, decimals)
    mantissa = _digits(cells, points, whole, bad)
    if decimals is not None:
        fraction = _digits(cells, ends, decimals, bad)
        bad |= (whole + decimals > _MOST_DIGITS) & (mantissa > 0)
        most = int(decimals.max(initial=0))
        same = most if most == int(decimals.min(initial=0)) else None
        mantissa *= _TENS[np.minimum(decimals, _MOST_DIGITS) if same is None else min(same, _MOST_DIGITS)]
        mantissa += fraction
    values = _quotients(mantissa, decimals, bad, points < ends)
    if minus is not None:
        np.negative(values, out=values, where=minus)
    return values, bad


def _mark_sizes(bad: Mask, whole: Places, decimals: Places | None, counts: npt.NDArray[np.int8]) -> None:
    """Set ``bad`` where there are too many digits, none at all, or more than one point."""
    if counts.max(initial=0) > 1:
        bad |= counts > 1
    if whole.max(initial=0) > _MOST_WHOLE:
        bad |= whole > _MOST_WHOLE
    if decimals is not None and decimals.max(initial=0) > _MOST_DECIMALS:
        bad |= decimals > _MOST_DECIMALS
    if whole.min(initial=1) <= 0:
        bad |= whole <= 0 if decimals is None else (whole <= 0) & (decimals == 0)


def _digits(cells: Spans, ends: Places | ShortPlaces, counts: Places, bad: Mask) -> OctetWords:
    """The numbers of ``counts`` digits before ``ends``; where there is another sign among them ``bad`` is set."""
    most = int(counts.max(initial=0))
    if most <= WORD:
        return _eight(cells, ends, counts, bad)
    found = _eight(cells, ends, np.minimum(counts, WORD), bad)
    found += _TEN_DIGITS * _eight(cells, ends - WORD, np.minimum(np.maximum(counts - WORD, 0), WORD), bad)
    if most > 2 * WORD:
        front = _eight(cells, ends - 2 * WORD, np.maximum(counts - 2 * WORD, 0), bad)
        bad |= front >= _LEADING
        found += _TEN_DIGITS * _TEN_DIGITS * front
    return found


def _eight(cells: Spans, ends: Places | ShortPlaces, counts: Places, bad: Mask) -> OctetWords:
    """The numbers of at most eight digits each."""
    return _value_of(cells.block.words[ends - WORD], counts, bad)


def _quotients(mantissa: OctetWords, decimals: Places | None, bad: Mask, has_point: Mask) -> FloatArray:
    """``mantissa`` / 10^``decimals``, rounded to the next float64; ``bad`` is set where it is not clear to which."""
    values = mantissa.astype(np.float64)
    if decimals is not None:
        values /= _POWERS[decimals]
    if mantissa.max(initial=0) <= _EXACT:
        return values
    large = np.flatnonzero((mantissa > _EXACT) & ~bad)
    bad[large] = ~has_point[large]  # of integers, those that float64 cannot hold are no numbers
    if decimals is not None:
        values[large], doubt = _divided(mantissa[large], _POWERS[decimals[large]])
        bad[large] |= doubt
    return values


def _divided(mantissa: OctetWords, divisor: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """The quotients, and which of them may be rounded to the wrong side."""
    low_bits = np.uint64(2047)
    high = (mantissa & ~low_bits).astype(np.float64)
    low = (mantissa & low_bits).astype(np.float64)
    quotient = high / divisor
    rest = _rest(high, quotient, divisor) + low
    small = rest / divisor
    value = quotient + small
    error = np.abs((quotient - value) + small) / np.spacing(value)
    # Below a power of two half a step is a quarter of the step above it.
    doubt = (np.abs(error - 0.5) < _DOUBT) | (np.abs(error - 0.25) < _DOUBT)
    return value, doubt


def _rest(number: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """``number`` - ``one`` ``other``, the product without a rounding (Dekker 1971)."""
    product = one * other
    one_high, other_high = _upper(one), _upper(other)
    one_low, other_low = one - one_high, other - other_high
    lost = product - one_high * other_high
    lost -= one_low * other_high
    lost -= one_high * other_low
    lost = one_low * other_low - lost
    found: FloatArray = (number - product) - lost
    return found


def _upper(value: FloatArray) -> FloatArray:
    scaled = value * _SPLITTER
    found: FloatArray = scaled - (scaled - value)
    return found
