"""A run has no size limit: a slice of a long fit costs what one of a short fit does, and a trial what any trial does."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

from functions.context import Settings
from functions.records.kinds import DUE_RUNS
from functions.runs.record import BEGUN, RESULTS
from functions.system.sweep import sweep
from functions.training.curve import FEWEST, POINTS
from tests.support.faults import FaultyBlobs, FaultyRecords, Killed, KillSwitch
from tests.support.ledger import Ledger
from tests.support.sampling import full
from tests.support.stores import Store, memory_store
from tests.support.world import World, two_classes, world

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
    return here.ok("POST", "/v1/models/m/train", {"iterations": slices, "learning_rate": 0.01})


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


SLICES = [100, pytest.param(1_000, marks=pytest.mark.slow)]
if full():
    SLICES.append(pytest.param(10_000, marks=pytest.mark.slow))


@pytest.mark.parametrize("slices", SLICES)
def test_a_slice_of_a_long_fit_costs_what_a_slice_of_a_short_one_does(store: Store, slices: int) -> None:
    ledger = Ledger()
    here = world(store, settings=EACH_ITERATION, **ledger.over(store))
    run = train(here, slices)
    assert run["tasks_done"] == 1
    assert len(ledger.lines) == slices
    middle = ledger.lines[2:-1]  # the first slice marks the task as begun; the last one scores
    chunks = [line for line in middle if line.calls["blobs.put"] == 2]
    assert len(chunks) == (slices - 1) // FEWEST
    assert all(line.calls == Counter(SLICE) for line in middle if line not in chunks)
    assert all(line.calls == Counter({**SLICE, "blobs.put": 2}) for line in chunks)
    assert max(line.written for line in ledger.lines) <= BYTES
    is_as_in_one_piece(here, run, slices)


@pytest.mark.slow
def test_a_long_fit_goes_on_in_another_process_after_a_crash_in_its_middle(store: Store) -> None:
    slices = FEWEST + 100  # the earlier losses are in a chunk by then
    kill = KillSwitch(4 * (FEWEST + 50))  # a slice writes a blob and two records, and deletes a blob
    dying = world(
        store,
        settings=EACH_ITERATION,
        records=FaultyRecords(store.records, kill),
        blobs=FaultyBlobs(store.blobs, kill),
    )
    with suppress(Killed):
        train(dying, slices)
    assert kill.dead
    here = dying.again(records=store.records, blobs=store.blobs)
    (run,) = here.ok("GET", "/v1/runs")["items"]
    assert run["state"] == "running" and FEWEST < run["iteration"] < slices
    here.clock.forward(2e6)
    sweep(here.platform)
    here.clock.forward(120)
    sweep(here.platform)
    is_as_in_one_piece(here, run, slices)
