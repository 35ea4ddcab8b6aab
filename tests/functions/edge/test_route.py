"""`edge.route`: what reaches the handler, what comes back, and what never does."""

import json
import logging
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import msgspec
import pytest
from chalice.app import Blueprint
from hypothesis import given, settings
from hypothesis import strategies as st

from functions import edge
from functions.edge.received import HANDED
from functions.edge.shapes import Cell, Name, Page, Request
from functions.storage import BlobMissing, Lost
from lepton_core import errors
from lepton_core.artifact import digest
from tests.functions.edge.kit import Ask, Seen, asker
from tests.support.waiting import BACKSTOP


class Inner(Request, frozen=True):
    tolerance: float = 0.0


class Body(Request, frozen=True):
    name: Name
    rate: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    rows: list[dict[str, Cell] | list[Cell]] = msgspec.field(default_factory=list)
    free: dict[str, Any] = msgspec.field(default_factory=dict)
    count: int | None = None
    inner: Inner = Inner()


@pytest.fixture
def ask_body() -> Ask:
    @asker(body=Body)
    def handler(call: edge.Call[Body], thing: str) -> Seen:
        return Seen(call.caller.workspace, call.body.name)

    return handler


def test_a_handler_sees_the_caller_the_typed_body_and_the_path(ask_body: Ask) -> None:
    answer = ask_body({"name": "m"})
    assert (answer.status, answer.json) == (200, {"workspace": "acme", "name": "m", "version": 0, "size": 0})
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{}", "name"),
        ("", "name"),
        ('{"name": 1}', "name"),
        ('{"name": "a/b"}', "name"),
        ('{"name": ""}', "name"),
        ('{"name": "a\\n"}', "name"),
        ('{"name": "' + "a" * 64 + '"}', "name"),
        ('{"name": "a", "rate": 0}', "rate"),
        ('{"name": "a", "rate": "fast"}', "rate"),
        ('{"name": "a", "rate": 1e400}', "rate"),
        ('{"name": "a", "nome": 1}', "nome"),
        ('{"name": "a", "inner": {"tolerence": 1}}', "inner.tolerence"),
        ('{"name": "a", "inner": {"tolerance": []}}', "inner.tolerance"),
        ('{"name": "a", "rows": [{"x": 1}, {"x": []}]}', "rows[1][...]"),
        ('{"name": "a", "rows": [[1], 2]}', "rows[1]"),
        ('{"name": "a", "free": {"x": 1' + "0" * 5000 + "}}", "free[...]"),
        ('{"name": "a", "count": 9223372036854775808}', "count"),
        ('{"name": "a", "count": -9223372036854775809}', "count"),
        ('{"name": "a", "count": ' + "9" * 400 + "}", "count"),
        ('{"name": "a", " - at `$.evil`": 1}', " - at "),
        ('{"name": "a", "inner": {" - at `$.evil": 1}}', "inner. - at "),
        ('{"name": "a", "rate": NaN}', None),
        ("[]", None),
        ("{", None),
        ("\x00", None),
        (b'{"name": "\xff"}', None),
        ('{"name": "\\ud800"}', None),
        ('{"name": "a", "free": {"x": ' + "[" * 100_000, None),
    ],
)
def test_a_wrong_body_names_its_field(ask_body: Ask, body: str | bytes, field: str | None) -> None:
    answer = ask_body(body, binary=isinstance(body, bytes))
    assert (answer.status, answer.error["code"], answer.error.get("field")) == (400, "invalid_input", field)


def test_a_body_that_is_misread_may_be_refused_with_more(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[tuple[str, Any, str]] = []

    def misread(call: edge.Call[bytes], thing: str) -> None:
        seen.append((call.store.name, edge.leniently(call.body), thing))
        if b"row" in call.body:
            raise errors.InvalidData("is odd \ud800", row=2, column="x\ud800")

    @asker(body=Body, misread=misread)
    def handler(call: edge.Call[Body], thing: str) -> Seen:
        return Seen(call.caller.workspace, call.body.name)

    assert handler({"name": "m"}).status == 200
    assert seen == []
    answer = handler('{"row": -Infinity}')
    assert (answer.status, answer.error["code"], answer.error["field"]) == (400, "invalid_data", "x\\ud800")
    assert seen == [("acme", {"row": -math.inf}, "t")]
    answer = handler('{"name": 1}')
    assert (answer.status, answer.error["code"], answer.error["field"]) == (400, "invalid_input", "name")
    assert handler("{").status == 400
    assert seen[1:] == [("acme", {"name": 1}, "t"), ("acme", None, "t")]
    assert handler('{"row": 1}', key="").status == 401
    assert len(seen) == 3
    assert caplog.text == ""


def test_a_byte_order_mark_before_json_is_no_part_of_it(ask_body: Ask) -> None:
    assert ask_body(b'\xef\xbb\xbf{"name": "m"}', binary=True).json["name"] == "m"
    assert ask_body(b"\xef\xbb\xbf", binary=True).error["field"] == "name"
    assert ask_body(b'\xef\xbb\xbf\xef\xbb\xbf{"name": "m"}', binary=True).status == 400
    assert edge.leniently(b'\xef\xbb\xbf{"a": NaN}').keys() == {"a"}


def test_a_wrong_name_is_told_what_a_name_is(ask_body: Ask) -> None:
    assert ask_body({"name": "a b"}).error["message"].startswith("must be 1 to 63 letters, digits")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_bodies = st.fixed_dictionaries({}, optional=dict.fromkeys((*Body.__struct_fields__, "other"), _json))


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=64) | _json.map(json.dumps).map(str.encode) | _bodies.map(json.dumps).map(str.encode)
)
def test_no_body_makes_us_fail(body: bytes) -> None:
    @asker(body=Body)
    def ask(call: edge.Call[Body], thing: str) -> Seen:
        assert call.body.rate > 0
        return Seen("w", call.body.name)

    answer = ask(body, binary=True)
    assert answer.status == 200 or (answer.status == 400 and answer.error["code"] == "invalid_input")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=70) | st.sampled_from(["..", "a/b", "-a", "a\n", "a" * 64, "0", "\u0663"]))
def test_a_path_parameter_is_a_name_or_is_not_found(thing: str) -> None:
    @asker()
    def ask(call: edge.Call[None], thing: str) -> Seen:
        return Seen("w", thing)

    answer = ask(thing=thing)
    try:
        msgspec.json.decode(msgspec.json.encode(thing), type=Name)
    except msgspec.ValidationError:
        assert (answer.status, answer.error["code"]) == (404, "not_found")
    else:
        assert (answer.status, answer.json["name"]) == (200, thing)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("1", 200),
        ("42", 200),
        ("0", 404),
        ("-1", 404),
        ("1.5", 404),
        ("x", 404),
        ("1\n", 404),
        ("\u0663", 404),
    ],
)
def test_an_int_of_the_path_counts_from_one(text: str, status: int) -> None:
    @asker()
    def ask(call: edge.Call[None], thing: int) -> Seen:
        return Seen("w", version=thing)

    answer = ask(thing=text)
    assert answer.status == status
    assert status == 404 or answer.json["version"] == int(text)


def test_a_file_arrives_as_it_was_sent() -> None:
    @asker(body=edge.Received, content_types=("text/csv", "application/octet-stream"))
    def ask(call: edge.Call[edge.Received], thing: str) -> Seen:
        assert call.body.digest == digest(call.raw)
        return Seen(call.body.data.hex(), size=call.body.size)

    data = bytes(range(256))
    answer = ask(data, binary=True, headers={"content-type": "text/csv; charset=utf-8"})
    assert (answer.json["workspace"], answer.json["size"]) == (data.hex(), 256)
    assert ask("a,b\n1,2\n", headers={"Content-Type": "text/csv"}).json["size"] == 8
    assert ask("", headers={"Content-Type": "text/csv"}).json["size"] == 0


def test_bytes_beside_json_are_answered_by_another_handler() -> None:
    def of_bytes(call: edge.Call[bytes], thing: str) -> Seen:
        return Seen(call.body.hex(), size=len(call.body))

    @asker(
        body=dict[str, int],
        content_types=("application/json", "application/octet-stream"),
        of_bytes=of_bytes,
        query={"loud": edge.Flag("Whether to shout.")},
    )
    def ask(call: edge.Call[dict[str, int]], thing: str) -> Seen:
        return Seen("JSON", size=call.body["a"], version=int(call.flag("loud")))

    octets = {"content-type": "Application/Octet-Stream; x=y"}
    assert ask(b"\xff{", binary=True, headers=octets).json["workspace"] == "ff7b"
    assert ask('{"a": 3}', query={"loud": ["true"]}).json == {
        "workspace": "JSON",
        "version": 1,
        "size": 3,
        "name": "",
    }
    assert ask('{"a": 3}', query={"loud": ["false"]}).json["version"] == ask('{"a": 3}').json["version"] == 0
    assert ask('{"a": 3}', query={"loud": ["1"]}).error["field"] == "loud"
    assert ask("a", headers={"content-type": "text/csv"}).status == 415


def test_what_a_host_hands_over_is_answered_by_another_handler_and_no_client_hands_over() -> None:
    def of_handed(call: edge.Call[int], thing: str) -> Seen:
        return Seen("handed", size=call.body)

    @asker(body=dict[str, int], of_handed=of_handed)
    def ask(call: edge.Call[dict[str, int]], thing: str) -> Seen:
        return Seen("JSON", size=call.body["a"])

    assert ask("", event={HANDED: 3}).json["workspace"] == "handed"
    assert ask('{"a": 3}', query={}, headers={HANDED: "3"}).json["workspace"] == "JSON"


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        (None, 200, None),
        ({"after": ["run-1:2"], "limit": ["7"], "hours": ["48"], "colour": ["red"]}, 200, None),
        ({"limit": ["0"]}, 400, "limit"),
        ({"limit": ["1001"]}, 400, "limit"),
        ({"limit": ["ten"]}, 400, "limit"),
        ({"limit": ["1_0"]}, 400, "limit"),
        ({"limit": ["1" * 5000]}, 400, "limit"),
        ({"limit": [""]}, 400, "limit"),
        ({"hours": ["-1"]}, 400, "hours"),
        ({"colour": ["green"]}, 400, "colour"),
        ({"colour": [""]}, 400, "colour"),
        ({"after": ["a/b"]}, 400, "after"),
        ({"after": ["a\n"]}, 400, "after"),
        ({"after": ["a" * 129]}, 400, "after"),
        ({"hour": ["1"]}, 400, "hour"),
        ({"limit": ["1", "2"]}, 400, "limit"),
    ],
)
def test_query_parameters_are_declared_and_in_range(query: Any, status: int, field: str | None) -> None:
    hours = edge.Count("How far back.", default=24, low=1, high=720)

    @asker(query={**edge.PAGING, "hours": hours, "colour": edge.Choice("Of which colour.", ("red", "blue"))})
    def ask(call: edge.Call[None], thing: str) -> Seen:
        return Seen(
            call.after, size=call.limit, version=call.count("hours"), name=call.choice("colour") or ""
        )

    answer = ask(query=query)
    assert answer.status == status
    if status == 200:
        expected = ("run-1:2", 7, 48, "red") if query else ("", 100, 24, "")
        assert tuple(answer.json[key] for key in ("workspace", "size", "version", "name")) == expected
    else:
        assert answer.error["field"] == field


def test_a_reply_carries_its_own_status() -> None:
    @asker(status=201, also=(200,))
    def ask(call: edge.Call[None], thing: str) -> Seen | edge.Reply[Seen]:
        return edge.Reply(Seen("old"), 200) if thing == "old" else Seen("new")

    assert (ask().status, ask(thing="old").status) == (201, 200)


def _kinds(kind: type[errors.LeptonError]) -> list[type[errors.LeptonError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _kinds(child))]


@pytest.mark.parametrize("kind", _kinds(errors.LeptonError))
def test_every_error_of_the_tree_keeps_its_status_and_code(kind: type[errors.LeptonError]) -> None:
    @asker()
    def ask(call: edge.Call[None], thing: str) -> Seen:
        raise kind("told so")

    answer = ask()
    assert (answer.status, answer.error) == (kind.status, {"code": kind.code, "message": "told so"})


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [(Lost("acme/models", "m"), 409, "conflict"), (BlobMissing("acme/x"), 404, "not_found")],
)
def test_what_a_store_raises_may_pass_through(raised: Exception, status: int, code: str) -> None:
    @asker()
    def ask(call: edge.Call[None], thing: str) -> Seen:
        raise raised

    answer = ask()
    assert (answer.status, answer.error["code"]) == (status, code)
    assert "acme" not in answer.body


def test_our_own_fault_is_told_to_the_log_only(caplog: pytest.LogCaptureFixture) -> None:
    @asker()
    def ask(call: edge.Call[None], thing: str) -> Seen:
        raise ZeroDivisionError("the inner workings")

    with caplog.at_level(logging.ERROR, logger="lepton"):
        answer = ask()
    assert (answer.status, answer.error["code"]) == (500, "internal")
    assert "inner workings" not in answer.body
    (record,) = caplog.records
    assert "inner workings" in (record.exc_text or "")
    assert answer.error["message"].rsplit(maxsplit=1)[-1] in record.getMessage()
    assert "lpt_" not in caplog.text


def test_an_error_repeats_little_of_what_was_sent(ask_body: Ask) -> None:
    for body in ({"name": "m", "x" * 1_000_000: 1}, {"name": "m", "inner": {"x" * 1_000_000: 1}}):
        answer = ask_body(body)
        assert answer.status == 400
        assert len(answer.body) < 5000


def test_no_answer_is_kept_on_its_way(ask_body: Ask) -> None:
    for body in ({"name": "m"}, {}):
        headers = ask_body(body).headers
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_what_json_cannot_hold_is_our_fault_and_not_the_callers() -> None:
    @asker()
    def ask(call: edge.Call[None], thing: str) -> Any:
        return {1j}

    assert ask().status == 500


def test_numbers_that_json_lacks_are_null() -> None:
    @asker(returns=Page[float])
    def ask(call: edge.Call[None], thing: str) -> Page[float]:
        return Page([math.inf, math.nan, 1.5])

    assert ask().json == {"items": [None, None, 1.5], "next": None}


def test_a_route_names_its_scope_or_says_that_it_is_public() -> None:
    bp = Blueprint(__name__)
    with pytest.raises(ValueError, match="scope"):
        edge.route(bp, "GET", "/v1/open", scope=None, returns=Seen)
    with pytest.raises(ValueError, match="scope"):
        edge.route(bp, "GET", "/v1/both", scope="read", public=True, returns=Seen)


def test_a_declared_handler_can_still_be_called_as_it_is() -> None:
    bp = Blueprint(__name__)

    def handler(call: edge.Call[None]) -> Seen:
        return Seen("w")

    assert edge.route(bp, "GET", "/v1/x", scope="read", returns=Seen)(handler) is handler


def test_threads_do_not_see_each_others_requests() -> None:
    barrier = threading.Barrier(8)

    @asker(body=Body)
    def ask(call: edge.Call[Body], thing: str) -> Seen:
        barrier.wait(BACKSTOP)
        return Seen(call.body.name, thing)

    def one(number: int) -> bool:
        return all(
            (found["workspace"], found["name"]) == (f"b{number}", f"t{number}")
            for found in (ask({"name": f"b{number}"}, thing=f"t{number}").json for _ in range(20))
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(8)))
