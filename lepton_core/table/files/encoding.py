"""The encoding of a text file, decided from its bytes by rules.

In this order: what the owner says; a byte order mark that the zero bytes do not belie; UTF-32 and UTF-16 without a
mark, known by where the zero bytes are; ISO 2022 by its escapes; UTF-8 if all of it is; the encoding that its letters
show (see `lepton_core.table.files.letters`), Windows-1252 if they show none. Bytes that an encoding of single bytes
does not have are as in Latin-1. A file that is mostly UTF-8 keeps what is, and other bytes are read as those of
Windows-1252. Marks before other lines, where files were joined, are dropped.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING
from unicodedata import category

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.remedy import Remedy, call
from lepton_core.table.files.values import Note

if TYPE_CHECKING:
    from lepton_core.table.files.letters import Guess

_UTF8_MARKS = (b"\xef\xbb\xbf", b"\xc3\xaf\xc2\xbb\xc2\xbf")
"""The mark, and the mark that was taken for Latin-1 and encoded once more."""

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_JOINED = b"\n\xef\xbb\xbf"
_PIECE = 1 << 20
_LOOK = 4096
_OTHER = "name another encoding, or none, so that it is found out"
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_PIECES = re.compile(rb"(" + _MULTIBYTE.pattern + rb")|[\x80-\xff]")
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
_ASCII = re.compile(rb"[\x00-\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_ESCAPES = (
    (b"\x1b$)C", "iso2022_kr"),
    (b"\x1b$", "iso2022_jp_ext"),
)
"""What announces letters of ISO 2022, within ASCII: of Korean, and of Japanese."""

_ESCAPED_WITHIN = 1 << 18
_LEAST_ASCII = 0.05
"""Least share of ASCII in both halves of a table in UTF-16: delimiters, numbers and line feeds."""

_LEAST_ASSIGNED = 0.98
_WINDOWS = "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(256))


@dataclass(frozen=True)
class Decoded:
    """A text file in UTF-8, without a mark: ``data`` from ``start`` on; ``encoding`` names what it was."""

    data: bytes
    start: int
    encoding: str
    notes: tuple[Note, ...] = ()


def as_utf8(data: bytes, encoding: str | None = None, *, letters: bool = True) -> Decoded:
    """The text of ``data``; the bytes are not copied if they are UTF-8. ``letters`` may show its encoding, or not.

    Raises `InvalidInput` for an ``encoding`` that is not known, `InvalidData` naming the line of a byte that is not of
    the encoding which was said or which a mark announced.

    >>> as_utf8("é".encode("latin-1")).data.decode()
    'é'
    >>> as_utf8("a,b".encode("utf-16")).data
    b'a,b'
    """
    return _without_marks(_as_utf8(data, encoding, letters=letters))


def _as_utf8(data: bytes, encoding: str | None, *, letters: bool) -> Decoded:
    start, marked = _mark(data)
    found = said_encoding(data, encoding)
    if found is None and data.isascii():
        return Decoded(data, start, "utf-8")
    if found is None:
        found = "utf-8" if is_utf8(data, start) else "cp1252"
    if found == "utf-8":
        if encoding is not None:
            _demand_utf8(data, start)
            return Decoded(data, start, "utf-8")
        return _without_controls(data, start)
    if found == "cp1252" and encoding is None:
        return _guessed(data, start, letters=letters)
    if encoding is not None:
        return Decoded(_transcoded(data[start if marked == found else 0 :], found), 0, found)
    return _repaired(data, start, found)


def window_as_utf8(data: bytes, line: int, *, is_said: bool) -> Decoded:
    """As `as_utf8`, of some lines of a text, the first of which is ``line``; ``is_said``: they are UTF-8 already."""
    if is_said:
        return _without_marks(Decoded(data, _mark(data)[0], "utf-8"))
    found = as_utf8(data, letters=False)
    if not found.notes:
        return found
    line += (found.notes[0].line or 1) - 1
    if found.encoding == "utf-8":
        return replace(found, notes=(_controls_note(line),))
    message = f"from line {line} on there are bytes that are not UTF-8; they were read as Windows-1252"
    return replace(found, notes=(Note("encoding", message, line=line),))


def _without_marks(found: Decoded) -> Decoded:
    if _JOINED[1:2] not in found.data or _JOINED not in found.data:  # one byte is found much faster
        return found
    return replace(found, data=found.data[found.start :].replace(_JOINED, b"\n"), start=0)


def said_encoding(head: bytes, encoding: str | None = None) -> str | None:
    """The encoding that somebody named, or that the first bytes show; None for UTF-8, or if it must be guessed.

    >>> said_encoding("a,b".encode("utf-16-le")), said_encoding(b"a,b"), said_encoding(b"a,b", "latin-1")
    ('utf-16-le', None, 'iso8859-1')
    """
    if encoding is not None:
        return _known(encoding)
    start, marked = _mark(head)
    return marked or _without_mark(head[start : start + _LOOK]) or _escaped(head)


def _escaped(head: bytes) -> str | None:
    if head.find(b"\x1b$", 0, _ESCAPED_WITHIN) < 0 or not head.isascii():
        return None
    return next(name for escape, name in _ESCAPES if escape in head)


def _mark(data: bytes) -> tuple[int, str | None]:
    """The length of the mark, and the encoding that it announces, if the zero bytes agree: other marks say nothing."""
    start = 0
    while mark := next((mark for mark in _UTF8_MARKS if data.startswith(mark, start)), None):
        start += len(mark)
    if start:
        return start, None
    start, name = next(((len(mark), name) for mark, name in _MARKS if data.startswith(mark)), (0, None))
    if name is None or len(data) == start:
        return start, name
    head = data[start : start + _LOOK]
    return start, (_without_mark(head) or name) if 0 in head else None


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        b"".decode(name)
    except (LookupError, ValueError, TypeError):
        remedy = "name one that Python knows, as 'utf-8', 'cp1252' or 'utf-16', or leave it out: then it is found out"
        raise InvalidInput(f"{encoding[:80]!r} is no encoding of text; {remedy}", field="encoding") from None
    return "utf-8" if name == "utf-8-sig" else name


def _without_mark(data: bytes) -> str | None:
    """UTF-16 and UTF-32 without a mark: most of a table is ASCII, whose other bytes are zero."""
    head = data[:_LOOK]
    zeros = [head[place::4].count(0) / max(1, len(head[place::4])) for place in range(4)]
    full, empty = 0.5, 0.1
    if zeros[0] < empty and min(zeros[1:]) > full:
        return "utf-32-le"
    if zeros[3] < empty and min(zeros[:3]) > full:
        return "utf-32-be"
    if max(zeros[0], zeros[2]) < empty and min(zeros[1], zeros[3]) > full:
        return "utf-16-le"
    if max(zeros[1], zeros[3]) < empty and min(zeros[0], zeros[2]) > full:
        return "utf-16-be"
    return _utf16_without_mark(head) if any(zeros) else None


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 in which most letters are not those of ASCII: it has no controls, and ASCII in both of its halves."""
    texts = {name: head[: len(head) // 2 * 2].decode(name, "replace") for name in ("utf-16-le", "utf-16-be")}
    fits = [name for name, text in texts.items() if _is_table(text)]
    return fits[0] if len(fits) == 1 else None


def _is_table(text: str) -> bool:
    if "\n" not in text and "\r" not in text:
        return False
    half = len(text) // 2
    if any(sum(map(str.isascii, one)) < _LEAST_ASCII * len(one) for one in (text[:half], text[half:])):
        return False
    kinds = [category(one) for one in text if one not in "\t\r\n"]
    odd = sum(kind in ("Cn", "Co", "Cs") for kind in kinds) / max(1, len(kinds))
    return "Cc" not in kinds and odd <= 1 - _LEAST_ASSIGNED


def is_utf8(data: bytes, start: int = 0) -> bool:
    """Whether ``data`` from ``start`` on are UTF-8."""
    try:
        for _ in _decoded(data, start, "utf-8"):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes, start: int, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for at in range(start, len(data), _PIECE):
        yield decoder.decode(data[at : at + _PIECE], final=at + _PIECE >= len(data))


def _demand_utf8(data: bytes, start: int) -> None:
    lines = 1
    try:
        for text in _decoded(data, start, "utf-8"):
            lines += text.count("\n")
    except UnicodeDecodeError as error:
        lines += error.object.count(b"\n", 0, error.start)
        byte = error.object[error.start]
        raise InvalidData(f"line {lines}: byte {byte:#04x} is not UTF-8; {_OTHER}") from None


def _transcoded(data: bytes, encoding: str) -> bytes:
    out: list[bytes] = []
    lines = 1
    try:
        for text in _decoded(data, 0, encoding):
            out.append((text if out else text.lstrip("\ufeff")).encode("utf-8", "replace"))
            lines += text.count("\n")
    except UnicodeDecodeError as error:
        lines += error.object[: error.start].decode(encoding, "replace").count("\n")
        raise InvalidData(f"line {lines}: bytes that are not {encoding}; {_OTHER}") from None
    except UnicodeError:
        raise InvalidData(f"at or below line {lines}: bytes that are not {encoding}; {_OTHER}") from None
    return b"".join(out)


def _repaired(data: bytes, start: int, encoding: str) -> Decoded:
    """The text of UTF-16 or UTF-32; what is no letter in it is shown as such, and its line is said."""
    pieces = (data[at : at + _PIECE] for at in range(start, len(data), _PIECE))
    lost = list[int]()
    text = b"".join(repaired(pieces, encoding, lost.append))
    return Decoded(text, 0, encoding, tuple(lost_note(encoding, line) for line in lost))


def repaired(pieces: Iterable[bytes], encoding: str, tell: Callable[[int], None]) -> Iterator[bytes]:
    r"""``pieces`` of a text of this ``encoding`` as UTF-8, without a mark; U+FFFD stands for what is no letter.

    ``tell`` gets the line of the first of these, once. What is cut off at the end is left out.

    >>> found = []
    >>> b"".join(repaired([b"\n\0a\0", b"\x00\xd8b\0c"], "utf-16-le", found.append)).decode(), found
    ('\na�b', [2])
    """
    strict, lenient = (codecs.getincrementaldecoder(encoding)(errors) for errors in ("strict", "replace"))
    feeds, returns, is_told, is_begun = 0, 0, False, False
    for piece, is_end in chain(((piece, False) for piece in pieces), [(b"", True)]):
        before = strict.getstate()
        try:
            text = strict.decode(piece, final=is_end)
        except UnicodeDecodeError as error:
            head = error.object[: error.start].decode(encoding, "replace")
            if not is_told:
                tell(1 + (feeds + head.count("\n") or returns + head.count("\r")))
            is_told = True
            lenient.setstate(before)
            text = "" if is_end else lenient.decode(piece)
            strict.setstate(lenient.getstate())
        feeds, returns = feeds + text.count("\n"), returns + text.count("\r")
        text, is_begun = (text if is_begun else text.lstrip("\ufeff")), is_begun or bool(text)
        yield text.encode("utf-8", "replace")


def lost_note(encoding: str, line: int) -> Note:
    """What to say of a text of this ``encoding`` with bytes that are no letters, the first of them in that ``line``."""
    message = f"it is {encoding}, in which some bytes are no letters (the first in line {line}); \ufffd stands for them"
    return Note("encoding", message, line=line)


def _without_controls(data: bytes, start: int) -> Decoded:
    """Controls of ISO 8859-1 in UTF-8 were Windows-1252 once: nobody writes them, and quotes and dashes are there."""
    found = _CONTROL.search(data, start)
    if found is None:
        return Decoded(data, start, "utf-8")
    line = data.count(b"\n", 0, found.start()) + 1
    changed = _replaced(_CONTROL, lambda one: _WINDOWS[one[0][1]].encode(), data[start:])
    return Decoded(changed, 0, "utf-8", (_controls_note(line),))


def _controls_note(line: int) -> Note:
    message = f"control characters were read as those of Windows-1252 (the first in line {line})"
    return Note("encoding", message, (call(encoding="utf-8"),), line=line)


def _replaced(what: re.Pattern[bytes], by: Callable[[re.Match[bytes]], bytes], data: bytes) -> bytes:
    """``data`` with each match replaced; all matches of a large file at once would be many times as large."""
    return b"".join(what.sub(by, piece) for piece in _between_letters(data))


def _between_letters(data: bytes) -> Iterator[bytes]:
    """``data`` in pieces that begin with ASCII: no letter is cut."""
    at = 0
    while at < len(data):
        found = _ASCII.search(data, at + _PIECE)
        end = len(data) if found is None else found.start()
        yield data[at:end]
        at = end


def _guessed(data: bytes, start: int, *, letters: bool) -> Decoded:
    from lepton_core.table.files.single_text import by_single_bytes, is_of_single_bytes  # noqa: PLC0415  (few files need it)

    data = data[start:]
    other = _odd_ones(data)
    if other is None:
        name, note = "cp1252", _note(data, "it is not UTF-8 and was", call(encoding="cp1250"))
        if letters:
            from lepton_core.table.files.letters import by_letters  # noqa: PLC0415  (few files need it)

            guess = by_letters(data)
            name, note = guess.name, letters_note(data, guess)
    else:
        masked = _replaced(_MULTIBYTE, lambda found: b"?" * len(found[0]), data)
        note = _note(masked, f"{other} bytes that are not UTF-8 were", call(encoding="cp1252"))
        return Decoded(_replaced(_PIECES, _as_windows, data), 0, "utf-8 and cp1252", (note,))
    if is_of_single_bytes(name):
        pieces = (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
        return Decoded(b"".join(by_single_bytes(pieces, name)), 0, name, (note,))
    try:
        return Decoded(_transcoded(data, name), 0, name, (note,))
    except InvalidData:  # further down it is not of these letters
        return _guessed(data, 0, letters=False)


def _odd_ones(data: bytes) -> int | None:
    """How many bytes are not UTF-8, if most letters beyond ASCII are; otherwise None."""
    known = sum(1 for _ in _MULTIBYTE.finditer(data))
    pieces = _between_letters(data)
    other = sum(len(run) for piece in pieces for run in _HIGH.findall(_MULTIBYTE.sub(b"", piece)))
    return other if known > other else None


def is_mostly_utf8(data: bytes) -> bool:
    r"""Whether most letters beyond ASCII are UTF-8.

    >>> is_mostly_utf8("Köln, Řím".encode() + b"\xf6"), is_mostly_utf8(b"K\xf6ln")
    (True, False)
    """
    return _odd_ones(data) is not None


def letters_note(data: bytes, guess: "Guess", lines: int = 0) -> Note:
    """What to say of ``data`` whose encoding was guessed, behind so many ``lines``."""
    called = "Windows-1252" if guess.name == "cp1252" else guess.name
    note = _note(data, "it is not UTF-8 and was", call(encoding=guess.other), called, lines)
    if not guess.doubtful:
        return note
    ours, others = (", ".join(map(repr, words)) for words in zip(*guess.doubtful, strict=True))
    return replace(
        note,
        message=f"{note.message}; too few letters tell: so they are {ours}, and as {guess.other} {others}",
    )


def _note(data: bytes, what: str, otherwise: Remedy, name: str = "Windows-1252", lines: int = 0) -> Note:
    first = _HIGH.search(data)
    line = lines + data.count(b"\n", 0, first.start() if first else 0) + 1
    message = f"the encoding was guessed: {what} read as {name} (the first in line {line})"
    return Note("encoding", message, (otherwise,), line=line)


def _as_windows(found: re.Match[bytes]) -> bytes:
    return found[1] or found[0].decode("latin-1").translate(_WINDOWS).encode()
