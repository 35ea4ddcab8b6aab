"""Files that land in the store's folder, put there by the platform or by hand, are taken in once they are complete."""

import logging
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from functions.complaints import Complaints, cause_of, complain
from functions.datasets.ingest import is_name
from functions.storage.posix import is_being_written

log = logging.getLogger("lepton.incoming")

PAUSE_SECONDS = 0.5
"""How long a file must stay as it is, besides being closed: some writers close it and open it again."""

QUIET_SECONDS = 10.0
"""How long it must stay as it is where nobody can tell whether it is closed."""

MAX_FILE_BACKOFF_SECONDS = 300.0
"""How long at most a file that cannot be taken in is left alone."""

_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")

Signature = tuple[int, int, int]
"""The number of the file, its size and when it was written last."""


@dataclass(frozen=True)
class _Seen:
    """A file as last looked at: unchanged since ``since``, failed ``failures`` times, to be tried at ``due``."""

    signature: Signature
    since: float
    failures: int = 0
    due: float = 0.0
    cause: str = ""


@dataclass
class Watcher:
    """Looks into the folders ``blobs/WORKSPACE/ROOM/NAME`` and gives each file that is complete to ``take``.

    A file is complete when nobody has it open for writing and it has not changed for `PAUSE_SECONDS`. ``take``
    removes it from the folder, so that a look costs what lies there still, however many files came before. Where it
    raises, or leaves the file, it is called again, ever more slowly; the reason is logged once. Where files ``stay``,
    one that was taken is not looked at again until it changes. A NAME is that of a thing that is called ``of``.
    """

    blobs: Path
    take: Callable[[Path], None]
    is_open: Callable[[Path], bool | None] = is_being_written
    clock: Callable[[], float] = time.monotonic
    room: str = "incoming"
    of: str = "dataset"
    stay: bool = False
    _seen: dict[Path, _Seen] = field(default_factory=dict)
    _complaints: Complaints = field(default_factory=lambda: Complaints(log))

    def scan(self) -> None:
        """Look once. One bad file never keeps the others from being taken in."""
        now = self.clock()
        present = dict(self._files())
        self._seen = {path: seen for path, seen in self._seen.items() if path in present}
        for path, signature in sorted(present.items()):
            seen = self._seen.get(path)
            if seen is None or seen.signature != signature:
                self._seen[path] = _Seen(signature, since=now)
            elif seen.due <= now and self._is_complete(path, seen, now):
                self._seen[path] = self._try(path, seen, now)
        self._complaints.end_of_round()

    def _is_complete(self, path: Path, seen: _Seen, now: float) -> bool:
        unchanged = now - seen.since
        if unchanged < PAUSE_SECONDS:
            return False
        try:
            is_open = self.is_open(path)
        except FileNotFoundError:
            return False
        except OSError:
            return True  # taking it in meets the same, and says so
        return unchanged >= QUIET_SECONDS if is_open is None else not is_open

    def _try(self, path: Path, seen: _Seen, now: float) -> _Seen:
        cause = ""
        try:
            self.take(path)
        except Exception as error:  # noqa: BLE001  (the other files are to be taken in all the same)
            cause = cause_of(error)
            if all(cause != other.cause for other in self._seen.values()):
                complain(log, error, f"{self._shown(path)!r} landed and is tried again, ever more slowly")
        if self.stay and not cause:
            return _Seen(seen.signature, seen.since, due=inf)
        wait = min(MAX_FILE_BACKOFF_SECONDS, 2.0 ** min(seen.failures, 10))
        return _Seen(seen.signature, seen.since, seen.failures + 1, now + wait, cause)

    def _files(self) -> Iterator[tuple[Path, Signature]]:
        for workspace in self._entries(self.blobs):
            if workspace.is_dir(follow_symlinks=False) and is_name(workspace.name):
                for dataset in self._entries(Path(workspace.path, self.room)):
                    if self._is_dataset(dataset):
                        yield from self._of_dataset(Path(dataset.path))

    def _is_dataset(self, entry: "os.DirEntry[str]") -> bool:
        if entry.name.startswith("."):
            return False
        if not entry.is_dir(follow_symlinks=False):
            self._tell(entry, f"is not taken in: it lies in no folder of a {self.of}")
            return False
        if not is_name(entry.name):
            self._tell(entry, f"is no {self.of}'s name; what lies in this folder is not taken in")
            return False
        return True

    def _of_dataset(self, folder: Path) -> Iterator[tuple[Path, Signature]]:
        for entry in self._entries(folder):
            if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
                continue
            with suppress(FileNotFoundError):
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    yield Path(entry.path), signature_of(status)
                elif stat.S_ISDIR(status.st_mode):
                    self._tell(
                        entry, f"is not looked into: files lie directly in the folder of their {self.of}"
                    )
                else:
                    self._tell(entry, "is not taken in: it is a link, a pipe or a device, and no file")

    def _entries(self, folder: Path) -> "list[os.DirEntry[str]]":
        try:
            with os.scandir(folder) as listing:
                return list(listing)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._complaints.tell(
                folder, f"what lands in {self._shown(folder)!r} is not seen: {error.strerror}"
            )
            return []

    def _tell(self, entry: "os.DirEntry[str]", text: str) -> None:
        self._complaints.tell(Path(entry.path), f"{self._shown(Path(entry.path))!r} {text}")

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self.blobs))


def signature_of(status: os.stat_result) -> Signature:
    """A value that changes when the file is written to or replaced."""
    return status.st_ino, status.st_size, status.st_mtime_ns
