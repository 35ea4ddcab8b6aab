"""Columns whose cells can be read: truth values, dates, durations, numbers in everyday clothes."""

from collections.abc import Mapping

from lepton_core.table.spelling import dates, numbers
from lepton_core.table.spelling.booleans import are_booleans
from lepton_core.table.spelling.dates import DateNotation, date_notation, parsed, read_date
from lepton_core.table.spelling.decision import Decision, Kind, counted, listed, percent, quoted
from lepton_core.table.spelling.durations import duration_notation, read_duration
from lepton_core.table.spelling.numbers import NumberNotation, plain_numbers, read_each, read_number, undress

_ORDERS = {
    "dmy": "written day first",
    "mdy": "written month first",
    "ymd": "written year first or with the month's name",
}


def as_booleans(present: Mapping[str, int]) -> Decision | None:
    """The decision for cells of one pair of truth values; None for others.

    >>> as_booleans({"True": 3, "FALSE": 1}).kind
    'boolean'
    """
    if not are_booleans(present):
        return None
    shown = " and ".join(quoted(text) for text in list(present)[:4])
    return Decision("boolean", reason=f"its cells say yes and no: {shown}")


def as_dates(present: Mapping[str, int], day_first: bool | None = None) -> Decision | None:
    """The decision for dates, also those that a spreadsheet has put `####` for; None for others.

    With ``day_first`` somebody said whether the day is before the month, so there is no doubt about that.

    >>> as_dates({"31.12.2024": 3, "1.2.2024": 1}).reason
    "100 % of its cells are dates written day first, as '31.12.2024'"
    """
    lost, shown = _lost(present)
    notation = date_notation(shown, day_first) if shown else DateNotation()
    if notation is None or not present:
        return None
    misfits = {text: count for text, count in present.items() if read_date(text, notation) is None}
    total = sum(present.values())
    doubts = []
    reason = "all its cells are ####: a spreadsheet shows that for dates in a column that is too narrow"
    if shown:
        example = next(text for text in present if text not in misfits)
        part = percent(total - sum(misfits.values()), total)
        reason = f"{part} of its cells are dates {_ORDERS[notation.order]}, as {quoted(example)}"
    if lost:
        doubts.append(
            "cells of #### have lost their dates: widen that column in the spreadsheet and export it again"
        )
    if day_first is None and dates.is_guess(shown):
        doubts.append(f"no cell shows which number is the day; it was taken to be {_ORDERS[notation.order]}")
    if notation.zone != "none" and any(one.zone == "none" for text in shown if (one := parsed(text))):
        doubts.append("some dates have a zone and some have none: those are taken as UTC")
    return Decision("date", notation.as_text(), reason, listed(misfits), doubt="; ".join(doubts))


def _lost(present: Mapping[str, int]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The cells of nothing but ``#``, and the others."""
    if "###" not in "\n".join(present):
        return {}, present
    lost = {text: count for text, count in present.items() if len(text) > 2 and not text.strip().strip("#")}
    return lost, {text: count for text, count in present.items() if text not in lost}


def as_durations(present: Mapping[str, int]) -> Decision | None:
    """The decision for lengths of time and times of day; None for others.

    >>> as_durations({"90 min": 3, "45 min": 1}).kind
    'duration'
    """
    notation = duration_notation(present)
    if notation is None:
        return None
    misfits = {text: count for text, count in present.items() if read_duration(text, notation) is None}
    total = sum(present.values())
    example = next((text for text in present if text not in misfits), "")
    part = percent(total - sum(misfits.values()), total)
    reason = f"{part} of its cells are lengths of time or times of day, as {quoted(example)}"
    return Decision("duration", notation.as_text(), reason, listed(misfits))


def as_numbers(present: Mapping[str, int], notation: NumberNotation, *, guessed: bool = True) -> Decision:
    """The decision for cells that are numbers in that notation: integers if all of them are whole.

    Not ``guessed``: a person said which sign is in front of decimals, so there is no doubt about that.

    >>> as_numbers({"$1,200": 1, "$80": 2}, NumberNotation(".", ",", "$")).reason
    "100 % of its cells are numbers, as '$1,200'; ',' parts groups of digits; the unit is '$'"
    """
    values = read_each(present, notation)
    read, misfits = [*present], dict[str, int]()
    if None in values:
        both = list(zip(present.items(), values, strict=True))
        read = [text for (text, _), value in both if value is not None]
        misfits = {text: count for (text, count), value in both if value is None}
    whole = all(value is None or value.is_integer() for value in values) and not any(
        notation.decimal in text or "e" in text.lower() for text in read if text.strip()[-1:].isdigit()
    )
    total = sum(present.values())
    said = [f"{percent(total - sum(misfits.values()), total)} of its cells are numbers, as {quoted(read[0])}"]
    if notation.decimal == ",":
        said.append("',' is the decimal sign")
    if notation.group:
        said.append(f"{notation.group!r} parts groups of digits")
    if notation.unit:
        said.append(f"the unit is {notation.unit!r}")
    kind: Kind = "integer" if whole else "number"
    known = {text: present[text] for text in read} if misfits else present
    doubts, of_cells = _doubts_of_numbers(known, notation, guessed=guessed)
    if misfits:
        doubts.append(f"cells that are no numbers: {counted(misfits)}")
    return Decision(
        kind,
        notation.as_text(),
        "; ".join(said),
        listed(misfits),
        doubt="; ".join(doubts),
        counted=of_cells,
        said_misfits=counted(misfits) if misfits else "",
    )


def _doubts_of_numbers(
    read: Mapping[str, int], notation: NumberNotation, *, guessed: bool
) -> tuple[list[str], tuple[str, ...]]:
    """What a person should decide of the numbers that were ``read``, and the parts of it that count cells."""
    doubts, of_cells = [], []
    if guessed and numbers.is_guess(read, notation):
        example = next(
            text for text in read if not text.isdigit() and (one := undress(text)) and not one.body.isdigit()
        )
        doubts.append(
            f"no cell shows the decimal sign; {quoted(example)} was read as {read_number(example, notation):g}"
        )
    dressed = read if plain_numbers(read) is None else {}
    bounds = {text: read[text] for text in dressed if (one := undress(text)) is not None and one.bound}
    if bounds:
        of_cells.append(counted(bounds))
        doubts.append(f"cells that are bounds, read as the bound itself: {of_cells[-1]}")
    bare = {
        text: count for text, count in read.items() if notation.unit and text.strip("0123456789., ") == ""
    }
    if bare and set(bare) != {"0"}:
        of_cells.append(counted(bare))
        doubts.append(f"cells without the unit {notation.unit!r}, read as if they had it: {of_cells[-1]}")
        values = [value for text in read if (value := read_number(text, notation)) is not None]
        of_bare = [value for text in bare if (value := read_number(text, notation)) is not None]
        if (
            notation.unit == "%"
            and max(of_bare) <= 1 < max(values)
            and not all(map(float.is_integer, of_bare))
        ):
            doubts.append("these may be shares of 1")
    return doubts, tuple(of_cells)
