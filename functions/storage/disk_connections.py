"""SQLite connections of one process, each used by one thread at a time, none of them alive across a fork."""

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lepton_core.errors import Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    partition TEXT NOT NULL,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (partition, key)
)
"""
_RETRY_SECONDS = 0.02
_BUSY = "the record store is busy; try again"


class Connections:
    """Opens connections to ``path`` as threads need them and keeps them for the next one.

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
        with self.connection() as connection:
            connection.execute(_SCHEMA)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for this thread; ``Unavailable`` if the file stays locked for ``patience`` seconds."""
        connection = self._take()
        try:
            yield connection
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                raise Unavailable(_BUSY) from error
            raise
        finally:
            self._give_back(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection that alone may write; commits at the end of the block, rolls back on an exception."""
        # SQLite waits for a lock by polling; among the threads of one process a lock wakes the next at once.
        writer = self._writer
        if not writer.acquire(timeout=self._patience):
            raise Unavailable(_BUSY)
        try:
            with self.connection() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        finally:
            writer.release()

    def close(self) -> None:
        """Close what is idle. The store stays usable: the next call opens a connection again."""
        with self._gate:
            _close_all(self._idle)

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
            return _open(self._path, self._patience)
        except BaseException:
            self._leave(None)
            raise

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.rollback()
        except BaseException:
            connection.close()
            self._leave(None)
            raise
        self._leave(connection)

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
        """Begin anew: whoever held or awaited the locks does not exist here."""
        self._start()


def _open(path: Path, patience: float) -> sqlite3.Connection:
    deadline = time.monotonic() + patience
    while True:
        connection = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
        try:
            # Turning WAL on ignores the busy timeout when two processes do it at once.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.OperationalError as error:
            connection.close()
            if not _is_busy(error):
                raise
            if time.monotonic() > deadline:
                raise Unavailable(_BUSY) from error
            time.sleep(_RETRY_SECONDS)
        except BaseException:
            connection.close()
            raise
        else:
            return connection


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


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
)
