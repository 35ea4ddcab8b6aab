import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

from chalice.app import Chalice
from chalice.local import LambdaEventConverter, RouteMatcher
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.context import Platform
from infra.local.gateway import call, match, rest_event
from tests.support.costs import calls_of
from tests.support.waiting import BACKSTOP

names = st.text(min_size=1, max_size=20)
pairs = st.lists(st.tuples(st.text("abc", min_size=1, max_size=2), st.text(max_size=5)), max_size=4)


class Ours(Chalice):
    """Routes only; what they answer does not matter here."""

    def __init__(self) -> None:
        super().__init__("ours", configure_logs=False, env={})
        for path in ("/", "/v1/a", "/v1/{x}", "/v1/{x}/b/{y}", "/v1/a/b/{y}", "/v1/{x}/{z}/c"):
            self.route(path, name=path)(lambda **values: values)


OURS = Ours()


def body(response: Any) -> Any:
    return json.loads(response.body)


@given(x=names, y=names)
@settings(max_examples=50, deadline=None)
def test_a_parameter_comes_out_as_it_went_in(x: str, y: str) -> None:
    found = match(OURS, "/v1/{}/b/{}".format(quote(x, safe=""), quote(y, safe="")))
    assert found is not None
    if x == "a":
        assert (found.resource, found.parameters) == ("/v1/a/b/{y}", {"y": y})
    else:
        assert (found.resource, found.parameters) == ("/v1/{x}/b/{y}", {"x": x, "y": y})


def test_a_literal_wins_over_a_parameter_and_the_left_one_first() -> None:
    found = {path: match(OURS, path) for path in ("/v1/a", "/v1/q", "/v1/a/b/c", "/v1/q/b/c", "/v1/q/r/c")}
    assert {path: at.resource if at else None for path, at in found.items()} == {
        "/v1/a": "/v1/a",
        "/v1/q": "/v1/{x}",
        "/v1/a/b/c": "/v1/a/b/{y}",
        "/v1/q/b/c": "/v1/{x}/b/{y}",
        "/v1/q/r/c": "/v1/{x}/{z}/c",
    }


def test_what_is_not_declared_matches_nothing() -> None:
    for path in ("", "/v1", "/v1/", "/v1/a/", "//v1/a", "/v1/a/b/", "/v1/a/b/c/d", "/v2/a"):
        assert match(OURS, path) is None, path


@given(pairs=pairs, value=st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True))
@settings(max_examples=30, deadline=None)
def test_the_event_is_the_one_that_chalice_makes_of_a_request(pairs: list[Any], value: str) -> None:
    path = f"/v1/{value}/b/{value}"
    headers = {"host": "localhost", "content-type": "application/json"}
    found = match(OURS, path)
    assert found is not None
    event = rest_event("GET", path, found, pairs, headers.items(), b"")
    converter = LambdaEventConverter(RouteMatcher(["/v1/{x}/b/{y}"]))
    query = f"?{urlencode(pairs)}" if pairs else ""
    oracle = converter.create_lambda_event(method="GET", path=path + query, headers=headers, body=None)
    if value != "a":
        for name in ("pathParameters", "multiValueQueryStringParameters", "headers", "stageVariables"):
            assert event[name] == (oracle[name] or None), name
        for name in ("httpMethod", "resourcePath", "path"):
            assert event["requestContext"][name] == oracle["requestContext"][name], name
    assert set(oracle) <= set(event)
    single = event["queryStringParameters"] or {}
    assert single == dict(pairs)  # the last of several, as API Gateway says


def test_answers(small_app: Chalice, platform: Platform) -> None:
    def get(path: str, method: str = "GET", **more: Any) -> Any:
        return call(small_app, platform, method, path, **more)

    assert get("/v1/health").status == 200
    assert body(get("/v1/models/special")) == {"special": True}
    assert body(get("/v1/models/a%2Fb"))["model"] == "a/b"
    sent = get(
        "/v1/echo",
        "POST",
        query="a=1&a=2&b=",
        headers={"x-sent": "é", "content-type": "application/json"},
        body=b'{"x": 1}',
    )
    assert body(sent) == {
        "body": '{"x": 1}',
        "query": {"a": "2", "b": ""},
        "all": {"a": ["1", "2"], "b": [""]},
        "header": "é",
    }
    assert body(get("/v1/echo", "POST", query={"a": "b c"}))["query"] == {"a": "b c"}
    assert body(get("/v1/echo", "POST")) == {"body": "", "query": None, "all": None, "header": None}
    raw = get("/v1/raw", headers={"accept": "application/octet-stream"})
    assert (raw.status, raw.body) == (200, b"\x00\xff")


def test_an_event_keeps_both_headers_of_one_name() -> None:
    found = match(OURS, "/v1/a")
    assert found is not None
    event = rest_event("GET", "/v1/a", found, [], [("x", "1"), ("y", "2"), ("x", "3")], b"")
    assert (event["headers"], event["multiValueHeaders"]) == (
        {"x": "3", "y": "2"},
        {"x": ["1", "3"], "y": ["2"]},
    )


def test_refusals_have_the_shape_of_every_error(small_app: Chalice, platform: Platform) -> None:
    missing = call(small_app, platform, "GET", "/v1/nothing/here")
    assert (missing.status, body(missing)["error"]["code"]) == (404, "not_found")
    wrong = call(small_app, platform, "POST", "/v1/models/m/versions/1")
    assert (wrong.status, body(wrong)["error"]["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "DELETE, GET, HEAD"
    unread = call(small_app, platform, "PUT", "/v1/files", headers={"content-type": "image/png"})
    assert (unread.status, body(unread)["error"]["code"]) == (415, "unsupported_media_type")


def test_threads_do_not_see_each_other(small_app: Chalice, platform: Platform) -> None:
    barrier = threading.Barrier(8)

    def one(number: int) -> bool:
        barrier.wait(BACKSTOP)
        for turn in range(50):
            text = f"{number}-{turn}"
            answer = call(
                small_app, platform, "POST", "/v1/echo", headers={"x-sent": text}, body=text.encode()
            )
            if (body(answer)["body"], body(answer)["header"]) != (text, text):
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(8)))


CALLS = 120
"""Python functions that one request may call on the way to its handler and back."""


def test_the_way_to_a_handler_and_back_is_short(small_app: Chalice, platform: Platform) -> None:
    headers = {"content-type": "application/json", "authorization": "Bearer x", "host": "localhost"}

    def once() -> None:
        call(small_app, platform, "GET", "/v1/models/m/versions/3", "a=1", headers)

    once()
    assert calls_of(once) <= CALLS
