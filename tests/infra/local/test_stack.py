import logging
import sys
import threading
from pathlib import Path

from functions.records.kinds import DATASET_VERSIONS, number
from functions.storage.disk_records import DiskRecords
from infra.local.stack import open_embedded, open_server, open_worker
from tests.infra.local.asking import CSV, ask, until
from tests.support import waiting


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
    store = worker.context.workspace("default")
    waiting.until(lambda: not list(folder.iterdir()), "the file is taken in")
    assert store.get(DATASET_VERSIONS, "dropped", number(1)) is not None
    assert len(list((tmp_path / "blobs/default/done/dropped").iterdir())) == 2
    stack.close()


def test_a_server_scores_files_that_somebody_put_into_the_folder_of_a_model(tmp_path: Path) -> None:
    first = open_embedded(tmp_path, background=False)
    ask(first, "POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    announced = ask(first, "POST", "/v1/datasets/m/upload", {"size": len(CSV)})
    ask(first, "PUT", announced["url"], CSV, "text/csv")
    run = ask(first, "POST", "/v1/models/m/train", {"iterations": 5})
    until(first, f"/v1/runs/{run['id']}", state="succeeded")
    ask(first, "POST", "/v1/models/m/deploy", {})
    first.close()
    folder = tmp_path / "blobs" / "default" / "predict" / "m"
    folder.mkdir(parents=True)
    (folder / "rows.csv").write_bytes(CSV)
    (folder / "none.csv").write_bytes(b"zip\n1\n")
    stack = open_server(tmp_path, workers=1)
    wanted = ["none.csv", "none.csv.error.txt", "rows.csv", "rows.scored.csv"]
    waiting.until(lambda: sorted(one.name for one in folder.iterdir()) == wanted, "both are scored")
    assert (folder / "rows.scored.csv").read_bytes().count(b"\n") == CSV.count(b"\n")
    assert "give some of" in (folder / "none.csv.error.txt").read_text()
    stack.close()


def test_the_second_process_that_keeps_a_folder_up_knows_it(tmp_path: Path) -> None:
    first = open_server(tmp_path, workers=1)
    second = open_server(tmp_path, workers=1)
    assert (first.shared, second.shared) == (False, True)
    second.close()
    first.close()
    alone = open_server(tmp_path, workers=1)
    assert not alone.shared
    alone.close()


def test_the_callers_logging_stays_as_it_was(tmp_path: Path) -> None:
    logger = logging.getLogger("lepton")
    before = list(logger.handlers), logger.level, logger.propagate
    open_server(tmp_path, workers=1).close()
    open_embedded(tmp_path).close()
    assert (logger.handlers, logger.level, logger.propagate) == before


def test_a_worker_process_says_on_stderr_what_it_does(tmp_path: Path) -> None:
    logger = logging.getLogger("lepton")
    logger.handlers.clear()
    worker = open_worker(tmp_path)
    assert isinstance(worker.context.records, DiskRecords)
    worker.context.records.close()
    (handler,) = logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    assert handler.stream is sys.stderr
