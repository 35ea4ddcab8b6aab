"""A search that ends in a blend, through the whole life of its version."""

from typing import Any

import msgspec
import numpy as np
import pytest

from functions.datasets.parts import read_table
from functions.records import find
from functions.runs.record import find_run
from functions.settings import Settings
from functions.train import TrainModel, decide
from functions.training import ensembles, trials
from lepton_core.ensemble import Ensemble
from lepton_core.load import bare, load
from lepton_core.promotion import held_out_loss
from lepton_core.table import split_rows
from tests.functions.test_auto_training import Many, Shuffled, board
from tests.support.kept_stores import Prepared
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

pytestmark = pytest.mark.slow

AUTO = {"auto": True, "trials": 5, "members": 3, "seed": 1, "refit": True}
ONCE = 510
"""Rows of which one cross-validation says enough: of fewer, each candidate has a second one."""

ROWS = [{"a": 0.2, "b": -0.1}, {"a": 1.0, "b": 2.0}, {"a": -1.0, "b": None}]


def both(rows: int = 240, seed: int = 0) -> bytes:
    """A plane that lines find and a corner that trees find: a blend is better than either."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(rows, 2))
    score = 2 * X[:, 0] + X[:, 1] + 2 * ((X[:, 0] > 0) & (X[:, 1] > 0)) + rng.logistic(size=rows) / 2
    return csv_of({"a": X[:, 0].tolist(), "b": X[:, 1].tolist(), "label": np.where(score > 0.5, "yes", "no")})


def values(rows: int = 240) -> bytes:
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(rows, 2))
    y = 3 * X[:, 0] + 2 * (X[:, 1] > 0) + 0.5 * rng.normal(size=rows)
    return csv_of({"a": X[:, 0].tolist(), "b": X[:, 1].tolist(), "label": y.tolist()})


def version(here: World, number: int = 1) -> Any:
    return here.ok("GET", f"/v1/models/m/versions/{number}")


def artifact(here: World, number: int = 1) -> Ensemble:
    found = find.version(here.platform.workspace("default"), "m", number).value
    judged, served = (
        bare(load(here.platform.blobs.get(file.key))) for file in (found.artifact, found.answers)
    )
    assert isinstance(judged, Ensemble) and isinstance(served, Ensemble)
    assert judged.weights == served.weights
    return judged


def blended(here: World) -> None:
    assert here.trained(both(), **AUTO)["state"] == "succeeded"


@pytest.fixture
def here(prepared: Prepared) -> World:
    return prepared.after(blended)


def test_a_version_says_of_whom_it_is_blended_and_with_which_weights(here: World) -> None:
    made = version(here)
    assert (made["algorithm"], made["task"]) == ("ensemble", "classification")
    assert made["hyperparameters"] == {"seed": 1}
    members = made["members"]
    assert 2 <= len(members) <= 3
    assert sum(one["weight"] for one in members) == pytest.approx(1.0)
    kept = artifact(here)
    assert [one.algorithm for one in kept.members] == [one["algorithm"] for one in members]
    assert list(kept.weights) == [one["weight"] for one in members]
    tried = board(here.ok("GET", f"/v1/runs/{made['run']}"))
    told = [(one["algorithm"], one["hyperparameters"]) for one in tried]
    assert all((one["algorithm"], one["hyperparameters"]) in told for one in members)
    assert made["judged"]["rows"] < made["served"]["rows"] == 240
    assert "a blend of" in here.ok("GET", f"/v1/runs/{made['run']}")["note"]


def test_its_held_out_loss_is_that_of_its_artifact_on_rows_it_has_not_seen(here: World) -> None:
    place = here.platform.workspace("default")
    table = read_table(place, find.dataset_version(place, "m", 1).value)
    training, held_out = split_rows(table, label="label")
    made = version(here)
    loss = held_out_loss(artifact(here), table.take(held_out))
    assert made["metrics"]["log_loss"] == pytest.approx(loss, rel=1e-12)
    assert made["judged"]["rows"] == len(training)


def test_it_is_deployed_predicts_and_explains(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", {**AUTO, "trials": 2})
    here.ok("POST", "/v1/models/m/deploy", {})
    answer = here.ok("POST", "/v1/models/m/predict", {"rows": ROWS, "explain": True})
    assert version(here, here.ok("GET", "/v1/models/m")["champion"])["explains"]
    for one in answer["predictions"]:
        odds = one["base"] + sum(one["contributions"].values())
        p = one["probabilities"]
        assert one["unit"] == "log-odds"
        assert odds == pytest.approx(np.log(p["yes"] / p["no"]), rel=1e-6)
    monitored = here.ok("GET", "/v1/models/m/monitor", query={"hours": "1"})
    assert monitored["rows"] == 3


def test_it_is_cross_validated_as_a_blend_and_its_columns_are_weighed(here: World) -> None:
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    ended = here.ok("GET", f"/v1/runs/{run['id']}")
    assert ended["state"] == "succeeded", ended["error"]
    assert ended["outcome"]["cross_validation"]["loss"] < 0.6
    report = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    assert {one["column"] for one in report["importance"]["columns"]} == {"a", "b"}


def test_an_update_fits_the_same_members_again_and_weighs_them_anew(here: World) -> None:
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    here.upload(both(400, seed=1))
    run = here.ok("POST", "/v1/models/m/update", {})
    ended = here.ok("GET", f"/v1/runs/{run['id']}")
    assert ended["state"] == "succeeded", ended["error"]
    before, after = version(here), version(here, 2)
    assert [(one["algorithm"], one["hyperparameters"]) for one in after["members"]] == [
        (one["algorithm"], one["hyperparameters"]) for one in before["members"]
    ]
    assert [one["weight"] for one in after["members"]] != [one["weight"] for one in before["members"]]
    assert all(one["weight"] > 0 for one in after["members"])
    assert ended["outcome"]["comparison"]["rows"] + after["judged"]["rows"] == after["served"]["rows"]
    refused = here.refused("POST", "/v1/models/m/update", {"iterations": 5})
    assert refused["field"] == "iterations" and "train anew" in refused["message"]


@pytest.mark.lengthy
def test_values_are_blended_too(store: Store) -> None:
    here = world(store)
    run = here.trained(values(), algorithm="linear_regression", **{**AUTO, "trials": 3})
    assert run["state"] == "succeeded", run["error"]
    made = version(here)
    assert (made["algorithm"], made["task"]) == ("ensemble", "regression")
    here.ok("POST", "/v1/models/m/deploy", {})
    (one,) = here.ok("POST", "/v1/models/m/predict", {"rows": ROWS[:1], "explain": True})["predictions"]
    assert one["base"] + sum(one["contributions"].values()) == pytest.approx(one["value"])


@pytest.mark.lengthy
def test_without_members_the_best_stays_alone(store: Store) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(both(ONCE))
    asked: tuple[dict[str, Any], ...] = ({"members": 0}, {"members": 1}, {"auto": "algorithm"})
    for number, one in enumerate(asked, start=1):
        run = here.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 5, "seed": 1, **one})
        made, best = version(here, number), board(here.ok("GET", f"/v1/runs/{run['id']}"))[0]
        assert made["members"] == []
        assert made["algorithm"] == best["algorithm"] != "logistic_regression"
        assert made["hyperparameters"] == {**best["hyperparameters"], "seed": 1}


@pytest.mark.lengthy
def test_the_version_is_the_same_whoever_does_the_tasks_in_whatever_order(disk: Store) -> None:
    here, asked = world(disk), {**AUTO, "trials": 3}
    here.trained(both(ONCE), "first", **asked)
    expected = here.ok("GET", "/v1/models/first/versions/1")
    assert len(expected["members"]) > 1
    for name, runner in (("a", Shuffled), ("b", Many)):
        other = here.again(runner=runner, settings=Settings(slice_seconds=0.0))
        other.trained(both(ONCE), name, **asked)
        found = other.ok("GET", f"/v1/models/{name}/versions/1")
        assert (found["digest"], found["members"]) == (expected["digest"], expected["members"])


def test_nothing_of_the_search_is_left_behind(here: World) -> None:
    place = here.platform.workspace("default")
    run = find_run(place, version(here)["run"]).value
    kept = set(place.blobs.keys(place.blob("runs", run.id) + "/"))
    found = find.version(place, "m", 1).value
    board = run.outcome.leaderboard.key  # type: ignore[union-attr]
    assert kept == {*(file.key for file in found.files), board}


def test_rows_by_which_a_blend_is_chosen_are_every_so_manyth_of_many() -> None:
    few, many = np.arange(1000), np.arange(100_000)
    assert len(few[ensembles.kept(few, 2)]) == 1000
    assert 8 * len(many[ensembles.kept(many, 2)]) <= ensembles.MOST_KEPT_ROWS
    assert 8 * 100 * len(many[ensembles.kept(many, 100)]) <= ensembles.MOST_KEPT_NUMBERS


def test_what_does_not_go_together_is_refused(disk: Store) -> None:
    here = world(disk)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes(60))
    for body in ({"members": 3}, {"auto": "algorithm", "members": 3}, {"auto": True, "members": 21}):
        assert here.refused("POST", "/v1/models/m/train", body)["field"] == "members"


def test_of_many_rows_an_algorithm_that_takes_their_square_is_not_tried(disk: Store) -> None:
    here = world(disk)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes(60))
    place = here.platform.workspace("default")
    model = find.model(place, "m").value
    job, _ = decide(place, model, msgspec.convert({"auto": True}, TrainModel))
    assert job.members == trials.MEMBERS
    assert "svm" in {one.algorithm for one in job.candidates}
