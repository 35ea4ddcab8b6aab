"""Folders that are no backups, or damaged, or made by somebody else: each is refused by name, and changes nothing."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from functions.backup.fill import fill
from functions.backup.folder import CONTENTS, HEAD_FILE, BackupFolder
from functions.backup.form import BackupHead, seal
from functions.backup.take import take
from functions.backup.verify import verify
from functions.storage import MAX_RECORD_BYTES
from infra.local.keeping import restore
from lepton_core.errors import Damaged, InvalidInput, LeptonError, NewerFormat, NotFound
from tests.support.moto_aws import MotoAws
from tests.support.whole_stores import held, record, second_stack, whole_on_disk

NOW = datetime(2026, 11, 2, tzinfo=UTC)
FILES = {
    "default/runs/run-1/artifact": b"first" * 100,
    "default/tables/m/up-1": b"second" * 200,
    "default/x/y": b"",
}


@dataclass
class Backup:
    """A good backup, and what a test makes of it."""

    path: Path
    head: BackupHead

    def place(self, data: bytes) -> Path:
        name = sha256(data).hexdigest()
        return self.path / CONTENTS / name[:2] / name

    def add(self, data: bytes) -> str:
        place = self.place(data)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
        return place.name

    def forge(self, **said: Any) -> None:
        """A head that says so, with the right digest of itself."""
        self.head = msgspec.structs.replace(self.head, **said)
        (self.path / HEAD_FILE).write_bytes(seal(self.head))

    def forge_files(self, *lines: Any, size: int = 0) -> None:
        raw = b"".join(one if isinstance(one, bytes) else msgspec.json.encode(one) + b"\n" for one in lines)
        self.forge(files=self.add(raw), file_count=len(lines), bytes=size)

    def forge_records(self, *lines: Any) -> None:
        raw = b"".join(one if isinstance(one, bytes) else msgspec.json.encode(one) + b"\n" for one in lines)
        self.forge(records=self.add(raw), record_count=len(lines))


@pytest.fixture
def backup(tmp_path: Path) -> Backup:
    with whole_on_disk(tmp_path / "source") as store:
        for key, data in FILES.items():
            store.blobs.put(key, data)
        store.whole.load([record("default/models", "m"), record("default/models", "n", 2)])
        taken = take(store, BackupFolder(tmp_path / "backup"), of="disk", now=NOW)
    made = Backup(tmp_path / "backup", taken.head)
    assert verify(BackupFolder(made.path)) == taken.head
    return made


def refused(backup: Backup, kind: type[LeptonError], said: str) -> None:
    """By a check and by a restore into both stores, with the same words."""
    top = backup.path.parent
    before = sorted(str(path) for path in top.rglob("*"))
    with pytest.raises(kind, match=said) as found:
        verify(BackupFolder(backup.path))
    assert str(backup.path) in found.value.message
    with pytest.raises(kind, match=said):
        restore(backup.path, top / "into", lambda done, total: None)
    assert sorted(str(path) for path in top.rglob("*")) == before


def flip(path: Path, at: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


ARTIFACT = FILES["default/runs/run-1/artifact"]


def test_a_bit_of_a_file(backup: Backup) -> None:
    flip(backup.place(ARTIFACT))
    refused(backup, Damaged, "1 of 3 files: 'default/runs/run-1/artifact' has other bytes")


def test_all_damaged_files_are_named(backup: Backup) -> None:
    flip(backup.place(ARTIFACT))
    backup.place(FILES["default/tables/m/up-1"]).unlink()
    refused(backup, Damaged, "2 of 3 files: .*artifact' has other bytes.*up-1' is not there")


@pytest.mark.parametrize("length", [0, 499, 501, 10_000])
def test_a_file_of_another_length(backup: Backup, length: int) -> None:
    backup.place(ARTIFACT).write_bytes(ARTIFACT[:1] * length)
    refused(backup, Damaged, f"artifact' has {length} bytes in place of 500")


@pytest.mark.parametrize("which", ["records", "files"])
@pytest.mark.parametrize("how", [lambda path: flip(path, 5), Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_list(backup: Backup, which: str, how: Callable[[Path], Any]) -> None:
    digest = getattr(backup.head, which)
    how(backup.path / CONTENTS / digest[:2] / digest)
    refused(backup, Damaged, digest)


def test_every_byte_of_the_head(backup: Backup) -> None:
    good = (backup.path / HEAD_FILE).read_bytes()
    for at in range(0, len(good), 7):
        for other in (good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], good[:at]):
            (backup.path / HEAD_FILE).write_bytes(other)
            try:
                found = verify(BackupFolder(backup.path))
            except LeptonError as error:
                assert str(backup.path) in error.message
            else:
                assert found == backup.head, "between the words stands white space"


def test_no_head(backup: Backup) -> None:
    (backup.path / HEAD_FILE).unlink()
    refused(backup, NotFound, "no finished backup")


def test_a_head_without_end(backup: Backup) -> None:
    (backup.path / HEAD_FILE).write_bytes(b" " * 2_000_000)
    refused(backup, Damaged, "too long")


def test_a_newer_format(backup: Backup) -> None:
    said = (backup.path / HEAD_FILE).read_bytes().replace(b'"format": 1', b'"format": 2')
    (backup.path / HEAD_FILE).write_bytes(said)
    refused(backup, NewerFormat, "format 2; this Lepton reads up to 1: update it")


@pytest.mark.parametrize("depth", [100_000])
def test_a_head_that_nests(backup: Backup, depth: int) -> None:
    (backup.path / HEAD_FILE).write_bytes(b'{"format":1,"backup":' + b"[" * depth)
    refused(backup, Damaged, "cannot be read")


LEADS_OUT = ["../x", "default/../../x", "/etc/passwd", "default//x", "default/.ssh/key", "a\\b", "", "a\x00b"]
TOO_LONG = ["x/" * 600, "x" * 256]


@pytest.mark.parametrize("key", [*LEADS_OUT, *TOO_LONG])
def test_a_key_that_leads_out(backup: Backup, key: str) -> None:
    backup.forge_files([key, 500, sha256(ARTIFACT).hexdigest()], size=500)
    refused(backup, InvalidInput, "line 1 of the list of files names what no store holds")


@pytest.mark.parametrize("digest", ["../../../../etc/passwd", "ab", "A" * 64, ""])
def test_a_digest_that_is_none(backup: Backup, digest: str) -> None:
    backup.forge_files(["default/x/y", 500, digest], size=500)
    refused(backup, InvalidInput, "line 1 of the list of files names what no store holds")
    with pytest.raises(Damaged):
        backup.forge(files=digest)
        verify(BackupFolder(backup.path))


@pytest.mark.parametrize("size", [-1, 10**18, 10**40, 1.5, "500", None])
def test_a_size_that_is_none(backup: Backup, size: Any) -> None:
    line = b'["default/x/y",%s,"%s"]\n' % (json.dumps(size).encode(), b"0" * 64)
    backup.forge_files(line, size=0)
    refused(backup, Damaged, "line 1 of the list of files cannot be read")


def test_a_size_that_no_disk_has(backup: Backup) -> None:
    """Nothing of that size is ever made, or asked for."""
    backup.forge_files(
        ["default/x/y", 4_000_000_000_000, sha256(ARTIFACT).hexdigest()], size=4_000_000_000_000
    )
    with pytest.raises(Damaged, match="has 500 bytes in place of 4000000000000"):
        verify(BackupFolder(backup.path))
    with pytest.raises(LeptonError, match="has room for"):
        restore(backup.path, backup.path.parent / "into", lambda done, total: None)


@pytest.mark.parametrize("keys", [["b/x", "a/x"], ["a/x", "a/x"]])
def test_files_out_of_order_or_twice(backup: Backup, keys: list[str]) -> None:
    backup.forge_files(*([key, 500, sha256(ARTIFACT).hexdigest()] for key in keys), size=1000)
    refused(backup, InvalidInput, "line 2 of the list of files is out of order, or there twice")


def test_a_file_that_is_a_folder_too(backup: Backup) -> None:
    """S3 can have both, a disk cannot."""
    backup.forge_files(*([key, 500, sha256(ARTIFACT).hexdigest()] for key in ["a/x", "a/x/y"]), size=1000)
    verify(BackupFolder(backup.path))
    with pytest.raises(LeptonError, match="'a/x/y' cannot be a file there"):
        restore(backup.path, backup.path.parent / "into", lambda done, total: None)
    assert not (backup.path.parent / "into").exists()


@pytest.mark.parametrize(
    "line",
    [
        ["", "m", 1, "{}"],
        ["default/models", "", 1, "{}"],
        ["default/models", "k" * 1025, 1, "{}"],
        ["p" * 2049, "m", 1, "{}"],
        ["default/models", "m", 1, ""],
        ["default/models", "m", 1, "x" * (MAX_RECORD_BYTES + 1)],
        ["default/sessions", "m", 1, "{}"],
        ["_system/signing", "aws", 1, "{}"],
        ["_system/restores", "under-way", 1, "{}"],
    ],
)
def test_a_record_that_no_backup_holds(backup: Backup, line: Any) -> None:
    backup.forge_records(line)
    refused(backup, InvalidInput, "line 1 of the list of records")


@pytest.mark.parametrize(
    "line", [["default/models", "m", 0, "{}"], ["default/models", "m", 2**60, "{}"], {"a": 1}, [], 7]
)
def test_a_record_that_is_none(backup: Backup, line: Any) -> None:
    backup.forge_records(line)
    refused(backup, Damaged, "line 1 of the list of records cannot be read")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'["default/models","m",1,"{}"]', "has no end"),
        (b'["' + b"x" * 3_000_000 + b"\n", "is too long"),
        (b'["\xff","m",1,"{}"]\n', "cannot be read"),
        (b"[" * 100_000 + b"\n", "cannot be read"),
    ],
)
def test_a_line_that_is_none(backup: Backup, raw: bytes, said: str) -> None:
    backup.forge_records(raw)
    refused(backup, Damaged, f"line 1 of the list of records {said}")


@pytest.mark.parametrize("said", [{"record_count": 3}, {"file_count": 2}, {"bytes": 1}])
def test_other_numbers_than_are_there(backup: Backup, said: dict[str, int]) -> None:
    backup.forge(**said)
    refused(backup, Damaged, "announced")


def test_a_link_in_place_of_a_file(backup: Backup, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(ARTIFACT)
    backup.place(ARTIFACT).unlink()
    backup.place(ARTIFACT).symlink_to(tmp_path / "elsewhere")
    refused(backup, Damaged, "artifact' is not there")


@pytest.mark.parametrize("which", ["content", "below", "head"])
def test_a_link_in_place_of_a_folder_or_the_head(backup: Backup, which: str) -> None:
    place = {
        "content": backup.path / CONTENTS,
        "below": backup.place(ARTIFACT).parent,
        "head": backup.path / HEAD_FILE,
    }[which]
    moved = backup.path.parent / "moved"
    place.rename(moved)
    place.symlink_to(moved)
    refused(backup, Damaged, "backup")


def test_a_pipe_in_place_of_a_file_is_not_waited_for(backup: Backup) -> None:
    backup.place(ARTIFACT).unlink()
    os.mkfifo(backup.place(ARTIFACT))
    refused(backup, Damaged, "artifact' is not there")


def test_a_stack_stays_empty(backup: Backup, aws: MotoAws) -> None:
    store = second_stack(aws)
    flip(backup.place(FILES["default/tables/m/up-1"]))
    with pytest.raises(Damaged, match="'default/tables/m/up-1' has other bytes"):
        fill(BackupFolder(backup.path), store, now=NOW)
    assert held(store) == {"records": {}, "files": {}}
