"""The split of a job: as it was asked for, or as the version has it whose weights the job begins with."""

from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from functions.datasets.kept_strata import first_rows, read_strata
from functions.edge.shapes import Request
from functions.records.kinds import DatasetVersion, Version
from functions.storage import Workspace
from lepton_core.errors import InvalidInput
from lepton_core.table import BY_FILE, COPIES, Column, Rows, Split, asked_split
from lepton_core.table.columns import IndexArray
from lepton_core.table.split import HELD_OUT_SHARE, Rule
from lepton_core.table.splitting import both, dealt_by


class SplitBy(Request, frozen=True):
    """Which rows are held out: a ``fraction`` of all ``rows`` (default: 0.2), or by a ``column``.

    "group": all rows of one value on one side; "near_copies": all near-copies of a row on one side; "time": the last
    rows, by a number or a date; "column": those whose cell is test, held_out, validation, true, yes or 1, and not
    train, false, no or 0.
    """

    by: Literal["rows", "group", "near_copies", "time", "column"] = "rows"
    column: str | None = None
    fraction: Annotated[float, Meta(gt=0, lt=1)] | None = None


_RULES: dict[str, Rule] = {
    "rows": "copies-2",
    "group": "group-1",
    "near_copies": "group-1",
    "time": "time-1",
    "column": "column-1",
}

_BY_NO_COLUMN = ("rows", "near_copies")


def asked(given: SplitBy | None, earlier: Version | None, data: DatasetVersion) -> Split:
    """The rule for a new version that begins with the weights of ``earlier``, or with none.

    If nothing else is said, the rows of a second file are held out where the ``data`` have one. With weights comes the
    split under which they were learnt: rows that they have seen must not be held out. Raises `InvalidInput` naming
    'split' for another one, and the field of it that does not fit.
    """
    if given is None:
        own = BY_FILE if data.held_out else COPIES
        return own if earlier is None else earlier.split
    if given.by == "column" and given.fraction is not None:
        raise InvalidInput("the column says which rows are held out; leave it out", field="split.fraction")
    if (given.by in _BY_NO_COLUMN) != (given.column is None):
        what = (
            "goes with by 'group', 'time' or 'column'"
            if given.column
            else f"name the column of the {given.by}"
        )
        raise InvalidInput(what, field="split.column")
    wanted = Split(_RULES[given.by], given.fraction or HELD_OUT_SHARE, given.column)
    if earlier is None:
        return wanted
    had = earlier.split
    if (wanted.rule, wanted.fraction, wanted.column) != (had.rule, had.fraction, had.column):
        raise InvalidInput(
            f"version {earlier.version} was trained under another split, so rows that it learnt from would be held "
            "out; leave it out, or train without warm_start",
            field="split",
        )
    return had


def as_asked(split: Split) -> dict[str, str | float] | None:
    """The split as a request asks for it; None where nothing is to be said: that of a second file, and the default.

    >>> as_asked(Split("time-1", 0.3, "day")), as_asked(BY_FILE), as_asked(COPIES)
    ({'by': 'time', 'column': 'day', 'fraction': 0.3}, None, None)
    >>> as_asked(Split("group-1"))
    {'by': 'near_copies'}
    """
    said: dict[str, str | float] = {}
    if split.of_near_copies:
        said = {"by": "near_copies"}
    elif split.column is not None:
        said = {"by": next(by for by, rule in _RULES.items() if rule == split.rule), "column": split.column}
    if split.fraction != HELD_OUT_SHARE and split.rule != "column-1":
        said["fraction"] = split.fraction
    return said or None


def dealt(
    store: Workspace, data: DatasetVersion, rows: Rows, split: Split
) -> tuple[Split, IndexArray, IndexArray, Column | None]:
    """The split as it came out, the rows to train on and to hold out, (k,) and (m - k,), and what they were dealt by.

    That is the column of the times, groups or sides of all rows, see `dealt_by`. Raises `Damaged`.

    Where the first version decides something, it is read; the strata of the default are kept with each version.
    """
    if split == COPIES:
        strata = read_strata(store, data, rows)
        return split, *both(strata.held_out(rows.keys, rows.table[rows.label])), None
    if split.rule == BY_FILE.rule:
        return split, *both(np.arange(len(rows.keys)) >= len(rows.keys) - data.held_out), None
    first = first_rows(store, data, rows) if split.rule in ("group-1", "copies-2") else rows
    by = dealt_by(rows, first, split)
    return *asked_split(rows, first, split, by), by
