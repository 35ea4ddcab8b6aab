"""What a backup holds of a store: which records are left out, in which order they come back, and what they name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec

from functions.records.files import File
from functions.records.kinds import (
    DATASET_VERSIONS,
    DATASETS,
    DEPLOYMENTS,
    KEYS,
    MODELS,
    VERSIONS,
    WINDOWS,
)
from functions.records.names import DATA_NAMES
from functions.records.restores import RESTORES
from functions.records.schedules import SCHEDULES
from functions.records.sessions import LINKS, SESSIONS, SIGNING
from functions.records.totals import TOTALS
from functions.runs.record import BEGUN, RESULTS, RUNS, Run, is_over
from functions.storage import SYSTEM, Record
from functions.storage.record_codec import decode
from lepton_core.errors import Damaged

OF_ONE_PLACE = frozenset({SESSIONS.name, LINKS.name, SIGNING.name, SCHEDULES.name, RESTORES.name})
"""Kinds of records that belong to one place: who is signed in there, its secret, and when its turns were last done."""

OWN = OF_ONE_PLACE | {KEYS.name}
"""What a store may hold that is empty otherwise: somebody had to make the first key."""

PASSING = "exports"
"""The room of files that are made anew when they are asked for."""

LANDING = frozenset({"incoming", "scoring", "imports", "predict"})
"""The rooms in which a file that comes is taken up. On AWS it is announced, so it may come only behind its record."""

_HEADS = frozenset({DATASETS.name, DATA_NAMES.name, MODELS.name, DEPLOYMENTS.name})
_ALONE = frozenset({TOTALS.name, BEGUN.name, RESULTS.name, *OF_ONE_PLACE})

_ID = re.compile(r"/[a-z]+-[0-9a-f]{24}\Z")

STAGES = 4
"""In so many stages records come back."""


def kind_of(partition: str) -> str:
    """The kind of the records in ``partition``.

    >>> kind_of("default/versions/m")
    'versions'
    """
    return partition.split("/", 2)[1] if "/" in partition else ""


def stage(record: Record) -> int:
    """When a record comes back: behind those that it leads to, so that whatever can be found is whole.

    0: what is found by others; 1: what is found by name; 2: pointers to work; 3: keys, which let callers in.
    """
    if record.partition.startswith(f"{SYSTEM}/"):
        return 3 if kind_of(record.partition) == KEYS.name else 2
    return 1 if kind_of(record.partition) in _HEADS else 0


def is_alone(partition: str, key: str) -> bool:
    """Whether a record is always written by itself. Of the windows, those of a scored file end its run, too."""
    kind = kind_of(partition)
    return kind in _ALONE or (kind == WINDOWS.name and ":run-" not in key)


def is_written_once(key: str) -> bool:
    """Whether no other file was ever, and will ever be, at ``key``. Where people put files they may put another one.

    >>> is_written_once("default/incoming/m/june.csv"), is_written_once("default/tables/m/up-1/parts/0")
    (False, True)
    """
    return room_of(key) not in LANDING or _ID.search(key) is not None


def room_of(key: str) -> str:
    """The room in which a file lies: the second part of its key.

    >>> room_of("default/incoming/m/up-1")
    'incoming'
    """
    return key.split("/", 2)[1] if "/" in key else ""


class NamedFiles:
    """The files without which records are worth nothing; told of the records of a store, one after the other.

    Runs that have ended, versions of data that were deleted, name files that are gone, and rightly so.
    """

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._of_results: dict[str, list[tuple[str, list[File]]]] = {}
        self._going: set[str] = set()
        self.unreadable: list[str] = []
        """Records that are damaged where they are."""

    def see(self, record: Record) -> None:
        """Note what ``record`` names. Raises ``Unavailable`` if a newer Lepton wrote it."""
        workspace, _, rest = record.partition.partition("/")
        try:
            match kind_of(record.partition):
                case DATASET_VERSIONS.name:
                    version = decode(DATASET_VERSIONS, record)
                    if version.life == "kept":
                        self._name(version.files)
                case VERSIONS.name:
                    self._name(decode(VERSIONS, record).files)
                case DEPLOYMENTS.name:
                    self._name(files_in(decode(DEPLOYMENTS, record)))
                case RUNS.name:
                    self._see_run(workspace, decode(RUNS, record))
                case RESULTS.name:
                    made = list(files_in(decode(RESULTS, record)))
                    if made:
                        run = f"{workspace}/{rest.partition('/')[2]}"
                        self._of_results.setdefault(run, []).append((record.key, made))
                case _:
                    pass
        except Damaged as error:
            self.unreadable.append(f"{record.partition} {record.key}: {error.message}")

    def needed(self) -> dict[str, str]:
        """The digest of each file, by its key; an empty one is not known."""
        results = (files for run in self._going for _, files in self._of_results.get(run, ()))
        return self._files | {file.key: _hex(file) for files in results for file in files}

    def results_without(self, absent: set[str]) -> set[tuple[str, str]]:
        """The partition and the key of results of runs under way that name one of the ``absent`` files.

        With each of them goes the evidence that its task was begun.
        """
        found = set[tuple[str, str]]()
        for going in self._going:
            workspace, run = going.split("/")
            for key, files in self._of_results.get(going, ()):
                if any(file.key in absent for file in files):
                    found |= {(f"{workspace}/{kind.name}/{run}", key) for kind in (RESULTS, BEGUN)}
        return found

    def _see_run(self, workspace: str, run: Run) -> None:
        if is_over(run):
            self._name(files_in(run.outcome))
            return
        self._going.add(f"{workspace}/{run.id}")
        self._name(files_in(run))

    def _name(self, files: Iterable[File]) -> None:
        self._files |= {file.key: _hex(file) for file in files}


def files_in(value: Any) -> Iterator[File]:
    """Every file that a stored value names, however deep."""
    if isinstance(value, File):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from files_in(getattr(value, name))
    elif is_dataclass(value):
        for one in fields(value):
            yield from files_in(getattr(value, one.name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from files_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from files_in(inner)


def _hex(file: File) -> str:
    return file.digest.removeprefix("sha256:")
