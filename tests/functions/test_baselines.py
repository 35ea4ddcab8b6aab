"""Each evaluation says whether the version is better than what the training rows answer without a model."""

from typing import Any

import numpy as np
import pytest

from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

M = 240


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def visits(label: list[Any]) -> bytes:
    """Rows of 24 patients whose days rise; every fourth row is held out by the column ``part``."""
    rng = np.random.default_rng(0)
    return csv_of(
        {
            "patient": [f"p{one}" for one in np.arange(M) % 24],
            "day": np.arange(float(M)).tolist(),
            "part": ["test" if one % 4 == 0 else "train" for one in range(M)],
            "a": rng.normal(size=M).tolist(),
            "label": label,
        }
    )


def baselines(here: World, data: bytes, **body: Any) -> list[Any]:
    assert here.trained(data, **body)["state"] == "succeeded"
    found = here.ok("GET", "/v1/models/m/versions/1/evaluation")["baselines"]
    assert isinstance(found, list)
    return found


def test_the_shares_and_the_most_frequent_class_are_those_of_the_training_rows(here: World) -> None:
    """Of the held-out rows nine in ten are 'yes', of the others three in ten."""
    label = [
        "yes" if (one // 4 % 10 < 9 if one % 4 == 0 else one // 4 % 10 < 3) else "no" for one in range(M)
    ]
    by_loss, by_hits = baselines(here, visits(label), split={"by": "column", "column": "part"})
    assert by_loss["baseline_score"] == pytest.approx(-0.9 * np.log(0.3) - 0.1 * np.log(0.7))
    assert (by_hits["answer"], by_hits["baseline_score"]) == ("no", pytest.approx(0.1))
    assert by_loss["comparison"]["rows"] == 60


def test_a_version_that_finds_its_classes_is_better_and_its_figures_are_those_of_the_report(
    here: World,
) -> None:
    found = baselines(here, two_classes(300))
    report = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    assert [one["shown"] for one in found] == ["better", "better"]
    assert [report[one["metric"]] for one in found] == [pytest.approx(one["model_score"]) for one in found]
    assert all(one["sentence"].startswith("better than always answering ") for one in found)


def test_the_rows_of_a_group_are_one_block(here: World) -> None:
    label = np.random.default_rng(1).choice(["yes", "no"], M).tolist()
    found = baselines(here, visits(label), split={"by": "group", "column": "patient"})
    for one in found:
        assert one["shown"] == "nothing"
        assert one["comparison"]["rows"] == 10 * one["comparison"]["blocks"]


def test_in_a_split_by_time_the_last_value_is_to_be_beaten(here: World) -> None:
    """A forest does not go on with a trend: its r2 looks at the mean of later rows, which nobody knows before."""
    data = visits(np.arange(M).astype(float).tolist())
    found = baselines(here, data, algorithm="random_forest", split={"by": "time", "column": "day"})
    assert [one["baseline"] for one in found] == ["last", "mean"]
    assert found[0]["shown"] == "worse"
    later = np.arange(M * 0.8, M)
    assert found[0]["baseline_score"] == pytest.approx(np.sqrt(np.mean((later - later[0] + 1) ** 2)))
    assert found[0]["comparison"]["blocks"] < found[0]["comparison"]["rows"]


def test_an_update_and_a_blend_say_it_too(here: World) -> None:
    baselines(here, two_classes(300))
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(two_classes(300, seed=1))
    here.ok("POST", "/v1/models/m/update", {})
    here.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 2})
    for number in (2, 3):
        found = here.ok("GET", f"/v1/models/m/versions/{number}/evaluation")["baselines"]
        assert [one["metric"] for one in found] == ["log_loss", "accuracy"]
