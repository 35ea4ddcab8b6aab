"""A run shows how its judged fit does on rows that it does not see: the same points on every machine."""

import json
from typing import Any

import pytest

from functions.runs.record import RESULTS, RUNS
from functions.settings import Settings
from functions.storage import Put
from functions.storage.record_codec import decode
from lepton_core.followed import MARKS
from tests.support.faults import FaultyBlobs, FaultyRecords, KillSwitch, killed
from tests.support.lives import settle
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

SLICED = Settings(slice_seconds=0.0)
SETTINGS = {"iterations": 20, "learning_rate": 0.5}


def values(rows: int = 200) -> bytes:
    return csv_of(
        {"a": range(rows), "b": [n * n % 17 for n in range(rows)], "label": [n % 23 for n in range(rows)]}
    )


def curve_of(here: World, run: Any) -> Any:
    return here.ok("GET", f"/v1/runs/{run['id']}")["held_out"]


def test_the_last_point_is_the_loss_of_the_version_and_the_others_lie_at_the_marks(store: Store) -> None:
    here = world(store)
    run = here.trained(two_classes(300), refit=True, **SETTINGS)
    curve = curve_of(here, run)
    assert (curve["measure"], curve["rows"], curve["training_rows"]) == ("log_loss", 60, 240)
    assert [one["iteration"] for one in curve["points"]] == sorted({n for n in MARKS if n < 20} | {20})
    last = curve["points"][-1]
    assert last["held_out"] == pytest.approx(run["outcome"]["metrics"]["log_loss"], rel=1e-9)
    # A descent without a penalty: its objective is the loss on the rows that it learns from.
    assert last["training"] < curve["points"][0]["training"] < run["loss"][0]


def test_of_values_it_is_the_root_of_the_mean_squared_error(disk: Store) -> None:
    here = world(disk)
    run = here.trained(values(), algorithm="linear_regression", **SETTINGS)
    curve = curve_of(here, run)
    assert curve["measure"] == "rmse"
    assert curve["points"][-1]["held_out"] == pytest.approx(run["outcome"]["metrics"]["rmse"], rel=1e-9)


@pytest.mark.parametrize("algorithm", ["logistic_regression", "gradient_boosting", "random_forest"])
def test_whatever_the_slices_are_the_curve_is_the_same(disk: Store, algorithm: str) -> None:
    here = world(disk)
    asked = {"hyperparameters": {"trees": 8}} if algorithm == "random_forest" else {"iterations": 8}
    first = here.trained(two_classes(), algorithm=algorithm, **asked)
    here = here.again(settings=SLICED)
    again = here.ok("POST", "/v1/models/m/train", {"refit": False, **asked})
    assert curve_of(here, again) == curve_of(here, first)
    assert len(curve_of(here, first)["points"]) == 7
    assert here.ok("GET", f"/v1/runs/{first['id']}")["tasks_done"] == 1


def killed_under_way(here: World, writes: int) -> str:
    """A training in slices of an iteration each, which is killed after so many writes."""
    kill = KillSwitch(writes, "after")
    platform = here.platform
    dying = here.again(records=FaultyRecords(platform.records, kill), blobs=FaultyBlobs(platform.blobs, kill))
    with killed(kill):
        dying.ok("POST", "/v1/models/m/train", {"refit": False, **SETTINGS})
    (run,) = here.again().ok("GET", "/v1/runs", query={"state": "running"})["items"]
    return str(run["id"])


@pytest.fixture
def sliced(store: Store) -> World:
    here = world(store, settings=SLICED)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes())
    return here


def test_a_run_shows_its_curve_while_it_goes_on_and_after_a_crash_it_goes_on(sliced: World) -> None:
    run = {"id": killed_under_way(sliced, 25)}
    after = sliced.again()
    meanwhile = curve_of(after, run)["points"]
    assert 2 < len(meanwhile) < 10
    settle(after)
    ended = curve_of(after, run)["points"]
    assert ended[: len(meanwhile)] == meanwhile
    assert [one["iteration"] for one in ended] == sorted({n for n in MARKS if n < 20} | {20})


def test_a_fit_that_the_release_before_began_has_the_points_since_then(sliced: World) -> None:
    run = {"id": killed_under_way(sliced, 25)}
    records, begun = sliced.platform.records, 0
    for kind, key, table in (
        (RESULTS, "fit", f"default/results/{run['id']}"),
        (RUNS, run["id"], "default/runs"),
    ):
        stored = records.get(table, key)
        assert stored is not None
        body = json.loads(stored.body)
        del (body["result"] if kind is RESULTS else body["progress"])["held_out"]
        begun = max(begun, body.get("result", body.get("progress"))["iteration"])
        older = json.dumps({**body, "format": kind.format - 1}).encode()
        records.write([Put(table, key, older, stored.revision)])
        again = records.get(table, key)
        assert again is not None
        assert decode(kind, again)
    after = sliced.again()
    assert curve_of(after, run) is None
    settle(after)
    assert [one["iteration"] for one in curve_of(after, run)["points"]] == sorted(
        {n for n in MARKS if begun < n < 20} | {20}
    )


def test_a_list_of_runs_thins_the_curve_as_it_thins_the_loss(disk: Store) -> None:
    here = world(disk)
    run = here.trained(two_classes(), **SETTINGS)
    whole = curve_of(here, run)["points"]
    (listed,) = here.ok("GET", "/v1/runs", query={"points": "2"})["items"]
    assert listed["held_out"]["points"] == [whole[0], whole[-1]]
    (listed,) = here.ok("GET", "/v1/runs", query={"points": "0"})["items"]
    assert (listed["held_out"]["points"], listed["loss"]) == ([], [])


@pytest.mark.lengthy
def test_a_tree_an_evaluation_and_a_blend_have_none(disk: Store) -> None:
    here = world(disk)
    assert curve_of(here, here.trained(two_classes(), algorithm="decision_tree")) is None
    assert curve_of(here, here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})) is None
    blend = here.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 4, "members": 3})
    assert len(here.ok("GET", "/v1/models/m/versions")["items"][-1]["members"]) > 1
    assert curve_of(here, blend) is None


def test_what_wins_a_search_and_what_updates_have_one(disk: Store) -> None:
    here = world(disk)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes())
    won = here.ok("POST", "/v1/models/m/train", {"auto": "hyperparameters", "trials": 2, "iterations": 6})
    assert curve_of(here, won)["points"][-1]["iteration"] == 6
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(two_classes(260, seed=1))
    update = here.ok("POST", "/v1/models/m/update", {"iterations": 4})
    assert [one["iteration"] for one in curve_of(here, update)["points"]] == [1, 2, 3, 4]
