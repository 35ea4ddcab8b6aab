"""Who may ask S3: an address that was signed, as it was signed, while it lasts; nobody without a signature."""

import hmac
from datetime import UTC, datetime

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.refusals import denied, refused_by_s3
from tests.support.aws.rule import Rule
from tests.support.aws.signatures import ALGORITHM, canonical, secret_of, signature, to_sign

LONGEST_SECONDS = 604_800
_OBJECTS = (
    "s3:PutObject",
    "s3:GetObject",
    "s3:HeadObject",
    "s3:DeleteObject",
    "s3:CopyObject",
    "s3:UploadPart",
    "s3:CompleteMultipartUpload",
)


def moment(text: str) -> float:
    """Seconds since 1970 of a time as signatures have it, ``20301231T235959Z``."""
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _unsigned(asked: Asked) -> Answer | None:
    if "authorization" in asked.headers or "X-Amz-Signature" in asked.query:
        return None
    return denied()


def _expired(asked: Asked) -> Answer | None:
    if "X-Amz-Signature" not in asked.query:
        return None
    seconds = int(asked.query["X-Amz-Expires"])
    if not 0 < seconds <= LONGEST_SECONDS:
        said = f"X-Amz-Expires must be less than a week (in seconds), {LONGEST_SECONDS} seconds"
        return refused_by_s3(400, "AuthorizationQueryParametersError", said)
    if asked.now > moment(asked.query["X-Amz-Date"]) + seconds:
        return denied("Request has expired")
    return None


def _not_as_signed(asked: Asked) -> Answer | None:
    """The method, the key, the query and each header that is signed: a length, a type, a checksum."""
    told = asked.query.get("X-Amz-Signature")
    if told is None:
        return None
    access_key, _, scope = asked.query["X-Amz-Credential"].partition("/")
    secret = secret_of(access_key)
    if secret is None:
        said = "The AWS Access Key Id you provided does not exist in our records."
        return refused_by_s3(403, "InvalidAccessKeyId", said)
    # What was really sent, whatever its header says.
    sent = asked.headers | {"host": asked.url.netloc, "content-length": str(asked.length)}
    text = canonical(
        str(asked.request.method),
        asked.url.path,
        ((name, value) for name, value in asked.query.items() if name != "X-Amz-Signature"),
        {name: sent.get(name, "") for name in asked.query["X-Amz-SignedHeaders"].split(";")},
        sent.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    )
    if asked.query["X-Amz-Algorithm"] == ALGORITHM and hmac.compare_digest(
        told, signature(secret, scope, to_sign(asked.query["X-Amz-Date"], scope, text))
    ):
        return None
    said = "The request signature we calculated does not match the signature you provided."
    return refused_by_s3(403, "SignatureDoesNotMatch", said)


RULES = (
    Rule(
        "a request without a signature",
        _OBJECTS,
        "S3 User Guide, 'Access control': a bucket is private, 2026-11",
        _unsigned,
    ),
    Rule(
        "an address that has expired, or lasts too long",
        _OBJECTS,
        "S3 API Reference, 'Authenticating requests: using query parameters': X-Amz-Expires, 2026-11",
        _expired,
    ),
    Rule(
        "an address used in another way than was signed",
        _OBJECTS,
        "S3 API Reference, 'Authenticating requests: using query parameters': signed headers, 2026-11",
        _not_as_signed,
    ),
)
