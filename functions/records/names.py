"""What data sets are called: a name leads to the key under which all of a data set is stored.

A name that was in no renaming is its own key. A renaming lets two names exchange their keys. So at any time a name
leads to one key, and a key has one name.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from functions.records.kinds import DATASETS, Dataset
from functions.storage import RecordKind, Workspace, Write


class DataName(msgspec.Struct, frozen=True):
    """Where a name leads that was in a renaming: to ``key``, and to ``before`` until the last one."""

    key: str
    before: str


DATA_NAMES = RecordKind("data_names", DataName)  # name


@dataclass(frozen=True, slots=True)
class Named:
    """A data set as a caller named it, whether it exists or not, and the ``key`` that its ``name`` leads to."""

    name: str
    key: str


def named(store: Workspace, name: str) -> Named:
    """Where ``name`` leads, as of now."""
    found = store.get(DATA_NAMES, name)
    return Named(name, name if found is None else found.value.key)


def name_of(store: Workspace, key: str) -> str:
    """What the data set under ``key`` is called, as of now."""
    found = store.get(DATASETS, key)
    return key if found is None else found.value.called


def all_names(store: Workspace) -> dict[str, str]:
    """The names of all keys that are not their own names: for lists, which would ask for each of them."""
    return {found.value.key: name for name, found in store.all(DATA_NAMES) if found.value.key != name}


def key_before(store: Workspace, name: str) -> str | None:
    """Where ``name`` led before the last renaming that it was in, if it was in one."""
    found = store.get(DATA_NAMES, name)
    return None if found is None else found.value.before


def renamed_to(store: Workspace, name: str) -> str | None:
    """What the data set is called now that was called ``name`` before, if there is one."""
    key = key_before(store, name)
    found = None if key is None else store.get(DATASETS, key)
    if found is None or found.value.is_free or found.value.called == name:
        return None
    return found.value.called


def waited_for(store: Workspace, key: str, now: datetime) -> list[Write]:
    """Write a data set that has nothing yet, so that nobody gives its name to another one at the same moment."""
    found = store.get(DATASETS, key)
    if found is not None and not found.value.is_free:
        return []
    empty = Dataset(key, "", 0, now, 0) if found is None else found.value
    return [store.put(DATASETS, key, value=empty, expect=0 if found is None else found.revision)]
