"""Clients of other systems get from a server of one model what its platform answers, and errors of their own."""

import gzip
import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.bodies import MAX_REQUEST_BYTES
from infra.local.service.source import of_file, of_folder
from lepton_ai import Model
from tests.infra.local.service.kit import Made, Serve, Served

ROWS = [{"a": 0.25, "b": -1.5}, {"a": None, "b": 3.0}]
TENSORS = {
    "inputs": [
        {"name": "a", "datatype": "FP64", "shape": [2], "data": [0.25, None]},
        {"name": "b", "datatype": "FP64", "shape": [2], "data": [-1.5, 3.0]},
    ]
}


@pytest.fixture(params=["file", "folder"])
def served(made: Made, serve: Serve, request: pytest.FixtureRequest) -> Served:
    return serve(of_file(made.file) if request.param == "file" else of_folder(made.folder, "m"))


def own(model: Model) -> list[dict[str, Any]]:
    return [{"label": one.label, "probabilities": one.probabilities} for one in model.predict(ROWS)]


def test_the_answers_of_each_protocol_have_the_bits_of_the_platforms_own(made: Made, served: Served) -> None:
    wanted = own(made.model)
    for form in (
        {"dataframe_records": ROWS},
        {"instances": ROWS},
        {"inputs": {"a": [0.25, None], "b": [-1.5, 3.0]}},
    ):
        scored = served.ask("POST", "/invocations", form)
        assert (scored.status, scored.json()["predictions"]) == (200, wanted)
        assert scored.headers["x-lepton-version"].startswith("1 sha256:")
    for path in ("/v2/models/m/infer", "/v2/models/m/versions/1/infer"):
        answer = served.ask("POST", path, TENSORS)
        outputs = {one["name"]: one["data"] for one in answer.json()["outputs"]}
        assert (answer.status, outputs["label"]) == (200, [one["label"] for one in wanted])
        assert outputs["probabilities"] == [
            share for one in wanted for share in one["probabilities"].values()
        ]
    invoked = served.ask("POST", "/endpoints/m/invocations", {"instances": ROWS})
    assert (invoked.status, invoked.json()["predictions"]) == (200, wanted)


def test_boto3_invokes_it(made: Made, served: Served) -> None:
    client = boto3.session.Session().client(
        "sagemaker-runtime",
        aws_access_key_id="anybody",
        aws_secret_access_key="on loopback",
        region_name="eu-central-1",
        endpoint_url=served.url,
        config=Config(retries={"total_max_attempts": 1}),
    )
    try:
        asked = {"EndpointName": "m", "ContentType": "application/json"}
        answer = client.invoke_endpoint(Body=json.dumps({"instances": ROWS}), **asked)
        assert json.loads(answer["Body"].read())["predictions"] == own(made.model)
        with pytest.raises(ClientError) as raised:
            client.invoke_endpoint(Body=b"{}", **asked)
        assert "send the rows as 'instances'" in raised.value.response["Error"]["Message"]
    finally:
        client.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "/invocations", {"instances": ROWS, "inputs": ROWS}, 400, "message"),
        ("POST", "/invocations", {"instances": [{"a": "x", "b": 1}]}, 400, "message"),
        ("POST", "/v2/models/m/infer", {"inputs": []}, 400, "error"),
        ("POST", "/v2/models/m/versions/9/infer", TENSORS, 404, "error"),
        ("GET", "/v2/models/m/versions/9/ready", None, 404, "error"),
        ("GET", "/v2/models/m/versions/newest/ready", None, 404, "error"),
        ("POST", "/v2/models/other/infer", TENSORS, 404, "error"),
        ("GET", "/v2/models/m/stats", None, 404, "error"),
        ("POST", "/v2/models/m", TENSORS, 405, "error"),
        ("POST", "/endpoints/m/invocations", {}, 400, "message"),
        ("POST", "/endpoints/other/invocations", {}, 404, "message"),
        ("GET", "/invocations", None, 405, "message"),
        ("POST", "/ping", {}, 405, "message"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_protocol(
    served: Served, method: str, path: str, body: Any, status: int, field: str
) -> None:
    refused = served.ask(method, path, body)
    assert refused.status == status
    assert isinstance(refused.json()[field], str)
    assert "Traceback" not in refused.data.decode()


@pytest.mark.parametrize(
    ("path", "field"),
    [("/invocations", "message"), ("/v2/models/m/infer", "error"), ("/endpoints/m/invocations", "message")],
)
def test_what_the_server_itself_refuses_is_said_so_too(
    made: Made, serve: Serve, path: str, field: str
) -> None:
    elsewhere = serve(of_file(made.file), host="ml.example.org", key="a secret of some letters")
    nobody = elsewhere.ask("POST", path, {})
    assert (nobody.status, nobody.headers["www-authenticate"]) == (401, "Bearer")
    assert isinstance(nobody.json()[field], str)
    long = elsewhere.ask(
        "POST", path, b"0" * (MAX_REQUEST_BYTES + 1), authorization="Bearer a secret of some letters"
    )
    assert (long.status, isinstance(long.json()[field], str)) == (413, True)


def test_probes_of_each_protocol_tell_that_it_stops_while_requests_are_still_answered(served: Served) -> None:
    ready = ("/v2/health/ready", "/ping", "/health")
    assert [served.ask("GET", path).status for path in ready] == [200] * 3
    served.stage.stopping = True
    assert [served.ask("GET", path).status for path in ready] == [503] * 3
    assert served.ask("GET", "/v2/health/live").status == 200
    assert served.ask("POST", "/invocations", {"instances": ROWS}).status == 200


WORDED = {
    "/invocations": "message",
    "/v2/models/m/infer": "error",
    "/v2/models/m/versions/1/infer": "error",
    "/endpoints/m/invocations": "message",
}
"""Where each protocol says what is wrong."""


@pytest.mark.parametrize("path", WORDED)
@pytest.mark.parametrize(
    ("query", "headers", "status", "said"),
    [
        ("?explain=true", {}, 400, "this call knows no query parameter 'explain'"),
        ("?version=1", {}, 400, "this call knows no query parameter 'version'"),
        ("?a", {}, 400, "this call knows no query parameter 'a'"),
        ("", {"content-encoding": "gzip"}, 415, "unsupported content encoding: gzip; send the body as it is"),
        ("", {"content-encoding": "deflate"}, 415, "unsupported content encoding: deflate"),
    ],
)
def test_what_a_protocol_does_not_know_of_is_refused_in_its_words(
    served: Served, path: str, query: str, headers: dict[str, str], status: int, said: str
) -> None:
    body = {"instances": ROWS} if "invocations" in path else TENSORS
    refused = served.ask("POST", f"{path}{query}", body, **headers)
    assert refused.status == status
    assert said in refused.json()[WORDED[path]], refused.json()
    assert served.ask("POST", path, body, **{"content-encoding": "identity"}).status == 200


def test_tensors_that_the_client_of_triton_has_compressed_are_refused_as_it_reads_refusals(
    served: Served,
) -> None:
    """It compresses the whole body, and tells the length that the JSON had before."""
    raw = json.dumps(TENSORS).encode()
    headers = {"content-encoding": "gzip", "inference-header-content-length": str(len(raw))}
    refused = served.ask("POST", "/v2/models/m/infer", gzip.compress(raw), **headers)
    assert (refused.status, list(refused.json())) == (415, ["error"])


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v2", "error"),
        ("/v2/health/live", "error"),
        ("/v2/health/ready", "error"),
        ("/v2/models/m", "error"),
        ("/v2/models/m/versions/1", "error"),
        ("/v2/models/m/ready", "error"),
        ("/v2/models/m/versions/1/ready", "error"),
        ("/ping", "message"),
        ("/health", "message"),
        ("/version", "message"),
        ("/v1/models/m", "error"),
        ("/v1/health", "error"),
        ("/v1/health/live", "error"),
        ("/v1/health/ready", "error"),
    ],
)
def test_what_is_only_read_takes_no_parameter_either(served: Served, path: str, field: str) -> None:
    refused = served.ask("GET", f"{path}?a=1")
    assert (refused.status, field in refused.json()) == (400, True)
    assert served.ask("GET", path).status == 200
