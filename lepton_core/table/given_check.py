"""Whether a column is one that a program may give: it may have come from anybody."""

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Column
from lepton_core.table.kinds import kind_of


def check_column(column: Column) -> None:
    """Raise `InvalidData` unless this is a column as `given_column` makes it."""
    if not is_given(column):
        raise InvalidData(
            f"a column of kind {column.kind!r} is not given in this way; "
            f"give numbers, truth values, dates, durations or texts",
            column=column.name,
        )
    kind_of(column).check_given(column)


def is_given(column: Column) -> bool:
    """Whether it is of a kind and a notation that programs give.

    >>> from lepton_core.table import Categories, given_column
    >>> is_given(given_column("sex", ["f", "m"])), is_given(Categories.of("sex", ["f", "m"]))
    (True, False)
    """
    return column.notation == kind_of(column).given_notation and column.missing_words is None
