"""A blob piece by piece, for what does not fit in memory."""

from collections.abc import Iterator
from hashlib import sha256

from functions.storage.protocols import Blobs

PIECE_BYTES = 8 << 20


def pieces(blobs: Blobs, key: str, size: int = PIECE_BYTES) -> Iterator[bytes]:
    """The bytes of a blob, ``size`` at a time, each read when it is asked for. Raises `BlobMissing`."""
    start = 0
    while piece := blobs.read(key, start, size):
        yield piece
        if len(piece) < size:
            return
        start += len(piece)


def digest_of(blobs: Blobs, key: str) -> str:
    """The SHA-256 of a blob, as `lepton_core.artifact.digest` writes it. Raises `BlobMissing`."""
    found = sha256()
    for piece in pieces(blobs, key):
        found.update(piece)
    return "sha256:" + found.hexdigest()
