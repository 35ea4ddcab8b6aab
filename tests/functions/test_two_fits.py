"""A version has two fits: the judged one has not seen what is held out, and what serves has learnt from all rows."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from functions.records import find
from functions.records.kinds import DATASET_VERSIONS, VERSIONS, Version, number
from functions.runs.record import RESULTS
from functions.storage import Record
from functions.storage.record_codec import decode
from functions.train import TrainModel, decide
from functions.training.dealing import SplitBy
from functions.training.specs import MOST_REFITTED
from lepton_core.models import algorithm
from lepton_core.predict import Predictor
from lepton_core.table import parse_csv
from lepton_core.train import Recipe, prepare, start, train
from tests.support.damage import damaged
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

ROWS = {"rows": [{"a": 0.2, "b": -0.1}, {"a": 1.0, "b": 2.0}]}


def of(here: World, number: int = 1) -> Version:
    return find.version(here.platform.workspace("default"), "m", number).value


def predictor(here: World, key: str) -> Predictor:
    return Predictor.load(here.platform.blobs.get(key))


@pytest.fixture
def here(store: Store) -> World:
    """A model of 300 rows whose first version, of two fits, is deployed."""
    made = world(store)
    assert made.trained(two_classes(300), refit=True)["state"] == "succeeded"
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def test_a_training_makes_both_if_nothing_else_is_said(store: Store) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes(300))
    here.ok("POST", "/v1/models/m/train", {})
    assert of(here).served is not None


def test_of_very_many_rows_one_fit_is_made_unless_the_newest_are_held_out_or_it_is_asked_for(
    disk: Store,
) -> None:
    here = world(disk)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes(300))
    place = here.platform.workspace("default")
    model = find.model(place, "m").value
    for rows, expected in ((MOST_REFITTED, True), (MOST_REFITTED + 1, False)):
        found = find.dataset_version(place, "m", 1)
        value = replace(found.value, rows=rows)
        place.write(place.put(DATASET_VERSIONS, "m", number(1), value=value, expect=found.revision))
        assert decide(place, model, TrainModel())[0].refit == expected
        assert decide(place, model, TrainModel(split=SplitBy("time", "a")))[0].refit
        for said in (True, False):
            assert decide(place, model, TrainModel(refit=said))[0].refit == said


def test_the_description_names_both_with_the_rows_that_each_has_seen(here: World) -> None:
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert version["served"]["rows"] == 300 > version["judged"]["rows"] == 240
    assert version["served"]["digest"] == version["digest"] != version["judged"]["digest"]


def test_the_judged_fit_and_all_figures_are_those_of_one_fit(here: World, store: Store) -> None:
    both = here.ok("GET", "/v1/models/m/versions/1")
    here.ok("POST", "/v1/models/m/train", {"refit": False})
    one = here.ok("GET", "/v1/models/m/versions/2")
    assert one["judged"] == one["served"] == both["judged"]
    assert (one["metrics"], one["loss"]) == (both["metrics"], both["loss"])
    assert of(here, 2).answers == of(here, 2).artifact


def test_what_answers_is_the_fit_on_all_rows(here: World) -> None:
    found = of(here)
    served, judged = predictor(here, found.answers.key), predictor(here, found.artifact.key)
    table = parse_csv(csv_of({"a": [0.2, 1.0], "b": [-0.1, 2.0]}))
    answers = here.ok("POST", "/v1/models/m/predict", ROWS)["predictions"]
    given = [one["probabilities"]["yes"] for one in answers]
    assert given == pytest.approx(served.predict(table)[:, 1].tolist(), rel=1e-12)
    assert given != pytest.approx(judged.predict(table)[:, 1].tolist(), rel=1e-6)
    assert served.reference != judged.reference  # monitoring compares with what the served one has seen


def test_an_evaluation_is_of_the_judged_fit(here: World) -> None:
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    outcome = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    assert outcome["metrics"] == here.ok("GET", "/v1/models/m/versions/1")["metrics"]


@pytest.mark.parametrize("name", ["logistic_regression", "random_forest", "gradient_boosting"])
def test_a_refit_changes_no_verdict(store: Store, name: str) -> None:
    here, found = world(store), []
    given = {"trees": 10} if name == "random_forest" else {}
    for model, refit in (("one", False), ("two", True)):
        here.trained(two_classes(400), model, algorithm=name, refit=refit, hyperparameters=given)
        here.ok("POST", f"/v1/models/{model}/deploy", {})
        here.upload(two_classes(900, seed=1), model)
        run = here.ok("POST", f"/v1/models/{model}/update", {})
        found.append(here.ok("GET", f"/v1/runs/{run['id']}")["outcome"])
        made = find.version(here.platform.workspace("default"), model, 2).value
        assert (made.served is not None) == refit
    assert found[0] == found[1]


def updated(here: World) -> Any:
    run = here.ok("POST", "/v1/models/m/update", {})
    return here.ok("GET", f"/v1/runs/{run['id']}")


def test_an_update_begins_at_the_judged_weights_and_has_two_fits_too(here: World) -> None:
    here.upload(two_classes(1200, seed=1))
    assert updated(here)["outcome"]["promoted"] is True
    found = of(here, 2)
    assert found.warm_from == 1
    assert found.served is not None and found.served.rows == 1200
    assert here.ok("GET", "/v1/models/m/versions/2")["served"]["rows"] == 1200


@pytest.mark.parametrize("split", [{"by": "column", "column": "part"}, None])
def test_rows_that_a_person_has_set_apart_are_never_learnt_from(store: Store, split: Any) -> None:
    here = world(store)
    lines = two_classes(120).decode().splitlines()
    if split is None:
        here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
        first, second = ("\n".join([lines[0], *some]).encode() for some in (lines[1:91], lines[91:]))
        body = {"size": len(first) + len(second), "held_out": len(second)}
        announced = here.ok("POST", "/v1/datasets/m/upload", body)
        here.ok("PUT", f"/v1/datasets/m/upload/{announced['id']}", first + second)
        here.ok("POST", "/v1/models/m/train", {})
    else:
        rows = [f"{line},{'test' if i % 4 == 0 else 'train'}" for i, line in enumerate(lines[1:])]
        csv = "\n".join([f"{lines[0]},part", *rows]).encode()
        here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
        here.upload(csv, label="label")
        here.ok("POST", "/v1/models/m/train", {"split": split})
    found = of(here)
    assert (found.rows, found.served) == (90, None)


def test_a_run_leaves_both_artifacts_and_nothing_else_of_its_work(here: World) -> None:
    tenant, found = here.platform.workspace("default"), of(here)
    left = set(tenant.blobs.keys(tenant.blob("runs", found.run) + "/"))
    assert left == {found.artifact.key, found.answers.key, found.evaluation.key}
    assert tenant.keys(RESULTS, found.run) == []


def test_each_is_checked_against_its_digest(here: World) -> None:
    damaged(here.platform.blobs, of(here).answers.key, "flipped")
    assert here.ask("POST", "/v1/models/m/deploy", {})[1]["error"]["code"] == "damaged"
    damaged(here.platform.blobs, of(here).artifact.key, "flipped")
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["error"]["code"] == "damaged"


def test_a_version_of_before_has_one_fit_which_is_both() -> None:
    body = {
        **{"format": 4, "model": "m", "version": 1, "algorithm": "svm", "task": "classification"},
        **{"artifact": {"key": "a", "digest": "d"}, "evaluation": {"key": "e", "digest": ""}, "run": "r"},
        **{"dataset": "m", "dataset_version": 1, "dataset_digest": "d", "hyperparameters": {}},
        **{"metrics": {}, "loss": [], "created": "2030-01-01T00:00:00Z"},
    }
    found = decode(VERSIONS, Record("w/versions/m", "1", 1, json.dumps(body).encode()))
    assert (found.served, found.answers.key, [file.key for file in found.files]) == (None, "a", ["a", "e"])


def test_the_penalty_is_that_of_the_judged_fit() -> None:
    table = parse_csv(two_classes(60))
    recipe = Recipe("logistic_regression", "label", {})
    judged = prepare(recipe, table, list(range(40)))  # type: ignore[arg-type]
    fit = start(judged)
    found = algorithm("logistic_regression").found(fit, judged.problem, recipe.configure())  # type: ignore[attr-defined]
    assert found == {"l2": pytest.approx(1 / 40)}
    assert train(Recipe("logistic_regression", "label", found), table, list(range(60)))  # type: ignore[arg-type]
