"""Which rows a training holds out."""

from typing import Literal

import msgspec


class Split(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hold out a ``fraction`` (default: 0.2) of all rows, or choose them by a ``column``; for `Model.train`.

    ``by`` 'group': all rows of one value of the column are on one side; 'time': the last rows are held out, by a number
    or a date; 'column': those whose cell is test, held_out, validation, true, yes or 1, and not train, false, no or 0.
    'near_copies' names no column: rows that are the same but for one cell, or a little in their numbers, stay together.

    >>> Split("group", "patient", fraction=0.3)
    Split(by='group', column='patient', fraction=0.3)
    """

    by: Literal["rows", "group", "near_copies", "time", "column"] = "rows"
    column: str | None = None
    fraction: float | None = None

    def asked(self) -> dict[str, str | float]:
        """As a request has it."""
        given: dict[str, str | float] = msgspec.to_builtins(self)
        return given


class Dealt(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the held-out rows of a version were chosen: the ``rule`` with its number, and what it reads.

    ``after``: rows from this time on were held out.
    """

    rule: str
    fraction: float = 0.2
    column: str | None = None
    after: float | None = None
