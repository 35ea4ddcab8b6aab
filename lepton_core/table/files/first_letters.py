"""Where the first letters beyond ASCII are, which show the encoding of a text."""

import re

LOOK = 1 << 18
"""So many bytes from about the first of them on show the encoding."""

BYTES_BEFORE = 64
"""So many bytes before the first may be of its word."""

_HIGH = re.compile(rb"[\x80-\xff]")
_ENDS = (b",", b";", b"\t", b" ", b'"')
"""Signs that are the second byte of a letter in no encoding."""


def first_letter(data: bytes) -> int:
    """Where the first byte beyond ASCII is in ``data``; 0 if there is none."""
    found = _HIGH.search(data)
    return 0 if found is None else found.start()


def sample_of(data: bytes) -> bytes:
    r"""What shows the encoding of ``data``: about `LOOK` bytes from the first word with a letter beyond ASCII on.

    It ends with a line, or with a cell if the line is longer.

    >>> sample_of(b"a,b\n1,K\xf6ln\n")
    b'1,K\xf6ln\n'
    """
    first = first_letter(data)
    begin = max(data.rfind(b"\n", 0, first) + 1, first - BYTES_BEFORE)
    stop = begin + LOOK
    if stop >= len(data):
        return data[begin:]
    end = data.rfind(b"\n", begin, stop) + 1 or max(data.rfind(one, begin, stop) for one in _ENDS) + 1
    return data[begin : end or stop]
