"""The watched stores themselves: a test that trusts them must be able to."""

import pytest

from functions.storage import BlobMissing, Check, Lost, Put
from tests.support.stores import Store
from tests.support.watched import Call, WatchedBlobs, WatchedRecords, once


def test_each_call_is_told_before_and_after_and_one_that_fails_only_before(disk: Store) -> None:
    told: list[tuple[str, str, list[str]]] = []

    def before(call: Call) -> None:
        told.append(("before", call.name, call.places))

    def after(call: Call) -> None:
        told.append(("after", call.name, call.places))

    records = WatchedRecords(disk.records, before=before, after=after)
    blobs = WatchedBlobs(disk.blobs, before=before, after=after)
    records.write([Put("p", "k", b"", 0), Check("q", "k", 0)])
    assert blobs.keys("w/") == []
    with pytest.raises(Lost):
        records.write([Put("p", "k", b"", 0)])
    with pytest.raises(BlobMissing):
        blobs.get("w/a")
    assert told == [
        ("before", "records.write", ["p", "q"]),
        ("after", "records.write", ["p", "q"]),
        ("before", "blobs.keys", ["w/"]),
        ("after", "blobs.keys", ["w/"]),
        ("before", "records.write", ["p"]),
        ("before", "blobs.get", ["w/a"]),
    ]


def test_what_is_to_happen_once_does_and_its_own_calls_are_not_its_cause(disk: Store) -> None:
    done: list[int] = []

    def write() -> None:
        done.append(len(done))
        records.write([Put("p", f"inner-{len(done)}", b"", 0)])

    records = WatchedRecords(disk.records, before=once(write, lambda call: call.writes_to("p")))
    records.get("p", "k")
    assert done == []
    for number in range(2):
        records.write([Put("p", f"outer-{number}", b"", 0)])
    assert done == [0]
    assert [record.key for record in disk.records.query("p")] == ["inner-1", "outer-0", "outer-1"]
