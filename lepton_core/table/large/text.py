"""The text of a file that comes in pieces: unpacked, and in an encoding whose lines end where a line feed is."""

import bz2
import codecs
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from lepton_core.errors import InvalidData, TooLarge
from lepton_core.table.files import Note
from lepton_core.table.files.encoding import is_mostly_utf8, letters_note, said_encoding
from lepton_core.table.files.unpacking import BZIP2, GZIP, MOST_MEMORY, PACKED, XZ, ZIPS

Pieces = Callable[[], Iterable[bytes]]
"""The bytes of a file in pieces of some megabytes, from the beginning at each call."""

_MOST_TEXT = 20_000_000_000
"""Most bytes that a packed file is let grow to: they are never in memory together."""

_PACKED_BYTES = 1 << 12


class _Unpacker(Protocol):
    """One stream of a packed file."""

    @property
    def eof(self) -> bool:
        """Whether it has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came behind its end."""
        ...

    def decompress(self, data: bytes, /) -> bytes:
        """The text of the next bytes."""
        ...


def text_of(pieces: Pieces, encoding: str | None = None) -> Pieces:
    r"""The pieces of the text: unpacked, in UTF-8 or another encoding of single bytes for ASCII, with line feeds.

    UTF-16, UTF-32 and an ``encoding`` that somebody named become UTF-8. Raises, while it is gone through, `InvalidData`
    for a packed file that is broken, an archive of several files, and bytes that are not of the encoding.

    >>> import gzip
    >>> b"".join(text_of(lambda: [gzip.compress("a\rb\r".encode("utf-16"))])())
    b'a\nb\n'
    """
    head = _head(pieces())
    unpacked = _unpacked(pieces, head)
    start = _head(unpacked())
    name = said_encoding(start, encoding)
    decoded = unpacked if name is None else lambda: _transcoded(unpacked(), name)
    first = _head(decoded())
    if b"\r" in first and b"\n" not in first:
        return lambda: (piece.replace(b"\r", b"\n") for piece in decoded())
    return decoded


def text_by_letters(text: Pieces, encoding: str | None = None) -> tuple[Pieces, tuple[Note, ...]]:
    r"""A ``text`` of `text_of` in UTF-8 if its first letters show of what other script it is, and what to say of that.

    An ``encoding`` that somebody named is no guess.

    >>> given = lambda: ["возраст,город,сумма\n".encode("cp1251")]
    >>> text, notes = text_by_letters(given)
    >>> b"".join(text()).decode(), len(notes)
    ('возраст,город,сумма\n', 1)
    """
    head = b"" if encoding is not None else _head(text())
    if head.isascii():  # most are, and are not copied to find out
        return text, ()
    head = head[: head.rfind(b"\n") + 1]  # a piece ends within a letter
    try:
        head.decode()
    except UnicodeDecodeError:
        return _by_letters(text, head)
    return text, ()


def _by_letters(text: Pieces, head: bytes) -> tuple[Pieces, tuple[Note, ...]]:
    from lepton_core.table.files.letters import by_letters  # noqa: PLC0415  (few files need it)
    from lepton_core.table.files.single_text import by_single_bytes, is_of_single_bytes  # noqa: PLC0415

    if is_mostly_utf8(head):
        return text, ()
    guess = by_letters(head)
    if guess.name == "cp1252":  # each window says so, and where
        return text, ()
    note = letters_note(head, guess)
    if is_of_single_bytes(guess.name):
        return (lambda: by_single_bytes(text(), guess.name)), (note,)
    return (lambda: _transcoded(text(), guess.name)), (note,)


def _head(pieces: Iterable[bytes]) -> bytes:
    return next(iter(pieces), b"")


def _unpacked(pieces: Pieces, head: bytes) -> Pieces:
    if head.startswith(ZIPS):
        raise InvalidData(
            "a zip archive of this size cannot be read; unpack it, or compress the file with gzip"
        )
    opener = next((made for magic, made in _UNPACKERS if head.startswith(magic)), None)
    if opener is None:
        return pieces
    inside = _head(_streams(pieces(), opener, head))
    if inside.startswith(PACKED):
        raise InvalidData("this file is packed twice; unpack it once")
    return lambda: _streams(pieces(), opener, head)


_UNPACKERS: tuple[tuple[bytes, Callable[[], _Unpacker]], ...] = (
    (GZIP, lambda: zlib.decompressobj(wbits=31)),
    (BZIP2, bz2.BZ2Decompressor),
    (XZ, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)),
)


def _streams(pieces: Iterable[bytes], opener: Callable[[], _Unpacker], head: bytes) -> Iterator[bytes]:
    """The text of one stream behind the other; bytes behind the last that begin no other are left out."""
    stream, size, magic, rest = opener(), 0, head[:2], b""
    for part in _cut(pieces):
        rest += part
        while rest:
            if stream.eof:
                rest = rest.lstrip(b"\0")
                if len(rest) < len(magic):
                    break
                if not rest.startswith(magic):
                    return
                stream = opener()
            text = _decompressed(stream, rest)
            size += len(text)
            if size > _MOST_TEXT:
                raise TooLarge(f"the file unpacks to more than {_MOST_TEXT} bytes")
            yield text
            rest = stream.unused_data if stream.eof else b""
    if not stream.eof:
        raise InvalidData("the packed file is broken: it ends too early")


def _decompressed(stream: _Unpacker, data: bytes) -> bytes:
    try:
        return stream.decompress(data)
    except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise InvalidData(f"the packed file is broken: {error}") from None


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Small parts, as each may grow a thousand times."""
    for piece in pieces:
        for at in range(0, len(piece), _PACKED_BYTES):
            yield piece[at : at + _PACKED_BYTES]


def _transcoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, first = 1, True
    try:
        for piece in pieces:
            text = decoder.decode(piece)
            yield (text.lstrip("\ufeff") if first else text).encode("utf-8", "replace")
            first, lines = first and not text, lines + text.count("\n")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")
    except UnicodeError:
        raise InvalidData(f"at or below line {lines}: bytes that are not {encoding}") from None
