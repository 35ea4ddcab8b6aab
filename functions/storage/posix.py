"""The calls that only POSIX systems (Linux, macOS) have, each under a name that says what it is for.

No other module names these calls, so another system is a matter of this one. Windows would need: a rename that fails
if the name is taken in `publish`; no `sync_folder`, as NTFS keeps a log of its own; access lists instead of modes;
the attribute of a reparse point in `open_unfollowed`; a fixed bound for open files; Ctrl-Break instead of SIGTERM.
It has no fork, so `around_forks` would do nothing. It tells nobody who writes a file, and locks one by `msvcrt`.
"""

import fcntl
import os
import resource
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from types import FrameType
from typing import BinaryIO

_FILE = 0o600
_FOLDER = 0o700
_OTHERS = 0o077
_NICE = 10


def new_private_file(path: Path) -> BinaryIO:
    """A new file that its owner alone may read or write, whatever the umask; ``FileExistsError`` if there is one."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE)
    os.fchmod(handle, _FILE)  # a umask may have taken away the owner's own rights
    return os.fdopen(handle, "wb")


def make_private_folder(folder: Path) -> None:
    """Make ``folder``, and what is missing above it, for its owner alone. Folders that exist stay as they are.

    Raises ``FileNotFoundError`` if somebody removes a folder above meanwhile, and ``FileExistsError`` or
    ``NotADirectoryError`` where something else has the name.
    """
    try:
        folder.mkdir(_FOLDER)
    except FileNotFoundError:
        make_private_folder(folder.parent)
        folder.mkdir(_FOLDER, exist_ok=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    folder.chmod(_FOLDER)


def close_to_others(path: Path) -> bool:
    """Take away what others than the owner may do with ``path``; False: there was nothing to take away.

    A link stays as it is, and so does a file with another name elsewhere, where it may be meant for others. A folder
    that everybody shares by design (the sticky bit, as ``/tmp``) stays open.
    """
    found = path.lstat()
    is_elsewhere = not stat.S_ISDIR(found.st_mode) and found.st_nlink > 1
    if stat.S_ISLNK(found.st_mode) or is_elsewhere or found.st_mode & stat.S_ISVTX:
        return False
    if not found.st_mode & _OTHERS:
        return False
    path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
    return True


def open_unfollowed(path: Path) -> int:
    """A handle to read what is at ``path`` itself: no link is followed, and no pipe waited for."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def publish(draft: Path, path: Path) -> None:
    """Give the file ``draft`` the further name ``path``, at once and whole; ``FileExistsError`` if it is taken."""
    os.link(draft, path)


def sync_file(file: BinaryIO) -> None:
    """Return when what was written into ``file`` is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in ``folder`` are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def around_forks(
    before: Callable[[], None], after_in_parent: Callable[[], None], after_in_child: Callable[[], None]
) -> None:
    """Call these at each fork of this process, for as long as it lives."""
    os.register_at_fork(before=before, after_in_parent=after_in_parent, after_in_child=after_in_child)


def most_open_files() -> int | None:
    """How many files this process may have open; None: as many as it likes."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if files == resource.RLIM_INFINITY else files


@contextmanager
def on_stop(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Within the block ``handler`` is called where Ctrl-C or SIGTERM would end this process. Main thread only.

    After a call of it the process is about to end, and a signal that comes behind the block must not end it halfway.
    """
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        handler(number, frame)

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, signal.SIG_IGN if heard else previous)


@contextmanager
def deaf() -> Iterator[None]:
    """Let threads and processes that are started within the block hear neither Ctrl-C nor SIGTERM."""
    # Starting this helper of multiprocessing unblocks both signals, whatever they were before.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def yield_to_others() -> None:
    """Let this process have what time the other processes of the platform leave."""
    os.nice(_NICE)


def is_being_written(path: Path) -> bool | None:
    """Whether any process of this machine has ``path`` open for writing; None where the kernel cannot tell.

    Linux gives a read lease on a file only while no process has it open for writing (fcntl(2),
    ``F_SETLEASE``). The lease is asked for and given back at once. It is not to be had on network file systems, on
    other systems, and for the files of other users.

    Raises ``OSError`` for a file that cannot be opened.
    """
    handle = open_unfollowed(path)
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


def take_lock(path: Path, *, shared: bool = False) -> int | None:
    """Lock the file ``path``, made if need be, against other processes; None if one of them has the lock.

    A ``shared`` lock keeps off those alone that want one which is not. The handle keeps the lock until it is closed, or
    until this process ends, however it ends. Raises ``OSError`` if the file cannot be opened.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return handle
