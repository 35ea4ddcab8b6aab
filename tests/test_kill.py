"""`kill -9` of the whole platform in the middle of a training run, with real processes on the disk store."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from functions.records.kinds import VERSIONS
from functions.runs.record import BEGUN, RUNS, Run
from functions.storage import Workspace
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from tests.support.stores import disk_store
from tests.support.waiting import BACKSTOP, until
from tests.support.world import two_classes, world

pytestmark = pytest.mark.slow

DATA = two_classes(20_000)
TRAIN = {"iterations": 6_000, "learning_rate": 0.001, "refit": False}
SOON = {"LEPTON_LEASE_SECONDS": "3"}
"""Two seconds less than what a platform has by default, each of which a killed one's runs wait for the next one."""

OFTEN = {"LEPTON_SLICE_SECONDS": "0.2", **SOON}
"""A checkpoint comes long before the end; where a fit is cut changes no bit of it."""


@contextmanager
def platform(data: Path, **settings: str) -> Iterator[tuple["subprocess.Popen[str]", str, str]]:
    """`lepton up` in a process group of its own; whatever is left of it is killed at the end."""
    command = [sys.executable, "-m", "lepton_ai", "up", "--port", "0", "--data", str(data), "--workers", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=os.environ | settings
    ) as process:
        try:
            assert process.stdout is not None
            lines = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
            yield process, lines["LEPTON_URL"], lines["LEPTON_API_KEY"]
        finally:
            kill(process)


def kill(process: "subprocess.Popen[str]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def ask(url: str, key: str, method: str, path: str, body: Any = None) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    kind = "text/csv" if isinstance(body, bytes) else "application/json"
    headers = {"authorization": f"Bearer {key}", "content-type": kind}
    request = urllib.request.Request(url + path, raw, headers, method=method)  # noqa: S310  (our own address)
    with urllib.request.urlopen(request, timeout=BACKSTOP) as answer:  # noqa: S310
        return json.loads(answer.read())


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Workspace]:
    """The platform's store, looked at from outside: no client is connected to the platform."""
    records = DiskRecords(tmp_path / "state" / "records.sqlite")
    yield Workspace("default", records, DiskBlobs(tmp_path / "state" / "blobs"))
    records.close()


def expected_digest(folder: Path) -> str:
    """The artifact of the same training, never interrupted."""
    with disk_store(folder) as store:
        here = world(store)
        run = here.trained(DATA, **TRAIN)
        assert run["state"] == "succeeded"
        digest: str = here.ok("GET", "/v1/models/m/versions/1")["digest"]
        return digest


def test_a_killed_platform_finishes_the_run_by_itself(tmp_path: Path, stored: Workspace) -> None:
    state = tmp_path / "state"

    def run() -> Run:
        ((_, found),) = stored.list(RUNS)
        return found.value

    with platform(state, **OFTEN) as (process, url, key):
        ask(url, key, "POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
        upload = ask(url, key, "POST", "/v1/datasets/m/upload", {"size": len(DATA), "label": "label"})
        ask(url, key, "PUT", f"/v1/datasets/m/upload/{upload['id']}", DATA)
        ask(url, key, "POST", "/v1/models/m/train", TRAIN)
        until(lambda: run().progress.iteration > 0, "the run has left a checkpoint")
        kill(process)

    interrupted = run()
    assert interrupted.state == "running"
    assert 0 < interrupted.progress.iteration < TRAIN["iterations"]
    assert stored.list(VERSIONS, "m") == []

    with platform(state, **SOON):
        until(lambda: run().state != "running", "the run has ended")
        until(lambda: len(stored.blobs.keys("default/runs/")) == 2, "what the run left behind is gone")
        finished = run()

    assert finished.state == "succeeded"
    assert finished.attempt == interrupted.attempt + 1
    ((_, version),) = stored.list(VERSIONS, "m")
    assert version.value.artifact.digest == expected_digest(tmp_path / "undisturbed")
    left = stored.blobs.keys("default/runs/")
    assert sorted(left) == sorted([version.value.artifact.key, version.value.evaluation.key])


FOREST = {"hyperparameters": {"trees": 10_000}}
SMALL = two_classes(200)
ENDLESS = {"iterations": 10_000_000, "learning_rate": 0.001}
PATIENT = {"LEPTON_ATTEMPTS": "10", **OFTEN}
"""A task that had begun at each kill is to blame for each, and yet its run is not to fail."""


def upload(url: str, key: str, name: str, csv: bytes, algorithm: str) -> None:
    ask(url, key, "POST", "/v1/models", {"name": name, "algorithm": algorithm})
    announced = ask(url, key, "POST", f"/v1/datasets/{name}/upload", {"size": len(csv), "label": "label"})
    ask(url, key, "PUT", f"/v1/datasets/{name}/upload/{announced['id']}", csv)


def had_begun(store: Workspace, run: Run) -> bool:
    """Whether a task of the run was under way when its holder died, as far as anybody can tell from outside."""
    return any(mark.value.attempt == run.attempt for _, mark in store.all(BEGUN, run.id))


@pytest.mark.lengthy
def test_a_platform_that_is_killed_over_and_over_blames_no_run_that_only_waited(
    tmp_path: Path, stored: Workspace
) -> None:
    """One worker has four runs to do, all under a lease at each of five kills: one that had not begun is not blamed."""
    state, names = tmp_path / "state", ("forest", "a", "b", "c")
    kills = dict.fromkeys(names, 0)

    def runs() -> dict[str, Run]:
        return {found.value.model: found.value for _, found in stored.list(RUNS)}

    def all_held(attempt: int) -> bool:
        return all(run.lease is not None and run.attempt >= attempt for run in runs().values())

    for attempt in range(1, 6):
        with platform(state, **PATIENT) as (process, url, key):
            if attempt == 1:
                upload(url, key, "forest", DATA, "random_forest")
                ask(url, key, "POST", "/v1/models/forest/train", FOREST)
                for name in names[1:]:
                    upload(url, key, name, SMALL, "logistic_regression")
                    ask(url, key, "POST", f"/v1/models/{name}/train", ENDLESS)
            until(lambda at=attempt: len(runs()) == len(names) and all_held(at), "all four are held")  # type: ignore[misc]
            kill(process)
        for name, run in runs().items():
            kills[name] += had_begun(stored, run)

    with platform(state, **PATIENT):
        until(lambda: all_held(6), "all four are held after the last kill")
        held = runs()
        assert {name: run.crashes for name, run in held.items() if run.crashes > kills[name]} == {}
        until(lambda: all(run.progress.iteration > 0 for run in runs().values()), "every run goes on")
