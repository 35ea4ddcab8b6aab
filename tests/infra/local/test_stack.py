import json
import logging
import threading
import time
from pathlib import Path
from typing import Any

from functions.records.kinds import DATASET_VERSIONS, number
from functions.storage.disk_records import DiskRecords
from infra.local.gateway import call
from infra.local.stack import Stack, open_embedded, open_server, open_worker

CSV = b"a,b,label\n" + b"".join(
    f"{i % 7},{i % 5},{'yes' if i % 7 > 3 else 'no'}\n".encode() for i in range(80)
)


def ask(stack: Stack, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    response = call(stack.app, stack.platform, method, path, headers={"content-type": kind}, body=raw)
    assert response.status < 300, response.body
    return json.loads(response.body)


def until(stack: Stack, path: str, **wanted: Any) -> Any:
    for _ in range(200):
        found = ask(stack, "GET", path)
        if all(found[name] == value for name, value in wanted.items()):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_embedded_trains_and_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    stack = open_embedded(tmp_path / "data")
    ask(stack, "POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    announced = ask(stack, "POST", "/v1/datasets/m/upload", {"size": len(CSV)})
    taken = ask(stack, "PUT", announced["url"], CSV, "text/csv")
    assert (taken["state"], taken["rows"]) == ("accepted", 80)
    run = ask(stack, "POST", "/v1/models/m/train", {"iterations": 20})
    until(stack, f"/v1/runs/{run['id']}", state="succeeded", version=1)
    stack.close()
    assert set(threading.enumerate()) <= before
    again = open_embedded(tmp_path / "data", background=False)
    assert ask(again, "GET", "/v1/models/m")["latest"] == 1
    again.close()


def test_embedded_takes_up_what_a_killed_process_left(tmp_path: Path) -> None:
    first = open_embedded(tmp_path, background=False)
    ask(first, "POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    announced = ask(first, "POST", "/v1/datasets/m/upload", {"size": len(CSV)})
    ask(first, "PUT", announced["url"], CSV, "text/csv")
    first.platform.runner.close()  # from here on nothing is driven, as if the process were dead
    run = ask(first, "POST", "/v1/models/m/train", {"iterations": 20})
    first.close()
    second = open_embedded(tmp_path)
    until(second, f"/v1/runs/{run['id']}", state="succeeded")
    second.close()


def test_a_server_takes_in_files_that_somebody_put_into_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "blobs" / "default" / "incoming" / "dropped"
    folder.mkdir(parents=True)
    (folder / "first.csv").write_bytes(CSV)
    stack = open_server(tmp_path, workers=1)
    worker = open_worker(tmp_path)
    store = worker.workspace("default")
    for _ in range(200):
        if store.get(DATASET_VERSIONS, "dropped", number(1)) is not None:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the file was never taken in")
    stack.close()


def test_the_callers_logging_stays_as_it_was(tmp_path: Path) -> None:
    logger = logging.getLogger("lepton")
    before = list(logger.handlers), logger.level, logger.propagate
    open_server(tmp_path, workers=1).close()
    open_embedded(tmp_path).close()
    worker = open_worker(tmp_path)
    assert (logger.handlers, logger.level, logger.propagate) == before
    assert isinstance(worker.records, DiskRecords)
    worker.records.close()
