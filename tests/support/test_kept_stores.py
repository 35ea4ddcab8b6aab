"""A copy of a prepared platform holds what the platform held, and no test changes what the next one gets."""

from pathlib import Path

import pytest

from functions.settings import Settings
from tests.support.kept_stores import OnAws, OnDisk, Place, Prepared
from tests.support.world import World, two_classes, world

TRAIN = {"iterations": 3}


@pytest.fixture(params=["disk", "aws"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return OnAws(request.getfixturevalue("aws")) if request.param == "aws" else OnDisk(tmp_path)


def prepare(here: World) -> None:
    here.trained(two_classes(40), **TRAIN)
    here.clock.forward(60)


def test_a_copy_holds_all_that_was_prepared(place: Place) -> None:
    here = world(place.begin())
    prepare(here)
    held, now = place.look(), here.clock()
    assert held["records"]
    assert held["blobs"]
    prepared = Prepared(place, Settings())
    for _ in range(2):
        copy = prepared.after(prepare)
        assert (place.look(), copy.clock()) == (held, now)


def test_no_copy_sees_what_was_done_to_another_and_ids_go_on(place: Place) -> None:
    prepared = Prepared(place, Settings())
    one = prepared.after(prepare)
    before = place.look()
    ids = [run["id"] for run in one.ok("GET", "/v1/runs")["items"]]
    further = one.ok("POST", "/v1/models/m/train", TRAIN)
    assert further["id"] > ids[0]
    assert place.look() != before
    other = prepared.after(prepare)
    assert place.look() == before
    assert other.ok("POST", "/v1/models/m/train", TRAIN)["id"] == further["id"]
