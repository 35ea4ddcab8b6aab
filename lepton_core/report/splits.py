"""Which split would be more honest: what a table says of time, of things that occur again, and of near-copies."""

from collections.abc import Collection, Iterator

from lepton_core.report.sampling import pieces_of, whole_groups
from lepton_core.report.values import Finding, Level
from lepton_core.table import Table
from lepton_core.table.split_hints import split_hints

_CODES = {"time": "time_order", "forecast": "forecast", "group": "repeated_id", "copies": "near_copies"}


def of_splits(table: Table, label: str, told: Collection[str]) -> Iterator[Finding]:
    """The hints of `split_hints` as findings; nothing is changed. Columns that ``told`` the label are no times.

    Of a large table pieces are looked at, and of a column whose values come again all rows of some of them.

    >>> from lepton_core.table import Categories
    >>> days = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(100)]
    >>> rows = Table((Categories.of("when", days), Categories.of("y", ["n"] * 80 + ["y"] * 20)))
    >>> [(one.code, one.level) for one in of_splits(rows, "y", ())]
    [('time_order', 'warning')]
    """
    some = pieces_of(table.rows)
    looked = table if len(some) == table.rows else table.take(some)
    for hint in split_hints(looked, label, but=told, groups=lambda name: whole_groups(table, name)):
        level: Level = "warning" if hint.matters and hint.reason != "group" else "note"
        yield Finding(
            _CODES[hint.reason],
            f"{hint.message}. {_capital(hint.effect)}",
            column=hint.column,
            level=level,
            remedies=() if hint.remedy is None else (hint.remedy,),
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
