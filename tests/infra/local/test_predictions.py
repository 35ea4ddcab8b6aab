"""What a platform answers at once is what its app answers: status, headers, body and counts."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from math import inf
from typing import Any

import pytest
from msgspec.structs import replace as replaced

from app import app
from functions.context import Platform
from functions.edge.allow import authenticate
from functions.edge.signature import check_claim
from functions.memory import KeyCache
from functions.records.kinds import KEYS
from functions.serving.cache import Cache
from functions.serving.windows import first_hour, windows
from infra.local.daemon_threads import DaemonThreads
from infra.local.gateway import call
from infra.local.listening import Server, listener_on, server_of
from infra.local.predictions import PredictionsAtOnce
from infra.local.quick import QuickAnswers
from infra.local.server import Asgi, listen
from lepton_core.plain_version import PlainVersion
from tests.functions.edge.kit import new_key
from tests.infra.local.service.kit import Made
from tests.support.clocks import Clock
from tests.support.costs import calls_of
from tests.support.waiting import BACKSTOP, happened, joined

ROW = {"a": 0.25, "b": -1.5}
PREDICT = "/v1/models/m/predict"
BODIES = {
    "a row": {"rows": [ROW]},
    "whole numbers": {"rows": [{"b": 3, "a": -0}]},
    "a large number": {"rows": [{"a": 123456789012345678, "b": 1e300}]},
    "two rows": {"rows": [ROW, ROW]},
    "a list": {"rows": [[0.25, 1]]},
    "a text": {"rows": [{"a": "1", "b": 2}]},
    "true": {"rows": [{"a": True, "b": 2}]},
    "null": {"rows": [{"a": None, "b": 2}]},
    "a column is missing": {"rows": [{"a": 1}]},
    "another column": {"rows": [{**ROW, "c": 1}]},
    "explained": {"rows": [ROW], "explain": True},
    "hardly finite": {"rows": [{"a": 1e308, "b": -1e308}]},
    "no rows": {"rows": []},
}
RAW = {
    "twice": b'{"rows": [{"a": 1, "a": 2, "b": 1}]}',
    "twice the rows": b'{"rows": [], "rows": [{"a": 1, "b": 2}]}',
    "NaN": b'{"rows": [{"a": NaN, "b": 1}]}',
    "with a mark": b'\xef\xbb\xbf{"rows": [{"a": 1, "b": 2}]}',
    "no JSON": b'{"rows": [{"a": 1, "b": 2}]',
    "no text": b'{"rows": [{"a": 1, "b": \xff}]}',
}
AT_ONCE = {
    "a row",
    "whole numbers",
    "as it is",
    "a type with a parameter",
    "an entity",
    "of a browser",
}
HEADS: dict[str, dict[str, str]] = {
    "as it is": {},
    "a type with a parameter": {"content-type": "application/json; charset=utf-8"},
    "another type": {"content-type": "text/plain"},
    "once": {"idempotency-key": "k"},
    "packed": {"content-encoding": "gzip"},
    "a key that was refused": {"authorization": "Bearer lpt_x"},
    "another scheme": {"authorization": "Basic eA=="},
    "of another site": {"host": "evil.example.org"},
    "to be closed": {"connection": "close"},
    "two of one kind": {"x-one": "1\r\nx-one: 2"},
    "an entity": {"x-lepton-entity": "e7"},
    "of a browser": {
        "accept": "text/html",
        "accept-encoding": "gzip",
        "origin": "https://evil.example.org",
        "sec-fetch-site": "cross-site",
    },
}


@dataclass
class Up:
    """A platform behind a socket, and a key that may predict."""

    server: Server
    platform: Platform
    key: str

    @property
    def ordinary(self) -> int:
        """How many requests went the ordinary way."""
        count: int = self.server.uvicorn.server_state.total_requests
        return count

    def ask(self, body: bytes, path: str = PREDICT, **headers: str) -> tuple[bytes, bytes]:
        """The lines of the head but for the date, and the body."""
        return self.all(self.asked(body, path, **headers))[0]

    def asked(self, body: bytes, path: str = PREDICT, **headers: str) -> bytes:
        """The bytes of a request; a header is named with strokes for hyphens."""
        given = {
            "host": "127.0.0.1",
            "authorization": f"Bearer {self.key}",
            "content-type": "application/json",
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body

    def all(self, *requests: bytes) -> list[tuple[bytes, bytes]]:
        """The answers to requests on one connection, each sent after the answer before."""
        with socket.create_connection(self.server.listener.getsockname()[:2], timeout=BACKSTOP) as client:
            return [one_answer(client, one) for one in requests]

    def counted(self, seen: set[str]) -> dict[int, list[dict[str, Any]]]:
        """What was counted in windows that are not ``seen`` yet, by version, but for how long it took."""
        self.platform.loaded.flush()
        store = self.platform.workspace("default")
        found: dict[int, list[dict[str, Any]]] = {}
        for one in windows(store, "m", first_hour(self.platform.clock(), 2)):
            if one.source not in seen:
                seen.add(one.source)
                told = {
                    name: sum(one.sketch.get(name, ())) for name in ("latency", "unanswered", "explained")
                }
                found.setdefault(one.version, []).append({**one.sketch, **told})
        return found


def one_answer(client: socket.socket, sent: bytes) -> tuple[bytes, bytes]:
    client.sendall(sent)
    said = b""
    while b"\r\n\r\n" not in said:
        said += client.recv(65_536)
    head, _, body = said.partition(b"\r\n\r\n")
    size = int(head.lower().partition(b"content-length: ")[2].split()[0])
    while len(body) < size:
        body += client.recv(65_536)
    return b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"date:")), body


Open = Callable[..., Up]


@pytest.fixture
def up(made: Made) -> Iterator[Open]:
    """Opens the platform behind a socket; without ``at_once`` all goes the ordinary way."""
    with ExitStack() as stack:

        def opened(at_once: bool = True) -> Up:
            loaded, ready = Cache(made.stack.platform, background=True), threading.Event()
            platform = replace(made.stack.platform, owner=None, loaded=loaded, keys=KeyCache())
            if at_once:
                server = listen(app, platform)
            else:
                pools = (DaemonThreads(4, "request"), DaemonThreads(1, "file"))
                asgi = Asgi(app, platform, *pools)
                server = server_of(asgi, listener_on("127.0.0.1", 0), host="127.0.0.1", pools=pools)
            thread = threading.Thread(target=server.run, args=(ready.set,))
            thread.start()
            stack.callback(joined, thread)
            stack.callback(server.stop)
            happened(ready, "the server listens")
            made_up = Up(server, platform, new_key(platform, "default", scopes=["predict"]))
            made_up.ask(json.dumps({"rows": [ROW]}).encode())  # now the key and the model are known
            return made_up

        yield opened


def battery() -> dict[str, tuple[bytes, dict[str, str]]]:
    bodies = {**{name: json.dumps(one).encode() for name, one in BODIES.items()}, **RAW}
    row = bodies["a row"]
    return {
        **{name: (raw, {}) for name, raw in bodies.items()},
        **{name: (row, head) for name, head in HEADS.items()},
    }


@pytest.mark.slow
def test_it_is_answered_and_counted_as_the_app_answers_and_counts(up: Open, made: Made) -> None:
    quick, plain, seen = up(), up(at_once=False), set[str]()
    for name, (raw, head) in battery().items():
        before = quick.ordinary
        theirs, ours = plain.ask(raw, **head), quick.ask(raw, **head)
        assert ours == theirs, name
        assert (quick.ordinary == before) is (name in AT_ONCE), name
    theirs_counted, ours_counted = plain.counted(seen), quick.counted(seen)
    assert ours_counted == theirs_counted
    assert ours_counted[1][0]["requests"] > len(AT_ONCE)


def test_what_is_kept_of_a_connection_is_asked_anew_each_time(up: Open, made: Made) -> None:
    quick = up()
    asked = quick.asked(json.dumps({"rows": [ROW]}).encode())
    before = quick.ordinary
    with socket.create_connection(quick.server.listener.getsockname()[:2], timeout=BACKSTOP) as client:
        first = one_answer(client, asked)
        assert [one_answer(client, asked) for _ in range(3)] == [first] * 3
        assert quick.ordinary == before
        made.model.deploy(2)
        quick.platform.loaded.forget("default", "m")
        later = [json.loads(one_answer(client, asked)[1])["version"] for _ in range(3)]
        assert (later, quick.ordinary) == ([2, 2, 2], before + 1)
        key = quick.key.split("_")[1]
        store = quick.platform.system
        stored = store.get(KEYS, key)
        assert stored is not None
        revoked = replaced(stored.value, revoked=quick.platform.clock())
        store.write(store.put(KEYS, key, value=revoked, expect=stored.revision))
        quick.platform.keys.forget(key)
        assert one_answer(client, asked)[0].startswith(b"HTTP/1.1 401 ")


def test_a_key_of_another_scope_and_another_model_go_to_the_app(up: Open, made: Made) -> None:
    quick = up()
    body = json.dumps({"rows": [ROW]}).encode()
    reader = new_key(quick.platform, "default", scopes=["read"])
    for _ in range(2):
        assert quick.ask(body, authorization=f"Bearer {reader}")[0].startswith(b"HTTP/1.1 403 ")
        assert quick.ask(body, "/v1/models/other/predict")[0].startswith(b"HTTP/1.1 404 ")
        assert quick.ask(body, f"{PREDICT}?explain=true")[0].startswith(b"HTTP/1.1 400 ")


def test_of_a_rollout_each_entity_has_the_version_that_the_app_gives_it(up: Open, made: Made) -> None:
    made.model.deploy(2, canary=0.5)
    quick, plain = up(), up(at_once=False)
    body = json.dumps({"rows": [ROW]}).encode()
    before, versions = quick.ordinary, set[int]()
    for entity in map(str, range(12)):
        ours = quick.ask(body, x_lepton_entity=entity)
        assert ours == plain.ask(body, x_lepton_entity=entity)
        versions.add(json.loads(ours[1])["version"])
    assert (versions, quick.ordinary) == ({1, 2}, before)


def test_a_version_that_takes_long_holds_up_nobody(made: Made) -> None:
    platform, body = made.stack.platform, json.dumps({"rows": [ROW]}).encode()
    loaded = platform.loaded.get("default", "m")
    found = {
        most: QuickAnswers(platform, print, most_milliseconds=most).sent(loaded, "m", body)
        for most in (0.0, 1e9)
    }
    assert (found[0.0] is None, found[1e9] is None) == (True, False)


def test_how_long_a_version_takes_is_measured_once_and_only_where_that_matters(made: Made) -> None:
    platform, body = made.stack.platform, json.dumps({"rows": [ROW]}).encode()
    loaded = platform.loaded.get("default", "m")
    for most, measured in ((1e9, 1), (0.0, 1), (inf, 0)):
        quick = QuickAnswers(platform, print, most_milliseconds=most)
        asked = partial(quick.sent, loaded, "m", body)
        answered = int(most > 0)
        assert calls_of(asked, PlainVersion.predict) == measured + answered
        assert calls_of(asked, PlainVersion.predict) == answered


def test_who_knows_the_id_of_a_key_that_signs_has_no_key(up: Open, made: Made) -> None:
    quick = up()
    key, at = quick.key.split("_")[1], quick.platform.clock().strftime("%Y%m%dT%H%M%SZ")
    claim = f"Credential={key}/{at[:8]}/eu/sagemaker/aws4_request, SignedHeaders=host, Signature={'0' * 64}"
    check_claim(quick.platform, {"authorization": f"AWS4-HMAC-SHA256 {claim}", "x-amz-date": at})
    body = json.dumps({"rows": [ROW]}).encode()
    for head in ({"authorization": f"Bearer aws:{key}"}, {"authorization": "", "x_api_key": f"aws:{key}"}):
        assert quick.ask(body, **head)[0].startswith(b"HTTP/1.1 401 "), head


def test_the_secret_of_a_session_is_no_key(up: Open, made: Made) -> None:
    quick = up()
    key = new_key(quick.platform, "default", scopes=["read", "predict"])
    head = {"content-type": "application/json", "host": "127.0.0.1"}
    sent = json.dumps({"key": key}).encode()
    cookie = call(app, quick.platform, "POST", "/v1/session", headers=head, body=sent).headers["set-cookie"]
    shown = cookie.partition(";")[0]
    found = call(app, quick.platform, "GET", "/v1/session", headers={**head, "cookie": shown})
    assert found.status == 200  # now the session is known
    secret, body = shown.partition("=")[2], json.dumps({"rows": [ROW]}).encode()
    assert quick.ask(body, authorization=f"Bearer {secret}")[0].startswith(b"HTTP/1.1 401 ")


def test_a_key_is_refused_from_its_very_last_second_on(up: Open, made: Made) -> None:
    quick = up()
    clock = Clock(quick.platform.clock())
    platform = replace(quick.platform, clock=clock)
    key = new_key(platform, "default", scopes=["predict"], expires=clock() + timedelta(seconds=2))
    head = [(b"host", b"x"), (b"content-type", b"application/json"), (b"x-api-key", key.encode())]
    answering = PredictionsAtOnce(platform, QuickAnswers(platform, print), frozenset())(
        PREDICT.encode(), head
    )
    body = json.dumps({"rows": [ROW]}).encode()
    assert answering is not None and answering(body) is None, "nobody has verified it"
    authenticate(platform, {"x-api-key": key})
    answered = []
    for seconds in (1.999, 0.001):
        clock.forward(seconds)
        answered.append(answering(body) is not None)
    assert answered == [True, False]


def test_each_of_a_thousand_entities_has_the_version_that_is_its_own(made: Made) -> None:
    made.model.deploy(2, canary=0.3)
    loaded = Cache(made.stack.platform, background=True)
    assert loaded.at_hand("default", "m") is None, "nobody has asked yet"
    seen = []
    for number in range(1000):
        header = {("x-lepton-entity", "x-request-id")[number % 2]: str(number)}
        own = loaded.get("default", "m", header)
        assert loaded.at_hand("default", "m", header) is own
        seen.append(own.version)
    assert 200 < seen.count(2) < 400
    assert {loaded.at_hand("default", "m").version for _ in range(100)} == {1, 2}  # type: ignore[union-attr]
