"""Files that land in the store's folder, put there by the platform or by hand, are announced."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger("lepton.landing")

_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")
_LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class _Seen:
    """A file as last looked at: announced, or to be announced at ``due`` after ``failures`` attempts."""

    signature: tuple[int, int]
    announced: bool = False
    failures: int = 0
    due: float = 0.0


@dataclass
class Landing:
    """Watches ``blobs/*/incoming/**`` and calls ``announce(key, size)`` for each file that is complete.

    Complete is a file that neither grew nor was touched since the last look, or that is older than
    ``settle`` seconds at the first one. Replaced files are announced again. Delivery is at least once: a new
    process announces everything that is there, and an announcement that raised is repeated, ever more slowly.
    """

    blobs: Path
    announce: Callable[[str, int], None]
    settle: float = 0.5
    clock: Callable[[], float] = time.time
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def scan(self) -> None:
        """Look once. One bad file never keeps the others from being announced."""
        now = self.clock()
        present = dict(self._files())
        self._seen = {key: seen for key, seen in self._seen.items() if key in present}
        for key, signature in sorted(present.items()):
            before = self._seen.get(key)
            if before is None or before.signature != signature:
                self._seen[key] = before = _Seen(signature)
                if now - signature[1] / 1e9 < self.settle:
                    continue
            if not before.announced and before.due <= now:
                self._seen[key] = self._try(key, before, now)

    def _try(self, key: str, seen: _Seen, now: float) -> _Seen:
        try:
            self.announce(key, seen.signature[0])
        except Exception:
            wait = min(_LONGEST_WAIT, 2.0**seen.failures)
            log.exception("%s landed and could not be taken in; trying again in %g s", key, wait)
            return _Seen(seen.signature, failures=seen.failures + 1, due=now + wait)
        return _Seen(seen.signature, announced=True)

    def _files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for workspace in _folders(self.blobs):
            yield from _walk(f"{workspace.name}/incoming", Path(workspace.path, "incoming"))


def _walk(prefix: str, folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(f"{prefix}/{entry.name}", Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            with suppress(FileNotFoundError):
                status = entry.stat()
                yield f"{prefix}/{entry.name}", (status.st_size, status.st_mtime_ns)


def _folders(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return [entry for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
