"""The real clients of other systems, unchanged, ask real processes: every algorithm, the same bits at every door.

The doors are the platform, `lepton serve NAME` and `lepton serve --file FILE`; for MLflow's client, which knows a host
and a port alone, the servers of one model.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

import lepton_ai
from functions.context import VERSION
from functions.predict import MAX_REQUEST_ROWS
from infra.local.bodies import UNPROVEN_BYTES
from tests.infra.local.doors import MODELS, Door, Doors, bits, own
from tests.infra.local.test_up import up
from tests.support.clients import told
from tests.support.foreign import NAMES, ROWS, lines

pytestmark = pytest.mark.slow

WHOLE = [row for row in ROWS if None not in row.values()]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("doors") / "platform"
    with up(folder) as running:
        yield Doors(folder, running)


@contextmanager
def invoker(door: Door, **more: Any) -> Iterator[Any]:
    """The client of SageMaker: of the platform with the pair that it tells, and else with any."""
    pair = {"access_key_id": "anybody", "secret_access_key": "on loopback"}
    if door.key:
        pair = door.ask("POST", f"/v1/keys/{door.key.split('_')[1]}/aws").json()
    given = {
        "aws_access_key_id": pair["access_key_id"],
        "aws_secret_access_key": pair["secret_access_key"],
        "region_name": "eu-central-1",
        "endpoint_url": door.url,
        "config": Config(retries={"total_max_attempts": 1}),
    }
    client = boto3.session.Session().client("sagemaker-runtime", **{**given, **more})
    try:
        yield client
    finally:
        client.close()


def invoked(door: Door) -> Mapping[str, Any]:
    """What boto3 is answered in each form; of the lines of CSV the numbers, and the labels before them."""
    found = {}
    with invoker(door) as client:
        for form, body in {"objects": ROWS, "lists": [[row[name] for name in NAMES] for row in ROWS]}.items():
            answer = client.invoke_endpoint(
                EndpointName=door.model,
                Body=json.dumps({"instances": body}).encode(),
                ContentType="application/json",
            )
            found[form] = json.loads(answer["Body"].read())["predictions"]
            assert answer["InvokedProductionVariant"] == "1"
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        answer = client.invoke_endpoint(
            EndpointName=door.model, Body=lines(ROWS), ContentType="text/csv", Accept="text/csv"
        )
        read = list(csv.reader(io.StringIO(answer["Body"].read().decode(), newline="")))
    assert answer["ContentType"] == "text/csv"
    return {**found, "CSV": read, "version": headers["x-lepton-version"]}


def said_by(predicting: Any) -> list[dict[str, Any]]:
    """What `predict` of the SDK says of the rows, as the platform's own protocol tells it."""
    return [
        {"value": one.value}
        if one.label is None
        else {"label": one.label, "probabilities": one.probabilities}
        for one in predicting.predict(ROWS)
    ]


def as_lines(answers: Any) -> list[list[str]]:
    """What CSV tells of the platform's own answers: each number with all its digits."""
    return [
        [repr(one["value"])] if "value" in one else [one["label"], *map(repr, one["probabilities"].values())]
        for one in answers
    ]


def as_tensors(answers: Any) -> dict[str, list[Any]]:
    """The tensors of the platform's own answers."""
    if "value" in answers[0]:
        return {"value": [one["value"] for one in answers]}
    shares = [list(one["probabilities"].values()) for one in answers]
    return {"label": [one["label"] for one in answers], "probabilities": shares}


def without_name(answers: Any) -> list[Any]:
    """As MLflow's protocol has them: a value is no object."""
    return [one.get("value", one) for one in answers]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("model", MODELS)
def test_every_client_gets_the_same_bits_at_every_door(doors: Doors, model: str) -> None:
    of = doors.model(model)
    answers = said_by(of)
    assert bits(said_by(lepton_ai.load(doors.file(model)))) == bits(answers)
    with doors.of(model) as open_ones:
        platform = open_ones["platform"]
        for door in open_ones.values():
            assert bits(own(door, ROWS)) == bits(answers), door.name
        served = platform.ask("GET", f"/v1/models/{model}/versions/1").json()["digest"]
        whole = own(platform, WHOLE)

        for door in open_ones.values():
            found = invoked(door)
            assert bits(found["objects"]) == bits(found["lists"]) == bits(answers), door.name
            assert found["CSV"] == as_lines(answers), door.name
            assert found["version"] == f"1 {served}", door.name
        told_of_itself(open_ones, model)

        job = {"doors": {name: one.told for name, one in open_ones.items()}, "rows": ROWS, "bad": False}
        by_triton = told("by_triton", job)
        assert list(by_triton) == list(open_ones)
        for name, found in by_triton.items():
            assert len(found["answers"]) == 4
            for form, answer in found["answers"].items():
                assert bits(answer) == bits(as_tensors(answers)), (name, form)

        job["doors"].pop("platform")
        by_mlflow = told("by_mlflow", job)
        assert list(by_mlflow) == ["folder", "file"]
        for name, found in by_mlflow.items():
            assert (found["rows"], found["version"]) == (len(ROWS), VERSION)
            assert len(found["answers"]) == 7 and len(found["whole"]) == 2
            for form, answer in found["answers"].items():
                assert bits(answer) == bits(without_name(answers)), (name, form)
            for form, answer in found["whole"].items():
                assert bits(answer) == bits(without_name(whole)), (name, form)

        described_as_the_schema(platform, model, by_triton)


DATATYPES = {"number": "FP64", "integer": "INT64", "boolean": "BOOL"}
"""The tensors of each kind of column; of any other kind they are texts."""


def columns_of(platform: Door, model: str) -> list[dict[str, Any]]:
    """Those of the data set that the model has learnt from, but for the label."""
    dataset = f"of-{model.rpartition('-')[2]}"
    found = platform.ask("GET", f"/v1/datasets/{dataset}/versions/1").json()["columns"]
    columns: list[dict[str, Any]] = [one for one in found if one["name"] != "label"]
    assert {"number", "integer", "boolean", "category", "date", "text"} <= {one["kind"] for one in columns}
    return columns


def described_as_the_schema(platform: Door, model: str, by_triton: Any) -> None:
    """The metadata of Open Inference are those of the data set and of the version, at every door."""
    version = platform.ask("GET", f"/v1/models/{model}/versions/1").json()
    classes = [f"c{at}" for at in range(int(model.rpartition("-")[2]))]
    outputs = [{"name": "value", "datatype": "FP64", "shape": [-1]}]
    if classes:
        told_of_classes = {"classes": json.dumps(classes)}
        outputs = [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {
                "name": "probabilities", "datatype": "FP64", "shape": [-1, len(classes)],
                "parameters": told_of_classes,
            },
        ]  # fmt: skip
    wanted = {
        "name": model,
        "versions": [str(version["version"])],
        "platform": "lepton",
        "inputs": [
            {"name": one["name"], "datatype": DATATYPES.get(one["kind"], "BYTES"), "shape": [-1]}
            for one in columns_of(platform, model)
        ],
        "outputs": outputs,
    }
    server = {"name": "lepton", "version": VERSION, "extensions": ["binary_tensor_data"]}
    for name, found in by_triton.items():
        assert found["described"] == found["described by version"] == wanted, name
        assert found["server"] == server, name
        assert [found[one] for one in ("live", "ready", "model ready", "version ready")] == [True] * 4, name
        assert found["other ready"] is False, name


def told_of_itself(open_ones: Mapping[str, Door], model: str) -> None:
    """A server of one model describes it as the platform does, and says whether anybody watches it."""
    platform = open_ones["platform"]
    of_platform = platform.ask("GET", f"/v1/models/{model}").json()
    version = platform.ask("GET", f"/v1/models/{model}/versions/1").json()
    columns = [(one["name"], one["kind"]) for one in columns_of(platform, model)]
    for name, watched in (("folder", True), ("file", False)):
        found = open_ones[name].ask("GET", f"/v1/models/{model}").json()
        assert [(one["name"], one["kind"]) for one in found["columns"]] == columns
        for field in ("name", "algorithm", "task", "dataset", "champion", "latest"):
            assert found[field] == of_platform[field], (name, field)
        assert (found["version"], found["label"], found["watched"]) == (version["version"], "label", watched)
        ready = open_ones[name].ask("GET", "/v1/health/ready").json()
        assert ready == {"status": "ready", "model": model, "version": 1, "watched": watched}


OF_TRITON = {
    "a cell": ("400", "row 2, column 'visits': 'x' is no"),
    "a cell in JSON": ("400", "row 2, column 'visits': 'x' is no"),
    "no row": ("400", "at least one"),
    "no input": ("400", "a tensor for each column"),
    "no column of the model": ("400", "give some of 'amount', 'visits'"),
    "columns of two lengths": ("400", "visits"),
    "a column twice": ("400", "amount"),
    "a shape that is too large": ("400", "amount"),
    "a matrix of another width": ("400", "the 7 columns of the model, not 2"),
    "too many rows": ("413", "the most in one call is 20000"),
    "another output": ("400", "must be some of label, probabilities"),
    "classification": ("400", "has no classification"),
    "a compressed body": ("415", "unsupported content encoding: gzip"),
    "another parameter": ("400", "no query parameter 'explain'"),
    "another version": ("404", "version 9 of model 'decision_tree-2' is not served; version 1 is"),
    "a word for a version": ("404", "newest"),
    "another model": ("404", "nobody"),
    "the description of another model": ("404", "nobody"),
    "statistics": ("404", "no such path"),
    "the repository": ("404", "no such path"),
}
OF_KEYS = {"no key": ("401", "send"), "another key": ("401", "key")}
OF_MLFLOW = {
    "a cell": ("400", "row 2, column 'visits': 'x' is no"),
    "no row": ("400", "at least one"),
    "no column of the model": ("400", "give some of 'amount', 'visits'"),
    "columns of two lengths": ("400", "one length"),
    "no JSON": ("400", "not valid JSON"),
    "two forms": ("400", "exactly one of"),
    "a nested cell": ("400", "row 1, column 'visits'"),
    "an array of another width": ("400", "3 cells, where there are 7 columns"),
    "too many rows": ("413", "the most in one call is 20000"),
    "params": ("400", "this model takes no parameters"),
}
MODEL = "decision_tree-2"


def test_every_client_raises_its_own_error_at_every_door_and_nothing_is_changed(doors: Doors) -> None:
    with doors.of(MODEL) as open_ones:
        good = {name: (own(one, ROWS), invoked(one)) for name, one in open_ones.items()}
        before = doors.held()
        for door in open_ones.values():
            refused_by_boto3(door)
        job: Any = {"doors": {name: one.told for name, one in open_ones.items()}, "rows": ROWS, "bad": True}
        for name, found in told("by_triton", job).items():
            told_why(found, OF_TRITON | (OF_KEYS if open_ones[name].key else {}), name)
        job["doors"].pop("platform")
        for name, found in told("by_mlflow", job).items():
            code = {"413": "BAD_REQUEST", "400": "BAD_REQUEST"}
            shown = {kind: [status, json.loads(body)] for kind, (status, body) in found.items()}
            assert all(sorted(body) == ["error_code", "message"] for _, body in shown.values()), shown
            assert all(body["error_code"] == code[status] for status, body in shown.values()), shown
            told_why(
                {kind: [status, body["message"]] for kind, (status, body) in shown.items()}, OF_MLFLOW, name
            )
        assert {name: (own(one, ROWS), invoked(one)) for name, one in open_ones.items()} == good
        assert doors.held() == before


def told_why(found: Any, wanted: Mapping[str, tuple[str, str]], door: str) -> None:
    """Each kind of bad input has its status, and its words in one line of text."""
    assert list(found) == list(wanted), door
    wrong = {
        kind: [status, text]
        for kind, (status, text) in found.items()
        if not (status == wanted[kind][0] and isinstance(text, str) and wanted[kind][1] in text)
        or re.search(r"\n|Traceback|\.py\b", text)
    }
    assert wrong == {}, door


JSON_CALL, CSV_CALL = {"ContentType": "application/json"}, {"ContentType": "text/csv"}


def refused_by_boto3(door: Door) -> None:
    """Each kind of bad input raises `ClientError` with its code, its status and words that help."""
    many = json.dumps({"instances": [{"amount": 0.5}] * (MAX_REQUEST_ROWS + 1)}).encode()
    cell = b'{"instances": [{"visits": 3}, {"visits": "x"}]}'
    cases: list[tuple[dict[str, str], dict[str, Any], int, str]] = [
        (JSON_CALL, {"Body": cell}, 400, "row 2, column 'visits': 'x' is no"),
        (JSON_CALL, {"Body": b"{}"}, 400, "send the rows as 'instances'"),
        (JSON_CALL, {"Body": b"{"}, 400, "not valid JSON"),
        (JSON_CALL, {"Body": b'{"instances": []}'}, 400, "at least one"),
        (JSON_CALL, {"Body": b'{"instances": [{"zip": 1}]}'}, 400, "give some of 'amount', 'visits'"),
        (JSON_CALL, {"Body": b'{"instances": [{"visits": 3}], "top": 1}'}, 400, "'top' is no field of this call"),
        (JSON_CALL, {"Body": many}, 413, "the most in one call is 20000"),
        (JSON_CALL, {"Body": b"{}", "TargetVariant": "9"}, 400, "variant '9' is not"),
        (JSON_CALL, {"Body": b"{}", "EndpointName": "nobody"}, 404, "nobody"),
        (CSV_CALL, {"Body": b"1,x,true,Ulm,2024-01-01,late,001\n"}, 400, "row 1, column 'visits': 'x' is no"),
        (CSV_CALL, {"Body": b"1,2\n"}, 400, "2 cells, where there are 7 columns"),
        (CSV_CALL, {"Body": b'1,"2\n'}, 400, "the body is not CSV"),
        ({"ContentType": "text/html"}, {"Body": b"{}"}, 415, "unsupported media type: text/html"),
    ]  # fmt: skip
    wrong = []
    for kind, call, status, said in cases:
        told_by_it = raised_by(door, {**kind, **call}).response
        shown, error = told_by_it["ResponseMetadata"]["HTTPStatusCode"], told_by_it["Error"]
        if shown != status or error["Code"] != "ValidationError" or said not in error["Message"]:
            wrong.append((call, shown, error))
    assert wrong == [], door.name
    if door.key:
        for given, code in (
            ({"aws_secret_access_key": "0" * 64}, "AccessDenied"),
            ({"aws_access_key_id": "key-0"}, "AccessDenied"),
        ):
            assert (
                raised_by(door, {**JSON_CALL, "Body": b"{}"}, **given)
                .response["Error"]["Code"]
                .startswith(code)
            )


def raised_by(door: Door, call: Mapping[str, Any], **given: str) -> ClientError:
    """What boto3 raises for a call."""
    with invoker(door, **given) as client, pytest.raises(ClientError) as raised:
        client.invoke_endpoint(**{"EndpointName": door.model, **call})
    return raised.value


def test_boto3_invokes_with_a_long_body_if_its_key_is_known(doors: Doors) -> None:
    model = doors.model(MODEL)
    door = Door("platform", doors.up.url.removeprefix("http://"), MODEL, doors.up.key)
    asked = {"EndpointName": MODEL, "ContentType": "application/json"}
    body = json.dumps({"instances": ROWS * 200}).encode()
    assert len(body) > UNPROVEN_BYTES
    with invoker(door) as client:
        answer = client.invoke_endpoint(Body=body, **asked)
        assert bits(json.loads(answer["Body"].read())["predictions"]) == bits(said_by(model) * 200)
    for given in ({"aws_access_key_id": "key-0"}, {"aws_secret_access_key": "0" * 64}):
        assert (
            "does not match" in raised_by(door, {"Body": body, **asked}, **given).response["Error"]["Message"]
        )
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=x", "content-type": "application/json"}
    for path, status, field in (
        ("/endpoints/m/invocations", (403,), "message"),
        ("/v1/models/m/predict", (401, 403), "error"),
    ):
        refused = urllib3.request("POST", door.url + path, body=body, headers=signed)
        assert refused.status in status and list(refused.json()) == [field]
