"""Predict and monitor: a warm prediction reads nothing, traffic is counted once, versions change under load."""

import threading
from collections import Counter
from typing import Any

import pytest

from functions.records import find
from tests.support.faults import CountingBlobs, CountingRecords
from tests.support.world import World, csv_of, two_classes, world

ROW = {"rows": [{"a": 0.1, "b": 0.2}]}


@pytest.fixture
def calls() -> Counter[str]:
    return Counter()


@pytest.fixture
def here(store: Any, calls: Counter[str]) -> World:
    made = world(
        store, records=CountingRecords(store.records, calls), blobs=CountingBlobs(store.blobs, calls)
    )
    made.trained(two_classes(), iterations=20)
    made.ok("POST", "/v1/models/m/deploy", {})
    made.ok("POST", "/v1/models/m/predict", ROW)
    return made


def test_a_warm_prediction_does_no_storage_call(here: World, calls: Counter[str]) -> None:
    calls.clear()
    for _ in range(50):
        here.ok("POST", "/v1/models/m/predict", ROW)
    assert calls == {}


def test_a_busy_process_writes_its_counts_once_a_second_and_rereads_its_route_now_and_then(
    here: World, calls: Counter[str]
) -> None:
    here.clock.forward(1.0)
    here.ok("POST", "/v1/models/m/predict", ROW)
    calls.clear()
    for _ in range(100):
        here.clock.forward(0.1)
        here.ok("POST", "/v1/models/m/predict", ROW)
    assert calls["records.write"] == 10
    assert calls["records.get"] <= 3
    assert calls["blobs.get"] == 0


def test_with_a_background_thread_no_prediction_ever_touches_a_store(
    here: World, calls: Counter[str]
) -> None:
    steady = here.again(background=True)
    steady.ok("POST", "/v1/models/m/predict", ROW)
    calls.clear()
    for _ in range(20):
        steady.clock.forward(10)
        steady.ok("POST", "/v1/models/m/predict", ROW)
    assert calls == {}
    steady.platform.loaded.tick()
    assert calls["records.write"] == 1


def test_every_request_is_counted_once_whoever_counted_it(here: World) -> None:
    other = here.again()
    for process, times in ((here, 7), (other, 5)):
        for _ in range(times):
            process.ok("POST", "/v1/models/m/predict", ROW)
    other.platform.loaded.flush()
    report = here.ok("GET", "/v1/models/m/monitor")
    assert (report["requests"], report["rows"], report["errors"]) == (13, 13, 0)
    assert report["latency_p50_ms"] > 0


def test_traffic_of_another_hour_or_version_is_kept_apart(here: World) -> None:
    here.clock.forward(3600)
    here.ok("POST", "/v1/models/m/predict", ROW)
    assert here.ok("GET", "/v1/models/m/monitor", query={"hours": "1"})["requests"] == 1
    assert here.ok("GET", "/v1/models/m/monitor", query={"hours": "2"})["requests"] == 2
    here.ok("POST", "/v1/models/m/train", {"iterations": 2})
    here.ok("POST", "/v1/models/m/deploy", {})
    assert here.ok("GET", "/v1/models/m/monitor")["requests"] == 0


def test_a_deployment_is_served_at_once_here_and_soon_elsewhere(here: World) -> None:
    other = here.again()
    other.ok("POST", "/v1/models/m/predict", ROW)
    here.ok("POST", "/v1/models/m/train", {"iterations": 2})
    here.ok("POST", "/v1/models/m/deploy", {})
    assert here.ok("POST", "/v1/models/m/predict", ROW)["version"] == 2
    assert other.ok("POST", "/v1/models/m/predict", ROW)["version"] == 1
    other.clock.forward(other.platform.settings.route_cache_seconds)
    assert other.ok("POST", "/v1/models/m/predict", ROW)["version"] == 2


def test_an_alert_opens_once_repeats_silently_and_closes(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    strange = {"rows": [{"a": 50.0, "b": 0.1 * i} for i in range(-20, 20)] * 5}
    here.ok("POST", "/v1/models/m/predict", strange)
    for count in (1, 2):
        here.ok("POST", "/v1/models/m/monitor")
        alerts = {alert["name"]: alert for alert in here.ok("GET", "/v1/models/m/alerts")["items"]}
        assert alerts["feature:a"]["state"] == "open"
        assert alerts["feature:a"]["count"] == count
        assert caplog.text.count("alert opened: model default/m, feature 'a' drifted") == 1
    here.clock.forward(48 * 3600)
    rows = [line.split(",")[:2] for line in two_classes(500, seed=9).decode().splitlines()[1:]]
    normal = {"rows": [[float(cell) for cell in row] for row in rows]}
    here.ok("POST", "/v1/models/m/predict", normal)
    here.event("monitor_hourly")
    alerts = {alert["name"]: alert for alert in here.ok("GET", "/v1/models/m/alerts")["items"]}
    assert alerts["feature:a"]["state"] == "closed"
    assert caplog.text.count("alert closed: model default/m, feature 'a' drifted") == 1
    assert here.ok("GET", "/v1/models/m/monitor")["status"] == "healthy"


def test_predictions_go_on_while_versions_change(here: World) -> None:
    wrong: list[Any] = []
    done = threading.Event()

    def caller() -> None:
        while not done.is_set():
            status, answer = here.ask("POST", "/v1/models/m/predict", ROW)
            if status != 200:
                wrong.append(answer)

    threads = [threading.Thread(target=caller) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        here.ok("POST", "/v1/models/m/train", {"iterations": 1})
        here.ok("POST", "/v1/models/m/deploy", {})
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_model_file_that_was_replaced_is_not_served(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 2, "refit": False})
    place = here.platform.workspace("default")
    first, second = (find.version(place, "m", number).value.artifact.key for number in (1, 2))
    other = here.platform.blobs.get(second)
    here.platform.blobs.delete(first)
    here.platform.blobs.put(first, other)
    status, answer = here.again().ask("POST", "/v1/models/m/predict", ROW)
    assert (status, answer["error"]["code"]) == (500, "damaged")
    assert "version 1 of model 'm'" in answer["error"]["message"]


def test_an_answer_has_no_more_numbers_than_the_platform_gives_at_once(store: Any) -> None:
    here = world(store)
    label = [f"c{x % 50}" for x in range(300)]
    columns = {"a": list(range(300)), "b": [x % 7 for x in range(300)], "label": label}
    assert here.trained(csv_of(columns), iterations=1)["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/deploy", {})
    refused = here.refused("POST", "/v1/models/m/predict", {"rows": [[1, 2]] * 2_001})
    assert (refused["status"], refused["field"]) == (413, "rows")
    assert "2000" in refused["message"]
