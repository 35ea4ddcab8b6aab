"""How rows are dealt to training and to holding out: the rule as it is kept with what was trained under it."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from lepton_core.errors import InvalidInput

HELD_OUT_SHARE = 0.2
"""The share of the rows that is held out, where nobody says another."""

Rule = Literal["content-1", "copies-2", "group-1", "time-1", "column-1", "file-1"]
"""`content-1`: by a hash of what a row holds, all copies on one side. `copies-2`: copies dealt out, stratified.
`group-1`: all rows of one value of a column on one side, or, without a column, all near-copies of a row. `time-1`: the
last rows by a column. `column-1`: as a column says. `file-1`: the rows of a second file. The number grows when a rule
comes to put a row elsewhere; the earlier one stays."""

_READ_NO_COLUMN = ("content-1", "copies-2", "file-1")


@dataclass(frozen=True)
class Split:
    """A rule, the share that it holds out, and the column that it reads.

    ``after``: of a split by time, no row before this is held out. Raises `InvalidInput` naming what does not fit.

    >>> Split("group-1", column="patient")
    Split(rule='group-1', fraction=0.2, column='patient', after=None)
    """

    rule: Rule = "copies-2"
    fraction: float = HELD_OUT_SHARE
    column: str | None = None
    after: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise InvalidInput("must lie between 0 and 1", field="split.fraction")
        if self.rule != "group-1" and (self.column is None) != (self.rule in _READ_NO_COLUMN):
            needed = "names no column" if self.column is None else "reads no column"
            raise InvalidInput(f"the rule {self.rule!r} {needed}", field="split.column")

    @property
    def of_near_copies(self) -> bool:
        """Whether near-copies of a row stay together, and no column says which rows do."""
        return self.rule == "group-1" and self.column is None

    @property
    def hides(self) -> str | None:
        """The column that is no feature, as it says where rows belong and nothing of what they are."""
        return self.column if self.rule in ("group-1", "column-1") else None

    def check_columns(self, names: Collection[str], label: str) -> None:
        """Raises `InvalidInput` naming 'split.column' if the data lack it, or it is the label.

        >>> Split("time-1", column="wen").check_columns(["when", "y"], "y")
        Traceback (most recent call last):
        lepton_core.errors.InvalidInput: there is no column 'wen'; did you mean 'when'?
        """
        if self.column is None:
            return
        if self.column not in names:
            near = get_close_matches(self.column, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(sorted(names)[:10])}"
            raise InvalidInput(f"there is no column {self.column!r}{hint}", field="split.column")
        if self.column == label:
            raise InvalidInput(f"{label!r} is the label; name another column", field="split.column")


CONTENT = Split("content-1")
"""The split of everything that was trained before there was a choice."""

COPIES = Split()
"""The split of what nobody says anything else of."""

NEAR_COPIES = Split("group-1")
"""The split that keeps near-copies of a row on one side."""

BY_FILE = Split("file-1")
"""The split of data that came as two files, of which the second one has the rows to hold out."""
