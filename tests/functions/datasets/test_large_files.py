"""A file that is read some of it at a time becomes the version that it becomes when it is read at once."""

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from functions.datasets.large_files import unpacks_to_large
from functions.datasets.parts import read_rows
from functions.records.find import dataset_version
from functions.settings import Settings
from lepton_core.table.files.lines import LINE_LETTERS
from tests.lepton_core.table.files.bad.made import zipped
from tests.support.moto_aws import MotoAws
from tests.support.stores import Store, aws_store, disk_store
from tests.support.watched import WatchedBlobs
from tests.support.world import World, world


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with disk_store(tmp_path / "store") as store:
        yield store


@pytest.fixture
def here(store: Store) -> World:
    return world(store, settings=Settings(large_file_bytes=10_000))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    with disk_store(tmp_path / "small") as store:
        yield world(store)


def table(rows: int, seed: int = 0) -> bytes:
    deal = np.random.default_rng(seed)
    lines = [
        f"{deal.normal():.4f},{deal.integers(9999)},{deal.choice(['Bonn', 'Ulm', ''])},{'yn'[deal.integers(2)]}"
        for _ in range(rows)
    ]
    return ("age,points,town,label\n" + "\n".join([*lines, *lines[:50]])).encode()


def test_it_is_the_same_version(here: World, small: World) -> None:
    data = table(3000)
    for one in (here, small):
        assert one.upload(data)["state"] == "accepted"
    found = [one.ok("GET", "/v1/datasets/m/versions/1") for one in (here, small)]
    for one in found:
        del one["created"], one["upload"]
        for column in one["columns"]:
            for figure in ("mean", "std"):
                column[figure] = column[figure] and pytest.approx(column[figure])
    assert found[0] == found[1]
    reports = [one.ok("GET", "/v1/datasets/m/versions/1/report") for one in (here, small)]
    assert reports[0]["rows"] == reports[1]["rows"] == 3050
    assert reports[0]["findings"] == reports[1]["findings"]
    rows = [
        read_rows(store, dataset_version(store, "m", 1).value)
        for store in (one.platform.workspace("default") for one in (here, small))
    ]
    assert rows[0].table == rows[1].table
    assert (rows[0].keys == rows[1].keys).all()


def test_the_same_file_again_is_no_news_and_another_one_leaves_no_file_behind(
    here: World, store: Store
) -> None:
    here.upload(table(3000))
    before = store.blobs.keys("default/tables/")
    assert here.upload(table(3000))["version"] == 1
    assert store.blobs.keys("default/tables/") == before
    refused = here.upload(b"age,points,label\n" + b"1,2,y\n" * 3000)
    assert (refused["state"], refused["error"]["column"]) == ("rejected", "town")
    assert store.blobs.keys("default/tables/") == before
    assert here.upload(table(3000, seed=1))["version"] == 2


def test_a_model_learns_from_it(here: World) -> None:
    assert here.trained(table(3000))["state"] == "succeeded"


def test_from_s3_it_is_read_in_ranges_and_never_as_a_whole(aws: MotoAws) -> None:
    store = aws_store(aws)
    asked: list[tuple[str, str]] = []
    blobs = WatchedBlobs(store.blobs, before=lambda call: asked.append((call.name, str(call.arguments[:1]))))
    here = world(store, blobs=blobs, settings=Settings(large_file_bytes=10_000))
    data = table(3000)
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": len(data), "label": "label"})
    key = f"default/incoming/m/{announced['id']}"
    store.blobs.put(key, data)
    here.event("upload_landed", {"object": {"key": key}})
    assert here.ok("GET", f"/v1/datasets/m/upload/{announced['id']}")["version"] == 1
    of_file = {name for name, arguments in asked if key in arguments}
    assert "blobs.read" in of_file
    assert "blobs.get" not in of_file


def test_a_file_in_s3_that_is_larger_than_was_announced_is_rejected_with_the_limit_and_never_read(
    aws: MotoAws,
) -> None:
    store = aws_store(aws)
    asked: list[tuple[str, str]] = []
    blobs = WatchedBlobs(store.blobs, before=lambda call: asked.append((call.name, str(call.arguments[:1]))))
    here = world(store, blobs=blobs, settings=Settings(max_upload_bytes=10_000))
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": 9000})
    key = f"default/incoming/m/{announced['id']}"
    store.blobs.put(key, table(3000))
    for _ in range(2):
        here.event("upload_landed", {"object": {"key": key}})
    upload = here.ok("GET", f"/v1/datasets/m/upload/{announced['id']}")
    assert (upload["state"], upload["error"]["code"]) == ("rejected", "too_large")
    assert upload["error"]["message"] == f"the file has {len(table(3000))} bytes; the most is 10000"
    assert not {name for name, arguments in asked if key in arguments} & {"blobs.get", "blobs.read"}


def test_the_same_event_twice_gives_one_version(aws: MotoAws) -> None:
    here = world(aws_store(aws), settings=Settings(large_file_bytes=10_000))
    key = "default/incoming/m/dropped.csv"
    here.platform.blobs.put(key, table(3000))
    here.event("upload_landed", {"object": {"key": key}})
    files = here.platform.blobs.keys("default/tables/")
    here.event("upload_landed", {"object": {"key": key}})
    assert len(here.ok("GET", "/v1/datasets/m/versions")["items"]) == 1
    assert here.platform.blobs.keys("default/tables/") == files


def test_a_file_that_is_too_large_is_refused_when_it_is_announced(here: World) -> None:
    little = here.again(settings=Settings(max_upload_bytes=1000))
    refused = little.refused("POST", "/v1/datasets/m/upload", {"size": 1001})
    assert (refused["status"], refused["message"]) == (413, "the file has 1001 bytes; the most is 1000")


@pytest.mark.lengthy
@pytest.mark.slow
@pytest.mark.parametrize("at_once", [True, False])
def test_a_category_may_have_three_hundred_thousand_levels(store: Store, at_once: bool) -> None:
    rows = "".join(f"person number {i},{i % 7},{'yn'[i % 2]}\n" for i in range(300_000))
    data = f"name,points,label\n{rows}".encode()
    here = world(store, settings=Settings(large_file_bytes=10**12 if at_once else 10_000))
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    announced = here.ok(
        "POST", "/v1/datasets/m/upload", {"size": len(data), "label": "label", "kinds": {"name": "category"}}
    )
    upload = here.ok("PUT", announced["url"], data)
    assert upload["state"] == "accepted", upload
    assert here.ok("GET", "/v1/datasets/m/versions/1")["columns"][0]["distinct"] == 300_000
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 3})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"


def test_its_report_counts_what_that_of_a_file_read_at_once_counts(here: World, small: World) -> None:
    lines = table(60_000).decode().splitlines()
    for at in range(1, len(lines)):
        age, _, town, label = lines[at].split(",")
        age = "k. A." if at % 12 == 0 else f"see {at % 300}" if at % 250 == 7 else age
        label = "" if at % 8 == 5 else label
        lines[at] = f"{age},{at % 24},{town},{label}"
    data = "\n".join(lines).encode()
    for one in (here, small):
        assert one.upload(data)["state"] == "accepted"
    cut, whole = (one.ok("GET", "/v1/datasets/m/versions/1/report") for one in (here, small))
    for name in ("rows", "unlabelled", "set_aside", "set_aside_count", "format"):
        assert cut[name] == whole[name]
    assert cut["label"]["classes"] == whole["label"]["classes"]
    assert cut["label"]["rows"] == whole["rows"] == sum(one["rows"] for one in whole["label"]["classes"])
    for one, other in zip(cut["columns"], whole["columns"], strict=True):
        assert (one["kind"], one["distinct"] == other["distinct"] or one["kind"] == "number") == (
            other["kind"],
            True,
        )
        assert one["misfits"] == other["misfits"]
    said = [
        [one["message"] for one in report["findings"] if one["code"] in ("mixed", "doubt", "no_label")]
        for report in (cut, whole)
    ]
    assert said[0] == said[1]
    cells = sum(at % 12 == 0 or at % 250 == 7 for at in range(1, len(lines)))
    assert any(one.startswith(f"{cells} cells of 'age'") for one in said[0])
    text = data.decode().splitlines()
    for row in cut["set_aside"]:
        assert text[row["line"] - 1].endswith(",")


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda data: zipped(a=data),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_packed_file_is_as_large_as_what_is_in_it(here: World, packing: str) -> None:
    data = PACKINGS[packing](b"a,b\n" + b"1,n\n2,y\n" * 2000)
    assert len(data) < 1000
    assert unpacks_to_large(data, 10_000)
    assert here.upload(data)["state"] == "accepted"
    assert here.ok("GET", "/v1/datasets/m/versions/1")["rows"] == 4000


def test_packed_json_is_read_as_json_however_large_it_is(here: World) -> None:
    assert (
        here.upload(gzip.compress(b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n' * 2000))["state"] == "accepted"
    )
    columns = here.ok("GET", "/v1/datasets/m/versions/1")["columns"]
    assert [one["name"] for one in columns] == ["a", "b"]


def test_what_a_packed_file_unpacks_to_counts_for_the_memory(tmp_path: Path) -> None:
    with disk_store(tmp_path / "tight") as store:
        tight = world(store, settings=Settings(memory_bytes=100_000))
        refused = tight.upload(gzip.compress(b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n' * 2000))
    assert refused["error"]["code"] == "too_large"
    assert "unpacks to more than 5882 bytes" in refused["error"]["message"]


def test_a_window_of_the_header_alone_is_followed_by_rows(here: World) -> None:
    data = b"a,b\n" + b"x" * (LINE_LETTERS + 1) + b",1\n" + b"2,3\n4,4\n" * 3000
    assert here.upload(data)["state"] == "accepted"
    assert here.ok("GET", "/v1/datasets/m/versions/1")["rows"] == 6000
