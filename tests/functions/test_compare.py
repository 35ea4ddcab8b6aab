"""Any two versions of a model compared on rows that neither has learnt from, or the reason why there are none."""

import numpy as np
import pytest

from functions.training import beside as comparing
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(400), iterations=1, learning_rate=0.01)
    made.ok("POST", "/v1/models/m/train", {"iterations": 100, "refit": False})
    return made


def test_a_better_version_is_shown_to_be_better_and_an_update_would_take_it(here: World) -> None:
    found = here.ok("GET", "/v1/models/m/versions/2/compare/1")
    numbers = found["beside"]
    assert (numbers["shown"], numbers["not_worse"], found["dataset_version"]) == ("better", True, 1)
    assert numbers["comparison"]["rows"] == 80
    assert numbers["comparison"]["difference"] == pytest.approx(numbers["earlier_loss"] - numbers["loss"])
    assert found["sentence"].startswith("version 2 is better than version 1: log loss ")


def test_the_other_way_round_it_is_worse(here: World) -> None:
    found = here.ok("GET", "/v1/models/m/versions/1/compare/2")["beside"]
    assert (found["shown"], found["not_worse"]) == ("worse", False)


def test_the_losses_are_those_of_both_evaluations(here: World) -> None:
    numbers = here.ok("GET", "/v1/models/m/versions/2/compare/1")["beside"]
    for version, loss in ((1, numbers["earlier_loss"]), (2, numbers["loss"])):
        assert here.ok("GET", f"/v1/models/m/versions/{version}")["metrics"]["log_loss"] == pytest.approx(
            loss
        )


def test_a_version_is_no_better_than_itself(here: World) -> None:
    found = here.ok("GET", "/v1/models/m/versions/1/compare/1")
    assert found["beside"]["shown"] == "nothing" and "the same on each of 80 rows" in found["sentence"]


def test_versions_of_different_data_are_compared_on_rows_of_the_newer(here: World) -> None:
    here.upload(two_classes(600, seed=1))
    here.ok("POST", "/v1/models/m/train", {"iterations": 50, "refit": False})
    held_out = here.ok("GET", "/v1/models/m/versions/3/evaluation")["segments"]["rows"]
    for path in ("3/compare/1", "1/compare/3"):
        found = here.ok("GET", f"/v1/models/m/versions/{path}")
        assert (found["dataset_version"], found["beside"]["comparison"]["rows"]) == (2, held_out)


def test_an_update_and_the_comparison_say_the_same(here: World) -> None:
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    here.ok("POST", "/v1/models/m/deploy", {"version": 1})
    here.upload(two_classes(600, seed=1))
    run = here.ok("POST", "/v1/models/m/update", {"iterations": 100})
    outcome = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    numbers = here.ok("GET", "/v1/models/m/versions/3/compare/1")["beside"]
    assert numbers["comparison"] == outcome["comparison"]
    assert (numbers["margin"], numbers["not_worse"]) == (outcome["margin"], outcome["promoted"])


def test_versions_whose_rows_were_held_out_by_different_rules_are_not_compared(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 5, "refit": False, "split": {"fraction": 0.4}})
    found = here.ok("GET", "/v1/models/m/versions/3/compare/1")
    assert found["beside"] is None
    assert "were judged on different rows and cannot be compared" in found["sentence"]


def test_what_takes_too_long_while_somebody_waits_is_said(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_COMPARED_CELLS", 1000)
    found = here.ok("GET", "/v1/models/m/versions/2/compare/1")
    assert (
        found["beside"] is None and "too many to compare two versions on while you wait" in found["sentence"]
    )


def test_data_without_a_column_that_one_of_both_reads_are_no_rows_for_both(here: World) -> None:
    csv = two_classes(200, seed=1)
    sent = here.ok("POST", "/v1/datasets/m/upload", {"size": len(csv), "exclude": ["b"]})
    here.ok("PUT", f"/v1/datasets/m/upload/{sent['id']}", csv)
    here.ok("POST", "/v1/models/m/train", {"iterations": 5, "refit": False})
    found = here.ok("GET", "/v1/models/m/versions/3/compare/1")
    assert found["beside"] is None and "cannot predict version 2 of the data" in found["sentence"]


def test_values_are_compared_by_their_root_mean_squared_errors(store: Store) -> None:
    here = world(store)
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    csv = csv_of({"x": x.tolist(), "y": (3 * x + rng.normal(size=300)).tolist()})
    here.trained(csv, algorithm="linear_regression")
    here.ok("POST", "/v1/models/m/train", {"refit": False, "hyperparameters": {"l2": 100.0}})
    found = here.ok("GET", "/v1/models/m/versions/2/compare/1")["beside"]
    assert (found["measure"], found["shown"]) == ("rmse", "worse")
