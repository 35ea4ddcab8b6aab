"""The text of a file that comes in pieces: unpacked, and in an encoding whose lines end where a line feed is."""

import codecs
from collections.abc import Callable, Iterable, Iterator

from lepton_core.errors import InvalidData, LeptonError, TooLarge
from lepton_core.table.files import Note
from lepton_core.table.files.encoding import is_mostly_utf8, letters_note, said_encoding
from lepton_core.table.files.streams import PACKED, STREAMS, ZIPS, unpacked_streams, unpacked_zip
from lepton_core.table.formats.opening import is_plain_text

Pieces = Callable[[], Iterable[bytes]]
"""The bytes of a file in pieces of some megabytes, from the beginning at each call."""

_MOST_TEXT = 20_000_000_000
"""Most bytes that a packed file is let grow to: they are never in memory together."""


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


def is_large_text(pieces: Pieces, least: int) -> bool:
    r"""Whether a file is a text of at least so many bytes, once it is unpacked, that can be read some lines at a time.

    Of a packed file no more than that is unpacked to find it out. One that is broken counts as large, and an archive
    that is broken, or no text, does not: whoever reads it says why.

    >>> import gzip
    >>> packed = gzip.compress(b"a,b\n" * 1000)
    >>> len(packed) < 1000, is_large_text(lambda: [packed], 4000), is_large_text(lambda: [b"a,b\n"], 5)
    (True, True, False)
    """
    head, size = _head(pieces()), 0
    try:
        text = _unpacked(pieces, head)
        if not is_plain_text(_head(text())):
            return False
        for piece in text():
            size += len(piece)
            if size >= least:
                return True
    except LeptonError:
        return head.startswith(STREAMS)
    return False


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
    if not head.startswith((*PACKED, *ZIPS)):
        return pieces
    text = _packed(pieces, head)
    if _head(text()).startswith(PACKED):
        raise InvalidData("this file is packed twice; unpack it once")
    return lambda: _bounded(text())


def _packed(pieces: Pieces, head: bytes) -> Pieces:
    """What is packed in a file; of an archive, which says at its end what is in it, the packed bytes stay in memory."""
    magic = next((one for one in STREAMS if head.startswith(one)), None)
    if magic is not None:
        return lambda: unpacked_streams(pieces(), magic)
    data = b"".join(pieces())
    return lambda: unpacked_zip(data)


def _bounded(text: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in text:
        size += len(piece)
        if size > _MOST_TEXT:
            raise TooLarge(f"the file unpacks to more than {_MOST_TEXT} bytes; send it in parts")
        yield piece


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
