"""The text of a file that comes in pieces: unpacked, and in an encoding whose lines end where a line feed is."""

import codecs
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from lepton_core.errors import InvalidData, LeptonError, TooLarge
from lepton_core.table.files import Note
from lepton_core.table.files.encoding import (
    is_mostly_utf8,
    is_utf8,
    letters_note,
    lost_note,
    repaired,
    said_encoding,
)
from lepton_core.table.files.first_letters import BYTES_BEFORE, LOOK, first_letter, sample_of
from lepton_core.table.files.streams import PACKED, STREAMS, ZIPS, unpacked_streams, unpacked_zip
from lepton_core.table.formats.opening import is_plain_text

Pieces = Callable[[], Iterable[bytes]]
"""The bytes of a file in pieces of some megabytes, from the beginning at each call."""

_MOST_TEXT = 20_000_000_000
"""Most bytes that a packed file is let grow to: they are never in memory together."""


def text_of(pieces: Pieces, encoding: str | None = None) -> Pieces:
    r"""The pieces of the text: unpacked, in UTF-8 or another encoding of single bytes for ASCII, with line feeds.

    UTF-16, UTF-32 and an ``encoding`` that somebody named become UTF-8. Raises, while it is gone through, `InvalidData`
    for a packed file that is broken, an archive of several files, and bytes that are not of the named encoding.

    >>> import gzip
    >>> b"".join(text_of(lambda: [gzip.compress("a\rb\r".encode("utf-16"))])())
    b'a\nb\n'
    """
    return _text_of(pieces, encoding, lambda name, line: None)[0]


def _text_of(
    pieces: Pieces, encoding: str | None, tell: Callable[[str, int], None]
) -> tuple[Pieces, str | None]:
    """And the encoding that was no UTF-8 and is now, if it was named or the first bytes show it.

    ``tell`` gets it with the first line that has bytes which are none of its letters, once the text was gone through.
    """
    head = _head(pieces())
    unpacked = _unpacked(pieces, head)
    start = _head(unpacked())
    name = said_encoding(start, encoding)

    def decoded() -> Iterable[bytes]:
        if name is None:
            return unpacked()
        if encoding is not None:
            return _transcoded(unpacked(), name)
        return repaired(unpacked(), name, lambda line: tell(name, line))

    first = _head(decoded())
    if b"\r" in first and b"\n" not in first:
        return lambda: (piece.replace(b"\r", b"\n") for piece in decoded()), name
    return decoded, name


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


class LargeText:
    r"""The `text_of` of a file in UTF-8, also if its first letters beyond ASCII show that it is of another script.

    Once it was gone through, ``notes`` are what is to be said of that. An ``encoding`` that somebody named is no guess.

    >>> given = ["town,age\n".encode(), "Москва и Казань,7\n".encode("cp1251")]
    >>> text = LargeText(lambda: given)
    >>> b"".join(text()).decode(), [note.line for note in text.notes]
    ('town,age\nМосква и Казань,7\n', [2])
    """

    def __init__(self, pieces: Pieces, encoding: str | None = None) -> None:
        self.notes: tuple[Note, ...] = ()
        self._text, name = _text_of(pieces, encoding, self._tell)
        self._is_known = encoding is not None or name is not None

    def __call__(self) -> Iterable[bytes]:
        """The pieces, from the beginning."""
        return self._text() if self._is_known else self._by_letters()

    def _tell(self, name: str, line: int) -> None:
        self.notes = (lost_note(name, line),)

    def _by_letters(self) -> Iterator[bytes]:
        """Up to the first other letters all is ASCII, which is the same in each of the encodings."""
        pieces, lines, rest = iter(self._text()), 0, b""
        for given in pieces:
            piece = rest + given
            if not piece.isascii():
                yield from self._from(piece, lines, pieces)
                return
            piece, rest = piece[:-BYTES_BEFORE], piece[-BYTES_BEFORE:]
            lines += piece.count(b"\n")
            if piece:
                yield piece
        if rest:
            yield rest

    def _from(self, piece: bytes, lines: int, pieces: Iterator[bytes]) -> Iterable[bytes]:
        """The text of a ``piece`` with other letters, behind so many ``lines``, and of the ``pieces`` behind it."""
        from lepton_core.table.files.letters import by_letters  # noqa: PLC0415  (few files need it)
        from lepton_core.table.files.single_text import by_single_bytes, is_of_single_bytes  # noqa: PLC0415

        enough = first_letter(piece) + LOOK
        while len(piece) <= enough and (more := next(pieces, None)) is not None:
            piece += more
        sample, text = sample_of(piece), chain([piece], pieces)
        if is_utf8(sample) or is_mostly_utf8(sample):
            return text
        guess = by_letters(piece)
        self.notes = (letters_note(piece, guess, lines),)
        if guess.name == "cp1252":  # what is UTF-8 in a later window stays so
            return text
        if is_of_single_bytes(guess.name):
            return by_single_bytes(text, guess.name)
        return _transcoded(text, guess.name)


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
