"""Files that land in the store's folder, put there by the platform or by hand, are announced."""

import logging
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from functions.storage.checks import is_blob_key

log = logging.getLogger("lepton.landing")

_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")
_LONGEST_WAIT = 60.0
_DEEPEST = 3
"""How deep the files lie that are seen: one folder below a dataset's, so that who puts a file there is told."""


@dataclass(frozen=True)
class _Seen:
    """A file as last looked at: announced, or to be announced at ``due`` after ``failures`` attempts."""

    signature: tuple[int, int]
    announced: bool = False
    failures: int = 0
    due: float = 0.0


@dataclass
class Landing:
    """Watches the folders ``blobs/*/incoming`` and calls ``announce(key, size)`` for each file that is complete.

    Complete is a file that neither grew nor was touched since the last look, or that is older than
    ``settle`` seconds at the first one. Replaced files are announced again. Delivery is at least once: a new
    process announces everything that is there, and an announcement that raised is repeated, ever more slowly.
    """

    blobs: Path
    announce: Callable[[str, int], None]
    settle: float = 0.5
    clock: Callable[[], float] = time.time
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)

    def scan(self) -> None:
        """Look once. One bad file never keeps the others from being announced."""
        now = self.clock()
        present = dict(self._files())
        self._seen = {key: seen for key, seen in self._seen.items() if key in present}
        for key, signature in sorted(present.items()):
            before = self._seen.get(key)
            if before is None or before.signature != signature:
                is_possible = is_blob_key(key)
                if not is_possible:
                    log.warning("%r is not taken in: its name has letters that no key may have", key)
                self._seen[key] = before = _Seen(signature, announced=not is_possible)
                if now - signature[1] / 1e9 < self.settle:
                    continue
            if not before.announced and before.due <= now:
                self._seen[key] = self._try(key, before, now)

    def _try(self, key: str, seen: _Seen, now: float) -> _Seen:
        try:
            self.announce(key, seen.signature[0])
        except Exception:
            wait = min(_LONGEST_WAIT, 2.0**seen.failures)
            log.exception("%r landed and could not be taken in; trying again in %g s", key, wait)
            return _Seen(seen.signature, failures=seen.failures + 1, due=now + wait)
        return _Seen(seen.signature, announced=True)

    def _files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for workspace in self._entries(self.blobs):
            if workspace.is_dir() and not workspace.name.startswith("."):
                prefix = f"{workspace.name}/incoming"
                yield from self._walk(prefix, Path(workspace.path, "incoming"), _DEEPEST)

    def _walk(self, prefix: str, folder: Path, depth: int) -> Iterator[tuple[str, tuple[int, int]]]:
        for entry in self._entries(folder):
            if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
                continue
            with suppress(FileNotFoundError):
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    yield f"{prefix}/{entry.name}", (status.st_size, status.st_mtime_ns)
                elif stat.S_ISDIR(status.st_mode) and depth > 1:
                    yield from self._walk(f"{prefix}/{entry.name}", Path(entry.path), depth - 1)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as listing:
                found = list(listing)
        except (FileNotFoundError, NotADirectoryError):
            found = []
        except OSError as error:
            if str(folder) not in self._closed:
                log.warning("what lands in %r is not seen: %s", str(folder), error.strerror)
            self._closed.add(str(folder))
            return []
        self._closed.discard(str(folder))
        return found
