from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.records.schedules import SCHEDULES
from functions.storage import Lost
from infra.local.stored_schedule import PATIENCE, StoredSchedule, is_due
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.watched import Call, WatchedRecords
from tests.support.world import World, world

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(seconds=1), timedelta(days=30))


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def schedule(here: World, job: Callable[[], None]) -> StoredSchedule:
    return StoredSchedule(here.platform, "hourly", HOUR, job)


@given(last=times, every=spans, share=st.floats(0, 1))
def test_a_thing_is_due_when_its_time_has_passed_and_not_before(
    last: datetime, every: timedelta, share: float
) -> None:
    assert is_due(None, every, last)
    assert is_due(last, every, last + every)
    assert is_due(last, every, last + every * (1 + share))
    assert not is_due(last, every, last)
    assert not is_due(last, every, last + (every - timedelta(microseconds=1)) * share)


@given(last=times, every=spans, back=st.timedeltas(timedelta(0), timedelta(days=1000)))
def test_a_clock_that_was_set_back_makes_nobody_wait_longer_than_twice(
    last: datetime, every: timedelta, back: timedelta
) -> None:
    now = last - back
    assert is_due(last, every, now) or is_due(last, every, now + 2 * every)


def test_a_platform_that_is_restarted_every_half_hour_does_what_is_hourly_every_hour(here: World) -> None:
    done: list[datetime] = []
    for _ in range(10):
        process = here.again()
        schedule(process, lambda: done.append(here.clock.now))()
        here.clock.forward(1800)
    assert done == [NOON + HOUR * number for number in range(5)]


def test_what_was_missed_while_nobody_was_there_is_done_once_at_the_next_start(here: World) -> None:
    done: list[str] = []
    schedule(here, lambda: done.append("before"))()
    here.clock.forward(86_400)
    for _ in range(3):
        schedule(here.again(), lambda: done.append("after"))()
    assert done == ["before", "after"]


def test_of_many_that_look_at_one_moment_one_does_it(here: World) -> None:
    done: list[int] = []
    for round_ in range(5):
        processes = [schedule(here.again(), lambda round_=round_: done.append(round_)) for _ in range(6)]  # type: ignore[misc]
        together(processes)
        here.clock.forward(3600)
    assert done == [0, 1, 2, 3, 4]


def test_nobody_begins_while_another_is_at_it(here: World) -> None:
    done: list[str] = []

    def job() -> None:
        done.append("first")
        here.clock.forward(PATIENCE.total_seconds() - 1)
        schedule(here.again(), lambda: done.append("second"))()

    schedule(here, job)()
    assert done == ["first"]


@pytest.mark.parametrize("error", [RuntimeError("broken"), SystemExit(1)])
def test_a_job_that_failed_or_died_is_done_again_after_a_while(here: World, error: BaseException) -> None:
    done: list[str] = []

    def broken() -> None:
        raise error

    with pytest.raises(type(error)):
        schedule(here, broken)()
    schedule(here.again(), lambda: done.append("too early"))()
    here.clock.forward(PATIENCE.total_seconds())
    schedule(here.again(), lambda: done.append("again"))()
    assert done == ["again"]


def test_whoever_took_too_long_writes_nothing_over_its_successor(here: World) -> None:
    def slow() -> None:
        here.clock.forward(PATIENCE.total_seconds() + 1)
        schedule(here.again(), lambda: None)()

    schedule(here, slow)()
    stored = here.platform.system.get(SCHEDULES, "hourly")
    assert stored is not None
    assert stored.value.done == NOON + PATIENCE + timedelta(seconds=1)


def test_whoever_loses_the_write_does_nothing(here: World) -> None:
    def lost(call: Call) -> None:
        if call.writes:
            raise Lost("p", "k")

    done: list[str] = []
    losing = here.again(records=WatchedRecords(here.platform.records, before=lost))
    schedule(losing, lambda: done.append("lost"))()
    assert done == []
