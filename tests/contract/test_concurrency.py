"""Several threads on one store: conditions have one winner, nothing is lost or seen half-done."""

from functools import partial

import pytest

from functions.storage import BlobExists, Check, Delete, Lost, Put, Write
from tests.support.stores import Store
from tests.support.threads import together

THREADS = 6
ROUNDS = 8


def wins(store: Store, *writes: Write) -> bool:
    try:
        store.records.write(writes)
    except Lost:
        return False
    return True


def test_one_thread_creates(store: Store) -> None:
    for number in range(ROUNDS):
        key = f"{number}"
        jobs = [partial(wins, store, Put("p", key, b"%d" % thread, 0)) for thread in range(THREADS)]
        won = together(jobs)
        assert sum(won) == 1
        record = store.records.get("p", key)
        assert record is not None
        assert (record.revision, record.body) == (1, b"%d" % won.index(True))


def test_one_transaction_wins(store: Store) -> None:
    for number in range(ROUNDS):
        jobs = []
        for thread in range(THREADS):
            own = f"{number}-{thread}"
            first, second = (f"{number}-a", f"{number}-b")[:: 1 if thread % 2 else -1]
            body = own.encode()
            jobs.append(
                partial(
                    wins, store, Put("p", own, body, 0), Put("p", first, body, 0), Put("p", second, body, 0)
                )
            )
        won = together(jobs)
        assert sum(won) == 1
        winner = f"{number}-{won.index(True)}"
        found = {record.key: record.body for record in store.records.query("p", after=f"{number}-", limit=4)}
        assert {key for key in found if key.startswith(f"{number}-")} == {
            winner,
            f"{number}-a",
            f"{number}-b",
        }
        assert set(found.values()) == {winner.encode()}


def test_one_thread_deletes(store: Store) -> None:
    for number in range(ROUNDS):
        key = f"{number}"
        store.records.write([Put("p", key, b"", 0)])
        assert sum(together([partial(wins, store, Delete("p", key, 1))] * THREADS)) == 1
        assert store.records.get("p", key) is None


@pytest.mark.parametrize("transaction", [False, True], ids=["single", "transaction"])
def test_a_counter_ends_exact(store: Store, transaction: bool) -> None:
    each = 15

    def count(thread: int) -> None:
        done = 0
        while done < each:
            record = store.records.get("p", "counter")
            value, revision = (int(record.body), record.revision) if record else (0, 0)
            writes: list[Write] = [Put("p", "counter", b"%d" % (value + 1), revision)]
            if transaction:
                writes.append(Put("log", f"{value + 1:04}", b"%d" % thread, 0))
            done += wins(store, *writes)

    together([partial(count, thread) for thread in range(THREADS)])
    record = store.records.get("p", "counter")
    assert record is not None
    assert (int(record.body), record.revision) == (THREADS * each, THREADS * each)
    if transaction:
        assert len(store.records.query("log", limit=1000)) == THREADS * each


def test_money_moves_and_none_is_made(store: Store) -> None:
    accounts = ["a", "b", "c"]
    store.records.write([Put("p", name, b"100", 0) for name in accounts])

    def move(thread: int) -> None:
        for step in range(12):
            source, target = accounts[(thread + step) % 3], accounts[(thread + 2 * step + 1) % 3]
            if source == target:
                continue
            one, two = store.records.get("p", source), store.records.get("p", target)
            assert one is not None
            assert two is not None
            wins(
                store,
                Put("p", source, b"%d" % (int(one.body) - 1), one.revision),
                Put("p", target, b"%d" % (int(two.body) + 1), two.revision),
                Check("q", "frozen", 0),
            )

    together([partial(move, thread) for thread in range(THREADS)])
    assert sum(int(record.body) for record in store.records.query("p")) == 300


def test_one_thread_puts_a_blob(store: Store) -> None:
    def puts(key: str, data: bytes) -> bool:
        try:
            store.blobs.put(key, data)
        except BlobExists:
            return False
        return True

    for number in range(ROUNDS):
        key = f"w/{number}/blob"
        won = together([partial(puts, key, b"%d" % thread * 5000) for thread in range(THREADS)])
        assert sum(won) == 1
        assert store.blobs.get(key) == b"%d" % won.index(True) * 5000


def test_nobody_sees_a_part_of_a_blob(store: Store) -> None:
    data = bytes(8_000_000)

    def put() -> set[int | None]:
        store.blobs.put("w/a", data)
        return {len(data)}

    def look() -> set[int | None]:
        seen: set[int | None] = set()
        while len(data) not in seen:
            listed = store.blobs.keys("w/")
            seen.add(store.blobs.size("w/a"))
            if listed:
                seen.add(len(store.blobs.get("w/a")))
        return seen - {None}

    assert together([put, look, look]) == [{len(data)}] * 3


def test_blobs_come_while_neighbours_go(store: Store) -> None:
    # On the disk the folder itself disappears with the last blob in it.
    def come_and_go(thread: int) -> None:
        for step in range(15):
            key = f"w/folder/deep/{thread}-{step}"
            store.blobs.put(key, b"x")
            assert key in store.blobs.keys("w/folder/")
            store.blobs.delete(key)

    together([partial(come_and_go, thread) for thread in range(4)])
    assert store.blobs.keys("") == []
