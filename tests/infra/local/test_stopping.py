"""A stop: at once, in one line, with everything given back; as real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from functions.context import Context
from functions.runs.record import RESULTS, RUNS, Run
from functions.settings import Settings
from infra.local.stack import open_worker
from tests.infra.local.test_up import ROOT, STOPPING, Up, up
from tests.support.tiny_runs import open_context
from tests.support.tiny_runs import run_of as tiny_run_of
from tests.support.waiting import BACKSTOP, until
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

LONG = {"iterations": 10_000, "early_stopping": False, "max_leaf_nodes": 200, "min_samples_leaf": 5}
"""A training that takes minutes, in one piece."""

ROWS = two_classes(8_000)


def post(running: Up, method: str, path: str, body: Any = None, file: bytes | None = None) -> Any:
    headers = {"x-api-key": running.key, "content-type": "text/csv" if file else "application/json"}
    with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
        if file is not None:
            answer = http.request(method, running.url + path, headers=headers, body=file)
        else:
            answer = http.request(method, running.url + path, headers=headers, json=body)
    assert answer.status < 300, answer.data
    return answer.json()


def begin_training(running: Up) -> str:
    """A run of one long task, which a worker has begun."""
    post(running, "POST", "/v1/models", {"name": "m", "algorithm": "gradient_boosting"})
    upload = post(running, "POST", "/v1/datasets/m/upload", {"size": len(ROWS)})
    post(running, "PUT", upload["url"], file=ROWS)
    run: str = post(running, "POST", "/v1/models/m/train", {"hyperparameters": LONG})["id"]
    until(lambda: post(running, "GET", f"/v1/runs/{run}")["state"] == "running", "the run is taken up")
    until(lambda: busy_children(running.process.pid), "a worker works on it")
    return run


def busy_children(pid: int) -> list[int]:
    """Processes below ``pid`` that have used a processor for more than starting takes."""
    return [child for child in children(pid) if processor_seconds(child) > 4]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
        int(child)
        for thread in Path(f"/proc/{pid}/task").iterdir()
        if thread.name != str(pid)
        for child in (thread / "children").read_text().split()
    ]


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_of(data: Path, run: str) -> Run:
    with opened(data) as context:
        stored = context.workspace("default").get(RUNS, run)
    assert stored is not None
    return stored.value


@contextmanager
def opened(data: Path) -> Iterator[Context]:
    """The folder, opened beside whoever else has it open."""
    context = open_worker(data).context
    with closing(context.records):  # type: ignore[type-var]
        yield context


@contextmanager
def endless_body(running: Up) -> Iterator[None]:
    """A request whose body goes on and on without an end."""
    host, _, port = running.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST /v1/models HTTP/1.1\r\nhost: x\r\nx-api-key: {running.key}\r\ncontent-length: 100000\r\n\r\n"
        connection.sendall(head.encode() + b"{")
        time.sleep(0.2)
        yield


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.lengthy
def test_a_stop_waits_for_no_task_and_gives_its_run_back(tmp_path: Path, number: int) -> None:
    with up(tmp_path) as running:
        run = begin_training(running)
        workers = children(running.process.pid)
        assert running.stop(number) == (0, STOPPING)
    left = run_of(tmp_path, run)
    assert (left.state, left.lease, left.crashes, left.tasks_done) == ("running", None, 0, 0)
    with opened(tmp_path) as context:
        assert context.workspace("default").list(RESULTS, run) == []
    until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), "the workers have ended")
    with up(tmp_path) as running:
        until(lambda: run_of(tmp_path, run).attempt == 2, "the run goes on")
        assert run_of(tmp_path, run).crashes == 0


def test_ctrl_c_reaches_the_whole_group_and_ends_it_in_one_line_however_often_it_comes(
    tmp_path: Path,
) -> None:
    with up(tmp_path, group=True) as running:
        run = begin_training(running)
        for _ in range(5):
            os.killpg(running.process.pid, signal.SIGINT)
            time.sleep(0.2)
        assert running.ended() == (0, STOPPING)
    left = run_of(tmp_path, run)
    assert (left.state, left.lease, left.crashes) == ("running", None, 0)


def test_a_body_that_never_ends_holds_up_no_stop(tmp_path: Path) -> None:
    with up(tmp_path) as running, endless_body(running):
        assert running.stop() == (0, STOPPING)


TRAIN = """
import json, signal, sys
from lepton_ai import Data, Model
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
model = Model("gradient_boosting", name="m", quiet=True)
model.upload_data(Data.from_csv(sys.argv[1], quiet=True))
print("training", flush=True)
model.train(**json.loads(sys.argv[2]))
"""


@pytest.mark.lengthy
@pytest.mark.parametrize("signals", [1, 4])
def test_ctrl_c_in_a_script_that_waits_for_a_training_gives_the_run_back(
    tmp_path: Path, signals: int
) -> None:
    (tmp_path / "data.csv").write_bytes(ROWS)
    (tmp_path / "script.py").write_text(TRAIN)
    data = tmp_path / "state"
    script = subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "data.csv"), json.dumps(LONG)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "LEPTON_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert script.stdout is not None
        assert script.stdout.readline() == "training\n"
        used = processor_seconds(script.pid)
        until(lambda: processor_seconds(script.pid) > used + 2, "the script trains")
        for _ in range(signals):
            script.send_signal(signal.SIGINT)
            time.sleep(0.3)
        _, errors = script.communicate(timeout=BACKSTOP)
    finally:
        script.kill()
        script.wait()
    # Python says 1 where some module was being imported at that moment.
    assert script.returncode in (-signal.SIGINT, 1), errors
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert "Exception ignored" not in errors
    with opened(data) as context:
        ((_, stored),) = context.workspace("default").list(RUNS)
        assert context.workspace("default").list(RESULTS, stored.value.id) == []
    left = stored.value
    assert (left.state, left.lease, left.crashes, left.attempt) == ("running", None, 0, 1)


# A task that comes to something which an interpreter no longer does when its main thread has ended.
ENDING = """
import atexit, sys, threading, time
from pathlib import Path
from functions.context import Settings
from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.threads import Threads
from functions.runs.runners import LocalRunner
from tests.support.tiny_runs import open_context, tiny, tiny_run

begun = threading.Event()


def late(context, run, name):
    begun.set()
    while threading.main_thread().is_alive():
        time.sleep(0.01)
    raise RuntimeError("can't register atexit after shutdown")


context = open_context(Path(sys.argv[1]), Settings())
runner = LocalRunner(Driver(context, tiny(late=late), Threads(Worker(context, tiny(late=late)))))
run = tiny_run(context, "late")
print(run, flush=True)
runner.start("default", run)
begun.wait()
atexit.register(runner.close, 60.0)
"""


def test_what_a_task_cannot_do_any_more_while_its_process_ends_is_no_failure(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDING, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=BACKSTOP,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    context = open_context(tmp_path, Settings())
    with closing(context.records):  # type: ignore[type-var]
        left = tiny_run_of(context, done.stdout.strip())
        assert context.workspace("default").list(RESULTS, left.id) == []
    assert (left.state, left.lease, left.crashes, left.attempt) == ("running", None, 0, 1)
