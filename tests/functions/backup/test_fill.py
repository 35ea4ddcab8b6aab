"""A backup is put into an empty store: killed at any write it can be done again, and what can be found is whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from functions.backup.contents import LANDING, kind_of, room_of, stage
from functions.backup.fill import fill, is_filled_with
from functions.backup.folder import BackupFolder
from functions.backup.take import take
from functions.records.kinds import KEYS, MODELS
from functions.storage import SYSTEM, Put, Record, Workspace
from functions.storage.whole import Whole, WholeStore
from functions.system.keys import issue_key
from lepton_core.errors import Conflict, Damaged
from tests.formats.opened import unpack
from tests.support.faults import FaultyBlobs, FaultyRecords, Killed, KillSwitch, kill_points
from tests.support.filled_store import MADE
from tests.support.moto_aws import MotoAws
from tests.support.sampling import some
from tests.support.watched import Call, WatchedBlobs, WatchedRecords, once
from tests.support.whole_stores import held, record, second_stack, whole_on_disk

NOW = datetime(2026, 11, 2, tzinfo=UTC)


class FaultyWhole:
    """`Whole` under a `KillSwitch`, by which each record that is loaded is a write."""

    def __init__(self, inner: Whole, kill: KillSwitch) -> None:
        self._kill = kill
        self._inner = inner
        self.files, self.all, self.snapshot = inner.files, inner.all, inner.snapshot

    def load(self, records: Sequence[Record]) -> None:
        for one in records:
            with self._kill.write(f"load {one.partition} {one.key}"):
                self._inner.load([one])


def under(store: WholeStore, kill: KillSwitch) -> WholeStore:
    return WholeStore(
        FaultyRecords(store.records, kill), FaultyBlobs(store.blobs, kill), FaultyWhole(store.whole, kill)
    )


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> BackupFolder:
    """Of a platform with something of everything."""
    top = tmp_path_factory.mktemp("backup")
    with whole_on_disk(unpack(MADE, top)) as store:
        take(store, BackupFolder(top / "backup"), of="disk", now=NOW)
    return BackupFolder(top / "backup")


@pytest.mark.slow
def test_killed_at_any_write_a_second_call_ends_it(aws: MotoAws, backup: BackupFolder) -> None:
    counter = KillSwitch()
    store = second_stack(aws)
    fill(backup, under(store, counter), now=NOW)
    whole = held(store)
    assert counter.count > 100
    for number, when in some("writes of a restore", kill_points(counter.count), 12):
        aws.reset()
        store = second_stack(aws)
        kill = KillSwitch(number, when)
        with pytest.raises(Killed):
            fill(backup, under(store, kill), now=NOW)
        _whatever_is_found_is_whole(held(store), whole)
        if (number, when) == (counter.count, "after"):
            assert held(store) == whole, "nothing was left to do"
            continue
        fill(backup, store, now=NOW)
        assert held(store) == whole, kill.log[-1]


def _whatever_is_found_is_whole(now: dict, whole: dict) -> None:  # type: ignore[type-arg]
    """Files before the records that name them, heads behind what they lead to, keys last."""
    there = [Record(*at, *one) for at, one in now["records"].items() if kind_of(at[0]) != "restores"]
    missing = [Record(*at, *one) for at, one in whole["records"].items() if at not in now["records"]]
    if there and missing:
        assert max(map(stage, there)) <= min(map(stage, missing))
    if there:
        assert {key for key in whole["files"] if room_of(key) not in LANDING} <= set(now["files"])
    if any(room_of(key) in LANDING for key in now["files"]):
        assert not missing, "on AWS a file that lands is announced at once, and looks for its record"


def test_a_store_that_holds_something_is_refused(aws: MotoAws, backup: BackupFolder) -> None:
    store = second_stack(aws)
    store.whole.load([record("default/models", "m")])
    with pytest.raises(Conflict, match="the record default/models m is there"):
        fill(backup, store, now=NOW)
    aws.reset()
    store = second_stack(aws)
    store.blobs.put("default/x/1", b"1")
    with pytest.raises(Conflict, match="the file 'default/x/1' is there"):
        fill(backup, store, now=NOW)
    assert held(store)["records"] == {}


def test_the_first_key_of_a_stack_is_no_hindrance_and_stays(aws: MotoAws, backup: BackupFolder) -> None:
    store = second_stack(aws)
    system = Workspace(SYSTEM, store.records, store.blobs)
    key, _ = issue_key(system, workspace="default", scopes=["admin"], name="first key", now=NOW)
    fill(backup, store, now=NOW)
    known = [name for name, _ in system.list(KEYS)]
    assert key.id in known
    assert len(known) > 2


def test_another_backup_waits_for_the_end_of_the_first(
    aws: MotoAws, backup: BackupFolder, tmp_path: Path
) -> None:
    store = second_stack(aws)
    kill = KillSwitch(10)
    with pytest.raises(Killed):
        fill(backup, under(store, kill), now=NOW)
    with whole_on_disk(tmp_path / "other") as other:
        take(other, BackupFolder(tmp_path / "second"), of="disk", now=NOW)
    with pytest.raises(Conflict, match="another backup is being put there since 2026-11-02 00:00 UTC"):
        fill(BackupFolder(tmp_path / "second"), store, now=NOW)
    assert is_filled_with(backup, store)
    assert not is_filled_with(BackupFolder(tmp_path / "second"), store)
    assert not is_filled_with(BackupFolder(tmp_path / "none"), store)


def test_what_a_platform_that_is_up_has_changed_stays(aws: MotoAws, backup: BackupFolder) -> None:
    """Between the records and the check of them: then a version of the record that is newer is no damage."""
    store = second_stack(aws)
    changed = list[str]()

    def change(call: Call) -> None:
        found = store.records.get("default/models", "m") if call.name == "blobs.read" else None
        if found is not None and not changed:
            changed.append(found.key)
            store.records.write([Put(found.partition, found.key, found.body, found.revision)])

    watched = replace(store, blobs=WatchedBlobs(store.blobs, before=change), width=1)
    assert fill(backup, watched, now=NOW).changed == 1
    assert changed == ["m"]
    assert Workspace("default", store.records, store.blobs).get(MODELS, "m")


def test_two_processes_that_begin_at_once(aws: MotoAws, backup: BackupFolder) -> None:
    store = second_stack(aws)

    def begin() -> None:
        with pytest.raises(Killed):
            fill(backup, under(store, KillSwitch(20)), now=NOW)

    begun = once(begin, lambda call: call.writes_to("/restores"))
    with pytest.raises(Conflict, match="another process has just begun"):
        fill(backup, replace(store, records=WatchedRecords(store.records, before=begun)), now=NOW)
    assert is_filled_with(backup, store)


def test_two_processes_that_end_at_once(aws: MotoAws, backup: BackupFolder) -> None:
    """Both go on with what a third one has begun: whoever is last finds that the mark is gone."""
    store = second_stack(aws)
    with pytest.raises(Killed):
        fill(backup, under(store, KillSwitch(20)), now=NOW)
    ended = list[int]()

    def end() -> None:
        ended.append(fill(backup, store, now=NOW).changed)

    other = once(end, lambda call: call.writes_to("/restores"))
    fill(backup, replace(store, records=WatchedRecords(store.records, before=other)), now=NOW)
    assert ended == [0]
    assert not is_filled_with(backup, store)
    assert len(held(store)["records"]) == backup.head().record_count


def test_a_file_that_was_taken_up_already_is_not_missed(aws: MotoAws, backup: BackupFolder) -> None:
    """S3 announces what lands, and the platform removes a file that it has scored."""
    store = second_stack(aws)
    gone = list[str]()

    def take_up(call: Call) -> None:
        if call.name == "blobs.put" and room_of(call.arguments[0]) in LANDING:
            gone.append(call.arguments[0])
            store.blobs.delete(call.arguments[0])

    watched = replace(store, blobs=WatchedBlobs(store.blobs, after=take_up), width=1)
    assert fill(backup, watched, now=NOW).changed == len(gone) > 0


@pytest.mark.parametrize("what", ["another file", "other bytes", "nothing"])
def test_what_is_not_there_as_it_was_written_is_said(aws: MotoAws, backup: BackupFolder, what: str) -> None:
    """The store is read back: here something in it changes a file behind our back."""
    store = second_stack(aws)
    spoilt = list[str]()

    def spoil(call: Call) -> None:
        key = call.arguments[0]
        if (
            spoilt
            or "/runs/" not in key
            or call.name != ("blobs.put" if what == "another file" else "blobs.read")
        ):
            return
        spoilt.append(key)
        if what != "another file":
            store.blobs.delete(key)
        if what != "nothing":
            store.blobs.put(key, b"other bytes")

    watched = replace(store, blobs=WatchedBlobs(store.blobs, before=spoil), width=1)
    kind = Conflict if what == "another file" else Damaged
    with pytest.raises(kind) as found:
        fill(backup, watched, now=NOW)
    assert spoilt[0] in found.value.message
