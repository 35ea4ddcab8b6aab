"""The loop by itself: new data, or drift, leads to a challenger that is promoted or refused, and nobody asks for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import app
from functions.context import Platform
from functions.records.kinds import INTENTS
from functions.records.schedules import SCHEDULES, Schedule
from infra.local.schedule import Background, sweep_timers
from infra.local.stack import Stack, open_server
from lepton_ai.data import Data
from lepton_ai.demo import platform
from lepton_ai.model import Model
from lepton_ai.transport import Transport
from tests.support.stores import Store
from tests.support.waiting import until
from tests.support.world import OWNER, World, two_classes, world

NEVER = 1e9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("loop")


@pytest.fixture(scope="module")
def transport(folder: Path) -> Iterator[Transport]:
    """`lepton up` as a process of its own."""
    with platform(folder) as transport:
        yield transport


def deployed(transport: Transport, folder: Path, name: str) -> Model:
    model = Model("logistic_regression", name=name, announce=False, transport=transport)
    model.upload_data(table(folder, name, seed=0))
    model.train(iterations=20)
    model.deploy()
    return model


def table(folder: Path, name: str, *, seed: int, rows: int = 200, shift: float = 0.0) -> Data:
    path = folder / f"{name}-{seed}.csv"
    path.write_bytes(two_classes(rows, seed=seed, shift=shift))
    return Data.from_csv(path, quiet=True)


def update_of(model: Model) -> Any:
    """The first update of the model, once it has ended."""

    def ended() -> Any:
        return [
            run for run in model.runs() if run.kind == "update" and run.state not in ("queued", "running")
        ]

    (run,) = until(ended, f"an update of {model.name} has ended")
    return run


def check(model: Model) -> None:
    run = update_of(model)
    assert run.state == "succeeded"
    assert isinstance(run.outcome["promoted"], bool)
    newest = model.versions()[-1]
    assert (newest.version, newest.dataset_version) == (2, 2)
    assert model.champion == (2 if run.outcome["promoted"] else 1)


def test_data_that_the_sdk_uploads_is_learned_from(transport: Transport, folder: Path) -> None:
    model = deployed(transport, folder, "sdk")
    model.upload_data(table(folder, "sdk", seed=1, rows=400))
    check(model)


def test_data_that_comes_over_http_is_learned_from(transport: Transport, folder: Path) -> None:
    model = deployed(transport, folder, "http")
    content = two_classes(400, seed=1)
    upload = transport.call("POST", "/v1/datasets/http/upload", body={"size": len(content)})
    path = f"/v1/datasets/http/upload/{upload['id']}"
    transport.call("PUT", path, body=content, content_type="text/csv")
    check(model)


def test_a_file_that_is_dropped_into_the_folder_is_learned_from(transport: Transport, folder: Path) -> None:
    model = deployed(transport, folder, "file")
    incoming = folder / "state" / "blobs" / "default" / "incoming" / "file"
    incoming.mkdir(parents=True, exist_ok=True)
    (incoming / "july.csv").write_bytes(two_classes(400, seed=1))
    check(model)


def test_traffic_that_drifted_leads_to_an_update_on_data_that_is_newer(
    transport: Transport, folder: Path
) -> None:
    model = deployed(transport, folder, "drift")
    model.set_policy(update="manual")
    other = Model("logistic_regression", name="other", dataset="drift", announce=False, transport=transport)
    other.train(iterations=20)
    other.deploy()
    other.upload_data(table(folder, "drift", seed=1, rows=400))
    update_of(other)  # so the data was seen to, also for the model of which it is told first
    model.set_policy(update="auto")
    model.predict(table(folder, "drift", seed=5, shift=25.0))
    report = transport.call("POST", "/v1/models/drift/monitor")
    assert report["alerts"]
    run = update_of(model)
    assert run.state == "succeeded" and "alert" in run.outcome["trigger"]


def prepared(stack: Stack) -> World:
    """A deployed model, on a platform whose schedules were all kept just now."""
    system, now = stack.platform.system, stack.platform.clock()
    for name in ("monitor_hourly", "update_daily"):
        system.write(system.put(SCHEDULES, name, value=Schedule(now), expect=0))
    here = asking(stack.platform)
    begin(here)
    return here


def asking(of: Platform) -> World:
    """Calls that platform itself, as the owner of the folder."""
    return World(replace(of, owner=OWNER), clock=None)  # type: ignore[arg-type]  (nobody moves it)


def begin(here: World) -> None:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    assert here.upload(two_classes(200))["state"] == "accepted"
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 20})
    until(lambda: here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded", "it is trained")
    here.ok("POST", "/v1/models/m/deploy", {})


def challenged(here: World) -> bool:
    return here.ok("GET", "/v1/models/m")["latest"] == 2


def test_without_any_polling_intents_close_the_loop(tmp_path: Path) -> None:
    stack = open_server(tmp_path, workers=1, sweep_seconds=NEVER)
    try:
        here = prepared(stack)
        here.upload(two_classes(300, seed=1))
        until(lambda: challenged(here), "the challenger is there")
        assert list(stack.platform.system.all(INTENTS)) == []
    finally:
        stack.close()


def test_when_nobody_is_woken_the_sweep_closes_the_loop(disk: Store) -> None:
    here = world(disk)  # its `wake` wakes nobody
    begin(here)
    background = Background(sweep_timers(app, here.platform, sweep_seconds=0.05))
    try:
        here.upload(two_classes(300, seed=1))
        until(lambda: challenged(here), "the challenger is there")
    finally:
        background.stop()
        background.close(60.0)
