"""What each threshold of a version does, as it is asked for: the counts that rules are chosen by."""

from typing import Any

import numpy as np
import pytest

from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

PATH = "/v1/models/m/versions/1/threshold"


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(300), iterations=50)
    return made


def test_the_counts_at_a_threshold_are_those_of_the_rule_with_it(here: World) -> None:
    found = here.ok("GET", PATH, query={"label": "yes"})
    assert (found["label"], found["classes"], found["whole"]) == ("yes", ["no", "yes"], True)
    assert found["rows"] + found["others"] == 60
    place = len(found["thresholds"]) // 3
    rule = here.ok("PUT", PATH, {"threshold": found["thresholds"][place], "label": "yes"})["decision"]
    assert rule["recall"]["yes"]["hits"] == found["hits"][place]
    assert rule["precision"]["yes"]["rows"] == found["hits"][place] + found["false_alarms"][place]


def test_the_rule_in_use_and_its_class_are_there(here: World) -> None:
    before = here.ok("GET", PATH)
    assert (before["decision"], before["serving"]) == (None, False)
    here.ok("PUT", PATH, {"threshold": 0.3, "label": "no"})
    here.ok("POST", "/v1/models/m/deploy", {})
    after = here.ok("GET", PATH)
    assert (after["label"], after["serving"], after["decision"]["rule"]["threshold"]) == ("no", True, 0.3)


def test_a_class_by_another_name_is_meant_and_an_unknown_one_refused(here: World) -> None:
    assert here.ok("GET", PATH, query={"label": "true"})["label"] == "yes"
    refused = here.refused("GET", PATH, query={"label": "perhaps"})
    assert (refused["status"], refused["field"]) == (400, "label")


def test_of_more_classes_each_has_its_own_counts(store: Store) -> None:
    here = world(store)
    here.trained(three_classes(), iterations=50)
    counted = [here.ok("GET", PATH, query={"label": name}) for name in ("low", "mid", "high")]
    assert {one["rows"] + one["others"] for one in counted} == {60}
    assert sum(one["rows"] for one in counted) == 60
    for one in counted:
        assert one["hits"][-1] == one["rows"] and one["false_alarms"][-1] == one["others"]
    fewest = min(counted, key=lambda one: one["rows"])
    assert here.ok("GET", PATH)["rows"] == fewest["rows"]


def test_a_regression_has_no_thresholds(store: Store) -> None:
    here = world(store)
    here.trained(
        csv_of({"x": list(range(60)), "y": [2.5 * x for x in range(60)]}), algorithm="linear_regression"
    )
    assert here.refused("GET", PATH)["field"] == "label"


def three_classes() -> bytes:
    rng: Any = np.random.default_rng(3)
    score = rng.normal(size=300)
    noisy = score + rng.normal(scale=0.4, size=300)
    label = np.where(noisy < -0.7, "low", np.where(noisy < 0.7, "mid", "high")).tolist()
    return csv_of({"score": score.tolist(), "other": rng.normal(size=300).tolist(), "label": label})
