"""Each rule about objects of S3 refuses what moto accepts, and nothing that is just allowed."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from tests.support.aws.shown import Case, code_of, is_refused_by_this_rule_alone
from tests.support.moto_aws import BUCKET, MotoAws

KEY = "an object's key of more than 1,024 bytes"
METADATA = "metadata of more than 2 KB"
CHECKSUM = "a checksum of another body"
ORDER = "parts that are not in ascending order"
DELETED = "more than 1,000 keys in one deletion"
ETAG = "a write unless an object has this ETag"
COPY = "a copy over an object that must not be there"
OVERTAKEN = "a conditional write that was overtaken"

MD5 = "AAAAAAAAAAAAAAAAAAAAAA=="
SHA256 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
PART = 5 * 2**20


def put(key: str = "w/a", body: bytes = b"x", **more: Any) -> Callable[[MotoAws], Any]:
    return lambda aws: aws.clients.s3.put_object(Bucket=BUCKET, Key=key, Body=body, **more)


def delete(key: str) -> Callable[[MotoAws], Any]:
    return lambda aws: aws.clients.s3.delete_object(Bucket=BUCKET, Key=key)


def in_parts(*parts: tuple[int, bytes], **more: Any) -> Callable[[MotoAws], Any]:
    def call(aws: MotoAws) -> Any:
        s3, of = aws.clients.s3, {"Bucket": BUCKET, "Key": "w/parts"}
        of["UploadId"] = s3.create_multipart_upload(**of)["UploadId"]
        done = [
            {"PartNumber": number, "ETag": s3.upload_part(**of, PartNumber=number, Body=body)["ETag"]}
            for number, body in parts
        ]
        return s3.complete_multipart_upload(**of, MultipartUpload={"Parts": done}, **more)

    return call


def part(**more: Any) -> Callable[[MotoAws], Any]:
    def call(aws: MotoAws) -> Any:
        of = {"Bucket": BUCKET, "Key": "w/parts"}
        of["UploadId"] = aws.clients.s3.create_multipart_upload(**of)["UploadId"]
        return aws.clients.s3.upload_part(**of, PartNumber=1, Body=b"x", **more)

    return call


def copy_over(aws: MotoAws) -> Any:
    put("w/a")(aws)
    put("w/b")(aws)
    from_a = {"Bucket": BUCKET, "Key": "w/a"}
    return aws.clients.s3.copy_object(Bucket=BUCKET, Key="w/b", CopySource=from_a, IfNoneMatch="*")


def delete_many(count: int) -> Callable[[MotoAws], Any]:
    keys = [{"Key": str(at)} for at in range(count)]
    return lambda aws: aws.clients.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})


CASES = [
    Case(KEY, "KeyTooLongError", put("k" * 1025)),
    Case(KEY, "KeyTooLongError", put("é" * 513)),
    Case(METADATA, "MetadataTooLarge", put(Metadata={"name": "x" * 2045})),
    Case(CHECKSUM, "BadDigest", put(ContentMD5=MD5)),
    Case(CHECKSUM, "BadDigest", put(ChecksumSHA256=SHA256)),
    Case(CHECKSUM, "BadDigest", put(ChecksumCRC32="AAAAAA==")),
    Case(CHECKSUM, "BadDigest", part(ChecksumSHA256=SHA256)),
    Case(ORDER, "InvalidPartOrder", in_parts((2, bytes(PART)), (1, bytes(PART)))),
    Case(DELETED, "MalformedXML", delete_many(1001)),
    Case(ETAG, "NotImplemented", put("w/new", IfNoneMatch='"an-etag"')),
    Case(COPY, "PreconditionFailed", copy_over),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_moto_accepts_is_refused(aws: MotoAws, case: Case) -> None:
    assert is_refused_by_this_rule_alone(case, aws)


@pytest.mark.parametrize(
    "call",
    [
        put("k" * 1024),
        put(Metadata={"name": "x" * 2044}),
        put(ChecksumSHA256="LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="),
        put(body=BytesIO(b"x" * 200_000), ChecksumAlgorithm="CRC32"),  # type: ignore[arg-type]
        in_parts((1, bytes(PART)), (3, b"x")),
        delete_many(1000),
        put("w/new", IfNoneMatch="*"),
    ],
)
def test_what_is_just_allowed_is_accepted(aws: MotoAws, call: Any) -> None:
    assert code_of(call, aws) is None


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("EntityTooSmall", in_parts((1, bytes(PART - 1)), (2, b"x"))),
        ("InvalidArgument", in_parts((10_001, b"x"))),
        ("PreconditionFailed", put(IfMatch='"another"')),
    ],
)
def test_what_moto_refuses_by_itself(aws: MotoAws, code: str, call: Any) -> None:
    put()(aws)
    assert code_of(call, aws) == code


def test_a_file_that_is_sent_again_is_whole(aws: MotoAws) -> None:
    """The rules read a body before moto does; the SDK sends the same one again."""
    aws.lose_answers("PutObject")
    put("w/file", BytesIO(b"all of it"))(aws)  # type: ignore[arg-type]
    assert aws.clients.s3.get_object(Bucket=BUCKET, Key="w/file")["Body"].read() == b"all of it"


@pytest.mark.parametrize(
    ("overtakes", "code"),
    [
        (put("w/a", b"theirs"), "ConditionalRequestConflict"),
        (put("w/a", b"theirs", IfNoneMatch="*"), "ConditionalRequestConflict"),
        (delete("w/a"), "ConditionalRequestConflict"),
        (put("w/b", b"theirs"), None),
        (delete("w/b"), None),
        (lambda aws: aws.clients.s3.list_objects_v2(Bucket=BUCKET), None),
    ],
)
def test_a_conditional_write_that_is_overtaken(aws: MotoAws, overtakes: Any, code: str | None) -> None:
    aws.rules.meanwhile("s3:PutObject", lambda: overtakes(aws))
    assert code_of(put("w/a", b"mine", IfNoneMatch="*"), aws) == code


def test_without_the_rule_a_deletion_in_between_goes_unseen(aws: MotoAws) -> None:
    put("w/a")(aws)
    aws.rules.meanwhile("s3:PutObject", lambda: delete("w/a")(aws))
    with aws.rules.without(OVERTAKEN):
        assert code_of(put("w/a", b"mine", IfNoneMatch="*"), aws) is None


def test_what_no_condition_guards_may_be_overtaken(aws: MotoAws) -> None:
    aws.rules.meanwhile("s3:PutObject", lambda: delete("w/a")(aws))
    assert code_of(put("w/a", b"mine"), aws) is None
