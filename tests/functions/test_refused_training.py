"""A training that is refused: each call that is offered says all that was asked for, but for what was refused."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.records import find
from functions.train import TrainModel, decide
from functions.update import UpdateModel
from lepton_core.asked_again import DEFAULTS, asked_again, said_in
from lepton_core.errors import LeptonError
from lepton_core.remedy import Remedy
from tests.support.runners import idle
from tests.support.stores import Store, memory_store
from tests.support.world import World, csv_of, world

ROWS = 60
RNG = np.random.default_rng(0)

# Of each algorithm: what is wrong, by the fields of the request that it is in, and which hyperparameters may change.
FAULTS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("gradient_boosting", {"hyperparameters": {"monotone": {"agee": 1}}}, {"monotone"}),
    ("gradient_boosting", {"hyperparameters": {"monotone": {"town": 1, "age": 1}}}, {"monotone"}),
    ("gradient_boosting", {"hyperparameters": {"interactions": [["age", "paid"]]}}, {"interactions"}),
    ("gradient_boosting", {"hyperparameters": {"batch_size": 8}}, {"batch_size"}),
    ("gradient_boosting", {"members": 3}, {"members", "auto"}),
    ("random_forest", {"iterations": 50}, {"iterations", "trees"}),
    ("random_forest", {"learning_rate": 0.1}, {"learning_rate"}),
    ("naive_bayes", {"iterations": 50, "learning_rate": 0.1}, {"iterations", "learning_rate"}),
    ("svm", {"hyperparameters": {"monotone": {"age": 1}}}, {"monotone"}),
    (
        "logistic_regression",
        {"learning_rate": 0.1, "hyperparameters": {"optimizer": "newton"}},
        {"learning_rate"},
    ),
    ("logistic_regression", {"trials": 3}, {"trials", "auto"}),
    ("logistic_regression", {"seconds": 2.5}, {"seconds", "auto"}),
    ("logistic_regression", {"auto": "algorithm", "megabytes": 2.0}, {"megabytes", "auto"}),
    ("linear_regression", {"calibrate": True}, {"calibrate", "uncertainty"}),
]

# What may be right beside any of them.
RIGHT: dict[str, Any] = {
    "split": {"by": "time", "column": "day", "fraction": 0.3},
    "weight": "w",
    "seed": 3,
    "refit": False,
    "uncertainty": True,
    "dataset_version": 1,
}
OWN = {
    "gradient_boosting": {"l2": 0.5, "max_leaf_nodes": 9},
    "random_forest": {"max_depth": 4},
    "naive_bayes": {"var_smoothing": 0.01},
    "svm": {"C": 2.0},
    "logistic_regression": {"l2": 0.01},
    "linear_regression": {"l2": 0.01},
}


@pytest.fixture(scope="module")
def here() -> World:
    made = world(memory_store(), runner=idle)
    age = RNG.uniform(18, 90, ROWS).round(2)
    columns = {
        "age": age,
        "town": RNG.choice(["Bonn", "Ulm"], ROWS),
        "w": RNG.integers(1, 4, ROWS),
        "day": [f"2024-01-{1 + place // 2:02}" for place in range(ROWS)],
    }
    for name, label in (("classes", np.where(age > 50, "yes", "no")), ("values", age * 2 + 0.5)):
        assert made.upload(csv_of({**columns, "paid": label}), name)["state"] == "accepted"
    for name in OWN:
        data = "values" if name == "linear_regression" else "classes"
        made.ok("POST", "/v1/models", {"name": name, "algorithm": name, "dataset": data})
    return made


def refusal(here: World, model: str, body: Mapping[str, Any]) -> LeptonError | None:
    store = here.platform.workspace("default")
    try:
        decide(store, find.active_model(store, model).value, msgspec.convert(body, TrainModel))
    except LeptonError as error:
        return error
    return None


def flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields and the hyperparameters of a request by name, wherever in it they stand."""
    return {name: one for name, one in body.items() if name != "hyperparameters"} | body.get(
        "hyperparameters", {}
    )


def joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {**one.get("hyperparameters", {}), **other.get("hyperparameters", {})}
    return {**one, **other, **({"hyperparameters": both} if both else {})}


@st.composite
def refused(draw: st.DrawFn) -> tuple[str, dict[str, Any], set[str]]:
    algorithm, fault, free = draw(st.sampled_from(FAULTS))
    right = {name: value for name, value in RIGHT.items() if draw(st.booleans())}
    if algorithm != "linear_regression" and draw(st.booleans()):
        right["class_weight"] = draw(st.sampled_from(["balanced", {"yes": 2.0}]))
    own = {name: value for name, value in OWN[algorithm].items() if draw(st.booleans())}
    return algorithm, joined({**right, **({"hyperparameters": own} if own else {})}, fault), free


@settings(max_examples=150)
@given(case=refused())
def test_what_is_offered_keeps_what_was_right_and_is_not_refused(
    here: World, case: tuple[str, dict[str, Any], set[str]]
) -> None:
    algorithm, body, free = case
    error = refusal(here, algorithm, body)
    assert error is not None
    ways = [one for one in error.remedies if one.route == "train"]
    assert ways
    asked = flat(body)
    for way in ways:
        assert way.said in error.message
        assert way.of == algorithm
        offered = flat(way.body)
        assert offered != asked
        assert {name: offered.get(name) for name in asked if name not in free} == {
            name: value for name, value in asked.items() if name not in free
        }
        assert set(offered) <= set(asked) | free
        assert refusal(here, algorithm, way.body) is None


def test_a_request_has_the_defaults_that_are_left_out_of_what_is_offered() -> None:
    assert {
        name: value for name, value in msgspec.to_builtins(TrainModel()).items() if value is not None
    } == DEFAULTS
    assert said_in(msgspec.to_builtins(TrainModel())) == {}


def test_over_http_the_request_says_all_of_it(here: World) -> None:
    body = {"iterations": 50, "split": {"by": "time", "column": "day"}, "hyperparameters": {"max_depth": 4}}
    found = here.refused("POST", "/v1/models/random_forest/train", body)
    changed = {"split": body["split"], "hyperparameters": {"max_depth": 4, "trees": 50}}
    assert found["request"] == {"route": "train", "body": changed}
    assert "model.train(split=Split('time', 'day'), max_depth=4, trees=50)" in found["message"]
    assert [one["of"] for one in found["remedies"]] == ["random_forest"]


def few(here: World, rows: int, **train: Any) -> Mapping[str, Any]:
    columns = {
        "a": range(rows),
        "day": range(rows),
        "label": ["yes" if at % 2 else "no" for at in range(rows)],
    }
    run = here.trained(csv_of(columns), **train)
    assert run["state"] == "failed"
    return dict(run["error"])


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"auto": True, "trials": 2, "seed": 4}, {"seed": 4}),
        ({"uncertainty": True, "hyperparameters": {"l2": 0.1}}, {"hyperparameters": {"l2": 0.1}}),
        ({"calibrate": True, "iterations": 9}, {"iterations": 9}),
    ],
)
def test_a_run_that_fails_offers_the_rest_as_well(
    disk: Store, asked: Mapping[str, Any], kept: Mapping[str, Any]
) -> None:
    here = world(disk)
    split = {"by": "time", "column": "day", "fraction": 0.25}
    error = few(here, 6, split=split, **asked)
    (way,) = error["remedies"]
    assert way["body"] == {"split": split, "refit": False, **kept}
    assert way["said"] in error["message"]
    assert way["of"] == "m"
    run = here.ok("POST", "/v1/models/m/train", way["body"])
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"


def test_candidates_that_cost_too_much_leave_the_rest_of_the_request(disk: Store) -> None:
    here = world(disk)
    body = {"auto": True, "trials": 2, "seed": 2, "megabytes": 1e-9, "milliseconds": 1e-9, "weight": "b"}
    data = csv_of(
        {"a": range(60), "b": [1, 2] * 30, "label": ["yes" if at > 29 else "no" for at in range(60)]}
    )
    run = here.trained(data, **body)
    assert run["state"] == "failed"
    (way,) = run["error"]["remedies"]
    assert way["body"].pop("megabytes") > 1e-9
    assert way["body"] == {"auto": True, "trials": 2, "seed": 2, "weight": "b", "refit": False}


def test_two_spellings_of_a_request_are_one_run(disk: Store) -> None:
    here = world(disk, runner=idle)
    one = here.trained(csv_of({"a": range(60), "label": ["yes", "no"] * 30}), iterations=9)
    body = {"refit": False, "hyperparameters": {"iterations": 9}}
    assert here.ok("POST", "/v1/models/m/train", body)["id"] == one["id"]


def test_an_update_offers_the_training_that_its_champion_came_of(disk: Store) -> None:
    """A training that forgets the split would be judged on other rows."""
    here = world(disk)
    data = csv_of({"a": range(60), "day": range(60), "w": [1, 2] * 30, "label": ["yes", "no"] * 30})
    split = {"by": "time", "column": "day"}
    run = here.trained(data, algorithm="random_forest", split=split, weight="w", hyperparameters={"trees": 5})
    assert run["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/deploy", {})
    found = here.refused("POST", "/v1/models/m/update", msgspec.to_builtins(UpdateModel(learning_rate=0.1)))
    asked = {"weight": "w", "split": split, "refit": False, "hyperparameters": {"trees": 5}}
    assert found["request"] == {"route": "train", "body": asked}


def test_words_of_another_model_stay_as_they_are() -> None:
    way = Remedy("Model(name='other').train()", "train", {}, "other")
    error = LeptonError(f"see {way}", remedies=(way,))
    assert asked_again(error.failure, "m", {"seed": 1}) == error.failure
