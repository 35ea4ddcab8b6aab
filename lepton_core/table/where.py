"""Where in a file rows are that a person should look at."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from lepton_core.table.files import SetAside
from lepton_core.table.files.records import MOST_SET_ASIDE
from lepton_core.table.files.row_lines import LineRow

NO_LABEL = "it has no label"
SHOWN_LINES = 5
"""Of many cells that do not fit so many are pointed at."""

MANY_TEXTS = 20
"""Fewer different texts can be named as words for a missing cell: their lines are not asked for."""


def first_misfits(misfits: Mapping[int, str]) -> list[int]:
    """The rows of the first cells that do not fit, if they are of many different texts.

    >>> first_misfits({7: "a"}), first_misfits({row: f"see {row}" for row in range(30)})
    ([], [0, 1, 2, 3, 4])
    """
    return sorted(misfits)[:SHOWN_LINES] if len(set(misfits.values())) >= MANY_TEXTS else []


def said_where(lines: Iterable[int], texts: Collection[str], what: str = "line") -> str:
    """The first ``lines`` of cells with these ``texts`` as words; empty where nobody asks for them.

    >>> said_where([3, 7], [str(one) for one in range(20)])
    'as in lines 3, 7'
    """
    numbers = ", ".join(map(str, lines))
    return f"as in {what}s {numbers}" if numbers and len(texts) >= MANY_TEXTS else ""


def without_label(rows: Iterable[LineRow], names: Sequence[str], label: str) -> list[SetAside]:
    """What is kept of rows that have no label: the line, and what stands in its place."""
    place = names.index(label)
    return [SetAside(line, NO_LABEL, cells[place].strip(), label) for line, cells in rows]


def together(unread: Sequence[SetAside], unlabelled: Sequence[SetAside]) -> tuple[SetAside, ...]:
    """The first rows that were set aside, in their order: of those without a label as many as there is room for.

    >>> [one.line for one in together([SetAside(7, "", "")], [SetAside(3, NO_LABEL, "")])]
    [3, 7]
    """
    room = max(0, MOST_SET_ASIDE - len(unread))
    return tuple(sorted([*unread, *unlabelled[:room]], key=lambda one: one.line))
