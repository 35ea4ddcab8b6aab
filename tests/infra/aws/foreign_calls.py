"""What the story asks in the protocols of other systems, through API Gateway."""

import json
from collections.abc import Callable
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.infra.aws import events
from tests.infra.aws.cloud import Cloud
from tests.support.foreign import raw_tensor

Ok = Callable[..., Any]

OCTETS = "application/octet-stream"
CELLS = {"a": [1.0, -1.0], "b": [1.0, None]}


def speak(cloud: Cloud, ok: Ok, key: str) -> str:
    """Ask every address; the numbers are those of the platform's own protocol, in JSON, raw, and signed.

    Return the secret that signed.
    """
    rows = [dict(zip(CELLS, row, strict=True)) for row in zip(*CELLS.values(), strict=True)]
    own = [
        list(one["probabilities"].values())
        for one in ok("POST", "/v1/models/m/predict", {"rows": rows})["predictions"]
    ]
    flat = [number for row in own for number in row]
    for path, said in (("", "lepton"), ("/health/live", True), ("/health/ready", True)):
        assert said in ok("GET", f"/v2{path}", key="").values()
    tensors = [
        {"name": name, "datatype": "FP64", "shape": [2], "data": cells} for name, cells in CELLS.items()
    ]
    for path in ("/v2/models/m", "/v2/models/m/versions/1"):
        assert ok("GET", path)["versions"] == ["1"] and ok("GET", f"{path}/ready")["ready"]
        outputs = ok("POST", f"{path}/infer", {"inputs": tensors})["outputs"]
        assert outputs[1]["data"] == flat
    head, raw = raw_request()
    sent = {"Accept": OCTETS, "Inference-Header-Content-Length": str(len(head))}
    answer = ok("POST", "/v2/models/m/infer", head + raw, kind=OCTETS, **sent)
    assert answer.endswith(raw_tensor("FP64", flat))
    body = json.dumps({"instances": rows}).encode()
    invoked = ok("POST", "/endpoints/m/invocations", body, key="", **signed(ok, key, body))
    assert [list(one["probabilities"].values()) for one in invoked["predictions"]] == own
    status, refused = cloud.http("POST", "/endpoints/m/invocations", body + b" ", **signed(ok, key, body))
    assert (status, list(refused)) == (403, ["message"])
    return pair_of(ok, key).secret_key


def raw_request() -> tuple[bytes, bytes]:
    """The JSON and the bytes behind it, of a request whose answer is to be raw."""
    raw = [raw_tensor("FP64", cells) for cells in CELLS.values()]
    inputs = [
        {"name": name, "datatype": "FP64", "shape": [2], "parameters": {"binary_data_size": len(one)}}
        for name, one in zip(CELLS, raw, strict=True)
    ]
    outputs = [{"name": "probabilities", "parameters": {"binary_data": True}}]
    return json.dumps({"inputs": inputs, "outputs": outputs}).encode(), b"".join(raw)


def signed(ok: Ok, key: str, body: bytes) -> dict[str, str]:
    """The headers with which botocore signs the body in the name of a key."""
    request = AWSRequest(
        "POST",
        f"https://{events.HOST}/api/endpoints/m/invocations",
        {"Content-Type": "application/json"},
        body,
    )
    SigV4Auth(pair_of(ok, key), "sagemaker", events.REGION).add_auth(request)
    return {name: str(request.headers[name]) for name in ("Authorization", "X-Amz-Date")}


def pair_of(ok: Ok, key: str) -> Any:
    """What a client signs with in the name of a key."""
    return Credentials(*ok("POST", f"/v1/keys/{key.split('_')[1]}/aws").values())
