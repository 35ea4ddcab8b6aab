"""SQLite connections of one process, each used by one thread at a time, none of them alive across a fork."""

import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from functions.storage import posix
from functions.storage.disk_errors import BUSY, of_replaced, of_sqlite, typed_errors
from functions.storage.disk_marks import CURRENT, FileState, adopt, state
from lepton_core.errors import Unavailable

T = TypeVar("T")

_RETRY_SECONDS = 0.02


class Connections:
    """Opens connections to ``path`` as threads need them and keeps them for the next one.

    The file is made if it is missing, for its owner alone; SQLite gives the files beside it the same mode. Raises
    ``Conflict``, which names the file, if it is not ours.

    The file must stay the one that was opened: once it is removed or replaced every use raises ``Unavailable``, as what
    is written into a file without a name is gone when the process ends.

    SQLite counts its file locks in the memory of the process. A child that inherits an open connection by
    fork believes to hold locks that it does not hold, even in connections of its own, and the parent may
    then remove the write-ahead log under it. So a fork waits until no connection is in use, and closes them
    all first.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._idle: list[sqlite3.Connection] = []
        self._start()
        self._finalizer = weakref.finalize(self, _close_all, self._idle)
        _ALIVE.add(self)
        self._claim()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for this thread; raises what `of_sqlite` makes of an error.

        That is ``Unavailable`` if the file stays locked for ``patience`` seconds, and ``StorageFull`` without room.
        """
        self._demand_same_file()
        with self._typed():
            connection = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection that alone may write; commits at the end of the block, rolls back on an exception."""
        # SQLite waits for a lock by polling; among the threads of one process a lock wakes the next at once.
        writer = self._writer
        if not writer.acquire(timeout=self._patience):
            raise Unavailable(BUSY)
        try:
            with self.connection() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                self._demand_same_file()
                connection.execute("COMMIT")
        finally:
            writer.release()

    def close(self) -> None:
        """Close what is idle. The store stays usable: the next call opens a connection again."""
        with self._gate:
            _close_all(self._idle)

    def _claim(self) -> None:
        with typed_errors(), suppress(FileExistsError):
            posix.new_private_file(self._path).close()
        self._opened = self._file()
        # Looked at before anything is set: that would change a file of another program.
        with self._typed():
            found = _until_free(self._patience, partial(_look, self._path, self._patience))
        if found != CURRENT:
            with self.transaction() as connection:
                adopt(connection, self._path)

    def _demand_same_file(self) -> None:
        found = self._file()
        if found is None or found != self._opened:
            raise of_replaced(self._path)

    def _file(self) -> tuple[int, int] | None:
        """The device and the number of the file that is at the path now; None: there is none."""
        with typed_errors():
            try:
                found = self._path.stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return found.st_dev, found.st_ino

    @contextmanager
    def _typed(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            meant = of_sqlite(error, self._path)
            if meant is None:
                raise
            raise meant from error

    def _start(self) -> None:
        self._gate = threading.Condition(threading.Lock())
        self._writer = threading.Lock()
        self._busy = 0

    def _take(self) -> sqlite3.Connection:
        with self._gate:
            self._busy += 1
            if self._idle:
                return self._idle.pop()
        try:
            return _until_free(self._patience, partial(_open, self._path, self._patience))
        except BaseException:
            self._leave(None)
            raise

    def _give_back(self, connection: sqlite3.Connection) -> None:
        kept: sqlite3.Connection | None = None
        try:
            if connection.in_transaction:
                connection.rollback()
            kept = connection
        except sqlite3.Error:
            connection.close()  # which rolls back too; the error that led here says more than this one
        except BaseException:
            connection.close()
            raise
        finally:
            self._leave(kept)

    def _leave(self, connection: sqlite3.Connection | None) -> None:
        with self._gate:
            self._busy -= 1
            if connection is not None:
                self._idle.append(connection)
            self._gate.notify_all()

    def before_fork(self) -> None:
        """Keep every thread out, with no connection open, until one of the two below is called."""
        self._gate.acquire()
        self._gate.wait_for(lambda: self._busy == 0)
        _close_all(self._idle)

    def after_fork_in_parent(self) -> None:
        """Let the threads in again."""
        self._gate.release()

    def after_fork_in_child(self) -> None:
        """Begin anew: the threads that held or awaited the locks do not exist here."""
        self._start()


def _open(path: Path, patience: float) -> sqlite3.Connection:
    connection = _connect(path, patience)
    try:
        # Turning WAL on ignores the busy timeout when two processes do it at once.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _look(path: Path, patience: float) -> FileState:
    with closing(_connect(path, patience)) as connection:
        connection.execute("BEGIN")  # else another process may mark the file between two of the questions
        return state(connection, path)


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    # "rw" never makes a file: one that is removed while the platform is up must not come back empty.
    where = f"{path.as_uri()}?mode=rw"
    return sqlite3.connect(where, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)


def _until_free(patience: float, job: Callable[[], T]) -> T:
    deadline = time.monotonic() + patience
    while True:
        try:
            return job()
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
        time.sleep(_RETRY_SECONDS)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _close_all(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


_ALIVE: "weakref.WeakSet[Connections]" = weakref.WeakSet()
_FORKING: list[Connections] = []


def _before_fork() -> None:
    for connections in list(_ALIVE):
        connections.before_fork()
        _FORKING.append(connections)


def _after_fork_in_parent() -> None:
    while _FORKING:
        _FORKING.pop().after_fork_in_parent()


def _after_fork_in_child() -> None:
    while _FORKING:
        _FORKING.pop().after_fork_in_child()


posix.around_forks(_before_fork, _after_fork_in_parent, _after_fork_in_child)
