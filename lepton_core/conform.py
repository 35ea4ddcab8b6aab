"""A new version of a dataset has the columns of the one before, but for those that were left out on purpose."""

from collections.abc import Callable, Collection, Iterable

from lepton_core.errors import InvalidData
from lepton_core.table import ReadingOptions, Table
from lepton_core.table.cells import shown

_SHOWN = 5


def demand_columns(
    table: Table,
    before: Iterable[str],
    reading: ReadingOptions,
    *,
    again: Collection[str] = (),
    like: Callable[[str], str | None] = lambda name: None,
) -> None:
    """Raise `InvalidData` for a column of ``before`` that is neither there nor excluded by the ``reading``.

    The call that it offers leaves out what is missing now. ``again`` are columns of the file that are left out because
    an earlier upload said so: that call reads them again, and the error says so. ``like`` knows the new column that
    looks like one of ``before``, if there is any.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> demand_columns(Table((Numbers("age", np.zeros(1)),)), ["age", "zip"], ReadingOptions())
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: column 'zip': is missing, and the version before has it; to go on without it:
    Data.from_csv(path, exclude=['zip'])
    """
    excluded = reading.exclude or ()
    gone = [name for name in before if name not in table and name not in excluded]
    if not gone:
        return
    kept = [name for name in excluded if name not in again]
    more = f" (and {len(gone) - 1} more: {_some(gone[1:])})" if len(gone) > 1 else ""
    said = f"is missing{more}, and the version before has it; "
    for name in gone[:_SHOWN]:
        new = like(name)
        if new is not None:
            what = "it" if name == gone[0] else shown(name)
            said += f"{shown(new)} is new and looks like {what}: rename it in the file if it is the same; "
    way = reading.call(exclude=(*kept, *gone))
    said += f"to go on without {'it' if len(gone) == 1 else 'them'}: {way}"
    if again:
        said += f" (this reads {_some(again)} again, left out before)"
    raise InvalidData(said, column=gone[0], remedies=(way,))


def _some(names: Collection[str]) -> str:
    first = list(names)[:_SHOWN]
    return ", ".join(map(shown, first)) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
