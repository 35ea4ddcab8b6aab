"""Damage to what is stored."""

from typing import Literal

from functions.storage import Blobs

Way = Literal["flipped", "gone"]
WAYS: tuple[Way, ...] = ("flipped", "gone")


def flipped(data: bytes) -> bytes:
    """The bytes with one bit in their middle flipped."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def damaged(blobs: Blobs, key: str, way: Way) -> None:
    """Flip one bit of a blob, or take it away."""
    data = blobs.get(key)
    blobs.delete(key)
    if way == "flipped":
        blobs.put(key, flipped(data))
