"""The answers that API Gateway gives by itself, before any code of ours runs, in the API's one shape of error."""

import json
from typing import Any

from functions.edge.app import WHERE

_NO_PATH = f"no such path, or not with this method; {WHERE}"
_WHAT_IT_SAYS = "$context.error.messageString"
"""API Gateway's own words, already quoted as JSON."""

_RESPONSES: dict[str, tuple[int | None, str, str | None]] = {
    # type: (status, or None to keep the one it has; code; message, or None to keep what API Gateway says)
    "DEFAULT_4XX": (None, "invalid_input", None),
    "DEFAULT_5XX": (
        None,
        "internal",
        "something went wrong on our side; it was logged under $context.requestId",
    ),
    # API Gateway's word for a path or method that it does not know. With an Authorization header it takes
    # the header for an AWS signature first, and calls that invalid.
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found", _NO_PATH),
    "INVALID_SIGNATURE": (404, "not_found", _NO_PATH),
    "RESOURCE_NOT_FOUND": (404, "not_found", _NO_PATH),
    "UNAUTHORIZED": (401, "unauthorized", None),
    "ACCESS_DENIED": (403, "forbidden", None),
    "EXPIRED_TOKEN": (403, "forbidden", None),
    "INVALID_API_KEY": (403, "forbidden", None),
    "WAF_FILTERED": (403, "forbidden", None),
    "REQUEST_TOO_LARGE": (
        413,
        "too_large",
        "more than one request can carry; announce the file and PUT it to the address in the answer",
    ),
    "UNSUPPORTED_MEDIA_TYPE": (415, "unsupported_media_type", None),
    "THROTTLED": (429, "unavailable", "too many requests at once; try again"),
    "QUOTA_EXCEEDED": (429, "unavailable", "too many requests; try again later"),
    "INTEGRATION_FAILURE": (504, "unavailable", "the platform did not answer; try again"),
    "INTEGRATION_TIMEOUT": (504, "unavailable", "the platform did not answer in time; try again"),
}


def gateway_responses() -> dict[str, Any]:
    """The value of ``x-amazon-apigateway-gateway-responses``: a template for each type of answer.

    >>> gateway_responses()["THROTTLED"]["responseTemplates"]["application/json"]
    '{"error": {"code": "unavailable", "message": "too many requests at once; try again"}}'
    """
    return {kind: _response(*described) for kind, described in _RESPONSES.items()}


def _response(status: int | None, code: str, message: str | None) -> dict[str, Any]:
    shown = _WHAT_IT_SAYS if message is None else json.dumps(message)
    template = f'{{"error": {{"code": {json.dumps(code)}, "message": {shown}}}}}'
    # To set the status of a DEFAULT type would set it for every type that has none of its own.
    fixed = {} if status is None else {"statusCode": str(status)}
    return {**fixed, "responseTemplates": {"application/json": template}}
