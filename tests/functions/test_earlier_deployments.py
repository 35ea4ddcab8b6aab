"""A deployment remembers which versions served before, and since when."""

from typing import Any

import pytest

from functions.records.deployments import MOST_STINTS
from functions.records.kinds import DEPLOYMENTS
from tests.support.world import World, two_classes, world

DEPLOY, DEPLOYED = "/v1/models/m/deploy", "/v1/models/m/deployment"


@pytest.fixture
def here(store: Any) -> World:
    made = world(store)
    made.trained(two_classes(), iterations=5)
    made.ok("POST", DEPLOY)
    made.clock.forward(60)
    made.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
    return made


def test_the_first_deployment_has_nothing_before_it(here: World) -> None:
    found = here.ok("GET", DEPLOYED)
    assert (found["since"], "earlier" in found) == (found["updated"], False)


def test_another_version_leaves_behind_when_the_one_before_served(here: World) -> None:
    first = here.ok("GET", DEPLOYED)["since"]
    second = here.ok("POST", DEPLOY, {"version": 2})
    assert second["since"] > first
    assert second["earlier"] == [{"version": 1, "since": first, "until": second["since"]}]
    here.clock.forward(60)
    back = here.ok("POST", DEPLOY, {"version": second["earlier"][0]["version"]})
    assert back["routes"][0]["version"] == 1
    assert [one["version"] for one in back["earlier"]] == [2, 1]
    assert here.ok("GET", DEPLOYED) == back


def test_deploying_twice_and_a_rule_for_labels_begin_nothing_new(here: World) -> None:
    before = here.ok("GET", DEPLOYED)
    here.clock.forward(60)
    assert here.ok("POST", DEPLOY, {"version": 1}) == before
    here.ok("PUT", "/v1/models/m/versions/1/threshold", {"threshold": 0.3})
    found = here.ok("GET", DEPLOYED)
    assert (found["since"], "earlier" in found) == (before["since"], False)
    assert found["updated"] > before["updated"]


def test_only_the_latest_are_kept(here: World) -> None:
    for at in range(MOST_STINTS + 2):
        here.ok("POST", DEPLOY, {"version": 2 - at % 2})
    assert len(here.ok("GET", DEPLOYED)["earlier"]) == MOST_STINTS


def test_a_deployment_of_an_earlier_program_began_when_it_last_changed(here: World) -> None:
    store = here.platform.workspace("default")
    stored = store.get(DEPLOYMENTS, "m")
    assert stored is not None
    old = {key: getattr(stored.value, key) for key in ("model", "state", "routes", "created", "updated")}
    store.write(store.put(DEPLOYMENTS, "m", value=type(stored.value)(**old), expect=stored.revision))
    assert "since" not in here.ok("GET", DEPLOYED)
    found = here.ok("POST", DEPLOY, {"version": 2})
    assert [one["version"] for one in found["earlier"]] == [1]
