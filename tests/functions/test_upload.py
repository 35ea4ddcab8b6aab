"""Upload: announce a file, send it, follow it; and the preprocessor that goes with the data."""

from typing import Any

import pytest

from functions.caller import Caller
from functions.records.kinds import DATASET_VERSIONS, DUE_UPLOADS, number
from functions.settings import Settings
from lepton_core.preprocess import Preprocessor
from lepton_core.table import parse_csv
from tests.support.stores import Store
from tests.support.watched import Call, WatchedBlobs
from tests.support.world import SCOPES, World, csv_of, two_classes, world
from tests.support.written_files import ndjson, parquet, xlsx

CSV = two_classes(40)


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def announced(here: World, dataset: str = "m", **body: Any) -> Any:
    return here.ok("POST", f"/v1/datasets/{dataset}/upload", {"size": len(CSV), **body})


def path(upload: Any) -> str:
    return f"/v1/datasets/{upload['dataset']}/upload/{upload['id']}"


def test_a_file_is_announced_sent_and_followed(here: World) -> None:
    upload = announced(here)
    assert (upload["state"], upload["dataset"], upload["version"]) == ("waiting", "m", None)
    assert here.ok("GET", path(upload))["state"] == "waiting"
    sent = here.ok("PUT", path(upload), CSV)
    followed = here.ok("GET", path(upload))
    assert sent == followed
    assert (followed["state"], followed["version"], followed["rows"], followed["label"]) == (
        "accepted",
        1,
        40,
        "label",
    )
    assert followed["url"] is None
    (version,) = here.ok("GET", "/v1/datasets/m/versions")["items"]
    assert version == here.ok("GET", "/v1/datasets/m/versions/1")
    assert (version["rows"], version["upload"], version["label"]) == (40, upload["id"], "label")
    assert [column["name"] for column in version["columns"]] == ["a", "b", "label"]
    label = version["columns"][2]
    assert (label["kind"], label["min"], label["max"], label["notation"]) == ("boolean", 0.0, 1.0, "no/yes")


@pytest.mark.parametrize("form", ["ndjson", "parquet", "xlsx"])
def test_a_file_of_another_form_is_a_version_as_well(here: World, form: str) -> None:
    rows = [{"a": n, "b": "NA" if n % 3 else "x", "label": n % 2 == 0} for n in range(40)]
    table = {name: [row[name] for row in rows] for name in rows[0]}
    written = {
        "ndjson": ndjson(rows),
        "parquet": parquet(table),
        "xlsx": xlsx(list(table), *(list(row.values()) for row in rows)),
    }
    upload = announced(here, size=len(written[form]))
    done = here.ok("PUT", path(upload), written[form])
    assert (done["state"], done["rows"], done["label"]) == ("accepted", 40, "label")
    kinds = [one["kind"] for one in here.ok("GET", "/v1/datasets/m/versions/1")["columns"]]
    assert kinds == ["integer", "category", "boolean"]


def test_an_upload_reads_no_table_that_was_there_before(here: World) -> None:
    """However much a dataset holds, its next version costs the same."""
    here.upload(CSV)
    first = here.platform.workspace("default").get(DATASET_VERSIONS, "m", number(1))
    assert first is not None
    assert first.value.report is not None
    read: list[str] = []

    def watch(call: Call) -> None:
        if call.name == "blobs.get":
            read.extend(call.places)

    process = here.again(blobs=WatchedBlobs(here.platform.blobs, before=watch))
    assert process.upload(two_classes(60, seed=1))["version"] == 2
    assert read
    assert {key for key in read if "/tables/" in key} == {first.value.report.key}, "to compare with"


def test_the_answer_says_where_to_send_the_file(here: World, store: Store) -> None:
    url = announced(here)["url"]
    if store.name == "disk":
        assert url == "/v1/datasets/m/upload/up-000001"
    else:
        assert url.startswith("https://")
        assert "default/incoming/m/up-000001" in url


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({}, "size"),
        ({"size": 1.5}, "size"),
        ({"size": 9, "x": 1}, "x"),
    ],
)
def test_a_bad_announcement_is_refused_and_nothing_is_kept(
    here: World, body: dict[str, Any], field: str
) -> None:
    assert here.refused("POST", "/v1/datasets/m/upload", body)["field"] == field
    assert here.platform.system.records.query("_system/due_uploads") == []


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(store: Store) -> None:
    here = world(store, settings=Settings(max_upload_bytes=100))
    refused = here.refused("POST", "/v1/datasets/m/upload", {"size": 101})
    assert (refused["status"], refused["code"], refused["field"]) == (413, "too_large", "size")
    assert here.ok("POST", "/v1/datasets/m/upload", {"size": 100})["state"] == "waiting"


def test_the_same_file_sent_again_is_the_same_upload(here: World) -> None:
    upload = announced(here)
    views = [here.ok("PUT", path(upload), CSV) for _ in range(3)]
    assert views[0] == views[1] == views[2]
    assert len(here.ok("GET", "/v1/datasets/m/versions")["items"]) == 1


def test_another_file_under_the_same_upload_is_a_conflict(here: World) -> None:
    upload = announced(here)
    here.ok("PUT", path(upload), CSV)
    refused = here.refused("PUT", path(upload), CSV[:-2] + b"?\n")
    assert (refused["status"], "announce a new one" in refused["message"]) == (409, True)
    assert here.ok("GET", path(upload))["rows"] == 40


def test_an_empty_file_is_refused_and_a_full_one_can_follow(here: World) -> None:
    upload = announced(here)
    assert here.refused("PUT", path(upload), b"")["status"] == 400
    assert here.ok("PUT", path(upload), CSV)["state"] == "accepted"


def test_a_rejected_file_says_where_it_is_wrong_however_often_it_is_sent(here: World) -> None:
    wrong = CSV.replace(b",yes", b",").replace(b",no", b",")
    upload = announced(here, size=len(wrong), label="label")
    views = [here.ok("PUT", path(upload), wrong) for _ in range(2)]
    assert views[0] == views[1] == here.ok("GET", path(upload))
    assert (views[0]["state"], views[0]["error"]["field"]) == ("rejected", "label")
    assert here.refused("GET", "/v1/datasets/m/versions")["status"] == 404
    assert here.upload(CSV)["version"] == 1


def test_a_file_whose_label_has_too_long_a_name_is_rejected_for_good(here: World) -> None:
    view = here.upload(csv_of({"a": [1, 2], "\N{GRINNING FACE}" * 100_000: ["yes", "no"]}))
    assert (view["state"], view["error"]["code"]) == ("rejected", "too_large")
    assert here.platform.system.list(DUE_UPLOADS) == []
    assert here.platform.blobs.keys("default/tables/") == []
    assert here.refused("GET", "/v1/datasets/m/versions")["status"] == 404


def test_an_upload_of_another_dataset_or_workspace_is_not_there(here: World) -> None:
    upload = announced(here)
    other = here.again(owner=Caller("other", "owner", SCOPES))
    for process, where in (
        (here, path(upload).replace("/m/", "/n/")),
        (here, path(upload) + "0"),
        (other, path(upload)),
    ):
        assert process.refused("GET", where)["status"] == 404
        assert process.refused("PUT", where, CSV)["status"] == 404
    assert here.platform.blobs.keys("") == []


def test_versions_are_listed_the_oldest_first_in_pages(here: World) -> None:
    for seed in range(3):
        assert here.upload(two_classes(20, seed=seed))["version"] == seed + 1
    first = here.ok("GET", "/v1/datasets/m/versions", query={"limit": "2"})
    rest = here.ok("GET", "/v1/datasets/m/versions", query={"limit": "2", "after": first["next"]})
    assert [version["version"] for version in first["items"] + rest["items"]] == [1, 2, 3]
    for wanted in ("0", "4", "one", "99999999999"):
        assert here.refused("GET", f"/v1/datasets/m/versions/{wanted}")["status"] == 404


def sent(here: World, preprocessor: Any) -> tuple[int, Any]:
    return here.ask("PUT", "/v1/models/m/preprocessor", {"preprocessor": preprocessor})


@pytest.mark.parametrize("fitted", [False, True])
def test_a_preprocessor_is_part_of_each_version_trained_from_now_on(here: World, fitted: bool) -> None:
    first = here.trained(CSV, iterations=5)
    chain = Preprocessor.empty().add("MinMax", input="X", output="X_scaled")
    if fitted:
        chain = chain.fit(parse_csv(CSV).without("label"))
    status, model = sent(here, chain.as_dict())
    assert (status, model["preprocessor"]) == (200, chain.as_dict())
    second = here.trained(CSV, iterations=5)
    versions = here.ok("GET", "/v1/models/m/versions")["items"]
    assert [version["preprocessor"] for version in versions] == [None, chain.as_dict()]
    assert first["loss"] != second["loss"]


@pytest.mark.parametrize(
    ("preprocessor", "field"),
    [
        ({}, "format"),
        ({"format": 1}, "steps"),
        ({"format": 1, "steps": [{"transformer": "Magic", "input": "X"}]}, "steps[0].transformer"),
        ({"format": 1, "steps": [{"transformer": "MinMax"}]}, "steps[0].input"),
        ([], "preprocessor"),
    ],
)
def test_a_bad_preprocessor_is_refused_with_its_field(here: World, preprocessor: Any, field: str) -> None:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    status, answer = sent(here, preprocessor)
    assert (status, answer["error"]["field"]) == (400, field)
    assert here.ok("GET", "/v1/models/m")["preprocessor"] is None


def test_a_preprocessor_for_other_columns_fails_the_run_and_names_one(here: World) -> None:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    chain = Preprocessor.empty().add("Normalize", input=["nowhere"])
    assert sent(here, chain.as_dict())[0] == 200
    run = here.trained(CSV, iterations=5)
    assert run["state"] == "failed"
    assert run["error"]["code"] in ("invalid_input", "invalid_data")
    assert "nowhere" in run["error"]["message"]


def test_a_model_that_is_not_there_or_retired_takes_no_preprocessor(here: World) -> None:
    chain = Preprocessor.empty().add("Normalize", input="X").as_dict()
    assert sent(here, chain)[0] == 404
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.ok("POST", "/v1/models/m/retire", {})
    assert sent(here, chain)[0] == 409
