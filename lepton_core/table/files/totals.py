"""A last row that is a total of those above, as people write it below a table."""

from collections.abc import Sequence

TOTAL = "it is a total of the rows above"

_TOTALS = frozenset(
    {
        "total", "totals", "grand total", "sum", "summe", "gesamt", "insgesamt", "gesamtsumme", "somme", "totale",
        "total général", "suma", "totaal", "итого", "всего", "合计", "总计", "合計", "総計",
    }
)  # fmt: skip


def total_line(row: Sequence[str], data: bytes, start: int) -> int | None:
    r"""How many lines of ``data`` from ``start`` on stand above the last ``row`` if that is a total; None if not.

    It is one if it begins with such a word, which stands nowhere else.

    >>> total_line(["Total", "7"], b"a,3\nb,4\nTotal,7\n", 0), total_line(["c", "7"], b"a,3\nb,4\nc,7\n", 0)
    (2, None)
    """
    word = next((cell.strip() for cell in row[:2] if cell.strip()), "")
    text = word.encode()
    if word.rstrip(":").lower() not in _TOTALS or data.count(text, start) != 1:
        return None
    return data.count(b"\n", start, data.find(text, start))
