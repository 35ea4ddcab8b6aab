"""Every route of the app, walked: none lets in who may not, none reaches another workspace.

A new route is walked without being named here; only a new type of body needs a sample.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
from msgspec import Struct, structs

from app import app
from functions import edge
from functions.context import Context, Platform
from functions.create import CreateModel
from functions.deploy import ChangeRollout, DeployModel, SetThreshold
from functions.edge import Endpoint
from functions.evaluate import EvaluateModel
from functions.predict import Predict
from functions.records.kinds import (
    DATASET_VERSIONS,
    DATASETS,
    DEPLOYMENTS,
    KEYS,
    MODELS,
    UPLOADS,
    VERSIONS,
    ApiKey,
    Policy,
    number,
)
from functions.retire import RetireModel
from functions.runs.record import RUNS
from functions.serving.cache import Cache
from functions.storage import RecordKind
from functions.system.datasets import NewName, Tags
from functions.system.imports import ImportModel
from functions.system.keys import CreateKey, RotateKey
from functions.system.lags import AddLags, PreviewLags
from functions.system.preprocessing import PreviewPreprocessor
from functions.system.scores import ScoreFile
from functions.system.sessions import SignIn
from functions.train import TrainModel
from functions.update import UpdateModel
from functions.upload import ReadAgain, UploadData, UploadPreprocessor
from tests.functions.edge.kit import START, Answer, memory_platform, new_key, send
from tests.support.asked import AskedBlobs, AskedRecords
from tests.support.stores import Store

SIGN_IN = ("POST", "/v1/session")
CONSOLE = {("GET", "/"), ("GET", "/console/{build}/{file}")}
PROBES = {("GET", "/v2"), ("GET", "/v2/health/live"), ("GET", "/v2/health/ready")}
PUBLIC = {("GET", "/v1/health"), ("GET", "/openapi.json"), SIGN_IN, *CONSOLE, *PROBES}
CREATES = {("POST", "/v1/datasets/{dataset}/upload"), ("POST", "/v1/models/{model}/import")}
"""Routes with a name in their path that make the thing instead of looking for it."""

SCOPES = ("read", "write", "predict", "admin")
VALUES: dict[Any, Any] = {str: "thing", int: 1, float: 1.0, datetime: START}
BODIES: dict[Any, Any] = {
    None: None,
    edge.Received: b"a,y\n1,2\n",
    bytes: b"{}",
    CreateKey: {"scopes": ["read"]},
    CreateModel: {"name": "thing", "algorithm": "linear_regression"},
    DeployModel: {},
    ChangeRollout: {},
    EvaluateModel: {},
    ImportModel: {"size": 8},
    SetThreshold: {"recall": 0.9},
    SignIn: {"key": "lpt_wrong"},
    Predict: {"rows": [{"a": 1}]},
    RetireModel: {},
    RotateKey: {},
    NewName: {"name": "other"},
    Tags: {"tags": ["eu"]},
    ReadAgain: {},
    ScoreFile: {"file": "rows.csv", "size": 8},
    TrainModel: {},
    UpdateModel: {},
    UploadData: {"size": 8},
    UploadPreprocessor: {"preprocessor": {"steps": []}},
    PreviewPreprocessor: {},
    PreviewLags: {"lags": {"a": [1]}, "by": "a"},
    AddLags: {"lags": {"a": [1]}, "by": "a"},
    Policy: {"update": "manual"},
}

DECLARED = {(endpoint.method, endpoint.path): endpoint for endpoint in edge.ROUTES}
REGISTERED = [(method, path) for path, ways in app.routes.items() for method in ways]
ENDPOINTS = [DECLARED[place] for place in REGISTERED if place in DECLARED]
GUARDED = [endpoint for endpoint in ENDPOINTS if (endpoint.method, endpoint.path) not in PUBLIC]
NAMED = [endpoint for endpoint in GUARDED if endpoint.parameters]

LOOKING = [endpoint for endpoint in NAMED if (endpoint.method, endpoint.path) not in CREATES]
READING_JSON = [endpoint for endpoint in GUARDED if endpoint.body not in (None, edge.Received, bytes)]

CODES = {400: "invalid_input", 401: "unauthorized", 403: "forbidden", 404: "not_found"}
"""What the status of an error says, where a protocol of its own has no code of ours."""


def every(endpoints: list[Endpoint]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("endpoint", endpoints, ids=lambda endpoint: endpoint.where)


@pytest.fixture
def platform(store: Store) -> Platform:
    context = Context(records=AskedRecords(store.records), blobs=AskedBlobs(store.blobs))
    made = memory_platform(loaded=Cache(context), records=context.records, blobs=context.blobs)
    _fill(made, "acme")
    return made


def ask(
    platform: Platform,
    endpoint: Endpoint,
    key: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Answer:
    """Ask a route for "thing" (version 1) with a body that it takes."""
    sent = {"Content-Type": endpoint.content_types[0]} if endpoint.content_types else {}
    request = {
        "path": {
            name: "1" if name in ("version", "since", "earlier") else "thing" for name in endpoint.parameters
        },
        "headers": {**sent, **(headers or {})},
        "body": BODIES[endpoint.body],
        "binary": endpoint.body in (edge.Received, bytes),
        **more,
    }
    return send(app, platform, endpoint.method, endpoint.path, key=key, **request)


def refusal(endpoint: Endpoint, answer: Answer) -> tuple[int, str]:
    """The status and the code of an error, its shape checked; a protocol of its own has a text for it."""
    if endpoint.refused is None:
        return answer.status, answer.error["code"]
    [text] = answer.json.values()
    assert isinstance(text, str) and text
    return answer.status, CODES[answer.status]


def test_every_route_was_declared_through_the_edge() -> None:
    assert len(REGISTERED) == len(ENDPOINTS)
    assert set(REGISTERED) == set(DECLARED)


def test_only_these_routes_are_public() -> None:
    assert {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS if endpoint.public} == PUBLIC


@pytest.mark.parametrize(("method", "path"), sorted(PUBLIC - {SIGN_IN, *CONSOLE}))
def test_a_public_route_asks_nobody_who_they_are(platform: Platform, method: str, path: str) -> None:
    assert send(app, platform, method, path).status == 200
    assert send(app, platform, method, path, key="lpt_wrong").status == 200


@every(GUARDED)
def test_without_a_valid_key_nothing_happens(platform: Platform, endpoint: Endpoint) -> None:
    live = new_key(platform, scopes=SCOPES)
    expired = new_key(platform, scopes=SCOPES, expires=START - timedelta(seconds=1))
    revoked = new_key(platform, scopes=SCOPES)
    _revoke(platform, revoked.split("_")[1])
    held = _held(platform)
    wrong = [None, "", "lpt", live[:-1], live[:-1] + ("0" if live[-1] != "0" else "1"), expired, revoked]
    for key in wrong:
        answer = ask(platform, endpoint, key)
        assert refusal(endpoint, answer) == (401, "unauthorized"), key
    assert ask(platform, endpoint, headers={"Authorization": f"Basic {live}"}).status == 401
    assert _held(platform) == held


@every(GUARDED)
def test_without_the_scope_nothing_happens(platform: Platform, endpoint: Endpoint) -> None:
    key = new_key(platform, scopes=[scope for scope in SCOPES if scope != endpoint.scope])
    held = _held(platform)
    answer = ask(platform, endpoint, key)
    assert refusal(endpoint, answer) == (403, "forbidden")
    assert _held(platform) == held


@every(GUARDED)
def test_the_scope_alone_lets_in(platform: Platform, endpoint: Endpoint) -> None:
    answer = ask(platform, endpoint, new_key(platform, scopes=[endpoint.scope]))
    assert answer.status not in (401, 403)


@every(GUARDED)
def test_no_key_reaches_another_workspace(platform: Platform, endpoint: Endpoint) -> None:
    stranger = new_key(platform, "zeta", scopes=[endpoint.scope])
    before = {place: body for place, body in _held(platform).items() if place.startswith("acme/")}
    asked = platform.records.asked, platform.blobs.asked  # type: ignore[attr-defined]
    for log in asked:
        log.clear()
    answer = ask(platform, endpoint, stranger)
    assert "acme" not in answer.body
    for place in (place for log in asked for place in log):
        assert place.split("/")[0] in ("zeta", "_system"), place
    assert {place: body for place, body in _held(platform).items() if place.startswith("acme/")} == before


@every(LOOKING)
def test_the_things_of_another_workspace_are_not_found(platform: Platform, endpoint: Endpoint) -> None:
    stranger = new_key(platform, "zeta", scopes=[endpoint.scope])
    answer = ask(platform, endpoint, stranger)
    lists = answer.status == 200 and answer.json == {"items": [], "next": None}
    assert lists or refusal(endpoint, answer) == (404, "not_found")


@every(NAMED)
def test_a_name_that_nothing_can_have_is_not_found(platform: Platform, endpoint: Endpoint) -> None:
    key = new_key(platform, scopes=[endpoint.scope])
    for bad in ("a/b", "..", "", "a b", "a\n", "_system", "x" * 64):
        path = {**dict.fromkeys(endpoint.parameters, "1"), next(iter(endpoint.parameters)): bad}
        answer = ask(platform, endpoint, key, path=path)
        assert refusal(endpoint, answer) == (404, "not_found"), bad


@every(READING_JSON)
def test_a_body_of_nonsense_is_the_callers_fault(platform: Platform, endpoint: Endpoint) -> None:
    key = new_key(platform, scopes=[endpoint.scope])
    for body in (b"{", b"[]", b"null", b'{"no such field": 1}', b"\xff", b'"' + b"a" * 1000, b"[" * 100_000):
        answer = ask(platform, endpoint, key, body=body, binary=True)
        assert (answer.status, answer.error["code"]) == (400, "invalid_input"), body[:20]


@every(GUARDED)
def test_an_unknown_query_parameter_is_named(platform: Platform, endpoint: Endpoint) -> None:
    key = new_key(platform, scopes=[endpoint.scope])
    answer = ask(platform, endpoint, key, query={"colour": ["red"]})
    assert refusal(endpoint, answer) == (400, "invalid_input")
    assert "colour" in answer.body if endpoint.refused else answer.error["field"] == "colour"


def _held(platform: Platform) -> dict[str, bytes]:
    return {**platform.records.held(), **platform.blobs.held()}  # type: ignore[attr-defined]


def _revoke(platform: Platform, key_id: str) -> None:
    stored = platform.system.get(KEYS, key_id)
    assert stored is not None
    ended = structs.replace(stored.value, revoked=START)
    platform.system.write(platform.system.put(KEYS, key_id, value=ended, expect=stored.revision))


def _fill(platform: Platform, workspace: str) -> None:
    """One of each thing, all called "thing" (versions: 1)."""
    store, one = platform.workspace(workspace), number(1)
    paths: dict[RecordKind[Any], list[str]] = {
        MODELS: ["thing"],
        DATASETS: ["thing"],
        DATASET_VERSIONS: ["thing", one],
        VERSIONS: ["thing", one],
        RUNS: ["thing"],
        UPLOADS: ["thing", "thing"],
        DEPLOYMENTS: ["thing"],
        KEYS: ["thing"],
    }
    store.write(*(store.put(kind, *path, value=_sample(kind.type), expect=0) for kind, path in paths.items()))
    key = structs.replace(_sample(ApiKey), workspace=workspace)
    platform.system.write(platform.system.put(KEYS, "thing", value=key, expect=0))


def _sample(kind: type[Any]) -> Any:
    """A value of ``kind`` with the least in it."""
    required = {field.name: field.type for field in structs.fields(kind) if field.required}
    return kind(**{name: _value(wanted) for name, wanted in required.items()})


def _value(wanted: Any) -> Any:
    if wanted in VALUES:
        return VALUES[wanted]
    if get_origin(wanted) is Literal:
        return get_args(wanted)[0]
    if isinstance(wanted, UnionType):
        return _value(get_args(wanted)[0])
    return (
        _sample(wanted) if isinstance(wanted, type) and issubclass(wanted, Struct) else get_origin(wanted)()
    )
