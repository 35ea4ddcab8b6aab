"""The sweep: what a crash or a lost message left half done is finished, and one hopeless thing stops no other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.context import never
from functions.datasets.ingest import ABANDONED_AFTER
from functions.records.kinds import (
    DATASET_VERSIONS,
    DUE_RUNS,
    DUE_UPLOADS,
    INTENTS,
    UPLOADS,
    Due,
    DueUpload,
    Upload,
    number,
)
from functions.runs.lease import claim
from functions.runs.runners import DeferredRunner, InlineRunner
from functions.settings import Settings
from functions.storage import MAX_WRITES, Put
from functions.system.sweep import ALLOWANCE_SECONDS, RESERVE_MILLISECONDS, Allowance, sweep
from functions.training.run_kinds import RUN_KINDS
from tests.support.clocks import Seconds
from tests.support.damage import WAYS, Way, damaged
from tests.support.runners import IdleRunner, idle, inline
from tests.support.stores import Store
from tests.support.watched import Call, WatchedRecords
from tests.support.world import OWNER, World, two_classes, world

CSV = two_classes(30)
PAGE = 100


@pytest.fixture
def here(store: Store) -> World:
    """A platform where no event arrives and no run is driven by itself."""
    made = world(store, runner=idle)
    return World(replace(made.platform, announce=None), made.clock, idle)


def sweeping(here: World) -> None:
    sweep(here.again(runner=inline).platform)


def announced(here: World, dataset: str = "m") -> tuple[str, str]:
    view = here.ok("POST", f"/v1/datasets/{dataset}/upload", {"size": len(CSV)})
    return f"/v1/datasets/{dataset}/upload/{view['id']}", f"default/incoming/{dataset}/{view['id']}"


def pointers(here: World) -> list[str]:
    return [key for kind in (DUE_UPLOADS, DUE_RUNS) for key in here.platform.system.keys(kind)]


def queued(here: World, **train: Any) -> str:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    path, _ = announced(here)
    here.ok("PUT", path, CSV)
    sweeping(here)
    run: str = here.ok("POST", "/v1/models/m/train", {"iterations": 3, **train})["id"]
    return run


def test_a_file_whose_event_got_lost_is_taken_in(here: World) -> None:
    path, _ = announced(here)
    assert here.ok("PUT", path, CSV)["state"] == "waiting"
    sweeping(here)
    assert here.ok("GET", path)["version"] == 1
    assert pointers(here) == []


def test_an_upload_whose_file_never_came_is_given_up_after_a_day(here: World) -> None:
    path, _ = announced(here)
    here.clock.forward(ABANDONED_AFTER.total_seconds())
    sweeping(here)
    assert here.ok("GET", path)["state"] == "waiting"
    here.clock.forward(1)
    sweeping(here)
    given_up = here.ok("GET", path)
    assert given_up["state"] == "rejected"
    assert "never arrived" in given_up["error"]["message"]
    assert pointers(here) == []
    sweeping(here)
    assert here.ok("PUT", path, CSV)["state"] == "rejected"
    assert here.refused("GET", "/v1/datasets/m/versions")["status"] == 404


def test_a_file_that_came_late_is_taken_in_however_old_the_upload_is(here: World) -> None:
    path, key = announced(here)
    here.clock.forward(10 * ABANDONED_AFTER.total_seconds())
    here.platform.blobs.put(key, CSV)
    sweeping(here)
    assert here.ok("GET", path)["state"] == "accepted"


def test_a_queued_run_that_nobody_drives_is_taken_up(here: World) -> None:
    run = queued(here)
    assert pointers(here) == [f"default:{run}"]
    sweeping(here)
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"
    assert pointers(here) == []


def test_a_run_that_is_held_is_left_alone_until_its_lease_ends(here: World) -> None:
    run = queued(here)
    assert claim(here.platform, here.platform.workspace("default"), run, "holder") is not None
    sweeping(here)
    assert here.ok("GET", f"/v1/runs/{run}")["attempt"] == 1
    here.clock.forward(here.platform.settings.lease_seconds)
    sweeping(here)
    ended = here.ok("GET", f"/v1/runs/{run}")
    assert (ended["state"], ended["attempt"]) == ("succeeded", 2)


def test_what_a_finished_run_left_behind_goes(here: World) -> None:
    run = queued(here)
    sweeping(here)
    system = here.platform.system
    kept = set(here.platform.blobs.keys(f"default/runs/{run}/"))
    system.write(system.put(DUE_RUNS, f"default:{run}", value=Due("default", run, here.clock()), expect=0))
    here.platform.blobs.put(f"default/runs/{run}/fit-1-late", b"a checkpoint")
    sweeping(here)
    assert kept and set(here.platform.blobs.keys(f"default/runs/{run}/")) == kept
    assert pointers(here) == []


def test_one_that_cannot_be_helped_stops_no_other_and_is_said_once(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    run = queued(here)
    path, key = announced(here)
    here.platform.blobs.put(key, CSV)
    # A run of a kind that this release does not know: an older worker meets it during an upgrade.
    failing = [KeyError("a kind of run")] * 3

    class Broken(IdleRunner):
        def take_up(self, workspace: str, run: str, stopping: Any = None) -> None:
            if failing:
                raise failing.pop()
            InlineRunner(broken.platform, RUN_KINDS).take_up(workspace, run)

    broken = here.again(runner=lambda context, ended: Broken())
    for _ in range(10):
        sweep(broken.platform)
    assert here.ok("GET", path)["state"] == "accepted"
    assert len(failing) == 2  # it is left alone for a while
    for seconds in (2, 4, 8):
        here.clock.forward(seconds)
        sweep(broken.platform)
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"
    assert sum("failed and is tried again" in one.message for one in caplog.records) == 1


def test_a_damaged_record_stops_no_sweep_and_is_said_once(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    run = queued(here)
    path, key = announced(here)
    here.platform.blobs.put(key, CSV)
    kinds = (DUE_RUNS, DUE_UPLOADS, INTENTS)
    here.platform.records.write([Put(f"_system/{kind.name}", "a:broken", b"{", 0) for kind in kinds])
    sweeper = here.again(runner=inline)
    for _ in range(3):
        sweep(sweeper.platform)
    assert here.ok("GET", path)["state"] == "accepted"
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"
    assert sum("is passed over" in one.message for one in caplog.records) == len(kinds)


def test_a_damaged_run_is_said_once_and_the_others_are_driven(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    run = queued(here)
    here.platform.records.write([Put("default/runs", "run-000000", b"{", 0)])
    due = Due("default", "run-000000", here.clock())
    here.platform.system.write(here.platform.system.put(DUE_RUNS, "default:run-000000", value=due, expect=0))
    sweeper = here.again(runner=inline)
    for _ in range(5):
        here.clock.forward(600)
        sweep(sweeper.platform)
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"
    assert sum("failed and is tried again" in one.message for one in caplog.records) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_damaged_old_table_keeps_no_new_data_out(here: World, way: Way) -> None:
    run = queued(here)
    sweeping(here)
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"
    version = here.platform.workspace("default").get(DATASET_VERSIONS, "m", number(1))
    assert version is not None
    for part in version.value.parts:
        damaged(here.platform.blobs, part.file.key, way)
    again = two_classes(40, seed=1)
    view = here.ok("POST", "/v1/datasets/m/upload", {"size": len(again)})
    here.ok("PUT", f"/v1/datasets/m/upload/{view['id']}", again)
    sweeping(here)
    assert here.ok("GET", f"/v1/datasets/m/upload/{view['id']}")["version"] == 2


@pytest.mark.parametrize("removed", [False, True])
def test_pointers_are_read_page_by_page(here: World, removed: bool) -> None:
    system, count = here.platform.system, 2 * PAGE + 7
    names = [f"default:run-{number:04}" for number in range(count)]
    for first in range(0, count, 100):
        dues = {
            name: Due("default", name.partition(":")[2], here.clock()) for name in names[first : first + 100]
        }
        system.write(*(system.put(DUE_RUNS, name, value=due, expect=0) for name, due in dues.items()))
    seen = []
    for _, due in system.all(DUE_RUNS):
        seen.append(f"{due.value.workspace}:{due.value.subject}")
        if removed and len(seen) in (1, 50, PAGE):
            system.write(system.delete(DUE_RUNS, seen[-1], expect=1))
    assert seen == names


def test_the_schedule_drives_runs_only_while_its_function_has_time(here: World) -> None:
    run = queued(here)
    asked: list[bool] = []

    class Watching(IdleRunner):
        def take_up(self, workspace: str, run: str, stopping: Any = None) -> None:
            asked.append(stopping())

    here.again(runner=lambda context, ended: Watching()).event("sweep_minutely")
    assert asked == [False]
    assert RESERVE_MILLISECONDS < 15 * 60_000
    here.again(runner=inline).event("sweep_minutely")
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"


def written(here: World, writes: list[Put]) -> None:
    for first in range(0, len(writes), MAX_WRITES):
        here.platform.records.write(writes[first : first + MAX_WRITES])


def test_a_workspace_with_1000_uploads_and_200_runs_delays_no_other(disk: Store) -> None:
    here = world(disk, runner=idle)
    system, greedy, now = here.platform.system, here.platform.workspace("a"), here.clock()
    writes = []
    for number_ in range(1000):
        upload = Upload(f"up-{number_}", "d", "waiting", now)
        pointer = DueUpload("a", "d", upload.id, now)
        writes += [
            greedy.put(UPLOADS, "d", upload.id, value=upload, expect=0),
            system.put(DUE_UPLOADS, f"a:d:{upload.id}", value=pointer, expect=0),
        ]
    for number_ in range(200):
        due = Due("a", f"run-{number_}", now)
        writes.append(system.put(DUE_RUNS, f"a:run-{number_}", value=due, expect=0))
    for workspace in ("b", "c"):
        writes.append(
            system.put(DUE_RUNS, f"{workspace}:run-0", value=Due(workspace, "run-0", now), expect=0)
        )
        writes.append(
            system.put(DUE_UPLOADS, f"{workspace}:d:up", value=DueUpload(workspace, "d", "up", now), expect=0)
        )
    written(here, writes)
    seen: list[str] = []

    def watch(call: Call) -> None:
        """Notes whose runs and uploads are looked at."""
        workspace, _, rest = call.places[0].partition("/")
        if call.name == "records.get" and rest.startswith(("runs", "uploads")):
            seen.append(workspace)

    sweep(here.again(records=WatchedRecords(disk.records, before=watch)).platform)
    assert len(seen) >= 1204
    assert {"b", "c"} <= set(
        seen[:9]
    )  # an upload and a run of each workspace, the first of which reads its run twice
    assert {"b", "c"}.isdisjoint(seen[9:])


def test_more_announced_uploads_than_a_workspace_may_have_are_refused_by_the_settings_name(
    store: Store,
) -> None:
    here = world(store, settings=Settings(most_uploads=2))
    for _ in range(2):
        announced(here)
    refused = here.refused("POST", "/v1/datasets/m/upload", {"size": 1})
    assert (refused["status"], refused["code"]) == (429, "too_many")
    assert "most_uploads" in refused["message"]


class Slow(IdleRunner):
    """Works on a run for a second at a time, in the sweep's own time, until it has had what it needs."""

    def __init__(self, clock: Seconds, needed: dict[str, float], log: list[tuple[str, float]]) -> None:
        self._clock, self._needed, self._log = clock, needed, log

    def take_up(self, workspace: str, run: str, stopping: Any = None) -> None:
        began = self._clock.now
        while self._needed[workspace] > 0 and not stopping():
            self._clock.now += 1
            self._needed[workspace] -= 1
        self._log.append((workspace, self._clock.now - began))


def swept(
    disk: Store, needed: dict[str, float], stopping: Callable[[Seconds], bool]
) -> list[tuple[str, float]]:
    """How long each run was worked on, in turn, in one sweep with a run of each workspace."""
    here, clock = world(disk, runner=idle), Seconds()
    for workspace in needed:
        own = here.again(owner=replace(OWNER, workspace=workspace))
        queue_in(own)
    log: list[tuple[str, float]] = []
    sweeper = here.again(runner=lambda context, ended: Slow(clock, dict(needed), log))
    sweep(sweeper.platform, lambda: stopping(clock), clock)
    return log


def queue_in(own: World) -> None:
    own.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    own.upload(CSV)
    own.ok("POST", "/v1/models/m/train", {"iterations": 2})


def test_a_long_run_alternates_with_others_in_the_sweeps_own_time(disk: Store) -> None:
    log = swept(disk, {"a": 150.0, "b": 5.0, "c": 70.0}, lambda clock: False)
    assert log == [
        ("a", ALLOWANCE_SECONDS),
        ("b", 5),
        ("c", ALLOWANCE_SECONDS),
        ("a", ALLOWANCE_SECONDS),
        ("c", 10),
        ("a", 30),
    ]


def test_a_run_for_whose_sake_nobody_waits_has_the_whole_sweep(disk: Store) -> None:
    assert swept(disk, {"a": 500.0}, lambda clock: False) == [("a", 500)]


def test_no_allowance_goes_beyond_the_end_of_the_sweep(disk: Store) -> None:
    log = swept(disk, {"a": 500.0, "b": 500.0}, lambda clock: clock.now >= 100)
    assert log == [("a", ALLOWANCE_SECONDS), ("b", 100 - ALLOWANCE_SECONDS), ("a", 0)]


def test_an_allowance_says_whether_it_was_its_own_end(disk: Store) -> None:
    clock = Seconds()
    allowance = Allowance(never, clock, 10.0)
    assert (allowance(), allowance.is_used_up) == (False, False)
    clock.now = 10.0
    assert (allowance(), allowance.is_used_up) == (True, True)
    ended = Allowance(lambda: True, clock, 10.0)
    assert (ended(), ended.is_used_up) == (True, False)


def test_a_run_that_is_deferred_gives_itself_back_when_the_sweep_has_to_stop(store: Store) -> None:
    here = world(store, runner=lambda context, ended: DeferredRunner(context, RUN_KINDS, ended))
    queue_in(here)
    (run,) = here.ok("GET", "/v1/runs")["items"]
    here.platform.runner.take_up("default", run["id"], lambda: True)
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "queued"
    sweep(here.platform)
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
