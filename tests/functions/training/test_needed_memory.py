"""A training says beforehand how much memory it needs, and one that cannot fit is refused with that figure."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from functions.settings import Settings
from lepton_core.needed_memory import training_bytes
from lepton_core.table import ColumnFigures
from tests.support.stores import disk_store
from tests.support.waiting import BACKSTOP
from tests.support.world import World, csv_of, two_classes, world

ROOT = Path(__file__).parents[3]

TRAINING = """
import sys
from pathlib import Path
from tests.support.stores import disk_store
from tests.support.world import world

def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

with disk_store(Path(sys.argv[1])) as store:
    here = world(store)
    before = memory("VmRSS")
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 5})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    print(memory("VmHWM") - before)
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with disk_store(tmp_path / "store") as store:
        yield world(store)


def numbers(deal: np.random.Generator) -> list[str]:
    return [f"{value:.4f}" for value in deal.normal(size=60_000)]


def levels(deal: np.random.Generator) -> list[str]:
    return [f"level {value}" for value in deal.integers(100, size=120_000)]


def texts(deal: np.random.Generator) -> list[str]:
    return [" ".join(f"w{word}" for word in words) for words in deal.integers(5000, size=(15_000, 10))]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read as Linux tells it")
@pytest.mark.parametrize(("cells", "columns"), [(numbers, 20), (levels, 8), (texts, 2)])
def test_what_is_said_is_within_a_factor_of_two_of_what_is_used(
    here: World, tmp_path: Path, cells: Callable[[np.random.Generator], list[str]], columns: int
) -> None:
    deal = np.random.default_rng(0)
    table = {f"x{place}": cells(deal) for place in range(columns)}
    rows = len(table["x0"])
    here.upload(csv_of({**table, "label": ["yn"[one] for one in deal.integers(2, size=rows)]}), label="label")
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    version = here.ok("GET", "/v1/datasets/m/versions/1")
    figures = [
        ColumnFigures(one["name"], one["kind"], one["missing"], mean=one["mean"])
        for one in version["columns"]
    ]
    command = [sys.executable, "-c", TRAINING, str(tmp_path / "store")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BACKSTOP, check=False)
    assert done.returncode == 0, done.stderr
    used = int(done.stdout) * 1024
    assert used / 2 <= training_bytes(version["rows"], figures) <= 2 * used


def test_a_training_that_cannot_fit_is_refused_with_the_figure_and_the_remedy(here: World) -> None:
    here.upload(two_classes(2000))
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    little = here.again(settings=Settings(memory_bytes=1_000_000))
    refused = little.refused("POST", "/v1/models/m/train", {"iterations": 5})
    assert (refused["status"], refused["code"], refused["field"]) == (413, "too_large", "dataset")
    assert "2000 rows of 3 columns" in refused["message"]
    assert "needs about 5 MB of memory, and 1 MB are there" in refused["message"]
    assert "exclude" in refused["message"]
    assert here.ok("GET", "/v1/runs")["items"] == []
    assert here.ok("POST", "/v1/models/m/train", {"iterations": 5})["kind"] == "train"


def test_a_file_of_more_rows_than_fit_is_refused_with_the_figure(here: World) -> None:
    little = here.again(settings=Settings(memory_bytes=100_000, large_file_bytes=1000))
    upload = little.upload(two_classes(2000))
    assert (upload["state"], upload["error"]["code"]) == ("rejected", "too_large")
    assert "more than 1000 rows" in upload["error"]["message"]
    assert here.platform.blobs.keys("default/tables/") == []


def test_a_run_says_from_the_start_what_its_training_needs(here: World) -> None:
    here.upload(two_classes(2000))
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    version = here.ok("GET", "/v1/datasets/m/versions/1")
    figures = [
        ColumnFigures(one["name"], one["kind"], one["missing"], mean=one["mean"])
        for one in version["columns"]
    ]
    needed = training_bytes(version["rows"], figures)
    assert here.ok("POST", "/v1/models/m/train", {"iterations": 5})["needed_bytes"] == needed
    assert here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})["needed_bytes"] == 0
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(two_classes(3000))
    assert here.ok("POST", "/v1/models/m/update", {"iterations": 5})["needed_bytes"] > needed
