"""What every whole store promises: a snapshot that is of one moment, a load that changes nothing the second time."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.storage import Lost, Put
from functions.storage.whole import WholeStore
from lepton_core.errors import Unavailable
from tests.support.moto_aws import MotoAws
from tests.support.whole_stores import held, record, whole_on_aws, whole_on_disk


@pytest.fixture(params=["disk", "aws"])
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WholeStore]:
    if request.param == "aws":
        yield whole_on_aws(request.getfixturevalue("aws"))
    else:
        with whole_on_disk(tmp_path / "store") as store:
            yield store


def put(store: WholeStore, *places: tuple[str, str], body: bytes = b"{}", expect: int = 0) -> None:
    store.records.write([Put(partition, key, body, expect) for partition, key in places])


def test_a_snapshot_has_every_record_in_order_with_its_revision(whole: WholeStore) -> None:
    places = [("b/x", "2"), ("b/x", "1"), ("a/x", "é"), ("a/x", "z"), ("a-b/x", "1")]
    put(whole, *places)
    put(whole, ("b/x", "2"), body=b"\xff\x00", expect=1)
    found = list(whole.whole.snapshot())
    assert [(one.partition, one.key) for one in found] == sorted(places)
    assert {(one.key, one.revision, one.body) for one in found if one.partition == "b/x"} == {
        ("1", 1, b"{}"),
        ("2", 2, b"\xff\x00"),
    }
    assert sorted(map(str, whole.whole.all())) == sorted(map(str, found))


def test_more_records_than_one_page_are_read_and_written(whole: WholeStore) -> None:
    many = [record("a/x", f"{at:05d}", 3, b'"%s"' % (b"x" * 3_000)) for at in range(800)]
    whole.whole.load(many)
    assert list(whole.whole.snapshot()) == many


def test_what_is_loaded_has_the_revision_that_it_had(whole: WholeStore) -> None:
    whole.whole.load([record("a/x", "1", 7, b'{"a":1}')])
    assert whole.records.get("a/x", "1") == record("a/x", "1", 7, b'{"a":1}')
    with pytest.raises(Lost):
        put(whole, ("a/x", "1"), expect=1)
    put(whole, ("a/x", "1"), body=b"[]", expect=7)
    whole.whole.load([record("a/x", "1", 7, b'{"a":1}'), record("a/x", "2")])
    assert whole.records.get("a/x", "1") == record("a/x", "1", 8, b"[]"), "what is newer stays"
    assert whole.records.get("a/x", "2") == record("a/x", "2")


def test_a_load_refuses_an_older_record_that_is_in_its_way(whole: WholeStore) -> None:
    put(whole, ("a/x", "1"))
    with pytest.raises(Lost):
        whole.whole.load([record("a/x", "1", 2)])
    assert whole.records.get("a/x", "1") == record("a/x", "1")


def test_files_are_told_with_their_sizes_in_order(whole: WholeStore) -> None:
    for key in ("a/b/2", "a/b/1", "a-b/1", "a/b.c"):
        whole.blobs.put(key, key.encode() * 3)
    found = list(whole.whole.files())
    assert found == [(key, 3 * len(key)) for key in sorted(key for key, _ in found)]
    assert len(found) == 4
    assert held(whole)["files"]["a/b.c"] == b"a/b.c" * 3


MOVED = [("a/x", "1"), ("z/x", "1")]
"""Two records, one of which holds 1 and the other 0: each transaction changes that."""


def move(store: WholeStore, times: int) -> None:
    for _ in range(times):
        now = [one for one in (store.records.get(*place) for place in MOVED) if one is not None]
        moved = [Put(one.partition, one.key, b"1" if one.body == b"0" else b"0", one.revision) for one in now]
        store.records.write(moved)


def test_no_snapshot_sees_half_of_a_transaction(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        put(store, MOVED[0], body=b"0")
        put(store, MOVED[1], body=b"1")
        mover = threading.Thread(target=move, args=(store, 200))
        mover.start()
        sums = list[int]()
        while mover.is_alive():
            sums.append(sum(int(one.body) for one in store.whole.snapshot()))
        mover.join()
    assert set(sums) == {1}


def scans(aws: MotoAws, what: Any) -> list[int]:
    """Have ``what`` done between the first item and the second one of a scan, with the number of the scan."""
    counted = list[int]()

    def seen(name: str, params: dict[str, Any]) -> None:
        if name == "Scan":
            params["Limit"] = 1
            if "ExclusiveStartKey" not in params:
                counted.append(1)
            elif params["ExclusiveStartKey"]["pk"]["S"] == MOVED[0][0]:
                what(len(counted))

    aws.watch(seen)
    return counted


def test_a_table_is_read_until_two_readings_agree(aws: MotoAws) -> None:
    store = whole_on_aws(aws)
    put(store, MOVED[0], body=b"0")
    put(store, MOVED[1], body=b"1")
    torn = list[int]()
    counted = scans(aws, lambda scan: move(store, 1) if scan <= 3 else None)
    torn.append(sum(int(one.body) for one in store.whole.all()))
    found = list(store.whole.snapshot())
    assert torn == [0], "one scan alone does see half of it"
    assert sum(int(one.body) for one in found) == 1
    assert len(counted) == 5, "the scan by itself, two that were torn, and two that agree"


def test_records_that_are_written_alone_hold_up_no_snapshot(aws: MotoAws) -> None:
    store = whole_on_aws(aws)
    window = ("default/windows/m", "2026-01-01T00:0000000001:host")
    put(store, window, ("z/x", "1"))
    written = list[int]()

    def write(scan: int) -> None:
        written.append(scan)
        put(store, window, expect=len(written))

    def seen(name: str, params: dict[str, Any]) -> None:
        if name == "Scan":
            write(1)

    aws.watch(seen)
    assert len(list(store.whole.snapshot())) == 2
    assert len(written) == 2


def test_a_table_that_never_rests_is_refused_with_a_way_out(aws: MotoAws) -> None:
    store = whole_on_aws(aws)
    put(store, MOVED[0], body=b"0")
    put(store, MOVED[1], body=b"1")
    scans(aws, lambda scan: move(store, 1))
    with pytest.raises(Unavailable, match="restore-table-to-point-in-time"):
        store.whole.snapshot()
