"""Each evaluation says whether the version is better than what the training rows answer without a model."""

from collections.abc import Callable
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


def forecast(days: int, **more: list[Any]) -> bytes:
    """Rows of two shops whose sales rise and wander, each beside what they were on the day before."""
    rows: list[tuple[str, str, float | None, float]] = []
    for shop in range(2):
        rng = np.random.default_rng(shop)
        sales = np.round(50 * shop + 0.5 * np.arange(days) + np.cumsum(rng.normal(size=days)), 3).tolist()
        dates = (np.datetime64("2024-01-01") + np.arange(days)).astype(str).tolist()
        rows += zip(dates, [f"s{shop}"] * days, [None, *sales[:-1]], sales, strict=True)
    rows = [rows[at] for at in np.random.default_rng(9).permutation(2 * days)]
    names = "day", "shop", "label 1 before", "label"
    return csv_of({**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)), **more})


def missed(data: bytes, held_out: Callable[[str], bool]) -> float:
    """The RMSE of the value of the day before on the rows of these days."""
    rows = [line.split(",") for line in data.decode().splitlines()[1:]]
    errors = [float(row[3]) - float(row[2]) for row in rows if held_out(row[0])]
    return float(np.sqrt(np.mean(np.square(errors))))


def test_a_forecast_is_beside_the_value_that_each_row_knows_and_so_is_its_update(here: World) -> None:
    """Boosting knows the day before and goes on with no trend: it beats the last value of the training by far."""
    data, split = forecast(150), {"by": "time", "column": "day"}
    last, mean = baselines(here, data, algorithm="gradient_boosting", split=split)
    assert (last["baseline"], last["column"], last["filled"]) == ("last", "label 1 before", 0)
    assert last["baseline_score"] == pytest.approx(missed(data, lambda day: day >= "2024-04-30"))
    assert (last["shown"], mean["shown"]) == ("worse", "better")
    assert last["sentence"].startswith(
        "worse than always answering the last value known ('label 1 before'): rmse "
    )
    here.ok("POST", "/v1/models/m/deploy", {})
    grown = forecast(200)
    here.upload(grown)
    here.ok("POST", "/v1/models/m/update", {})
    update = here.ok("GET", "/v1/models/m/versions/2/evaluation")["baselines"]
    assert update[0]["column"] == "label 1 before"
    assert update[0]["baseline_score"] == pytest.approx(missed(grown, lambda day: day >= "2024-06-09"))
    card = here.ok("GET", "/v1/models/m/versions/2/card")
    assert "the last value known (&#x27;label 1 before&#x27;)" in str(card)


def test_rows_dealt_at_random_are_beside_it_too_and_a_row_without_it_is_said(here: World) -> None:
    part, split = (
        ["test" if one % 3 == 0 else "train" for one in range(300)],
        {"by": "column", "column": "part"},
    )
    found = baselines(here, forecast(150, part=part), algorithm="linear_regression", split=split)
    assert [one["baseline"] for one in found] == ["last", "mean"]
    assert found[0]["column"] == "label 1 before"


def test_an_update_and_a_blend_say_it_too(here: World) -> None:
    baselines(here, two_classes(300))
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(two_classes(300, seed=1))
    here.ok("POST", "/v1/models/m/update", {})
    here.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 2})
    for number in (2, 3):
        found = here.ok("GET", f"/v1/models/m/versions/{number}/evaluation")["baselines"]
        assert [one["metric"] for one in found] == ["log_loss", "accuracy"]
