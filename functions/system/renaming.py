"""Rename a data set, in one transaction: its new name and its old one exchange the keys that they lead to.

Nothing else that is stored changes: versions, models, runs and files know the key.
"""

from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from functions.context import Context
from functions.records import find
from functions.records.change import until_written
from functions.records.kinds import DATASETS, MODELS, Dataset
from functions.records.names import DATA_NAMES, DataName
from functions.storage import Put, Stored, Workspace
from lepton_core.errors import Conflict
from lepton_core.remedy import deletion

MOST_NAMES = 100
"""So many of the names that a data set had are kept, the newest ones."""


@dataclass(frozen=True)
class _Place:
    """Where ``name`` leads, and the revision of that: the exchange is written only if it is still so."""

    name: str
    key: str
    revision: int

    @classmethod
    def of(cls, store: Workspace, name: str) -> "_Place":
        found = store.get(DATA_NAMES, name)
        return cls(name, name, 0) if found is None else cls(name, found.value.key, found.revision)

    def leads_to(self, store: Workspace, key: str) -> Put:
        return store.put(DATA_NAMES, self.name, value=DataName(key, self.key), expect=self.revision)


def rename(context: Context, store: Workspace, name: str, wanted: str) -> Dataset:
    """The data set ``name`` as it is once it is called ``wanted``; done twice it changes nothing more.

    Raises `NotFound` for what is not there, and `Conflict` if there is another data set of that name, if models wait
    for one, or if the data set is being deleted.
    """
    return until_written(name, partial(_rename, context, store, name, wanted))


def _rename(context: Context, store: Workspace, name: str, wanted: str) -> Dataset:
    old, new = _Place.of(store, name), _Place.of(store, wanted)
    there = store.get(DATASETS, new.key)
    if name != wanted and there is not None and _was_renamed(store, old.key, there.value, name):
        return there.value
    found = find.dataset(store, old.key)
    if name == wanted:
        return found.value
    if found.value.life == "going":
        raise Conflict(f"dataset {name!r} is being deleted")
    if there is not None and not there.value.is_free:
        way = deletion(wanted)
        raise Conflict(
            f"there is a dataset {wanted!r}; choose another name, or delete it first: {way}",
            field="name",
            remedies=(way,),
        )
    _refuse_if_awaited(store, new.key, wanted)
    empty = Stored(Dataset(new.key, "", 0, context.clock(), 0), 0) if there is None else there
    renamed = _called(found.value, name, wanted)
    store.write(
        old.leads_to(store, new.key),
        new.leads_to(store, old.key),
        store.put(DATASETS, old.key, value=renamed, expect=found.revision),
        store.put(DATASETS, new.key, value=_called(empty.value, wanted, name), expect=empty.revision),
    )
    return renamed


def _was_renamed(store: Workspace, key: str, there: Dataset, name: str) -> bool:
    """Whether ``there`` was ``name`` until it was renamed, and nothing that ``key`` leads to is."""
    free = store.get(DATASETS, key)
    return not there.is_free and there.names[-2:-1] == (name,) and (free is None or free.value.is_free)


def _refuse_if_awaited(store: Workspace, key: str, wanted: str) -> None:
    """Models of a data set that never came, or was deleted, would learn from another one without a word."""
    waiting = [name for name, model in store.all(MODELS) if model.value.dataset == key]
    if waiting:
        raise Conflict(
            f"model {waiting[0]!r} learns from dataset {wanted!r}, which has no data; choose another name",
            field="name",
        )


def _called(dataset: Dataset, before: str, now: str) -> Dataset:
    return replace(dataset, names=(*(dataset.names or (before,)), now)[-MOST_NAMES:])
