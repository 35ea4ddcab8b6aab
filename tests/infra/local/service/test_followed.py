"""A server over a platform's folder follows the deployment of its model, and what is asked is counted there."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from functions.context import Context, Platform
from functions.serving.cache import Cache
from functions.serving.traffic import OF_ENTITY
from infra.local.service.one import Follower
from infra.local.service.source import ModelOrigin, OneModel, of_folder
from lepton_ai.errors import Conflict, NotFound
from tests.infra.local.service.kit import Made, Serve
from tests.support.waiting import joined

PREDICT = "/v1/models/m/predict"
INFER = "/v2/models/m/infer"
BODY = {"rows": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}


@dataclass
class Noting:
    """Files, and the names of the threads that asked for one."""

    inner: Any
    threads: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        self.threads.append(threading.current_thread().name)
        return getattr(self.inner, name)


def noted(made: Made) -> tuple[OneModel, Noting]:
    """The model m as `of_folder` has it, over files that are noted."""
    files = Noting(made.stack.platform.blobs)
    known = {one.name: getattr(made.stack.platform, one.name) for one in fields(Context)}
    context = Context(**{**known, "blobs": files})
    platform = Platform.of(context, Cache(context, background=True), made.stack.platform.runner)
    origin = partial(ModelOrigin, "m", datetime(2030, 1, 1, tzinfo=UTC))
    return OneModel("m", platform, origin, watched=True), files


REFUSED = {
    PREDICT: {"rows": [{"a": "x", "b": 1}]},
    INFER: {"inputs": [{"name": "a", "shape": [1], "datatype": "BYTES", "data": ["x"]}]},
    "/invocations": {"dataframe_records": [{"a": "x", "b": 1}]},
}


@pytest.fixture(autouse=True)
def looking_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look of the follower is one at the store."""
    monkeypatch.setenv("LEPTON_ROUTE_CACHE_SECONDS", "0")
    monkeypatch.setenv("LEPTON_FLUSH_SECONDS", "0")


def test_a_new_version_answers_from_one_request_to_the_next(made: Made, serve: Serve) -> None:
    source = of_folder(made.folder, "m")
    served, stop = serve(source), threading.Event()

    def ask() -> list[Any]:
        found = []
        while not stop.is_set():
            answer = served.ask("POST", PREDICT, BODY)
            found.append((answer.status, answer.json().get("version")))
        return found

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        for version in (2, 1, 2):
            made.model.deploy(version)
            assert source.ended() is None
            assert served.ask("POST", PREDICT, BODY).json()["version"] == version
        stop.set()
        seen = [each for one in asking for each in one.result()]
    assert set(seen) <= {(200, 1), (200, 2)}


def test_what_is_asked_is_counted_where_the_model_is_watched(made: Made, serve: Serve) -> None:
    source = of_folder(made.folder, "m")
    served = serve(source)
    for _ in range(5):
        assert served.ask("POST", PREDICT, BODY).status == 200
    assert served.ask("POST", PREDICT, {"rows": [{"a": "x", "b": 1}]}).status == 400
    assert source.ended() is None
    report = made.model.monitor()
    assert (report.requests, report.rows, report.errors) == (6, 10, 1)


def test_it_ends_when_the_model_is_retired(made: Made, serve: Serve) -> None:
    source, ended = of_folder(made.folder, "m"), threading.Event()
    serve(source)
    follower = Follower(source, ended.set)
    thread = threading.Thread(target=follower.follow)
    thread.start()
    made.model.retire()
    joined(thread)
    assert ended.is_set()
    assert isinstance(follower.why, Conflict)
    assert "retired" in follower.why.message


def test_it_serves_only_what_is_deployed(made: Made) -> None:
    with pytest.raises(NotFound, match="no model 'other'"):
        of_folder(made.folder, "other")
    with pytest.raises(NotFound, match="no platform in"):
        of_folder(made.folder / "elsewhere", "m")
    made.model.retire()
    with pytest.raises(Conflict, match="retired"):
        of_folder(made.folder, "m")


def test_of_a_rollout_each_version_gets_its_share_and_an_entity_stays_with_one(
    made: Made, serve: Serve
) -> None:
    source = of_folder(made.folder, "m")
    served = serve(source)
    made.model.deploy(2, canary=0.5)
    assert source.ended() is None

    def asked(entity: int, rows: int) -> int:
        body = {"rows": [{"a": 1, "b": 2}] * rows}
        found = served.http.request("POST", served.url + PREDICT, json=body, headers={OF_ENTITY: str(entity)})
        version: int = found.json()["version"]
        return version

    of_one, of_two = ([asked(entity, rows) for entity in range(32)] for rows in (1, 2))
    assert set(of_one) == {1, 2}
    assert of_one == of_two, "however its rows are read"
    rows = [{"a": 1, "b": 2}]
    assert of_one == [made.model.predict(rows, entity=str(entity)).version for entity in range(32)]


@pytest.mark.parametrize("path", REFUSED)
def test_the_version_before_is_loaded_once_and_holds_up_no_other_call(
    path: str, made: Made, serve: Serve
) -> None:
    made.model.deploy(2)
    source, files = noted(made)
    source.loaded()
    served = serve(source)
    assert served.ask("POST", PREDICT, BODY).json()["version"] == 2
    files.threads.clear()
    assert served.ask("POST", path, REFUSED[path]).status == 400
    assert files.threads and all(name.startswith("request") for name in files.threads)
    files.threads.clear()
    assert served.ask("POST", path, REFUSED[path]).status == 400
    assert files.threads == []
    source.platform.loaded.flush()
    [told] = made.model.monitor().versions
    assert (told.version, told.requests, told.refused) == (2, 3, 2), "however often it is tried"


@pytest.mark.parametrize("path", [PREDICT, "/invocations"])
def test_a_version_that_nobody_has_loaded_is_loaded_off_the_loop_too(
    path: str, made: Made, serve: Serve
) -> None:
    source, files = noted(made)
    served = serve(source)
    assert files.threads == []
    body = BODY if path == PREDICT else {"dataframe_records": BODY["rows"]}
    assert served.ask("POST", path, body).status == 200
    assert files.threads and all(name.startswith("request") for name in files.threads)
