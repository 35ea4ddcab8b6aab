import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice, Cron, Rate
from hypothesis import given
from hypothesis import strategies as st

from functions.context import Platform, current
from functions.storage.disk_records import DiskRecords
from infra.local.schedule import (
    Background,
    PickUp,
    Timer,
    Waking,
    rate_seconds,
    stored_timers,
    sweep_timers,
)
from lepton_core.errors import Unavailable
from tests.support.waiting import BACKSTOP


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

    return app


@pytest.fixture
def stored_platform(platform: Platform, tmp_path: Path) -> Iterator[Platform]:
    records = DiskRecords(tmp_path / "records.sqlite")
    yield replace(platform, records=records)
    records.close()


def test_every_declared_schedule_has_its_timer(
    timed_app: Chalice, stored_platform: Platform, seen: list[Any]
) -> None:
    (sweep,) = sweep_timers(timed_app, stored_platform, sweep_seconds=0.5)
    (hourly,) = stored_timers(timed_app, stored_platform)
    assert (sweep.name, sweep.seconds, sweep.after) == ("sweep", 0.5, 0.0)
    assert hourly.name == "hourly"
    assert hourly.after > 0
    sweep.action()
    hourly.action()
    assert seen == [("sweep", "aws.events", stored_platform), ("hourly", "Scheduled Event", stored_platform)]


def test_what_is_overdue_at_the_start_is_not_done_all_at_once(stored_platform: Platform) -> None:
    app = Chalice("three", configure_logs=False, env={})
    for name in ("one", "two", "three"):
        app.schedule(Rate(1, unit=Rate.HOURS), name=name)(lambda event: None)
    starts = [timer.after for timer in stored_timers(app, stored_platform)]
    assert len(set(starts)) == 3
    assert 0 < max(starts) < 60


def test_a_schedule_that_this_host_cannot_keep_is_refused(platform: Platform) -> None:
    app = Chalice("cron", configure_logs=False, env={})
    app.schedule(Cron(0, 12, "*", "*", "?", "*"), name="noon")(lambda event: None)
    with pytest.raises(ValueError, match="not a rate"):
        stored_timers(app, platform)


@given(value=st.integers(1, 10_000), unit=st.sampled_from([Rate.MINUTES, Rate.HOURS, Rate.DAYS]))
def test_rates_are_read_as_chalice_writes_them(value: int, unit: str) -> None:
    seconds = {"MINUTES": 60, "HOURS": 3600, "DAYS": 86_400}[unit]
    assert rate_seconds(Rate(value, unit)) == value * seconds


def test_a_job_that_fails_is_said_once_for_each_cause_and_tried_again_until_it_succeeds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    errors: list[Exception | None] = [PermissionError(13, "Permission denied")] * 5
    errors += [Unavailable("the store is busy")] * 2 + [None]
    enough = threading.Event()

    def job() -> None:
        if len(errors) == 1:
            enough.set()
            return
        error = errors.pop(0)
        assert error is not None
        raise error

    background = Background([Timer("look", 0.001, job)])
    assert enough.wait(BACKSTOP)
    background.close(BACKSTOP)
    assert [record.exc_info for record in caplog.records] == [None, None]
    assert "Permission denied" in caplog.records[0].getMessage()
    assert "the store is busy" in caplog.records[1].getMessage()


def test_a_job_that_does_not_end_holds_no_stop() -> None:
    began, go_on = threading.Event(), threading.Event()

    def endless() -> None:
        began.set()
        go_on.wait()

    background = Background([Timer("endless", 0.001, endless)])
    assert began.wait(BACKSTOP)
    background.close(0.01)
    go_on.set()


def test_whoever_listens_for_what_is_written_holds_no_stop() -> None:
    waking, began = Waking(), threading.Event()

    def listen() -> None:
        began.set()
        waking.heard(10 * BACKSTOP)

    background = Background([Timer("listening", 0.0, listen)], waking)
    assert began.wait(BACKSTOP)
    background.close(BACKSTOP)
    assert "every-listening" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("closes", [False, True])
def test_what_is_written_is_picked_up_twice_unless_the_platform_closes(
    platform: Platform, seen: list[Any], closes: bool
) -> None:
    app, waking = Chalice("picked", configure_logs=False, env={}), Waking()
    app.lambda_function(name="pick_up")(lambda event, context: seen.append(current()))
    pick_up = PickUp(app, platform, waking)
    waking()
    pick_up()
    assert seen == [platform]
    if closes:
        waking.end()
    pick_up()
    assert seen == [platform] * (1 if closes else 2)


def test_an_exception_does_not_end_a_loop_and_close_does() -> None:
    runs: list[str] = []
    enough = threading.Event()

    def broken() -> None:
        runs.append("broken")
        if len(runs) > 20:
            enough.set()
        raise RuntimeError("every time")

    later = Timer("later", 0.001, lambda: runs.append("later"), after=0.001)
    hour = Timer("hour", 3600, lambda: runs.append("hour"), after=3600)
    background = Background([Timer("broken", 0.001, broken), later, hour])
    assert enough.wait(BACKSTOP)
    background.close(BACKSTOP)
    count = len(runs)
    time.sleep(0.02)
    assert len(runs) == count
    assert {"broken", "later"} == set(runs)
