"""A table that was read already, for whoever is about to read the same file in the same way in this thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lepton_core.table.reading_options import ReadingOptions

if TYPE_CHECKING:
    from lepton_core.table.parse import Read


@dataclass(frozen=True)
class _Handed:
    data: bytes
    reading: ReadingOptions
    label: str | None
    read: "Read"


_handed: ContextVar[_Handed | None] = ContextVar("handed", default=None)


@contextmanager
def handing_over(read: "Read", data: bytes, reading: ReadingOptions, label: str | None) -> Iterator[None]:
    """Until the end of the block `read_file` of these bytes, with nothing known before, gives ``read``, and at once.

    ``read`` must be what it gave for ``data``, ``reading`` and ``label``. In other threads it has no effect.

    >>> from lepton_core.table import read_file
    >>> data = b"a,b\\n1,2\\n"
    >>> read = read_file(data)
    >>> with handing_over(read, data, ReadingOptions(), None):
    ...     read_file(data) is read
    True
    """
    before = _handed.set(_Handed(data, reading, label, read))
    try:
        yield
    finally:
        _handed.reset(before)


def handed_over(data: object, reading: ReadingOptions, label: str | None) -> "Read | None":
    """What is handed over for the same bytes and options; None if that is nothing.

    >>> handed_over(b"a,b\\n1,2\\n", ReadingOptions(), None) is None
    True
    """
    handed = _handed.get()
    if handed is None or handed.reading != reading or handed.label != label:
        return None
    return handed.read if data == handed.data else None
