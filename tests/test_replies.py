"""What the platform answers: every route, over everything that there can be. No reply gives away where a thing is kept.

A new route is walked as soon as the story below asks for it; until then its test fails.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from app import app
from functions import edge
from functions.console.files import build
from functions.records import deployments, kinds
from functions.records.files import File
from functions.runs import record
from functions.storage import RecordKind
from infra.local.gateway import match
from lepton_core.evaluate import CrossValidation
from lepton_core.export import read_export
from lepton_core.protocols import Message
from tests.support.asked import AskedBlobs
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

ROW = {"a": 0.1, "b": 0.2}
STRANGE = {"rows": [{"a": 50.0, "b": 0.1 * i} for i in range(-20, 20)] * 5}
PLAIN = {kinds.Policy}
"""Values of records that are shown as they are: they name no file."""

STORED = {one.type for room in (kinds, record) for one in vars(room).values() if isinstance(one, RecordKind)}
"""The types of records. A record may also be a value of the core, which knows no stores and is the same everywhere."""

RECORDS = {kind for kind in STORED if not kind.__module__.startswith("lepton_core")} | {
    File,
    deployments.Share,
}


@dataclass
class Heard(World):
    """A process whose replies are kept, each with the route that gave it."""

    replies: list[tuple[str, Any]] = field(default_factory=list)
    keys: frozenset[str] = frozenset()
    """The keys of blobs that it asked for."""

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """See `World.ask`."""
        status, answer = super().ask(method, path, body, **options)
        found = match(app, path)
        if status < 300 and found is not None:
            self.replies.append((f"{method} {found.resource}", answer))
        return status, answer


@pytest.fixture(scope="module")
def told() -> dict[str, Heard]:
    """What was heard over each store: the story is told once, and its tests only read."""
    return {}


@pytest.fixture
def heard(store: Store, told: dict[str, Heard]) -> Heard:
    if store.name not in told:
        blobs = AskedBlobs(store.blobs)
        made = world(store, blobs=blobs)
        here = Heard(made.platform, made.clock)
        live(here)
        take_in(here)
        score(here)
        look(here)
        here.keys = frozenset(filter(None, blobs.asked))
        told[store.name] = here
    return told[store.name]


def live(here: Heard) -> None:
    """Everything that can be done once at least, and things in every state that they can have."""
    here.trained(two_classes(120), iterations=5)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    here.ok("PUT", "/v1/models/m/preprocessor", {"preprocessor": {"format": 1, "steps": []}})
    here.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 3, "iterations": 5})
    here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("PUT", "/v1/models/m/versions/2/threshold", {"recall": 0.9})
    here.ok("POST", "/v1/models/m/predict", {"rows": [ROW], "explain": True})
    here.ok("POST", "/v1/models/m/predict", STRANGE)
    speak(here)
    here.ok("POST", "/v1/models/m/rows", b"a,b\n1,2\n3\n")
    assert here.ok("POST", "/v1/models/m/monitor")["alerts"]
    here.upload(two_classes(150, seed=1))
    assert here.upload(b"a,b\n")["state"] == "rejected"
    here.ok("POST", "/v1/datasets/m/upload", {"size": 5})
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": 6})
    here.ok("DELETE", f"/v1/datasets/m/upload/{announced['id']}")
    here.ok("POST", "/v1/models/m/update", {"iterations": 5})
    here.ok("DELETE", "/v1/models/m/versions/1/threshold")
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 50, "learning_rate": 1e9})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "failed"
    waiting = replace(here, platform=here.again(runner=idle).platform)
    run = waiting.ok("POST", "/v1/models/m/train", {"iterations": 5})
    waiting.ok("GET", f"/v1/runs/{run['id']}")
    waiting.ok("POST", f"/v1/runs/{run['id']}/cancel")
    waiting.ok("POST", f"/v1/runs/{run['id']}/resume")
    waiting.ok("POST", f"/v1/runs/{run['id']}/cancel")
    sign_in(here)
    here.ok("POST", "/v1/models/m/deploy", {"version": 1, "canary": 0.5})
    for step in ("pause", "resume", "promote", "rollback"):
        here.ok("POST", f"/v1/models/m/deployment/{step}")
    data_sets(here)


def sign_in(here: Heard) -> None:
    """Keys and sessions, from their making to their end."""
    key = here.ok("POST", "/v1/keys", {"scopes": ["read"]})
    key = here.ok("POST", f"/v1/keys/{key['id']}/rotate", {})
    here.ok("POST", "/v1/session", {"key": key["secret"]})
    here.ok("GET", f"/console/{build()}/app.js")
    here.ok("GET", "/")
    for session in here.ok("GET", "/v1/sessions")["items"]:
        here.ok("DELETE", f"/v1/sessions/{session['id']}")
    here.ok("GET", "/v1/session")
    here.ok("DELETE", "/v1/session")
    here.ok("POST", f"/v1/keys/{key['id']}/aws")
    here.ok("DELETE", f"/v1/keys/{key['id']}")


def data_sets(here: Heard) -> None:
    """What else becomes of models and of data sets that belong to nobody."""
    here.ok("POST", "/v1/models", {"name": "old", "algorithm": "linear_regression"})
    here.ok("POST", "/v1/models/old/retire")
    here.upload(two_classes(20), "spare")
    here.upload(two_classes(20, seed=1), "spare")
    here.ok("PUT", "/v1/datasets/spare/tags", {"tags": ["eu", "owner=anna"]})
    here.ok("POST", "/v1/datasets/spare/versions/2/read", {"kinds": {"a": "category"}})
    lags = {"lags": {"b": [1]}, "by": "a"}
    here.ok("POST", "/v1/datasets/spare/versions/2/lags/preview", lags)
    here.ok("POST", "/v1/datasets/spare/versions/2/lags", {**lags, "dataset": "with-lags"})
    here.ok("PUT", "/v1/datasets/spare/name", {"name": "other"})
    here.ok("PUT", "/v1/datasets/other/name", {"name": "spare"})
    here.ok("DELETE", "/v1/datasets/spare/versions/1")
    here.ok("DELETE", "/v1/datasets/spare")


def speak(here: Heard) -> None:
    """What is asked in the protocols of other systems."""
    inputs = [{"name": name, "datatype": "FP64", "shape": [1], "data": [cell]} for name, cell in ROW.items()]
    for path in ("", "/health/live", "/health/ready"):
        here.ok("GET", f"/v2{path}")
    for path in ("/v2/models/m", "/v2/models/m/versions/2"):
        here.ok("GET", path)
        here.ok("GET", f"{path}/ready")
        here.ok("POST", f"{path}/infer", {"inputs": inputs})
    here.ok("POST", "/endpoints/m/invocations", {"instances": [ROW]})


def take_in(here: Heard) -> None:
    """A version that is taken out, and comes back."""
    file = here.ok("GET", "/v1/models/m/versions/1/export/file")
    sent = here.ok("POST", "/v1/models/m/import", {"size": len(file)})
    here.ok("PUT", f"/v1/models/m/import/{sent['id']}", file)
    assert here.ok("GET", f"/v1/models/m/import/{sent['id']}")["version"] == 1
    sent = here.ok("POST", "/v1/models/came/import", {"size": len(file)})
    here.ok("PUT", f"/v1/models/came/import/{sent['id']}", file)
    for of_it in ("", "/export", "/card", "/evaluation", "/threshold"):
        here.ok("GET", f"/v1/models/came/versions/1{of_it}")


def score(here: Heard) -> None:
    """A file of rows of which one cannot be scored, and one that is none."""
    for file in (b"a,c\n1,2\nmuch,3\n", b"zip\n1\n"):
        sent = here.ok("POST", "/v1/models/m/score", {"file": "rows.csv", "size": len(file)})
        path = f"/v1/models/m/score/{sent['id']}"
        here.ok("PUT", path, file)
        if here.ok("GET", path)["state"] == "succeeded":
            here.ok("GET", f"{path}/file")
            here.ok("DELETE", path)


def look(here: Heard) -> None:
    """Every route that only looks, at everything that there is."""
    versions = here.ok("GET", "/v1/models/m/versions")["items"]
    assert len(versions) == 3 and versions[1]["cross_validation"] is not None
    for one in versions:
        here.ok("GET", f"/v1/models/m/versions/{one['version']}")
        here.ok("GET", f"/v1/models/m/versions/{one['version']}/evaluation")
        here.ok("GET", f"/v1/models/m/versions/{one['version']}/card")
        here.ok("GET", f"/v1/models/m/versions/{one['version']}/export")
        here.ok("GET", f"/v1/models/m/versions/{one['version']}/export/file")
        here.ok("GET", f"/v1/models/m/versions/{one['version']}/threshold")
        here.ok("GET", f"/v1/models/m/versions/{one['version']}/compare/1")
        here.ok("GET", f"/v1/models/m/versions/{one['version']}/effect", query={"column": "a"})
        here.ok("GET", f"/v1/models/m/versions/{one['version']}/columns")
    for one in here.ok("GET", "/v1/datasets/m/versions")["items"]:
        path = f"/v1/datasets/m/versions/{one['version']}"
        for of_it in ("", "/report", "/head", "/describe", "/diff/1"):
            here.ok("GET", path + of_it)
        here.ok("POST", f"{path}/release")
        here.ok("POST", f"{path}/preview", {})
    here.ok("GET", "/v1/datasets/m")
    for one in here.ok("GET", "/v1/datasets/m/uploads")["items"]:
        here.ok("GET", f"/v1/datasets/m/upload/{one['id']}")
    for one in here.ok("GET", "/v1/models")["items"]:
        here.ok("GET", f"/v1/models/{one['name']}")
        here.ok("GET", f"/v1/models/{one['name']}/alerts")
    for one in here.ok("GET", "/v1/services")["items"]:
        here.ok("POST", f"/v1/services/{one['name']}/stop")
    for one in here.ok("GET", "/v1/runs")["items"]:
        here.ok("GET", f"/v1/runs/{one['id']}")
        here.ok("GET", f"/v1/runs/{one['id']}/leaderboard")
    rest = (
        "models/m/deployment",
        "models/m/deployment/history",
        "models/m/monitor",
        "models/m/monitor/traffic",
        "models/m/monitor/features",
        "datasets",
        "algorithms",
        "transformers",
        "health",
        "keys",
    )
    for path in ("/metrics", "/openapi.json", *(f"/v1/{one}" for one in rest)):
        here.ok("GET", path)


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a reply, keys among them, each with the name of the field that holds it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield name, key
            yield from texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, name)
    elif isinstance(value, str):
        yield name, value


def test_no_reply_of_any_route_holds_a_storage_key(heard: Heard) -> None:
    declared = {f"{one.method} {one.path}" for one in edge.ROUTES}
    assert {route for route, _ in heard.replies} == declared, "the story asks every route"
    assert len(heard.keys) > 20
    for route, answer in heard.replies:
        for name, text in texts(answer):
            if name == "url":
                continue  # where S3 takes a file in: it must name the key, and S3 alone reads it
            assert not any(key in text for key in heard.keys), f"{route}: {name}: {text}"
            assert "default/" not in text and "_system/" not in text, f"{route}: {name}: {text}"


def test_no_reply_says_more_than_its_route_declares(heard: Heard) -> None:
    returns = {f"{one.method} {one.path}": one.returns for one in edge.ROUTES}
    for route, answer in heard.replies:
        if returns[route] is edge.Asset:
            assert isinstance(answer, str), route
            continue
        if returns[route] is edge.Download:
            is_rows = answer.startswith(b"a,c,label,")
            assert is_rows or read_export(answer).head.model == "m", route
            continue
        if returns[route] is edge.Exposition:
            assert "lepton_build_info" in answer, route
            continue
        if returns[route] is Message:
            assert isinstance(answer, dict), route
            continue
        if returns[route] is edge.Html:
            assert answer.startswith("<!DOCTYPE html>"), route
            continue
        again = msgspec.to_builtins(msgspec.convert(answer, returns[route]))
        assert json.loads(json.dumps(answer)) == json.loads(json.dumps(again)), route


def types_in(kind: Any) -> Iterator[type]:
    """Every struct and every dataclass that a type is made of."""
    seen: set[type] = set()

    def walk(info: Any) -> None:
        if isinstance(info, inspect.StructType | inspect.DataclassType):
            if info.cls in seen:
                return
            seen.add(info.cls)
            for one in info.fields:
                walk(one.type)
        for name in ("item_type", "key_type", "value_type", "type"):
            if hasattr(info, name):
                walk(getattr(info, name))
        for part in (*getattr(info, "types", ()), *getattr(info, "item_types", ())):
            walk(part)

    walk(inspect.type_info(kind))
    yield from seen


def test_no_stored_record_is_a_reply() -> None:
    assert {kinds.Model, kinds.Version, deployments.Deployment, record.Run, kinds.Upload} <= RECORDS
    for one in edge.ROUTES:
        for kind in types_in(one.returns):
            assert kind not in RECORDS - PLAIN, f"{one.method} {one.path} shows {kind.__name__}"


def test_a_record_in_a_reply_is_found_however_deep() -> None:
    assert set(types_in(dict[str, list[kinds.Version | None]])) >= {
        kinds.Version,
        File,
        CrossValidation,
    }
