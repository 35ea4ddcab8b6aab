"""A version as one file over HTTP: what it says is what the records say, and nothing of a store is left behind."""

from datetime import datetime
from typing import Any

import pytest

from app import app
from functions.records import find
from functions.system import export
from functions.system.export import MOST_SENT
from infra.local.gateway import call
from lepton_core.export import read_export
from lepton_core.load import load
from tests.functions.test_damage import flipped
from tests.support.stores import Store, memory_store
from tests.support.world import World, two_classes, world

PATH = "/v1/models/m/versions/1/export"


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(120), iterations=5, refit=True)
    return made


def file_of(here: World) -> Any:
    return read_export(here.ok("GET", f"{PATH}/file"))


def test_the_file_says_what_the_records_say(here: World) -> None:
    here.ok("PUT", "/v1/models/m/versions/1/threshold", {"recall": 0.9})
    record = here.ok("GET", "/v1/models/m/versions/1")
    found = file_of(here)
    head = found.head
    assert (head.model, head.version, head.algorithm, head.task) == (
        "m",
        1,
        "logistic_regression",
        "classification",
    )
    assert datetime.fromisoformat(head.created) == datetime.fromisoformat(record["created"])
    assert (head.judged.digest, head.judged.rows) == (record["judged"]["digest"], record["judged"]["rows"])
    assert (head.answers.digest, head.answers.rows) == (record["digest"], 120)
    assert head.judged.digest != head.answers.digest
    assert head.hyperparameters == record["hyperparameters"] and head.metrics == record["metrics"]
    assert (head.data.name, head.data.version, head.data.digest) == ("m", 1, record["dataset_digest"])
    assert vars(head.split) == record["split"] and head.libraries == record["libraries"]
    assert head.rule is not None and head.rule.threshold == record["decision"]["rule"]["threshold"]
    assert str(head.wish) == "recall 0.9 of 'yes'" and head.notes == (record["decision"]["sentence"],)
    assert found.card == here.ok("GET", "/v1/models/m/versions/1/card")
    stored = find.version(here.platform.workspace("default"), "m", 1).value
    assert bytes(found.artifact) == here.platform.blobs.get(stored.answers.key)
    assert found.load().classes == load(bytes(found.artifact)).classes
    here.ok("DELETE", "/v1/models/m/versions/1/threshold")
    assert file_of(here).head.rule is None


def test_the_address_leads_to_the_same_file_and_asking_twice_leaves_one(here: World, store: Store) -> None:
    told = here.ok("GET", PATH)
    assert (told["model"], told["version"], told["file"]) == ("m", 1, "m-1.lepton")
    assert here.ok("GET", PATH)["file"] == told["file"]
    left = store.blobs.keys("default/exports/")
    if store.name == "aws":
        assert told["url"].startswith("https://") and len(left) == 1
        assert store.blobs.get(left[0]) == here.ok("GET", f"{PATH}/file")
    else:
        assert (told["url"], left) == (f"{PATH}/file", [])


def test_a_browser_keeps_it_under_its_name(here: World) -> None:
    answer = call(app, here.platform, "GET", f"{PATH}/file", headers={"accept": "*/*"})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="m-1.lepton"'
    known = {"accept": "*/*", "if-none-match": answer.headers["etag"]}
    again = call(app, here.platform, "GET", f"{PATH}/file", headers=known)
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", [PATH, f"{PATH}/file"])
def test_who_may_not_read_or_asks_for_nothing_is_refused(here: World, path: str) -> None:
    other = here.again(owner=None)
    for scopes, status in ((["predict", "write"], 403), (["read"], 200)):
        key = here.ok("POST", "/v1/keys", {"scopes": scopes})["secret"]
        assert other.ask("GET", path, headers={"authorization": f"Bearer {key}"})[0] == status
    assert other.ask("GET", path)[0] == 401
    assert here.refused("GET", path.replace("/1/", "/2/"))["code"] == "not_found"
    assert here.refused("GET", path.replace("/m/", "/nobody/"))["code"] == "not_found"
    assert here.refused("GET", path.replace("/1/", "/x/"))["status"] == 404


def test_a_retired_model_and_one_whose_data_are_deleted_can_be_taken_out(here: World) -> None:
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("POST", "/v1/models/m/retire")
    here.ok("DELETE", "/v1/datasets/m", query={"force": "true"})
    head = file_of(here).head
    assert (head.data.version, head.reading.said) == (1, {})


def test_a_file_that_is_damaged_is_not_given_out(here: World, store: Store) -> None:
    key = find.version(here.platform.workspace("default"), "m", 1).value.answers.key
    whole = store.blobs.get(key)
    store.blobs.delete(key)
    assert here.ask("GET", f"{PATH}/file")[1]["error"]["code"] == "damaged"
    store.blobs.put(key, flipped(whole))
    status, answer = here.ask("GET", f"{PATH}/file")
    assert (status, answer["error"]["code"]) == (500, "damaged")
    assert "version 1 of model 'm'" in answer["error"]["message"]


class Addressed:
    """Blobs in memory that give out addresses."""

    def __init__(self) -> None:
        self._inner = memory_store().blobs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def download_url(self, key: str, *, name: str, seconds: int) -> str:
        return f"https://store.example/{key}?as={name}"


def test_a_file_too_large_for_an_answer_is_at_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(memory_store(), blobs=Addressed())  # type: ignore[arg-type]
    made.trained(two_classes(120), iterations=5)
    assert made.ok("GET", f"{PATH}/file")
    monkeypatch.setattr(export, "MOST_SENT", 1000)
    refused = made.refused("GET", f"{PATH}/file")
    assert (refused["status"], refused["code"]) == (413, "too_large")
    assert PATH in refused["message"]
    assert made.ok("GET", PATH)["url"].endswith("?as=m-1.lepton")
    assert MOST_SENT * 4 / 3 < 6e6
