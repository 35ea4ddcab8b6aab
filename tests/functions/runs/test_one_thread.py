"""A task has one thread of linear algebra, wherever it is done, and whatever the caller's environment says."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.records.kinds import VERSIONS
from functions.storage import Workspace
from functions.storage.disk_folder import open_folder
from tests.support import seen_threads

ROOT = Path(__file__).resolve().parents[3]
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GOTO_NUM_THREADS")
MANY = "4"


def environment(threads: str | None) -> dict[str, str]:
    """That of a caller who set the number of threads, or nothing."""
    cleared = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    chosen = {} if threads is None else dict.fromkeys(VARIABLES, threads)
    return {**cleared, "PYTHONPATH": str(ROOT), **chosen}


def seen(place: str, folder: Path, threads: str | None) -> dict[str, list[int]]:
    command = [sys.executable, "-m", seen_threads.__name__, place, str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(threads),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


@pytest.mark.sampled(4)
@pytest.mark.parametrize("threads", [None, MANY], ids=["nothing set", "many threads set"])
@pytest.mark.parametrize("place", ["sdk", "worker", "inline", "lambda"])
def test_a_task_has_one_thread_and_its_caller_keeps_the_others(
    tmp_path: Path, place: str, threads: str | None
) -> None:
    found = seen(place, tmp_path, threads)
    assert found["within"]
    assert set(found["within"]) == {1}
    assert found["after"] == found["before"]
    if len(os.sched_getaffinity(0)) > 1:
        assert min(found["before"]) > 1, "else this test could not fail"


def test_a_server_has_one_thread(tmp_path: Path) -> None:
    command = [sys.executable, "-m", seen_threads.__name__, "up", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(MANY), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
    assert set(json.loads(line)["within"]) == {1}


TRAIN = """
import json, sys, time
from pathlib import Path
import numpy as np
from lepton_ai.embedded import EmbeddedTransport

rng = np.random.default_rng(0)
x = rng.normal(size=16_000)
label = np.where(x + rng.normal(size=x.size) > 0, "yes", "no")
csv = "\\n".join(["x,label", *(f"{a},{b}" for a, b in zip(x.tolist(), label))]).encode()
here = EmbeddedTransport(Path(sys.argv[1]))
for name, more in json.loads(sys.argv[2]).items():
    here.call("POST", "/v1/models", body={"name": name, "algorithm": more.pop("algorithm")})
    announced = here.call("POST", f"/v1/datasets/{name}/upload", body={"size": len(csv)})
    here.call("PUT", announced["url"], body=csv, content_type="text/csv")
    while here.call("GET", f"/v1/datasets/{name}/upload/{announced['id']}")["state"] == "waiting":
        time.sleep(0.01)
    run = here.call("POST", f"/v1/models/{name}/train", body=more)
    while run["state"] in ("queued", "running"):
        run = here.call("GET", f"/v1/runs/{run['id']}")
    assert run["state"] == "succeeded", run
here.close()
"""
MODELS: dict[str, dict[str, Any]] = {
    "newton": {"algorithm": "logistic_regression"},
    "descent": {"algorithm": "logistic_regression", "iterations": 30, "learning_rate": 0.1},
    "net": {"algorithm": "deep_learning", "iterations": 3},
}
"""On one column of more than 10,000 rows OpenBLAS sums by thread."""


@pytest.mark.lengthy
def test_the_bits_of_a_model_do_not_depend_on_the_threads_of_its_caller(tmp_path: Path) -> None:
    made = []
    for threads in ("1", MANY):
        folder = tmp_path / threads
        done = subprocess.run(
            [sys.executable, "-c", TRAIN, str(folder), json.dumps(MODELS)],
            env=environment(threads),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        made.append(artifacts(folder))
    assert set(made[0]) == set(MODELS)
    assert made[0] == made[1]


def artifacts(folder: Path) -> dict[str, str]:
    """Model and digest of what was trained in a folder."""
    opened = open_folder(folder)
    store = Workspace("default", opened.records, opened.blobs)
    found = {name: store.list(VERSIONS, name)[0][1].value.artifact.digest for name in MODELS}
    opened.records.close()
    return found
