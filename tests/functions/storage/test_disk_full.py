"""A disk without room: a typed error with the reason, nothing half-written, and it goes on once there is room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.runs.record import find_run
from functions.storage import Put
from functions.storage.disk_folder import open_folder
from functions.system.sweep import sweep
from lepton_core.errors import StorageFull
from tests.support.runners import idle, inline
from tests.support.small_disk import SmallDisk, small_disk
from tests.support.stores import Store, disk_store
from tests.support.world import World, two_classes, world

ROOM = 4 << 20
LITTLE = 300_000
"""Room for many records, and not for one large model."""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small", ROOM) as made:
        yield made


@pytest.fixture
def store(small: SmallDisk) -> Iterator[Store]:
    with disk_store(small.path / "data") as made:
        yield made


def files(small: SmallDisk) -> list[str]:
    below = (small.path / "data" / "blobs").rglob("*")
    return sorted(path.relative_to(small.path).as_posix() for path in below)


@pytest.mark.parametrize("leave", [0, 100_000], ids=["no room at all", "room for a part of it"])
def test_a_blob_without_room_is_refused_and_leaves_nothing(
    store: Store, small: SmallDisk, leave: int
) -> None:
    store.blobs.put("w/before", b"kept")
    before = files(small)
    small.fill(leave)
    with pytest.raises(StorageFull, match="no room"):
        store.blobs.put("w/deep/er/after", bytes(200_000))
    assert files(small) == before
    assert store.blobs.size("w/deep/er/after") is None
    assert store.blobs.get("w/before") == b"kept"
    small.empty()
    store.blobs.put("w/deep/er/after", b"now")
    assert store.blobs.get("w/deep/er/after") == b"now"


def test_a_draft_without_room_is_refused_and_leaves_nothing(store: Store, small: SmallDisk) -> None:
    before = files(small)
    draft = store.blobs.draft()
    with pytest.raises(StorageFull, match="no room"):
        for _ in range(2 * ROOM // 100_000):
            draft.write(bytes(100_000))
    draft.drop()
    assert files(small) == before


def test_records_without_room_are_refused_all_or_none(store: Store, small: SmallDisk) -> None:
    store.records.write([Put("p", "before", b"kept", 0)])
    small.fill()
    for _ in range(3):
        with pytest.raises(StorageFull, match="no room"):
            store.records.write([Put("p", f"{n}", bytes(300_000), 0) for n in range(5)])
    assert [record.key for record in store.records.query("p")] == ["before"]
    small.empty()
    store.records.write([Put("p", "0", b"now", 0)])
    assert [record.key for record in store.records.query("p")] == ["0", "before"]


def test_a_commit_without_room_is_refused(store: Store, small: SmallDisk) -> None:
    # Small writes stay in SQLite's memory until the COMMIT, which then finds the disk full.
    written = 0
    small.fill(leave=50_000)
    with pytest.raises(StorageFull):
        while True:
            store.records.write([Put("p", f"{written:04}", bytes(1000), 0)])
            written += 1
    assert len(store.records.query("p", limit=1000)) == written
    small.empty()
    store.records.write([Put("p", f"{written:04}", b"now", 0)])


def test_a_folder_without_room_is_named_when_it_is_opened(small: SmallDisk) -> None:
    small.fill()
    with pytest.raises(StorageFull, match=str(small.path)):
        open_folder(small.path / "data")
    small.empty()
    opened = open_folder(small.path / "data")
    opened.records.write([Put("p", "k", b"", 0)])
    opened.records.close()


def test_an_error_of_the_disk_that_is_no_lack_of_room_is_unavailable(store: Store, small: SmallDisk) -> None:
    from lepton_core.errors import Unavailable

    store.blobs.put("w/before", b"kept")
    store.records.write([Put("p", "k", b"", 0)])
    store.records.close()
    small.make_read_only()
    for write in (
        lambda: store.blobs.put("w/after", b""),
        lambda: store.blobs.delete("w/before"),
        lambda: store.records.write([Put("p", "l", b"", 0)]),
    ):
        with pytest.raises(Unavailable) as refused:
            write()
        assert refused.value.code == "unavailable"
        assert str(small.path) not in refused.value.message
    assert store.blobs.get("w/before") == b"kept"


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    return made


def refused(asked: tuple[int, dict[str, dict[str, str]]]) -> None:
    status, answer = asked
    assert (status, answer["error"]["code"]) == (507, "storage_full"), answer
    assert "room" in answer["error"]["message"]


def test_an_upload_without_room_is_507_and_works_once_there_is_room(here: World, small: SmallDisk) -> None:
    csv = two_classes(2000)
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": len(csv)})
    path = f"/v1/datasets/m/upload/{announced['id']}"
    small.fill()
    refused(here.ask("PUT", path, csv))
    refused(here.ask("POST", "/v1/datasets/m/upload", {"size": 10}))
    small.empty()
    here.ok("PUT", path, csv)
    assert here.ok("GET", path)["state"] == "accepted"


def test_a_training_without_room_is_507_and_works_once_there_is_room(here: World, small: SmallDisk) -> None:
    here.upload(two_classes(200))
    small.fill()
    refused(here.ask("POST", "/v1/models/m/train", {"iterations": 5}))
    small.empty()
    run = here.ok("POST", "/v1/models/m/train", {"iterations": 5})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"


def test_a_run_under_way_waits_while_there_is_no_room_and_goes_on(store: Store, small: SmallDisk) -> None:
    """There is room for what the platform says of the run, and none for the model."""
    here = world(store, runner=idle)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "random_forest"})
    here.upload(two_classes(2000))
    run = here.ok("POST", "/v1/models/m/train", {"hyperparameters": {"min_samples_leaf": 1}})["id"]
    sweeper = here.again(runner=inline)
    small.fill(leave=LITTLE)
    for waits in (1, 2):
        sweep(sweeper.platform)
        left = find_run(here.platform.workspace("default"), run).value
        assert (left.state, left.waits, left.crashes, left.lease) == ("running", waits, 0, None)
        assert "no room" in here.ok("GET", f"/v1/runs/{run}")["note"]
        here.clock.forward(2.0**waits)
    small.empty()
    sweep(sweeper.platform)
    ended = here.ok("GET", f"/v1/runs/{run}")
    assert (ended["state"], ended["version"]) == ("succeeded", 1)
