"""A last row that is a total of those above, as people write it below a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from lepton_core.table.files.spelling import plain_name

TOTAL = "it is a total of the rows above"
NOTE = "it is a note below the total"

MOST_NOTES = 10
"""Up to so many rows with one cell are notes below a table."""

FEWEST_SUMMED = 2
"""Rows: of a single one nothing is the total."""

_LONGEST = 40
"""Letters: no such word has more."""

_TOTALS = frozenset(
    {
        "total", "totals", "grand total", "grand totals", "sum", "summe", "gesamt", "insgesamt", "gesamtsumme",
        "gesamtergebnis", "zusammen", "somme", "total général", "totale", "totale complessivo", "suma", "suma total",
        "total general", "total geral", "soma", "totaal", "eindtotaal", "totalt", "totalsumma", "summa", "yhteensä",
        "kaikki yhteensä", "razem", "suma końcowa", "celkem", "celkový součet", "spolu", "összesen", "végösszeg",
        "toplam", "genel toplam", "σύνολο", "συνολο", "γενικό σύνολο", "итого", "всего", "общий итог", "разом",
        "усього", "合计", "总计", "小计", "合計", "総計", "小計", "總計", "합계", "총계", "총합계", "σ", "∑",
    }
)  # fmt: skip


def total_word(row: Sequence[str]) -> str:
    """The first text of ``row`` if it says that the row is a total, in whatever case and form; else an empty one.

    >>> total_word(["", "Grand  Total:", "7"]), total_word(["c", "7"]), total_word(["合计：", "7"])
    ('Grand  Total:', '', '合计：')
    """
    word = next((cell.strip() for cell in row[:2] if cell.strip()), "")
    if len(word) > _LONGEST:
        return ""
    return word if plain_name(word).rstrip(": ") in _TOTALS else ""


def notes_below(last: Sequence[Sequence[str]]) -> int:
    """How many of the ``last`` rows of a table are notes that somebody wrote below it: each has one cell, or none.

    >>> notes_below([["c", "5"], ["Total", "7"], ["", ""], ["Source: the office", ""]])
    2
    """
    notes = 0
    for row in reversed(last):
        if sum(map(bool, map(str.strip, row))) > 1 or total_word(row):
            break
        notes += 1
    return notes


def total_place(row: Sequence[str], data: bytes, start: int) -> int | None:
    r"""Where in ``data``, from ``start`` on, the last ``row`` is if that is a total; None if it is none.

    It is one if it begins with such a word, which stands nowhere else.

    >>> total_place(["Total", "7"], b"a,3\nb,4\nTotal,7\n", 0), total_place(["c", "7"], b"a,3\nb,4\nc,7\n", 0)
    (8, None)
    """
    text = total_word(row).encode()
    if not text or data.count(text, start) != 1:
        return None
    return data.find(text, start)


@dataclass(frozen=True)
class Below:
    """The ``rows`` below the others of a table, each with the reason why it is none; the first is at ``place``."""

    place: int
    rows: Sequence[tuple[Sequence[str], str]]


def total_and_notes(last: Sequence[Sequence[str]], data: bytes, start: int) -> Below | None:
    r"""The total among the ``last`` rows of ``data`` from ``start`` on, and the notes below it; None if none is.

    >>> rows = [["b", "4"], ["Total", "7"], ["Source: the office", ""]]
    >>> found = total_and_notes(rows, b"a,3\nb,4\nTotal,7\nSource: the office,\n", 0)
    >>> found.place, [(row[0], reason) for row, reason in found.rows]
    (8, [('Total', 'it is a total of the rows above'), ('Source: the office', 'it is a note below the total')])
    """
    at = len(last) - 1 - notes_below(last)
    place = None if at < 0 else total_place(last[at], data, start)
    if place is None:
        return None
    return Below(place, [(last[at], TOTAL), *((row, NOTE) for row in last[at + 1 :])])


def is_total(row: Sequence[str], above: Sequence[Sequence[str]]) -> bool:
    """Whether the ``row`` is a total of those ``above``: it begins with such a word, which is in no cell of theirs.

    >>> is_total(["Total", "7"], [["a", "3"], ["b", "4"]]), is_total(["Total", "7"], [["Total", "7"], ["b", "4"]])
    (True, False)
    """
    word = total_word(row)
    if not word or len(above) + 1 < FEWEST_SUMMED:
        return False
    return sum(cell.count(word) for cells in (*above, row) for cell in cells) == 1
