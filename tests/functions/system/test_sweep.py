"""The sweep: what a crash or a lost message left half done is finished, and one hopeless thing stops no other."""

from dataclasses import replace
from typing import Any

import pytest

from functions.datasets.ingest import ABANDONED_AFTER
from functions.records.kinds import DUE_RUNS, DUE_UPLOADS, Due
from functions.runs.lease import claim
from functions.runs.record import RUNS
from functions.runs.runners import InlineRunner
from functions.system.sweep import RESERVE_MILLISECONDS, sweep
from functions.training.kinds import KINDS
from tests.support.runners import idle, inline
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

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
    return [key for kind in (DUE_UPLOADS, DUE_RUNS) for key, _ in here.platform.system.list(kind)]


def queued(here: World) -> str:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    path, _ = announced(here)
    here.ok("PUT", path, CSV)
    sweeping(here)
    run: str = here.ok("POST", "/v1/models/m/train", {"iterations": 3})["id"]
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
    due = Due("default", run, here.clock())
    here.platform.system.write(here.platform.system.put(DUE_RUNS, f"default:{run}", value=due, expect=0))
    here.platform.blobs.put(f"default/runs/{run}/fit-1-late", b"a checkpoint")
    kept = set(here.platform.blobs.keys(f"default/runs/{run}/")) - {f"default/runs/{run}/fit-1-late"}
    sweeping(here)
    assert set(here.platform.blobs.keys(f"default/runs/{run}/")) == kept
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert len(kept) == 2, "the artifact and the evaluation"
    assert version["run"] == run
    assert pointers(here) == []


def test_one_that_cannot_be_helped_stops_no_other(here: World, caplog: pytest.LogCaptureFixture) -> None:
    run = queued(here)
    tenant = here.platform.workspace("default")
    stored = tenant.get(RUNS, run)
    assert stored is not None
    for number, (kind, subject) in enumerate(
        [(DUE_RUNS, "run-0"), (DUE_UPLOADS, "m:up-0"), (DUE_UPLOADS, "m:!")]
    ):
        due = Due("default", subject, here.clock())
        here.platform.system.write(here.platform.system.put(kind, f"a-{number}", value=due, expect=0))

    # A run of a kind that this release does not know: an older worker meets it during an upgrade.
    class Broken(InlineRunner):
        def take_up(self, workspace: str, run: str, stopping: Any = None) -> None:
            if not hasattr(self, "failed"):
                self.failed = True
                raise KeyError("a kind of run")
            super().take_up(workspace, run)

    path, key = announced(here)
    here.platform.blobs.put(key, CSV)
    broken = here.again(runner=lambda context, ended: Broken(context, KINDS, ended))
    sweep(broken.platform)
    assert here.ok("GET", path)["state"] == "accepted"
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "queued"
    assert "a kind of run" in caplog.text
    sweep(broken.platform)
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"


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

    class Watching(InlineRunner):
        def take_up(self, workspace: str, run: str, stopping: Any = None) -> None:
            asked.append(stopping())

    here.again(runner=lambda context, ended: Watching(context, KINDS, ended)).event("sweep_minutely")
    assert asked == [False]
    assert RESERVE_MILLISECONDS < 15 * 60_000
    here.again(runner=inline).event("sweep_minutely")
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "succeeded"
