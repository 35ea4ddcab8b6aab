"""Files that somebody put into the folder of a model: what becomes of each, whatever it is called."""

import pytest
from msgspec.structs import replace

from functions.context import Platform
from functions.datasets.ingest import ABANDONED_AFTER
from functions.records.kinds import DUE_UPLOADS
from functions.records.scorings import SCORINGS
from functions.runs.record import RUNS, find_run
from functions.settings import Settings
from functions.system.scoring import scoring_landed
from functions.system.sweep import sweep
from tests.support.kept_stores import Prepared
from tests.support.runners import idle
from tests.support.world import World, two_classes
from tests.support.written_files import xlsx

FOLDER = "default/predict/m/"
ROWS, OTHERS = b"a,b\n1,2\n3,4\n", b"a,b\n5,6\n7,8\n9,0\n"


def trained(here: World) -> None:
    here.trained(two_classes(60), iterations=5)


def deployed(here: World) -> None:
    trained(here)
    here.ok("POST", "/v1/models/m/deploy")


@pytest.fixture
def here(prepared: Prepared) -> World:
    return prepared.after(deployed)


def drop(here: World, name: str, data: bytes) -> None:
    here.platform.blobs.delete(FOLDER + name)
    here.platform.blobs.put(FOLDER + name, data)
    scoring_landed(here.platform, FOLDER + name)


def beside(here: World) -> set[str]:
    return {key.removeprefix(FOLDER) for key in here.platform.blobs.keys(FOLDER)}


def records(platform: Platform) -> int:
    return len(platform.workspace("default").list(SCORINGS, "m", limit=100))


@pytest.mark.parametrize("name", ["", "x" * 250 + ".csv", "rows\n.csv", "..", "a\\b.csv", "rows.scored.csv"])
def test_what_is_no_file_to_be_scored_is_passed_over(here: World, name: str) -> None:
    here.event("upload_landed", {"object": {"key": FOLDER + name}})
    assert (records(here.platform), beside(here)) == (0, set())


@pytest.mark.parametrize("name", ["rows 1.csv", "Größe=ü.csv", "rows", "a" * 236 + ".csv"])
def test_a_file_may_be_called_nearly_anything(here: World, name: str) -> None:
    drop(here, name, ROWS)
    (other,) = beside(here) - {name}
    assert ".scored." in other
    assert here.platform.blobs.get(FOLDER + other).startswith(b"a,b,label,")


def test_two_files_whose_names_differ_only_in_the_ending_have_each_a_result(here: World) -> None:
    drop(here, "rows.csv", ROWS)
    drop(here, "rows.xlsx", xlsx(["a", "b"], [5, 6]))
    assert beside(here) == {"rows.csv", "rows.scored.csv", "rows.xlsx", "rows.scored.xlsx"}
    assert here.platform.blobs.get(f"{FOLDER}rows.scored.csv").count(b"\n") == 3


def test_a_file_that_came_before_a_version_served_is_scored_when_it_is_put_there_again(
    prepared: Prepared,
) -> None:
    here = prepared.after(trained)
    drop(here, "rows.csv", ROWS)
    assert b"not deployed" in here.platform.blobs.get(f"{FOLDER}rows.csv.error.txt")
    here.ok("POST", "/v1/models/m/deploy")
    drop(here, "rows.csv", ROWS)
    assert beside(here) == {"rows.csv", "rows.scored.csv"}


def test_a_file_that_is_replaced_before_it_is_read_counts_for_nothing(here: World) -> None:
    late = here.again(runner=idle)
    drop(late, "rows.csv", ROWS)
    drop(late, "rows.csv", OTHERS)
    for _ in range(3):
        sweep(here.platform)
    states = sorted(run["state"] for run in here.ok("GET", "/v1/runs")["items"] if run["kind"] == "score")
    assert states == ["failed", "succeeded"]
    assert beside(here) == {"rows.csv", "rows.scored.csv"}
    assert here.platform.blobs.get(f"{FOLDER}rows.scored.csv").count(b"\n") == 4
    assert here.ok("POST", "/v1/models/m/monitor")["rows"] == 3


def test_a_file_waits_while_there_are_as_many_runs_as_there_may_be(here: World) -> None:
    full = here.again(runner=idle, settings=Settings(most_runs=1))
    full.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    drop(full, "rows.csv", ROWS)
    drop(full, "rows.csv", ROWS)
    assert beside(here) == {"rows.csv"}
    for _ in range(3):
        sweep(here.platform)
    assert beside(here) == {"rows.csv", "rows.scored.csv"}
    assert here.platform.system.keys(DUE_UPLOADS) == []


def test_a_file_that_waits_for_days_is_not_forgotten(here: World) -> None:
    full = here.again(runner=idle, settings=Settings(most_runs=1))
    full.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    drop(full, "rows.csv", ROWS)
    here.clock.forward(ABANDONED_AFTER.total_seconds() + 1)
    sweep(full.platform)
    assert beside(here) == {"rows.csv"}
    for _ in range(3):
        sweep(here.platform)
    assert beside(here) == {"rows.csv", "rows.scored.csv"}


def stopped(here: World, data: bytes = ROWS) -> str:
    """The run of a dropped file that nobody has begun."""
    drop(here.again(runner=idle), "rows.csv", data)
    run: str = here.ok("GET", "/v1/runs", query={"kind": "score"})["items"][0]["id"]
    return run


def why_not(here: World) -> str:
    return here.platform.blobs.get(f"{FOLDER}rows.csv.error.txt").decode()


def test_a_file_whose_run_is_cancelled_says_so_until_it_is_resumed(here: World) -> None:
    run = stopped(here)
    for _ in range(2):
        here.ok("POST", f"/v1/runs/{run}/cancel")
    assert "was cancelled; until 2030-01-08 12:00 UTC: " in why_not(here)
    assert f"lepton resume m --run {run}" in why_not(here)
    here.ok("POST", f"/v1/runs/{run}/resume")
    assert beside(here) == {"rows.csv", "rows.scored.csv"}


def test_a_file_whose_run_cannot_be_resumed_says_what_to_do(here: World) -> None:
    run = stopped(here.again(settings=Settings(cancelled_seconds=0)))
    here.again(settings=Settings(cancelled_seconds=0)).ok("POST", f"/v1/runs/{run}/cancel")
    assert why_not(here) == (
        "the run that scored the file was cancelled; put the file there under another name to have it scored\n"
    )


def test_a_file_whose_model_is_retired_says_so(here: World) -> None:
    stopped(here)
    here.ok("POST", "/v1/models/m/retire", {})
    assert why_not(here) == "model 'm' is retired and serves no more\n"


def test_a_file_whose_run_keeps_dying_says_so(here: World) -> None:
    store, run = here.platform.workspace("default"), stopped(here)
    stored = find_run(store, run)
    store.write(store.put(RUNS, run, value=replace(stored.value, crashes=5), expect=stored.revision))
    sweep(here.platform)
    assert "ended without a word 5 times" in why_not(here)


@pytest.mark.parametrize("change", ["gone", "other"])
def test_nothing_is_said_beside_a_file_that_is_not_there_any_more(here: World, change: str) -> None:
    run = stopped(here)
    here.platform.blobs.delete(f"{FOLDER}rows.csv")
    if change == "other":
        here.platform.blobs.put(f"{FOLDER}rows.csv", OTHERS)
    here.ok("POST", f"/v1/runs/{run}/cancel")
    assert beside(here) == ({"rows.csv"} if change == "other" else set())


def test_a_file_that_is_removed_while_it_waits_is_forgotten(here: World) -> None:
    full = here.again(runner=idle, settings=Settings(most_runs=1))
    full.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    drop(full, "rows.csv", ROWS)
    here.platform.blobs.delete(f"{FOLDER}rows.csv")
    sweep(here.platform)
    assert len(here.platform.system.keys(DUE_UPLOADS)) == 1
    here.clock.forward(ABANDONED_AFTER.total_seconds() + 1)
    sweep(here.platform)
    assert (here.platform.system.keys(DUE_UPLOADS), beside(here)) == ([], set())
