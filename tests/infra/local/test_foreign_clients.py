"""The real clients of other systems, unchanged, over a socket: every algorithm, the same bits."""

import csv
import io
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from app import app
from functions.context import NO_HEADERS, Platform
from functions.records.deployments import Share
from functions.records.files import File
from functions.serving.traffic import Traffic
from functions.storage import Workspace
from infra.local.bodies import UNPROVEN_BYTES
from lepton_core.errors import LeptonError, NotFound
from lepton_core.models import ALGORITHMS
from lepton_core.predict import Predictor
from lepton_core.protocols import Message, mlflow
from lepton_core.shown import shown
from tests.functions.edge.kit import new_key
from tests.infra.local.test_server import running
from tests.support import clients
from tests.support.clients import told
from tests.support.foreign import ROWS, Told, own, predictor, version_of
from tests.support.stores import memory_store
from tests.support.world import world

pytestmark = pytest.mark.slow

MODELS = [
    f"{name}-{classes}"
    for name, of in ALGORITHMS.items()
    for classes in (
        *((2, 3) if "classification" in of.tasks else ()),
        *((0,) if "regression" in of.tasks else ()),
    )
]
VERSION = 3

elsewhere = pytest.mark.skipif(
    clients.interpreter() is None,
    reason=f"make it with python -m tests.support.clients, or name it in {clients.FOLDER}",
)


def predictor_of(model: str) -> Predictor:
    name, _, classes = model.rpartition("-")
    if name not in ALGORITHMS:
        raise NotFound(f"model {model!r} is not deployed; deploy it first")
    return predictor(name, int(classes))


@dataclass
class Loaded:
    """Stands for the loaded models of a process: a name says how the version is trained."""

    store: Workspace
    now: datetime

    def get(
        self,
        workspace: str,
        model: str,
        headers: Mapping[str, str] = NO_HEADERS,
        version: int | None = None,
    ) -> Traffic:
        share = Share(VERSION, File("stands for a file", "sha256:abc"), 1.0)
        return Traffic(self.store, model, predictor_of(model), self.now, share)

    def at_hand(self, workspace: str, model: str, headers: Mapping[str, str] = NO_HEADERS) -> None:
        """Nothing is kept."""

    def after(self, workspace: str, model: str) -> None:
        """Nothing is written."""

    forget = after

    def tick(self) -> None:
        """Nothing is due."""

    flush = tick


@dataclass(frozen=True)
class Up:
    """A server, the address at which it listens, and a key that may predict."""

    platform: Platform
    url: str
    key: str


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    # Signatures are of today, and clients know no other clock.
    made = world(memory_store()).again(owner=None).platform
    platform = replace(made, clock=_now, loaded=Loaded(made.workspace("default"), _now()))
    with running(app, platform) as server:
        yield Up(platform, server.url, new_key(platform, "default", scopes=["predict"]))


def _now() -> datetime:
    return datetime.now(UTC)


def wanted(model: str, rows: Any = ROWS) -> list[Any]:
    return [
        {name: one for name, one in vars(row).items() if one is not None}
        for row in own(predictor_of(model), rows)
    ]


@contextmanager
def invoker(up: Up, **more: Any) -> Iterator[Any]:
    """The client of SageMaker, with the pair that the platform tells."""
    path = f"{up.url}/v1/keys/{up.key.split('_')[1]}/aws"
    pair = urllib3.request("POST", path, headers={"authorization": f"Bearer {up.key}"}).json()
    given = {
        "aws_access_key_id": pair["access_key_id"],
        "aws_secret_access_key": pair["secret_access_key"],
        "region_name": "eu-central-1",
        "endpoint_url": up.url,
        "config": Config(retries={"total_max_attempts": 1}),
    }
    client = boto3.session.Session().client("sagemaker-runtime", **{**given, **more})
    try:
        yield client
    finally:
        client.close()


@pytest.mark.parametrize("model", MODELS)
def test_boto3_invokes_every_algorithm_in_json_and_in_csv(up: Up, model: str) -> None:
    with invoker(up) as client:
        body = json.dumps({"instances": ROWS}).encode()
        answer = client.invoke_endpoint(EndpointName=model, Body=body, ContentType="application/json")
        assert json.loads(answer["Body"].read())["predictions"] == wanted(model)
        assert answer["InvokedProductionVariant"] == str(VERSION)
        assert answer["ResponseMetadata"]["HTTPHeaders"]["x-lepton-version"] == f"{VERSION} sha256:abc"
        lines = b"12.1,3,true,Ulm,2024-02-29,a kind parcel,007\n,,,,,,\n"
        answer = client.invoke_endpoint(
            EndpointName=model, Body=lines, ContentType="text/csv", Accept="text/csv"
        )
        found = list(csv.reader(io.StringIO(answer["Body"].read().decode())))
        numbers = [[float(cell) for cell in line if not cell.startswith("c")] for line in found]
        assert numbers == [
            [*one.get("probabilities", {"": one.get("value")}).values()] for one in wanted(model, ROWS[:2])
        ]


def test_boto3_invokes_with_a_long_body_if_its_key_is_known(up: Up) -> None:
    asked = {"EndpointName": MODELS[0], "ContentType": "application/json"}
    body = json.dumps({"instances": ROWS * 200}).encode()
    assert len(body) > UNPROVEN_BYTES
    with invoker(up) as client:
        answer = client.invoke_endpoint(Body=body, **asked)
        assert json.loads(answer["Body"].read())["predictions"] == wanted(MODELS[0]) * 200
    for given in ({"aws_access_key_id": "key-0"}, {"aws_secret_access_key": "0" * 64}):
        with invoker(up, **given) as client, pytest.raises(ClientError) as raised:
            client.invoke_endpoint(Body=body, **asked)
        assert "does not match" in raised.value.response["Error"]["Message"]
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=x", "content-type": "application/json"}
    refused = urllib3.request("POST", f"{up.url}/endpoints/m/invocations", body=body, headers=signed)
    assert (refused.status, list(refused.json())) == (403, ["message"])
    refused = urllib3.request("POST", f"{up.url}/v1/models/m/predict", body=body, headers=signed)
    assert refused.status in (401, 403)


def test_boto3_raises_errors_with_the_platforms_words(up: Up) -> None:
    cases = [
        ({}, {"EndpointName": "nobody"}, "ValidationError", "model 'nobody' is not deployed"),
        ({}, {}, "ValidationError", "send the rows as 'instances'"),
        ({}, {"TargetVariant": "9"}, "ValidationError", "variant '9' is not"),
        ({"aws_secret_access_key": "0" * 64}, {}, "AccessDenied", "does not match"),
    ]
    for given, call, kind, said in cases:
        asked = {"EndpointName": MODELS[0], "Body": b"{}", "ContentType": "application/json", **call}
        with invoker(up, **given) as client, pytest.raises(ClientError) as raised:
            client.invoke_endpoint(**asked)
        told_by_it = raised.value.response["Error"]
        assert told_by_it["Code"].startswith(kind) and said in told_by_it["Message"], told_by_it


@elsewhere
def test_tritonclient_infers_every_algorithm_raw_and_in_json(up: Up) -> None:
    address = up.url.removeprefix("http://")
    found = told("by_triton", {"address": address, "key": up.key, "models": MODELS, "rows": ROWS})
    assert (found["live"], found["ready"], found["server"], found["other version"]) == (
        True,
        True,
        "lepton",
        False,
    )
    for model in MODELS:
        schema, classes = predictor_of(model).schema, predictor_of(model).classes
        told_of = found["models"][model]
        described = told_of["described"]
        assert [one["name"] for one in described["inputs"]] == list(schema.names)
        assert (described["name"], described["versions"]) == (model, [str(VERSION)])
        for answer in told_of["answers"]:
            if not classes:
                assert [{"value": one} for one in answer["value"]] == wanted(model)
                continue
            both = zip(answer["label"], answer["probabilities"], strict=True)
            rows = [
                {"label": label, "probabilities": dict(zip(classes, row, strict=True))} for label, row in both
            ]
            assert rows == wanted(model)
    nobody, version = found["errors"]
    assert nobody == ["404", "model 'nobody' is not deployed; deploy it first"]
    assert version == ["404", f"version 9 of model {MODELS[0]!r} is not served; version {VERSION} is"]


@elsewhere
def test_mlflow_scores_every_algorithm() -> None:
    with ExitStack() as open_ones:
        ports = {model: open_ones.enter_context(scoring(predictor_of(model))) for model in MODELS}
        found = told("by_mlflow", {"host": "127.0.0.1", "ports": ports, "rows": ROWS})
    for model in MODELS:
        rows = wanted(model)
        assert found[model]["frame"] == [one.get("value", one) for one in rows], model
        of_whole = wanted(model, [row for row in ROWS if None not in row.values()])
        assert len(of_whole) == found[model]["rows"]
        assert found[model]["array"] == [one.get("value", one) for one in of_whole], model
        assert found[model]["version"] == str(VERSION)
        error = found[model]["error"]
        assert "error code 400" in error and "this model takes no parameters" in error


@contextmanager
def scoring(of: Predictor) -> Iterator[int]:
    """The port of a server of one version on its own, in MLflow's protocol."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(Message(str(VERSION).encode()))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                asked = mlflow.decode(headers, body, version_of(of))
                read = asked.read()
                answer = asked.answer(shown(Told, of, of.predict(read.table)), read)
            except LeptonError as error:
                answer = mlflow.refused(error)
            self._reply(answer)

        def log_message(self, *given: Any) -> None:
            """Say nothing."""

        def _reply(self, message: Message) -> None:
            self.send_response(message.status)
            for name, value in {**message.headers, "content-length": str(len(message.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(message.body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
