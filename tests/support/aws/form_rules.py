"""Forms that are posted to S3: the policy that was signed, and what it says of the file."""

import base64
import hmac
import json
import re
from datetime import datetime
from typing import Any

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.refusals import denied, refused_by_s3
from tests.support.aws.rule import Rule
from tests.support.aws.signatures import secret_of, signature

_OF = ("s3:PostObject",)
_PAGE = "S3 API Reference, 'POST policy', 2026-11"
_NAME = re.compile(rb'name="([^"]*)"')
_FREE = {"policy", "x-amz-signature", "file"}
"""Fields that a policy need not speak of."""


def fields_of(asked: Asked) -> dict[str, bytes]:
    """Each field of a form by its name in lower case; the file is one."""
    boundary = asked.headers["content-type"].partition("boundary=")[2].strip('"').encode()
    found = {}
    for piece in asked.body.split(b"--" + boundary)[1:-1]:
        head, _, value = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        assert name is not None
        found[name[1].decode().lower()] = value.removesuffix(b"\r\n")
    return found


def _without_policy(asked: Asked) -> Answer | None:
    fields = fields_of(asked)
    if "policy" not in fields:
        return denied()
    access_key, _, scope = fields.get("x-amz-credential", b"").decode().partition("/")
    right = signature(secret_of(access_key) or "", scope, fields["policy"].decode())
    if hmac.compare_digest(right.encode(), fields.get("x-amz-signature", b"")):
        return None
    said = "The request signature we calculated does not match the signature you provided."
    return refused_by_s3(403, "SignatureDoesNotMatch", said)


def _expired(asked: Asked) -> Answer | None:
    until = datetime.fromisoformat(_policy(asked)["expiration"]).timestamp()
    return denied("Invalid according to Policy: Policy expired.") if asked.now > until else None


def _other_length(asked: Asked) -> Answer | None:
    length = len(fields_of(asked)["file"])
    for one in _policy(asked)["conditions"]:
        if isinstance(one, list) and one[0] == "content-length-range":
            if length < int(one[1]):
                said = "Your proposed upload is smaller than the minimum allowed size"
                return refused_by_s3(400, "EntityTooSmall", said)
            if length > int(one[2]):
                said = "Your proposed upload exceeds the maximum allowed size"
                return refused_by_s3(400, "EntityTooLarge", said)
    return None


def _other_fields(asked: Asked) -> Answer | None:
    """Every condition holds, and there is no field without one."""
    assert asked.place is not None
    fields = {name: it.decode() for name, it in fields_of(asked).items() if name not in _FREE}
    fields["bucket"] = asked.place[0]
    spoken_of = {"bucket"}
    for one in _policy(asked)["conditions"]:
        kind, name, wanted = one if isinstance(one, list) else ("eq", *next(iter(one.items())))
        if kind == "content-length-range":
            continue
        name = name.removeprefix("$").lower()
        spoken_of.add(name)
        value = fields.get(name, "")
        if not (value.startswith(wanted) if kind == "starts-with" else value == wanted):
            said = json.dumps([kind, f"${name}", wanted])
            return denied(f"Invalid according to Policy: Policy Condition failed: {said}")
    extra = sorted(fields.keys() - spoken_of - {name for name in fields if name.startswith("x-ignore-")})
    return denied(f"Invalid according to Policy: Extra input fields: {', '.join(extra)}") if extra else None


def _policy(asked: Asked) -> Any:
    return json.loads(base64.b64decode(fields_of(asked)["policy"]))


RULES = (
    Rule("a form whose policy is not signed", _OF, _PAGE, _without_policy),
    Rule("a form whose policy has expired", _OF, _PAGE, _expired),
    Rule("a form with a file of another length", _OF, _PAGE, _other_length),
    Rule("a form with another key or type", _OF, _PAGE, _other_fields),
)
