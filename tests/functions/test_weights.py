"""How much rows and classes count: from the request to the fit, to updates and folds; and what is refused."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from functions.serving.artifacts import read_version
from lepton_core.preprocess import Preprocessor
from lepton_core.table import parse_csv, split_rows
from tests.support.stores import Store
from tests.support.world import World, csv_of, world

ROWS = 160
TRAIN, VERSION = "/v1/models/m/train", "/v1/models/m/versions/1"


def rare(seed: int = 0, rows: int = ROWS) -> dict[str, Any]:
    """Two numbers, a class that is rare, and weights: in quarters, for few whole numbers would be codes."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, rows))
    label = np.where(a + b + rng.normal(scale=0.7, size=rows) > 1.3, "yes", "no")
    return {
        "a": a.tolist(),
        "b": b.tolist(),
        "w": (rng.integers(4, 20, rows) / 4).tolist(),
        "label": label.tolist(),
    }


@pytest.fixture
def platform(store: Store) -> World:
    made = world(store)
    made.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    made.upload(csv_of(rare()))
    return made


def trained(platform: World, **body: Any) -> Any:
    run = platform.ok("POST", TRAIN, body)
    ended = platform.ok("GET", f"/v1/runs/{run['id']}")
    assert ended["state"] == "succeeded", ended
    return platform.ok("GET", f"/v1/models/m/versions/{ended['version']}")


def predictor(platform: World, version: int) -> Any:
    return read_version(platform.platform.workspace("default"), "m", version)


def theirs(columns: list[str], **fit: Any) -> LogisticRegression:
    """scikit-learn's fit on the same rows, scaled as ours are."""
    table = parse_csv(csv_of(rare()), label="label")
    rows, _ = split_rows(table, label="label")
    X = np.column_stack([table[name].values[rows] for name in columns])  # type: ignore[union-attr]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = np.array(rare()["label"])[rows]
    weights = np.array(rare()["w"])[rows] if "w" not in columns else None
    total = weights.sum() if fit.pop("weighted", False) and weights is not None else None
    made = LogisticRegression(
        C=1 / (0.01 * (len(rows) if total is None else total)), tol=1e-10, max_iter=1000, **fit
    )
    return made.fit(X, y, None if total is None else weights)


HYPER = {"hyperparameters": {"l2": 0.01, "optimizer": "newton", "tolerance": 1e-12}}


def test_balanced_is_what_scikit_learn_calls_balanced(platform: World) -> None:
    version = trained(platform, class_weight="balanced", **HYPER)
    assert (version["class_weight"], version["weight"]) == ("balanced", None)
    found = theirs(["a", "b", "w"], class_weight="balanced")
    ours = predictor(platform, 1).parameters
    np.testing.assert_allclose(ours["weights"], found.coef_[0], rtol=1e-5)
    np.testing.assert_allclose(ours["intercept"], found.intercept_, rtol=1e-5)
    plain = trained(platform, **HYPER)
    assert plain["class_weight"] is None
    assert abs(predictor(platform, 2).parameters["intercept"][0] - found.intercept_[0]) > 0.3


def test_the_weight_of_a_column_is_scikit_learns_sample_weight_and_no_feature(platform: World) -> None:
    version = trained(platform, weight="w", **HYPER)
    assert version["weight"] == "w"
    made = predictor(platform, 1)
    found = theirs(["a", "b"], weighted=True)
    np.testing.assert_allclose(made.parameters["weights"], found.coef_[0], rtol=1e-5)
    np.testing.assert_allclose(made.parameters["intercept"], found.intercept_, rtol=1e-5)
    assert made.schema.names == ("a", "b")
    assert [bins.name for bins in made.reference.features] == ["a", "b"]


def test_whole_numbers_that_look_like_codes_are_weights_all_the_same(platform: World) -> None:
    data = rare()
    counts = np.random.default_rng(1).integers(1, 5, ROWS)
    written = [{**data, "w": counts.tolist()}, {**data, "w": (counts + 0.0).tolist()}]
    for name, table, kind in zip("ab", written, ("category", "number"), strict=True):
        platform.ok("POST", "/v1/models", {"name": name, "algorithm": "logistic_regression"})
        platform.upload(csv_of(table), name)
        columns = platform.ok("GET", f"/v1/datasets/{name}/versions/1")["columns"]
        found = {one["name"]: (one["kind"], one["min"], one["max"]) for one in columns}
        assert found["w"] == (kind, 1.0, 4.0)
        platform.ok("POST", f"/v1/models/{name}/train", {"weight": "w", **HYPER})
    place = platform.platform.workspace("default")
    first, second = (read_version(place, name, 1) for name in "ab")
    assert first.schema.names == ("a", "b")
    np.testing.assert_array_equal(first.parameters["weights"], second.parameters["weights"])


def test_factors_of_classes_multiply_the_weights_of_rows(platform: World) -> None:
    trained(platform, weight="w", class_weight={"yes": 3.0}, **HYPER)
    found = theirs(["a", "b"], weighted=True, class_weight={"yes": 3.0})
    # scikit-learn's penalty is per row; ours is per mean row, whose weight the classes change.
    ours = predictor(platform, 1).parameters["weights"]
    assert np.corrcoef(ours, found.coef_[0])[0, 1] > 0.99
    unweighted = trained(platform, **HYPER)["version"]
    assert (
        predictor(platform, 1).parameters["intercept"]
        > predictor(platform, unweighted).parameters["intercept"]
    )


def test_rows_to_be_predicted_may_have_the_weight_and_need_not(platform: World) -> None:
    trained(platform, weight="w", **HYPER)
    platform.ok("POST", "/v1/models/m/deploy", {})
    rows = [{"a": 1.0, "b": 0.5}, {"a": 1.0, "b": 0.5, "w": 9.0, "label": "no"}]
    first, second = platform.ok("POST", "/v1/models/m/predict", {"rows": rows})["predictions"]
    assert first == second
    report = platform.ok("GET", "/v1/models/m/monitor")
    assert [feature["name"] for feature in report["features"]] == ["a", "b"]


def test_an_update_and_an_evaluation_weigh_as_their_version_did(platform: World) -> None:
    trained(platform, weight="w", class_weight="balanced", **HYPER)
    platform.ok("POST", "/v1/models/m/deploy", {})
    run = platform.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    weighted = platform.ok("GET", f"/v1/runs/{run['id']}")["outcome"]["cross_validation"]["loss"]

    platform.upload(csv_of(rare(1)))
    run = platform.ok("POST", "/v1/models/m/update", {})
    ended = platform.ok("GET", f"/v1/runs/{run['id']}")
    assert ended["state"] == "succeeded", ended
    version = platform.ok("GET", "/v1/models/m/versions/2")
    assert (version["weight"], version["class_weight"], version["warm_from"]) == ("w", "balanced", 1)

    trained(platform, dataset_version=1, **HYPER)
    run = platform.ok("POST", "/v1/models/m/evaluate", {"folds": 2, "version": 3})
    plain = platform.ok("GET", f"/v1/runs/{run['id']}")["outcome"]["cross_validation"]["loss"]
    assert weighted != plain


def test_a_class_that_is_gone_ends_no_updates_and_comes_back_with_its_weight(platform: World) -> None:
    now = rare(1)
    before = {
        **now,
        "label": ["some" if a < -1 else label for a, label in zip(now["a"], now["label"], strict=True)],
    }
    platform.upload(csv_of(before))
    trained(platform, class_weight={"some": 3.0, "yes": 2.0}, **HYPER)
    platform.ok("POST", "/v1/models/m/deploy", {})
    for table in (now, before):
        platform.upload(csv_of(table))
        run = platform.ok("POST", "/v1/models/m/update", {})
        ended = platform.ok("GET", f"/v1/runs/{run['id']}")
        assert ended["state"] == "succeeded", ended
        version = platform.ok("GET", f"/v1/models/m/versions/{ended['version']}")
        assert version["class_weight"] == {"some": 3.0, "yes": 2.0}
        run = platform.ok("POST", "/v1/models/m/evaluate", {"folds": 2, "version": version["version"]})
        assert platform.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
        platform.ok("POST", "/v1/models/m/deploy", {"version": version["version"]})


def test_an_update_needs_the_weights_in_its_data(platform: World, store: Store) -> None:
    trained(platform, weight="w")
    platform.ok("POST", "/v1/models/m/deploy", {})
    data = rare(2)
    data["w"][5] = -1
    platform.upload(csv_of(data))
    refused = platform.refused("POST", "/v1/models/m/update", {})
    assert (refused["status"], refused["field"]) == (400, "weight")
    assert "dataset 'm' version 2, column 'w': holds the weight -1" in refused["message"]


def test_what_was_a_feature_can_become_the_weight(platform: World) -> None:
    trained(platform)
    platform.ok("POST", "/v1/models/m/deploy", {})
    version = trained(platform, warm_start=True, weight="w")
    assert version["warm_from"] is None, "the earlier weights mean other columns"
    assert predictor(platform, 2).schema.names == ("a", "b")


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"weight": "wait"}, "weight", "column 'wait': is not there"),
        ({"weight": "ww"}, "weight", "did you mean 'w'?"),
        ({"weight": "label"}, "weight", "is the label"),
        ({"weight": "text"}, "weight", "holds text"),
        ({"weight": "gaps"}, "weight", "lacks 1 weights"),
        ({"weight": "below"}, "weight", "holds the weight -0.5"),
        ({"weight": "none"}, "weight", "all rows have weight 0"),
        ({"class_weight": "even"}, "class_weight", ""),
        ({"class_weight": {"yes": -1}}, "class_weight", ""),
        ({"class_weight": ["yes"]}, "class_weight", ""),
        ({"weight": 3}, "weight", ""),
    ],
)
def test_weights_that_cannot_be_are_refused_and_nothing_changes(
    platform: World, body: dict[str, Any], field: str, said: str
) -> None:
    data = rare()
    wrong = {
        "text": ["x"] * ROWS,
        "gaps": ["", *[1] * (ROWS - 1)],
        "below": [-0.5, *[1] * (ROWS - 1)],
        "none": [0] * ROWS,
    }
    assert platform.upload(csv_of({**data, **wrong, "label": data["label"]}))["state"] == "accepted"
    before = platform.ok("GET", "/v1/models/m")
    refused = platform.refused("POST", TRAIN, body)
    assert (refused["status"], refused["field"].removesuffix("[...]")) == (400, field)
    assert said in refused["message"]
    assert platform.ok("GET", "/v1/models/m") == before
    assert platform.ok("GET", "/v1/runs")["items"] == []


def test_a_class_that_is_none_fails_the_run_and_makes_no_version(platform: World) -> None:
    run = platform.ok("POST", TRAIN, {"class_weight": {"maybe": 2}})
    ended = platform.ok("GET", f"/v1/runs/{run['id']}")
    assert (ended["state"], ended["error"]["field"]) == ("failed", "class_weight")
    assert "'maybe' is not one of the classes no, yes" in ended["error"]["message"]
    assert platform.ok("GET", "/v1/models/m")["latest"] == 0


def test_a_regression_has_no_classes_to_weigh(platform: World) -> None:
    platform.ok("POST", "/v1/models", {"name": "r", "algorithm": "linear_regression", "dataset": "m"})
    refused = platform.refused("POST", "/v1/models/r/train", {"class_weight": "balanced"})
    assert refused["status"] == 400


def test_a_preprocessor_that_was_fitted_to_the_weights_is_refused_and_an_unfitted_one_is_not(
    platform: World,
) -> None:
    chain = Preprocessor.empty().add("Normalize", input="X")
    table = parse_csv(csv_of(rare()), label="label").without("label")
    path = "/v1/models/m/preprocessor"
    platform.ok("PUT", path, {"preprocessor": chain.fit(table).as_dict()})
    refused = platform.refused("POST", TRAIN, {"weight": "w"})
    assert (refused["status"], refused["field"]) == (400, "weight")
    assert "fitted to data with 'w' as a feature" in refused["message"]
    for better in (chain, chain.fit(table.without("w"))):
        platform.ok("PUT", path, {"preprocessor": better.as_dict()})
        trained(platform, weight="w")
