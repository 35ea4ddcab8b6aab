"""What needs a person is found among any number of models and runs: open alerts, and what failed last."""

import dataclasses
from typing import Any

import pytest

from functions.records.kinds import ALARMED, ALERTS, LAST_FAILED
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.world import World, two_classes, world


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def served(here: World, *names: str) -> None:
    for name in names:
        here.trained(two_classes(), model=name, iterations=5)
        here.ok("POST", f"/v1/models/{name}/deploy", {})


def refuse(here: World, *names: str) -> None:
    """Refuse calls of these models, and let the schedule look."""
    for name in names:
        for _ in range(50):
            here.refused("POST", f"/v1/models/{name}/predict", {"rows": [["oops", 1]]})
    here.platform.loaded.flush()
    here.event("monitor_hourly")


def alarmed(here: World, **query: str) -> list[str]:
    return [one["name"] for one in here.ok("GET", "/v1/models", query={"state": "alarmed", **query})["items"]]


def failed(here: World, **query: str) -> list[str]:
    return [
        one["model"] for one in here.ok("GET", "/v1/runs", query={"state": "last_failed", **query})["items"]
    ]


def train(here: World, model: str, **asked: Any) -> str:
    return str(here.ok("POST", f"/v1/models/{model}/train", {"refit": False, **asked})["id"])


def test_models_with_an_open_alert_are_listed_by_pages_and_by_name(here: World) -> None:
    served(here, "a", "b", "c")
    assert alarmed(here) == []
    refuse(here, "a", "c")
    assert alarmed(here) == ["a", "c"]
    assert alarmed(here, search="C") == ["c"]
    page = here.ok("GET", "/v1/models", query={"state": "alarmed", "limit": "1"})
    assert ([one["name"] for one in page["items"]], page["next"]) == (["a"], "a")
    assert alarmed(here, after="a", limit="1") == ["c"]
    here.ok("POST", "/v1/models/c/retire", {})
    assert alarmed(here) == ["a"]
    assert [key for key, _ in here.platform.system.list(ALARMED)] == ["default:a"]


def test_a_model_whose_last_alert_closes_needs_nobody(here: World) -> None:
    served(here, "a")
    refuse(here, "a")
    assert alarmed(here) == ["a"]
    here.clock.forward(2 * 86_400)
    rows = [line.split(",")[:2] for line in two_classes(300, seed=9).decode().splitlines()[1:]]
    for first in range(0, 300, 6):
        some = [[float(cell) for cell in row] for row in rows[first : first + 6]]
        here.ok("POST", "/v1/models/a/predict", {"rows": some})
    here.platform.loaded.flush()
    here.event("monitor_hourly")
    assert here.ok("GET", "/v1/models/a/alerts")["items"][0]["state"] == "closed"
    assert alarmed(here) == []
    assert here.platform.system.list(ALARMED) == []


def test_a_pointer_that_a_crash_left_behind_names_no_model_and_goes_with_the_next_look(here: World) -> None:
    """As between the end of the last alert and the removal of the pointer."""
    served(here, "a")
    refuse(here, "a")
    store, system = here.platform.workspace("default"), here.platform.system
    for key, alert in store.all(ALERTS, "a"):
        ended = dataclasses.replace(alert.value, state="closed", closed=here.clock())
        store.write(store.put(ALERTS, "a", key, value=ended, expect=alert.revision))
    assert alarmed(here) == []
    assert system.list(ALARMED) != []
    here.clock.forward(2 * 86_400)
    here.event("monitor_hourly")
    assert system.list(ALARMED) == []


def test_an_alert_from_before_there_were_pointers_is_found_once_it_is_seen_again(here: World) -> None:
    served(here, "a")
    refuse(here, "a")
    system = here.platform.system
    [(key, pointer)] = system.list(ALARMED)
    system.write(system.delete(ALARMED, key, expect=pointer.revision))
    assert alarmed(here) == []
    here.event("monitor_hourly")
    assert alarmed(here) == ["a"]


def test_a_model_is_among_those_that_failed_until_a_run_of_it_ends_well(here: World) -> None:
    served(here, "a", "b")
    assert failed(here) == []
    first = train(here, "a", learning_rate=1e9, iterations=50)
    last = train(here, "b", learning_rate=1e9, iterations=50)
    listed = here.ok("GET", "/v1/runs", query={"state": "last_failed"})["items"]
    assert [one["id"] for one in listed] == [last, first]
    assert {one["error"]["code"] for one in listed} == {"diverged"}
    assert failed(here, model="a") == ["a"] and failed(here, kind="update") == []
    page = here.ok("GET", "/v1/runs", query={"state": "last_failed", "limit": "1"})
    assert failed(here, after=page["next"]) == ["a"]
    train(here, "a", iterations=5)
    assert failed(here) == ["b"]
    here.ok("POST", "/v1/models/b/retire", {})
    assert failed(here) == []
    assert here.platform.system.list(LAST_FAILED) == []


def test_a_model_that_tries_again_does_not_wait_for_somebody(here: World) -> None:
    served(here, "a")
    train(here, "a", learning_rate=1e9, iterations=50)
    assert failed(here) == ["a"]
    after = here.again(runner=idle)
    run = train(after, "a", iterations=5)
    assert failed(after) == []
    after.ok("POST", f"/v1/runs/{run}/cancel")
    assert failed(after) == []
