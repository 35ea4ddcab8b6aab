"""The form of a backup: a head, a list of records, a list of files, and the files, each under the digest of its bytes.

    backup.json         what the backup is, and the digests of the two lists
    content/ab/abc...   a list, or a file; its name is the SHA-256 of its bytes, as hexadecimal digits

A line of the list of records is a JSON array: partition, key, revision, and the body as a text (or null, and the body
in base64, if it is no UTF-8). A line of the list of files is one, too: key, size in bytes, digest. Both lists are
ordered, and name nothing twice. No name in a backup is ever used as a path: only digests are.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Annotated, BinaryIO, TypeVar

import msgspec
from msgspec import Meta

from functions.storage import MAX_RECORD_BYTES, Record
from functions.storage.checks import check_address, is_blob_key
from lepton_core.errors import Damaged, InvalidInput, NewerFormat

FORMAT = 1
"""The format that is written, and the newest that is read (`docs/formats.md`)."""

MOST_HEAD_BYTES = 1_000_000
MOST_LINE_BYTES = 6 * MAX_RECORD_BYTES + 100_000
"""A body of control characters alone is six times as long in JSON."""

LARGEST_OBJECT = 5_000_000_000_000
"""The largest object of S3."""

FIRST_NAMED = 20
"""Things that a head, or a message, names one by one."""

T = TypeVar("T")
K = TypeVar("K", str, tuple[str, str])

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")

Count = Annotated[int, Meta(ge=0, le=2**53)]


class BackupHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup is: ``records`` and ``files`` are the digests of its lists, ``bytes`` those of all files together.

    ``left_out`` counts the records that no backup holds, by kind. ``absent`` are files that a record named, and
    ``damaged`` those with other bytes than their record says, when the backup was made: the first of so many.
    """

    made: datetime
    store: str
    records: str
    record_count: Count
    files: str
    file_count: Count
    bytes: Count
    left_out: dict[str, Count] = {}
    absent: list[str] = []
    absent_count: Count = 0
    damaged: list[str] = []
    damaged_count: Count = 0


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    backup: BackupHead
    digest: str


class _Format(msgspec.Struct, frozen=True):
    format: int


class FileLine(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A file of a store: its key there, its size and the digest of its bytes."""

    key: str
    size: Annotated[int, Meta(ge=0, le=LARGEST_OBJECT)]
    digest: str


class _RecordLine(
    msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, omit_defaults=True
):
    partition: str
    key: str
    revision: Annotated[int, Meta(ge=1, le=2**53)]
    body: str | None
    raw: bytes = b""


_sealed = msgspec.json.Decoder(_Sealed)
_format = msgspec.json.Decoder(_Format)
_file_line = msgspec.json.Decoder(FileLine)
_record_line = msgspec.json.Decoder(_RecordLine)


def is_digest(text: str) -> bool:
    """Whether ``text`` can be the name of a content.

    >>> is_digest("0" * 64), is_digest("../" + "0" * 61)
    (True, False)
    """
    return _DIGEST.match(text) is not None


def seal(head: BackupHead) -> bytes:
    """The bytes of the head file: they have their own digest, so that no part of them can go unseen."""
    whole = _Sealed(FORMAT, head, digest_of(head))
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def digest_of(head: BackupHead) -> str:
    """The digest that stands for the whole backup: what it names is named by digests, too."""
    return sha256(msgspec.json.encode(head)).hexdigest()


def unseal(data: bytes) -> BackupHead:
    """The head in ``data``. Raises `NewerFormat`, and `Damaged` for what nobody wrote so."""
    try:
        found = _format.decode(data).format
        if found > FORMAT:
            raise NewerFormat(
                f"the backup has format {found}; this Lepton reads up to {FORMAT}: update it", field="format"
            )
        sealed = _sealed.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(f"the head of the backup cannot be read ({error})") from None
    head = sealed.backup
    if found != FORMAT or sealed.digest != digest_of(head):
        raise Damaged("the head of the backup is not what was written: its digest is another one")
    if not is_digest(head.records) or not is_digest(head.files):
        raise Damaged("the head of the backup names no lists")
    return head


def record_line(record: Record) -> bytes:
    """The line of ``record``.

    >>> record_line(Record("default/models", "m", 2, b'{"name":"m"}'))
    b'["default/models","m",2,"{\\\\"name\\\\":\\\\"m\\\\"}",""]\\n'
    """
    try:
        line = _RecordLine(record.partition, record.key, record.revision, record.body.decode())
    except UnicodeDecodeError:
        line = _RecordLine(record.partition, record.key, record.revision, None, record.body)
    return msgspec.json.encode(line) + b"\n"


def file_line(line: FileLine) -> bytes:
    """The bytes of ``line``.

    >>> file_line(FileLine("default/tables/m/1", 3, "ab"))
    b'["default/tables/m/1",3,"ab"]\\n'
    """
    return msgspec.json.encode(line) + b"\n"


def read_records(file: BinaryIO) -> Iterator[Record]:
    """The records of a list. Raises `Damaged` or `InvalidInput`, which name the line, for what no backup holds."""
    before: tuple[str, str] | None = None
    for number, line in _lines(file, "records"):
        found = _decoded(_record_line, line, "records", number)
        try:
            check_address(found.partition, found.key)
        except (ValueError, UnicodeEncodeError):
            raise InvalidInput(
                f"line {number} of the list of records has an address that no record has"
            ) from None
        body = found.raw if found.body is None else found.body.encode()
        if not body or len(body) > MAX_RECORD_BYTES:
            raise InvalidInput(f"line {number} of the list of records holds a body of {len(body)} bytes")
        here = (found.partition, found.key)
        _demand_order(before, here, "records", number)
        before = here
        yield Record(*here, found.revision, body)


def read_files(file: BinaryIO) -> Iterator[FileLine]:
    """The lines of a list of files. Raises as `read_records`."""
    before: str | None = None
    for number, line in _lines(file, "files"):
        found: FileLine = _decoded(_file_line, line, "files", number)
        if not is_blob_key(found.key) or not is_digest(found.digest):
            raise InvalidInput(
                f"line {number} of the list of files names what no store holds: {found.key[:80]!r}"
            )
        _demand_order(before, found.key, "files", number)
        before = found.key
        yield found


def _lines(file: BinaryIO, of: str) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(MOST_LINE_BYTES + 1):
        number += 1
        if not line.endswith(b"\n"):
            said = "is too long" if len(line) > MOST_LINE_BYTES else "has no end"
            raise Damaged(f"line {number} of the list of {of} {said}")
        yield number, line


def _decoded(decoder: "msgspec.json.Decoder[T]", line: bytes, of: str, number: int) -> T:
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(f"line {number} of the list of {of} cannot be read ({error})") from None


def _demand_order(before: K | None, here: K, of: str, number: int) -> None:
    if before is not None and here <= before:
        raise InvalidInput(f"line {number} of the list of {of} is out of order, or there twice")
