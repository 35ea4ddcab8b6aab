"""API keys through their routes: create, list, rotate with overlap, revoke."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app import app
from functions.context import Platform
from tests.functions.edge.kit import START, Answer, memory_platform, new_key, send
from tests.support.clocks import Clock

if TYPE_CHECKING:
    from tests.support.stores import Store


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def platform(clock: Clock, store: "Store") -> Platform:
    return memory_platform(clock, records=store.records, blobs=store.blobs)


@pytest.fixture
def admin(platform: Platform) -> str:
    return new_key(platform, scopes=["admin"])


def create(platform: Platform, admin: str, **body: Any) -> Any:
    answer = send(app, platform, "POST", "/v1/keys", key=admin, body={"scopes": ["admin"], **body})
    assert answer.status == 201, answer.body
    return answer.json


def listed(platform: Platform, key: str, **query: str) -> Answer:
    return send(app, platform, "GET", "/v1/keys", key=key, query={k: [v] for k, v in query.items()})


def rotate(platform: Platform, admin: str, key_id: str, **body: Any) -> Answer:
    path = {"key": key_id}
    return send(app, platform, "POST", "/v1/keys/{key}/rotate", key=admin, path=path, body=body)


def revoke(platform: Platform, admin: str, key_id: str) -> Answer:
    return send(app, platform, "DELETE", "/v1/keys/{key}", key=admin, path={"key": key_id})


def opens(platform: Platform, key: str) -> bool:
    return listed(platform, key).status == 200


def test_a_created_key_works_and_is_shown_once(platform: Platform, admin: str) -> None:
    made = create(platform, admin, name="ci")
    assert (made["name"], made["scopes"]) == ("ci", ["admin"])
    assert opens(platform, made["secret"])
    page = listed(platform, admin).json
    assert {key["id"] for key in page["items"]} == {admin.split("_")[1], made["id"]}
    assert all("secret" not in key and "digest" not in key for key in page["items"])


def test_a_key_has_the_scopes_asked_for_and_no_more(platform: Platform, admin: str) -> None:
    made = create(platform, admin, scopes=["predict", "read", "read"])
    assert made["scopes"] == ["predict", "read"]
    assert listed(platform, made["secret"]).status == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes[0]"),
        ({"scopes": ["read"], "name": "n" * 101}, "name"),
        ({"scopes": ["read"], "expires_in": 0}, "expires_in"),
        ({"scopes": ["read"], "expires_in": 10**15}, "expires_in"),
        ({"scopes": ["read"], "expires_in": 10**18}, "expires_in"),
    ],
)
def test_a_wrong_wish_makes_no_key(platform: Platform, admin: str, body: Any, field: str) -> None:
    answer = send(app, platform, "POST", "/v1/keys", key=admin, body=body)
    assert (answer.status, answer.error["field"]) == (400, field)
    assert len(listed(platform, admin).json["items"]) == 1


def test_keys_are_listed_in_pages_in_the_order_of_creation(platform: Platform, admin: str) -> None:
    made = [admin.split("_")[1]] + [create(platform, admin)["id"] for _ in range(4)]
    found: list[str] = []
    after: str | None = None
    while True:
        query = {"limit": "2", **({"after": after} if after else {})}
        page = listed(platform, admin, **query).json
        found += [key["id"] for key in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(found) == sorted(made)
    assert found == sorted(found)


def test_a_key_ends_when_its_time_is_over(platform: Platform, admin: str, clock: Clock) -> None:
    made = create(platform, admin, expires_in=60)
    clock.forward(59)
    assert opens(platform, made["secret"])
    clock.forward(1)
    assert not opens(platform, made["secret"])


def test_a_revoked_key_is_refused_at_once_in_this_process(
    platform: Platform, admin: str, clock: Clock
) -> None:
    made = create(platform, admin)
    assert opens(platform, made["secret"])
    first = revoke(platform, admin, made["id"])
    assert (first.status, "revoked" in first.json) == (200, True)
    assert not opens(platform, made["secret"])
    clock.forward(1)
    assert revoke(platform, admin, made["id"]).json == first.json


def test_rotation_overlaps_as_long_as_asked(platform: Platform, admin: str, clock: Clock) -> None:
    old = create(platform, admin, name="ci", scopes=["admin", "read"])
    assert opens(platform, old["secret"])
    new = rotate(platform, admin, old["id"], overlap=30).json
    assert (new["name"], new["scopes"]) == (old["name"], old["scopes"])
    assert new["id"] != old["id"]
    clock.forward(29)
    assert opens(platform, old["secret"])
    assert opens(platform, new["secret"])
    clock.forward(1)
    assert not opens(platform, old["secret"])
    assert opens(platform, new["secret"])


def test_rotation_without_overlap_ends_the_old_key_at_once(platform: Platform, admin: str) -> None:
    old = create(platform, admin)
    assert opens(platform, old["secret"])
    answer = rotate(platform, admin, old["id"])
    assert answer.status == 201
    assert not opens(platform, old["secret"])
    assert opens(platform, answer.json["secret"])


def test_a_rotated_key_keeps_its_lifetime(platform: Platform, admin: str, clock: Clock) -> None:
    old = create(platform, admin, expires_in=100)
    clock.forward(90)
    new = rotate(platform, admin, old["id"]).json
    clock.forward(99)
    assert opens(platform, new["secret"])
    clock.forward(1)
    assert not opens(platform, new["secret"])


def test_a_lifetime_may_reach_to_the_end_of_the_calendar(
    platform: Platform, admin: str, clock: Clock
) -> None:
    left = (datetime.max.replace(tzinfo=UTC) - clock()) // timedelta(seconds=1)
    made = create(platform, admin, expires_in=left)
    refused = send(
        app, platform, "POST", "/v1/keys", key=admin, body={"scopes": ["read"], "expires_in": left + 1}
    )
    assert (refused.status, refused.error["field"]) == (400, "expires_in")
    clock.forward(60)
    rotated = rotate(platform, admin, made["id"])
    assert (rotated.status, rotated.json["expires"][:4]) == (201, "9999")
    assert opens(platform, rotated.json["secret"])


def test_an_overlap_can_be_cut_short(platform: Platform, admin: str) -> None:
    old = create(platform, admin)
    rotate(platform, admin, old["id"], overlap=1000)
    assert opens(platform, old["secret"])
    revoke(platform, admin, old["id"])
    assert not opens(platform, old["secret"])


def test_a_key_has_one_successor(platform: Platform, admin: str, clock: Clock) -> None:
    rotated, revoked, expired = (create(platform, admin, expires_in=50) for _ in range(3))
    rotate(platform, admin, rotated["id"], overlap=1000)
    revoke(platform, admin, revoked["id"])
    clock.forward(50)
    before = len(listed(platform, admin).json["items"])
    for made in (rotated, revoked, expired):
        answer = rotate(platform, admin, made["id"])
        assert (answer.status, answer.error["code"]) == (409, "conflict")
    assert len(listed(platform, admin).json["items"]) == before


def test_a_key_that_ends_makes_none_that_outlives_it(platform: Platform, admin: str, clock: Clock) -> None:
    short = create(platform, admin, expires_in=100)
    clock.forward(40)
    for body in ({"scopes": ["read"]}, {"scopes": ["read"], "expires_in": 61}):
        answer = send(app, platform, "POST", "/v1/keys", key=short["secret"], body=body)
        assert (answer.status, answer.error["field"]) == (400, "expires_in")
        assert "60 seconds" in answer.error["message"]
    made = create(platform, short["secret"], expires_in=60)
    assert made["expires"] == short["expires"]


def test_a_key_that_ends_rotates_into_none_that_outlives_it(
    platform: Platform, admin: str, clock: Clock
) -> None:
    short, longer = (create(platform, admin, expires_in=seconds) for seconds in (100, 101))
    endless = create(platform, admin)
    clock.forward(40)
    for other in (longer, endless):
        answer = rotate(platform, short["secret"], other["id"])
        assert (answer.status, answer.error["code"]) == (403, "forbidden")
        assert opens(platform, other["secret"])
    successor = rotate(platform, short["secret"], short["id"]).json
    assert successor["expires"] == short["expires"]
    assert opens(platform, successor["secret"])
    clock.forward(60)
    assert not opens(platform, successor["secret"])


def test_another_workspaces_keys_are_not_there(platform: Platform, admin: str) -> None:
    made = create(platform, admin)
    stranger = new_key(platform, "zeta", scopes=["admin"])
    for answer in (rotate(platform, stranger, made["id"]), revoke(platform, stranger, made["id"])):
        assert (answer.status, answer.error["code"]) == (404, "not_found")
    assert [key["id"] for key in listed(platform, stranger).json["items"]] == [stranger.split("_")[1]]
    assert opens(platform, made["secret"])


def test_the_system_workspace_has_no_keys(platform: Platform) -> None:
    with pytest.raises(ValueError, match="system"):
        new_key(platform, platform.system.name)
