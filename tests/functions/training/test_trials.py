"""The trials of a search: what the first fold finds serves for all, and few rows are dealt out twice."""

import numpy as np
import pytest
from msgspec.structs import replace

from functions.datasets.parts import read_table
from functions.records import find
from functions.runs.job import Spec, TrainJob
from functions.runs.record import find_run
from functions.runs.task import Cost, Measured, OutTask, Results, TrialTask, key_of
from functions.training import trials
from functions.training.costs import check_any
from lepton_core.errors import Failure, InvalidInput, TooLarge
from lepton_core.search import FOLDS, Candidate, Trial, Tried
from lepton_core.table import split_rows
from lepton_core.train import Recipe
from lepton_core.validation import fold_result, fold_rows
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.world import csv_of, two_classes, world

pytestmark = pytest.mark.slow


def test_what_the_first_fold_finds_is_given_to_the_others(disk: Store) -> None:
    """Boosting finds its number of trees by five fits: in each fold of a search that would be most of the work."""
    here = world(disk, runner=idle)
    asked = here.trained(two_classes(80), algorithm="gradient_boosting", auto="hyperparameters", trials=2)
    place = here.platform.workspace("default")
    run = find_run(place, asked["id"]).value
    results: Results = {}
    while tasks := [one for one in trials.plan(run.job, results) if isinstance(one, TrialTask)]:
        for task in tasks:
            results[key_of(task)] = trials.try_candidate(here.platform, place, run, run.job, task, None)

    table = read_table(place, find.dataset_version(place, "m", 1).value)
    training, _ = split_rows(table, label="label")
    folds = [
        fold
        for seed in (0, 1)
        for fold in fold_rows(Recipe("gradient_boosting", "label", {}), table, training, FOLDS, seed=seed)
    ]
    measured = [results[key_of(TrialTask(Trial(rung, 0)))] for rung in range(5)]
    found = measured[0].found
    assert set(found) == {"iterations", "early_stopping"} and found["early_stopping"] is False
    assert not any(one.found for one in measured[1:])
    losses = [loss for one in measured if isinstance(one, Measured) for loss in one.tried.losses]
    recipes = [Recipe("gradient_boosting", "label", {}), *[Recipe("gradient_boosting", "label", found)] * 15]
    expected = [fold_result(one, table, *fold).loss for one, fold in zip(recipes, folds, strict=True)]
    np.testing.assert_allclose(losses, expected, rtol=1e-14)


def test_rows_that_are_split_by_time_are_not_dealt_out_twice(disk: Store) -> None:
    here = world(disk, runner=idle)
    data = two_classes(80).decode().splitlines()
    rows = [f"{line},{'day' if at == 0 else f'2024-01-{at % 28 + 1:02}'}" for at, line in enumerate(data)]
    for split, repeats in (({"by": "time", "column": "day"}, 1), (None, 2)):
        asked = here.trained("\n".join(rows).encode(), str(repeats), auto=True, trials=2, split=split)
        run = find_run(here.platform.workspace("default"), asked["id"]).value
        assert run.job.repeats == repeats


@pytest.mark.lengthy
def test_what_costs_more_than_it_may_is_left_out_and_told(disk: Store) -> None:
    here = world(disk)
    data = two_classes(200)
    free = here.trained(data, "free", auto=True, trials=6)["outcome"]["leaderboard"]
    assert all(one["error"] is None for one in free) and {"random_forest"} <= {
        one["algorithm"] for one in free
    }
    run = here.trained(data, "small", auto=True, trials=6, megabytes=0.05)
    assert run["state"] == "succeeded", run["error"]
    out = {one["algorithm"] for one in run["outcome"]["leaderboard"] if one["error"] is not None}
    assert "random_forest" in out and "logistic_regression" not in out
    said = next(one["error"]["message"] for one in run["outcome"]["leaderboard"] if one["error"])
    assert said.startswith("costs about ") and said.endswith(" megabytes, and at most 0.05 are wanted")
    place = here.platform.workspace("default")
    artifact = find.version(place, "small", 1).value.artifact
    assert len(place.blobs.get(artifact.key)) <= 50_000


VALUES = csv_of({"a": [one / 7 for one in range(60)], "label": [one / 9 for one in range(60)]})
"""Only the data tell that the numbers of the label are no classes."""


def test_calibration_of_values_is_refused_before_the_first_fit(disk: Store) -> None:
    here, task = world(disk, runner=idle), OutTask(0)
    begun = here.trained(VALUES, algorithm="decision_tree", calibrate=True)
    place = here.platform.workspace("default")
    run = find_run(place, begun["id"]).value
    assert task in trials.plan(run.job, {})
    with pytest.raises(InvalidInput, match="a regression has no probabilities") as raised:
        trials.work(here.platform, place, run, run.job, task, None)
    assert raised.value.field == "calibrate" and raised.value.remedies


def test_a_search_that_is_to_calibrate_values_is_refused_before_it_is_queued(disk: Store) -> None:
    here = world(disk, runner=idle)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "decision_tree"})
    here.upload(VALUES)
    error = here.refused("POST", "/v1/models/m/train", {"auto": True, "trials": 2, "calibrate": True})
    assert (error["code"], error["field"]) == ("invalid_input", "calibrate")
    assert error["remedies"][0]["body"]["uncertainty"] is True
    assert here.ok("GET", "/v1/runs")["items"] == []


def test_where_all_cost_too_much_the_limit_is_named_and_a_search_that_ends_is_offered(disk: Store) -> None:
    here = world(disk)
    run = here.trained(two_classes(100), auto=True, trials=2, megabytes=1e-6, milliseconds=1000)
    error = run["error"]
    assert (run["state"], error["code"], error["field"]) == ("failed", "too_large", "megabytes")
    [way] = error["remedies"]
    assert way["said"] in error["message"] and way["body"]["milliseconds"] == 1000
    again = here.ok("POST", "/v1/models/m/train", {**way["body"], "trials": 2})
    assert again["state"] == "succeeded", again["error"]


def test_a_limit_of_time_that_nothing_meets_is_left_out_of_what_is_offered() -> None:
    candidates = [Candidate("svm", {}), Candidate("naive_bayes", {})]
    job = TrainJob(Spec("svm", {}, "m", 1), candidates=candidates, megabytes=1.0, milliseconds=0.1)
    results: Results = {
        f"trial-0-{number}": Measured(Trial(0, number), Tried(error=Failure("too_large", "")), cost=cost)
        for number, cost in enumerate([Cost(3.0, 5.0), Cost(3.2, 0.05)])
    }
    with pytest.raises(TooLarge, match=r"the cheapest, of naive_bayes, costs about 3.2 megabytes") as raised:
        check_any(job, results)
    assert raised.value.field == "megabytes"
    assert [str(way) for way in raised.value.remedies] == [
        "model.train(auto=True, megabytes=3.3, milliseconds=0.1)"
    ]
    results = {"trial-0-0": replace(results["trial-0-0"], cost=Cost(0.5, 0.2))}
    with pytest.raises(TooLarge, match=r"milliseconds, and at most 0\.1 are wanted") as raised:
        check_any(job, results)
    assert raised.value.field == "milliseconds"
    assert [str(way) for way in raised.value.remedies] == ["model.train(auto=True, megabytes=1.0)"]
    check_any(job, {})


def test_a_limit_goes_with_a_search_and_the_call_is_offered(disk: Store) -> None:
    here = world(disk, runner=idle)
    here.trained(two_classes(80), auto=True, trials=2)
    for body, call in (
        ({"milliseconds": 2}, "model.train(auto=True, milliseconds=2.0)"),
        ({"auto": "algorithm", "members": 3}, "model.train(auto=True, members=3)"),
        ({"trials": 3}, "model.train(auto=True, trials=3)"),
    ):
        assert call in here.refused("POST", "/v1/models/m/train", body)["message"]
