"""What was decided of a column, and how a notation tells the spelling of its classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal["number", "integer", "boolean", "category", "date", "duration", "text", "identifier", "empty"]

MOST_MISFITS = 20
"""Most cells that are listed as misfits."""


@dataclass(frozen=True)
class Decision:
    """The kind of a column, how its cells are written, and why.

    ``notation`` is the `as_text` of its notation, for text ``list``, ``url`` or ``sentences``, else "". ``reason`` is a
    sentence for people. ``misfits`` are present cells that do not fit, with their counts, the most frequent first.
    ``constant``: all present cells are the same. ``doubt`` is what a person should decide, "" if nothing; ``is_open``
    says that the kind itself is in doubt, not only how cells are read. ``absent`` are the words that stand for a
    missing cell and occur. ``counted`` are those parts of ``doubt`` that count cells, and ``said_misfits`` the one that
    counts what does not fit: of rows of which the decision saw only some, these numbers are too small.
    """

    kind: Kind
    notation: str = ""
    reason: str = ""
    misfits: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    constant: bool = False
    doubt: str = ""
    is_open: bool = False
    absent: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    said_misfits: str = ""

    def doubt_of(self, misfits: Mapping[str, int], total: int, *, partial: bool) -> str:
        """The doubt, where ``total`` cells do not fit, ``misfits`` in all rows; ``partial``: it saw only some.

        >>> one = Decision("number", doubt="no numbers: 2 ('x')", said_misfits="2 ('x')")
        >>> one.doubt_of({"x": 7}, 7, partial=True)
        "no numbers: 7 ('x')"
        """
        told = self.doubt
        for one in self.counted if partial else ():
            told = told.replace(f": {one}", f": at least {one}")
        if self.said_misfits and total:
            told = told.replace(self.said_misfits, counted(misfits, total))
        return told


def with_classes(notation: str, spellings: Sequence[str]) -> str:
    """A ``notation`` that also says how the file spells the classes of a label, each once.

    >>> with_classes("._$", ["$1", "$5"]), bare("._$\\n$1\\n$5"), class_spellings("._$\\n$1\\n$5")
    ('._$\\n$1\\n$5', '._$', ('$1', '$5'))
    """
    return "\n".join((notation, *spellings))


def bare(notation: str) -> str:
    """The notation without the spelling of classes."""
    return notation.partition("\n")[0]


def class_spellings(notation: str) -> tuple[str, ...]:
    """The spellings that `with_classes` added."""
    return tuple(notation.split("\n")[1:])


def listed(misfits: Mapping[str, int]) -> dict[str, int]:
    """At most `MOST_MISFITS` of the cells, the most frequent first.

    >>> listed({"a": 1, "b": 2})
    {'b': 2, 'a': 1}
    """
    order = sorted(misfits.items(), key=lambda one: (-one[1], one[0]))
    return dict(order[:MOST_MISFITS])


def counted(cells: Mapping[str, int], total: int | None = None) -> str:
    """How many cells, and the three most frequent.

    >>> counted({"a": 1, "b": 2})
    "3 ('b', 'a')"
    """
    many = sum(cells.values()) if total is None else total
    return f"{many} ({', '.join(quoted(text) for text in list(listed(cells))[:3])})"


def quoted(text: str) -> str:
    """A cell as a sentence quotes it: at most 30 letters.

    >>> quoted("a" * 40)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"
    """
    return repr(text if len(text) <= 30 else text[:30] + "...")


def percent(part: float, whole: float) -> str:
    """A share as people read it; "all" only of all.

    >>> percent(1, 1), percent(999999, 1000000), percent(2, 3)
    ('100 %', '99.9 %', '66.7 %')
    """
    if part == whole:
        return "100 %"
    return f"{min(99.9, round(100 * part / whole, 1)):g} %"
