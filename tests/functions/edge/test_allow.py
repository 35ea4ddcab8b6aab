"""Who gets in: keys, their ends, the cache of verified keys, the owner of an embedded platform."""

import hashlib
import logging
from datetime import timedelta

import msgspec
import pytest
from chalice.app import Blueprint
from hypothesis import given, settings
from hypothesis import strategies as st

from functions import edge
from functions.caller import Caller
from functions.context import Platform
from functions.edge.allow import known_as, new_key_text, usable
from functions.edge.app import LeptonApp
from functions.edge.session import new_secret
from functions.memory import KeyCache
from functions.records.kinds import KEYS, ApiKey
from functions.refused_keys import RefusedKeys
from functions.system.health import Health
from lepton_core.errors import Unauthorized
from tests.functions.edge.kit import START, Answer, app_of, memory_platform, new_key, send
from tests.support.clocks import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def platform(clock: Clock) -> Platform:
    return memory_platform(clock)


@pytest.fixture
def app() -> LeptonApp:
    bp = Blueprint(__name__)

    @edge.route(bp, "GET", "/v1/who", scope="read", returns=Health)
    def who(call: edge.Call[None]) -> Health:
        """Tell the caller who calls."""
        return Health(status="ok", version=f"{call.caller.workspace}={call.store.name}")

    return app_of(bp)


def who(app: LeptonApp, platform: Platform, key: str | None = None, **headers: str) -> Answer:
    return send(app, platform, "GET", "/v1/who", key=key, headers=headers)


def test_a_key_opens_its_own_workspace(app: LeptonApp, platform: Platform) -> None:
    answers = [who(app, platform, new_key(platform, name)).json["version"] for name in ("acme", "zeta")]
    assert answers == ["acme=acme", "zeta=zeta"]


def test_a_key_may_come_in_either_header_in_any_case(app: LeptonApp, platform: Platform) -> None:
    key = new_key(platform)
    for name, value in [
        ("Authorization", f"Bearer {key}"),
        ("AUTHORIZATION", f"bearer  {key} "),
        ("X-Api-Key", key),
        ("x-api-key", key),
    ]:
        assert who(app, platform, **{name: value}).status == 200


@pytest.mark.parametrize("name", ["Authorization", "authorization", "X-API-KEY"])
def test_two_keys_in_one_request_are_refused_whatever_they_open(
    app: LeptonApp, platform: Platform, name: str
) -> None:
    keys = [new_key(platform), new_key(platform, "zeta")]
    every = {name: [f"Bearer {key}" for key in keys]}
    answer = send(app, platform, "GET", "/v1/who", key=keys[1], every=every)
    assert (answer.status, answer.error["field"].lower()) == (400, name.lower())
    assert not any(key in answer.body for key in keys)


def test_without_a_key_the_answer_says_how_to_send_one(app: LeptonApp, platform: Platform) -> None:
    answer = who(app, platform)
    assert (answer.status, answer.error["code"]) == (401, "unauthorized")
    assert "Bearer" in answer.error["message"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_id_and_a_wrong_secret_get_the_same_answer(app: LeptonApp, platform: Platform) -> None:
    known = new_key(platform)
    key_id, secret = known.removeprefix("lpt_").rsplit("_", 1)
    wrong = [
        f"lpt_{key_id}_{'0' * 64}",
        f"lpt_{key_id[:-1]}x_{secret}",
        f"lpt_{key_id}_{secret[:-1]}",
        f"lpt_{key_id}_{secret.upper()}x",
        f"{known}\n",
        "nonsense",
    ]
    answers = {who(app, platform, key).body for key in wrong}
    answers |= {
        who(app, platform, Authorization=value).body for value in ("", "Bearer", f"Basic {known}", known)
    }
    assert len(answers) == 1
    assert who(app, platform, known).status == 200


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=100) | st.from_regex(r"lpt_[a-z0-9-]{0,70}_[0-9a-f]{60,68}", fullmatch=True))
def test_no_guess_gets_in_or_makes_us_fail(guess: str) -> None:
    platform = memory_platform()
    with pytest.raises(Unauthorized):
        edge.authenticate(platform, {"authorization": f"Bearer {guess}"})
    with pytest.raises(Unauthorized):
        edge.authenticate(platform, {"x-api-key": guess})


def test_a_key_without_the_scope_is_forbidden(app: LeptonApp, platform: Platform) -> None:
    answer = who(app, platform, new_key(platform, scopes=["write", "predict", "admin"]))
    assert (answer.status, answer.error["code"]) == (403, "forbidden")
    assert "read" in answer.error["message"]


def test_the_store_holds_a_digest_and_no_secret(platform: Platform) -> None:
    key = new_key(platform)
    secret = key.rsplit("_", 1)[1]
    assert len(bytes.fromhex(secret)) * 8 == 256 + 32
    assert platform.records.held  # type: ignore[attr-defined]
    for record in platform.records.held.values():  # type: ignore[attr-defined]
        assert secret.encode() not in record.body
    assert len({new_key(platform) for _ in range(50)}) == 50


def test_an_expired_key_is_refused_from_its_last_second_on(
    app: LeptonApp, platform: Platform, clock: Clock
) -> None:
    key = new_key(platform, expires=START + timedelta(seconds=2))
    assert who(app, platform, key).status == 200
    clock.forward(1.999)
    assert who(app, platform, key).status == 200
    clock.forward(0.001)
    answer = who(app, platform, key)
    assert (answer.status, "expired" in answer.error["message"]) == (401, True)


def test_a_revoked_key_ends_with_its_cache_entry_at_the_latest(
    app: LeptonApp, platform: Platform, clock: Clock
) -> None:
    key = new_key(platform)
    assert who(app, platform, key).status == 200
    stored = platform.system.get(KEYS, key.split("_")[1])
    assert stored is not None
    revoked = ApiKey(
        id=stored.value.id,
        workspace="acme",
        digest=stored.value.digest,
        scopes=["read"],
        created=START,
        revoked=clock(),
    )
    platform.system.write(platform.system.put(KEYS, revoked.id, value=revoked, expect=stored.revision))
    clock.forward(platform.settings.key_cache_seconds)
    assert who(app, platform, key).status == 401


def test_a_warm_call_reads_nothing(app: LeptonApp, platform: Platform, clock: Clock) -> None:
    key = new_key(platform)
    asked = platform.records.asked  # type: ignore[attr-defined]
    who(app, platform, key)
    before = len(asked)
    for _ in range(10):
        clock.forward(0.4)
        assert who(app, platform, key).status == 200
    assert len(asked) == before
    clock.forward(1.0)
    who(app, platform, key)
    assert len(asked) == before + 1


def test_a_refused_key_is_not_remembered(app: LeptonApp, platform: Platform) -> None:
    text, _ = new_key_text("key-1")
    for _ in range(3):
        assert who(app, platform, text).status == 401
    assert len(platform.records.asked) == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", ["secret", "id", "checksum", "short", "long"])
def test_what_was_made_up_or_cut_off_is_refused_without_a_look_at_the_store(
    app: LeptonApp, platform: Platform, wrong: str
) -> None:
    text, _ = new_key_text("key-1")
    made_up = {
        "secret": f"lpt_key-1_{'0' * 64}{text[-8:]}",
        "id": text.replace("key-1", "key-2"),
        "checksum": f"{text[:-8]}{int(text[-8:], 16) ^ 1:08x}",
        "short": text[:-1],
        "long": text + "0",
    }[wrong]
    assert who(app, platform, made_up).status == 401
    assert platform.records.asked == []  # type: ignore[attr-defined]


def test_a_key_of_before_there_were_checksums_goes_on_working(app: LeptonApp, platform: Platform) -> None:
    new = new_key(platform)
    old = new[:-8]
    key_id = old.split("_")[1]
    stored = platform.system.get(KEYS, key_id)
    assert stored is not None
    earlier = msgspec.structs.replace(stored.value, digest=hashlib.sha256(old.encode()).hexdigest())
    platform.system.write(platform.system.put(KEYS, key_id, value=earlier, expect=stored.revision))
    assert who(app, platform, old).status == 200
    assert who(app, platform, new).status == 401


def test_refused_keys_are_counted_and_told_by_id_in_one_line_a_burst(
    app: LeptonApp, platform: Platform, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    stolen, _ = new_key_text("key-1")
    for number in range(50):
        who(app, platform, stolen)
        who(app, platform, f"lpt_guess-{number}_{'0' * 64}")
        who(app, platform, f"password{number}")
        clock.forward(0.1)
    (first,) = caplog.messages
    assert first == "refused 1 API keys since the last such line (id key-1: 1); 1 in all"
    clock.forward(60)
    who(app, platform, stolen)
    assert len(caplog.messages) == 2
    counted = "no valid form: 50, id key-1: 50, other ids: 44, id guess-0: 1, "
    assert caplog.messages[1].startswith(f"refused 150 API keys since the last such line ({counted}")
    assert platform.refused_keys.total == 151
    assert stolen[-72:] not in caplog.text and "password" not in caplog.text and "0" * 9 not in caplog.text


def test_what_is_counted_of_refused_keys_stays_small() -> None:
    refused = RefusedKeys()
    for number in range(10_000):
        refused.add(f"key-{number}", START)
    line = refused.add("key-1", START + RefusedKeys.BURST)
    assert line is not None and len(line) < 400
    assert refused.total == 10_001


def test_the_owner_of_an_embedded_platform_needs_no_key(app: LeptonApp) -> None:
    owner = Caller("home", "", frozenset({"read"}))
    platform = memory_platform(owner=owner)
    assert who(app, platform).json["version"] == "home=home"
    assert who(app, platform, new_key(platform, "acme")).json["version"] == "acme=acme"
    assert who(app, platform, "lpt_wrong").status == 401
    assert who(app, platform, Authorization="").status == 401
    assert platform.records.asked.count("home/keys") == 0  # type: ignore[attr-defined]


def test_nothing_secret_is_logged(
    app: LeptonApp, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    key = new_key(platform)
    with caplog.at_level(logging.DEBUG):
        who(app, platform, key)
        who(app, platform, key[:-1] + "!")
    assert key[-64:-1] not in caplog.text


def test_the_cache_forgets_one_key_and_stays_small() -> None:
    cache = KeyCache()
    one, two = (Caller("acme", name, frozenset()) for name in ("one", "two"))
    until = START + timedelta(seconds=1)
    for number in range(25_000):
        cache.put(number.to_bytes(4, "big"), one, until)
    assert len(cache._entries) <= 10_000
    cache.put(b"2", two, until)
    cache.forget("one")
    assert len(cache._entries) == 1
    assert (cache.get(b"2", START), cache.get(b"2", until), cache.get(b"1", START)) == (two, None, None)


@given(st.text(max_size=10))
def test_only_ids_that_can_be_read_back_become_keys(key_id: str) -> None:
    try:
        text, digest = new_key_text(key_id)
    except ValueError:
        return
    assert text.split("_")[1] == key_id
    assert len(digest) == 64


def test_a_key_is_usable_before_both_of_its_ends() -> None:
    def key(expires: int | None, revoked: int | None) -> ApiKey:
        ends = [None if end is None else START + timedelta(seconds=end) for end in (expires, revoked)]
        return ApiKey("key-1", "acme", "", ["read"], START, *ends)

    kept = [(e, r) for e in (None, -1, 0, 1) for r in (None, -1, 0, 1) if usable(key(e, r), START)]
    assert kept == [(None, None), (None, 1), (1, None), (1, 1)]


def test_only_a_text_in_the_form_of_a_key_may_be_known_as_one(platform: Platform) -> None:
    key, secret = new_key(platform), new_secret()[0]
    digest = hashlib.sha256(key.encode()).digest()
    assert known_as({"authorization": f"bearer {key}"}) == known_as({"x-api-key": key}) == digest
    others = [secret, f"aws:{key.split('_')[1]}", f"{key}\n", key[1:], "", "lpt_"]
    assert [known_as({"x-api-key": one}) for one in others] == [None] * len(others)
    assert known_as({"authorization": f"Basic {key}", "x-api-key": key}) is None
    assert known_as({}) is None
