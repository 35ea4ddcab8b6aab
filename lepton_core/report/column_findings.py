"""What is to know of one column before training."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Literal

from lepton_core.remedy import Remedy, argument
from lepton_core.report.absent import Absent, as_value, is_said
from lepton_core.report.columns import MISFITS_SHOWN, Misfits, cut
from lepton_core.report.often import Often
from lepton_core.report.sentinels import sentinel, spellings
from lepton_core.report.values import ColumnReport, Finding
from lepton_core.table import BY_NAME, ReadingOptions
from lepton_core.table.spelling import date_notation, number_notation, read_date
from lepton_core.table.spelling.dates import DateNotation, lacks_offset
from lepton_core.table.spelling.epochs import PER_SECOND, Unit, is_recent, unit_of
from lepton_core.table.spelling.recognise import UNDECIDED

MANY_MISSING = 0.5
NEARLY_CONSTANT = 0.99
"""A value of this share of the present cells leaves too little to learn from, where the others are few."""

ENOUGH_OTHERS = 50
"""From so many rows with other values something can be learnt, whatever their share."""

MANY_MISFITS = 0.05
"""From this share on many different texts among numbers are values, and the column may be one of categories."""

FEW_WORDS = 5
"""Up to so many different texts among numbers are words for a missing cell, however often they occur."""

MOST_WORDS_IN_A_CALL = 40
"""So many different texts among numbers are named in a call; of more, nobody would look at each."""

MANY_LEVELS = 300
"""Of more levels a column has names or sentences, and not codes: there are some 250 countries, NA is one of them."""

SOME_DATES = 0.5
"""If this share of the most frequent texts of a column are dates, it is likely one of dates."""

ENOUGH_TICKED = 5
"""From so many rows with a value, and without one, on it tells something whether a column with one value has it."""

_ORDERS = "dates, but not written in one way"
_ENOUGH_ROWS = 50
_FEW_DATES = 3

_PAIR = re.compile(r"\s*[(\[]?\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*[,;]\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*[)\]]?\s*")

_NUMBERS = ("its numbers", "its whole numbers")
"""How reasons begin that are of numbers: as categories of one row each nothing would be left of them."""


def findings_of(
    one: ColumnReport,
    rows: int,
    often: Often,
    reading: ReadingOptions,
    absent: Absent = Absent(),  # noqa: B008
    misfits: Misfits = Misfits(),  # noqa: B008
) -> Iterator[Finding]:
    """The findings of a column of a table of ``rows``, of whose most frequent value ``often`` tells.

    ``absent`` are the words in it that stand for a missing cell as a matter of course: what is said of gaps names them.
    ``misfits`` are its cells that did not fit.

    >>> [found.code for found in findings_of(ColumnReport("a", "empty", "", missing=3), 3, Often(), ReadingOptions())]
    ['empty']
    """
    little = tuple(_little(one, rows, often, reading, absent))
    yield from little
    if BY_NAME[one.kind].is_open:
        return
    if not little:  # these name the words, too
        yield from _words(one, rows, reading, absent)
    yield from _identifier(one, reading)
    yield from _forms(one, reading)
    yield from _dates(one, reading)
    yield from _mixed(one, rows, reading, tuple(absent.words), misfits)
    yield from _sentinels(one, often, reading, [*absent.words, *(count.text for count in misfits.texts)])
    yield from _guesses(one, reading)


def _little(
    one: ColumnReport, rows: int, often: Often, reading: ReadingOptions, absent: Absent
) -> Iterator[Finding]:
    """That a column has no value, one, hardly another one, or few; and which words are its gaps."""
    without = reading.call(exclude=(*(reading.exclude or ()), one.name))
    told = "" if is_said(one.name, reading) else absent.said(rows)

    def found(
        code: str, message: str, *, level: Literal["warning", "note"] = "warning", fits: bool = True
    ) -> Finding:
        more = f"{told}; if that is a value, say so" if told and fits else told
        kind = "category" if BY_NAME[one.kind].quantitative else None  # beside numbers words are no values
        way = as_value(one.name, reading, kind) if told and fits else without
        return Finding(code, message + more, column=one.name, level=level, remedies=(way,))

    if BY_NAME[one.kind].is_open:
        yield found("empty", f"{one.name!r} has no value in any row")
        return
    # Beside numbers a word is no value: as categories they would have no order.
    fits = one.distinct == 1 or not BY_NAME[one.kind].quantitative
    if one.distinct == 1:
        value = f", {one.top[0].text!r}" if one.top else ""
        # A box that is ticked in some rows has one value, and whether it is there tells much.
        ticked = min(one.missing, rows - one.missing) >= ENOUGH_TICKED and not told
        said = ", or is missing: a model reads which it is" if ticked else ""
        yield found(
            "constant",
            f"{one.name!r} has one value only{value}{said}",
            level="note" if ticked else "warning",
        )
    if one.distinct != 1 and one.top and often.present >= _ENOUGH_ROWS:
        of_all = often.rows / often.present
        if of_all >= NEARLY_CONSTANT and often.present - often.rows < ENOUGH_OTHERS:
            said = f"{of_all:.1%} of the values of {one.name!r} are {one.top[0].text!r}"
            yield found("nearly_constant", said, fits=fits)
    if one.missing >= MANY_MISSING * rows:
        share = "more than 99%" if one.missing > 0.99 * rows else f"{one.missing / rows:.0%}"
        yield found("many_missing", f"{share} of {one.name!r} are missing", level="note", fits=fits)


def _words(one: ColumnReport, rows: int, reading: ReadingOptions, absent: Absent) -> Iterator[Finding]:
    """That a word for a missing cell may be one of the few values of a column, as NA is the code of a country."""
    few = BY_NAME[one.kind].has_levels and (one.distinct or 0) <= MANY_LEVELS
    likely = absent.like([count.text for count in one.top]) if few else Absent()
    said = "" if is_said(one.name, reading) else likely.said(rows)
    if said:
        message = f"{one.name!r} may have more values{said}; if that is a value, say so"
        way = as_value(one.name, reading)
        yield Finding("word_for_missing", message, column=one.name, level="note", remedies=(way,))


def _identifier(one: ColumnReport, reading: ReadingOptions) -> Iterator[Finding]:
    if not BY_NAME[one.kind].left_out:
        return
    yield Finding(
        "identifier",
        f"{one.name!r} only tells rows apart, so no model reads it: {one.why}",
        column=one.name,
        level="note",
        remedies=(_as(reading, one.name, "integer" if one.why.startswith(_NUMBERS) else "category"),),
    )


def _forms(one: ColumnReport, reading: ReadingOptions) -> Iterator[Finding]:
    """What the cells may be, and were not taken for: times that a program counted, and pairs of numbers."""
    texts = [count.text for count in one.top]
    unit = _unit(one)
    if unit is not None:
        text = next(text for text in texts if is_recent(text, unit))
        first = datetime.fromtimestamp(float(text) / PER_SECOND[unit], UTC)
        message = f"{one.name!r} may count {unit} since 1970: {text} is {first:%Y-%m-%d %H:%M:%S} UTC then"
        yield Finding("epoch", message, column=one.name, remedies=(_as(reading, one.name, "date"),))
    if not BY_NAME[one.kind].quantitative and _are_pairs(texts):
        message = (
            f"each cell of {one.name!r} has two numbers, as {texts[0]!r}, and it is read as {one.kind}: make two "
            "columns of it in the file, else no model knows them as numbers"
        )
        yield Finding("pairs", message, "", one.name)


def _are_pairs(texts: Sequence[str]) -> bool:
    """Whether each text may be two numbers, and most cannot be one: 2.883,18 and 4,493.27 are one, however written."""
    if len(texts) < 2 or not all(map(_PAIR.fullmatch, texts)):
        return False
    return 2 * sum(number_notation({text: 1}) is None for text in texts) > len(texts)


def _unit(one: ColumnReport) -> Unit | None:
    """In which unit a column of numbers may count the time: most of the cells shown say so, and the mean."""
    kind = BY_NAME[one.kind]
    if len(one.top) < _FEW_DATES or (kind.quantitative and kind.moves):
        return None
    unit = unit_of({count.text: count.rows for count in one.top})
    if unit is None or not kind.quantitative or one.mean is None:
        return unit
    return unit if is_recent(f"{one.mean:f}", unit) else None


def _dates(one: ColumnReport, reading: ReadingOptions) -> Iterator[Finding]:
    kind = BY_NAME[one.kind]
    if kind.quantitative and kind.moves:
        # The reason quotes a cell as it stands in the file; values are spelled otherwise.
        said, ways = f"{one.name!r} is read as dates: {one.why}", (_as(reading, one.name, "text"),)
        yield Finding("dates", said, column=one.name, level="note", remedies=ways)
    if kind.quantitative or not one.top or _ORDERS in one.doubt:
        return
    # Different texts are counted, not rows: a word for a missing date is frequent, and each date is rare.
    texts = [count.text for count in one.top]
    named = [text for text in texts if lacks_offset(text)]
    if len(named) >= max(_FEW_DATES, SOME_DATES * len(texts)):
        message = (
            f"times of {one.name!r} name a zone, and not how far from UTC it is then, as {named[0]!r}, so they are "
            f"read as {one.kind}: write the offset in the file, as in '2024-12-31T18:00:00+01:00', else no model "
            "knows them as times"
        )
        yield Finding("zones", message, "", one.name)
        return
    notation = date_notation({text: 1 for text in texts if any(map(str.isdigit, text))})
    if notation is None:
        return
    dates = [text for text in texts if read_date(text, notation) is not None]
    if len(dates) >= max(_FEW_DATES, SOME_DATES * len(texts)):
        yield Finding(
            "text_dates",
            f"most texts of {one.name!r} are dates, as {dates[0]!r}, but not all of them",
            column=one.name,
            remedies=(_as(reading, one.name, "date", [text for text in texts if text not in dates]),),
        )


def _mixed(
    one: ColumnReport, rows: int, reading: ReadingOptions, absent: Sequence[str], misfits: Misfits
) -> Iterator[Finding]:
    if not misfits.cells:
        return
    total, texts = misfits.cells, [count.text for count in misfits.texts]
    said = f"1 cell of {one.name!r} is no {one.kind} and counts" if total == 1 else ""
    said = said or f"{total} cells of {one.name!r} are no {one.kind} and count"
    words = ", ".join(f"{cut(count.text)!r} ({count.rows})" for count in misfits.texts[:5])
    known = sum(count.rows for count in misfits.texts) == total
    more = f" and {'' if known else 'at least '}{len(texts) - 5} more" if len(texts) > 5 else ""
    ways: tuple[Remedy, ...] = ()
    message = f"{said} as missing: {words}{more}{_in_the_other_order(one, texts)}"
    many = total >= MANY_MISFITS * rows
    words_there = [*texts, *absent]
    if len(texts) <= FEW_WORDS or (len(texts) < MISFITS_SHOWN and not many):
        ways = (as_missing(reading, one.name, words_there),)
    elif many:
        message += "; as categories the numbers would have no order"
        ways = (_as(reading, one.name, "category"),)
    else:
        message += f"; mend these cells in the file{f', {misfits.where}' if misfits.where else ''}"
        if len(texts) <= MOST_WORDS_IN_A_CALL:
            message += ", or say that they are missing"
            ways = (as_missing(reading, one.name, words_there),)
    yield Finding("mixed", message, column=one.name, remedies=ways)


def _in_the_other_order(one: ColumnReport, texts: Sequence[str]) -> str:
    """That cells which are no dates of the column are some with day and month the other way round."""
    order = {"dmy": "mdy", "mdy": "dmy"}.get(one.notation[:3])
    if order is None or not BY_NAME[one.kind].moves:
        return ""
    if not all(read_date(text, DateNotation(order)) is not None for text in texts):  # type: ignore[arg-type]
        return ""
    return f"; in these the {'day' if order == 'dmy' else 'month'} is first, unlike in the others: see which is right"


def _sentinels(
    one: ColumnReport, often: Often, reading: ReadingOptions, absent: Sequence[str]
) -> Iterator[Finding]:
    found = sentinel(one)
    if found is not None:
        message = (
            f"{'at least ' if often.some else ''}{found.rows} rows of {one.name!r} have {found.text}, which is far "
            "from all other values and often stands for a missing one"
        )
        words = [*spellings(found.text, one), *absent[:MOST_WORDS_IN_A_CALL]]
        ways = (as_missing(reading, one.name, words),)
        yield Finding("sentinel", message, column=one.name, remedies=ways)


def _guesses(one: ColumnReport, reading: ReadingOptions) -> Iterator[Finding]:
    message = f"{one.name!r}: {one.doubt}"
    if "may be shares of 1" in one.doubt:
        yield Finding("shares", f"{message}; write all cells in one way in the file", "", one.name)
    elif "no cell shows the decimal sign" in one.doubt:
        if reading.decimal is None:  # else somebody said so
            other = "." if one.notation.startswith(",") else ","
            ways = (reading.call(decimal=other),)
            yield Finding("decimal", message, column=one.name, level="note", remedies=ways)
    elif "no cell shows which number is the day" in one.doubt:
        ways = (reading.call(day_first=not one.notation.startswith("dmy")),)
        yield Finding("day_first", message, column=one.name, level="note", remedies=ways)
    elif _ORDERS in one.doubt:
        told = one.doubt.partition(f"; {UNDECIDED}")[0]
        mend = "write all of them in one way in the file, as 2024-12-31"
        yield Finding("notations", f"no model reads {one.name!r} as dates: {told}; {mend}", "", one.name)
    elif "not written in one way" in one.doubt:
        mend = (
            "write one unit and one notation in the file, or make two columns of it, the number and its unit"
        )
        told = one.doubt.partition(f"; {UNDECIDED}")[0]
        yield Finding("notations", f"no model reads {one.name!r} as numbers: {told}; {mend}", "", one.name)
    elif "have lost their dates" in one.doubt:
        yield Finding("lost_dates", f"{message}; no call can bring them back", "", one.name)
    elif one.doubt:
        way = argument(kinds={one.name: ...})
        said = f"{message}; if {one.kind} is wrong, read it as another kind: {way}"
        yield Finding("doubt", said, column=one.name, level="note", remedies=(way,))


def as_missing(reading: ReadingOptions, name: str, texts: Sequence[str]) -> Remedy:
    """The call that reads these texts of a column as missing cells, and says so."""
    said = reading.missing
    if isinstance(said, tuple):
        return reading.call(missing=_once((said, texts)))
    return reading.call(missing={**(said or {}), name: _once(((said or {}).get(name, ()), texts))})


def _once(lists: Iterable[Iterable[str]]) -> list[str]:
    """All words of the ``lists`` in their order, each once."""
    return list(dict.fromkeys(chain.from_iterable(lists)))


def _as(reading: ReadingOptions, name: str, kind: str, missing: Sequence[str] = ()) -> Remedy:
    """The call that reads a column as that kind, where ``missing`` are words of it for a missing cell."""
    kinds = {**(reading.kinds or {}), name: kind}
    if not missing or isinstance(reading.missing, tuple):
        return reading.call(kinds=kinds)
    earlier = reading.missing or {}
    return reading.call(kinds=kinds, missing={**earlier, name: _once((earlier.get(name, ()), missing))})
