"""Which rows a training holds out: by default, when asked, and when it begins with the weights of another version."""

from typing import Any

import numpy as np
import pytest

from functions.records.kinds import DATASET_VERSIONS, VERSIONS, number
from functions.records.record_upgrades import dataset_version_with_keys, version_with_split
from functions.runs.run_upgrades import run_with_split
from lepton_core.table import CONTENT
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

BY_COPIES = {"rule": "copies-2", "fraction": 0.2, "column": None, "after": None}


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def arms() -> bytes:
    cells = [("t", "sick")] * 800 + [("t", "well")] * 200 + [("c", "sick")] * 300 + [("c", "well")] * 700
    return csv_of({"arm": [arm for arm, _ in cells], "label": [label for _, label in cells]})


def visits() -> bytes:
    """Twenty patients of ten rows each, whose days rise."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=200)
    return csv_of(
        {
            "patient": [f"p{one}" for one in rng.permutation(np.repeat(np.arange(20), 10))],
            "day": np.arange(200.0).tolist(),
            "part": ["test" if one % 4 == 0 else "train" for one in range(200)],
            "a": a.tolist(),
            "label": np.where(a + rng.normal(size=200) > 0, "yes", "no").tolist(),
        }
    )


def trained(here: World, data: bytes, **body: Any) -> Any:
    here.trained(data, **body)
    latest = here.ok("GET", "/v1/models/m")["latest"]
    return here.ok("GET", f"/v1/models/m/versions/{latest}")


def test_two_arms_of_few_different_rows_are_learnt_and_measured_right(here: World) -> None:
    version = trained(here, arms())
    assert version["split"] == BY_COPIES
    here.ok("POST", "/v1/models/m/deploy", {})
    rows = {"rows": [{"arm": "t"}, {"arm": "c"}]}
    sick = [
        one["probabilities"]["sick"] for one in here.ok("POST", "/v1/models/m/predict", rows)["predictions"]
    ]
    assert sick == pytest.approx([0.8, 0.3], abs=0.01)
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 5})
    outcome = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    assert outcome["metrics"]["accuracy"] == pytest.approx(0.75, abs=0.01)
    assert outcome["cross_validation"]["metrics"]["accuracy"] == pytest.approx(0.75, abs=0.01)


def test_a_regression_on_two_values_predicts_the_means_of_the_groups(here: World) -> None:
    rng = np.random.default_rng(0)
    group = ["a", "b"] * 500
    y = np.where(np.array(group) == "a", 1.0, 3.0) + rng.integers(-2, 3, 1000)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "linear_regression"})
    here.upload(csv_of({"group": group, "label": y.tolist()}))
    here.ok("POST", "/v1/models/m/train", {})
    here.ok("POST", "/v1/models/m/deploy", {})
    answer = here.ok("POST", "/v1/models/m/predict", {"rows": [{"group": "a"}, {"group": "b"}]})
    means = [y[np.array(group) == one].mean() for one in "ab"]
    assert [one["value"] for one in answer["predictions"]] == pytest.approx(means, abs=0.03)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"by": "rows", "fraction": 0.4}, {**BY_COPIES, "fraction": 0.4}),
        ({"by": "group", "column": "patient"}, {**BY_COPIES, "rule": "group-1", "column": "patient"}),
        ({"by": "near_copies"}, {**BY_COPIES, "rule": "group-1"}),
        ({"by": "time", "column": "day"}, {**BY_COPIES, "rule": "time-1", "column": "day", "after": 160.0}),
        ({"by": "column", "column": "part"}, {**BY_COPIES, "rule": "column-1", "column": "part"}),
    ],
)
def test_a_split_is_asked_for_kept_and_goes_on(here: World, asked: Any, kept: Any) -> None:
    assert trained(here, visits(), split=asked)["split"] == kept
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 3})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/deploy", {})
    row = {"patient": "p1", "day": 1, "part": "test", "a": 1}
    hidden = asked["column"] if asked["by"] in ("group", "column") else None
    features = {name: cell for name, cell in row.items() if name != hidden}
    answer = here.ok("POST", "/v1/models/m/predict", {"rows": [features]})
    assert answer["predictions"]
    here.ok("POST", "/v1/models/m/update", {})
    here.ok("POST", "/v1/models/m/train", {"warm_start": True})
    for later in (2, 3):
        assert here.ok("GET", f"/v1/models/m/versions/{later}")["split"] == kept


@pytest.mark.parametrize(
    ("split", "field", "says"),
    [
        ({"by": "group", "column": "pateint"}, "split.column", "did you mean 'patient'"),
        ({"by": "group"}, "split.column", "name the column of the group"),
        ({"by": "rows", "column": "day"}, "split.column", "goes with by"),
        ({"by": "near_copies", "column": "day"}, "split.column", "goes with by"),
        ({"by": "time", "column": "label"}, "split.column", "is the label"),
        ({"by": "column", "column": "part", "fraction": 0.3}, "split.fraction", "leave it out"),
        ({"fraction": 1.0}, "split.fraction", "1.0"),
    ],
)
def test_a_split_that_cannot_be_is_refused_by_its_field(
    here: World, split: Any, field: Any, says: str
) -> None:
    trained(here, visits())
    status, answer = here.ask("POST", "/v1/models/m/train", {"split": split})
    assert status == 400
    assert says in answer["error"]["message"]
    assert answer["error"]["field"] == field


@pytest.mark.parametrize("by", ["rows", "near_copies"])
def test_a_model_that_remembers_rows_is_found_out_by_a_split_by_near_copies(here: World, by: str) -> None:
    """Labels are drawn for each of 200 origins, and copied with it: there is nothing to learn, and much to remember."""
    rng = np.random.default_rng(0)
    origin = rng.permutation(np.repeat(np.arange(200), 4))
    cells = rng.normal(size=(5, 200))[:, origin] + 1e-4 * rng.normal(size=(5, 800))
    label = np.where(rng.random(200) < 0.5, "yes", "no")[origin]
    data = csv_of({**{f"c{at}": one.tolist() for at, one in enumerate(cells)}, "label": label.tolist()})
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "random_forest"})
    here.upload(data)
    here.ok("POST", "/v1/models/m/train", {"split": {"by": by}})
    accuracy = here.ok("GET", "/v1/models/m/versions/1")["metrics"]["accuracy"]
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 4, "version": 1})
    of_folds = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]["cross_validation"]["metrics"]["accuracy"]
    for one in (accuracy, of_folds):
        assert one > 0.9 if by == "rows" else 0.3 < one < 0.7


def test_a_column_that_says_no_side_fails_the_run_with_its_row(here: World) -> None:
    trained(here, visits())
    run = here.ok("POST", "/v1/models/m/train", {"split": {"by": "column", "column": "patient"}})
    error = here.ok("GET", f"/v1/runs/{run['id']}")["error"]
    assert (error["column"], error["row"]) == ("patient", 1)
    assert "write 'test' for a row to hold out" in error["message"]


def test_weights_do_not_go_to_another_split(here: World) -> None:
    trained(here, visits())
    body = {"warm_start": True, "split": {"by": "time", "column": "day"}}
    status, answer = here.ask("POST", "/v1/models/m/train", body)
    assert (status, answer["error"]["field"]) == (400, "split")
    assert "train without warm_start" in answer["error"]["message"]


def test_keys_and_strata_are_kept_with_each_version_and_starts_never_change(here: World) -> None:
    trained(here, two_classes(100))
    here.upload(two_classes(100) + b"0.5,0.5,maybe\n1.5,0.5,maybe\n")
    place = here.platform.workspace("default")
    kept = [place.get(DATASET_VERSIONS, "m", number(one)) for one in (1, 2)]
    assert all(one is not None and one.value.strata is not None for one in kept)
    assert all(part.keyed for one in kept if one is not None for part in one.value.parts)
    run = here.ok("POST", "/v1/models/m/train", {})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"


def test_what_was_stored_before_there_was_a_choice_held_out_by_content(here: World) -> None:
    assert version_with_split({"model": "m"})["split"] == {"rule": "content-1"}
    assert run_with_split({"job": {"type": "train", "spec": {"seed": 1}}})["job"]["spec"] == {
        "seed": 1,
        "split": {"rule": "content-1"},
    }
    assert dataset_version_with_keys({"parts": [{"rows": 3}]})["parts"] == [{"rows": 3, "keyed": False}]
    trained(here, visits())
    found = here.platform.workspace("default").get(VERSIONS, "m", number(1))
    assert found is not None
    assert found.value.split != CONTENT
