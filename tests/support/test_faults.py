"""The fault wrappers themselves: a test that trusts them must be able to."""

from collections import Counter

import pytest

from functions.storage import BlobMissing, Check, Put
from tests.support.faults import (
    CountingBlobs,
    CountingRecords,
    FaultyBlobs,
    FaultyRecords,
    Killed,
    KillSwitch,
    kill_points,
)
from tests.support.stores import Store


def write(records: FaultyRecords, blobs: FaultyBlobs) -> None:
    blobs.put("w/a", b"1")
    records.get("p", "k")
    records.write([Put("p", "k", b"1", 0), Check("p", "l", 0)])
    blobs.keys("")
    blobs.delete("w/a")


def test_writes_are_counted_and_nothing_else(disk: Store) -> None:
    kill = KillSwitch()
    write(FaultyRecords(disk.records, kill), FaultyBlobs(disk.blobs, kill))
    assert kill.log == ["blobs.put w/a", "records.write Put(p k) Check(p l)", "blobs.delete w/a"]
    assert kill.count == 3


@pytest.mark.parametrize(("number", "when"), kill_points(3))
def test_killed_at_every_write(store: Store, number: int, when: str) -> None:
    kill = KillSwitch(number, when)  # type: ignore[arg-type]
    records, blobs = FaultyRecords(store.records, kill), FaultyBlobs(store.blobs, kill)
    with pytest.raises(Killed):
        write(records, blobs)
    happened = number - (when == "before")
    assert kill.count == number
    assert (store.blobs.size("w/a") is not None) == (happened in (1, 2))
    assert (store.records.get("p", "k") is not None) == (happened >= 2)
    for call in (
        lambda: records.get("p", "k"),
        lambda: records.query("p"),
        lambda: records.write([]),
        lambda: blobs.put("w/b", b""),
        lambda: blobs.get("w/a"),
        lambda: blobs.size("w/a"),
        lambda: blobs.keys(""),
        lambda: blobs.delete("w/a"),
        lambda: blobs.upload_url("w/a", size=1, seconds=1),
        lambda: blobs.download_url("w/a", name="a", seconds=1),
    ):
        with pytest.raises(Killed):
            call()
    assert kill.count == number


def test_a_write_that_fails_by_itself_still_counts(disk: Store) -> None:
    kill = KillSwitch(2, "after")
    records = FaultyRecords(disk.records, kill)
    records.write([Put("p", "k", b"", 0)])
    with pytest.raises(Killed):
        records.write([Put("p", "k", b"", 0)])


def test_every_call_is_counted(disk: Store) -> None:
    calls: Counter[str] = Counter()
    records, blobs = CountingRecords(disk.records, calls), CountingBlobs(disk.blobs, calls)
    records.write([Put("p", "k", b"", 0)])
    records.get("p", "k")
    records.query("p")
    blobs.put("w/a", b"")
    blobs.get("w/a")
    blobs.size("w/a")
    blobs.keys("")
    blobs.upload_url("w/a", size=1, seconds=1)
    blobs.delete("w/a")
    with pytest.raises(BlobMissing):
        blobs.get("w/a")
    assert calls.total() == 10
    assert calls["blobs.get"] == 2
