"""Signatures as clients of AWS make them: botocore signs, and what it did not sign is refused."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from chalice.app import Blueprint
from msgspec import structs

from functions import edge
from functions.context import Platform
from functions.edge.signature import MOST_APART, secret_of
from functions.records.kinds import KEYS
from functions.records.sessions import SIGNING
from lepton_core.protocols import Message, sagemaker
from tests.functions.edge.kit import Answer, app_of, memory_platform, new_key, send
from tests.support.clocks import Clock
from tests.support.faults import CountingRecords

BODY = b'{"instances": [[1]]}'
RESOURCE = "/endpoints/{model}/invocations"

bp = Blueprint(__name__)


@edge.route(
    bp, "POST", RESOURCE, scope="predict", body=bytes, returns=Message, refused=sagemaker.refused, signed=True,
    query={"q": "Any text.", "a": "Any text."},
)  # fmt: skip
def invoke(call: edge.Call[bytes], model: str) -> Message:
    """Say who calls."""
    return Message(f'{{"key": "{call.caller.key}", "workspace": "{call.caller.workspace}"}}'.encode())


@edge.route(bp, "POST", "/v1/unsigned/{model}", scope="predict", body=bytes, returns=Message)
def unsigned(call: edge.Call[bytes], model: str) -> Message:
    """Be asked for nothing."""
    return Message(b"{}")


APP = app_of(bp)
edge.ROUTES[:] = [one for one in edge.ROUTES if one.handler not in (invoke, unsigned)]


class FixedClock(SigV4Auth):  # type: ignore[misc]
    """Signs at a given time."""

    def __init__(self, at: str, *given: Any) -> None:
        super().__init__(*given)
        self.at = at

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self.at
        super()._modify_request_before_signing(request)


def id_of(key: str) -> str:
    return key.split("_")[1]


def signed(
    platform: Platform,
    key_id: str,
    body: bytes = BODY,
    *,
    path: str = "/endpoints/m/invocations",
    secret: str | None = None,
    service: str = "sagemaker",
    after: timedelta = timedelta(),
    query: str = "",
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers that botocore sends."""
    at = (platform.clock() + after).strftime("%Y%m%dT%H%M%SZ")
    sent = {"Content-Type": "application/json", **(more or {})}
    request = AWSRequest("POST", f"http://lepton.example:8642{path}{query}", sent, body)
    request.context["timestamp"] = at
    pair = Credentials(key_id, secret or secret_of(platform, key_id))
    FixedClock(at, pair, service, "eu-central-1").add_auth(request)
    headers = {name: str(value) for name, value in request.headers.items()}
    return {**headers, "Host": "lepton.example:8642", "X-Amz-Date": at}


def ask(platform: Platform, headers: Mapping[str, str], body: bytes = BODY, **more: Any) -> Answer:
    at = {"path": "/endpoints/m/invocations", "httpMethod": "POST", "resourcePath": RESOURCE}
    event = {"requestContext": {**at, **more.pop("context", {})}}
    request = {
        "path": {"model": "m"},
        "headers": headers,
        "body": body,
        "binary": True,
        "event": event,
        **more,
    }
    return send(APP, platform, "POST", RESOURCE, **request)


@pytest.fixture
def platform() -> Platform:
    return memory_platform()


def test_a_request_that_botocore_signed_comes_from_its_key(platform: Platform) -> None:
    key = id_of(new_key(platform, scopes=["predict"]))
    answer = ask(platform, signed(platform, key))
    assert (answer.status, answer.json) == (200, {"key": key, "workspace": "acme"})
    more = {"X-Amzn-SageMaker-Custom-Attributes": "a  b", "Accept": "text/csv"}
    assert ask(platform, signed(platform, key, more=more)).status == 200
    headers = signed(platform, key, query="?q=a%20b%2F%2B%C3%A4&a=~")
    assert ask(platform, headers, query={"q": ["a b/+ä"], "a": ["~"]}).status == 200
    assert ask(platform, headers, query={"q": ["a b/+"], "a": ["~"]}).status == 403


def test_a_key_without_the_scope_is_refused(platform: Platform) -> None:
    key = id_of(new_key(platform, scopes=["read"]))
    answer = ask(platform, signed(platform, key))
    assert (answer.status, answer.json) == (403, {"message": "this API key lacks the scope 'predict'"})
    assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"


def test_what_was_not_signed_is_refused(platform: Platform) -> None:
    key = id_of(new_key(platform, scopes=["predict"]))
    good = signed(platform, key)
    digest = {"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}
    other = id_of(new_key(platform, scopes=["predict"]))
    for headers, body, said in (
        (good, BODY + b" ", "does not match"),
        ({**good, "Content-Type": "text/csv"}, BODY, "does not match"),
        ({**good, "Host": "other.example"}, BODY, "does not match"),
        ({**good, "Authorization": good["Authorization"].replace(key, other)}, BODY, "does not match"),
        ({**good, "Authorization": good["Authorization"][:-1] + "x"}, BODY, "no signature of AWS4"),
        ({**good, "Authorization": "AWS4-HMAC-SHA256"}, BODY, "no signature of AWS4"),
        ({**good, "Authorization": good["Authorization"].replace(";host", "")}, BODY, "must be of host"),
        ({**good, **digest}, BODY, "not the digest of the body"),
        ({**good, "X-Amz-Date": "yesterday"}, BODY, "must be a time"),
        (signed(platform, key, secret="0" * 64), BODY, "does not match"),
        (signed(platform, "key-0", secret="0" * 64), BODY, "does not match"),
        (signed(platform, "key-0"), BODY, "does not match"),
        (signed(platform, key, service="s3"), BODY, "no signature of AWS4"),
        (signed(platform, key, path="/endpoints/n/invocations"), BODY, "does not match"),
    ):  # fmt: skip
        answer = ask(platform, headers, body)
        assert (answer.status, list(answer.json)) == (403, ["message"]), said
        assert said in answer.json["message"]
    assert ask(platform, good).status == 200
    assert platform.refused_keys.total == 8


def test_a_path_below_a_stage_is_signed_whole(platform: Platform) -> None:
    key = id_of(new_key(platform, scopes=["predict"]))
    path = "/api/endpoints/m/invocations"
    headers = signed(platform, key, path=path)
    assert ask(platform, headers, context={"path": path}).status == 200
    assert ask(platform, headers).status == 403


@pytest.mark.parametrize("seconds", [-901, -899, 899, 901])
def test_a_signature_lasts_for_a_quarter_of_an_hour(platform: Platform, seconds: int) -> None:
    key = id_of(new_key(platform, scopes=["predict"]))
    answer = ask(platform, signed(platform, key, after=timedelta(seconds=seconds)))
    is_fresh = timedelta(seconds=abs(seconds)) <= MOST_APART
    assert (answer.status == 200) == is_fresh
    assert is_fresh or "set the clock" in answer.json["message"]


def test_a_key_that_was_revoked_signs_no_more() -> None:
    clock = Clock()
    platform = memory_platform(clock)
    key = id_of(new_key(platform, scopes=["predict"]))
    assert ask(platform, signed(platform, key)).status == 200
    stored = platform.system.get(KEYS, key)
    assert stored is not None
    ended = structs.replace(stored.value, revoked=clock())
    platform.system.write(platform.system.put(KEYS, key, value=ended, expect=stored.revision))
    clock.forward(platform.settings.key_cache_seconds + 1)
    assert ask(platform, signed(platform, key)).status == 403


def test_all_processes_derive_the_same_secret_and_a_warm_one_reads_nothing() -> None:
    first = memory_platform()
    calls: Counter[str] = Counter()
    second = memory_platform(blobs=first.blobs, records=CountingRecords(first.records, calls))
    key, other = (id_of(new_key(first, scopes=["predict"])) for _ in range(2))
    assert secret_of(first, key) == secret_of(second, key) != secret_of(first, other)
    assert ask(second, signed(first, key)).status == 200
    calls.clear()
    assert ask(second, signed(first, key)).status == 200
    assert not calls
    stored = first.system.get(SIGNING, "aws")
    assert stored is not None and stored.revision == 1
    assert stored.value.secret not in secret_of(first, key)


def test_a_wrong_signature_has_no_key_looked_up() -> None:
    first = memory_platform()
    calls: Counter[str] = Counter()
    second = memory_platform(blobs=first.blobs, records=CountingRecords(first.records, calls))
    key = id_of(new_key(first, scopes=["predict"]))
    secret_of(second, key)
    calls.clear()
    for name in (key, "key-0"):
        assert ask(second, signed(first, name, secret="0" * 64)).status == 403
    assert not calls


def test_a_signature_counts_where_it_is_spoken_only(platform: Platform) -> None:
    key = id_of(new_key(platform, scopes=["predict"]))
    resource = "/v1/unsigned/{model}"
    at = {"path": "/v1/unsigned/m", "httpMethod": "POST", "resourcePath": resource}
    answer = send(
        APP,
        platform,
        "POST",
        resource,
        path={"model": "m"},
        headers=signed(platform, key, path="/v1/unsigned/m"),
        body=BODY,
        binary=True,
        event={"requestContext": at},
    )
    assert (answer.status, answer.error["code"]) == (401, "unauthorized")
