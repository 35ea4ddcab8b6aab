"""A version's file is kept as it was sent, and is read again with other options."""

from typing import Any

import pytest

from functions.datasets.ingest import incoming_key
from tests.functions.datasets.test_managing import upload
from tests.support.stores import Store
from tests.support.world import World, world

TABLE = b"id,a,b,label\n" + b"".join(
    b"%d,%d,%d,%s\n" % (1000 + n, n % 7, n % 5, b"yes" if n % 2 else b"no") for n in range(60)
)
READ = "/v1/datasets/m/versions/1/read"


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def settled(here: World, answer: Any) -> Any:
    return here.ok("GET", f"/v1/datasets/m/upload/{answer['id']}")


def names(here: World, version: int) -> list[str]:
    return [one["name"] for one in here.ok("GET", f"/v1/datasets/m/versions/{version}")["columns"]]


def test_a_file_is_read_again_without_being_sent(here: World) -> None:
    upload(here, TABLE)
    again = settled(here, here.ok("POST", READ, {"exclude": ["id"], "kinds": {"a": "category"}}))
    assert (again["state"], again["version"], again["label"]) == ("accepted", 2, "label")
    assert names(here, 2) == ["a", "b", "label"]
    assert here.ok("GET", "/v1/datasets/m/versions/2")["columns"][0]["kind"] == "category"
    assert names(here, 1) == ["id", "a", "b", "label"], "the version of before is as it was"


def test_what_cannot_be_read_so_is_refused_as_that_of_any_file(here: World) -> None:
    upload(here, TABLE)
    again = settled(here, here.ok("POST", READ, {"label": "nope"}))
    assert (again["state"], again["version"]) == ("rejected", None)
    assert "nope" in again["error"]["message"]
    assert here.refused("POST", READ, {"kinds": {"a": "colour"}})["status"] == 400
    assert here.refused("POST", "/v1/datasets/m/versions/7/read", {})["status"] == 404
    assert here.ok("GET", "/v1/datasets/m")["latest"] == 1


def test_rows_that_were_appended_are_joined_again(here: World) -> None:
    upload(here, TABLE)
    upload(here, TABLE.replace(b"\n1", b"\n2"), mode="append")
    refused = here.refused("POST", READ.replace("1/read", "3/read"), {})
    assert refused["status"] == 404
    again = settled(here, here.ok("POST", "/v1/datasets/m/versions/2/read", {"exclude": ["id"]}))
    assert (again["state"], again["version"], again["rows"]) == ("accepted", 3, 120)
    assert names(here, 3) == ["a", "b", "label"]
    stale = here.refused("POST", "/v1/datasets/m/versions/2/read", {})
    assert (stale["status"], "read version 3 again" in stale["message"]) == (409, True)


def test_the_rows_of_a_second_file_stay_held_out(here: World) -> None:
    held = TABLE[:200]
    held = held[: held.rindex(b"\n") + 1]
    sent = upload(here, TABLE + held, held_out=len(held))
    again = settled(here, here.ok("POST", READ, {"exclude": ["id"]}))
    assert (again["version"], again["held_out"]) == (2, sent["held_out"])


def test_a_file_that_is_not_kept_is_asked_for(here: World) -> None:
    sent = upload(here, TABLE)
    here.platform.blobs.delete(incoming_key(here.platform.workspace("default"), "m", sent["id"]))
    refused = here.refused("POST", READ, {"exclude": ["id"]})
    assert (refused["status"], refused["request"]) == (404, {"route": "upload", "body": {"exclude": ["id"]}})
    assert "is not kept; send it again: Data.from_csv(path, exclude=['id'])" in refused["message"]
    assert [one["state"] for one in here.ok("GET", "/v1/datasets/m/uploads")["items"]] == ["accepted"]


def test_a_file_that_has_not_come_can_be_given_up(here: World) -> None:
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": len(TABLE)})
    path = f"/v1/datasets/m/upload/{announced['id']}"
    for _ in range(2):
        given_up = here.ok("DELETE", path)
        assert (given_up["state"], given_up["error"]["message"]) == ("rejected", "the upload was cancelled")
    assert here.ok("PUT", path, TABLE)["state"] == "rejected", "what comes late is no version"
    assert here.refused("GET", "/v1/datasets/m")["status"] == 404
    sent = upload(here, TABLE)
    refused = here.refused("DELETE", f"/v1/datasets/m/upload/{sent['id']}")
    assert (refused["status"], refused["code"]) == (409, "conflict")


def test_a_list_says_of_each_set_what_is_newest_and_what_learns_from_it(here: World) -> None:
    for name in ("churn", "Churn-2", "flowers"):
        upload(here, TABLE, name)
    here.ok("POST", "/v1/models", {"name": "one", "algorithm": "decision_tree", "dataset": "churn"})
    found = here.ok("GET", "/v1/datasets", query={"name": "CHURN"})["items"]
    assert [one["name"] for one in found] == ["Churn-2", "churn"]
    assert [(one["rows"], one["state"], one["models"]) for one in found] == [
        (60, "open", []),
        (60, "open", ["one"]),
    ]
    assert found[1]["changed"] == here.ok("GET", "/v1/datasets/churn/versions/1")["created"]
