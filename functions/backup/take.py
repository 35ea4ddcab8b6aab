"""Take a backup of a store that may be in use.

Records name files that are written once, and before them. So the records are copied as of one moment, and then all
files that are there. A file may be removed between the two, as when a run replaces its checkpoint: then all of that is
done again, which copies only what is new.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from functions.backup.contents import OF_ONE_PLACE, PASSING, NamedFiles, is_written_once, kind_of, room_of
from functions.backup.folder import PIECE, BackupFolder
from functions.backup.form import (
    FIRST_NAMED,
    BackupHead,
    FileLine,
    file_line,
    read_files,
    read_records,
    record_line,
)
from functions.storage import BlobMissing, Record
from functions.storage.whole import WholeStore
from lepton_core.errors import LeptonError

TURNS = 5
"""How often the records are copied at most; what is still removed meanwhile is the progress of a run under way."""

Tell = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


def untold(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class TakenBackup:
    """What a backup is, how many bytes of it are new, and what is said of it besides.

    ``begun_anew`` are results of runs under way whose files were removed each time: such a run begins that task anew.
    ``passed_over`` are files that somebody was still writing.
    """

    head: BackupHead
    new_bytes: int
    begun_anew: list[str]
    passed_over: list[str]


@dataclass
class _Turn:
    """What one copy of the records has found."""

    named: NamedFiles = field(default_factory=NamedFiles)
    left_out: dict[str, int] = field(default_factory=dict)
    records: str = ""
    count: int = 0
    lines: dict[str, FileLine] = field(default_factory=dict)


def take(
    store: WholeStore,
    folder: BackupFolder,
    *,
    of: str,
    now: datetime,
    tell: Tell = untold,
    is_being_written: Callable[[str], bool] = lambda key: False,
) -> TakenBackup:
    """Bring the backup in ``folder`` to what ``store`` holds now; ``of`` says which kind of store it is.

    Until it is whole, the backup that was there stays. Killed at any moment, the next call goes on: a file that was
    copied is not copied again. Raises `Conflict` for a folder that cannot be used, `StorageFull` without room, and
    `Unavailable` for a store that is written faster than it can be read, or by a newer Lepton.
    """
    with folder.kept():
        taking = _Taking(store, folder, tell, is_being_written, _known(folder))
        turn = taking.turn()
        for _ in range(TURNS - 1):
            if not taking.vanished(turn):
                break
            turn = taking.turn()
        begun_anew = taking.leave_out(turn, turn.named.results_without(taking.vanished(turn)))
        head = taking.head(turn, of, now)
        folder.finish(head)
        folder.prune({head.records, head.files, *(line.digest for line in turn.lines.values())})
        return TakenBackup(head, taking.new_bytes, begun_anew, sorted(taking.passed_over))


def _known(folder: BackupFolder) -> dict[str, FileLine]:
    """The files of the backup that is there. Without a good one, every file is read again."""
    try:
        with folder.open(folder.head().files) as file:
            return {line.key: line for line in read_files(file)}
    except LeptonError:
        return {}


class _Taking:
    def __init__(
        self,
        store: WholeStore,
        folder: BackupFolder,
        tell: Tell,
        is_being_written: Callable[[str], bool],
        known: dict[str, FileLine],
    ) -> None:
        self._store = store
        self._folder = folder
        self._tell = tell
        self._is_being_written = is_being_written
        self._known = known
        self.new_bytes = 0
        self.passed_over: set[str] = set()

    def turn(self) -> _Turn:
        """Copy the records as of now, and then the files that are there."""
        turn = _Turn()
        self._write_records(turn, self._store.whole.snapshot())
        needed = turn.named.needed()
        sizes = {key: size for key, size in self._store.whole.files() if room_of(key) != PASSING}
        done, total = 0, sum(sizes.values())
        with ThreadPoolExecutor(self._store.width) as pool:
            for line in pool.map(lambda key: self._file(key, sizes[key], needed.get(key, "")), sizes):
                if line is not None:
                    turn.lines[line.key] = self._known[line.key] = line
                    done += line.size
                    self._tell(min(done, total), total)
        return turn

    def vanished(self, turn: _Turn) -> set[str]:
        """Files that records name and that were not there."""
        return set(turn.named.needed()) - set(turn.lines)

    def leave_out(self, turn: _Turn, results: set[tuple[str, str]]) -> list[str]:
        """Take these results of runs under way out of the records: a task without a result is done again."""
        if not results:
            return []
        with self._folder.open(turn.records) as file:
            records = (one for one in read_records(file) if (one.partition, one.key) not in results)
            self._write_records(turn, records)
        return sorted(f"{partition} {key}" for partition, key in results)

    def head(self, turn: _Turn, of: str, now: datetime) -> BackupHead:
        """Write the list of files; the head of the whole."""
        draft = self._folder.draft()
        try:
            for key in sorted(turn.lines):
                draft.write(file_line(turn.lines[key]))
            files = draft.keep()
        finally:
            draft.drop()
        needed = turn.named.needed()
        absent = sorted(self.vanished(turn))
        damaged = [
            line.key for key, line in turn.lines.items() if needed.get(key, "") not in ("", line.digest)
        ]
        damaged = sorted(damaged) + sorted(turn.named.unreadable)
        return BackupHead(
            made=now,
            store=of,
            records=turn.records,
            record_count=turn.count,
            files=files,
            file_count=len(turn.lines),
            bytes=sum(line.size for line in turn.lines.values()),
            left_out=dict(sorted(turn.left_out.items())),
            absent=absent[:FIRST_NAMED],
            absent_count=len(absent),
            damaged=damaged[:FIRST_NAMED],
            damaged_count=len(damaged),
        )

    def _write_records(self, turn: _Turn, records: Iterable[Record]) -> None:
        turn.named, turn.count = NamedFiles(), 0
        draft = self._folder.draft()
        try:
            for record in records:
                kind = kind_of(record.partition)
                if kind in OF_ONE_PLACE:
                    turn.left_out[kind] = turn.left_out.get(kind, 0) + 1
                    continue
                turn.named.see(record)
                turn.count += 1
                draft.write(record_line(record))
            turn.records = draft.keep()
        finally:
            draft.drop()

    def _file(self, key: str, size: int, digest: str) -> FileLine | None:
        """Have the file in the backup; None: it is gone, or somebody is still writing it."""
        known = self._known.get(key) if is_written_once(key) else None
        if known is not None and known.size == size and self._folder.size(known.digest) == size:
            return known
        if digest and self._folder.size(digest) == size:
            return FileLine(key, size, digest)
        if not is_written_once(key) and self._is_being_written(key):
            self.passed_over.add(key)
            return None
        return self._copied(key, size)

    def _copied(self, key: str, size: int) -> FileLine | None:
        draft = self._folder.draft()
        try:
            while draft.size < size and (piece := self._store.blobs.read(key, draft.size, PIECE)):
                draft.write(piece)
            line = FileLine(key, draft.size, draft.keep())
        except BlobMissing:
            return None
        finally:
            draft.drop()
        self.new_bytes += line.size
        return line


def first(items: list[str], most: int = 3) -> str:
    """The first of ``items``, for a message.

    >>> first(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    shown = ", ".join(islice(items, most))
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"
