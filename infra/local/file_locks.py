"""Questions to the kernel: is a file still being written, and which of several processes holds one?"""

import fcntl
import os
import signal
import threading
from pathlib import Path


def is_being_written(path: Path) -> bool | None:
    """Whether any process of this machine has ``path`` open for writing; None where the kernel cannot tell.

    Linux gives a read lease on a file only while nobody has it open for writing, whoever that is (fcntl(2),
    ``F_SETLEASE``). The lease is asked for and given back at once. It is not to be had on network file systems, on
    other systems, and for the files of other users.

    Raises `OSError` for a file that cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return _has_writer(handle)
    finally:
        os.close(handle)


def _has_writer(handle: int) -> bool | None:
    if not hasattr(fcntl, "F_SETLEASE"):
        return None
    try:
        # A writer who comes between the two calls makes the kernel send us a signal. SIGIO, its default, would end the
        # process; SIGURG is ignored by default.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None
    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


class Turn:
    """The right to do something that one process at a time does: a lock on ``path``, which is made if need be.

    It is kept until `give_up`, or until the process ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._given_up = False

    def is_ours(self) -> bool:
        """Whether this process has it; takes it if nobody has it. Raises `OSError` if the file cannot be opened."""
        with self._lock:
            if self._handle is not None or self._given_up:
                return self._handle is not None
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            except BaseException:
                os.close(handle)
                raise
            self._handle = handle
            return True

    def give_up(self) -> None:
        """Let another process have it, for good."""
        with self._lock:
            self._given_up = True
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None
