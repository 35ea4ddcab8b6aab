"""What Lambda does not hand on: an answer that is too large becomes an error that says so."""

import json
from typing import Any

from functions.edge.respond import GUARDS, error_body
from lepton_core.errors import TooLarge

MOST_HANDED_ON = 6 * 2**20
"""Bytes of one answer of a function (Lambda Developer Guide, "Lambda quotas"); Lambda itself allows a hundred more."""

_LARGEST_LETTER = 6
"""Bytes of one letter of a body in an answer, which is JSON: those of ``\\u0000``."""


def handed_on(answer: dict[str, Any]) -> dict[str, Any]:
    """``answer``, the one of an API Gateway event, or 413 in the place of one with more than `MOST_HANDED_ON`.

    Lambda drops such an answer, and API Gateway says 502 with nothing of the reason. A short body is not measured.

    >>> short = {"statusCode": 200, "headers": {}, "body": "{}"}
    >>> handed_on(short) is short
    True
    """
    if len(answer["body"]) <= MOST_HANDED_ON // _LARGEST_LETTER:
        return answer
    size = len(json.dumps(answer, ensure_ascii=False).encode())
    if size <= MOST_HANDED_ON:
        return answer
    said = f"the answer has {size} bytes, and on AWS one has at most {MOST_HANDED_ON}: ask for less at once"
    return {
        "statusCode": TooLarge.status,
        "headers": {"Content-Type": "application/json", **GUARDS},
        "multiValueHeaders": {},
        "body": error_body(TooLarge(f"{said}, with fewer rows or a smaller limit")),
    }
