"""Files that land: one version each, however often and by however many the event is delivered."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from functions.datasets.ingest import landed
from functions.datasets.parts import read_columns, read_table
from functions.records.kinds import (
    DATASET_VERSIONS,
    DATASETS,
    DUE_UPLOADS,
    UPLOADS,
    DatasetVersion,
    DueUpload,
    Upload,
    number,
)
from functions.settings import Settings
from functions.storage import Records
from lepton_core.artifact import digest
from lepton_core.errors import Unavailable
from lepton_core.table import describe, parse_csv
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.watched import Call, WatchedRecords, once
from tests.support.world import World, csv_of, two_classes, world

CSV = two_classes(30)
OTHER = two_classes(30, seed=1)


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def dropped(here: World, name: str, csv: bytes, dataset: str = "m") -> str:
    """A file put under the prefix by hand; nobody announced it and no event came yet."""
    key = f"default/incoming/{dataset}/{name}"
    here.platform.blobs.put(key, csv)
    return key


def announced(here: World, csv: bytes, dataset: str = "m", label: str | None = None) -> tuple[str, str]:
    """An upload whose file has arrived and whose event did not come yet: its path and its key."""
    view = here.ok("POST", f"/v1/datasets/{dataset}/upload", {"size": len(csv), "label": label})
    key = f"default/incoming/{dataset}/{view['id']}"
    here.platform.blobs.put(key, csv)
    return f"/v1/datasets/{dataset}/upload/{view['id']}", key


def versions(here: World, dataset: str = "m") -> list[DatasetVersion]:
    return [stored.value for _, stored in here.platform.workspace("default").list(DATASET_VERSIONS, dataset)]


def upload_of(here: World, name: str, dataset: str = "m") -> Upload | None:
    stored = here.platform.workspace("default").get(UPLOADS, dataset, name)
    return None if stored is None else stored.value


def uploads(here: World, dataset: str = "m") -> list[Upload]:
    return [stored.value for _, stored in here.platform.workspace("default").list(UPLOADS, dataset)]


def consistent(here: World, dataset: str = "m") -> None:
    """Versions count from 1, each holds the table that its record describes, and no other table lies about."""
    tenant, found = here.platform.workspace("default"), versions(here, dataset)
    series = tenant.get(DATASETS, dataset)
    assert [version.version for version in found] == list(range(1, len(found) + 1))
    assert series is not None
    assert series.value.latest == len(found)
    kept = sorted(file.key for version in found for file in version.files)
    assert kept == here.platform.blobs.keys(f"default/tables/{dataset}/")
    for version in found:
        [part] = version.parts
        stored = here.platform.blobs.get(part.file.key)
        assert digest(stored) == part.file.digest
        assert digest(stored[: -8 * part.rows]) == version.digest
        assert read_table(tenant, version).rows == version.rows
        assert read_columns(tenant, version) == describe(read_table(tenant, version))
        assert version.column_count == len(read_columns(tenant, version))
    assert here.platform.system.list(DUE_UPLOADS) == []


def test_an_event_that_is_delivered_again_changes_nothing(here: World) -> None:
    path, key = announced(here, CSV)
    landed(here.platform, key)
    accepted = here.ok("GET", path)
    assert (accepted["state"], accepted["version"], accepted["rows"], accepted["label"]) == (
        "accepted",
        1,
        30,
        "label",
    )
    stored = here.platform.workspace("default").get(UPLOADS, "m", path.rpartition("/")[2])
    for process in (here, here.again()):
        landed(process.platform, key)
    assert here.platform.workspace("default").get(UPLOADS, "m", path.rpartition("/")[2]) == stored
    assert len(versions(here)) == 1
    consistent(here)


@pytest.mark.parametrize("known", [True, False])
def test_an_event_that_is_delivered_many_times_at_once_makes_one_version(here: World, known: bool) -> None:
    key = announced(here, CSV)[1] if known else dropped(here, "data.csv", CSV)
    together([partial(landed, here.again().platform, key)] * 5)
    assert len(versions(here)) == 1
    consistent(here)


def test_a_file_that_nobody_announced_becomes_a_version(here: World) -> None:
    landed(here.platform, dropped(here, "data.csv", CSV))
    (version,) = versions(here)
    assert (version.upload.rpartition("-")[0], version.label, version.rows) == ("data.csv", "label", 30)
    upload = upload_of(here, version.upload)
    assert upload is not None
    assert (upload.state, upload.version) == ("accepted", 1)
    landed(here.platform, dropped(here, "more.csv", OTHER))
    consistent(here)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    assert here.ok("POST", "/v1/models/m/train", {"iterations": 2})["state"] == "succeeded"


def test_the_event_of_the_store_does_the_same(here: World) -> None:
    key = dropped(here, "data.csv", CSV)
    here.event("upload_landed", {"bucket": {"name": "b"}, "object": {"key": key, "size": len(CSV)}})
    assert len(versions(here)) == 1


def test_the_same_table_again_points_to_the_version_that_holds_it(here: World) -> None:
    rewritten = b"\xef\xbb\xbf" + CSV.replace(b"\n", b"\r\n").replace(b",", b" , ")
    for name, csv in (("1.csv", CSV), ("2.csv", CSV), ("3.csv", rewritten)):
        landed(here.platform, dropped(here, name, csv))
        (upload,) = [found for found in uploads(here) if found.id.startswith(name)]
        assert (upload.state, upload.version) == ("accepted", 1)
    landed(here.platform, dropped(here, "4.csv", OTHER))
    landed(here.platform, dropped(here, "5.csv", CSV))  # back to what it was: news, compared to the newest
    assert [version.upload.rpartition("-")[0] for version in versions(here)] == ["1.csv", "4.csv", "5.csv"]
    consistent(here)


@pytest.mark.parametrize(
    "key",
    [
        "default/tables/m/data.csv",
        "default/incoming/data.csv",
        "default/incoming/m/deeper/data.csv",
        "incoming/m/data.csv",
        "default/Incoming/m/data.csv",
        "default/incoming/a b/data.csv",
        "default/incoming/-m/data.csv",
        "default/incoming/m:n/data.csv",
        "default/incoming/_m/data.csv",
        f"default/incoming/{'m' * 64}/data.csv",
        "_system/incoming/m/data.csv",
    ],
)
def test_a_file_elsewhere_or_of_an_unusable_dataset_is_passed_over(
    here: World, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    here.platform.blobs.put(key, CSV)
    landed(here.platform, key)
    assert "landed under" in caplog.text
    assert here.platform.blobs.keys("") == [key]
    for workspace in ("default", "_system"):
        for dataset in ("m", "m:n", "_m", "m" * 64):
            tenant = here.platform.workspace(workspace)
            assert tenant.get(DATASETS, dataset) is None
            assert tenant.list(UPLOADS, dataset) == []


@pytest.mark.parametrize("name", ["-data.csv", "da ta.csv", "données é.csv", "a" * 200 + ".csv", "データ"])
def test_a_file_may_have_any_name(here: World, name: str) -> None:
    landed(here.platform, dropped(here, name, CSV))
    assert [(upload.state, upload.version) for upload in uploads(here)] == [("accepted", 1)]


def test_a_file_that_is_replaced_is_another_version(here: World) -> None:
    landed(here.platform, dropped(here, "data.csv", CSV))
    here.platform.blobs.delete("default/incoming/m/data.csv")
    landed(here.platform, dropped(here, "data.csv", OTHER))
    assert len(versions(here)) == 2


def test_a_bad_file_that_was_dropped_can_be_found_with_its_error(here: World) -> None:
    landed(here.platform, dropped(here, "bad.csv", b"a,label\n1,yes\nx\x00,no\n"))
    (shown,) = here.ok("GET", "/v1/datasets/m/uploads")["items"]
    assert shown["state"] == "rejected"
    assert "line 3: it holds a NUL byte" in shown["error"]["message"]


def test_a_column_that_the_version_before_has_may_not_go_without_a_word(here: World) -> None:
    files = {
        "1": b"a,label\n1,yes\n2,no\n",
        "2": b"a,x,label\n1,2,yes\n2,2,no\n",
        "3": b"a,label\n2,no\n3,yes\n",
        "4": b"x,label\n1,no\n2,yes\n",
        "5": b"x,label,a\n1,no,3\n2,yes,4\n",
    }
    for name, csv in files.items():
        landed(here.platform, dropped(here, name, csv))
    assert [upload.state for upload in uploads(here)] == [
        "accepted",
        "accepted",
        "rejected",
        "rejected",
        "accepted",
    ]


def test_a_file_that_is_too_large_is_rejected_where_its_owner_sees_it(store: Store) -> None:
    here = world(store, settings=Settings(max_upload_bytes=10))
    for _ in range(2):
        landed(here.platform, dropped(here, "data.csv", CSV))
        (found,) = here.ok("GET", "/v1/datasets/m/uploads")["items"]
        assert (found["state"], found["error"]["code"]) == ("rejected", "too_large")
        assert found["error"]["message"] == f"the file has {len(CSV)} bytes; the most is 10"
        here.platform.blobs.delete("default/incoming/m/data.csv")


@pytest.mark.parametrize(
    "key", ["", "/", "///", "../incoming/m/x", "/incoming/m/x", "default/incoming/../x", "a/b/c/d/e"]
)
def test_any_key_is_survived(here: World, key: str) -> None:
    landed(here.platform, key)
    assert here.platform.blobs.keys("") == []


def test_a_file_that_is_gone_is_passed_over(here: World) -> None:
    path, key = announced(here, CSV)
    here.platform.blobs.delete(key)
    landed(here.platform, key)
    assert here.ok("GET", path)["state"] == "waiting"
    landed(here.platform, "default/incoming/m/never.csv")
    assert upload_of(here, "never.csv") is None


def rejected(here: World, csv: bytes, label: str | None = None) -> dict[str, Any]:
    path, key = announced(here, csv, label=label)
    landed(here.platform, key)
    view = here.ok("GET", path)
    assert (view["state"], view["version"]) == ("rejected", None)
    error: dict[str, Any] = view["error"]
    return error


def test_the_label_is_the_one_that_is_named_or_the_likeliest(here: World) -> None:
    csv = csv_of({"y": [1, 2, 3], "target": ["a", "b", "a"], "last": [5, 6, 7]})
    for dataset, label, expected in (("a", None, "target"), ("b", "y", "y"), ("c", "last", "last")):
        path, key = announced(here, csv, dataset, label)
        landed(here.platform, key)
        assert here.ok("GET", path)["label"] == expected
        assert here.ok("GET", f"/v1/datasets/{dataset}/versions/1")["label"] == expected


def test_a_label_that_the_file_lacks_or_that_no_row_has_is_refused(here: World) -> None:
    assert rejected(here, CSV, "colour")["field"] == "colour"
    empty = CSV.replace(b",yes", b",").replace(b",no", b",")
    assert "no row has a label" in rejected(here, empty, "label")["message"]
    assert versions(here) == []


def test_rows_without_a_label_are_left_out(here: World) -> None:
    landed(here.platform, announced(here, CSV.replace(b",yes", b",", 1))[1])
    landed(here.platform, announced(here, CSV)[1])
    assert [one.rows for one in versions(here)] == [len(CSV.splitlines()) - 2, len(CSV.splitlines()) - 1]


def test_the_label_of_a_dataset_stays_unless_somebody_names_another(here: World) -> None:
    landed(here.platform, announced(here, CSV)[1])
    # Inferred anew it would be 'y'; the dataset's own label goes on.
    wider = csv_of({"y": list(range(30)), "a": [0.5] * 30, "b": [1.5] * 30, "label": ["yes", "no"] * 15})
    path, key = announced(here, wider)
    landed(here.platform, key)
    assert here.ok("GET", path)["label"] == "label"
    consistent(here)


def test_columns_must_keep_their_types(here: World) -> None:
    base = csv_of({"n": [1, 2, 3], "k": ["x", "7", "z"], "label": ["p", "q", "p"]})
    landed(here.platform, announced(here, base)[1])
    error = rejected(here, csv_of({"n": [1, "two", 3], "k": ["x", "y", "z"], "label": ["p", "q", "p"]}))
    assert (error["code"], error["field"], "row 2" in error["message"]) == ("invalid_data", "n", True)
    error = rejected(here, csv_of({"n": [1, 2], "label": ["p", "q"]}))
    assert (error["field"], "is missing" in error["message"]) == ("k", True)
    path, key = announced(here, csv_of({"k": [7, 8], "n": [4, 5], "label": ["p", "q"]}))
    landed(here.platform, key)
    assert here.ok("GET", path)["version"] == 2
    kinds = {column.name: column.kind for column in versions(here)[1].columns}
    assert kinds == {"k": "category", "n": "integer", "label": "category"}
    consistent(here)


def test_what_was_text_stays_text_to_the_letter(here: World) -> None:
    """A file of which every zip code happens to be digits: read as numbers they would lose their zeros for good."""
    landed(here.platform, announced(here, b"zip,n,label\n0123,1,p\nA-20,2,q\n")[1])
    path, key = announced(here, b"zip,n,label\n0123,1.50,p\n12345678901234567890,2,q\n1e3,3,p\n,4,q\n")
    landed(here.platform, key)
    assert here.ok("GET", path)["version"] == 2
    table = read_table(here.platform.workspace("default"), versions(here)[1])
    assert table["zip"].levels == ("0123", "12345678901234567890", "1e3")  # type: ignore[union-attr]
    assert table["zip"].missing.tolist() == [False, False, False, True]
    assert table["n"].values.tolist() == [1.5, 2.0, 3.0, 4.0]  # type: ignore[union-attr]


def test_two_uploads_at_once_become_versions_one_and_two(here: World) -> None:
    rows = 2_000
    files = [two_classes(rows, seed=seed) for seed in range(2)]
    keys = [announced(here, csv) for csv in files]
    together([partial(landed, here.again().platform, key) for _, key in keys])
    views = [here.ok("GET", path) for path, _ in keys]
    assert sorted(view["version"] for view in views) == [1, 2]
    for csv, view in zip(files, views, strict=True):
        table = read_table(here.platform.workspace("default"), versions(here)[view["version"] - 1])
        assert table == parse_csv(csv)
    consistent(here)


def test_many_uploads_at_once_all_become_versions(here: World) -> None:
    keys = [announced(here, two_classes(20, seed=seed))[1] for seed in range(6)]
    together([partial(landed, here.again().platform, key) for key in keys])
    assert len(versions(here)) == 6
    consistent(here)


def interrupted(inner: Records, between: Callable[[], object]) -> WatchedRecords:
    """Records in which something happens before the first write that makes a dataset version."""
    return WatchedRecords(inner, before=once(between, lambda call: call.writes_to("dataset_versions")))


def test_a_table_that_another_upload_came_before_is_made_anew(here: World) -> None:
    """By itself the column would hold numbers; the version that came first says text. The table must follow."""
    first = csv_of({"zip": ["A-1", "2"], "label": ["p", "q"]})
    second = csv_of({"zip": [1010, 2020], "label": ["p", "q"]})
    late, early = announced(here, second), announced(here, first)
    records = interrupted(here.platform.records, lambda: landed(here.platform, early[1]))
    landed(here.again(records=records).platform, late[1])
    assert [here.ok("GET", path)["version"] for path, _ in (early, late)] == [1, 2]
    column = read_table(here.platform.workspace("default"), versions(here)[1])["zip"]
    assert (column.kind, column.levels) == ("category", ("1010", "2020"))  # type: ignore[union-attr]
    consistent(here)


def test_a_table_that_was_written_in_vain_goes(here: World) -> None:
    """The same upload, settled by another delivery while this one was about to write."""
    for csv in (CSV, b"a,label\n1,x\n"):
        _, key = announced(here, csv)
        records = interrupted(here.platform.records, lambda key=key: landed(here.platform, key))
        landed(here.again(records=records).platform, key)
    consistent(here)
    assert len(versions(here)) == 1


def test_a_store_that_is_busy_rejects_nobodys_file(here: World) -> None:
    def busy() -> None:
        raise Unavailable("the record store is busy; try again")

    landed(here.platform, dropped(here, "first.csv", OTHER))
    path, key = announced(here, CSV)
    records = interrupted(here.platform.records, busy)
    with pytest.raises(Unavailable):
        landed(here.again(records=records).platform, key)

    def unreadable(call: Call) -> None:
        if call.name == "records.get" and "dataset_versions" in call.places[0]:
            busy()

    with pytest.raises(Unavailable):
        landed(here.again(records=WatchedRecords(here.platform.records, before=unreadable)).platform, key)
    assert here.ok("GET", path)["state"] == "waiting"
    landed(here.platform, key)
    assert here.ok("GET", path)["version"] == 2
    consistent(here)


def test_datasets_of_two_workspaces_do_not_meet(here: World) -> None:
    for workspace in ("default", "other"):
        here.platform.blobs.put(f"{workspace}/incoming/m/data.csv", CSV)
        landed(here.platform, f"{workspace}/incoming/m/data.csv")
        found = here.platform.workspace(workspace).get(DATASET_VERSIONS, "m", number(1))
        assert found is not None
        assert found.value.parts[0].file.key.startswith(f"{workspace}/tables/m/")


def test_a_pointer_to_a_settled_upload_goes_with_the_next_delivery(here: World) -> None:
    path, key = announced(here, CSV)
    landed(here.platform, key)
    upload = path.rpartition("/")[2]
    due = DueUpload("default", "m", upload, here.clock())
    here.platform.system.write(
        here.platform.system.put(DUE_UPLOADS, f"default:m:{upload}", value=due, expect=0)
    )
    landed(here.again(settings=Settings()).platform, key)
    consistent(here)
