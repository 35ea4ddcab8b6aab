"""Kinds of records, and how a body says in which format it is. `docs/formats.md` has the rules of change."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, TypeVar

import msgspec

from functions.storage.protocols import Record
from lepton_core.errors import Damaged, Unavailable

log = logging.getLogger("lepton.storage")

T = TypeVar("T")

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""A body of one format, as JSON has it, to the same body of the next. Pure: no clock, no store."""


class _Mark(msgspec.Struct, frozen=True):
    format: int = 1


_mark = msgspec.json.Decoder(_Mark)

_UNREADABLE = (
    msgspec.DecodeError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""The errors of msgspec, and of an upgrade that meets a body unlike any that was written."""


@dataclass(frozen=True)
class RecordKind(Generic[T]):
    """A kind of record: its name in the keys, the type that it holds, and the format that it is written in.

    ``upgrades[0]`` makes a body of format 2 of one of format 1, and so on: as many as there are older formats.
    """

    name: str
    type: type[T]
    format: int = 1
    upgrades: tuple[Upgrade, ...] = ()

    def __post_init__(self) -> None:
        if len(self.upgrades) != self.format - 1:
            raise ValueError(f"{self.name} has format {self.format} and {len(self.upgrades)} upgrades")
        if "format" in _fields(self.type):
            raise ValueError(f"{self.name} has a field 'format', which is the mark of a body")
        # Two threads that read the first record of a type at once would both make what msgspec knows of its
        # dataclasses, and one of them would use it half made: the process would crash.
        msgspec.json.Decoder(self.type)


def _fields(kind: Any) -> set[str]:
    if is_dataclass(kind):
        return {field.name for field in fields(kind)}
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def encode(kind: RecordKind[T], value: T) -> bytes:
    """The body of a record that holds ``value``, in the newest format; a body of format 1 carries no mark."""
    body = msgspec.json.encode(value)
    if kind.format == 1:
        return body
    mark = b'{"format":%d' % kind.format
    return mark + body[1:] if body == b"{}" else mark + b"," + body[1:]


def decode(kind: RecordKind[T], record: Record) -> T:
    """The value that ``record`` holds, whichever format it was written in.

    Raises `Unavailable` for a body of a newer format, which waits for a newer program, and `Damaged` for one that
    cannot be read at all.
    """
    try:
        found = _format_of(kind, record.body)
        if found == kind.format:
            return msgspec.json.decode(record.body, type=kind.type)
        if 0 < found < kind.format:
            return _upgraded(kind, record.body, found)
    except _UNREADABLE as error:
        log.error("%s %s cannot be read: %s", record.partition, record.key, error)
        raise Damaged(_said(kind, record, "is damaged; put it back from a backup")) from error
    if found < 1:
        raise Damaged(_said(kind, record, f"is damaged: there is no format {found}"))
    newer = f"was written by a newer Lepton (format {found}; this one reads up to {kind.format}): update it"
    raise Unavailable(_said(kind, record, newer))


def _format_of(kind: RecordKind[Any], body: bytes) -> int:
    """The format of a body. The newest one stands where `encode` writes it: then the rest is not read for it."""
    if kind.format > 1 and body.startswith(b'{"format":%d,' % kind.format):
        return kind.format
    return _mark.decode(body).format


def _upgraded(kind: RecordKind[T], raw: bytes, found: int) -> T:
    body: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
    body.pop("format", None)
    for upgrade in kind.upgrades[found - 1 :]:
        body = upgrade(body)
    return msgspec.convert(body, kind.type)


def _said(kind: RecordKind[Any], record: Record, what: str) -> str:
    return f"the record {record.key!r} of the kind {kind.name!r} {what}"
