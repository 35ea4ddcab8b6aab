"""Put a backup into an empty store, of whichever kind, and read it back.

What can be found there is whole at each moment: files come first, then records in the order of `contents.stage`. A mark
in the store says which backup it is; so whoever was killed can be followed by a second call, and by no other backup.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock

from functions.backup.contents import LANDING, OWN, STAGES, kind_of, room_of, stage
from functions.backup.folder import BackupFolder
from functions.backup.form import BackupHead, FileLine, digest_of, read_records
from functions.backup.take import Tell, untold
from functions.backup.verify import listed_files, verify
from functions.records.files import digest_of as digest_there
from functions.records.restores import RESTORES, Restore
from functions.storage import SYSTEM, BlobExists, BlobMissing, Lost, Record, Stored, Workspace
from functions.storage.whole import WholeStore
from lepton_core.errors import Conflict, Damaged, NotFound

PUT_FROM_MEMORY = 64 << 20
"""Bytes of the largest file that is put from memory."""

MARK_KEY = "under-way"
"""The key of the mark."""


@dataclass(frozen=True)
class FilledStore:
    """What was put into the store; ``changed`` records and files a platform that is up has changed since."""

    head: BackupHead
    changed: int


def fill(folder: BackupFolder, store: WholeStore, *, now: datetime, tell: Tell = untold) -> FilledStore:
    """Put the backup in ``folder`` into ``store``, and check there that every byte is what it was.

    The whole backup is checked first: one that is damaged changes nothing. Raises as `verify`; `Conflict`
    if the store is not empty (a key is allowed, and what signing in leaves), or is being filled with another backup;
    `StorageFull`, `Unavailable`.
    """
    head = folder.head()
    system = Workspace(SYSTEM, store.records, store.blobs)
    mark = system.get(RESTORES, MARK_KEY)
    if mark is None:
        _demand_empty(store)
    elif mark.value.backup != digest_of(head):
        raise Conflict(
            f"another backup is being put there since {mark.value.since:%Y-%m-%d %H:%M} UTC; end that restore, or take "
            "an empty place"
        )
    filling = _Filling(folder, store, head, tell)
    verify(folder, filling.progress.within(head.bytes))
    if mark is None:
        mark = _marked(system, Restore(digest_of(head), now))
    changed = filling.run(listed_files(folder, head))
    with suppress(Lost):  # another process was at the same, and has ended it
        system.write(system.delete(RESTORES, MARK_KEY, expect=mark.revision))
    return FilledStore(head, changed)


def _marked(system: Workspace, restore: Restore) -> Stored[Restore]:
    try:
        system.write(system.put(RESTORES, MARK_KEY, value=restore, expect=0))
    except Lost:
        raise Conflict("another process has just begun to put a backup there; wait for its end") from None
    return Stored(restore, 1)


def is_filled_with(folder: BackupFolder, store: WholeStore) -> bool:
    """Whether ``store`` is being filled with the backup in ``folder``: a call of `fill` was killed, and can go on."""
    mark = Workspace(SYSTEM, store.records, store.blobs).get(RESTORES, MARK_KEY)
    try:
        return mark is not None and mark.value.backup == digest_of(folder.head())
    except NotFound:
        return False


def is_whole(store: WholeStore) -> bool:
    """Whether an earlier call of `fill` has come to its end in ``store``, into which nobody else has written."""
    mark = Workspace(SYSTEM, store.records, store.blobs).get(RESTORES, MARK_KEY)
    return mark is None and _found(store) is not None


def _demand_empty(store: WholeStore) -> None:
    found = _found(store)
    if found is not None:
        raise Conflict(f"a backup is put into an empty place only, and {found} is there; name a new one")


def _found(store: WholeStore) -> str | None:
    """Something that an empty store does not hold, as a message says it."""
    for key, _ in store.whole.files():
        return f"the file {key!r}"
    for record in store.whole.all():
        if kind_of(record.partition) not in OWN:
            return f"the record {record.partition} {record.key}"
    return None


class _Progress:
    """Bytes that are done of three readings of the whole: of the backup, on the way, and of what is there."""

    def __init__(self, tell: Tell, total: int) -> None:
        self._tell = tell
        self._total = 3 * total
        self._done = 0
        self._lock = Lock()

    def add(self, more: int) -> None:
        with self._lock:
            self._done += more
            self._tell(min(self._done, self._total), self._total)

    def within(self, total: int) -> Tell:
        """What is told of one reading, as a part of all."""
        before = 0

        def tell(done: int, of: int) -> None:
            nonlocal before
            self.add(min(done, total) - before)
            before = min(done, total)

        return tell


class _Filling:
    def __init__(self, folder: BackupFolder, store: WholeStore, head: BackupHead, tell: Tell) -> None:
        self._folder = folder
        self._store = store
        self._head = head
        self._taken_up: list[str] = []
        self.progress = _Progress(tell, head.bytes)

    def run(self, lines: list[FileLine]) -> int:
        """Write and read back; how many records were changed meanwhile."""
        landing = [line for line in lines if room_of(line.key) in LANDING]
        others = [line for line in lines if room_of(line.key) not in LANDING]
        self._each(self._copy, others)
        self._load(0, 1)
        self._each(self._check, others)
        changed = self._check_records(0, 1)
        self._load(*range(2, STAGES))
        self._each(self._copy, landing)
        self._each(self._check_landed, landing)
        return changed + len(self._taken_up)

    def _records(self, *stages: int) -> Iterator[Record]:
        with self._folder.open(self._head.records) as file:
            yield from (record for record in read_records(file) if stage(record) in stages)

    def _load(self, *stages: int) -> None:
        for one in stages:
            try:
                self._store.whole.load(self._records(one))
            except Lost as error:
                raise Conflict(
                    f"another record is at {error.partition} {error.key}; take an empty place"
                ) from None

    def _check_records(self, *stages: int) -> int:
        there = {
            (one.partition, one.key): (one.revision, sha256(one.body).digest())
            for one in self._store.whole.all()
        }
        changed = 0
        for record in self._records(*stages):
            revision, body = there.get((record.partition, record.key), (0, b""))
            if revision > record.revision:
                changed += 1
            elif (revision, body) != (record.revision, sha256(record.body).digest()):
                raise Damaged(
                    f"the record {record.partition} {record.key} is not there as it was written; try again"
                )
        return changed

    def _each(self, job: Callable[[FileLine], None], lines: Iterable[FileLine]) -> None:
        with ThreadPoolExecutor(self._store.width) as pool:
            for _ in pool.map(job, lines):
                pass

    def _copy(self, line: FileLine) -> None:
        blobs = self._store.blobs
        there = blobs.size(line.key)
        if there is not None:
            if there != line.size or digest_there(blobs, line.key) != f"sha256:{line.digest}":
                raise Conflict(f"another file is at {line.key!r}; take an empty place")
            self.progress.add(line.size)
            return
        try:
            self._put(line)
        except BlobExists:
            raise Conflict(
                f"{line.key!r} cannot be a file there: its name, or a part of it, is that of another one"
            ) from None
        self.progress.add(line.size)

    def _put(self, line: FileLine) -> None:
        blobs = self._store.blobs
        if line.size <= PUT_FROM_MEMORY:
            blobs.put(line.key, b"".join(self._folder.pieces(line.digest)))
            return
        draft = blobs.draft()
        try:
            for piece in self._folder.pieces(line.digest):
                draft.write(piece)
            draft.put(line.key)
        finally:
            draft.drop()

    def _check_landed(self, line: FileLine) -> None:
        """A platform that is up may have taken such a file up already, and removed it."""
        if self._store.blobs.size(line.key) is None:
            self._taken_up.append(line.key)
            self.progress.add(line.size)
        else:
            self._check(line)

    def _check(self, line: FileLine) -> None:
        try:
            found = digest_there(self._store.blobs, line.key)
        except BlobMissing:
            found = "nothing"
        if found != f"sha256:{line.digest}":
            raise Damaged(f"the file {line.key!r} is not there as it was written; try again")
        self.progress.add(line.size)
