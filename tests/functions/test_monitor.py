"""Monitor: an alert is never lost, however many there are, and assessing costs no second look at the model."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from functions.records.kinds import ALERTS
from functions.records.readable_key import readable_key
from functions.storage import MAX_WRITES
from lepton_core.monitor import Alert
from tests.support.faults import CountingBlobs
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

MANY = 2_500
LAST = f"feature:x{MANY - 1:04}"


@pytest.fixture
def here(store: Store) -> World:
    return deployed(store)


@pytest.fixture
def busy(disk: Store) -> World:
    """Over one store: how a store gives its pages is said in the contract of records."""
    return deployed(disk)


def deployed(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(), iterations=20)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def with_alerts(here: World, state: Any) -> None:
    """Alerts of features that are assessed no more: ``state``, and the last one by key open."""
    place, now = here.platform.workspace("default"), here.clock()
    names = [f"feature:x{number:04}" for number in range(MANY)]
    for first in range(0, MANY, MAX_WRITES):
        alerts = [
            Alert(name, "drifted", 1.0, 0.2, now, now, state="open" if name == LAST else state)
            for name in names[first : first + MAX_WRITES]
        ]
        place.write(
            *(place.put(ALERTS, "m", readable_key(one.name, one.name.encode()), value=one, expect=0)
              for one in alerts)
        )  # fmt: skip


def predict_calmly(here: World) -> None:
    rows = [line.split(",")[:2] for line in two_classes(300, seed=9).decode().splitlines()[1:]]
    here.ok("POST", "/v1/models/m/predict", {"rows": [[float(cell) for cell in row] for row in rows]})


def test_all_of_2500_open_alerts_are_reported_and_listed(busy: World) -> None:
    with_alerts(busy, "open")
    assert len(busy.ok("GET", "/v1/models/m/monitor")["alerts"]) == MANY
    seen, after = 0, None
    while seen == 0 or after is not None:
        query = {"limit": "1000", **({} if after is None else {"after": after})}
        page = busy.ok("GET", "/v1/models/m/alerts", query=query)
        seen, after = seen + len(page["items"]), page["next"]
    assert seen == MANY


def test_the_last_of_2500_alerts_closes_and_only_it(busy: World) -> None:
    with_alerts(busy, "closed")
    predict_calmly(busy)
    [alert] = busy.ok("GET", "/v1/models/m/monitor")["alerts"]
    assert (alert["name"], alert["state"], alert["closed"]) == (LAST, "open", None)
    assert busy.ok("POST", "/v1/models/m/monitor")["alerts"] == []
    place = busy.platform.workspace("default")
    closed = {one.value.name: one.revision for _, one in place.all(ALERTS, "m") if one.value.closed}
    assert closed == {LAST: 2}


def test_the_last_of_2500_alerts_is_a_reason_to_update(busy: World) -> None:
    busy.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    busy.upload(two_classes(130, seed=3))
    busy.ok("PUT", "/v1/models/m/policy", {"update": "auto"})
    busy.clock.forward(3600)
    with_alerts(busy, "closed")
    busy.event("update_daily")
    newest = busy.ok("GET", "/v1/runs")["items"][0]
    assert newest["kind"] == "update" and "alert" in newest["outcome"]["trigger"]


def test_the_model_is_read_once_a_process_and_version_however_often_it_is_assessed(here: World) -> None:
    calls: Counter[str] = Counter()
    other = here.again(blobs=CountingBlobs(here.platform.blobs, calls))
    for _ in range(3):
        other.ok("POST", "/v1/models/m/monitor")
        other.ok("GET", "/v1/models/m/monitor")
        other.event("monitor_hourly")
    assert calls["blobs.get"] == 1
    here.ok("POST", "/v1/models/m/train", {"iterations": 2})
    here.ok("POST", "/v1/models/m/deploy", {})
    for _ in range(2):
        assert other.ok("POST", "/v1/models/m/monitor")["version"] == 2
    assert calls["blobs.get"] == 2


def test_an_alert_is_stored_and_shown_as_the_core_makes_it(here: World) -> None:
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 50.0, "b": 0.1 * i} for i in range(200)]})
    shown = here.ok("POST", "/v1/models/m/monitor")["alerts"]
    place = here.platform.workspace("default")
    stored = [one.value for _, one in place.all(ALERTS, "m")]
    assert all(isinstance(one, Alert) for one in stored)
    assert {one["name"]: one["message"] for one in shown} == {one.name: one.message for one in stored}
    names = {"name", "state", "message", "value", "threshold", "opened", "seen", "count", "closed"}
    assert all(set(one) == names for one in shown)


def test_a_model_that_refuses_every_call_is_failing(here: World) -> None:
    for _ in range(50):
        here.refused("POST", "/v1/models/m/predict", {"rows": [["oops", 1]]})
    report = here.ok("POST", "/v1/models/m/monitor")
    assert (report["status"], report["requests"], report["errors"], report["rows"]) == ("failing", 50, 50, 0)
    [alert] = report["alerts"]
    assert (alert["name"], alert["message"]) == ("refused calls", "50 of 50 calls refused, above 29%")
    here.event("update_daily")
    assert [run["kind"] for run in here.ok("GET", "/v1/runs")["items"]] == ["train"]


def test_rows_of_a_text_that_training_never_saw_drift(here: World) -> None:
    lines = "".join(f"{'abc'[i % 3]},{i % 7},{'yes' if i % 3 else 'no'}\n" for i in range(400))
    here.trained(f"place,x,label\n{lines}".encode(), model="places", iterations=20)
    here.ok("POST", "/v1/models/places/deploy", {})
    answer = here.ok(
        "POST", "/v1/models/places/predict", {"rows": [{"place": "CONSTANT", "x": i % 7} for i in range(400)]}
    )
    assert answer["unknown"] == [{"column": "place", "rows": 400, "texts": ["CONSTANT"]}]
    report = here.ok("POST", "/v1/models/places/monitor")
    assert report["status"] == "drift"
    assert [one["name"] for one in report["features"] if one["drifted"]] == ["place"]


def test_later_dates_are_no_drift_and_dates_that_are_no_longer_given_are(here: World) -> None:
    begin = date(2025, 1, 1)
    lines = "".join(f"{begin + timedelta(i)},{i % 7},{'yes' if i % 3 else 'no'}\n" for i in range(200))
    here.trained(f"day,x,label\n{lines}".encode(), model="orders", iterations=20)
    here.ok("POST", "/v1/models/orders/deploy", {})
    later = [{"day": "2026-11-28", "x": i % 7} for i in range(300)]
    here.ok("POST", "/v1/models/orders/predict", {"rows": later})
    report = here.ok("POST", "/v1/models/orders/monitor")
    assert [one["name"] for one in report["features"] if one["drifted"]] == []
    here.ok("POST", "/v1/models/orders/predict", {"rows": [{"x": i % 7} for i in range(300)]})
    report = here.ok("POST", "/v1/models/orders/monitor")
    assert [one["name"] for one in report["features"] if one["drifted"]] == ["day"]


def test_traffic_is_told_hour_by_hour_whatever_version_answered(here: World) -> None:
    predict_calmly(here)
    here.clock.forward(7200)
    here.ok("POST", "/v1/models/m/train", {"iterations": 5})
    here.ok("POST", "/v1/models/m/deploy", {})
    here.clock.forward(60)
    here.refused("POST", "/v1/models/m/predict", {"rows": [["oops", 1]]})
    told = here.ok("GET", "/v1/models/m/monitor/traffic", query={"hours": "4"})
    assert (told["hours"], told["step_hours"]) == (4, 1)
    assert [(one["requests"], one["rows"], one["refused"]) for one in told["points"]] == [
        (0, 0, 0),
        (1, 300, 0),
        (0, 0, 0),
        (1, 0, 1),
    ]
    assert [one["latency_p50_ms"] is None for one in told["points"]] == [True, False, True, False]
    month = here.ok("GET", "/v1/models/m/monitor/traffic", query={"hours": "720"})
    assert (month["step_hours"], len(month["points"])) == (6, 120)
    assert sum(one["rows"] for one in month["points"]) == 300


def test_what_moved_most_comes_first_bin_by_bin_and_over_time(here: World) -> None:
    predict_calmly(here)
    here.clock.forward(3600)
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 9.0, "b": i / 100 - 1} for i in range(200)]})
    report = here.ok("GET", "/v1/models/m/monitor")
    found = here.ok("GET", "/v1/models/m/monitor/features")["items"]
    figures = {one["name"]: one["psi"] for one in [*report["features"], report["prediction"]]}
    assert {one["name"]: one["psi"] for one in found} == figures
    assert [one["psi"] / one["alarm"] for one in found] == sorted(
        (one["psi"] / one["alarm"] for one in found), reverse=True
    )
    [a] = [one for one in found if one["name"] == "a"]
    assert sum(bar["traffic"] for bar in a["bars"]) == 500
    assert [bar["holds"] for bar in a["bars"]] == ["range"] * 10 + ["missing"]
    assert a["bars"][0]["low"] is None and a["bars"][0]["high"] == a["bars"][1]["low"]
    calm, moved = a["past"]
    assert (calm["rows"], moved["rows"]) == (300, 200)
    assert calm["psi"] < calm["alarm"] and moved["psi"] > moved["alarm"]
    [said] = [one for one in found if one["of"] == "prediction"]
    assert [bar["text"] for bar in said["bars"] if bar["holds"] == "level"] == ["no", "yes"]


def test_features_come_in_pages(here: World) -> None:
    path, seen, after = "/v1/models/m/monitor/features", [], "0"
    while after is not None:
        page = here.ok("GET", path, query={"limit": "1", "after": after})
        seen, after = [*seen, *(one["name"] for one in page["items"])], page["next"]
    assert sorted(seen) == ["a", "b", "prediction"]
    for wrong in ("x", "-1", "\u0663", "9" * 5000):
        assert here.refused("GET", path, query={"after": wrong})["field"] == "after"


def test_of_a_date_it_is_drawn_whether_it_is_there(here: World) -> None:
    lines = "".join(
        f"{date(2025, 1, 1) + timedelta(i)},{i % 7},{'yes' if i % 3 else 'no'}\n" for i in range(200)
    )
    here.trained(f"day,x,label\n{lines}".encode(), model="orders", iterations=20)
    here.ok("POST", "/v1/models/orders/deploy", {})
    here.ok("POST", "/v1/models/orders/predict", {"rows": [{"day": "2026-11-28", "x": 1}, {"x": 2}]})
    found = here.ok("GET", "/v1/models/orders/monitor/features")["items"]
    [day] = [one for one in found if one["name"] == "day"]
    assert [(bar["holds"], bar["traffic"]) for bar in day["bars"]] == [("present", 1), ("missing", 1)]
