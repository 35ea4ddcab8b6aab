"""A version, or a whole data set, is deleted: nobody who uses it is hurt, and nothing is left of it."""

from typing import Any

import pytest

from functions.caller import Caller
from functions.records.kinds import DUE_DELETIONS
from functions.system.sweep import sweep
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.watched import Call, WatchedRecords, once
from tests.support.world import SCOPES, World, two_classes, world

ROWS = {"rows": [{"a": 0.5, "b": 1.0}, {"a": -1.0, "b": 0.25}]}


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def append(here: World, data: bytes, dataset: str = "m") -> Any:
    announced = here.ok("POST", f"/v1/datasets/{dataset}/upload", {"size": len(data), "mode": "append"})
    path = f"/v1/datasets/{dataset}/upload/{announced['id']}"
    here.ok("PUT", path, data)
    return here.ok("GET", path)


def files(here: World) -> list[str]:
    kept = here.platform.blobs.keys("default/tables/") + here.platform.blobs.keys("default/incoming/")
    return [*kept, *here.platform.blobs.keys("default/done/")]


def test_a_deleted_version_is_gone_with_its_files_and_its_number_is_not_given_again(here: World) -> None:
    here.upload(two_classes(40))
    before = files(here)
    here.upload(two_classes(40, seed=1))
    assert here.ok("DELETE", "/v1/datasets/m/versions/2") == {"dataset": "m", "version": 2}
    assert files(here) == before
    for path in ("", "/report", "/head", "/describe", "/diff/1"):
        refused = here.refused("GET", f"/v1/datasets/m/versions/2{path}")
        assert (refused["status"], "was deleted" in refused["message"]) == (404, True)
    assert here.ok("GET", "/v1/datasets/m")["latest"] == 1
    assert [one["version"] for one in here.ok("GET", "/v1/datasets/m/versions")["items"]] == [1]
    assert here.refused("DELETE", "/v1/datasets/m/versions/2")["status"] == 404
    assert here.upload(two_classes(40, seed=2))["version"] == 3
    assert here.platform.system.list(DUE_DELETIONS) == []


def test_versions_that_share_files_lose_none(here: World) -> None:
    here.upload(two_classes(60))
    append(here, two_classes(10, seed=1))
    append(here, two_classes(10, seed=2))
    here.ok("DELETE", "/v1/datasets/m/versions/1")
    here.ok("DELETE", "/v1/datasets/m/versions/2")
    assert len(here.ok("GET", "/v1/datasets/m/versions/3/head", query={"rows": "100"})["rows"]) == 80
    assert here.trained(two_classes(60, seed=9))["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/retire", {})
    here.ok("DELETE", "/v1/datasets/m")
    assert files(here) == []


def test_a_file_that_is_delivered_again_after_its_version_was_deleted_takes_nothing_away(here: World) -> None:
    here.upload(two_classes(60))
    append(here, two_classes(10, seed=1))
    here.ok("DELETE", "/v1/datasets/m/versions/1")
    kept = files(here)
    here.platform.blobs.put("default/incoming/m/up-000001", two_classes(60))
    here.event("upload_landed", {"object": {"key": "default/incoming/m/up-000001"}})
    here.platform.blobs.delete("default/incoming/m/up-000001")
    assert files(here) == kept
    assert len(here.ok("GET", "/v1/datasets/m/versions/2/head", query={"rows": "100"})["rows"]) == 70


def test_who_uses_it_is_named_with_what_to_do(here: World) -> None:
    here.trained(two_classes(60), iterations=2)
    here.upload(two_classes(60, seed=1))
    refused = here.refused("DELETE", "/v1/datasets/m/versions/1")
    assert (refused["status"], refused["code"]) == (409, "conflict")
    assert "version 1 of model 'm' was trained on it" in refused["message"]
    assert "Model(name='m').retire()" in refused["message"]
    assert "Dataset('m').delete(1, force=True)" in refused["message"]
    refused = here.refused("DELETE", "/v1/datasets/m")
    assert "model 'm' learns from it" in refused["message"]
    assert len(here.ok("GET", "/v1/datasets/m/versions")["items"]) == 2
    here.ok("DELETE", "/v1/datasets/m/versions/2")
    here.ok("POST", "/v1/models/m/retire", {})
    here.ok("DELETE", "/v1/datasets/m")


def test_a_model_of_deleted_data_keeps_serving_and_says_what_it_cannot_do(here: World) -> None:
    here.trained(two_classes(60), iterations=2)
    here.ok("POST", "/v1/models/m/deploy", {})
    before = here.ok("POST", "/v1/models/m/predict", ROWS)
    here.ok("DELETE", "/v1/datasets/m", query={"force": "true"})
    assert here.again().ok("POST", "/v1/models/m/predict", ROWS) == before
    assert here.ok("GET", "/v1/models/m/versions/1")["dataset_version"] == 1
    for path in ("train", "update", "evaluate"):
        refused = here.refused("POST", f"/v1/models/m/{path}", {})
        assert (refused["status"], "deleted" in refused["message"]) == (404, True), path
    here.event("update_daily")
    assert here.refused("GET", "/v1/datasets/m")["status"] == 404
    assert here.ok("GET", "/v1/datasets")["items"] == []
    assert here.upload(two_classes(60, seed=3))["version"] == 2
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 2})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"


def test_the_name_of_a_deleted_data_set_takes_any_table(here: World) -> None:
    here.upload(two_classes(40))
    here.ok("DELETE", "/v1/datasets/m")
    done = here.upload(b"x,y,z\n1,2,u\n3,4,v\n")
    assert (done["state"], done["version"], done["label"]) == ("accepted", 2, "y")


def test_a_run_under_way_keeps_its_data_even_by_force(store: Store) -> None:
    here = world(store, runner=idle)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes(40))
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 2})["id"]
    for path in ("", "/versions/1"):
        refused = here.refused("DELETE", f"/v1/datasets/m{path}", query={"force": "true"})
        assert f"run {run} of model 'm' is under way" in refused["message"]
        assert "Model(name='m').cancel()" in refused["message"]
    here.ok("POST", f"/v1/runs/{run}/cancel")
    here.ok("DELETE", "/v1/datasets/m", query={"force": "true"})


def test_a_run_that_is_queued_at_the_same_moment_keeps_its_data_or_does_not_begin(store: Store) -> None:
    """Whichever write of the deletion it comes before."""
    for moment in range(1, 6):
        here = world(store, runner=idle)
        name = f"d{moment}"
        here.ok("POST", "/v1/models", {"name": name, "algorithm": "logistic_regression"})
        here.upload(two_classes(40), name)
        count = [0]

        def train(
            call: Call, here: World = here, name: str = name, count: list[int] = count, at: int = moment
        ) -> None:
            count[0] += call.name == "records.write"
            if call.name == "records.write" and count[0] == at:
                here.ask("POST", f"/v1/models/{name}/train", {"iterations": 2})

        process = here.again(records=WatchedRecords(here.platform.records, before=train))
        status, _ = process.ask("DELETE", f"/v1/datasets/{name}", query={"force": "true"})
        queued = here.ok("GET", f"/v1/models/{name}")["run"] is not None
        there = here.ask("GET", f"/v1/datasets/{name}/versions/1")[0] == 200
        assert (status == 409) == queued == there, moment
        sweep(here.platform)
        assert here.platform.system.list(DUE_DELETIONS) == []


def test_what_the_first_version_decides_keeps_it(here: World) -> None:
    here.upload(two_classes(60))
    here.upload(two_classes(60, seed=1))
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.ok("POST", "/v1/models/m/train", {"iterations": 2, "split": {"by": "rows", "fraction": 0.3}})
    refused = here.refused("DELETE", "/v1/datasets/m/versions/1", query={"force": "true"})
    assert "it decides which rows version 1 of model 'm' held out" in refused["message"]


def test_the_newest_version_is_the_newest_that_is_left(here: World) -> None:
    for seed in range(3):
        here.upload(two_classes(40, seed=seed))
    here.ok("DELETE", "/v1/datasets/m/versions/2")
    assert here.ok("GET", "/v1/datasets/m")["latest"] == 3
    here.ok("DELETE", "/v1/datasets/m/versions/3")
    assert here.ok("GET", "/v1/datasets/m")["latest"] == 1
    assert append(here, two_classes(5, seed=9))["version"] == 4
    assert here.ok("GET", "/v1/datasets/m/versions/4")["rows"] == 45
    here.ok("DELETE", "/v1/datasets/m/versions/1")
    here.ok("DELETE", "/v1/datasets/m/versions/4")
    assert here.refused("GET", "/v1/datasets/m")["status"] == 404
    assert here.upload(two_classes(40))["version"] == 5


def test_nobody_deletes_what_another_workspace_has(here: World) -> None:
    here.upload(two_classes(40))
    other = here.again(owner=Caller("other", "owner", SCOPES))
    for path in ("", "/versions/1"):
        assert other.refused("DELETE", f"/v1/datasets/m{path}")["status"] == 404
    reader = here.again(owner=Caller("default", "reader", frozenset({"read"})))
    assert reader.refused("DELETE", "/v1/datasets/m")["status"] == 403
    assert here.ok("GET", "/v1/datasets/m")["latest"] == 1


def test_two_at_once_delete_once(here: World) -> None:
    here.upload(two_classes(40))
    here.upload(two_classes(40, seed=1))
    watch = once(
        lambda: here.ok("DELETE", "/v1/datasets/m/versions/1"), lambda call: call.name == "records.write"
    )
    process = here.again(records=WatchedRecords(here.platform.records, before=watch))
    process.ask("DELETE", "/v1/datasets/m/versions/1")
    sweep(here.platform)
    assert here.refused("GET", "/v1/datasets/m/versions/1")["status"] == 404
    assert here.platform.system.list(DUE_DELETIONS) == []
    assert here.ok("GET", "/v1/datasets/m")["latest"] == 2
