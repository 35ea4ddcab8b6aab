"""Files in which each line was put in quotes once more, as a sheet with all of a row in its first cell is saved."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lepton_core.remedy import call
from lepton_core.table.files.dialect import DELIMITERS
from lepton_core.table.files.encoding import Decoded
from lepton_core.table.files.values import Note

# What is repeated never gives back: a pattern that may do so remembers each letter of a line.
_WRAPPED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')
_LINES = re.compile(rb'^"([^"\n]*+(?:""[^"\n]*+)*+)"(\r?)$', re.MULTILINE)
_ALL_LINES = re.compile(rb'(?:"[^"\n]*+(?:""[^"\n]*+)*+"(?:\r?\n|\r?\Z))++')
_QUOTED = re.compile(r'""[^"]*+(?:""""[^"]*+)*+""')
_AT_ONCE = 1 << 20
"""So many bytes are looked at at once, and their lines to the end: each line costs some memory meanwhile."""

_FEWEST = 3


def are_wrapped(lines: Sequence[str]) -> bool:
    """Whether each line is one cell in quotes, and within the quotes all lines have as many delimiters.

    The first line may be without them.

    >>> are_wrapped(["age,town", '"31,Bonn"', '"47,Ulm"']), are_wrapped(["age", '"31"', '"47"'])
    (True, False)
    """
    whole = [line.strip() for line in lines if line.strip()]
    found = [_WRAPPED.fullmatch(line) for line in whole]
    if len(whole) < _FEWEST or not all(found[1:]):
        return False
    inside = [line if one is None else one[1] for line, one in zip(whole, found, strict=True)]
    inside = [_QUOTED.sub("", line) for line in inside]
    return any(
        len(counts := {line.count(mark) for line in inside}) == 1 and counts != {0}
        for mark in DELIMITERS.strip()
    )


def unwrapped(text: Decoded, start: int) -> Decoded:
    """The text from ``start`` on, without the quotes around its lines."""
    data = b"".join(map(_without_quotes, _pieces(text.data, start)))
    note = Note(
        "lines_in_quotes", "each line is in quotes as a whole; they were taken off", (call(quote='"'),)
    )
    return replace(text, data=data, start=0, notes=(*text.notes, note))


def _pieces(data: bytes, start: int) -> Iterator[bytes]:
    while start < len(data):
        stop = data.find(b"\n", start + _AT_ONCE) + 1 or len(data)
        yield data[start:stop]
        start = stop


def _without_quotes(lines: bytes) -> bytes:
    if not _ALL_LINES.fullmatch(lines):
        return _LINES.sub(lambda line: line[1].replace(b'""', b'"') + line[2], lines)
    joined = lines.replace(b'"\r\n"', b"\r\n").replace(b'"\n"', b"\n")
    inside, _, end = joined[1:].rpartition(b'"')
    return inside.replace(b'""', b'"') + end
