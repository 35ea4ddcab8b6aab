"""Calibration, intervals and sets through the life of a version: trained, resumed, served, updated, refused."""

from typing import Any

import numpy as np
import pytest

from functions.records import find
from functions.settings import Settings
from lepton_core.artifact import write_container
from lepton_core.load import load
from lepton_core.table import Categories, Numbers, Table, given_column, pack_table
from lepton_core.uncertain import Uncertain
from tests.support.stores import Store
from tests.support.world import World, csv_of, world

PATH = "/v1/models/m/predict"
BOTH = {"calibrate": True, "uncertainty": True}
ROWS = [{"a": 0.2, "b": -0.1}, {"a": 1.0, "b": 2.0}, {"a": -1.0, "b": None}]


def table(kind: str, rows: int = 150, seed: int = 0) -> bytes:
    """Two numbers that say the same thing, of which naive Bayes is too sure, and a label."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=rows)
    score = a + rng.normal(scale=1.0, size=rows)
    label = {
        "value": score * 10,
        "two": np.where(score > 0, "yes", "no"),
        "three": np.array(["x", "y", "z"])[np.digitize(score, [-0.6, 0.6])],
    }[kind]
    columns = {f"copy {j}": (a + rng.normal(scale=0.05, size=rows)).tolist() for j in range(6)}
    return csv_of({"a": a.tolist(), "b": a.tolist(), **columns, "label": label.tolist()})


def trained(store: Store, kind: str, name: str = "naive_bayes", **asked: Any) -> World:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": name})
    here.upload(table(kind))
    run = here.ok("POST", "/v1/models/m/train", asked)
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded", run
    here.ok("POST", "/v1/models/m/deploy", {})
    return here


def artifacts(here: World, number: int = 1) -> tuple[Uncertain, Uncertain]:
    """Both fits of a version, the judged one first."""
    found = find.version(here.platform.workspace("default"), "m", number).value
    judged, served = (load(here.platform.blobs.get(file.key)) for file in (found.artifact, found.answers))
    assert isinstance(judged, Uncertain) and isinstance(served, Uncertain)
    return judged, served


def evaluation(here: World, number: int = 1) -> Any:
    return here.ok("GET", f"/v1/models/m/versions/{number}/evaluation")


def test_both_fits_have_the_same_of_it_and_the_report_says_what_it_is_worth(store: Store) -> None:
    here = trained(store, "two", **BOTH)
    judged, served = artifacts(here)
    ours, its = (one.uncertainty.packed() for one in (judged, served))
    assert ours[1] == its[1] and all(np.array_equal(ours[0][name], its[0][name]) for name in ours[0])
    assert judged.dump() != served.dump()
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert version["calibrate"] and version["uncertainty"]
    found = evaluation(here)
    assert found["calibrated"]["chosen"] != "none"  # seven columns that say the same
    assert found["calibrated"]["rows"] == version["judged"]["rows"]
    assert found["calibrated"]["after"]["log_loss"] == pytest.approx(found["log_loss"])
    assert found["calibrated"]["before"]["log_loss"] > found["log_loss"]
    assert [one["coverage"] for one in found["coverages"]] == [0.5, 0.8, 0.9, 0.95]
    assert not {"calibrated", "coverages"} & version["metrics"].keys()


@pytest.mark.parametrize(("kind", "name"), [("value", "linear_regression"), ("three", "decision_tree")])
def test_a_call_with_coverage_has_intervals_or_sets_and_one_without_has_none(
    store: Store, kind: str, name: str
) -> None:
    here = trained(store, kind, name, uncertainty=True)
    plain = here.ok("POST", PATH, {"rows": ROWS})["predictions"]
    assert all(not {"interval", "plausible"} & one.keys() for one in plain)
    sure, surer = (
        here.ok("POST", PATH, {"rows": ROWS, "coverage": coverage})["predictions"] for coverage in (0.8, 0.95)
    )
    for bare, some, more in zip(plain, sure, surer, strict=True):
        assert {**some, **bare} == some
        if kind == "value":
            (low, high), (lower, higher) = some["interval"], more["interval"]
            assert lower <= low <= some["value"] <= high <= higher
        else:
            p = some["probabilities"]
            assert some["plausible"][0] == some["label"]
            assert sorted(some["plausible"], key=lambda name: -p[name]) == some["plausible"]
            assert set(some["plausible"]) <= set(more["plausible"])


def test_a_container_and_a_file_are_answered_as_json_is(store: Store) -> None:
    here = trained(store, "value", "linear_regression", uncertainty=True)
    columns = Table((given_column("a", [0.2, 1.0]), given_column("b", [-0.1, 2.0])))
    body, headers = write_container(*pack_table(columns)), {"content-type": "application/octet-stream"}
    by_columns = here.ok("POST", PATH, body, headers=headers, query={"coverage": "0.9"})["predictions"]
    assert by_columns == here.ok("POST", PATH, {"rows": ROWS[:2], "coverage": 0.9})["predictions"]
    assert (
        here.refused("POST", PATH, body, headers=headers, query={"coverage": "much"})["field"] == "coverage"
    )
    mixed = {"rows": [ROWS[0], {"a": "x", "b": 1}, None], "row_errors": True, "coverage": 0.9}
    first, *others = here.ok("POST", PATH, mixed)["predictions"]
    assert first == by_columns[0]
    assert all("interval" not in one and one["error"] for one in others)


@pytest.mark.parametrize(
    ("asked", "body", "said"),
    [
        ({}, {"coverage": 0.9}, "model.train(uncertainty=True)"),
        ({"calibrate": True}, {"coverage": 0.9}, "model.train(calibrate=True, uncertainty=True)"),
        ({"uncertainty": True}, {"coverage": 0.4}, "must be a share from 0.5 to 0.99, not 0.4"),
        ({"uncertainty": True}, {"coverage": "0.9"}, "coverage"),
    ],
)
def test_what_there_is_not_is_refused_with_the_call_that_helps(
    store: Store, asked: dict[str, Any], body: dict[str, Any], said: str
) -> None:
    here = trained(store, "two", **asked)
    refused = here.refused("POST", PATH, {"rows": ROWS, **body})
    assert refused["code"] == "invalid_input" and said in refused["message"], refused
    assert here.ok("POST", PATH, {"rows": ROWS})["predictions"]


def test_a_key_that_is_there_twice_is_found_beside_a_coverage(store: Store) -> None:
    here = trained(store, "two", uncertainty=True)
    raw = b'{"rows": [{"a": 1, "b": 2, "a": 3}], "coverage": 0.9}'
    as_json = {"content-type": "application/json"}
    refused = here.refused("POST", PATH, raw, headers=as_json)
    assert "the key is there twice" in refused["message"] and refused["column"] == "a", refused
    meant = b'{"coverage": 0.9, "rows": [{"a": 1, "b": 2, "more": {"c": 2}}]}'
    assert here.ok("POST", PATH, meant, headers=as_json)["predictions"][0]["plausible"]


def test_a_regression_has_no_probabilities_to_calibrate(store: Store) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "linear_regression"})
    here.upload(table("value"))
    refused = here.refused("POST", "/v1/models/m/train", {"calibrate": True})
    assert refused["field"] == "calibrate" and "model.train(uncertainty=True)" in refused["message"]
    here.ok("POST", "/v1/models", {"name": "tree", "algorithm": "decision_tree", "dataset": "m"})
    run = here.ok("POST", "/v1/models/tree/train", {"calibrate": True})
    assert "Model(name='tree').train(" in run["error"]["message"]
    told: list[tuple[dict[str, Any], Any]] = [({}, run["error"])]
    for asked in ({"auto": True, "trials": 2}, {"auto": "hyperparameters", "trials": 2}):
        told.append((asked, here.refused("POST", "/v1/models/tree/train", {"calibrate": True, **asked})))
    for asked, error in told:
        assert error["field"] == "calibrate", (asked, error)
        (way,) = error["remedies"]
        assert (way["body"], way["of"]) == ({**asked, "uncertainty": True}, "tree")
        assert way["said"] in error["message"]


@pytest.mark.parametrize(
    ("asked", "split", "rows", "widths"),
    [
        ({"uncertainty": True}, {"by": "time", "column": "day"}, 3 * 24, (2.0, 8.0)),
        ({"auto": True, "trials": 2}, {"by": "time", "column": "day"}, 4 * 16, (2.0, 8.0)),
        ({"uncertainty": True}, None, 144, (12.0, 90.0)),
    ],
)
def test_in_a_split_by_time_the_later_half_of_the_folds_says_how_far_off_it_is(
    store: Store, asked: dict[str, Any], split: Any, rows: int, widths: tuple[float, float]
) -> None:
    """Models of the earlier ones know little, and of rows that are long gone: here of a time with much noise."""
    rng = np.random.default_rng(0)
    a, error = rng.normal(size=180), rng.normal(size=180) * np.where(np.arange(180) < 48, 20.0, 1.0)
    data = csv_of({"day": np.arange(180.0).tolist(), "a": a.tolist(), "label": (3 * a + error).tolist()})
    here = world(store)
    run = here.trained(data, algorithm="linear_regression", split=split, **asked)
    assert run["state"] == "succeeded", run
    judged, _ = artifacts(here)
    assert judged.uncertainty.conformal is not None
    assert judged.uncertainty.conformal.rows == rows
    [found] = [one for one in evaluation(here)["coverages"] if one["coverage"] == 0.9]
    assert widths[0] < found["size"] < widths[1], found


def test_a_search_calibrates_by_itself_only_what_has_probabilities(store: Store) -> None:
    """Whether numbers are classes the data tell before the search begins."""
    here = trained(store, "value", "decision_tree", auto=True, trials=2)
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert (version["calibrate"], version["uncertainty"]) == (False, True)


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ({"by": "group", "column": "g"}, "folds of 3 groups"),
        ({"by": "time", "column": "day"}, "folds of 3 different times"),
    ],
)
def test_too_few_groups_for_the_folds_are_refused_with_the_training_that_works(
    store: Store, split: dict[str, str], said: str
) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "naive_bayes"})
    of = np.arange(80) % 4
    rng = np.random.default_rng(0)
    here.upload(
        csv_of(
            {
                "a": rng.normal(size=80).tolist(),
                "g": [f"g{one}" for one in of],
                "day": of.tolist(),
                "label": ["x" if one > 0.4 else "y" for one in rng.random(80)],
            }
        )
    )
    asked = {
        "learnt by 5 folds": {"uncertainty": True},
        "compares by 8 folds": {"auto": True, "trials": 2},
    }
    for by, body in asked.items():
        error = here.ok("POST", "/v1/models/m/train", {**body, "split": split})["error"]
        assert error["code"] == "invalid_data" and error["field"] is None, error
        assert f"{by} of the rows to train on" in error["message"] and said in error["message"]
        [way] = error["remedies"]
        assert way["said"] == f"Model(name='m').train(split=Split('{split['by']}', '{split['column']}'))"
    assert here.ok("POST", "/v1/models/m/train", way["body"])["state"] == "succeeded"


def test_too_few_rows_for_the_folds_are_refused_with_the_training_that_works(store: Store) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "naive_bayes"})
    here.upload(csv_of({"a": [1.0, 2.0, 3.0, 4.0, 5.0], "label": ["x", "y", "x", "y", "x"]}))
    run = here.ok("POST", "/v1/models/m/train", BOTH)
    assert "learnt by 5 folds" in run["error"]["message"]
    assert "Model(name='m').train()" in run["error"]["message"]


def test_in_slices_it_is_the_same_to_the_bit(store: Store) -> None:
    asked = {**BOTH, "iterations": 3, "hyperparameters": {"optimizer": "momentum"}}
    whole = trained(store, "two", "logistic_regression", **asked)
    digest = whole.ok("GET", "/v1/models/m/versions/1")["digest"]
    sliced = whole.again(settings=Settings(slice_seconds=0.0))
    sliced.ok("POST", "/v1/models/m/train", {**asked, "seed": 0, "warm_start": False})
    assert sliced.ok("GET", "/v1/models/m/versions/2")["digest"] == digest


def test_an_update_makes_anew_what_its_champion_had(store: Store) -> None:
    here = trained(store, "two", **BOTH)
    here.upload(table("two", 240, seed=1))
    here.ok("POST", "/v1/models/m/update", {})
    newest = here.ok("GET", "/v1/models/m/versions")["items"][-1]
    assert newest["version"] == 2 and newest["calibrate"] and newest["uncertainty"]
    before, after = artifacts(here)[0].uncertainty.conformal, artifacts(here, 2)[0].uncertainty.conformal
    assert before is not None and after is not None and after.rows > before.rows
    assert len(evaluation(here, 2)["coverages"]) == 4


def test_rows_of_a_group_are_in_one_fold_and_count_as_one(store: Store) -> None:
    """Ten copies of a row teach no more than the row, so the intervals are as wide as without them."""
    rng = np.random.default_rng(0)
    a = np.repeat(rng.normal(size=30), 10)
    y = np.repeat(rng.normal(size=30), 10)
    rows = {"a": a.tolist(), "g": np.repeat(np.arange(30), 10).tolist(), "label": y.tolist()}
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "decision_tree", "task": "regression"})
    here.upload(csv_of({**rows, "g": [f"g{one}" for one in rows["g"]]}))
    asked = {
        "uncertainty": True,
        "split": {"by": "group", "column": "g"},
        "hyperparameters": {"max_depth": 20},
    }
    run = here.ok("POST", "/v1/models/m/train", asked)
    assert run["state"] == "succeeded", run
    here.ok("POST", "/v1/models/m/deploy", {})
    [one] = here.ok("POST", PATH, {"rows": [{"a": 0.0}], "coverage": 0.9})["predictions"]
    low, high = one["interval"]
    assert high - low > 2.0  # a tree that had seen the copies would be sure


@pytest.mark.lengthy
def test_a_search_for_a_blend_does_both_without_a_further_fit(store: Store) -> None:
    here = trained(store, "two", auto=True, trials=3, members=2)
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert version["calibrate"] and version["uncertainty"]
    assert evaluation(here)["calibrated"]["rows"] == version["judged"]["rows"]
    assert here.ok("POST", PATH, {"rows": ROWS, "coverage": 0.9})["predictions"][0]["plausible"]
    here.ok(
        "POST", "/v1/models/m/train", {"auto": True, "trials": 2, "calibrate": False, "uncertainty": False}
    )
    plain = here.ok("GET", "/v1/models/m/versions/2")
    assert not plain["calibrate"] and not plain["uncertainty"]
    assert evaluation(here, 2)["calibrated"] is None and evaluation(here, 2)["coverages"] == []


@pytest.mark.parametrize("members", [0, 1])
def test_a_search_whose_best_stays_alone_does_both_too(store: Store, members: int) -> None:
    here = trained(store, "two", auto=True, trials=2, members=members)
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert version["calibrate"] and version["uncertainty"] and not version["members"]
    assert evaluation(here)["calibrated"]["rows"] == version["judged"]["rows"]


def test_a_search_for_one_algorithm_has_its_predictions_where_it_is_asked_to(store: Store) -> None:
    here = trained(store, "value", "linear_regression", auto="hyperparameters", trials=2, uncertainty=True)
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert (version["calibrate"], version["uncertainty"]) == (False, True)
    conformal = artifacts(here)[0].uncertainty.conformal
    assert conformal is not None and conformal.rows == version["judged"]["rows"]


def test_sets_of_very_many_rows_are_too_large_for_one_answer(store: Store) -> None:
    here = trained(store, "three", uncertainty=True)
    columns = Table((Numbers("a", np.zeros(17_000)), Categories.of("k", ["x"] * 17_000)))
    body, headers = (
        write_container(*pack_table(columns.select(["a"]))),
        {"content-type": "application/octet-stream"},
    )
    assert here.ask("POST", PATH, body, headers=headers)[0] == 200
    assert here.refused("POST", PATH, body, headers=headers, query={"coverage": "0.9"})["code"] == "too_large"
