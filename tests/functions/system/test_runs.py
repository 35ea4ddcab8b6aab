"""Runs as a caller sees them: queued once, followed, listed, cancelled in any state."""

from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from functions.records.kinds import DUE_RUNS
from functions.runs.record import RUNS
from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.holders import Gate, left_behind, local
from tests.support.runners import idle, inline
from tests.support.threads import together
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.waiting import happened
from tests.support.world import World, two_classes, world

CSV = two_classes(60)
KEEPS_NOTHING = Settings(cancelled_seconds=0.0)


@pytest.fixture
def waiting(store: Any) -> World:
    """A platform with data and a model, on which queued runs stay queued."""
    here = world(store, runner=idle)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    assert here.upload(CSV)["state"] == "accepted"
    return here


@pytest.fixture
def trained(store: Any) -> World:
    here = world(store)
    assert here.trained(CSV, iterations=5)["state"] == "succeeded"
    return here


def key(text: str) -> dict[str, dict[str, str]]:
    return {"headers": {"idempotency-key": text}}


def pointers(here: World) -> list[str]:
    return [name for name, _ in here.platform.system.list(DUE_RUNS)]


def driven(here: World) -> World:
    """Another process, which drives what is queued."""
    after = here.again(runner=inline)
    sweep(after.platform)
    return after


def test_a_second_training_while_one_is_under_way_is_a_conflict_that_names_it(waiting: World) -> None:
    run = waiting.ok("POST", "/v1/models/m/train", {"iterations": 3})
    assert run["state"] == "queued"
    refused = waiting.refused("POST", "/v1/models/m/train", {"iterations": 4})
    assert (refused["status"], refused["code"]) == (409, "conflict")
    assert run["id"] in refused["message"]
    assert [listed["id"] for listed in waiting.ok("GET", "/v1/runs")["items"]] == [run["id"]]
    driven(waiting)
    assert waiting.ok("GET", f"/v1/runs/{run['id']}")["version"] == 1
    assert waiting.ok("POST", "/v1/models/m/train", {"iterations": 3})["id"] != run["id"]


def test_the_same_idempotency_key_is_the_same_run_and_another_key_is_another(waiting: World) -> None:
    run = waiting.ok("POST", "/v1/models/m/train", {"iterations": 3}, **key("one"))
    again = waiting.ok("POST", "/v1/models/m/train", {"iterations": 3}, **key("one"))
    assert again["id"] == run["id"]
    assert waiting.refused("POST", "/v1/models/m/train", {"iterations": 4}, **key("two"))["status"] == 409
    driven(waiting)
    after = waiting.ok("POST", "/v1/models/m/train", {"iterations": 3}, **key("one"))
    assert (after["id"], after["state"], after["version"]) == (run["id"], "succeeded", 1)
    assert waiting.ok("POST", "/v1/models/m/train", {"iterations": 3}, **key("two"))["id"] != run["id"]
    assert len(waiting.ok("GET", "/v1/runs")["items"]) == 2


def test_one_key_sent_many_times_at_once_is_one_run(waiting: World) -> None:
    send = partial(waiting.ok, "POST", "/v1/models/m/train", {"iterations": 3}, **key("one"))
    assert len({run["id"] for run in together([send] * 6)}) == 1
    assert len(pointers(waiting)) == 1


def test_the_same_training_asked_for_again_while_it_is_under_way_is_the_same_run(waiting: World) -> None:
    """A script that was killed in training asks again when it is run again."""
    send = partial(waiting.ok, "POST", "/v1/models/m/train", {"iterations": 3})
    assert len({run["id"] for run in together([send] * 6)}) == 1
    driven(waiting)
    assert waiting.ok("GET", "/v1/models/m")["latest"] == 1


def test_many_trainings_at_once_are_one_run_and_conflicts(waiting: World) -> None:
    answers = together(
        [partial(waiting.ask, "POST", "/v1/models/m/train", {"iterations": n}) for n in range(1, 7)]
    )
    assert sorted(status for status, _ in answers) == [202] + [409] * 5
    assert len(waiting.ok("GET", "/v1/runs")["items"]) == 1


def test_a_key_that_began_another_kind_of_run_or_another_models_is_refused(trained: World) -> None:
    """Else the caller would be told of a training that never happens."""
    trained.ok("POST", "/v1/models", {"name": "n", "algorithm": "logistic_regression", "dataset": "m"})
    trained.ok("POST", "/v1/models/m/train", {"iterations": 3}, **key("one"))
    for path in ("models/n/train", "models/m/evaluate"):
        refused = trained.refused("POST", f"/v1/{path}", {}, **key("one"))
        assert (refused["status"], "Idempotency-Key" in refused["message"]) == (409, True)
    assert trained.ok("GET", "/v1/models/n")["latest"] == 0


def test_evaluations_take_keys_too(trained: World) -> None:
    runs = [trained.ok("POST", "/v1/models/m/evaluate", {"folds": 2}, **key("e")) for _ in range(2)]
    assert runs[0]["id"] == runs[1]["id"]


def test_a_queued_run_is_cancelled_at_once_and_the_model_is_free(waiting: World) -> None:
    run = waiting.ok("POST", "/v1/models/m/train", {"iterations": 3})
    cancelled = waiting.ok("POST", f"/v1/runs/{run['id']}/cancel")
    assert (cancelled["state"], cancelled["version"], cancelled["error"]) == ("cancelled", None, None)
    assert waiting.ok("GET", "/v1/models/m")["run"] is None
    assert pointers(waiting) == []
    driven(waiting)
    assert waiting.ok("GET", f"/v1/runs/{run['id']}") == cancelled
    assert waiting.ok("GET", "/v1/models/m")["latest"] == 0
    waiting.ok("POST", "/v1/models/m/train", {"iterations": 3})


def test_a_training_is_cancelled_between_two_checkpoints_and_leaves_nothing(waiting: World) -> None:
    waiting = waiting.again(settings=KEEPS_NOTHING)
    run = waiting.ok("POST", "/v1/models/m/train", {"iterations": 50})
    asked: list[None] = []

    def stopping() -> bool:
        asked.append(None)
        return len(asked) > 4

    sliced = waiting.again(runner=inline, settings=Settings(slice_seconds=0.0))
    sliced.platform.runner.take_up("default", run["id"], stopping)
    half = waiting.ok("GET", f"/v1/runs/{run['id']}")
    assert half["state"] == "running"
    assert 0 < half["iteration"] < 50
    assert waiting.platform.blobs.keys(f"default/runs/{run['id']}/")
    cancelled = waiting.ok("POST", f"/v1/runs/{run['id']}/cancel")
    assert (cancelled["state"], cancelled["iteration"]) == ("cancelled", half["iteration"])
    assert cancelled["resumable_until"] is None
    assert waiting.platform.blobs.keys(f"default/runs/{run['id']}/") == []
    assert (waiting.ok("GET", "/v1/models/m")["run"], pointers(waiting)) == (None, [])


def test_a_run_under_way_is_cancelled_and_what_its_holder_does_later_is_nothing(store: Any) -> None:
    gate = Gate()
    here = world(store, runner=local(tiny(gate=gate)), settings=KEEPS_NOTHING)
    run = tiny_run(here.platform, "gate", "done")
    here.platform.runner.start("default", run)
    happened(gate.began, "the task has begun")
    cancelled = here.ok("POST", f"/v1/runs/{run}/cancel")
    assert cancelled["state"] == "cancelled"
    gate.go_on.set()
    here.platform.runner.close(300.0)
    assert here.ok("GET", f"/v1/runs/{run}") == cancelled
    assert left_behind(here.platform, run) == []


def test_a_finished_run_stays_as_it_is_when_it_is_cancelled(trained: World) -> None:
    (run,) = trained.ok("GET", "/v1/runs")["items"]
    stored = trained.platform.workspace("default").get(RUNS, run["id"])
    assert trained.ok("POST", f"/v1/runs/{run['id']}/cancel") == run
    assert trained.platform.workspace("default").get(RUNS, run["id"]) == stored
    assert trained.ok("GET", "/v1/models/m/versions/1")["run"] == run["id"]
    trained.ok("POST", "/v1/models/m/deploy", {})


def test_cancel_and_success_at_one_moment_leave_one_of_them(store: Any) -> None:
    first = world(store, settings=KEEPS_NOTHING)
    for _ in range(3):
        here = first.again(runner=local(tiny()))
        run = tiny_run(here.platform, "done", "done-2")
        together(
            [
                partial(here.platform.runner.start, "default", run),
                partial(here.ok, "POST", f"/v1/runs/{run}/cancel"),
            ]
        )
        here.platform.runner.close(300.0)
        ended = run_of(here.platform, run)
        assert ended.state in ("succeeded", "cancelled")
        assert ended.lease is None
        assert left_behind(here.platform, run) == []


def test_an_evaluation_runs_beside_a_training(trained: World) -> None:
    waiting = trained.again(runner=idle)
    training = waiting.ok("POST", "/v1/models/m/train", {"iterations": 3})
    run = trained.ok("POST", "/v1/models/m/evaluate", {"folds": 3})
    ended = trained.ok("GET", f"/v1/runs/{run['id']}")
    assert ended["state"] == "succeeded"
    assert trained.ok("GET", f"/v1/runs/{training['id']}")["state"] == "queued"
    assert trained.ok("GET", "/v1/models/m")["run"] == training["id"]
    assert len(ended["outcome"]["cross_validation"]["folds"]) == 3
    driven(trained)
    assert trained.ok("GET", f"/v1/runs/{training['id']}")["version"] == 2


def test_evaluations_of_one_version_at_once_all_end(trained: World) -> None:
    send = partial(trained.ok, "POST", "/v1/models/m/evaluate", {"folds": 2})
    runs = [trained.ok("GET", f"/v1/runs/{run['id']}") for run in together([send] * 3)]
    assert [run["state"] for run in runs] == ["succeeded"] * 3
    kept = trained.ok("GET", "/v1/models/m/versions/1")["cross_validation"]
    assert all(run["outcome"]["cross_validation"] == kept for run in runs)
    assert pointers(trained) == []


def test_more_folds_than_rows_is_the_callers_fault(store: Any) -> None:
    here = world(store)
    assert here.trained(two_classes(8), iterations=3)["state"] == "succeeded"
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 50})
    ended = here.ok("GET", f"/v1/runs/{run['id']}")
    assert (ended["state"], ended["error"]["code"], ended["error"]["field"]) == (
        "failed",
        "invalid_input",
        "folds",
    )


def test_data_that_are_gone_fail_the_run_and_tell_no_key(waiting: World) -> None:
    for blob in waiting.platform.blobs.keys("default/tables/"):
        waiting.platform.blobs.delete(blob)
    run = waiting.ok("POST", "/v1/models/m/train", {"iterations": 3})
    driven(waiting)
    ended = waiting.ok("GET", f"/v1/runs/{run['id']}")
    assert (ended["state"], ended["error"]["code"]) == ("failed", "damaged")
    for secret in ("tables", "Traceback", "BlobMissing"):
        assert secret not in ended["error"]["message"]
    assert waiting.ok("GET", "/v1/models/m")["run"] is None


def test_runs_are_listed_the_newest_first_in_pages(trained: World) -> None:
    for _ in range(3):
        trained.ok("POST", "/v1/models/m/train", {"iterations": 1})
    every = [run["id"] for run in trained.ok("GET", "/v1/runs")["items"]]
    assert every == sorted(every, reverse=True)
    first = trained.ok("GET", "/v1/runs", query={"limit": "3"})
    rest = trained.ok("GET", "/v1/runs", query={"limit": "3", "after": first["next"]})
    assert [run["id"] for run in first["items"] + rest["items"]] == every
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/runs/run-x"), ("POST", "/v1/runs/run-x/cancel"), ("POST", "/v1/runs/run-x/resume")],
)
def test_a_run_that_is_not_there_is_not_found(trained: World, method: str, path: str) -> None:
    assert trained.refused(method, path)["status"] == 404


def test_runs_are_found_by_model_kind_and_state(waiting: World) -> None:
    waiting.ok("POST", "/v1/models", {"name": "other", "algorithm": "linear_regression", "dataset": "m"})
    made = [
        waiting.ok("POST", f"/v1/models/{model}/train", {"iterations": 3})["id"] for model in ("m", "other")
    ]
    waiting.ok("POST", f"/v1/runs/{made[1]}/cancel")

    def listed(**query: str) -> list[str]:
        return [one["id"] for one in waiting.ok("GET", "/v1/runs", query=query)["items"]]

    assert listed() == listed(kind="train") == made[::-1]
    assert listed(model="m") == listed(state="queued") == made[:1]
    assert listed(model="other", state="cancelled") == made[1:]
    assert listed(kind="update") == listed(model="nothing") == listed(model="m", state="failed") == []
    first = waiting.ok("GET", "/v1/runs", query={"kind": "train", "limit": "1"})
    assert listed(kind="train", after=first["next"]) == made[:1]
    assert waiting.refused("GET", "/v1/runs", query={"state": "done"})["field"] == "state"


def test_what_is_under_way_is_found_behind_any_number_of_runs_that_have_ended(waiting: World) -> None:
    waiting.ok("POST", "/v1/models", {"name": "other", "algorithm": "linear_regression", "dataset": "m"})
    train = "/v1/models/{}/train".format
    first = waiting.ok("POST", train("m"), {"iterations": 3})["id"]
    ended = waiting.ok("POST", train("other"), {"iterations": 3})["id"]
    waiting.ok("POST", f"/v1/runs/{ended}/cancel")
    last = waiting.ok("POST", train("other"), {"iterations": 3})["id"]
    tiny_run(waiting.platform, "done", workspace="another")

    def listed(**query: str) -> Any:
        return waiting.ok("GET", "/v1/runs", query={"state": "under_way", **query})

    assert [one["id"] for one in listed()["items"]] == [last, first]
    assert listed(state="queued") == listed() == listed(kind="train")
    assert [one["id"] for one in listed(model="m")["items"]] == [first]
    assert listed(kind="update")["items"] == listed(state="running")["items"] == []
    page = listed(limit="1")
    assert [one["id"] for one in page["items"]] == [last]
    assert listed(limit="1", after=page["next"]) == {**listed(model="m"), "next": None}
    driven(waiting)
    assert listed()["items"] == []


def test_a_pointer_to_a_run_that_has_ended_makes_it_none_that_is_under_way(waiting: World) -> None:
    """As after a crash between the end of a run and its cleaning up."""
    run = waiting.ok("POST", "/v1/models/m/train", {"iterations": 3})["id"]
    system = waiting.platform.system
    [(name, pointer)] = system.list(DUE_RUNS)
    waiting.ok("POST", f"/v1/runs/{run}/cancel")
    assert system.list(DUE_RUNS) == []
    gone = replace(pointer.value, subject="run-0")
    system.write(
        *(
            system.put(DUE_RUNS, key, value=value, expect=0)
            for key, value in ((name, pointer.value), ("default:run-0", gone))
        )
    )
    assert waiting.ok("GET", "/v1/runs", query={"state": "under_way"})["items"] == []


def test_a_loss_curve_has_as_many_points_as_are_asked_for(trained: World) -> None:
    [run] = trained.ok("GET", "/v1/runs")["items"]
    assert len(run["loss"]) == run["iteration"] == 5
    few = trained.ok("GET", f"/v1/runs/{run['id']}", query={"points": "3"})
    assert few["loss"] == run["loss"][::2]
    assert few["iteration"] == 5
    points = run["held_out"]["points"]
    assert few["held_out"] == {**run["held_out"], "points": points[::2] if len(points) == 5 else points}
    [none] = trained.ok("GET", "/v1/runs", query={"points": "0"})["items"]
    assert none == {**run, "loss": [], "held_out": {**run["held_out"], "points": []}}


def test_models_are_found_by_a_part_of_their_name_and_by_their_state(waiting: World) -> None:
    for name in ("Churn-EU", "churn-us", "price"):
        waiting.ok("POST", "/v1/models", {"name": name, "algorithm": "linear_regression"})
    waiting.ok("POST", "/v1/models/churn-us/retire")

    def listed(**query: str) -> list[str]:
        return [one["name"] for one in waiting.ok("GET", "/v1/models", query=query)["items"]]

    assert listed() == ["Churn-EU", "churn-us", "m", "price"]
    assert listed(search="CHURN") == ["Churn-EU", "churn-us"]
    assert listed(search="churn", state="retired") == ["churn-us"]
    assert listed(state="active", limit="2") == ["Churn-EU", "m"]
    assert listed(search=".*") == listed(search="é") == []


def test_a_run_tells_what_was_asked_for_so_that_it_can_be_asked_again(waiting: World) -> None:
    asked = {"iterations": 7, "hyperparameters": {"l2": 0.5}}
    run = waiting.ok("POST", "/v1/models/m/train", {**asked, "seed": 0})
    assert run["asked"] == asked
    waiting.ok("POST", f"/v1/runs/{run['id']}/cancel")
    assert waiting.ok("POST", "/v1/models/m/train", run["asked"])["asked"] == asked


def test_the_leaderboard_grows_with_the_search_and_says_what_the_version_is_made_of(waiting: World) -> None:
    run = waiting.ok("POST", "/v1/models/m/train", {"auto": True, "trials": 4, "iterations": 5})
    path = f"/v1/runs/{run['id']}/leaderboard"
    assert waiting.ok("GET", path)["entries"] == []
    sliced = waiting.again(runner=inline, settings=Settings(slice_seconds=0.0))
    asked: list[None] = []

    def stopping() -> bool:
        asked.append(None)
        return bool(waiting.ok("GET", path)["entries"])

    sliced.platform.runner.take_up("default", run["id"], stopping)
    some = waiting.ok("GET", path)["entries"]
    assert 0 < len(some) <= 4 and waiting.ok("GET", f"/v1/runs/{run['id']}")["state"] == "running"
    driven(waiting)
    ended = waiting.ok("GET", f"/v1/runs/{run['id']}")
    board = waiting.ok("GET", path)
    assert board["entries"] == ended["outcome"]["leaderboard"]
    assert board["members"] == waiting.ok("GET", "/v1/models/m/versions/1")["members"]


def test_a_run_that_searches_nothing_has_an_empty_leaderboard(trained: World) -> None:
    (run,) = trained.ok("GET", "/v1/runs")["items"]
    assert trained.ok("GET", f"/v1/runs/{run['id']}/leaderboard") == {
        "run": run["id"],
        "entries": [],
        "members": [],
    }
