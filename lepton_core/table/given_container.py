"""The columns that a program gave, which may have come from anybody: out of their container, and checked."""

from lepton_core.artifact import read_container
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.table.columns import Column
from lepton_core.table.kinds import kind_of
from lepton_core.table.packing import unpack_table
from lepton_core.table.table import Table


def given_from_container(data: bytes) -> Table:
    """The columns in a container, as `lepton_core.table.given_column` made them: texts are still to be read.

    The bytes may come from anybody. What is no such table raises `InvalidData`, in time and memory proportional to
    them; `lepton_core.table.reading_given` checks the values of the columns.

    >>> given_from_container(b"PK")
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: the columns cannot be read: not a model file: only 2 bytes
    """
    try:
        return unpack_table(*read_container(data))
    except InvalidArtifact as error:
        raise InvalidData(f"the columns cannot be read: {error.message}") from None


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
