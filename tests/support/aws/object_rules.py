"""What an object of S3 may be: its key, its metadata, its checksums, its parts."""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable
from itertools import pairwise

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.refusals import refused_by_s3
from tests.support.aws.rule import Rule

LONGEST_KEY = 1024
MOST_METADATA = 2048
MOST_DELETED = 1000

_WRITES = ("s3:PutObject", "s3:CopyObject", "s3:CreateMultipartUpload")
_BODIES = ("s3:PutObject", "s3:UploadPart")
_CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "content-md5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
}
_ORDER = re.compile(rb"<PartNumber>(\d+)</PartNumber>")


def _long_key(asked: Asked) -> Answer | None:
    assert asked.place is not None
    if len(asked.place[1].encode()) <= LONGEST_KEY:
        return None
    return refused_by_s3(400, "KeyTooLongError", "Your key is too long")


def _much_metadata(asked: Asked) -> Answer | None:
    prefix = "x-amz-meta-"
    own = {name.removeprefix(prefix): it for name, it in asked.headers.items() if name.startswith(prefix)}
    if sum(len(name.encode()) + len(it.encode()) for name, it in own.items()) <= MOST_METADATA:
        return None
    said = "Your metadata headers exceed the maximum allowed metadata size"
    return refused_by_s3(400, "MetadataTooLarge", said)


def _wrong_checksum(asked: Asked) -> Answer | None:
    told, body = dict(asked.headers), asked.body
    if "aws-chunked" in told.get("content-encoding", ""):
        body, trailer = unchunked(body)
        told |= trailer
    for name, checksum in _CHECKSUMS.items():
        if name in told and base64.b64decode(told[name]) != checksum(body):
            said = f"The {name} you specified did not match the calculated checksum."
            return refused_by_s3(400, "BadDigest", said)
    return None


def unchunked(body: bytes) -> tuple[bytes, dict[str, str]]:
    r"""The bytes that a body in chunks carries, and the headers that come after them.

    >>> unchunked(b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n")
    (b'abc', {'x-amz-checksum-crc32': 'NSRBwg=='})
    """
    pieces, at = [], 0
    while True:
        end = body.index(b"\r\n", at)
        length, at = int(body[at:end].partition(b";")[0], 16), end + 2
        if not length:
            break
        pieces.append(body[at : at + length])
        at += length + 2
    lines = (line.decode().partition(":") for line in body[at:].split(b"\r\n") if line)
    return b"".join(pieces), {name.lower(): value for name, _, value in lines}


def _parts_in_disorder(asked: Asked) -> Answer | None:
    numbers = [int(number) for number in _ORDER.findall(asked.body)]
    if all(one < next_one for one, next_one in pairwise(numbers)):
        return None
    return refused_by_s3(400, "InvalidPartOrder", "The list of parts was not in ascending order.")


def _many_deleted(asked: Asked) -> Answer | None:
    if asked.body.count(b"<Object>") <= MOST_DELETED:
        return None
    return refused_by_s3(400, "MalformedXML", "The XML you provided was not well-formed")


RULES = (
    Rule(
        "an object's key of more than 1,024 bytes",
        (*_WRITES, "s3:GetObject", "s3:HeadObject", "s3:DeleteObject", "s3:UploadPart"),
        "S3 User Guide, 'Naming Amazon S3 objects', 2026-11",
        _long_key,
    ),
    Rule(
        "metadata of more than 2 KB",
        _WRITES,
        "S3 User Guide, 'Working with object metadata', 2026-11",
        _much_metadata,
    ),
    Rule(
        "a checksum of another body",
        _BODIES,
        "S3 User Guide, 'Checking object integrity'; API Reference, error BadDigest, 2026-11",
        _wrong_checksum,
    ),
    Rule(
        "parts that are not in ascending order",
        ("s3:CompleteMultipartUpload",),
        "S3 API Reference, CompleteMultipartUpload: InvalidPartOrder, 2026-11",
        _parts_in_disorder,
    ),
    Rule(
        "more than 1,000 keys in one deletion",
        ("s3:DeleteObjects",),
        "S3 API Reference, DeleteObjects, 2026-11",
        _many_deleted,
    ),
)
