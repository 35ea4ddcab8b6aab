"""The file of an upload: text in any usual dialect, or the columns of a program in the platform's own container."""

from collections.abc import Collection, Mapping

from lepton_core.artifact import is_container, read_container
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.table import Read, Table, Wanted, read_csv, read_given, unpack_table


def read_file(
    data: bytes, *, label: str | None, wanted: Mapping[str, Wanted], exclude: Collection[str] = ()
) -> Read:
    """The table of an upload, whichever of both it is. Errors: `InvalidData`, see `read_csv` and `read_given`."""
    if is_container(data):
        return read_given(read_upload(data), label=label, wanted=wanted, exclude=exclude)
    return read_csv(data, label=label, wanted=wanted, exclude=exclude)


def read_upload(data: bytes) -> Table:
    """The columns in a container, as `lepton_core.table.given_column` made them: texts are still to be read.

    The bytes may come from anybody. What is no such table raises `InvalidData`, in time and memory proportional to
    them; `lepton_core.table.read_given` checks the values of the columns.
    """
    try:
        return unpack_table(*read_container(data))
    except InvalidArtifact as error:
        raise InvalidData(f"the columns cannot be read: {error.message}") from None
