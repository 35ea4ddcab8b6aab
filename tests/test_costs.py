"""What things cost, counted: calls of the store, modules, passes over the data, bytes. Only the numbers may change.

Each constant says what it counts. One that gets smaller is lowered with the change that did it; one that gets larger
needs a reason in the change that does it.
"""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.settings import Settings
from lepton_core.models import Problem, algorithm
from tests.support.costs import peak_of
from tests.support.faults import CountingBlobs, CountingRecords
from tests.support.stores import Store, disk_store
from tests.support.waiting import BACKSTOP
from tests.support.world import World, two_classes, world

UPLOAD = {
    "records.get": 16,
    "records.query": 1,
    "records.write": 3,
    "blobs.put": 3,
    "blobs.get": 2,
    "blobs.size": 1,
    "blobs.keys": 1,
    "blobs.upload_url": 1,
}
"""A file of a known data set: announced, sent, taken in, followed. The query counts the uploads under way.

A report is written beside the table, and the one of the version before is read to compare with. Each of the three
requests reads where the name of the data set leads.
"""

TRAIN = {
    "records.get": 16,
    "records.query": 6,
    "records.write": 9,
    "blobs.put": 2,
    "blobs.get": 1,
    "blobs.keys": 2,
    "blobs.delete": 1,
}
"""A run that fits in one slice, from the request to the end of its record.

Of these are three writes, one read and four queries for the task's own two records, that it has begun and its
result; a query for the runs under way; and a read of the data's record, which must be there when the run is queued.
"""

DEPLOY = {"records.get": 4, "records.write": 1, "blobs.get": 1}
"""A deployment of another version, which is loaded first; and then one of what is served, which writes nothing."""

WARM_PREDICTION: dict[str, int] = {}
"""A prediction by a process that has predicted before."""

MONITOR = {"records.get": 3, "records.query": 3, "blobs.get": 1}
"""The first report of a process on the traffic of one hour, whose counts are written."""

ASSESSMENT = {"records.get": 2, "records.query": 4}
"""An assessment of such traffic that changes nothing, with its report, by a process that made one before."""

MODULES = 380
"""Modules of Lepton's own that a process has loaded when it has answered its first prediction.

Forty of them came when the rooms of the functions, the kinds of columns and the statistics got a file for each thing,
nine with the rules of splits, which the handler of a training knows, and sixty with nine kinds of columns, what reads
their cells, files as they are found, ten more transformers and the blocks of a matrix. What reads files is loaded when
a file is read, which took thirty away again for predictions that are sent as columns, encoding by the label, reports,
and what looks after data sets. One knows where the name of a data set leads, and one
renames it; one counts texts by their words, and one says what all that counts cells has in common. Three came with the
sessions of browsers, three with the console, three with the preview of preprocessors, one with the route that
reads a file of rows, one with what was deployed before, two with the route that makes lags, one says which versions
explain, and one makes of an output what is told of each row, which a version in a file does as well. Two came with the
protocols of other systems: their addresses, and what they have in common; two with versions that are imported, one with
schedules. Two are apart so that a server of one model needs no Chalice: the routes of a step, and what a host answers
by itself. Six came with whole files that are scored, one with rollouts of updates, one with weights that hold the
scaling, two with the routes of services: the routes, and what a machine tells of its own, and three with runs that
a state machine drives.
"""

NEVER = {"boto3", "botocore", "click", "pandas", "rich", "scipy", "sklearn"}
"""What no process loads in order to predict."""

PASSES = {"newton": 17, "descent": 21}
"""How often a fit of logistic regression goes through all rows: by default, and in 20 steps of gradient descent."""

COPIES = 9.0
"""The most bytes that taking in a file holds at one moment, in sizes of that file."""


ONE_SLICE = Settings(lease_seconds=1e6, slice_seconds=1e6)
"""However slow the machine is."""


@pytest.fixture
def counted(disk: Store) -> tuple[World, Counter[str]]:
    """A platform that has a data set, a deployed model and a warm process; and the calls of its store."""
    calls: Counter[str] = Counter()
    here = world(
        disk,
        settings=ONE_SLICE,
        records=CountingRecords(disk.records, calls),
        blobs=CountingBlobs(disk.blobs, calls),
    )
    here.trained(two_classes(), iterations=10)
    here.ok("POST", "/v1/models/m/deploy", {})
    predict(here)
    here.platform.loaded.flush()
    calls.clear()
    return here, calls


def predict(here: World) -> None:
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 0.5, "b": 1.0}]})


def at_most(calls: Counter[str], most: dict[str, int]) -> None:
    found = {name: calls[name] for name in {*calls, *most} if calls[name] > most.get(name, 0)}
    assert not found, f"{dict(calls)} is more than {most}"


def test_an_upload_calls_the_store_so_often(counted: tuple[World, Counter[str]]) -> None:
    here, calls = counted
    assert here.upload(two_classes(seed=1))["version"] == 2
    at_most(calls, UPLOAD)


def test_a_training_calls_the_store_so_often(counted: tuple[World, Counter[str]]) -> None:
    here, calls = counted
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 10, "refit": False})
    assert run["state"] == "succeeded"
    at_most(calls, TRAIN)


def test_a_warm_prediction_calls_no_store(counted: tuple[World, Counter[str]]) -> None:
    here, calls = counted
    for _ in range(100):
        predict(here)
    at_most(calls, WARM_PREDICTION)


def test_a_report_calls_the_store_so_often(counted: tuple[World, Counter[str]]) -> None:
    here, calls = counted
    assert here.ok("GET", "/v1/models/m/monitor")["rows"] == 1
    at_most(calls, MONITOR)


@pytest.mark.parametrize("what", ["traffic", "features"])
def test_what_is_drawn_costs_no_more_than_the_report(counted: tuple[World, Counter[str]], what: str) -> None:
    here, calls = counted
    here.ok("GET", f"/v1/models/m/monitor/{what}")
    at_most(calls, MONITOR)


def test_a_deployment_reads_the_model_once_and_the_second_writes_nothing(
    counted: tuple[World, Counter[str]],
) -> None:
    here, calls = counted
    here.ok("POST", "/v1/models/m/train", {"iterations": 10, "refit": False})
    calls.clear()
    first = here.ok("POST", "/v1/models/m/deploy", {})
    at_most(calls, DEPLOY)
    calls.clear()
    assert here.ok("POST", "/v1/models/m/deploy", {}) == first
    at_most(calls, {**DEPLOY, "records.write": 0})


def test_an_assessment_reads_the_traffic_once_and_no_model_that_was_assessed_before(
    counted: tuple[World, Counter[str]],
) -> None:
    here, calls = counted
    here.ok("POST", "/v1/models/m/monitor")
    assert calls["blobs.get"] == 1
    calls.clear()
    here.ok("POST", "/v1/models/m/monitor")
    at_most(calls, ASSESSMENT)


PREDICTING = """
import json, sys
from pathlib import Path
from infra.local.gateway import call
from infra.local.stack import open_embedded
stack = open_embedded(Path(sys.argv[1]), background=False)
headers = {"content-type": "application/json"}
body = b'{"rows": [{"a": 0.5, "b": 1.0}]}'
answer = call(stack.app, stack.platform, "POST", "/v1/models/m/predict", headers=headers, body=body)
assert answer.status == 200, answer.body
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest", "svm", "deep_learning"])
def test_a_process_that_predicts_loads_nothing_heavy_and_few_modules(tmp_path: Path, algorithm: str) -> None:
    with disk_store(tmp_path) as store:
        here = world(store)
        assert here.trained(two_classes(), algorithm=algorithm)["state"] == "succeeded"
        here.ok("POST", "/v1/models/m/deploy", {})
    command = [sys.executable, "-c", PREDICTING, str(tmp_path)]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=BACKSTOP, check=False)
    assert done.returncode == 0, done.stderr
    modules = json.loads(done.stdout)
    tops = Counter(name.partition(".")[0] for name in modules)
    assert not NEVER & set(tops)
    own = sum(tops[name] for name in ("app", "functions", "infra", "lepton_ai", "lepton_core"))
    assert own <= MODULES


class CountedLoss:
    """A loss that counts how often it goes through all rows."""

    def __init__(self, inner: Any, passes: Counter[str]) -> None:
        self._inner, self._passes = inner, passes

    def at(self, iteration: int, batch: int) -> "CountedLoss":
        return CountedLoss(self._inner.at(iteration, batch), self._passes)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in ("value", "value_and_gradient", "curvatures", "bounds"):
            return found

        def counting(*arguments: Any, **named: Any) -> Any:
            self._passes[name] += 1
            return found(*arguments, **named)

        return counting


@pytest.mark.parametrize(
    ("way", "given"), [("newton", {}), ("descent", {"iterations": 20, "learning_rate": 0.5})]
)
def test_a_fit_goes_through_the_rows_so_often(way: str, given: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 4))
    problem = Problem(X, (X @ [1.0, 2.0, 0.0, -1.0] + rng.normal(size=500) > 0).astype(np.int64), 2)
    passes: Counter[str] = Counter()
    of: Any = algorithm("logistic_regression")
    counting = replace(of, loss=lambda *of_what: CountedLoss(of.loss(*of_what), passes))
    hyper = counting.configure(given)
    fit = counting.advance(counting.start(problem, hyper), problem, hyper, lambda _: False)
    assert fit.finished
    assert 0 < passes.total() <= PASSES[way], passes


def test_taking_in_a_file_holds_so_many_copies_of_it(disk: Store) -> None:
    here, csv = world(disk), two_classes(20_000)
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": len(csv), "label": "label"})
    path = f"/v1/datasets/m/upload/{announced['id']}"
    peak = peak_of(lambda: here.ok("PUT", path, csv))
    assert here.ok("GET", path)["state"] == "accepted"
    assert peak <= COPIES * len(csv), f"{peak / len(csv):.1f} sizes of the file"
