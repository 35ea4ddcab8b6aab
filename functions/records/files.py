"""Files that records name: a blob with its digest, and what is read is what was written."""

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from functions.storage import BlobExists, BlobMissing, Blobs, Workspace
from lepton_core.artifact import digest
from lepton_core.errors import Damaged

T = TypeVar("T")

_PIECE_BYTES = 8 << 20


class File(msgspec.Struct, frozen=True):
    """A blob as a record names it: its key, and the digest of its bytes (empty: none was kept when it was written)."""

    key: str
    digest: str


class Part(msgspec.Struct, frozen=True):
    """Some rows of a table, as typed columns in a file of their own; ``keyed``: their keys are behind the columns."""

    file: File
    rows: int
    keyed: bool


class Served(msgspec.Struct, frozen=True):
    """The fit of a version that answers, where that is not the judged one: its artifact, and how many rows it saw."""

    artifact: File
    rows: int


class Blended(msgspec.Struct, frozen=True):
    """One member of a version that blends several models: how it was trained, and its weight; the weights sum to 1."""

    algorithm: str
    hyperparameters: dict[str, Any]
    weight: float


class Extras(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a version is to have besides its model, learnt from rows out of fold.

    ``calibrate``: probabilities that are calibrated, where that helps. ``uncertainty``: intervals, or sets of classes.
    """

    calibrate: bool = False
    uncertainty: bool = False

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return self.calibrate or self.uncertainty


def write_file(store: Workspace, key: str, data: bytes) -> File:
    """Write a blob under a key that nobody else uses; what a record is to keep of it."""
    store.blobs.put(key, data)
    return File(key, digest(data))


def write_once(store: Workspace, key: str, data: bytes, its_digest: str | None = None) -> File:
    """Write a blob under a key that tells what it holds, so that a second time changes nothing.

    ``its_digest`` is that of ``data``, if it is known.
    """
    # An earlier delivery may have written it, the same bytes, and died before it wrote its records.
    with suppress(BlobExists):
        store.blobs.put(key, data)
    return File(key, its_digest or digest(data))


def read_file(store: Workspace, file: File, what: str) -> bytes:
    """The bytes of a file. Raises `Damaged`, saying ``what`` it is, if they are gone or not those that were written."""
    try:
        data = store.blobs.get(file.key)
    except BlobMissing:
        raise Damaged(f"{what} is gone from the store") from None
    if file.digest and digest(data) != file.digest:
        raise Damaged(f"{what} is damaged: its digest is not the one that was recorded")
    return data


def read_value(store: Workspace, file: File, decoder: msgspec.json.Decoder[T], what: str) -> T:
    """The value that a JSON file holds. Raises `Damaged`, as `read_file` does, also if the bytes are no such value."""
    return decoded(read_file(store, file, what), decoder, what)


def decoded(data: bytes, decoder: msgspec.json.Decoder[T], what: str) -> T:
    """The value in the bytes of a JSON file. Raises `Damaged`, saying ``what`` it is, if they are no such value."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Damaged(f"{what} is damaged: {error}") from error


def pieces(blobs: Blobs, key: str, size: int = _PIECE_BYTES) -> Iterator[bytes]:
    """The bytes of a blob, ``size`` at a time, each read when it is asked for. Raises `BlobMissing`."""
    start = 0
    while piece := blobs.read(key, start, size):
        yield piece
        if len(piece) < size:
            return
        start += len(piece)


def digest_of(blobs: Blobs, key: str) -> str:
    """The SHA-256 of a blob of any size, as `lepton_core.artifact.digest` writes it. Raises `BlobMissing`."""
    found = sha256()
    for piece in pieces(blobs, key):
        found.update(piece)
    return "sha256:" + found.hexdigest()
