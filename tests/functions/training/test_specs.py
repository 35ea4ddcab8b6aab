"""The task of a search, which says the algorithms that it tries: that which a training finds in the same data."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from functions.datasets.parts import read_columns, read_table
from functions.records import find
from functions.runs.job import TrainJob
from functions.train import TrainModel, decide
from functions.training.specs import task_in
from lepton_core.models import ALGORITHMS
from lepton_core.target import task_of
from tests.support.runners import idle
from tests.support.stores import memory_store
from tests.support.world import World, csv_of, world

ROWS = 66

BOTH = sorted(name for name, one in ALGORITHMS.items() if len(one.tasks) == 2)

LABELS: dict[str, tuple[Sequence[object], str]] = {
    "two numbers": ([row % 2 for row in range(ROWS)], "classification"),
    "few numbers": ([row % 20 - 5 for row in range(ROWS)], "classification"),
    "few numbers far apart": ([10 ** (row % 7) for row in range(ROWS)], "classification"),
    "one too many": ([row % 21 for row in range(ROWS)], "regression"),
    "many numbers": ([row * 3 for row in range(ROWS)], "regression"),
    "fractions": ([row / 7 for row in range(ROWS)], "regression"),
    "few fractions": ([row % 3 + 0.5 for row in range(ROWS)], "regression"),
    "a fraction between whole ends": ([(0, 0.5, 1)[row % 3] for row in range(ROWS)], "regression"),
    "booleans": ([("true", "false")[row % 2] for row in range(ROWS)], "classification"),
    "categories": ([("low", "high", "none")[row % 3] for row in range(ROWS)], "classification"),
    "durations": ([f"{row % 50}h {row % 47}min" for row in range(ROWS)], "regression"),
}


@pytest.fixture(scope="module")
def here() -> World:
    made = world(memory_store(), runner=idle)
    for place, (cells, _) in enumerate(LABELS.values()):
        data = csv_of({"a": np.arange(ROWS) % 11 + 0.5, "label": cells})
        assert made.upload(data, f"d{place}")["state"] == "accepted"
        for name in BOTH:
            model = {"name": f"{name}-{place}", "algorithm": name, "dataset": f"d{place}"}
            made.ok("POST", "/v1/models", model)
    return made


def decided(here: World, model: str, wanted: TrainModel, **known: Any) -> TrainJob:
    store = here.platform.workspace("default")
    return decide(store, replace(find.active_model(store, model).value, **known), wanted)[0]


def tried(job: TrainJob) -> set[str]:
    return {one.algorithm for one in job.candidates}


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("label", LABELS)
def test_a_search_tries_all_algorithms_for_the_task_that_the_training_finds(
    here: World, label: str, name: str
) -> None:
    place, task = list(LABELS).index(label), LABELS[label][1]
    store = here.platform.workspace("default")
    column = read_table(store, find.dataset_version(store, f"d{place}", 1).value)["label"]
    assert task_of(column, ALGORITHMS[name].tasks) == task
    job = decided(here, f"{name}-{place}", TrainModel(auto=True))
    assert job.spec.task == task
    assert tried(job) == {one for one in ALGORITHMS if task in ALGORITHMS[one].tasks}
    again = decided(here, f"{name}-{place}", TrainModel(auto=True), task=task)
    assert again == job
    alone = decided(here, f"{name}-{place}", TrainModel(auto="hyperparameters"))
    assert (alone.spec.task, tried(alone)) == (task, {name})


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("change", [{"report": None}, {"rows": ROWS + 1}])
def test_a_version_without_a_report_of_all_its_rows_is_read(
    here: World, label: str, change: Mapping[str, Any]
) -> None:
    store = here.platform.workspace("default")
    version = find.dataset_version(store, f"d{list(LABELS).index(label)}", 1).value
    figures = next(one for one in read_columns(store, version) if one.name == "label")
    assert {task_in(store, replace(version, **change), name, figures) for name in BOTH} == {LABELS[label][1]}
