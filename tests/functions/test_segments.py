"""Each evaluation says where the version is wrong: by each column, also those that it does not read."""

from typing import Any

import numpy as np
import pytest

from lepton_core.preprocess import Preprocessor
from tests.support.stores import Store
from tests.support.world import World, csv_of, world

M = 1500


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def clinic(seed: int = 0, *, label: str = "classes", m: int = M) -> bytes:
    """Rows of 300 patients; in the ward 'east' the label has nothing to do with the numbers."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=m), rng.normal(size=m)
    ward = rng.choice(["east", "north", "west"], m)
    noise = np.where(ward == "east", 4.0, 0.3) * rng.normal(size=m)
    y = a + b + noise
    return csv_of(
        {
            "patient": [f"p{one}" for one in rng.integers(0, 300, m)],
            "part": ["test" if one % 3 == 0 else "train" for one in range(m)],
            "a": a.tolist(),
            "b": b.tolist(),
            "ward": ward.tolist(),
            "label": np.where(y > 0, "yes", "no").tolist() if label == "classes" else y.tolist(),
        }
    )


def segments(here: World, version: int = 1) -> Any:
    return here.ok("GET", f"/v1/models/m/versions/{version}/evaluation")["segments"]


def test_a_ward_in_which_the_version_is_wrong_is_found(here: World) -> None:
    here.trained(clinic())
    found = segments(here)
    worst = found["worst"][0]
    assert (worst["column"], worst["level"], worst["of"]) == ("ward", "east", "level")
    assert worst["score"]["high"] < found["score"]["low"]
    assert worst["loss"] - worst["loss_elsewhere"] == pytest.approx(worst["difference"]["value"])
    assert (found["metric"], found["measure"], found["columns"]) == ("accuracy", "log_loss", 5)


def test_all_rows_have_the_figures_of_the_report(here: World) -> None:
    here.trained(clinic())
    report = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    found = report["segments"]
    assert found["score"]["value"] == pytest.approx(report["accuracy"])
    assert found["loss"]["value"] == pytest.approx(report["log_loss"])
    assert found["rows"] == sum(map(sum, report["confusion"]))
    for one in (found["score"], found["loss"]):
        assert one["low"] < one["value"] < one["high"]


def test_so_has_a_regression_and_what_is_true_by_prediction(here: World) -> None:
    here.trained(clinic(label="values"), algorithm="linear_regression")
    report = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    found, by = report["segments"], report["by_prediction"]
    assert (found["worst"][0]["level"], found["metric"], found["measure"]) == (
        "east",
        "rmse",
        "squared_error",
    )
    assert found["score"]["value"] == pytest.approx(report["rmse"])
    assert len(by["predicted"]) == 10 and sum(by["count"]) == found["rows"]
    assert by["predicted"] == sorted(by["predicted"])
    assert np.dot(by["true"], by["count"]) / found["rows"] == pytest.approx(
        np.dot(by["predicted"], by["count"]) / found["rows"] + report["mean_residual"]
    )


def test_a_column_that_the_version_does_not_read_is_looked_at(here: World) -> None:
    chain = Preprocessor.empty().add("Drop", input="ward").as_dict()
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.ok("PUT", "/v1/models/m/preprocessor", {"preprocessor": chain})
    here.trained(clinic())
    worst = segments(here)["worst"][0]
    assert (worst["column"], worst["reads"]) == ("ward", False)


@pytest.mark.parametrize(("by", "column", "blocks"), [("group", "patient", 60), ("column", "part", 500)])
def test_a_column_that_deals_rows_to_both_sides_is_looked_at(
    here: World, by: str, column: str, blocks: int
) -> None:
    here.trained(clinic(), split={"by": by, "column": column})
    found = segments(here)
    assert found["columns"] == 5
    assert abs(found["blocks"] - blocks) < 20
    assert found["worst"][0]["level"] == "east"


def test_an_update_and_a_blend_say_it_too(here: World) -> None:
    here.trained(clinic(m=400))
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(clinic(seed=1, m=400))
    here.ok("POST", "/v1/models/m/update", {})
    here.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 2})
    for number in (2, 3):
        assert segments(here, number)["tested"] > 0
