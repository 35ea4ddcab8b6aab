"""Every sentence of `functions.storage.protocols` about records, over every store."""

from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.storage import MAX_RECORD_BYTES, MAX_WRITES, Check, Delete, Lost, Put, Record, Records, Write
from functions.storage.checks import MAX_KEY_BYTES, MAX_PARTITION_BYTES
from lepton_core.errors import InvalidInput, TooLarge
from tests.support.stores import Store

PARTITIONS = count()
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


def fresh() -> str:
    """A partition that no other example used."""
    return f"partition-{next(PARTITIONS)}"


def create(records: Records, partition: str, *keys: str) -> None:
    for key in keys:
        records.write([Put(partition, key, key.encode(), 0)])


def test_get_of_nothing(store: Store) -> None:
    assert store.records.get("p", "k") is None


def test_revisions_count_from_one(store: Store) -> None:
    for revision in range(5):
        store.records.write([Put("p", "k", b"body %d" % revision, revision)])
        assert store.records.get("p", "k") == Record("p", "k", revision + 1, b"body %d" % revision)


def test_partitions_and_keys_are_apart(store: Store) -> None:
    store.records.write([Put("p", "k", b"1", 0), Put("p", "l", b"2", 0), Put("pk", "k", b"3", 0)])
    assert store.records.get("p", "k") == Record("p", "k", 1, b"1")
    assert store.records.get("p", "l") == Record("p", "l", 1, b"2")
    assert store.records.get("pk", "k") == Record("pk", "k", 1, b"3")
    assert [record.key for record in store.records.query("p")] == ["k", "l"]


@pytest.mark.parametrize("body", [b"", b"\0\xff" * 10, b"x" * MAX_RECORD_BYTES])
def test_bodies_come_back(store: Store, body: bytes) -> None:
    store.records.write([Put("p", "k", body, 0)])
    assert store.records.get("p", "k") == Record("p", "k", 1, body)


@pytest.mark.parametrize("expect", [1, 2, 7])
@pytest.mark.parametrize("kind", [Put, Delete, Check])
def test_a_revision_of_nothing_is_lost(store: Store, kind: type, expect: int) -> None:
    write = Put("p", "k", b"x", expect) if kind is Put else kind("p", "k", expect)
    with pytest.raises(Lost) as lost:
        store.records.write([write])
    assert (lost.value.partition, lost.value.key) == ("p", "k")
    assert store.records.get("p", "k") is None


@pytest.mark.parametrize("expect", [0, 1, 3])
@pytest.mark.parametrize("kind", [Put, Delete, Check])
def test_another_revision_is_lost(store: Store, kind: type, expect: int) -> None:
    store.records.write([Put("p", "k", b"one", 0)])
    store.records.write([Put("p", "k", b"two", 1)])
    write = Put("p", "k", b"x", expect) if kind is Put else kind("p", "k", expect)
    with pytest.raises(Lost):
        store.records.write([write])
    assert store.records.get("p", "k") == Record("p", "k", 2, b"two")


def test_a_check_writes_nothing(store: Store) -> None:
    store.records.write([Put("p", "k", b"one", 0)])
    store.records.write([Check("p", "k", 1)])
    store.records.write([Check("p", "nothing", 0), Check("p", "k", 1)])
    assert store.records.query("p") == [Record("p", "k", 1, b"one")]


def test_a_deleted_record_starts_again_at_one(store: Store) -> None:
    store.records.write([Put("p", "k", b"one", 0)])
    store.records.write([Put("p", "k", b"two", 1)])
    store.records.write([Delete("p", "k", 2)])
    assert store.records.get("p", "k") is None
    store.records.write([Delete("p", "k", 0)])
    store.records.write([Put("p", "k", b"new", 0)])
    assert store.records.get("p", "k") == Record("p", "k", 1, b"new")


def test_a_transaction_writes_everything(store: Store) -> None:
    create(store.records, "p", "a", "b", "c")
    store.records.write(
        [
            Put("p", "a", b"A", 1),
            Delete("p", "b", 1),
            Check("p", "c", 1),
            Put("q", "d", b"D", 0),
            Check("q", "e", 0),
        ]
    )
    assert store.records.query("p") == [Record("p", "a", 2, b"A"), Record("p", "c", 1, b"c")]
    assert store.records.query("q") == [Record("q", "d", 1, b"D")]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("kind", [Put, Delete, Check])
def test_a_transaction_writes_nothing_if_one_condition_fails(store: Store, kind: type, place: int) -> None:
    create(store.records, "p", "a", "b", "c")
    before = store.records.query("p")
    wrong = Put("p", "wrong", b"x", 4) if kind is Put else kind("p", "wrong", 4)
    writes: list[Write] = [Put("p", "a", b"A", 1), Delete("p", "b", 1), Put("p", "d", b"D", 0)]
    with pytest.raises(Lost) as lost:
        store.records.write([*writes[:place], wrong, *writes[place:]])
    assert lost.value.key == "wrong"
    assert store.records.query("p") == before


def test_the_largest_transaction(store: Store) -> None:
    store.records.write([Put("p", f"{n:03}", b"x" * 30_000, 0) for n in range(MAX_WRITES)])
    assert len(store.records.query("p", limit=MAX_WRITES + 1)) == MAX_WRITES


def test_no_writes_are_fine(store: Store) -> None:
    store.records.write([])


LONG_KEY = "k" * MAX_KEY_BYTES
LONG_PARTITION = "é" * (MAX_PARTITION_BYTES // 2)


def test_the_longest_addresses(store: Store) -> None:
    create(store.records, LONG_PARTITION, LONG_KEY)
    assert store.records.get(LONG_PARTITION, LONG_KEY) is not None
    assert store.records.query(LONG_PARTITION, after=LONG_KEY) == []


@pytest.mark.parametrize(
    "wrong",
    [
        [Put("", "k", b"", 0)],
        [Put("p", "", b"", 0)],
        [Check("", "k", 0)],
        [Delete("p", "", 1)],
        [Put("p", "k", b"", -1)],
        [Put("p", LONG_KEY + "k", b"", 0)],
        [Put(LONG_PARTITION + "p", "k", b"", 0)],
        [Put("p", "\ud800", b"", 0)],
        [Put("p", "k", b"1", 0), Put("p", "k", b"2", 0)],
        [Put("p", "k", b"1", 0), Check("p", "k", 0)],
        [Delete("p", "k", 1), Put("p", "l", b"1", 0), Delete("p", "k", 1)],
        [Put("p", str(n), b"", 0) for n in range(MAX_WRITES + 1)],
    ],
    ids=str,
)
def test_wrong_addresses_write_nothing(store: Store, wrong: list[Put | Delete | Check]) -> None:
    with pytest.raises(ValueError, match=r"."):
        store.records.write([Put("p", "good", b"", 0), *wrong])
    assert store.records.query("p") == []


@pytest.mark.parametrize(
    "sizes", [[MAX_RECORD_BYTES + 1], [10, MAX_RECORD_BYTES + 1], [MAX_RECORD_BYTES] * 12]
)
def test_too_large_writes_nothing(store: Store, sizes: list[int]) -> None:
    with pytest.raises(TooLarge):
        store.records.write([Put("p", str(n), b"x" * size, 0) for n, size in enumerate(sizes)])
    assert store.records.query("p") == []


@pytest.mark.parametrize(("partition", "key"), [("", "k"), ("p", ""), ("p", LONG_KEY + "k")])
def test_reads_refuse_wrong_addresses(store: Store, partition: str, key: str) -> None:
    with pytest.raises(ValueError, match="not usable"):
        store.records.get(partition, key)


def test_queries_refuse_what_is_no_page_mark(store: Store) -> None:
    with pytest.raises(ValueError, match="not usable"):
        store.records.query("")
    for after in (LONG_KEY + "k", "\ud800"):
        with pytest.raises(InvalidInput) as error:
            store.records.query("p", after=after)
        assert error.value.field == "after"


@settings(max_examples=25)
@example(keys={"a", "a-b", "a/b", "a.b", "A", "é", "z", "\U0001f600", "\uffff", "a\0", "\0"}, limit=3)
@given(keys=st.sets(KEYS, max_size=8), limit=st.integers(1, 9))
def test_pages_are_in_byte_order(store: Store, keys: set[str], limit: int) -> None:
    partition = fresh()
    if keys:
        store.records.write([Put(partition, key, b"", 0) for key in keys])
    ordered = sorted(keys, key=str.encode)
    for reverse in (False, True):
        expected = ordered[::-1] if reverse else ordered
        pages: list[str] = []
        after = ""
        while page := store.records.query(partition, after=after, limit=limit, reverse=reverse):
            assert len(page) == min(limit, len(expected) - len(pages))
            pages += [record.key for record in page]
            after = pages[-1]
        assert pages == expected


@settings(max_examples=25)
@given(keys=st.sets(KEYS, max_size=6), after=KEYS)
def test_after_need_not_be_a_key(store: Store, keys: set[str], after: str) -> None:
    partition = fresh()
    if keys:
        store.records.write([Put(partition, key, b"", 0) for key in keys])
    ordered = sorted(keys, key=str.encode)
    mark = after.encode()
    up = [record.key for record in store.records.query(partition, after=after)]
    down = [record.key for record in store.records.query(partition, after=after, reverse=True)]
    assert up == [key for key in ordered if key.encode() > mark]
    assert down == [key for key in ordered[::-1] if key.encode() < mark]


@pytest.mark.parametrize("limit", [0, -1])
def test_no_records_for_no_limit(store: Store, limit: int) -> None:
    create(store.records, "p", "a")
    assert store.records.query("p", limit=limit) == []


def test_a_page_may_be_larger_than_one_answer_of_the_service(store: Store) -> None:
    keys = [f"{n:02}" for n in range(12)]
    for key in keys:
        store.records.write([Put("p", key, b"x" * 300_000, 0)])
    assert [record.key for record in store.records.query("p", limit=11)] == keys[:11]
    assert [record.key for record in store.records.query("p", limit=20, reverse=True)] == keys[::-1]


WRITE = st.tuples(st.sampled_from([Put, Delete, Check]), st.sampled_from("abc"), st.integers(0, 3))


@settings(max_examples=40)
@given(steps=st.lists(st.lists(WRITE, min_size=1, max_size=3, unique_by=lambda w: w[1]), max_size=8))
def test_any_history_is_that_of_a_dictionary(store: Store, steps: list[list[tuple[type, str, int]]]) -> None:
    partition = fresh()
    model: dict[str, tuple[int, bytes]] = {}
    for number, step in enumerate(steps):
        body = b"%d" % number
        writes = [
            Put(partition, key, body, expect) if kind is Put else kind(partition, key, expect)
            for kind, key, expect in step
        ]
        if all(model.get(key, (0, b""))[0] == expect for _, key, expect in step):
            store.records.write(writes)
            for kind, key, expect in step:
                if kind is Put:
                    model[key] = (expect + 1, body)
                elif kind is Delete:
                    model.pop(key, None)
        else:
            with pytest.raises(Lost) as lost:
                store.records.write(writes)
            assert any(
                model.get(key, (0, b""))[0] != expect and key == lost.value.key for _, key, expect in step
            )
        found = {record.key: (record.revision, record.body) for record in store.records.query(partition)}
        assert found == model
