"""What is said about a text file, and what is found out about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lepton_core.remedy import Remedy, call

Escape = Literal["doubled", "backslash", "nothing"]

BAD_ROWS = 0.01
"""The share of rows that may be set aside if nothing else is said."""


_MOST_NAMES = 50


@dataclass(frozen=True)
class Options:
    """What the owner of a file says about it; None: to be found out.

    ``encoding`` is a name that `codecs` knows. ``delimiter`` and ``quote`` are one character each; a ``quote`` of
    ``""`` says that nothing is quoted. ``header`` is True (the first line that fits has the names), False (there are
    no names) or the number of the line that has them, 1 for the first of the file. ``names`` are the names of the
    columns, in place of those of the file. ``bad_rows`` is the share of rows that may be set aside.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: bool | int | None = None
    names: tuple[str, ...] | None = None
    bad_rows: float | None = None


@dataclass(frozen=True)
class Dialect:
    """How the cells of a line are kept apart.

    ``escape`` says how a quote is written within quotes: doubled, behind a backslash, or as it is (``'nothing'``;
    then a quote ends the cell only before a delimiter or the end of the line). ``blanks`` says that blanks may stand
    between a delimiter and a quote, ``runs`` that several blanks and tabs delimit like one.

    >>> Dialect().delimiter
    ','
    """

    delimiter: str = ","
    quote: str = '"'
    escape: Escape = "doubled"
    blanks: bool = False
    runs: bool = False


@dataclass(frozen=True)
class Note:
    """What was guessed, dropped or renamed: ``code`` for programs, ``message`` for people.

    ``remedies`` are the calls that say it otherwise, with ``path`` for the file; the message itself may offer an
    argument of them.
    """

    code: str
    message: str
    remedies: tuple[Remedy, ...] = ()
    column: str | None = None
    line: int | None = None

    @property
    def remedy(self) -> str:
        """The calls as a text; empty if there is none."""
        return " or ".join(str(one) for one in self.remedies if one.is_call)


@dataclass(frozen=True)
class SetAside:
    """A row that was not read: its first ``line`` in the file (1 is the first), why, and its ``text``, cut.

    Of a row without a label ``text`` is what stands in its place. Where a file has no lines, ``line`` is the number of
    the row.
    """

    line: int
    reason: str
    text: str
    column: str | None = None


def call_with_names(names: Sequence[str]) -> tuple[Remedy, ...]:
    """The call that names the columns, to be changed by hand; none if nobody would read so many, or two are the same.

    >>> print(*call_with_names(["id", "x"]))
    Data.from_csv(path, names=['id', 'x'])
    """
    readable = len(names) <= _MOST_NAMES and len(set(names)) == len(names)
    return (call(names=names),) if readable else ()
