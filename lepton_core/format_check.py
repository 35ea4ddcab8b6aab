"""Format numbers: what is stored says in which form it is, and a program refuses a form that came after it."""

from typing import Any

from lepton_core.errors import InvalidArtifact, NewerFormat


def check_format(given: Any, newest: int, what: str, *, field: str = "format") -> None:
    """Raises `NewerFormat` for a number above ``newest``, and `InvalidArtifact` for what is no format of ``what``.

    The form of ``what`` when it had no number counts as 1.

    >>> check_format(2, 1, "table")
    Traceback (most recent call last):
    lepton_core.errors.NewerFormat: the table has format 2 and was made by a newer Lepton; this one reads up to 1
    """
    if type(given) is not int or given < 1:
        raise InvalidArtifact(f"the {what} has no format {given!r}", field=field)
    if given > newest:
        raise NewerFormat(
            f"the {what} has format {given} and was made by a newer Lepton; this one reads up to {newest}",
            field=field,
        )
