"""Errors as records keep them: short, whatever the names in them are."""

from lepton_core.errors import Failure

MOST_KEPT = 2000
"""Letters of each text of an error that are kept: it may quote the file, however long its names are."""


def kept(failure: Failure) -> Failure:
    """The error as it is stored, each text of it cut to `MOST_KEPT` letters.

    >>> from lepton_core.errors import Failure
    >>> len(kept(Failure("invalid_data", "x" * 5000)).message)
    2000
    """
    field, column = (text and text[:MOST_KEPT] for text in (failure.field, failure.column))
    return Failure(failure.code, failure.message[:MOST_KEPT], field, failure.row, column)
