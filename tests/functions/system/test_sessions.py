"""Sessions of a browser through their routes: signed in by a key or by a link, ended by time, by hand, with the key."""

import re
from collections.abc import Mapping
from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from app import app
from functions.context import Platform
from functions.records.sessions import LINKS, SESSIONS
from functions.system.sessions import LINK_SECONDS, new_link
from tests.functions.edge.kit import START, Answer, memory_platform, new_key, send
from tests.support.clocks import Clock

if TYPE_CHECKING:
    from tests.support.stores import Store

HERE = {"Host": "127.0.0.1:8642"}
OURS = {**HERE, "X-Lepton-Console": "1"}


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def platform(clock: Clock, store: "Store") -> Platform:
    return memory_platform(clock, records=store.records, blobs=store.blobs)


@pytest.fixture
def key(platform: Platform) -> str:
    return new_key(platform, scopes=["admin", "read", "write"], name="mine")


def key_id(key: str) -> str:
    return key.split("_")[1]


def sign_in(platform: Platform, headers: Mapping[str, str] = HERE, **how: str) -> Answer:
    return send(app, platform, "POST", "/v1/session", headers=headers, body=how)


def cookie_of(answer: Answer) -> str:
    """The cookie that the answer sets, as a browser sends it back."""
    assert answer.status == 201, answer.body
    return answer.headers["Set-Cookie"].partition(";")[0]


def signed_in(platform: Platform, key: str) -> dict[str, str]:
    return {**OURS, "Cookie": cookie_of(sign_in(platform, key=key))}


def ask(
    platform: Platform,
    headers: Mapping[str, str],
    method: str = "GET",
    resource: str = "/v1/session",
    **more: Any,
) -> Answer:
    return send(app, platform, method, resource, headers=headers, **more)


def test_who_signs_in_with_a_key_has_its_rights(platform: Platform, key: str) -> None:
    headers = signed_in(platform, key)
    told = ask(platform, headers).json
    assert (told["workspace"], told["key"], told["name"]) == ("acme", key_id(key), "mine")
    assert told["scopes"] == ["admin", "read", "write"]
    assert ask(platform, headers, resource="/v1/keys").status == 200
    assert ask(platform, headers, "POST", "/v1/keys", body={"scopes": ["read"]}).status == 201
    reader = signed_in(platform, new_key(platform, scopes=["read"]))
    assert ask(platform, reader, resource="/v1/keys").status == 403


def test_the_cookie_is_kept_from_scripts_from_other_sites_and_from_other_ports(
    platform: Platform, key: str
) -> None:
    plain = sign_in(platform, key=key).headers["Set-Cookie"]
    assert re.fullmatch(
        r"lepton_8642=lps_[0-9a-f]{64}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict", plain
    )
    behind_tls = {"Host": "example.org", "X-Forwarded-Proto": "https"}
    secure = sign_in(platform, behind_tls, key=key).headers["Set-Cookie"]
    assert re.fullmatch(
        r"__Host-lepton=lps_[0-9a-f]{64}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure", secure
    )
    other_port = {**OURS, "Host": "127.0.0.1:9000", "Cookie": plain.partition(";")[0]}
    assert ask(platform, other_port).status == 401


def test_the_store_has_no_secret(platform: Platform, key: str) -> None:
    cookie = cookie_of(sign_in(platform, key=key))
    secret = cookie.partition("=")[2]
    link = new_link(platform.system, workspace="acme", key=key_id(key), now=platform.clock())
    kept = [
        *(str(one) for one in platform.system.list(SESSIONS)),
        *(str(one) for one in platform.workspace("acme").list(SESSIONS)),
        *(str(one) for one in platform.system.list(LINKS)),
    ]
    assert len(kept) == 3
    assert not any(secret in one or link in one for one in kept)
    assert secret not in sign_in(platform, key=key).body


@pytest.mark.parametrize("site", ["cross-site", "same-site", "made up"])
def test_a_page_of_another_site_cannot_use_the_session(platform: Platform, key: str, site: str) -> None:
    headers = signed_in(platform, key)
    for method, resource in [("GET", "/v1/session"), ("POST", "/v1/keys"), ("DELETE", "/v1/session")]:
        answer = ask(platform, {**headers, "Sec-Fetch-Site": site}, method, resource, body={})
        assert (answer.status, answer.error["code"]) == (403, "forbidden")
    assert ask(platform, {**headers, "Sec-Fetch-Site": "same-origin"}).status == 200
    assert ask(platform, {**headers, "Sec-Fetch-Site": "none"}).status == 200


def test_a_change_needs_a_header_that_a_form_cannot_send(platform: Platform, key: str) -> None:
    headers = signed_in(platform, key)
    headers.pop("X-Lepton-Console")
    assert ask(platform, headers).status == 200
    answer = ask(platform, headers, "POST", "/v1/keys", body={"scopes": ["read"]})
    assert (answer.status, "x-lepton-console" in answer.error["message"]) == (403, True)


def test_a_key_that_is_sent_counts_and_not_the_cookie(platform: Platform, key: str) -> None:
    headers = {**HERE, "Cookie": signed_in(platform, key)["Cookie"]}
    other = new_key(platform, "zeta", scopes=["read", "admin"])
    assert send(app, platform, "GET", "/v1/session", headers=headers, key=other).json["workspace"] == "zeta"
    made = send(app, platform, "POST", "/v1/keys", headers=headers, key=other, body={"scopes": ["read"]})
    assert made.status == 201


@pytest.mark.parametrize(
    "cookie",
    ["lepton_8642=lps_" + "0" * 64, "lepton_8642=lps_1", "lepton_8642=x", "lepton_8642=lps_" + "g" * 64],
)
def test_a_made_up_cookie_opens_nothing(platform: Platform, cookie: str) -> None:
    answer = ask(platform, {**OURS, "Cookie": cookie})
    assert (answer.status, "sign in" in answer.error["message"]) == (401, True)


@pytest.mark.parametrize("cookie", ["", "a=b", "lepton_8642=", "lepton_8642", ";;=;", "lepton_1=lps_1"])
def test_a_cookie_of_somebody_else_is_no_session(platform: Platform, cookie: str) -> None:
    answer = ask(platform, {**OURS, "Cookie": cookie})
    assert (answer.status, "Bearer" in answer.error["message"]) == (401, True)


def test_signing_in_takes_a_valid_key_or_a_valid_link(platform: Platform, key: str) -> None:
    assert sign_in(platform, key=key[:-1]).status == 401
    assert sign_in(platform, ticket="lps_" + "0" * 64).status == 401
    for wrong in ({}, {"key": key, "ticket": "x"}):
        answer = sign_in(platform, **wrong)
        assert (answer.status, answer.error["field"]) == (400, "key")


def test_a_session_ends_by_itself(platform: Platform, key: str, clock: Clock) -> None:
    headers = signed_in(platform, key)
    clock.now = START + timedelta(seconds=platform.settings.session_seconds - 1)
    assert ask(platform, headers).status == 200
    clock.now += timedelta(seconds=1)
    assert ask(platform, headers).status == 401
    signed_in(platform, key)
    assert len(platform.system.list(SESSIONS)) == 1  # those that ended are gone
    assert len(platform.workspace("acme").list(SESSIONS)) == 1


def test_signing_out_ends_the_session_and_its_cookie(platform: Platform, key: str) -> None:
    headers, other = signed_in(platform, key), signed_in(platform, key)
    mine = ask(platform, headers).json["id"]
    answer = ask(platform, headers, "DELETE")
    assert answer.json == {"session": mine}
    assert answer.headers["Set-Cookie"].startswith("lepton_8642=; Path=/; Max-Age=0;")
    assert ask(platform, headers).status == 401
    assert ask(platform, other).status == 200
    assert send(app, platform, "DELETE", "/v1/session", key=key).json == {"session": None}


def test_a_session_ends_with_its_key(platform: Platform, key: str, clock: Clock) -> None:
    made = ask(platform, signed_in(platform, key), "POST", "/v1/keys", body={"scopes": ["read"]}).json
    headers = signed_in(platform, made["secret"])
    assert ask(platform, headers).status == 200
    gone = send(app, platform, "DELETE", "/v1/keys/{key}", key=key, path={"key": made["id"]})
    assert gone.status == 200
    assert ask(platform, headers).status == 401
    short = send(app, platform, "POST", "/v1/keys", key=key, body={"scopes": ["read"], "expires_in": 60}).json
    headers = signed_in(platform, short["secret"])
    clock.now += timedelta(seconds=60)
    assert ask(platform, headers).status == 401


def test_sessions_are_listed_and_ended_by_who_may_administer(platform: Platform, key: str) -> None:
    stranger = new_key(platform, "zeta", scopes=["admin", "read"])
    first, second = signed_in(platform, key), signed_in(platform, key)
    listed = ask(platform, first, resource="/v1/sessions").json["items"]
    assert [one["key"] for one in listed] == [key_id(key)] * 2
    assert send(app, platform, "GET", "/v1/sessions", key=stranger).json["items"] == []
    path = {"session": ask(platform, second).json["id"]}
    resource = "/v1/sessions/{session}"
    assert send(app, platform, "DELETE", resource, key=stranger, path=path).status == 404
    assert ask(platform, first, "DELETE", resource, path=path).json == path
    assert ask(platform, second).status == 401
    assert ask(platform, first, "DELETE", resource, path=path).status == 404


def test_a_link_signs_in_once(platform: Platform, key: str) -> None:
    link = new_link(platform.system, workspace="acme", key=key_id(key), now=platform.clock())
    headers = {**OURS, "Cookie": cookie_of(sign_in(platform, ticket=link))}
    assert ask(platform, headers).json["key"] == key_id(key)
    answer = sign_in(platform, ticket=link)
    assert (answer.status, "used already" in answer.error["message"]) == (401, True)


def test_of_two_that_follow_a_link_at_once_one_signs_in(platform: Platform, key: str) -> None:
    link = new_link(platform.system, workspace="acme", key=key_id(key), now=platform.clock())
    both, answers = Barrier(2), []

    def follow() -> None:
        both.wait()
        answers.append(sign_in(platform, ticket=link).status)

    threads = [Thread(target=follow) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers.count(201) == 1
    assert set(answers) <= {201, 401, 409}
    assert len(platform.system.list(SESSIONS)) == 1


def test_a_link_ends_with_time_and_with_its_key(platform: Platform, key: str, clock: Clock) -> None:
    def made(of: str) -> str:
        return new_link(platform.system, workspace="acme", key=of, now=platform.clock())

    late = made(key_id(key))
    clock.now += timedelta(seconds=LINK_SECONDS)
    assert sign_in(platform, ticket=late).status == 401
    made(key_id(key))
    assert len(platform.system.list(LINKS)) == 1  # the one that ended is gone
    other = send(app, platform, "POST", "/v1/keys", key=key, body={"scopes": ["read"]}).json["id"]
    link = made(other)
    send(app, platform, "DELETE", "/v1/keys/{key}", key=key, path={"key": other})
    assert sign_in(platform, ticket=link).status == 401
