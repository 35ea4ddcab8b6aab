"""Any request is answered below 500, as the OpenAPI text declares, from the caller's own workspace."""

import json
import re
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app import app
from functions import edge
from functions.console.files import build
from functions.edge import Endpoint
from infra.local.gateway import call
from infra.local.responses import Response
from tests.functions.edge.kit import new_key
from tests.support import foreign_bodies
from tests.support.good_fields import CSV, GOOD
from tests.support.machines import FRONT, GONE
from tests.support.runners import idle
from tests.support.sampling import examples
from tests.support.stores import memory_store
from tests.support.world import World, world

ODD_TEXT = (
    "",
    ".",
    "..",
    "a/b",
    "../m",
    "%2e%2e",
    "a\n",
    "\x00",
    "é",
    "\ud800",
    "_system",
    "default",
    "-",
    "#m*64#",
)
KNOWN = {
    "model": ("m", "m", "new"),
    "dataset": ("m",),
    "upload": ("up-000001", "up-000006", "up-000007"),
    "run": ("run-000002", "run-000006"),
    "version": ("1", "1", "2"),
    "since": ("1", "1", "2"),
    "earlier": ("1", "1", "2"),
    "key": ("#KEY#",),
    "session": ("#SESSION#",),
    "service": (FRONT.name, GONE.name, "new"),
    "build": (build(), build(), "old"),
    "file": ("app.js", "style.css", "words-en.json", "index.html"),
}

NUMBERS = (
    "0",
    "-0",
    "1",
    "2.0",
    "1.5",
    "-1",
    "1e308",
    "1e-999",
    "1e999999",
    "-1e400",
    "NaN",
    "-Infinity",
    "01",
)
LONG = ("#9*19#", "-#9*19#", "#9*300#", "#9*400#", "#9*4300#", "#9*5000#", "0.#1*5000#")
TEXTS = (
    '""',
    '"m"',
    '"yes"',
    '"a"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\xff"',
    '"a\\n"',
    '"x#y*300#"',
)
ATOMS = (*NUMBERS, *LONG, *TEXTS, "null", "true", "[]", "{}")

FIELDS = (*GOOD, "l1", "optimizer", "steps", "a", "b")

CODES = {
    "invalid_input",
    "invalid_data",
    "invalid_artifact",
    "newer_format",
    "too_large",
    "unauthorized",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "conflict",
    "unsupported_media_type",
}

INNER = (
    ("hyperparameters", '{"l2": %s}'),
    ("hyperparameters", '{"batch_size": %s, "iterations": 2}'),
    ("hyperparameters", '{"optimizer": %s}'),
    ("hyperparameters", '{"nonsense": %s}'),
    ("policy", '{"tolerance": %s}'),
    ("rows", "[[%s, 1]]"),
    ("rows", "[null, [1, %s], [1, 2]]"),
    ("rows", '[{"a": 1, "b": %s, "label": "yes"}]'),
    ("columns", '["a", %s]'),
    ("scopes", '["read", %s]'),
    ("preprocessor", '{"format": %s, "steps": []}'),
    ("preprocessor", '{"format": 1, "steps": [%s]}'),
    (
        "preprocessor",
        '{"format": 1, "steps": [{"transformer": "Impute", "input": "a", "options": {"value": %s}}]}',
    ),
)
"""Places inside the fields that take more than one value."""

TYPED = [endpoint for endpoint in edge.ROUTES if endpoint.body not in (None, edge.Received, bytes)]


def _object(pairs: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in pairs) + "}"


values = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(FIELDS), inner), max_size=3).map(_object)
    ),
    max_leaves=6,
)
nonsense = st.sampled_from(["", "{", "#[*3000#", '#{"a":*3000#', '{"name": "m"}}', "\ufeff{}"]) | values


@st.composite
def bodies(draw: st.DrawFn, endpoint: Endpoint, is_odd: bool) -> bytes:
    if endpoint.body is None:
        return draw(st.binary(max_size=20)) if is_odd else b""
    if endpoint.body is edge.Received:
        return (
            draw(st.sampled_from([b"", b"PK\x03\x04", b"a,b,label\n1,nan,yes\n"]) | st.binary())
            if is_odd
            else CSV
        )
    if endpoint.body is bytes:
        return draw(foreign_bodies.odd(values)) if is_odd else foreign_bodies.good(endpoint.path)
    if is_odd and draw(st.integers(0, 3)) == 0:
        return draw(st.binary(max_size=20) | nonsense.map(lambda text: text.encode(errors="surrogatepass")))
    fields = msgspec.structs.fields(endpoint.body)
    names = [one.name for one in fields if one.required or draw(st.integers(0, 2)) == 0]
    pairs = [(name, GOOD[name]) for name in names]
    if is_odd:
        at = draw(st.integers(0, len(pairs)))
        name = draw(st.sampled_from([one.name for one in fields] or ["name"]) | st.sampled_from(FIELDS))
        pairs[at : at + draw(st.integers(0, 1))] = [(name, draw(values))]
    return _object(pairs).encode()


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A good request, or one with one thing in it that is odd."""
    endpoint = draw(st.sampled_from(edge.ROUTES))
    odd = draw(st.sampled_from(["nothing", "path", "query", "headers", "method", "body", "body", "body"]))
    path = endpoint.path.replace("{model}", "spare") if endpoint.path.endswith("/retire") else endpoint.path
    for name in endpoint.parameters:
        part = draw(st.sampled_from(KNOWN[name] + (ODD_TEXT if odd == "path" else ())))
        path = path.replace("{" + name + "}", quote(part, safe="", errors="surrogatepass"))
    query: list[tuple[str, str]] = []
    if odd == "query":
        names = st.sampled_from([*endpoint.query, "after", "limit", "x", ""])
        query = draw(
            st.lists(st.tuples(names, st.sampled_from((*NUMBERS, *ODD_TEXT))), min_size=1, max_size=3)
        )
    elif endpoint.query and draw(st.booleans()):
        query = [(draw(st.sampled_from(sorted(endpoint.query))), draw(st.sampled_from(["1", "2", "31"])))]
    headers = {"content-type": (endpoint.content_types or ("application/json",))[0]}
    if odd == "headers":
        headers["content-type"] = draw(
            st.sampled_from(["application/json", "text/plain", "", ";", "a/b;\xe9"])
        )
        headers["idempotency-key"] = draw(st.sampled_from(["one", "two", "", "#a*256#", "\xe9"]))
    methods = ["GET", "PUT", "PATCH", "HEAD", "get", ""]
    return {
        "method": draw(st.sampled_from(methods)) if odd == "method" else endpoint.method,
        "path": path + (draw(st.sampled_from(["", "/", "//", "/1"])) if odd == "path" else ""),
        "query": "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in query),
        "headers": headers,
        "body": draw(bodies(endpoint, odd == "body")),
    }


@cache
def _here() -> World:
    """A trained, deployed and used model "m" of the workspace 'default'; what is queued from now on stays queued."""
    store = memory_store()
    made = world(store)
    assert made.trained(CSV, iterations=5)["state"] == "succeeded"
    made.ok("POST", "/v1/models/m/deploy", {})
    made.ok("POST", "/v1/models/m/predict", {"rows": [[1, 2]]})
    made.ok("POST", "/v1/models", {"name": "spare", "algorithm": "linear_regression"})
    made.ok("POST", "/v1/keys", {"scopes": ["read"]})
    return made.again(runner=idle)


def _session() -> str:
    """A session that has not ended: that of before may have been ended by a request."""
    key = _here().ok("POST", "/v1/keys", {"scopes": ["read"]})["secret"]
    made: str = _here().ok("POST", "/v1/session", {"key": key})["id"]
    return made


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        call(app, world(SimpleNamespace(records=None, blobs=None)).platform, "GET", "/openapi.json").body
    )
    return found


@cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(reference), "components": _document()["components"]})


def _sent(request: dict[str, Any]) -> dict[str, Any]:
    """What ``#9*400#`` and the like stand for; written out, no report of a failure could be read."""
    headers = {name: _expanded(text) for name, text in request["headers"].items()}
    body = _expanded(request["body"].decode("latin-1")).encode("latin-1")
    return {**request, "headers": headers, "body": body, "path": _expanded(request["path"])}


def _expanded(text: str) -> str:
    if "%23KEY%23" in text:
        text = text.replace("%23KEY%23", _here().ok("GET", "/v1/keys")["items"][-1]["id"])
    if "%23SESSION%23" in text:
        text = text.replace("%23SESSION%23", _session())
    return re.sub(r"(?:#|%23)([^#*%]*)(?:\*|%2A)([0-9]+)(?:#|%23)", lambda at: at[1] * int(at[2]), text)


def _check(request: dict[str, Any], answer: Response) -> None:
    if answer.headers["content-type"].startswith("text/") and answer.status < 300:
        declared = _declared(request)
        assert declared is not None
        media = answer.headers["content-type"].partition(";")[0]
        assert {media, "text/*"} & declared["responses"][str(answer.status)]["content"].keys()
        return
    shown = json.loads(answer.body)
    assert answer.headers["content-type"] == "application/json"
    assert answer.status < 500, shown
    if answer.status >= 400 and not foreign_bodies.is_refusal(request["path"], shown):
        assert set(shown) == {"error"}
        assert (
            {"code", "message"}
            <= set(shown["error"])
            <= {"code", "message", "field", "row", "column", "reason", "remedies", "request"}
        )
        row = shown["error"].get("row", 1)
        assert isinstance(row, int) and row >= 1
        texts = {
            name: text for name, text in shown["error"].items() if name not in ("row", "remedies", "request")
        }
        assert all(isinstance(text, str) for text in texts.values())
        assert shown["error"]["code"] in CODES
        assert "Traceback" not in shown["error"]["message"]
    declared = _declared(request)
    if declared is None:
        assert answer.status in (404, 405)
        return
    response = declared["responses"][str(answer.status)]
    if answer.status < 300:
        schema = response["content"]["application/json"]["schema"]
        error = next(_validator(json.dumps(schema)).iter_errors(shown), None)
        assert error is None, error


def _declared(request: dict[str, Any]) -> dict[str, Any] | None:
    parts = request["path"].split("/")
    for path, ways in _document()["paths"].items():
        wanted = path.split("/")
        fits = len(wanted) == len(parts) and all(
            mine == yours or (mine.startswith("{") and yours)
            for mine, yours in zip(wanted, parts, strict=True)
        )
        if fits:
            # HEAD is answered as GET is, which OpenAPI need not say.
            method = "GET" if request["method"] == "HEAD" else request["method"]
            found: dict[str, Any] | None = ways.get(method.lower()) if method.isupper() else None
            return found
    return None


@settings(max_examples=examples(1200))
@given(request=requests())
def test_any_request_is_answered_as_the_openapi_text_says(request: dict[str, Any]) -> None:
    _check(request, call(app, _here().platform, **_sent(request)))


@pytest.mark.parametrize("endpoint", TYPED, ids=lambda endpoint: endpoint.where)
def test_no_value_of_any_field_makes_us_fail(endpoint: Endpoint) -> None:
    fields = {one.name: one.required for one in msgspec.structs.fields(endpoint.body)}
    required = [(name, GOOD[name]) for name, is_required in fields.items() if is_required]
    path = re.sub(r"\{(\w+)\}", lambda at: quote(KNOWN[at[1]][0]), endpoint.path)
    for atom in ATOMS:
        places = [(name, atom) for name in fields]
        places += [(name, inner % atom) for name, inner in INNER if name in fields]
        for name, value in places:
            request = {
                "method": endpoint.method,
                "path": path,
                "query": "",
                "headers": {"content-type": "application/json"},
                "body": _object([*(pair for pair in required if pair[0] != name), (name, value)]).encode(),
            }
            _check(request, call(app, _here().platform, **_sent(request)))


@settings(max_examples=examples(600))
@given(request=requests())
def test_no_request_reaches_another_workspace(request: dict[str, Any]) -> None:
    key = new_key(_here().platform, "zeta", scopes=["read", "write", "predict", "admin"])
    sent = _sent({**request, "headers": {**request["headers"], "authorization": f"Bearer {key}"}})
    _here().platform.loaded.flush()  # what others counted may be written at any time
    asked: Any = _here().platform.records, _here().platform.blobs
    for store in asked:
        store.asked.clear()
    _check(request, call(app, _here().platform, **sent))
    assert {place.split("/")[0] for store in asked for place in store.asked} <= {"zeta", "_system"}
