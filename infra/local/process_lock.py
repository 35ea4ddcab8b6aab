"""The right to do something that one of several processes does at a time."""

import os
import threading
from pathlib import Path

from functions.storage import posix


class ProcessLock:
    """The right to do something that one process at a time does: a lock on ``path``, which is made if need be.

    It is kept until `give_up`, or until the process ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._given_up = False

    def is_ours(self) -> bool:
        """Whether this process has it; takes it if nobody has it. Raises ``OSError`` if the file cannot be opened."""
        with self._lock:
            if self._handle is None and not self._given_up:
                self._handle = posix.take_lock(self._path)
            return self._handle is not None

    def give_up(self) -> None:
        """Let another process have it, for good."""
        with self._lock:
            self._given_up = True
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None
