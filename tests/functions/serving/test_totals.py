"""The calls of past hours are added up once, and no count is lost or counted twice."""

from typing import Any

import pytest
from msgspec.structs import replace

from functions.records.kinds import WINDOWS
from functions.records.totals import TOTALS
from functions.serving.totals import MOST_VERSIONS, OPEN_HOURS, add_up, calls_ever
from tests.support.world import World, two_classes, world

ROW = {"rows": [{"a": 0.1, "b": 0.2}]}
PREDICT = "/v1/models/m/predict"
HOUR = 3600.0


@pytest.fixture
def here(store: Any) -> World:
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def called(here: World, times: int) -> None:
    for _ in range(times):
        here.ok("POST", PREDICT, ROW)
    here.platform.loaded.flush()


def requests(here: World) -> dict[int, int]:
    return {
        version: one.requests for version, one in calls_ever(here.platform.workspace("default"), "m").items()
    }


def test_hour_by_hour_the_same_is_told_whoever_adds_up_and_however_often(here: World) -> None:
    place = here.platform.workspace("default")
    for hour in range(1, 8):
        called(here, hour)
        for _ in range(2):
            here.event("monitor_hourly")
        assert requests(here) == {1: hour * (hour + 1) // 2}
        here.clock.forward(HOUR)
    kept = place.get(TOTALS, "m")
    assert kept is not None
    later = place.all(WINDOWS, "m", after=kept.value.until.strftime("%Y-%m-%dT%H"))
    assert len(list(later)) < OPEN_HOURS + 1


def test_of_two_that_add_up_at_once_the_second_changes_nothing(here: World) -> None:
    place = here.platform.workspace("default")
    called(here, 3)
    here.clock.forward(OPEN_HOURS * HOUR)
    now = here.clock()
    add_up(place, "m", now)
    first = place.get(TOTALS, "m")
    add_up(place, "m", now)
    assert place.get(TOTALS, "m") == first
    assert requests(here) == {1: 3}


def test_a_quiet_model_writes_nothing(here: World) -> None:
    add_up(here.platform.workspace("default"), "m", here.clock())
    assert here.platform.workspace("default").get(TOTALS, "m") is None
    assert requests(here) == {}


def test_each_version_has_its_own_and_the_newest_are_kept(here: World) -> None:
    place = here.platform.workspace("default")
    called(here, 2)
    here.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
    here.ok("POST", "/v1/models/m/deploy", {})
    called(here, 3)
    assert requests(here) == {1: 2, 2: 3}
    [(key, window), *_] = place.all(WINDOWS, "m")
    for version in range(3, MOST_VERSIONS + 2):
        name = key.replace("0000000001", f"{version:010d}")
        place.write(place.put(WINDOWS, "m", name, value=replace(window.value, version=version), expect=0))
    here.clock.forward(OPEN_HOURS * HOUR)
    add_up(place, "m", here.clock())
    assert list(requests(here)) == list(range(2, MOST_VERSIONS + 2))
