"""The addresses of other systems' protocols: the same predictions, counted the same, refused in own words."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from app import app
from functions.predict import MAX_REQUEST_ROWS
from infra.local.gateway import Response, call
from lepton_core.protocols import mlflow
from tests.functions.edge.kit import new_key, send
from tests.support.foreign import FORMS, ROWS, Form, tensors, told_by_tensors, training_file
from tests.support.stores import Store, memory_store
from tests.support.world import World, world

INFER, INVOKE, OWN = "/v2/models/m/infer", "/endpoints/m/invocations", "/v1/models/m/predict"
HERE = [form for form in FORMS if form.wire is not mlflow]
BAD = b'{"inputs": [{"name": "visits", "shape": [1], "datatype": "BYTES", "data": ["x"]}]}'
BAD_ROW = b'{"instances": [{"visits": "x"}]}'


def deployed(store: Any, classes: int = 2) -> World:
    made = world(store)
    algorithm = "logistic_regression" if classes else "linear_regression"
    run = made.trained(training_file(classes), algorithm=algorithm, iterations=5)
    assert run["state"] == "succeeded", run
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


@pytest.fixture
def here(store: Store) -> World:
    return deployed(store)


def ask(
    here: World, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Response:
    return call(app, here.platform, method, path, headers=headers or {}, body=body)


def kept(store: Any) -> dict[Any, Any]:
    """All that is stored but the counts of traffic, in which refusals are counted too."""
    records = {place: one for place, one in store.records.held.items() if "/windows" not in place[0]}
    return {**records, **store.blobs.held}


def path_of(form: Form) -> str:
    return INFER if "tensors" in form.name else INVOKE


def own(here: World) -> tuple[Any, str]:
    body = json.dumps({"rows": ROWS}).encode()
    answer = ask(here, "POST", OWN, body, {"content-type": "application/json"})
    return json.loads(answer.body)["predictions"], answer.headers["x-lepton-version"]


@pytest.mark.parametrize("classes", [2, 0])
def test_each_form_is_answered_with_the_bits_of_the_own_protocol_and_the_same_version(classes: int) -> None:
    here = deployed(memory_store(), classes)
    wanted, version = own(here)
    number, _, digest = version.partition(" ")
    served = here.ok("GET", "/v1/models/m/versions/1")
    assert number == "1" and digest == served["digest"]
    for form in HERE:
        headers, body = form.request(ROWS)
        answer = ask(here, "POST", path_of(form), body, headers)
        assert answer.status == 200, answer.body
        found = [
            {name: one for name, one in vars(row).items() if one is not None} for row in form.told(answer)
        ]  # type: ignore[arg-type]
        if classes:
            names = list(wanted[0]["probabilities"])
            assert names == ["c0", "c1"]
        assert found == wanted, form.name
        assert answer.headers["x-lepton-version"] == version, form.name


def test_a_rule_for_labels_counts_in_every_protocol() -> None:
    here = deployed(memory_store())
    wanted = own(here)[0]
    here.ok("PUT", "/v1/models/m/versions/1/threshold", {"threshold": 1.0, "label": "c1"})
    by_rule = own(here.again())[0]
    assert {one["label"] for one in by_rule} == {"c0"} != {one["label"] for one in wanted}
    for form in HERE:
        headers, body = form.request(ROWS)
        answer = ask(here.again(), "POST", path_of(form), body, headers)
        assert [row.label for row in form.told(answer)] == ["c0"] * len(ROWS)  # type: ignore[arg-type]


def test_all_are_counted_as_traffic_of_the_version_and_so_are_refusals(here: World) -> None:
    for form in HERE:
        headers, body = form.request(ROWS)
        ask(here, "POST", path_of(form), body, headers)
    for path, body in ((INFER, BAD), (INFER, b"{"), (INVOKE, BAD_ROW), (INVOKE, b"{")):
        assert ask(here, "POST", path, body).status == 400
    report = here.ok("GET", "/v1/models/m/monitor")
    assert (report["requests"], report["rows"], report["errors"]) == (len(HERE) + 4, len(HERE) * len(ROWS), 4)


def test_bad_input_gets_the_protocols_own_error_and_changes_nothing() -> None:
    store = memory_store()
    here = deployed(store)
    before = kept(store)
    many = {"inputs": [{"name": "visits", "shape": [MAX_REQUEST_ROWS + 1], "datatype": "FP64",
                        "data": [1] * (MAX_REQUEST_ROWS + 1)}]}  # fmt: skip
    for path, body, headers, status, said in (
        (INFER, BAD, {}, 400, "row 1, column 'visits': 'x' is no"),
        (INFER, b"{", {}, 400, "the body is not valid JSON in UTF-8"),
        (INFER, json.dumps(many).encode(), {}, 413, "the most in one call is 20000"),
        (INFER, b"{}", {"content-type": "text/html"}, 415, "unsupported media type"),
        (INFER, b"{}", {"content-encoding": "gzip"}, 415, "unsupported content encoding"),
        ("/v2/models/m/versions/2/infer", BAD, {}, 404, "version 2 of model 'm' is not served; version 1 is"),
        ("/v2/models/m/versions/x/infer", BAD, {}, 404, "'x' is not a version"),
        ("/v2/models/new/infer", BAD, {}, 404, "model 'new' is not deployed"),
        (INVOKE, BAD_ROW, {}, 400, "row 1, column 'visits': 'x' is no"),
        (INVOKE, b"1,2\n", {"content-type": "text/csv"}, 400, "2 cells, where there are 7 columns"),
        (INVOKE, b"{}", {"content-type": "text/html"}, 415, "unsupported media type"),
        ("/endpoints/new/invocations", BAD_ROW, {}, 404, "model 'new' is not deployed"),
    ):  # fmt: skip
        answer = ask(here, "POST", path, body, headers)
        shown = json.loads(answer.body)
        assert (answer.status, list(shown)) == (status, ["message" if "endpoints" in path else "error"]), (
            shown
        )
        assert said in next(iter(shown.values()))
    assert kept(store) == before


def test_the_description_has_the_columns_of_the_schema_and_ready_is_what_is_served(here: World) -> None:
    told = here.ok("GET", "/v2/models/m")
    assert told == here.ok("GET", "/v2/models/m/versions/1")
    kinds = {one["name"]: one["kind"] for one in here.ok("GET", "/v1/datasets/m/versions/1")["columns"]}
    expected = {"number": "FP64", "integer": "INT64", "boolean": "BOOL"}
    assert {one["name"]: one["datatype"] for one in told["inputs"]} == {
        name: expected.get(kind, "BYTES") for name, kind in kinds.items() if name != "label"
    }
    assert {"category", "date", "text"} <= set(kinds.values())
    assert (told["name"], told["versions"]) == ("m", ["1"])
    for path, status in (("m", 200), ("m/versions/1", 200), ("m/versions/2", 404), ("new", 404)):
        assert here.ask("GET", f"/v2/models/{path}/ready")[0] == status
    here.ok("POST", "/v1/models/m/retire", {})
    status, answer = here.ask("GET", "/v2/models/m/ready")
    assert (status, answer) == (409, {"error": "model 'm' is retired and serves no more"})


def test_of_a_rollout_the_version_that_a_call_names_answers_it_and_another_one_is_no_call_of_it(
    here: World,
) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
    here.ok("POST", "/v1/models/m/deploy", {"version": 2, "canary": 0.5})
    good = b'{"inputs": [{"name": "visits", "shape": [1], "datatype": "INT64", "data": [1]}]}'
    for version in (1, 2) * 8:
        answer = ask(here, "POST", f"/v2/models/m/versions/{version}/infer", good)
        assert json.loads(answer.body)["model_version"] == str(version)
        assert here.ok("GET", f"/v2/models/m/versions/{version}")["versions"] == [str(version)]
        variant = {"x-amzn-sagemaker-target-variant": str(version)}
        answer = ask(here, "POST", INVOKE, b'{"instances": [{"visits": 1}]}', variant)
        assert json.loads(answer.body)["version"] == version
    here.ok("POST", "/v1/models/m/deployment/promote")
    for _ in range(20):
        assert ask(here, "POST", "/v2/models/m/versions/1/infer", good).status == 404
        variant = {"x-amzn-sagemaker-target-variant": "1"}
        assert ask(here, "POST", INVOKE, b'{"instances": [{"visits": 1}]}', variant).status == 400
    here.event("monitor_hourly")
    assert here.ok("GET", "/v1/models/m/deployment")["routes"][0]["version"] == 2
    report = here.ok("GET", "/v1/models/m/monitor")
    assert (report["requests"], report["errors"]) == (16, 0)


def test_api_gateway_carries_raw_tensors_to_those_alone_who_accept_their_type(here: World) -> None:
    wish = {"parameters": {"binary_data_output": True}}
    headers, body = tensors(ROWS, raw=True, **wish)
    key = new_key(here.platform, "default", scopes=["predict"])

    def through(accept: str | None) -> Any:
        sent = {
            **headers,
            "Content-Type": "application/octet-stream",
            **({"Accept": accept} if accept else {}),
        }
        return send(
            app, here.platform, "POST", "/v2/models/{model}/infer", path={"model": "m"}, headers=sent, key=key,
            body=body, binary=True,
        )  # fmt: skip

    raw = through("application/octet-stream")
    assert raw.headers["Content-Type"] == "application/octet-stream"
    length = raw.headers["inference-header-content-length"]
    found = Response(200, {"inference-header-content-length": length}, base64.b64decode(raw.body))
    wanted = told_by_tensors(found)  # type: ignore[arg-type]
    for accept in (None, "*/*", "application/json"):
        answer = through(accept)
        assert answer.headers["Content-Type"] == "application/json"
        assert told_by_tensors(Response(200, {}, answer.body.encode())) == wanted  # type: ignore[arg-type]
