"""Conditional writes of S3: which conditions there are, and what a race does to them."""

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.refusals import refused_by_s3
from tests.support.aws.rule import Rule

_WRITES = ("s3:PutObject", "s3:CopyObject", "s3:CompleteMultipartUpload")
_CHANGES = {*_WRITES, "s3:DeleteObject"}


def _no_such_condition(asked: Asked) -> Answer | None:
    if asked.headers.get("if-none-match", "*") == "*":
        return None
    said = "A header you provided implies functionality that is not implemented"
    return refused_by_s3(501, "NotImplemented", said)


def _copied_over(asked: Asked) -> Answer | None:
    if "if-none-match" not in asked.headers:
        return None
    assert asked.place is not None
    bucket, key = asked.place
    if s3_backends[DEFAULT_ACCOUNT_ID]["aws"].head_object(bucket, key) is None:
        return None
    said = "At least one of the pre-conditions you specified did not hold"
    return refused_by_s3(412, "PreconditionFailed", said)


def _overtaken(asked: Asked) -> Answer | None:
    """The object was written or deleted while a conditional write was under way."""
    if not {"if-none-match", "if-match"} & asked.headers.keys():
        return None
    if not any(one.operation in _CHANGES and one.place == asked.place for one in asked.overtaken):
        return None
    said = "The conditional request cannot succeed due to a conflicting operation against this resource."
    return refused_by_s3(409, "ConditionalRequestConflict", said)


RULES = (
    Rule(
        "a write unless an object has this ETag",
        _WRITES,
        "S3 API Reference, PutObject: If-None-Match expects '*', 2026-11",
        _no_such_condition,
    ),
    Rule(
        "a conditional write that was overtaken",
        _WRITES,
        "S3 API Reference, PutObject: 409 ConditionalRequestConflict, 2026-11",
        _overtaken,
    ),
    Rule(
        "a copy over an object that must not be there",
        ("s3:CopyObject",),
        "S3 User Guide, 'How to prevent object overwrites with conditional writes', 2026-11",
        _copied_over,
    ),
)
