"""A run has no size limit: a slice of a long fit costs what one of a short fit does, and so does a search's trial."""

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest

from functions.context import Settings
from functions.records.kinds import DUE_RUNS, VERSIONS
from functions.runs.new_run import ROOM
from functions.runs.record import BEGUN, RESULTS
from functions.storage import MAX_RECORD_BYTES
from functions.system.sweep import sweep
from functions.training.curve import FEWEST_LOSSES, POINTS
from functions.training.trials import MOST_TRIALS
from lepton_core.errors import MOST_LETTERS
from lepton_core.preprocess import Preprocessor
from lepton_core.validation import MAX_COLUMNS
from tests.support.faults import FaultyBlobs, FaultyRecords, KillSwitch, killed
from tests.support.ledger import Ledger
from tests.support.sampling import full
from tests.support.stores import Store, memory_store
from tests.support.world import World, csv_of, two_classes, world

DATA = two_classes(40)

EACH_ITERATION = Settings(slice_seconds=0.0, lease_seconds=1e6)
"""Every iteration is a slice of its own, however fast the machine is."""

SLICE = {"records.get": 2, "records.write": 2, "blobs.get": 1, "blobs.put": 1, "blobs.delete": 1}
"""The calls of one slice.

It reads the result so far and the checkpoint, writes the new checkpoint and the new result, removes the old
checkpoint, reads whether the run has ended meanwhile, and its driver writes the progress.
"""

BYTES = 30_000
"""What one slice writes at most: the losses since the last chunk, eight bytes each, and twice the curve as shown."""


def train(here: World, slices: int) -> Any:
    """The finished run of a fit of so many iterations."""
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    assert here.upload(DATA)["state"] == "accepted"
    return here.ok(
        "POST", "/v1/models/m/train", {"iterations": slices, "learning_rate": 0.01, "refit": False}
    )


def unsliced(slices: int) -> Any:
    """The version that the same fit makes in one piece."""
    here = world(memory_store(), settings=Settings(slice_seconds=1e6, lease_seconds=1e6))
    assert train(here, slices)["state"] == "succeeded"
    return here.ok("GET", "/v1/models/m/versions/1")


def is_as_in_one_piece(here: World, run: Any, slices: int) -> None:
    """The run succeeded, made the very same version, and left nothing else."""
    run = here.ok("GET", f"/v1/runs/{run['id']}")
    assert (run["state"], run["iteration"]) == ("succeeded", slices), run["error"]
    made, expected = here.ok("GET", "/v1/models/m/versions/1"), unsliced(slices)
    assert made["digest"] == expected["digest"]
    assert made["loss"] == run["loss"] == expected["loss"]
    assert len(made["loss"]) == min(slices, POINTS)
    place = here.platform.workspace("default")
    assert sorted(key.rsplit("/", 1)[1].split("-")[0] for key in place.blobs.keys("default/runs/")) == [
        "artifact",
        "evaluation",
    ]
    assert place.list(RESULTS, run["id"]) == place.list(BEGUN, run["id"]) == []
    assert here.platform.system.list(DUE_RUNS) == []


SLICES = [60, 180]
TRIALS = [20, 60]
if full():
    SLICES += [FEWEST_LOSSES + 50]
    TRIALS += [MOST_TRIALS]


@pytest.mark.slow
@pytest.mark.parametrize("slices", SLICES)
def test_a_slice_of_a_long_fit_costs_what_a_slice_of_a_short_one_does(store: Store, slices: int) -> None:
    check_slices(store, slices)


@pytest.mark.slow
@pytest.mark.skipif(not full(), reason="takes minutes")
def test_a_slice_among_ten_thousand_costs_no_more() -> None:
    """What is counted is asked of the store, whichever it is: the quickest one will do."""
    check_slices(memory_store(), 10_000)


def check_slices(store: Store, slices: int) -> None:
    ledger = Ledger()
    here = world(store, settings=EACH_ITERATION, **ledger.over(store))
    run = train(here, slices)
    assert run["tasks_done"] == 1
    assert len(ledger.lines) == slices
    middle = ledger.lines[2:-1]  # the first slice marks the task as begun; the last one scores
    chunks = [line for line in middle if line.calls["blobs.put"] == 2]
    assert len(chunks) == (slices - 1) // FEWEST_LOSSES
    assert all(line.calls == Counter(SLICE) for line in middle if line not in chunks)
    assert all(line.calls == Counter({**SLICE, "blobs.put": 2}) for line in chunks)
    assert max(line.written for line in ledger.lines) <= BYTES
    is_as_in_one_piece(here, run, slices)


@pytest.mark.lengthy
@pytest.mark.slow
def test_a_long_fit_goes_on_in_another_process_after_a_crash_in_its_middle() -> None:
    store, slices = memory_store(), FEWEST_LOSSES + 100  # the earlier losses are in a chunk by then
    kill = KillSwitch(4 * (FEWEST_LOSSES + 50))  # a slice writes a blob and two records, and deletes a blob
    dying = world(
        store,
        settings=EACH_ITERATION,
        records=FaultyRecords(store.records, kill),
        blobs=FaultyBlobs(store.blobs, kill),
    )
    with killed(kill):
        train(dying, slices)
    here = dying.again(records=store.records, blobs=store.blobs)
    (run,) = here.ok("GET", "/v1/runs")["items"]
    assert run["state"] == "running" and FEWEST_LOSSES < run["iteration"] < slices
    here.clock.forward(2e6)
    sweep(here.platform)
    here.clock.forward(120)
    sweep(here.platform)
    is_as_in_one_piece(here, run, slices)


LONG = "x" * 200

COLUMNS = 60

PAGE = 100
"""Records that one query answers."""


def wide(rows: int = 510) -> bytes:
    """Many columns, and classes, all with long names; so many rows are dealt out into folds once."""
    X = np.random.default_rng(0).normal(size=(rows, COLUMNS))
    label = np.where(X[:, 0] > 0, f"yes {LONG}", f"no {LONG}")
    return csv_of({**{f"{i} {LONG}": X[:, i].tolist() for i in range(COLUMNS)}, "label": label})


def search(here: World, ledger: Ledger, trials: int) -> Any:
    """The finished run of a search over `wide` data, with a preprocessor; the ledger has that run alone."""
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    assert here.upload(wide())["state"] == "accepted"
    chain = Preprocessor.empty().add("Normalize", input="X", output="X_normalized")
    here.ok("PUT", "/v1/models/m/preprocessor", {"preprocessor": chain.as_dict()})
    ledger.begin()
    asked = {"auto": "hyperparameters", "trials": trials, "iterations": 3, "refit": False}
    return here.ok("POST", "/v1/models/m/train", asked)


@pytest.mark.slow
@pytest.mark.sampled(2)
@pytest.mark.parametrize("trials", TRIALS)
def test_a_search_reads_as_often_a_trial_however_many_there_are_and_writes_no_large_record(
    store: Store, trials: int
) -> None:
    ledger = Ledger()
    here = world(store, **ledger.over(store))
    run = search(here, ledger, trials)
    assert run["state"] == "succeeded", run["error"]
    assert len(run["outcome"]["leaderboard"]) == trials
    tasks, calls = run["tasks_done"], ledger.total().calls
    assert tasks == len(ledger.lines) > 1.8 * trials
    assert 0 < calls["records.get"] - 2 * tasks < 20
    removed = 2 * -(-tasks // PAGE)  # of each task its result, and that it was begun: listed to be removed
    assert calls["records.query"] + calls["blobs.get"] + calls["blobs.keys"] <= 12 + removed
    size, where = ledger.largest
    print(f"{trials} trials: the largest record has {size} bytes: {where}")  # noqa: T201
    assert size <= MAX_RECORD_BYTES / 4


@pytest.mark.slow
def test_a_search_whose_candidates_all_fail_ends_with_the_first_error(store: Store) -> None:
    ledger = Ledger()
    here = world(store, **ledger.over(store))
    asked = {"trials": TRIALS[-1], "iterations": 100, "learning_rate": 1e9}
    run = here.trained(two_classes(120), auto="hyperparameters", **asked)
    assert len(ledger.lines) == TRIALS[-1]
    assert (run["state"], run["error"]["code"], run["version"]) == ("failed", "diverged", None)
    assert ledger.largest[0] <= MAX_RECORD_BYTES / 4
    place = here.platform.workspace("default")
    assert place.blobs.keys("default/runs/") == [] == place.list(RESULTS, run["id"])


def test_a_run_that_would_outgrow_its_record_is_refused_and_nothing_is_queued(store: Store) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(DATA)
    columns = [f"{i} {LONG}" for i in range((MAX_RECORD_BYTES - ROOM // 2) // 210)]
    chain = Preprocessor.empty().add("Normalize", input=columns)
    here.ok("PUT", "/v1/models/m/preprocessor", {"preprocessor": chain.as_dict()})
    refused = here.refused("POST", "/v1/models/m/train", {"iterations": 3})
    assert (refused["status"], refused["code"]) == (413, "too_large")
    assert "smaller preprocessor" in refused["message"]
    assert here.ok("GET", "/v1/runs")["items"] == []
    assert here.ok("GET", "/v1/models/m")["run"] is None


def test_an_error_that_names_a_very_long_column_is_kept_short(store: Store) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(DATA)
    chain = Preprocessor.empty().add("Normalize", input="x" * 50_000)
    here.ok("PUT", "/v1/models/m/preprocessor", {"preprocessor": chain.as_dict()})
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 3})
    assert run["state"] == "failed"
    assert "xxx" in run["error"]["message"]
    assert all(len(text) <= MOST_LETTERS for text in run["error"].values() if isinstance(text, str))


def test_the_importance_of_very_many_columns_is_a_file_and_the_evaluation_an_answer(store: Store) -> None:
    ledger = Ledger()
    here = world(store, **ledger.over(store))
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 300))
    label = np.where(X[:, 0] > 0, "yes", "no")
    here.trained(csv_of({**{f"{i} {LONG}": X[:, i].tolist() for i in range(300)}, "label": label}))
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    assert run["state"] == "succeeded", run["error"]
    (version,) = here.platform.workspace("default").list(VERSIONS, "m")
    assert version[1].value.importance is not None
    assert version[1].value.importance_inside is None
    answer = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    assert len(json.dumps(answer)) < 100_000
    assert 0 < len(answer["importance"]["columns"]) <= MAX_COLUMNS
    assert ledger.largest[0] <= MAX_RECORD_BYTES


@pytest.mark.lengthy
def test_a_table_of_very_many_columns_is_taken_trained_on_and_served(store: Store) -> None:
    ledger = Ledger()
    here = world(store, **ledger.over(store))
    X = np.random.default_rng(0).normal(size=(30, 2_500))
    columns = {f"c{i}": X[:, i].tolist() for i in range(2_500)}
    data = csv_of({**columns, "label": np.where(X[:, 0] > 0, "yes", "no")})
    assert here.trained(data, iterations=5)["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/deploy", {})
    row = {name: values[0] for name, values in columns.items()}
    assert here.ok("POST", "/v1/models/m/predict", {"rows": [row]})["predictions"]
    assert here.upload(data + data.partition(b"\n")[2])["version"] == 2
    assert here.ok("POST", "/v1/models/m/update", {"iterations": 5})["error"] is None
    shown = here.ok("GET", "/v1/datasets/m/versions/1")
    assert [one["name"] for one in shown["columns"]] == [*columns, "label"]
    assert ledger.largest[0] <= MAX_RECORD_BYTES
