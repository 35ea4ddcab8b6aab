"""The columns of a program as bytes: the platform's own container."""

from lepton_core.artifact import read_container
from lepton_core.errors import InvalidArtifact, InvalidData
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
