"""A table that was read already, for whoever is about to read the same file in the same way in this thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lepton_core.table.reading_options import ReadingOptions

if TYPE_CHECKING:
    from lepton_core.table.parse import Read


@dataclass(frozen=True)
class _Handed:
    digest: str
    reading: ReadingOptions
    label: str | None
    held_out: int
    read: "Read"


_handed: ContextVar[_Handed | None] = ContextVar("handed", default=None)


@contextmanager
def handing_over(
    read: "Read", digest: str, reading: ReadingOptions, label: str | None, held_out: int = 0
) -> Iterator[None]:
    """Until the end of the block `handed_over` gives ``read`` for a file of this ``digest``.

    ``read`` must be what `read_file` gave for the file, ``reading`` and ``label``, with nothing known before; if the
    last ``held_out`` bytes are a second file, what `with_held_out` made of it. In other threads it has no effect.

    >>> from lepton_core.table import read_file
    >>> read = read_file(b"a,b\\n1,2\\n")
    >>> with handing_over(read, "its digest", ReadingOptions(), None):
    ...     handed_over(lambda: "its digest", ReadingOptions(), None) is read
    True
    """
    before = _handed.set(_Handed(digest, reading, label, held_out, read))
    try:
        yield
    finally:
        _handed.reset(before)


def handed_over(
    digest: Callable[[], str], reading: ReadingOptions, label: str | None, held_out: int = 0
) -> "Read | None":
    """What is handed over for a file of that ``digest`` and these options; None if that is nothing.

    The digest is asked for only if something is handed over.

    >>> handed_over(lambda: "another digest", ReadingOptions(), None) is None
    True
    """
    handed = _handed.get()
    if handed is None or (handed.reading, handed.label, handed.held_out) != (reading, label, held_out):
        return None
    return handed.read if digest() == handed.digest else None
