"""Refusals as the services write them."""

import json
from typing import Any
from xml.sax.saxutils import escape

from tests.support.aws.asked import Answer


def invalid(message: str) -> Answer:
    """DynamoDB's and Step Functions' answer to a request that can never be right."""
    return refused("ValidationException", message)


def refused(code: str, message: str, *, status: int = 400, **more: Any) -> Answer:
    """The error ``code`` of a service that speaks JSON; DynamoDB writes the message in upper case in some."""
    said = {
        "__type": f"com.amazonaws.dynamodb.v20120810#{code}",
        "message": message,
        "Message": message,
        **more,
    }
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-ErrorType": code}
    return status, headers, json.dumps(said)


def cancelled(reasons: list[tuple[str, str]]) -> Answer:
    """A transaction that was not carried out; for each item a code (``None`` for one in order) and a message."""
    codes = ", ".join(code for code, _ in reasons)
    return refused(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=[{"Code": code} | ({"Message": said} if said else {}) for code, said in reasons],
    )


def refused_by_s3(status: int, code: str, message: str) -> Answer:
    """S3's error as XML."""
    said = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message><RequestId>0</RequestId></Error>"
    return status, {"Content-Type": "application/xml"}, f'<?xml version="1.0" encoding="UTF-8"?>\n{said}'


def denied(message: str = "Access Denied") -> Answer:
    """S3's answer to who may not."""
    return refused_by_s3(403, "AccessDenied", message)
