"""Whether so few rows of a file were set aside that the others are read."""

from collections.abc import Sequence

from lepton_core.errors import InvalidData
from lepton_core.remedy import call
from lepton_core.table.files.likely_names import has_names, holds_values
from lepton_core.table.files.records import RowTally, share_of
from lepton_core.table.files.spelling import is_missing, is_value
from lepton_core.table.files.values import BAD_ROWS, Options, SetAside

_FEW = 20
"""From so many rows on one may be set aside, whatever the share."""

_SHOWN = 10
_MANY = 5
_MOST_BELOW = 10
"""Up to so many lines of one cell at the end are what somebody wrote below the table."""


def demand_few(tally: RowTally, options: Options, delimiter: str = "") -> None:
    """Raise `InvalidData` with the most frequent reasons if more rows were set aside than the options allow.

    Also if those that were set aside are a table of their own, whose cells the ``delimiter`` keeps apart.
    """
    bad, total = tally.set_aside_count - tally.total, tally.rows + tally.set_aside_count
    table = None if options.bad_rows is not None else _second_table(tally.set_aside, delimiter)
    if _are_few(bad, total, tally, options) and table is None:
        return
    one = tally.set_aside[0]
    what, told = f"line {one.line}: {one.reason}", [one.reason]
    if bad > 1:
        told += [reason for reason, _ in tally.reasons.most_common(_SHOWN)]
        reasons = "; ".join(f"{reason} ({count})" for reason, count in tally.reasons.most_common(_SHOWN))
        more = len(tally.reasons) - _SHOWN
        what += f". {bad} of {total} rows cannot be read: {reasons}{f'; and {more} more reasons' if more > 0 else ''}"
        first, often = tally.reasons.most_common(1)[0]
        if table is not None:
            what += (
                f". There seem to be two tables in the file; make one of its own of that from line {table} on"
            )
        elif " cells, where " in first and often > _MANY and often * 2 > bad:
            what += ". Are there two tables in the file? Then make a file of each"
    ways = [tally.remedies[reason] for reason in dict.fromkeys(told) if reason in tally.remedies]
    if bad < total:
        # Of a file that was not read to its end nobody knows the share.
        share = 1 if tally.hopeless else share_of(bad, total)
        ways.append(call(bad_rows=share))
        what += f". To read the others: {ways[-1]}"
    raise InvalidData(what, column=one.column, remedies=ways)


def _are_few(bad: int, total: int, tally: RowTally, options: Options) -> bool:
    """Whether the share is allowed; if nothing is said of it, some lines of one cell at the end are no rows."""
    if options.bad_rows is not None:
        return bad <= int(options.bad_rows * total + 1e-9)
    if total < _FEW:
        return bad <= int(BAD_ROWS * total + 1e-9)
    below = tally.last if tally.last <= _MOST_BELOW else 0
    return bad - below <= max(1, int(BAD_ROWS * (total - below) + 1e-9))


def _second_table(rows: Sequence[SetAside], delimiter: str) -> int | None:
    """The line in which a table begins that was set aside: names, and rows of values as wide, line below line."""
    for place, first in enumerate(rows[:-2] if delimiter else ()):
        names = [cell.strip() for cell in first.text.strip().split(delimiter)]
        if (
            len(names) < 2
            or len(set(names)) < len(names)
            or any(is_value(one) or is_missing(one) for one in names)
        ):
            continue
        below: list[list[str]] = []
        for distance, one in enumerate(rows[place + 1 :], start=1):
            cells = one.text.strip().split(delimiter)
            if one.line != first.line + distance or len(cells) != len(names):
                break
            below.append(cells)
        holding = any(map(holds_values, zip(*below, strict=True)))
        if len(below) > 1 and holding and has_names(names, below):
            return first.line
    return None
