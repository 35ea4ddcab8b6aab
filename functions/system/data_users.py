"""Who uses data that somebody wants deleted: runs under way, versions of models, and models that learn from them."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.records import find
from functions.records.intents import pointed_at
from functions.records.kinds import DUE_RUNS, MODELS, VERSIONS, DatasetVersion, Model, Version
from functions.records.names import name_of
from functions.runs.job import ScoreJob
from functions.runs.record import RUNS, has_ended
from functions.storage import Stored, Workspace
from lepton_core.errors import Conflict
from lepton_core.remedy import Remedy, deletion, of_model
from lepton_core.table import COPIES

MOST_USERS_NAMED = 10

_FIRST_DECIDES = frozenset({"group-1", "copies-2"})
"""Rules of splits by which the first version of a dataset decides where the arc of held-out rows begins."""


@dataclass(frozen=True)
class ToDelete:
    """The versions of ``dataset`` that are to go: ``version``, or all up to number ``upto`` if that is None."""

    dataset: str
    version: int | None
    upto: int

    def said(self, name: str) -> str:
        """As an error has it, of a dataset that is called ``name``."""
        which = "" if self.version is None else f"version {self.version} of "
        return f"{which}dataset {name!r}"

    def has(self, dataset: str, version: int) -> bool:
        """Whether it is one of them; 0 is the version of no data."""
        return dataset == self.dataset and (
            1 <= version <= self.upto if self.version is None else version == self.version
        )


@dataclass(frozen=True)
class User:
    """Somebody who uses them, ``what`` in words, and the call that ends it. ``may_be_forced``: or ``force``."""

    what: str
    remedy: Remedy
    may_be_forced: bool = True


def refuse_if_used(system: Workspace, store: Workspace, wanted: ToDelete, *, forced: bool) -> None:
    """Raises `Conflict` naming who uses the data, and what to do about it; some uses may be ``forced`` over."""
    users = [one for one in _users(system, store, wanted) if not (forced and one.may_be_forced)]
    if not users:
        return
    dataset = name_of(store, wanted.dataset)
    named = "; ".join(one.what for one in users[:MOST_USERS_NAMED])
    more = f"; and {len(users) - MOST_USERS_NAMED} more" if len(users) > MOST_USERS_NAMED else ""
    remedies = list({one.remedy.said: one.remedy for one in users[:MOST_USERS_NAMED]}.values())
    said = ", ".join(map(str, remedies))
    if all(one.may_be_forced for one in users):
        remedies.append(deletion(dataset, wanted.version, force=True))
        said += f", or {remedies[-1]}: models keep serving, and cannot be evaluated on it again"
    raise Conflict(f"{wanted.said(dataset)} is used: {named}{more}. To go on: {said}", remedies=remedies)


def trained_on(store: Workspace, wanted: ToDelete) -> Iterator[Version]:
    """The versions of active models that were trained on the data."""
    for name in _active(store):
        for _, version in store.all(VERSIONS, name):
            if wanted.has(version.value.dataset, version.value.dataset_version):
                yield version.value


def _users(system: Workspace, store: Workspace, wanted: ToDelete) -> Iterator[User]:
    yield from _runs(system, store, wanted)
    yield from _splits(store, wanted)
    for version in trained_on(store, wanted):
        yield User(
            f"version {version.version} of model {version.model!r} was trained on it",
            of_model("retire", version.model),
        )
    if not any(not wanted.has(wanted.dataset, one.value.version) for one in _kept(store, wanted)):
        for name, model in _active(store).items():
            if model.dataset == wanted.dataset:
                yield User(f"model {name!r} learns from it", of_model("retire", name))


def _runs(system: Workspace, store: Workspace, wanted: ToDelete) -> Iterator[User]:
    for subject in pointed_at(system, DUE_RUNS, store.name):
        run = store.get(RUNS, subject)
        if run is None or has_ended(run.value) or isinstance(run.value.job, ScoreJob):
            continue
        spec = run.value.job.spec
        if wanted.has(spec.dataset, spec.dataset_version):
            yield User(
                f"run {run.value.id} of model {run.value.model!r} is under way",
                of_model("cancel", run.value.model),
                may_be_forced=False,
            )


def _splits(store: Workspace, wanted: ToDelete) -> Iterator[User]:
    """What the first version decides for later ones: without it, rows that a model learnt from would be held out."""
    kept = [one.value for one in _kept(store, wanted)]
    later = [one for one in kept if not wanted.has(one.dataset, one.version)]
    labels = {one.label for one in later}
    first = {one.label: one.version for one in reversed(kept) if one.label in labels}
    decides = {label for label, which in first.items() if wanted.has(wanted.dataset, which)}
    numbers = {one.version for one in later if one.label in decides}
    for one in later:
        if one.label in decides and one.strata is None:
            yield User(
                f"it decides which rows of version {one.version} are held out",
                deletion(name_of(store, wanted.dataset), one.version),
                may_be_forced=False,
            )
    for name in _active(store) if numbers else ():
        for _, version in store.all(VERSIONS, name):
            by_first = version.value.split.rule in _FIRST_DECIDES and version.value.split != COPIES
            if (
                by_first
                and version.value.dataset == wanted.dataset
                and version.value.dataset_version in numbers
            ):
                yield User(
                    f"it decides which rows version {version.value.version} of model {name!r} held out",
                    of_model("retire", name),
                    may_be_forced=False,
                )


def _kept(store: Workspace, wanted: ToDelete) -> list[Stored[DatasetVersion]]:
    return list(find.kept_versions(store, wanted.dataset))


def _active(store: Workspace) -> dict[str, Model]:
    return {name: one.value for name, one in store.all(MODELS) if one.value.state == "active"}
