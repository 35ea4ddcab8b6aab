"""A server of one model answers what the platform of the model answers, to the same bits."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.bodies import MAX_REQUEST_BYTES
from infra.local.gateway import call
from infra.local.service.source import of_file, of_folder
from lepton_core.artifact import write_container
from lepton_core.table import Table, given_column, pack_table
from tests.infra.local.service.kit import Made, Serve

JSON = "application/json"
OCTETS = "application/octet-stream"
PREDICT = "/v1/models/m/predict"
ROW = {"a": 0.25, "b": -1.5}
BODIES: dict[str, Any] = {
    "one row": {"rows": [ROW]},
    "lists": {"rows": [[0.25, -1.5], [1, 2]], "columns": ["a", "b"]},
    "more": {"rows": [ROW, {"a": "1", "c": 3}], "explain": True},
    "row errors": {"rows": [ROW, {"a": "x"}], "row_errors": True},
    "a row that cannot be read": {"rows": [{"a": "x", "b": 1}]},
    "no rows": {"rows": []},
    "an unknown field": {"rows": [ROW], "explian": True},
    "bare rows": [ROW],
    "nested": {"rows": [{"a": {"b": 1}}]},
    "many": {"rows": [{"a": number / 7, "b": 1} for number in range(900)]},
}
OF_ITS_TRAINING = {"rows": [ROW], "coverage": 0.9}
"""What it takes is another training, and only the platform knows of the first one."""

RAW = {
    "no JSON": b"{",
    "NaN": b'{"rows": [{"a": NaN, "b": 1}]}',
    "twice": b'{"rows": [{"a": 1, "a": 2, "b": 1}]}',
    "empty": b"",
}


def platform(made: Made, raw: bytes, kind: str = JSON, query: str = "") -> Any:
    headers = {"content-type": kind}
    return call(made.stack.app, made.stack.platform, "POST", PREDICT, query, headers=headers, body=raw)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["file", "folder"])
def test_its_answers_and_its_errors_are_those_of_the_platform(made: Made, serve: Serve, where: str) -> None:
    served = serve(of_file(made.file) if where == "file" else of_folder(made.folder, "m"))
    for name, raw in {**{name: json.dumps(one).encode() for name, one in BODIES.items()}, **RAW}.items():
        theirs = platform(made, raw)
        ours = served.ask("POST", PREDICT, raw, content_type=JSON)
        assert (ours.status, ours.json()) == (theirs.status, json.loads(theirs.body)), name
        assert ours.headers["cache-control"] == "no-store"
    for kind in ("text/plain", "", "application/json; charset=utf-8"):
        theirs = platform(made, b"{}", kind)
        assert served.ask("POST", PREDICT, b"{}", content_type=kind).status == theirs.status, kind
    theirs, ours = (
        platform(made, json.dumps(OF_ITS_TRAINING).encode()),
        served.ask("POST", PREDICT, OF_ITS_TRAINING),
    )
    assert (ours.json() == json.loads(theirs.body)) is (where == "folder")
    assert ours.json()["error"]["code"] == json.loads(theirs.body)["error"]["code"] == "invalid_input"
    packed = write_container(
        *pack_table(Table((given_column("b", [1, None]), given_column("a", [0.5, -2.0]))))
    )
    for query in (
        "",
        "explain=true",
        "explain=maybe",
        "other=1",
        "explain=true&explain=true",
    ):
        theirs = platform(made, packed, OCTETS, query)
        ours = served.ask("POST", f"{PREDICT}?{query}", packed, content_type=OCTETS)
        assert (ours.status, ours.json()) == (theirs.status, json.loads(theirs.body)), query


def test_it_tells_what_a_client_has_to_know(made: Made, serve: Serve) -> None:
    for source in (of_file(made.file), of_folder(made.folder, "m")):
        served = serve(source)
        found = served.ask("GET", "/v1/models/m").json()
        assert found["columns"] == [{"name": "a", "kind": "number"}, {"name": "b", "kind": "number"}]
        assert (found["version"], found["classes"], found["path"]) == (1, ["no", "yes"], PREDICT)
        assert found["watched"] is source.watched
        assert (found["dataset"], found["name"], found["task"]) == ("m", "m", "classification")


def test_a_file_may_be_served_under_another_name(made: Made, serve: Serve) -> None:
    served = serve(of_file(made.file, "other"))
    assert served.ask("POST", "/v1/models/other/predict", {"rows": [ROW]}).json()["model"] == "other"
    missing = served.ask("POST", PREDICT, {"rows": [ROW]})
    assert (missing.status, missing.json()["error"]["code"]) == (404, "not_found")
    assert "/v1/models/other/predict" in missing.json()["error"]["message"]


def test_probes_tell_that_it_stops_while_it_still_answers(made: Made, serve: Serve) -> None:
    served = serve(of_file(made.file))
    assert served.ask("GET", "/v1/health/ready").json() == {
        "status": "ready", "model": "m", "version": 1, "watched": False,
    }  # fmt: skip
    served.stage.stopping = True
    refused = served.ask("GET", "/v1/health/ready")
    assert (refused.status, refused.json()["error"]["code"]) == (503, "unavailable")
    assert served.ask("GET", "/v1/health/live").status == 200
    answer = served.ask("POST", PREDICT, {"rows": [ROW]})
    assert (answer.status, answer.headers["connection"]) == (200, "close")


def test_what_no_handler_sees(made: Made, serve: Serve) -> None:
    served = serve(of_file(made.file))
    foreign = served.ask("GET", "/v1/health", host="evil.example.org")
    assert (foreign.status, foreign.json()["error"]["code"]) == (421, "misdirected")
    other = served.ask("DELETE", "/v1/models/m")
    assert (other.status, other.headers["allow"]) == (405, "GET, HEAD")
    assert served.ask("HEAD", "/v1/models/m").data == b""
    long = served.ask("POST", PREDICT, b" " * (MAX_REQUEST_BYTES + 1), content_type=JSON)
    assert (long.status, long.json()["error"]["code"]) == (413, "too_large")
    page = served.ask("POST", PREDICT, {"rows": [ROW]}, sec_fetch_site="cross-site")
    assert (page.status, page.json()["error"]["code"]) == (403, "forbidden")
    packed = served.ask("POST", PREDICT, b"x", content_type=JSON, content_encoding="gzip")
    assert packed.status == 415


def test_many_clients_at_once_get_each_their_own_answer(made: Made, serve: Serve) -> None:
    served, bodies = serve(of_file(made.file)), [{"rows": [{"a": k / 9, "b": 1}]} for k in range(64)]
    alone = [served.ask("POST", PREDICT, body).json() for body in bodies]
    start = threading.Barrier(8)

    def ask(mine: list[dict[str, Any]]) -> list[Any]:
        start.wait()
        return [served.ask("POST", PREDICT, body).json() for body in mine]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, [bodies[k::8] for k in range(8)]))
    assert [found[k % 8][k // 8] for k in range(64)] == alone
