"""What Prometheus reads is what was counted, in both of its formats."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as of_openmetrics
from prometheus_client.parser import text_string_to_metric_families as of_text

from functions.serving import exposition
from lepton_core.errors import Damaged
from tests.support.failing import failing
from tests.support.world import World, two_classes, world

ROW = {"rows": [{"a": 0.1, "b": 0.2}]}
PREDICT = "/v1/models/m/predict"
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
TEXT = "text/plain;version=0.0.4"

Read = Callable[[str], Iterable[Any]]
FORMATS = [(TEXT, of_text), (OPENMETRICS, of_openmetrics)]
Found = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def here(store: Any) -> World:
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def told(here: World, accept: str, read: Read) -> Found:
    _, text = here.ask("GET", "/metrics", headers={"accept": accept})
    if not isinstance(text, str):
        raise AssertionError(text)
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in read(text)
        for one in family.samples
    }


def value(found: Found, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


@pytest.mark.parametrize(("accept", "read"), FORMATS)
def test_every_call_is_told_with_what_became_of_it(here: World, accept: str, read: Read) -> None:
    for _ in range(3):
        here.ok("POST", PREDICT, {"rows": ROW["rows"] * 2})
    here.refused("POST", PREDICT, {"rows": []})
    with failing(here, Damaged("a file")):
        here.ask("POST", PREDICT, ROW)
    found = told(here, accept, read)
    own = {"model": "m", "version": "1"}
    assert value(found, "lepton_requests_total", **own) == 5
    assert value(found, "lepton_rows_total", **own) == 6
    assert value(found, "lepton_failed_requests_total", **own) == 1
    assert value(found, "lepton_refused_requests_total", **own, code="damaged") == 1
    assert value(found, "lepton_traffic_ratio", **own) == 1
    assert value(found, "lepton_open_alerts", model="m") == 0
    assert value(found, "lepton_models_left_out") == 0
    buckets = [
        (float(dict(labels)["le"]), count)
        for (name, labels), count in found.items()
        if name == "lepton_request_duration_seconds_bucket"
    ]
    assert buckets == sorted(buckets)
    assert buckets[-1] == (float("inf"), 5)


@pytest.mark.parametrize(("accept", "read"), FORMATS)
def test_a_platform_without_models_tells_that_it_is_there(store: Any, accept: str, read: Read) -> None:
    names = {name for name, _ in told(world(store), accept, read)}
    assert names == {"lepton_build_info", "lepton_models_left_out"}


@pytest.mark.parametrize("accept", [TEXT, OPENMETRICS, "*/*", ""])
def test_the_media_type_is_the_one_that_was_accepted(here: World, accept: str) -> None:
    status, text = here.ask("GET", "/metrics", headers={"accept": accept})
    assert status == 200
    assert text.endswith("# EOF\n") == ("openmetrics" in accept)


def test_what_is_told_can_only_grow_while_hours_pass_and_are_added_up(here: World) -> None:
    last = 0.0
    for _ in range(6):
        here.ok("POST", PREDICT, ROW)
        here.clock.forward(3600)
        here.event("monitor_hourly")
        now = value(told(here, TEXT, of_text), "lepton_requests_total", model="m", version="1")
        assert now == last + 1
        last = now


def test_a_retired_model_is_told_no_more(here: World) -> None:
    here.ok("POST", PREDICT, ROW)
    here.ok("POST", "/v1/models/m/retire", {})
    assert ("lepton_open_alerts", (("model", "m"),)) not in told(here, TEXT, of_text)


def test_how_many_models_are_left_out_is_said(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "MOST_TOLD", 0)
    found = told(here, TEXT, of_text)
    assert value(found, "lepton_models_left_out") == 1
    assert ("lepton_open_alerts", (("model", "m"),)) not in found


def test_a_caller_who_may_not_read_is_told_nothing(here: World) -> None:
    key = here.ok("POST", "/v1/keys", {"scopes": ["predict"]})["secret"]
    there = here.again(owner=None)
    assert there.ask("GET", "/metrics", headers={"authorization": f"Bearer {key}"})[0] == 403
    assert there.ask("GET", "/metrics")[0] == 401
