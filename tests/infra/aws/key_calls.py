"""What the story asks with a key: of keys, of the sessions of browsers, and of services."""

import re
from collections.abc import Callable
from typing import Any

from tests.infra.aws.cloud import Cloud

Ok = Callable[..., Any]


def make_keys(cloud: Cloud, ok: Ok) -> list[str]:
    """Make a key, rotate it and revoke it; the secrets that were told."""
    made = ok("POST", "/v1/keys", {"scopes": ["read"], "name": "reader"})
    rotated = ok("POST", f"/v1/keys/{made['id']}/rotate", {})
    secrets = [made["secret"], rotated["secret"]]
    assert all(re.fullmatch(r"lpt_[a-z0-9-]+_[0-9a-f]{72}", secret) for secret in secrets)
    assert cloud.http("GET", "/v1/models", key=made["secret"])[0] == 401
    assert ok("GET", "/v1/models", key=rotated["secret"])["items"]
    assert cloud.http("GET", "/v1/keys", key=rotated["secret"])[0] == 403
    ok("DELETE", f"/v1/keys/{rotated['id']}")
    assert len(ok("GET", "/v1/keys")["items"]) == 3
    return secrets


def sign_in_and_out(cloud: Cloud, ok: Ok, key: str) -> None:
    """Sign in twice, end the one session by its id and the other by itself."""
    first, second = (ok("POST", "/v1/session", {"key": key}) for _ in range(2))
    assert {one["id"] for one in ok("GET", "/v1/sessions")["items"]} == {first["id"], second["id"]}
    assert ok("GET", "/v1/session")["key"] == first["key"]
    script = re.search(r"console/\w+/app\.js", ok("GET", "/", key=""))
    assert script is not None
    assert "import" in ok("GET", f"/{script[0]}", key="")
    for one in (first, second):
        ok("DELETE", f"/v1/sessions/{one['id']}")
    assert ok("DELETE", "/v1/session") == {"session": None}
    assert ok("GET", "/v1/sessions")["items"] == []
    assert cloud.http("POST", "/v1/session", {"key": key[:-1]})[0] == 401


def find_no_services(cloud: Cloud, ok: Ok, key: str) -> None:
    """There is no machine with services here."""
    assert ok("GET", "/v1/services") == {"here": False, "items": []}
    assert cloud.http("POST", "/v1/services/front/stop", key=key)[0] == 404
