"""How a SQLite file says that it is Lepton's, and in which format it is. Pure reading and writing of its marks.

``application_id`` names the program and ``user_version`` the format of the whole folder. Files made before there were
marks have 0 in both: such a file is ours, in format 1, if it has our table and nothing else.
"""

import sqlite3
from pathlib import Path
from typing import Literal

from lepton_core.errors import Conflict

FORMAT = 1
"""The format of the folders that this program makes, and the newest that it reads (`docs/formats.md`)."""

APPLICATION = int.from_bytes(b"LEPT")

FileState = Literal["new", "unmarked", "current"]
NEW: FileState = "new"
UNMARKED: FileState = "unmarked"
CURRENT: FileState = "current"

_SCHEMA = """
CREATE TABLE records (
    partition TEXT NOT NULL,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (partition, key)
)
"""
_COLUMNS = [
    ("partition", "TEXT", 1, 1),
    ("key", "TEXT", 1, 2),
    ("revision", "INTEGER", 1, 0),
    ("body", "BLOB", 1, 0),
]
_ANOTHER = "{path} is a database of another program; choose another folder, or move the file away"
_NEWER = "{path} was made by a newer Lepton (format {found}); this one reads up to {format}: update it"
_DAMAGED = (
    "{path} is damaged, or no database ({error}); put the file back from a backup, or choose another folder"
)


def state(connection: sqlite3.Connection, path: Path) -> FileState:
    """The state of the file. Raises `Conflict`, naming ``path``, if this program must not write into it."""
    try:
        application, found = (
            _number(connection, "application_id"),
            _number(connection, "user_version"),
        )
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        columns = connection.execute(
            'SELECT name, type, "notnull", pk FROM pragma_table_info(?)', ("records",)
        )
        is_ours = tables == {"records"} and columns.fetchall() == _COLUMNS
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise
        raise Conflict(_DAMAGED.format(path=path, error=error)) from error
    if application == APPLICATION and found > FORMAT:
        raise Conflict(_NEWER.format(path=path, found=found, format=FORMAT))
    if application == APPLICATION and is_ours:
        return CURRENT
    if application == found == 0 and is_ours:
        return UNMARKED
    if application == found == 0 and not tables:
        return NEW
    if application == APPLICATION:
        raise Conflict(_DAMAGED.format(path=path, error="its table is missing"))
    raise Conflict(_ANOTHER.format(path=path))


def adopt(connection: sqlite3.Connection, path: Path) -> None:
    """Within a transaction: make the table if the file is new, and mark the file if it is not marked."""
    found = state(connection, path)
    if found == CURRENT:
        return  # another process was faster
    if found == NEW:
        connection.execute(_SCHEMA)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Read the whole file; raise `Conflict`, naming ``path``, for the first damage that SQLite finds."""
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise
        said = str(error)
    if said != "ok":
        shown = " ".join(said.split())
        raise Conflict(_DAMAGED.format(path=path, error=shown))


def _number(connection: sqlite3.Connection, name: str) -> int:
    found: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return found
