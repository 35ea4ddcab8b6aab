"""The effect of one column on what a version says, as it is asked for."""

import numpy as np
import pytest

from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

PATH = "/v1/models/m/versions/1/effect"


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(300), iterations=50)
    return made


def test_a_quantity_is_varied_over_its_range(here: World) -> None:
    found = here.ok("GET", PATH, query={"column": "a"})
    assert (found["column"], found["of"], found["rows"], found["share"]) == ("a", "quantity", 200, [])
    assert found["values"] == sorted(set(found["values"])) and len(found["values"]) == 20
    assert np.allclose(np.add(found["outputs"]["no"], found["outputs"]["yes"]), 1.0)
    for one, low, high in zip(*(found[name]["yes"] for name in ("outputs", "low", "high")), strict=True):
        assert low <= high and 0 <= one <= 1


def test_its_ends_are_what_the_version_answers_on_average(here: World) -> None:
    found = here.ok("GET", PATH, query={"column": "a"})["outputs"]["yes"]
    assert abs(found[-1] - found[0]) > 0.3, "the column decides"
    assert here.ok("GET", PATH, query={"column": "a"})["outputs"]["yes"] == found, "each time the same"


def test_levels_are_looked_at_the_most_frequent_first_with_their_shares(store: Store) -> None:
    here = world(store)
    town = ["Ulm"] * 90 + ["Bonn"] * 60 + [None] * 10
    price = [100.0 if one == "Ulm" else 40.0 for one in town]
    here.trained(
        csv_of({"town": town, "size": list(range(160)), "price": price}), algorithm="linear_regression"
    )
    found = here.ok("GET", PATH, query={"column": "town"})
    assert (found["of"], found["values"], found["share"]) == ("levels", ["Ulm", "Bonn"], [0.6, 0.4])
    first, second = found["outputs"]["value"]
    assert first - second == pytest.approx(60, abs=15)


def test_a_column_that_the_version_does_not_read_is_refused(here: World) -> None:
    refused = here.refused("GET", PATH, query={"column": "label"})
    assert (refused["status"], refused["field"]) == (400, "column")
    assert here.refused("GET", PATH)["field"] == "column"


def test_no_traffic_is_counted_for_it(here: World) -> None:
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("GET", PATH, query={"column": "a"})
    assert here.ok("GET", "/v1/models/m/monitor")["rows"] == 0
