"""The report of each version is kept beside it, and says what changed since the newest one that is not held."""

import numpy as np
import pytest

from functions.datasets.reports import read
from functions.records.kinds import DATASET_VERSIONS, number
from lepton_core.errors import Damaged, NotFound
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def leaking(rows: int, seed: int = 0) -> bytes:
    rng = np.random.default_rng(seed)
    a, paid = rng.normal(size=rows).round(3), rng.integers(0, 2, rows)
    names = np.array(["no", "yes"])
    return csv_of({"a": a, "refund": paid * 3, "paid": names[paid]})


def test_a_version_has_its_report(here: World) -> None:
    here.upload(leaking(200), label="paid")
    report = here.ok("GET", "/v1/datasets/m/versions/1/report")
    assert (report["format"], report["rows"], report["label"]["name"]) == (1, 200, "paid")
    assert [column["name"] for column in report["columns"]] == ["a", "refund", "paid"]
    [leak] = [one for one in report["findings"] if one["code"] == "leak"]
    assert (leak["column"], leak["level"]) == ("refund", "warning")
    assert leak["remedy"] == "Data.from_csv(path, label='paid', exclude=['refund'])"
    assert leak["request"] == {"route": "upload", "body": {"label": "paid", "exclude": ["refund"]}}
    assert report["changes"] is None


def test_a_later_version_says_what_changed_and_keeps_what_was_said(here: World) -> None:
    here.upload(two_classes(200))
    here.upload(two_classes(300, seed=1))
    changes = here.ok("GET", "/v1/datasets/m/versions/2/report")["changes"]
    assert (changes["since"], changes["added"], changes["removed"]) == (1, [], [])
    assert {drift["name"] for drift in changes["drift"]} == {"a", "b"}
    assert not any(drift["drifted"] for drift in changes["drift"])


def test_rows_that_were_set_aside_are_in_the_report_with_their_place(here: World) -> None:
    lines = two_classes(400).decode().splitlines()
    lines[5] = "1,2,3,4,5"
    here.upload("\n".join(lines).encode())
    report = here.ok("GET", "/v1/datasets/m/versions/1/report")
    assert report["set_aside_count"] == 1
    [row] = report["set_aside"]
    assert (row["line"], row["text"].strip()) == (6, "1,2,3,4,5")


def test_there_is_no_report_of_what_is_not_there(here: World) -> None:
    assert here.refused("GET", "/v1/datasets/m/versions/1/report")["status"] == 404
    here.upload(two_classes(40))
    assert here.refused("GET", "/v1/datasets/m/versions/2/report")["status"] == 404


def test_a_report_that_is_damaged_is_said_to_be_and_stops_no_upload(here: World) -> None:
    here.upload(two_classes(40))
    store = here.platform.workspace("default")
    version = store.get(DATASET_VERSIONS, "m", number(1))
    assert version is not None
    assert version.value.report is not None
    store.blobs.delete(version.value.report.key)
    with pytest.raises(Damaged, match="the report of version 1 of dataset 'm' is gone"):
        read(store, version.value)
    assert here.upload(two_classes(60, seed=1))["version"] == 2
    assert here.ok("GET", "/v1/datasets/m/versions/2/report")["changes"] is None


def test_a_version_of_before_there_were_reports_has_none(here: World) -> None:
    here.upload(two_classes(40))
    store = here.platform.workspace("default")
    version = store.get(DATASET_VERSIONS, "m", number(1))
    assert version is not None
    from msgspec.structs import replace

    with pytest.raises(NotFound, match="uploaded before there were reports"):
        read(store, replace(version.value, report=None))


def test_rows_without_a_label_are_set_aside_with_their_line_and_refuse_no_file(here: World) -> None:
    lines = two_classes(400).decode().splitlines()
    for at in range(1, 200):
        lines[at] = lines[at].rpartition(",")[0] + ","
    assert here.upload("\n".join(lines).encode())["state"] == "accepted"
    report = here.ok("GET", "/v1/datasets/m/versions/1/report")
    assert (report["rows"], report["unlabelled"], report["set_aside_count"]) == (201, 199, 199)
    assert [row["line"] for row in report["set_aside"]] == [*range(2, 102)]
    label = report["label"]["name"]
    assert {(row["column"], row["reason"], row["text"]) for row in report["set_aside"]} == {
        (label, "it has no label", "")
    }
    assert not [one for one in report["findings"] if one["code"] == "set_aside"]
