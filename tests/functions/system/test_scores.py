"""The door by which files are scored: what is refused there, who may come in, and what goes out again."""

from typing import Any

import pytest

from functions.caller import Caller
from functions.datasets.ingest import ABANDONED_AFTER
from functions.records.kinds import DUE_KEPT, DUE_RUNS, DUE_UPLOADS
from functions.settings import Settings
from functions.system.scoring import scoring_landed
from functions.system.sweep import sweep
from functions.training.score_work import KEPT_FOR
from tests.support.kept_stores import Prepared
from tests.support.runners import idle
from tests.support.scored import announced, result, scored
from tests.support.world import World, two_classes

ROWS = b"a,b\n1,2\n3,4\n"
SCORE = "/v1/models/m/score"


def deployed(here: World) -> None:
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy")


@pytest.fixture
def here(prepared: Prepared) -> World:
    return prepared.after(deployed)


def left(here: World) -> list[str]:
    """The files of what is scored, and the pointers to it."""
    system = here.platform.system
    pointers = [key for kind in (DUE_UPLOADS, DUE_RUNS, DUE_KEPT) for key in system.keys(kind)]
    blobs = here.platform.blobs.keys("default/")
    return [*pointers, *(one for one in blobs if "/scoring/" in one or "/scored-" in one or "/part-" in one)]


def test_a_key_that_may_predict_may_score(here: World) -> None:
    other = here.again(owner=Caller("default", "k", frozenset({"predict"})))
    view = scored(other, ROWS)
    assert result(other, view).startswith(b"a,b,label,P(no),P(yes)\n1,2,")
    assert other.ok("DELETE", f"{SCORE}/{view['id']}")["url"] is None
    reads = here.again(owner=Caller("default", "k", frozenset({"read"})))
    assert reads.refused("POST", SCORE, {"file": "r.csv", "size": 3})["status"] == 403


@pytest.mark.parametrize(
    ("body", "status", "field", "said"),
    [
        ({"file": "r.csv", "size": 0}, 400, "size", "0 bytes were announced"),
        ({"file": "r.csv", "size": 10**12}, 413, "size", "the most is"),
        ({"file": "a/b.csv", "size": 3}, 400, "file", ""),
        ({"file": "", "size": 3}, 400, "file", ""),
        ({"size": 3}, 400, "file", ""),
        ({"file": "r.csv", "size": 3, "version": 9}, 404, "version", "has no version 9"),
        ({"file": "r.csv", "size": 3, "reading": {"delimiter": "ab"}}, 400, "delimiter", "one character"),
    ],
)
def test_bad_input_has_an_error_of_its_own_and_changes_nothing(
    here: World, body: dict[str, Any], status: int, field: str, said: str
) -> None:
    error = here.refused("POST", SCORE, body)
    assert (error["status"], error["field"]) == (status, field)
    assert said in error["message"]
    assert left(here) == []


def test_a_file_that_is_too_large_to_be_scored_is_refused_before_it_is_sent(here: World) -> None:
    small = here.again(settings=Settings(memory_bytes=25_000))
    assert small.ok("POST", SCORE, {"file": "r.csv", "size": 1000})["state"] == "waiting"
    error = small.refused("POST", SCORE, {"file": "r.csv", "size": 1001})
    assert (error["status"], error["field"]) == (413, "size")
    assert "the most is 1000, a 25th of the memory; send parts of it" in error["message"]


def test_a_model_that_serves_nothing_takes_no_file_unless_a_version_is_named(here: World) -> None:
    here.ok("POST", "/v1/models", {"name": "new", "algorithm": "logistic_regression"})
    assert here.refused("POST", "/v1/models/new/score", {"file": "r.csv", "size": 3})["code"] == "not_found"
    assert here.refused("POST", "/v1/models/none/score", {"file": "r.csv", "size": 3})["code"] == "not_found"
    here.ok("POST", "/v1/models/m/retire", {})
    assert here.refused("POST", SCORE, {"file": "r.csv", "size": 3})["code"] == "conflict"


def test_a_file_that_is_sent_twice_is_scored_once(here: World) -> None:
    path = announced(here, ROWS)
    first, second = here.ok("PUT", path, ROWS), here.ok("PUT", path, ROWS)
    assert first == second
    assert first["state"] == "succeeded"
    assert len(here.ok("GET", "/v1/runs", query={"kind": "score"})["items"]) == 1
    assert here.refused("PUT", path, b"a,b\n9,9\n3,4\n")["code"] == "conflict"
    assert here.refused("PUT", path, b"a,b\n")["code"] == "invalid_input"


def test_the_version_is_the_one_that_serves_when_the_file_is_there(here: World) -> None:
    path = announced(here, ROWS)
    here.ok("POST", "/v1/models/m/train", {"iterations": 2, "refit": False})
    here.ok("POST", "/v1/models/m/deploy", {"version": 2})
    here.clock.forward(3600)
    view = here.ok("PUT", path, ROWS)
    assert (view["version"], view["state"]) == (2, "succeeded")
    assert view["digest"].startswith("sha256:")
    here.ok("POST", "/v1/models/m/train", {"iterations": 3, "refit": False})
    here.ok("POST", "/v1/models/m/deploy", {"version": 3, "canary": 0.5})
    assert scored(here, ROWS)["version"] == 2


def test_a_run_that_scores_is_followed_as_other_runs_are(here: World) -> None:
    view = scored(here, ROWS)
    run = here.ok("GET", f"/v1/runs/{view['run']}")
    assert (run["kind"], run["state"], run["version"]) == ("score", "succeeded", 1)
    told = {"rows": 2, "refused": 0, "until": view["until"], "file": "rows.csv", "upload": view["id"]}
    assert (run["iteration"], run["iterations"], run["outcome"]) == (2, 2, told)
    path = announced(here, ROWS, "later.csv")
    here.again(runner=idle).ok("PUT", path, ROWS)
    [queued, _] = here.ok("GET", "/v1/runs", query={"kind": "score", "model": "m"})["items"]
    assert queued["outcome"] == {"file": "later.csv", "upload": path.rpartition("/")[2]}
    here.ok("DELETE", f"{SCORE}/{view['id']}")
    assert "until" not in here.ok("GET", f"/v1/runs/{view['run']}")["outcome"]


def test_a_run_of_a_file_in_a_folder_names_the_file_and_no_id(here: World) -> None:
    key = "default/predict/m/found.csv"
    here.platform.blobs.put(key, ROWS)
    scoring_landed(here.platform, key)
    [run] = here.ok("GET", "/v1/runs", query={"kind": "score"})["items"]
    assert (run["outcome"]["file"], run["outcome"]["rows"]) == ("found.csv", 2)
    assert "upload" not in run["outcome"]


def test_a_result_is_kept_for_a_week_and_then_nothing_of_it(here: World) -> None:
    view = scored(here, ROWS)
    here.clock.forward(KEPT_FOR.total_seconds() - 60)
    sweep(here.platform)
    assert result(here, view)
    here.clock.forward(60)
    sweep(here.platform)
    gone = here.ok("GET", f"{SCORE}/{view['id']}")
    assert (gone["state"], gone["url"], gone["rows"]) == ("succeeded", None, 2)
    assert here.refused("GET", f"{SCORE}/{view['id']}/file")["code"] == "not_found"
    assert left(here) == []


def test_cancelled_trainings_leave_results_be(here: World) -> None:
    view = scored(here, ROWS)
    for _ in range(7):
        run = here.again(runner=idle).ok("POST", "/v1/models/m/train", {"iterations": 2})
        here.ok("POST", f"/v1/runs/{run['id']}/cancel")
    sweep(here.platform)
    assert result(here, view)


@pytest.mark.parametrize("state", ["waiting", "queued", "succeeded"])
def test_what_is_deleted_leaves_nothing_and_twice_is_fine(here: World, state: str) -> None:
    process = here.again(runner=idle) if state == "queued" else here
    path = announced(process, ROWS)
    if state != "waiting":
        process.ok("PUT", path, ROWS)
    assert here.ok("GET", path)["state"] == state
    first = here.ok("DELETE", path)
    assert first["state"] == {"waiting": "rejected", "queued": "cancelled", "succeeded": "succeeded"}[state]
    assert here.ok("DELETE", path) == first
    assert left(here) == []


def test_a_retired_model_has_no_results_and_no_run_that_scores(here: World) -> None:
    scored(here, ROWS)
    path = announced(here, ROWS)
    here.again(runner=idle).ok("PUT", path, ROWS)
    here.ok("POST", "/v1/models/m/retire", {})
    assert here.ok("GET", path)["state"] == "cancelled"
    assert left(here) == []


def test_a_file_that_never_comes_is_given_up(here: World) -> None:
    path = announced(here, ROWS)
    here.clock.forward(ABANDONED_AFTER.total_seconds() + 1)
    sweep(here.platform)
    assert here.ok("GET", path)["state"] == "rejected"
    assert left(here) == []


def test_a_file_waits_where_the_workspace_has_as_many_runs_as_it_may(here: World) -> None:
    full = here.again(runner=idle, settings=Settings(most_runs=1))
    full.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    path = announced(full, ROWS)
    assert full.ok("PUT", path, ROWS)["state"] == "waiting"
    sweep(here.platform)
    sweep(here.platform)
    assert here.ok("GET", path)["state"] == "succeeded"


def test_a_cancelled_run_goes_on_when_it_is_resumed(here: World) -> None:
    path = announced(here, ROWS)
    view = here.again(runner=idle).ok("PUT", path, ROWS)
    here.ok("POST", f"/v1/runs/{view['run']}/cancel")
    here.ok("POST", f"/v1/runs/{view['run']}/resume")
    assert result(here, here.ok("GET", path)).count(b"\n") == 3
