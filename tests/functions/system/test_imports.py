"""A version that is imported: it answers as it did, is exported as it came, and says what it has no data for."""

from dataclasses import replace
from typing import Any

import pytest

from functions.datasets.ingest import ABANDONED_AFTER
from functions.records.kinds import DUE_UPLOADS
from functions.settings import Settings
from functions.system.sweep import sweep
from lepton_core.export import read_export
from tests.support.exported import ROWS, Exported, exported, imported, of_kind
from tests.support.faults import Killed, KillSwitch
from tests.support.lives import under
from tests.support.stores import Store
from tests.support.world import World, two_classes, world


@pytest.fixture
def files() -> Exported:
    return exported()


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def version(here: World, number: int = 1, model: str = "m") -> Any:
    return here.ok("GET", f"/v1/models/{model}/versions/{number}")


def test_it_is_a_model_that_answers_the_same_bits(here: World, files: Exported) -> None:
    done = imported(here, files.file, "other")
    assert (done["state"], done["version"], done["made"], done["error"]) == ("accepted", 1, True, None)
    model = here.ok("GET", "/v1/models/other")
    assert (model["state"], model["algorithm"], model["task"]) == (
        "active",
        "logistic_regression",
        "classification",
    )
    assert (model["latest"], model["champion"], model["dataset"]) == (1, None, "other")
    here.ok("POST", "/v1/models/other/deploy", {})
    found = here.ok("POST", "/v1/models/other/predict", ROWS)
    assert found == {**files.predicted, "model": "other"}


def test_its_record_says_what_the_file_says_and_where_it_was_trained(here: World, files: Exported) -> None:
    done = imported(here, files.file, "other")
    found, was = version(here, model="other"), files.record
    told = set(found) - {"model", "created", "dataset", "dataset_version", "run", "loss", "imported"}
    assert {name: found[name] for name in told} == {name: was[name] for name in told}
    assert found["imported"] == {
        "model": "m",
        "version": 1,
        "created": was["created"],
        "label": "label",
        "data": "m",
        "data_version": 1,
        "reading": found["imported"]["reading"],
    }
    assert set(found["imported"]["reading"].values()) == {None}
    assert (found["dataset"], found["dataset_version"], found["run"]) == ("other", 0, done["id"])
    assert was["imported"] is None
    for of_it in ("card", "evaluation", "threshold"):
        known = here.ok("GET", f"/v1/models/other/versions/1/{of_it}")
        before = files.told[of_it]
        if isinstance(known, dict) and "model" in known:
            known, before = ({**one, "model": "", "serving": None} for one in (known, before))
        assert known == before


def test_it_is_exported_again_as_it_came_until_its_rule_for_labels_is_another_one(
    here: World, files: Exported
) -> None:
    imported(here, files.file, "other")
    path = "/v1/models/other/versions/1"
    assert here.ok("GET", f"{path}/export/file") == files.file
    here.ok("PUT", f"{path}/threshold", {"precision": 0.5})
    ruled = read_export(here.ok("GET", f"{path}/export/file")).head
    assert str(ruled.wish) == "precision 0.5 of 'yes'" and len(ruled.notes) == 1
    here.ok("DELETE", f"{path}/threshold")
    bare = read_export(here.ok("GET", f"{path}/export/file")).head
    assert (bare.rule, bare.wish, bare.notes) == (None, None, ())
    here.ok("PUT", f"{path}/threshold", {"recall": 0.9})
    assert here.ok("GET", f"{path}/export/file") == files.file


def test_twice_is_once_and_another_one_is_the_next_version(here: World, files: Exported) -> None:
    imported(here, files.file)
    again = imported(here, files.file)
    assert (again["state"], again["version"], again["made"]) == ("accepted", 1, False)
    assert imported(here, files.other)["version"] == 2
    assert imported(here, files.file)["version"] == 1
    assert here.ok("GET", "/v1/models/m")["latest"] == 2
    path = f"/v1/models/m/import/{again['id']}"
    assert here.ok("PUT", path, files.file) == here.ok("GET", path) == again
    assert here.refused("PUT", path, files.other)["code"] == "conflict"


def test_a_version_that_is_there_already_is_known_where_it_came_from(store: Store) -> None:
    here = world(store)
    here.trained(two_classes(120), iterations=5, refit=True)
    file = here.ok("GET", "/v1/models/m/versions/1/export/file")
    done = imported(here, file)
    assert (done["version"], done["made"], here.ok("GET", "/v1/models/m")["latest"]) == (1, False, 1)


def test_what_takes_its_data_is_refused_and_says_which_to_upload(here: World, files: Exported) -> None:
    imported(here, files.file, "other")
    here.ok("POST", "/v1/models/other/deploy", {})
    path = "/v1/models/other"
    for asked in (
        ("POST", f"{path}/evaluate", {}),
        ("GET", f"{path}/versions/1/effect", None, {"column": "a"}),
    ):
        refused = here.refused(*asked[:3], query=asked[3] if len(asked) > 3 else None)
        assert refused["code"] == "conflict"
        assert "upload data with the label 'label' to dataset 'other'" in refused["message"]
        assert [one["route"] for one in refused["remedies"]] == ["train"]
    for step in ("train", "update"):
        assert (
            here.refused("POST", f"{path}/{step}", {})["message"] == "no dataset 'other'; upload data first"
        )
    assert here.ok("POST", f"{path}/monitor")["alerts"] == []


def test_with_data_that_comes_later_it_is_trained_updated_and_says_what_a_comparison_is_worth(
    here: World, files: Exported
) -> None:
    imported(here, files.file, "other")
    here.ok("PUT", "/v1/models/other/policy", {"update": "manual"})
    here.ok("POST", "/v1/models/other/deploy", {})
    assert here.upload(two_classes(200, seed=3), "other")["version"] == 1
    run = here.ok("POST", "/v1/models/other/update", {"iterations": 5})
    done = here.ok("GET", f"/v1/runs/{run['id']}")
    assert done["state"] == "succeeded", done["error"]
    assert "; the champion was imported, and may have learnt from these rows" in done["outcome"]["reason"]
    assert done["outcome"]["champion"]["loss"] is not None
    made = version(here, 2, "other")
    assert (made["dataset_version"], made["imported"], made["warm_from"]) == (1, None, 1)
    assert made["decision"]["wish"] == files.record["decision"]["wish"]
    told = here.ok("GET", "/v1/models/other/versions/2/compare/1")
    assert told["beside"] is None and "version 1 was imported" in told["sentence"]
    here.ok("POST", "/v1/models/other/train", {"iterations": 5, "warm_start": True})
    assert version(here, 3, "other")["imported"] is None
    assert here.refused("POST", "/v1/models/other/evaluate", {"version": 1})["code"] == "conflict"
    here.ok("POST", "/v1/models/other/evaluate", {"version": 3, "folds": 2})


def test_data_that_comes_later_begin_an_update_by_themselves(here: World, files: Exported) -> None:
    imported(here, files.file, "other")
    here.ok("POST", "/v1/models/other/deploy", {})
    here.upload(two_classes(200, seed=3), "other")
    sweep(here.platform)
    (run,) = here.ok("GET", "/v1/runs", query={"model": "other"})["items"]
    assert (run["state"], run["kind"]) == ("succeeded", "update")
    assert "data version 1 is there, and the model was trained elsewhere" in run["outcome"]["trigger"]
    sweep(here.platform)
    assert len(here.ok("GET", "/v1/runs", query={"model": "other"})["items"]) == 1


def test_data_with_another_label_are_refused_for_an_update(here: World, files: Exported) -> None:
    imported(here, files.file, "other")
    here.ok("PUT", "/v1/models/other/policy", {"update": "manual"})
    here.ok("POST", "/v1/models/other/deploy", {})
    here.upload(two_classes(60).replace(b",label", b",paid"), "other")
    refused = here.refused("POST", "/v1/models/other/update", {})
    assert "predicts 'label', and the data have the label 'paid'" in refused["message"]


def test_data_that_it_never_learnt_from_may_be_deleted(here: World, files: Exported) -> None:
    here.upload(two_classes(30), "more")
    here.upload(two_classes(40), "more")
    imported(here, files.file, "other", dataset="more")
    assert here.ok("DELETE", "/v1/datasets/more/versions/1")["version"] == 1
    refused = here.refused("DELETE", "/v1/datasets/more")
    assert "model 'other' learns from it" in refused["message"]
    assert "was trained on it" not in refused["message"]


def test_rows_of_a_file_are_read_as_its_data_were(here: World, files: Exported) -> None:
    imported(here, files.said, "other")
    here.ok("POST", "/v1/models/other/deploy", {})
    assert version(here, model="other")["imported"]["reading"]["exclude"] == ["junk"]
    for model, junk in (("other", None), ("without", "x")):
        here.ok("POST", "/v1/models", {"name": "without", "algorithm": "logistic_regression"})
        read = here.ok("POST", f"/v1/models/{model}/rows", b'[{"a": 1, "junk": "x", "b": 2}]')
        assert read["rows"] == [[1, junk, 2]]


@pytest.mark.parametrize("kind", ["blend", "value", "sure"])
def test_every_kind_of_version_comes_through(here: World, kind: str) -> None:
    file, predicted, asked = of_kind(kind)
    assert imported(here, file, kind)["state"] == "accepted"
    here.ok("POST", f"/v1/models/{kind}/deploy", {})
    assert here.ok("POST", f"/v1/models/{kind}/predict", asked) == predicted
    assert here.ok("GET", f"/v1/models/{kind}/versions/1/export/file") == file
    blended = here.ok("GET", f"/v1/models/{kind}/versions/1")["algorithm"] == "ensemble"
    assert blended == (kind == "blend")
    assert here.ok("GET", f"/v1/models/{kind}")["algorithm"] != "ensemble"


def test_a_model_that_cannot_take_it_refuses_and_stays(here: World, files: Exported) -> None:
    here.ok("POST", "/v1/models", {"name": "values", "algorithm": "linear_regression"})
    rejected = imported(here, files.file, "values")
    assert (rejected["state"], rejected["error"]["field"]) == ("rejected", "task")
    assert here.ok("GET", "/v1/models/values")["latest"] == 0
    here.ok("POST", "/v1/models", {"name": "old", "algorithm": "logistic_regression"})
    late = here.ok("POST", "/v1/models/old/import", {"size": len(files.file)})
    assert here.refused("POST", "/v1/models/old/import", {"size": 5, "dataset": "x"})["field"] == "dataset"
    here.ok("POST", "/v1/models/old/retire", {})
    assert here.refused("POST", "/v1/models/old/import", {"size": 5})["code"] == "conflict"
    assert here.ok("PUT", f"/v1/models/old/import/{late['id']}", files.file)["state"] == "rejected"
    assert here.ok("GET", "/v1/models/old/versions")["items"] == []


def test_a_size_that_cannot_be_is_refused_before_anything_comes(store: Store, files: Exported) -> None:
    here = world(store, settings=Settings(max_upload_bytes=1000, most_uploads=1))
    path = "/v1/models/other/import"
    assert here.refused("POST", path, {"size": 0})["field"] == "size"
    assert here.refused("POST", path, {"size": 1001})["code"] == "too_large"
    url = f"{path}/{here.ok('POST', path, {'size': 1000})['id']}"
    assert here.refused("POST", path, {"size": 1000})["code"] == "too_many"
    assert here.refused("PUT", url, files.file)["code"] == "too_large"
    assert here.refused("PUT", url, b"")["code"] == "invalid_input"
    sent = here.ok("PUT", url, b"abc")
    assert (sent["state"], sent["error"]["field"]) == ("rejected", "size")
    assert here.refused("GET", "/v1/models/other")["code"] == "not_found"
    little = world(store, settings=Settings(memory_bytes=4000))
    assert little.refused("POST", path, {"size": 1001})["code"] == "too_large"


def test_another_file_that_came_after_a_crash_is_taken_in_whole(store: Store, files: Exported) -> None:
    here = world(store)
    found = read_export(files.file)
    other = replace(found, head=replace(found.head, created="2031-01-01T00:00:00+00:00")).dump()
    here.ok("POST", "/v1/models/other/import", {"size": len(files.file)})
    kill = KillSwitch(6)
    with pytest.raises(Killed):
        under(here, kill).ask("PUT", "/v1/models/other/import/im-000001", files.file)
    assert kill.log[-1].startswith("records.write")
    store.blobs.delete("default/imports/other/im-000001")
    store.blobs.put("default/imports/other/im-000001", other)
    sweep(here.platform)
    done = here.ok("GET", "/v1/models/other/import/im-000001")
    assert (done["state"], done["error"]) == ("accepted", None)
    assert here.ok("GET", "/v1/models/other/versions/1/export/file") == other
    kept = [key for key in store.blobs.keys("default/runs/") if "head" in key]
    assert len(kept) == 1


def test_a_file_that_came_is_taken_in_by_the_sweep_and_one_that_did_not_is_given_up(
    store: Store, files: Exported
) -> None:
    made = world(store)
    here = World(replace(made.platform, announce=None), made.clock)
    came, never = (here.ok("POST", f"/v1/models/{one}/import", {"size": len(files.file)}) for one in "ab")
    assert here.ok("PUT", f"/v1/models/a/import/{came['id']}", files.file)["state"] == "waiting"
    assert here.refused("PUT", f"/v1/models/a/import/{came['id']}", files.other)["code"] == "conflict"
    sweep(here.platform)
    assert here.ok("GET", f"/v1/models/a/import/{came['id']}")["version"] == 1
    assert here.ok("GET", f"/v1/models/b/import/{never['id']}")["state"] == "waiting"
    here.clock.forward(ABANDONED_AFTER.total_seconds() + 1)
    sweep(here.platform)
    gone = here.ok("GET", f"/v1/models/b/import/{never['id']}")
    assert (gone["state"], "never arrived" in gone["error"]["message"]) == ("rejected", True)
    assert store.blobs.keys("default/imports/") == []
    assert here.platform.system.keys(DUE_UPLOADS) == []
