"""A backup of a store that is in use: nothing that a record names is missing, and only what is new is copied."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.backup.fill import fill
from functions.backup.folder import CONTENTS, BackupFolder
from functions.backup.form import read_files
from functions.backup.take import TakenBackup, take
from functions.backup.verify import verify
from functions.records.kinds import VERSIONS, number
from functions.storage import BlobMissing
from functions.storage.whole import WholeStore
from lepton_core.errors import Conflict, StorageFull, Unavailable
from tests.support.moto_aws import MotoAws
from tests.support.resumed import SLICED, begun, driven, prepared, seen, worked
from tests.support.small_disk import small_disk
from tests.support.stores import Store
from tests.support.watched import Call, WatchedBlobs
from tests.support.whole_stores import held, record, second_stack, whole_on_aws, whole_on_disk
from tests.support.world import World, two_classes, world

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def of_world(store: WholeStore) -> Store:
    return Store("memory", store.records, store.blobs)


def taken(store: WholeStore, path: Path, **given: Any) -> TakenBackup:
    return take(store, BackupFolder(path), of="any", now=NOW, **given)


def before_reading(store: WholeStore, what: Callable[[Call], object]) -> WholeStore:
    """The store, in which ``what`` is done before a file is read: behind the copy of the records."""
    return replace(
        store,
        blobs=WatchedBlobs(store.blobs, before=lambda call: what(call) if call.name == "blobs.read" else 0),
    )


def test_what_is_there_is_not_copied_again(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        store.blobs.put("default/x/1", b"one")
        first = taken(store, tmp_path / "backup")
        store.blobs.put("default/x/2", b"another")
        store.blobs.delete("default/x/1")
        store.blobs.put("default/x/3", b"one")
        reads = list[Call]()
        second = taken(before_reading(store, reads.append), tmp_path / "backup")
        third = taken(before_reading(store, reads.append), tmp_path / "backup")
    assert (first.new_bytes, second.new_bytes, third.new_bytes) == (3, 10, 0)
    assert {call.arguments[0] for call in reads} == {"default/x/2", "default/x/3"}
    contents = [path for path in (tmp_path / "backup" / CONTENTS).rglob("*") if path.is_file()]
    assert len(contents) == 2 + 2, "two lists and two files; what nobody names any more is gone"
    assert third.head == second.head


def test_a_file_that_people_may_replace_is_read_each_time(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        store.blobs.put("default/incoming/m/june.csv", b"one")
        store.blobs.put("default/incoming/m/up-01a22daff1530be96f539a35", b"two")
        taken(store, tmp_path / "backup")
        store.blobs.delete("default/incoming/m/june.csv")
        store.blobs.put("default/incoming/m/june.csv", b"new")
        assert taken(store, tmp_path / "backup").new_bytes == 3
        with whole_on_disk(tmp_path / "into") as target:
            fill(BackupFolder(tmp_path / "backup"), target, now=NOW)
            assert target.blobs.get("default/incoming/m/june.csv") == b"new"


@pytest.fixture(params=["disk", "aws"])
def under_way(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A store with a fit that is under way, what drives it further, and an empty store."""
    if request.param == "aws":
        aws: MotoAws = request.getfixturevalue("aws")
        yield from _under_way(whole_on_aws(aws, width=1), second_stack(aws))
    else:
        with whole_on_disk(tmp_path / "store") as store, whole_on_disk(tmp_path / "target") as target:
            yield from _under_way(store, target)


def _under_way(store: WholeStore, target: WholeStore) -> Any:
    here = prepared(of_world(store))
    run = begun(here, {"iterations": 30, "learning_rate": 0.5})
    worked(here, run, 2)
    yield store, here, run, target


def ended(here: World, run: str) -> Any:
    driven(here)
    found = seen(here, run)
    assert found["state"] == "succeeded"
    version = here.ok("GET", f"/v1/models/m/versions/{found['version']}")
    return version["digest"], version["metrics"], found["error"]


@pytest.mark.slow
@pytest.mark.parametrize("times", [0, 1, 1000])
def test_a_run_that_goes_on_meanwhile(under_way: Any, tmp_path: Path, times: int) -> None:
    """Its checkpoint is replaced between the copy of the records and that of the files: once, or each time."""
    store, here, run, target = under_way
    slices = list[int]()

    def go_on(call: Call) -> None:
        if "/runs/" in call.arguments[0] and len(slices) < times:
            slices.append(1)
            worked(here, run, 1)

    got = taken(before_reading(store, go_on), tmp_path / "backup")
    assert (got.head.absent, got.head.damaged) == ([], [])
    assert bool(got.begun_anew) == (times == 1000), "only what is replaced each time begins anew"
    verify(BackupFolder(tmp_path / "backup"))
    fill(BackupFolder(tmp_path / "backup"), target, now=NOW)
    there = world(of_world(target), settings=SLICED)
    there.clock.now = here.clock()
    there.clock.forward(600)
    here.clock.forward(600)
    assert seen(there, run)["state"] in ("queued", "running")
    assert ended(there, run) == ended(here, run), "from a checkpoint or anew: in the same bits"


def test_a_file_that_goes_meanwhile_and_that_nobody_needs(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        for name in "12":
            store.blobs.put(f"default/x/{name}", name.encode())
        got = taken(
            before_reading(store, lambda call: store.blobs.delete("default/x/2")), tmp_path / "backup"
        )
    assert (got.head.file_count, got.head.absent) == (1, [])


def test_what_the_platform_itself_lacks_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        here = world(of_world(store))
        for name in ("m", "n"):
            here.trained(two_classes(60), name, iterations=5)
        keys = [
            here.platform.workspace("default").get(VERSIONS, name, number(1)).value.artifact.key
            for name in "mn"
        ]
        store.blobs.delete(keys[0])
        store.blobs.delete(keys[1])
        store.blobs.put(keys[1], b"other bytes")
        store.whole.load(
            [record("default/models", "broken", 1, b"{"), record("default/versions/x", "1", 1, b"[]")]
        )
        got = taken(store, tmp_path / "backup")
        before = held(store)
    assert got.head.absent == [keys[0]]
    assert got.head.damaged[0] == keys[1]
    assert got.head.damaged[1].startswith("default/versions/x 1: ")
    assert (got.head.absent_count, got.head.damaged_count) == (1, 2)
    with whole_on_disk(tmp_path / "into") as target:
        fill(BackupFolder(tmp_path / "backup"), target, now=NOW)
        assert held(target) == before, "as it was, and no worse"


def test_files_of_deleted_data_are_not_missed(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        here = world(of_world(store))
        assert here.upload(two_classes(60), "d")["version"] == 1
        assert here.upload(two_classes(80), "d")["version"] == 2
        here.ok("DELETE", "/v1/datasets/d/versions/1")
        here.event("sweep_minutely")
        got = taken(store, tmp_path / "backup")
        assert not [key for key, _ in store.whole.files() if "up-000001" in key]
    assert (got.head.absent, got.head.damaged) == ([], [])


def test_a_record_of_a_newer_lepton_stops_the_backup(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        taken(store, tmp_path / "backup")
        store.whole.load([record("default/versions/m", "1", 1, b'{"format":99}')])
        with pytest.raises(Unavailable, match="update it"):
            taken(store, tmp_path / "backup")
    assert verify(BackupFolder(tmp_path / "backup")).record_count == 0, "the earlier one stays"


def test_a_body_that_is_no_text_comes_back(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store, whole_on_disk(tmp_path / "into") as target:
        store.whole.load(
            [record("default/x", "1", 3, b"\xff\x00\n"), record("default/x", "2", 1, '"ü\u2028"'.encode())]
        )
        taken(store, tmp_path / "backup")
        fill(BackupFolder(tmp_path / "backup"), target, now=NOW)
        assert held(target) == held(store)


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with (
        whole_on_disk(tmp_path / "store") as store,
        pytest.raises(Conflict, match=r"other things \(letter.txt\)"),
    ):
        taken(store, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        store.blobs.put("default/x/1", b"one")
        refused = list[str]()

        def meanwhile(call: Call) -> None:
            with pytest.raises(Conflict, match="another process") as found:
                taken(store, tmp_path / "backup")
            refused.append(found.value.message)

        taken(before_reading(store, meanwhile), tmp_path / "backup")
    assert len(refused) == 1


def test_without_room_the_earlier_backup_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 32_000_000) as disk, whole_on_disk(tmp_path / "store") as store:
        store.blobs.put("default/x/1", b"1" * 1000)
        first = taken(store, disk.path / "backup")
        for name in range(64):
            store.blobs.put(f"default/y/{name}", bytes([name]) * 1_000_000)
        with pytest.raises(StorageFull):
            taken(store, disk.path / "backup")
        assert verify(BackupFolder(disk.path / "backup")) == first.head
        with BackupFolder(disk.path / "backup").open(first.head.files) as file:
            assert [line.key for line in read_files(file)] == ["default/x/1"]


def test_what_somebody_is_writing_is_left_for_the_next_one(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "store") as store:
        store.blobs.put("default/incoming/m/a.csv", b"half of")
        got = taken(store, tmp_path / "backup", is_being_written=lambda key: key.endswith("a.csv"))
        assert (got.passed_over, got.head.file_count) == (["default/incoming/m/a.csv"], 0)
        assert taken(store, tmp_path / "backup").head.file_count == 1
        with pytest.raises(BlobMissing):
            store.blobs.get("default/incoming/m/b.csv")
