"""On its own machine a server of one model asks for no key; where others reach it, it does."""

import json

import pytest

from infra.local.gateway import call
from infra.local.service.keys import guard
from infra.local.service.source import of_file, of_folder
from lepton_core.errors import InvalidInput
from tests.infra.local.service.kit import Made, Serve

PREDICT = "/v1/models/m/predict"
BODY = {"rows": [{"a": 1, "b": 2}]}
LONG = {"rows": [{"a": 1, "b": 2}] * 5000}
SECRET = "a-secret-of-many-letters"


def new_key(made: Made, *scopes: str) -> str:
    body = json.dumps({"scopes": scopes, "name": "k"}).encode()
    headers = {"content-type": "application/json"}
    answer = call(made.stack.app, made.stack.platform, "POST", "/v1/keys", headers=headers, body=body)
    secret: str = json.loads(answer.body)["secret"]
    return secret


def test_a_platforms_keys_open_it_to_others(made: Made, serve: Serve) -> None:
    served = serve(of_folder(made.folder, "m"), host="192.0.2.1")
    assert served.ask("GET", "/v1/health/ready").status == 200, "probes have no key"
    for body in (BODY, LONG):
        refused = served.ask("POST", PREDICT, body)
        assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    bearer = {"authorization": f"Bearer {new_key(made, 'predict')}"}
    for body in (BODY, LONG):
        assert served.ask("POST", PREDICT, body, **bearer).status == 200
    reads = {"x_api_key": new_key(made, "read")}
    assert served.ask("POST", PREDICT, BODY, **reads).json()["error"]["code"] == "forbidden"
    assert served.ask("GET", "/v1/models/m").status == 401


def test_a_file_has_the_key_of_its_environment(made: Made, serve: Serve) -> None:
    with pytest.raises(InvalidInput, match="LEPTON_API_KEY") as refused:
        guard(of_file(made.file), "192.0.2.1", "short")
    assert refused.value.field == "host"
    served = serve(of_file(made.file), host="192.0.2.1", key=SECRET)
    assert served.ask("POST", PREDICT, BODY).status == 401
    assert served.ask("POST", PREDICT, BODY, authorization=f"Bearer {SECRET}x").status == 401
    assert served.ask("POST", PREDICT, BODY, authorization=f"Bearer {SECRET}").status == 200
    assert served.ask("POST", PREDICT, BODY, x_api_key=SECRET).status == 200


def test_on_this_machine_nobody_needs_one(made: Made, serve: Serve) -> None:
    for source in (of_file(made.file), of_folder(made.folder, "m")):
        served = serve(source)
        assert served.ask("POST", PREDICT, LONG).status == 200
        assert served.ask("POST", PREDICT, LONG, authorization="Bearer whatever").status == 200


def test_a_key_is_refused_once_and_alike_however_its_request_is_answered(made: Made, serve: Serve) -> None:
    source = of_folder(made.folder, "m")
    served, counted = serve(source, host="192.0.2.1"), source.platform.refused_keys
    wrong = {"authorization": f"Bearer lpt_k_{'0' * 64}"}
    found = [served.ask("POST", PREDICT, BODY, **wrong)]
    assert counted.total == 1
    found.append(served.ask("POST", PREDICT, BODY, accept_encoding="identity", idempotency_key="k", **wrong))
    assert counted.total == 2
    assert found[0].data == found[1].data
    names = [[name.lower() for name in one.headers] for one in found]
    assert (names[0], found[0].status) == (names[1], 401)
