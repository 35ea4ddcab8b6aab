"""One real model through every step of its life, over both stores."""

from typing import Any

import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from lepton_core.table import parse_csv, split_rows
from tests.support.world import World, csv_of, world


def data_set(bunch: Any, *, names: bool = True) -> bytes:
    columns = {name: bunch.data[:, i].tolist() for i, name in enumerate(bunch.feature_names)}
    target = bunch.target_names[bunch.target] if names else bunch.target
    return csv_of({**columns, "target": target.tolist()})


def matrices(csv: bytes) -> Any:
    """The platform's own split, as scikit-learn wants it."""
    table = parse_csv(csv, label="target")
    train, test = split_rows(table, label="target")
    features = table.without("target")
    import numpy as np

    X = np.column_stack([column.values for column in features.columns])
    label = table["target"]
    y = label.values if label.kind == "number" else np.array(label.levels)[label.codes]
    scaler = StandardScaler().fit(X[train])
    return scaler.transform(X[train]), y[train], scaler.transform(X[test]), y[test]


@pytest.mark.parametrize(("load", "classes"), [(load_breast_cancer, 2), (load_wine, 3)])
def test_a_classifier_is_as_accurate_as_scikit_learn_on_the_same_split(
    store: Any, load: Any, classes: int
) -> None:
    csv = data_set(load())
    X, y, X_test, y_test = matrices(csv)
    run = world(store).trained(csv, hyperparameters={"l2": 1 / len(X)})  # scikit-learn's C=1
    assert run["state"] == "succeeded", run
    theirs = accuracy_score(y_test, LogisticRegression(max_iter=5000).fit(X, y).predict(X_test))
    assert run["outcome"]["metrics"]["accuracy"] >= theirs - 0.01


def test_a_regression_is_as_good_as_scikit_learn_on_the_same_split(store: Any) -> None:
    csv = data_set(load_diabetes(), names=False)
    run = world(store).trained(csv, algorithm="linear_regression")
    assert run["state"] == "succeeded", run
    X, y, X_test, y_test = matrices(csv)
    theirs = root_mean_squared_error(y_test, LinearRegression().fit(X, y).predict(X_test))
    assert run["outcome"]["metrics"]["rmse"] <= theirs * 1.01


@pytest.fixture
def cancer(store: Any) -> World:
    here = world(store)
    run = here.trained(data_set(load_breast_cancer()), iterations=200)
    assert run["version"] == 1
    return here


def rows() -> list[dict[str, float]]:
    bunch = load_breast_cancer()
    return [dict(zip(bunch.feature_names, row, strict=True)) for row in bunch.data.tolist()]


def test_every_step_of_a_life(cancer: World) -> None:
    version = cancer.ok("GET", "/v1/models/m/versions/1")
    assert version["metrics"]["auc"] > 0.98
    assert version["dataset_version"] == 1
    assert version["digest"].startswith("sha256:")
    assert len(version["loss"]) == 200
    assert version["loss"][-1] < version["loss"][0]

    run = cancer.ok("POST", "/v1/models/m/evaluate", {"folds": 5})
    validated = cancer.ok("GET", f"/v1/runs/{run['id']}")["outcome"]["cross_validation"]
    assert validated["loss"] == pytest.approx(sum(validated["folds"]) / 5)
    assert cancer.ok("GET", "/v1/models/m/versions/1/evaluation")["cross_validation"] == validated

    assert cancer.ok("POST", "/v1/models/m/deploy", {})["routes"][0]["version"] == 1
    answer = cancer.ok("POST", "/v1/models/m/predict", {"rows": rows()[:5]})
    assert {p["label"] for p in answer["predictions"]} <= {"benign", "malignant"}
    assert all(sum(p["probabilities"].values()) == pytest.approx(1) for p in answer["predictions"])

    cancer.ok("POST", "/v1/models/m/predict", {"rows": rows()})
    report = cancer.ok("POST", "/v1/models/m/monitor")
    assert (report["status"], report["requests"], report["rows"]) == ("healthy", 2, 574)

    shifted = [{name: value * 3 for name, value in row.items()} for row in rows()[:300]]
    cancer.ok("POST", "/v1/models/m/predict", {"rows": shifted})
    report = cancer.ok("POST", "/v1/models/m/monitor")
    assert report["status"] == "drift"
    assert report["alerts"]

    bunch = load_breast_cancer()
    half = bunch.data[::2], bunch.target_names[bunch.target][::2]
    columns = {name: half[0][:, i].tolist() for i, name in enumerate(bunch.feature_names)}
    assert cancer.upload(csv_of({**columns, "target": half[1]}))["version"] == 2
    run = cancer.ok("POST", "/v1/models/m/update", {"iterations": 50})
    outcome = cancer.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    assert outcome["promoted"] == (outcome["challenger"]["loss"] <= outcome["champion"]["loss"])
    served = cancer.ok("GET", "/v1/models/m/deployment")["routes"][0]["version"]
    assert served == (2 if outcome["promoted"] else 1)

    assert cancer.ok("POST", "/v1/models/m/retire", {})["state"] == "retired"
    assert cancer.refused("POST", "/v1/models/m/predict", {"rows": rows()[:1]})["code"] == "conflict"
    assert cancer.ok("GET", "/v1/models/m/versions/1")["digest"] == version["digest"]


def test_the_daily_update_acts_on_new_data_only(cancer: World) -> None:
    cancer.ok("POST", "/v1/models/m/deploy", {})
    cancer.event("update_daily")
    assert cancer.ok("GET", "/v1/models/m")["latest"] == 1
    bunch = load_breast_cancer()
    columns = {name: bunch.data[:400, i].tolist() for i, name in enumerate(bunch.feature_names)}
    cancer.upload(csv_of({**columns, "target": bunch.target_names[bunch.target[:400]]}))
    cancer.event("update_daily")
    model = cancer.ok("GET", "/v1/models/m")
    assert model["latest"] == 2
    assert cancer.ok("GET", "/v1/models/m/versions/2")["warm_from"] == 1
    cancer.event("update_daily")
    assert cancer.ok("GET", "/v1/models/m")["latest"] == 2
