"""The text of bytes whose encoding was guessed: a byte that it does not have stops nothing."""

from collections.abc import Iterable, Iterator
from functools import cache
from unicodedata import normalize

COMPOSED = "cp1258"
"""Of Vietnamese, whose marks are letters of their own behind others; elsewhere they are one letter."""

_PAIRS = frozenset({"cp932", "euc_jp", "gb18030", "cp949", "cp950"})


def is_of_single_bytes(name: str) -> bool:
    """Whether each letter of the encoding that was guessed is one byte."""
    return name not in _PAIRS


def by_single_bytes(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The text of ``pieces`` in UTF-8; bytes that the encoding does not have are those of Latin-1.

    >>> b"".join(by_single_bytes([b"\\xa3", b"\\xf3d\\x9f"], "cp1250")).decode()
    'Łódź'
    """
    table, rest = _table(name), b""
    for given in pieces:
        piece = rest + given
        end = len(piece)
        if name == COMPOSED:
            end = piece.rfind(b"\n") + 1  # a mark may begin the next piece
        rest = piece[end:]
        yield _composed(piece[:end].decode("latin-1").translate(table), name).encode()
    yield _composed(rest.decode("latin-1").translate(table), name).encode()


def _composed(text: str, name: str) -> str:
    return normalize("NFC", text) if name == COMPOSED else text


@cache
def _table(name: str) -> str:
    return "".join(bytes([code]).decode(name, "ignore") or chr(code) for code in range(256))
