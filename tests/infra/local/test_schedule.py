import threading
import time
from typing import Any

import pytest
from chalice.app import Chalice, Cron, Rate
from hypothesis import given
from hypothesis import strategies as st

from functions.context import Platform, current
from infra.local.schedule import Background, Timer, announce, matches, object_created, rate_seconds, timers


@pytest.fixture
def seen() -> list[Any]:
    return []


@pytest.fixture
def timed_app(seen: list[Any]) -> Chalice:
    app = Chalice("timed", configure_logs=False, env={})

    @app.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
    def sweep(event: Any) -> None:
        seen.append(("sweep", event.source, current()))

    @app.schedule("rate(1 hour)", name="hourly")
    def hourly(event: Any) -> None:
        seen.append(("hourly", event.detail_type, current()))

    @app.on_cw_event(
        {"source": ["aws.s3"], "detail": {"object": {"key": [{"wildcard": "*/incoming/*"}]}}}, name="landed"
    )
    def landed(event: Any) -> None:
        seen.append(("landed", event.detail["object"]["key"], current()))

    return app


def test_every_declared_schedule_has_its_timer(
    timed_app: Chalice, platform: Platform, seen: list[Any]
) -> None:
    sweep, hourly = timers(timed_app, platform, sweep_seconds=0.5)
    assert (sweep.name, sweep.seconds, sweep.at_start) == ("sweep", 0.5, True)
    assert (hourly.name, hourly.seconds, hourly.at_start) == ("hourly", 3600, False)
    sweep.job()
    hourly.job()
    assert seen == [("sweep", "aws.events", platform), ("hourly", "Scheduled Event", platform)]


def test_a_file_reaches_the_handlers_that_asked_for_it(
    timed_app: Chalice, platform: Platform, seen: list[Any]
) -> None:
    announce(timed_app, platform, "w/incoming/d/a b.csv", 3)
    announce(timed_app, platform, "w/tables/d/1", 3)
    assert seen == [("landed", "w/incoming/d/a b.csv", platform)]


def test_a_schedule_that_this_host_cannot_keep_is_refused(platform: Platform) -> None:
    app = Chalice("cron", configure_logs=False, env={})
    app.schedule(Cron(0, 12, "*", "*", "?", "*"), name="noon")(lambda event: None)
    with pytest.raises(ValueError, match="not a rate"):
        timers(app, platform)


@given(value=st.integers(1, 10_000), unit=st.sampled_from([Rate.MINUTES, Rate.HOURS, Rate.DAYS]))
def test_rates_are_read_as_chalice_writes_them(value: int, unit: str) -> None:
    seconds = {"MINUTES": 60, "HOURS": 3600, "DAYS": 86_400}[unit]
    assert rate_seconds(Rate(value, unit)) == value * seconds


@given(key=st.text(st.characters(exclude_characters="*"), min_size=1))
def test_patterns(key: str) -> None:
    event = object_created(key, 5)

    def fits(choice: Any) -> bool:
        return matches({"detail": {"object": {"key": [choice]}}}, event)

    assert fits(key)
    assert fits({"prefix": key[:1]})
    assert fits({"suffix": key[-1:]})
    assert fits({"wildcard": "*" + key[1:]})
    assert fits({"exists": True})
    assert not fits(key + "x")
    assert not fits({"prefix": key + "x"})
    assert not matches({"detail": {"object": {"nothing": [{"exists": True}]}}}, event)
    assert not matches({"detail": {"nothing": {"key": [key]}}}, event)
    assert matches({"source": ["aws.s3"], "detail-type": ["Object Created"]}, event)


def test_an_exception_does_not_end_a_loop_and_close_does() -> None:
    runs: list[str] = []
    enough = threading.Event()

    def broken() -> None:
        runs.append("broken")
        if len(runs) > 20:
            enough.set()
        raise RuntimeError("every time")

    later = Timer("later", 0.001, lambda: runs.append("later"), at_start=False)
    hour = Timer("hour", 3600, lambda: runs.append("hour"), at_start=False)
    background = Background([Timer("broken", 0.001, broken), later, hour])
    assert enough.wait(10)
    begun = time.perf_counter()
    background.close()
    assert time.perf_counter() - begun < 5
    count = len(runs)
    time.sleep(0.02)
    assert len(runs) == count
    assert {"broken", "later"} == set(runs)
