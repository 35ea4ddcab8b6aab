"""A process's memory of what it serves: the right version, each request counted, whatever happens to the store."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from functions.memory import Recent
from functions.records.kinds import WINDOWS
from functions.serving.cache import FORMER_FOR, Cache
from functions.storage import Lost, Records
from lepton_core.errors import StorageFull
from lepton_core.table import rows_to_table
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.world import World, two_classes, world

ROW = {"rows": [{"a": 0.1, "b": 0.2}]}


class Between:
    """Records where something happens before or after a read or a write: a failure, or what somebody else does."""

    def __init__(self, inner: Records) -> None:
        self._inner = inner
        self.query = inner.query
        self.reading: Callable[[str], None] = lambda partition: None
        self.was_read: Callable[[str], None] = lambda partition: None
        self.writing: Callable[[str], None] = lambda partition: None
        self.wrote: Callable[[str], None] = lambda partition: None

    def get(self, partition: str, key: str) -> Any:
        self.reading(partition)
        found = self._inner.get(partition, key)
        self.was_read(partition)
        return found

    def write(self, writes: Any) -> None:
        self.writing(writes[0].partition)
        self._inner.write(writes)
        self.wrote(writes[0].partition)


@pytest.fixture
def records(store: Store) -> Between:
    return Between(store.records)


@pytest.fixture
def here(store: Store, records: Between) -> World:
    made = world(store, records=records)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def ask(here: World, times: int = 1) -> None:
    for _ in range(times):
        here.ok("POST", "/v1/models/m/predict", ROW)


def next_version(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 1})
    here.ok("POST", "/v1/models/m/deploy", {})


class Meeting:
    """Blobs of which two that are read at the same time are seen together; one alone waits a moment for nothing."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.begin()

    def begin(self) -> None:
        self.reads, self._barrier = 0, threading.Barrier(2)

    def get(self, key: str) -> Any:
        self.reads += 1
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait(0.2)
        return self._inner.get(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_the_version_before_is_loaded_once_however_many_calls_are_refused_at_once(here: World) -> None:
    next_version(here)
    blobs = Meeting(here.platform.blobs)
    loaded = here.again(blobs=blobs).platform.loaded.get("default", "m")
    blobs.begin()
    found = together([lambda: loaded.beside] * 2)
    assert found[0] is found[1] and getattr(found[0], "version", None) == 1
    assert blobs.reads == 1


def counted(here: World) -> dict[int, int]:
    """Requests of each version, over all windows."""
    found: dict[int, int] = {}
    for _, window in here.platform.workspace("default").list(WINDOWS, "m"):
        found[window.value.version] = found.get(window.value.version, 0) + window.value.sketch["requests"]
    return found


def away(partition: str) -> None:
    raise ConnectionError(f"the store of {partition} is away")


def away_for(*kinds: str) -> Callable[[str], None]:
    return lambda partition: away(partition) if any(kind in partition for kind in kinds) else None


def test_no_prediction_fails_because_it_cannot_be_counted_yet(here: World, records: Between) -> None:
    records.writing = away_for("windows")
    ask(here, 3)
    assert counted(here) == {}
    records.writing = lambda partition: None
    here.clock.forward(2)
    ask(here)
    assert counted(here) == {1: 4}


def full(partition: str) -> None:
    raise StorageFull("there is no room")


def test_a_store_that_is_full_is_said_once_and_tried_ever_more_slowly(
    here: World, records: Between, caplog: pytest.LogCaptureFixture
) -> None:
    process = here.again(background=True)
    loaded, tries = process.platform.loaded, list[str]()

    def fail(partition: str) -> None:
        tries.append(partition)
        full(partition)

    def tick_for(seconds: int) -> None:
        for _ in range(seconds):
            process.clock.forward(1)
            loaded.tick()

    ask(process)
    records.writing = records.reading = fail
    caplog.clear()
    tick_for(120)
    assert [(line.levelname, line.exc_info) for line in caplog.records] == [("WARNING", None)]
    assert "no room" in caplog.messages[0]
    assert 5 <= sum("windows" in partition for partition in tries) <= 8
    records.writing = records.reading = lambda partition: None
    tick_for(300)
    assert counted(here) == {1: 1}
    ask(process)
    records.writing = full
    tick_for(3)
    assert len(caplog.messages) == 2


def test_counts_are_tried_once_more_when_the_process_ends(here: World, records: Between) -> None:
    process = here.again(background=True)
    ask(process)
    records.writing = full
    process.platform.loaded.tick()
    records.writing = lambda partition: None
    process.platform.loaded.flush()
    assert counted(here) == {1: 1}


def test_what_was_served_is_served_on_while_the_deployment_cannot_be_read(
    here: World, records: Between
) -> None:
    ask(here)
    here.clock.forward(60)
    records.reading = away_for("deployments")
    ask(here, 2)
    loaded = here.platform.loaded
    here.clock.forward(60)
    loaded.tick()
    records.reading = lambda partition: None
    next_version(here.again())
    here.clock.forward(60)
    assert here.ok("POST", "/v1/models/m/predict", ROW)["version"] == 2


def test_a_count_whose_answer_got_lost_is_no_count_twice_and_no_end(here: World, records: Between) -> None:
    ask(here)

    def lost(partition: str) -> None:
        records.wrote = lambda partition: None
        away(partition)

    records.wrote = lost
    here.clock.forward(2)
    ask(here)
    for _ in range(3):
        here.clock.forward(2)
        ask(here)
    assert counted(here) == {1: 5}


def test_a_count_that_another_writer_claims_is_kept(here: World, records: Between) -> None:
    refusals = [Lost("windows", "x")] * 2

    def refuse(partition: str) -> None:
        if "windows" in partition and refusals:
            raise refusals.pop()

    records.writing = refuse
    ask(here)
    here.clock.forward(2)
    ask(here)
    assert counted(here) == {1: 2}


@pytest.mark.parametrize("background", [False, True])
def test_a_request_that_outlives_its_version_is_counted(here: World, background: bool) -> None:
    process = here.again(background=background)
    models, platform = process.platform.loaded, process.platform
    assert isinstance(models, Cache)
    loaded = models.get("default", "m")
    row = two_classes(1).decode().splitlines()[1].split(",")[:2]
    next_version(process)
    ask(process)
    table = rows_to_table([[float(cell) for cell in row]], loaded.predictor.schema)
    loaded.count(table, loaded.predictor.predict(table), 1.0, platform.clock())
    models.after("default", "m")
    if background:
        models.tick()
    assert counted(here) == {1: 1, 2: 1}
    process.clock.forward(FORMER_FOR.total_seconds())
    models.tick()
    assert models._former == []


@pytest.mark.parametrize("background", [False, True])
def test_the_first_requests_at_once_are_all_counted(here: World, background: bool) -> None:
    process = here.again(background=background)
    together([partial(ask, process, 5)] * 4)
    loaded = process.platform.loaded
    loaded.flush()
    assert counted(here) == {1: 20}
    assert isinstance(loaded, Cache) and len(loaded._loaded) == 1


def test_a_deployment_that_changes_while_it_is_read_is_served_as_it_is_then(
    here: World, records: Between
) -> None:
    """One thread has read the deployment of version 1 and loads it, another deploys version 2."""
    process = here.again()

    def deploy(partition: str) -> None:
        if "deployments" in partition:
            records.was_read = lambda partition: None
            thread = threading.Thread(target=next_version, args=(process,))
            thread.start()
            thread.join()

    records.was_read = deploy
    assert process.ok("POST", "/v1/models/m/predict", ROW)["version"] == 2
    assert process.ok("POST", "/v1/models/m/predict", ROW)["version"] == 2


def test_an_hour_that_ends_is_written_by_the_background_and_not_by_a_request(
    here: World, records: Between
) -> None:
    process = here.again(background=True)
    ask(process, 2)
    records.reading = records.writing = away
    process.clock.forward(3600)
    ask(process, 3)
    process.clock.forward(3600)
    ask(process)
    records.reading = records.writing = lambda partition: None
    process.platform.loaded.tick()
    windows = here.platform.workspace("default").list(WINDOWS, "m")
    assert [window.value.sketch["requests"] for _, window in windows] == [2, 3, 1]
    assert len({window.value.hour for _, window in windows}) == 3


def test_a_retired_model_is_forgotten_and_its_counts_are_written(here: World) -> None:
    other = here.again(background=True)
    ask(other, 2)
    here.ok("POST", "/v1/models/m/retire", {})
    other.clock.forward(60)
    other.platform.loaded.tick()
    assert here.refused("POST", "/v1/models/m/predict", ROW)["code"] == "conflict"
    assert other.refused("POST", "/v1/models/m/predict", ROW)["code"] == "conflict"
    assert counted(here) == {1: 2}


def test_recent_values_are_kept_and_the_oldest_go() -> None:
    recent, made = Recent(2), []

    def make(name: str) -> str:
        made.append(name)
        return name

    for name in "abacab":
        assert recent.get(name, partial(make, name)) == name
    assert made == ["a", "b", "c", "b"]
    with pytest.raises(ZeroDivisionError):
        recent.get("z", lambda: 1 / 0)
    assert recent.get("z", lambda: 5) == 5
    assert together([partial(recent.get, "t", lambda: "t")] * 6) == ["t"] * 6
