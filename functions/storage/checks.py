"""The checks of every store before it touches anything, so that both refuse the same."""

from collections.abc import Sequence

from functions.storage.protocols import MAX_RECORD_BYTES, MAX_WRITES, Put, Write
from lepton_core.errors import InvalidInput, TooLarge

MAX_PARTITION_BYTES = 2048
"""Longest partition, as UTF-8 (DynamoDB's limit)."""

MAX_KEY_BYTES = 1024
"""Longest key of a record or a blob, as UTF-8 (the limit of DynamoDB's sort keys and of S3's keys)."""

MAX_PART_BYTES = 255
"""Longest part of a blob key between two slashes (the limit of file systems)."""

MAX_TRANSACTION_BYTES = 3_500_000
"""Largest sum of the bodies of one transaction (DynamoDB ends at 4 MB with keys and overhead)."""


def check_writes(writes: Sequence[Write]) -> None:
    """Raise ``ValueError`` for a wrong address, revision or number of writes, or ``TooLarge``."""
    if len(writes) > MAX_WRITES:
        raise ValueError(f"{len(writes)} writes in one transaction; at most {MAX_WRITES}")
    addresses = set()
    total = 0
    for write in writes:
        check_address(write.partition, write.key)
        if write.expect < 0:
            raise ValueError(f"no revision is {write.expect}")
        addresses.add((write.partition, write.key))
        if isinstance(write, Put):
            if len(write.body) > MAX_RECORD_BYTES:
                raise TooLarge(f"a record of {len(write.body)} bytes; at most {MAX_RECORD_BYTES}")
            total += len(write.body)
    if len(addresses) < len(writes):
        raise ValueError("two writes on the same record in one transaction")
    if total > MAX_TRANSACTION_BYTES:
        raise TooLarge(f"{total} bytes of records in one transaction; at most {MAX_TRANSACTION_BYTES}")


def check_address(partition: str, key: str) -> None:
    """Raise ``ValueError`` if no record can have this address."""
    check_partition(partition)
    if not 0 < _length(key) <= MAX_KEY_BYTES:
        raise ValueError(f"not usable as a record's key: {key[:80]!r}")


def check_partition(partition: str) -> None:
    """Raise ``ValueError`` if no record can be in this partition."""
    if not 0 < _length(partition) <= MAX_PARTITION_BYTES:
        raise ValueError(f"not usable as a partition: {partition[:80]!r}")


def check_after(after: str) -> None:
    """Raise ``InvalidInput`` for a page mark that cannot be a key: it comes from callers of the API."""
    try:
        usable = _length(after) <= MAX_KEY_BYTES
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise InvalidInput("is not a key that a page ended with", field="after")


def check_blob_key(key: str) -> None:
    """Raise ``ValueError`` if no blob can have this key; on a disk it is the wall around the root."""
    if not is_blob_key(key):
        raise ValueError(f"not usable as a blob's key: {key[:80]!r}")


def is_blob_key(key: str) -> bool:
    """Whether ``key`` is made of parts that are good names of visible files: no "..", no hidden names."""
    try:
        return _length(key) <= MAX_KEY_BYTES and all(map(_is_part, key.split("/")))
    except UnicodeEncodeError:
        return False


def _is_part(part: str) -> bool:
    return (
        0 < _length(part) <= MAX_PART_BYTES
        and not part.startswith(".")
        and "\\" not in part
        and not any(ord(letter) < 32 or ord(letter) == 127 for letter in part)
    )


def _length(text: str) -> int:
    return len(text.encode())
