"""Addresses and forms that were signed: only as they were signed, and while they last."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.support.aws.shown import Case, code_of, is_refused_by_this_rule_alone
from tests.support.aws.signatures import canonical, signature, to_sign
from tests.support.moto_aws import BUCKET, MotoAws
from tests.support.waiting import BACKSTOP

UNSIGNED = "a request without a signature"
EXPIRED = "an address that has expired, or lasts too long"
OTHERWISE = "an address used in another way than was signed"
FORM_UNSIGNED = "a form whose policy is not signed"
FORM_EXPIRED = "a form whose policy has expired"
FORM_LENGTH = "a form with a file of another length"
FORM_FIELDS = "a form with another key or type"

DAY = 86_400.0
FIVE = {"ContentLength": 5}
CSV = {"ContentType": "text/csv"}


def send(method: str, url: str, body: bytes = b"", **headers: str) -> requests.Response:
    return requests.request(method, url, data=body, headers=headers, timeout=BACKSTOP)


def address(aws: MotoAws, operation: str = "put_object", seconds: int = 60, **signed: Any) -> str:
    url: str = aws.clients.s3.generate_presigned_url(
        operation, Params={"Bucket": BUCKET, "Key": "w/a b", **signed}, ExpiresIn=seconds
    )
    return url


def later(seconds: float, call: Callable[[MotoAws], Any]) -> Callable[[MotoAws], Any]:
    """``call``, after the address that it uses was made, arrives when so many seconds have passed."""

    def called(aws: MotoAws) -> Any:
        before = aws.rules.clock
        aws.rules.clock = lambda: before() + seconds
        try:
            return call(aws)
        finally:
            aws.rules.clock = before

    return called


def form(
    fields: dict[str, str] | None = None, *, change: tuple[str, str] = ("", ""), body: bytes = b"12345"
) -> Callable[[MotoAws], Any]:
    """A form for a file of 3 to 5 bytes of the type text/csv; ``fields`` take the place of those that were signed."""

    def call(aws: MotoAws) -> Any:
        signed = aws.clients.s3.generate_presigned_post(
            BUCKET,
            "w/form",
            Fields={"Content-Type": "text/csv"},
            Conditions=[["content-length-range", 3, 5], ["starts-with", "$Content-Type", "text/"]],
            ExpiresIn=60,
        )
        sent = signed["fields"] | (fields or {})
        policy = base64.b64decode(sent["policy"]).decode().replace(*change) if change[0] else None
        if policy is not None:
            sent["policy"] = base64.b64encode(policy.encode()).decode()
        return requests.post(signed["url"], data=sent, files={"file": ("f", body)}, timeout=BACKSTOP)

    return call


def without_policy(aws: MotoAws) -> Any:
    url = f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/"
    return requests.post(url, data={"key": "w/form"}, files={"file": ("f", b"1")}, timeout=BACKSTOP)


CASES = [
    Case(UNSIGNED, "AccessDenied", lambda aws: send("PUT", address(aws).partition("?")[0], b"12345")),
    Case(EXPIRED, "AccessDenied", later(61, lambda aws: send("PUT", address(aws), b"12345"))),
    Case(
        EXPIRED,
        "AuthorizationQueryParametersError",
        lambda aws: send("PUT", address(aws, seconds=604_801), b"12345"),
    ),
    Case(OTHERWISE, "SignatureDoesNotMatch", lambda aws: send("PUT", address(aws, **FIVE), b"123456")),
    Case(OTHERWISE, "SignatureDoesNotMatch", lambda aws: send("PUT", address(aws, **FIVE), b"1234")),
    Case(OTHERWISE, "SignatureDoesNotMatch", lambda aws: send("PUT", address(aws, **CSV), b"1")),
    Case(
        OTHERWISE,
        "SignatureDoesNotMatch",
        lambda aws: send("PUT", address(aws, **CSV), b"1", **{"Content-Type": "text/html"}),
    ),
    Case(
        OTHERWISE, "SignatureDoesNotMatch", lambda aws: send("PUT", address(aws).replace("a%20b", "c"), b"1")
    ),
    Case(
        OTHERWISE,
        "SignatureDoesNotMatch",
        lambda aws: send("PUT", address(aws).replace("X-Amz-Expires=60", "X-Amz-Expires=61"), b"1"),
    ),
    Case(OTHERWISE, "SignatureDoesNotMatch", lambda aws: send("PUT", address(aws, "get_object"), b"1")),
    Case(
        OTHERWISE,
        "SignatureDoesNotMatch",
        lambda aws: send("PUT", address(aws)[:-1] + ("0" if address(aws)[-1] != "0" else "1"), b"1"),
    ),
    Case(
        OTHERWISE,
        "InvalidAccessKeyId",
        lambda aws: send("PUT", address(aws).replace("=testing%2F", "=nobody%2F"), b"1"),
    ),
    Case(FORM_UNSIGNED, "SignatureDoesNotMatch", form(change=("3, 5", "3, 9"))),
    Case(FORM_UNSIGNED, "SignatureDoesNotMatch", form({"x-amz-signature": "0" * 64})),
    Case(FORM_EXPIRED, "AccessDenied", later(61, form())),
    Case(FORM_LENGTH, "EntityTooLarge", form(body=b"123456")),
    Case(FORM_LENGTH, "EntityTooSmall", form(body=b"12")),
    Case(FORM_FIELDS, "AccessDenied", form({"key": "w/other"})),
    Case(FORM_FIELDS, "AccessDenied", form({"Content-Type": "image/png"})),
    Case(FORM_FIELDS, "AccessDenied", form({"x-amz-meta-more": "1"})),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_moto_accepts_is_refused(aws: MotoAws, case: Case) -> None:
    assert is_refused_by_this_rule_alone(case, aws)


@pytest.mark.parametrize(
    "call",
    [
        lambda aws: send("PUT", address(aws, **FIVE), b"12345"),
        lambda aws: send("PUT", address(aws, **CSV), b"1", **{"Content-Type": "text/csv"}),
        lambda aws: send("PUT", address(aws), b"1", **{"Content-Type": "not signed"}),
        later(59, lambda aws: send("PUT", address(aws), b"1")),
        later(604_799, lambda aws: send("PUT", address(aws, seconds=604_800), b"1")),
        form(),
        form({"Content-Type": "text/plain"}, body=b"123"),
    ],
)
def test_what_was_signed_is_accepted(aws: MotoAws, call: Any) -> None:
    assert code_of(call, aws) is None


def test_an_address_to_read_gives_the_object_until_it_has_expired(aws: MotoAws) -> None:
    aws.clients.s3.put_object(Bucket=BUCKET, Key="w/a b", Body=b"mine")
    url = address(aws, "get_object", ResponseContentDisposition='attachment; filename="a b"')
    assert send("GET", url).content == b"mine"
    assert later(61, lambda _: send("GET", url))(aws).status_code == 403
    assert send("GET", url.replace("a%20b%22", "c%22")).status_code == 403


def test_a_form_without_a_policy_is_refused(aws: MotoAws) -> None:
    assert code_of(without_policy, aws) == "AccessDenied"


def test_the_signature_of_the_documentation() -> None:
    """S3 API Reference, 'Authenticating requests: using query parameters', its example."""
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
        "X-Amz-Date": "20130524T000000Z",
        "X-Amz-Expires": "86400",
        "X-Amz-SignedHeaders": "host",
    }
    scope = query["X-Amz-Credential"].partition("/")[2]
    form = canonical(
        "GET", "/test.txt", query.items(), {"host": "examplebucket.s3.amazonaws.com"}, "UNSIGNED-PAYLOAD"
    )
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    assert signature(secret, scope, to_sign(query["X-Amz-Date"], scope, form)) == (
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
