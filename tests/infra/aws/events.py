"""Events as AWS sent them to real functions, with the given parts in them."""

import base64
import json
from fnmatch import fnmatchcase
from typing import Any
from uuid import uuid4

ACCOUNT = "123456789012"
REGION = "eu-west-1"
API_ID = "abc123"
HOST = f"{API_ID}.execute-api.{REGION}.amazonaws.com"


def http(
    method: str,
    resource: str,
    path: str,
    *,
    names: dict[str, str],
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
    is_binary: bool,
) -> dict[str, Any]:
    """The event of API Gateway's REST Lambda proxy."""
    sent = {
        "Accept": "*/*",
        "CloudFront-Viewer-Country": "AT",
        "Host": HOST,
        "User-Agent": "curl/8.5.0",
        "X-Amzn-Trace-Id": "Root=1-67ce8d80-0123456789abcdef01234567",
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        **headers,
    }
    text = base64.b64encode(body).decode() if is_binary else body.decode()
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": names or None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "x1y2z3",
            "resourcePath": resource,
            "httpMethod": method,
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "requestTime": "10/Mar/2030:06:10:08 +0000",
            "path": f"/api{path}",
            "accountId": ACCOUNT,
            "protocol": "HTTP/1.1",
            "stage": "api",
            "domainPrefix": API_ID,
            "requestTimeEpoch": 1899353408000,
            "requestId": str(uuid4()),
            "identity": {
                "cognitoIdentityPoolId": None,
                "accountId": None,
                "cognitoIdentityId": None,
                "caller": None,
                "sourceIp": "198.51.100.7",
                "principalOrgId": None,
                "accessKey": None,
                "cognitoAuthenticationType": None,
                "cognitoAuthenticationProvider": None,
                "userArn": None,
                "userAgent": "curl/8.5.0",
                "user": None,
            },
            "domainName": HOST,
            "deploymentId": "d1e2f3",
            "apiId": API_ID,
        },
        "body": text or None,
        "isBase64Encoded": bool(text) and is_binary,
    }


def object_created(bucket: str, key: str, size: int) -> dict[str, Any]:
    """What S3 tells EventBridge. Other than in S3's own notifications, the key is not URL-encoded."""
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {
            "key": key,
            "size": size,
            "etag": "b1946ac92492d2347c6235b4d2611184",
            "sequencer": "617f08299329d189",
        },
        "request-id": "N4N7GDK58NMKJ12R",
        "requester": ACCOUNT,
        "source-ip-address": "198.51.100.7",
        "reason": "PutObject",
    }
    return _event("aws.s3", "Object Created", f"arn:aws:s3:::{bucket}", detail)


def schedule(rule: str) -> dict[str, Any]:
    """What a rule with a rate sends."""
    return _event("aws.events", "Scheduled Event", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}", {})


def matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    """Whether a rule with ``pattern`` passes the event on; of EventBridge's language what our rules use."""
    return all(
        name in event
        and (matches(wanted, event[name]) if isinstance(wanted, dict) else _any(wanted, event[name]))
        for name, wanted in pattern.items()
    )


def _any(wanted: list[Any], value: Any) -> bool:
    return any(
        fnmatchcase(value, one["wildcard"]) if isinstance(one, dict) else one == value for one in wanted
    )


def _event(source: str, kind: str, resource: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": "2030-03-10T06:10:08Z",
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    }


def rendered(template: str, message: str) -> Any:
    """A gateway response's template, filled as API Gateway fills it, and read as JSON."""
    filled = template.replace("$context.error.messageString", json.dumps(message))
    return json.loads(filled.replace("$context.requestId", str(uuid4())))
