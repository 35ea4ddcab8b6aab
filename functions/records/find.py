"""Gathering what a path names, or the error that says it is not there. A data set is named by its key."""

from collections.abc import Iterator

from functions.records.deployments import Deployment
from functions.records.kinds import (
    ALERTS,
    DATASET_VERSIONS,
    DATASETS,
    DEPLOYMENTS,
    MODELS,
    VERSIONS,
    Dataset,
    DatasetVersion,
    Model,
    Version,
    number,
)
from functions.records.names import name_of, renamed_to
from functions.storage import Stored, Workspace
from lepton_core.errors import Conflict, NotFound
from lepton_core.monitor import Alert
from lepton_core.remedy import training


def model(store: Workspace, name: str) -> Stored[Model]:
    """The model, retired or not."""
    found = store.get(MODELS, name)
    if found is None:
        raise NotFound(f"no model {name!r}; create it first")
    return found


def active_model(store: Workspace, name: str) -> Stored[Model]:
    """The model, which must not be retired."""
    found = model(store, name)
    if found.value.state == "retired":
        raise Conflict(f"model {name!r} is retired; its versions can be read, and nothing else")
    return found


def learned_from(store: Workspace) -> list[str]:
    """The keys of the data sets that active models learn from; whoever serves a damaged model says so."""
    models = store.all(MODELS, passing_over=lambda damaged: None)
    return sorted({one.value.dataset for _, one in models if one.value.state == "active"})


def version(store: Workspace, model_name: str, wanted: int) -> Stored[Version]:
    """One trained version."""
    found = store.get(VERSIONS, model_name, number(wanted))
    if found is None:
        raise NotFound(f"model {model_name!r} has no version {wanted}", field="version")
    return found


def dataset(store: Workspace, key: str) -> Stored[Dataset]:
    """The dataset, which has a version that was not deleted."""
    found = store.get(DATASETS, key)
    if found is None or found.value.given == 0:
        name = key if found is None else found.value.called
        renamed = renamed_to(store, name)
        hint = "upload data first" if renamed is None else f"it was renamed to {renamed!r}"
        raise NotFound(f"no dataset {name!r}; {hint}")
    if found.value.life == "gone":
        raise NotFound(f"dataset {found.value.called!r} was deleted; upload data first")
    if found.value.latest == 0:
        raise NotFound(f"all versions of dataset {found.value.called!r} were deleted; upload data first")
    return found


def dataset_version(store: Workspace, key: str, wanted: int) -> Stored[DatasetVersion]:
    """One version of the dataset."""
    found = store.get(DATASET_VERSIONS, key, number(wanted))
    if found is None:
        raise NotFound(f"dataset {name_of(store, key)!r} has no version {wanted}")
    if found.value.life == "gone":
        raise NotFound(f"version {wanted} of dataset {name_of(store, key)!r} was deleted")
    return found


def kept_versions(store: Workspace, name: str, after: str = "") -> Iterator[Stored[DatasetVersion]]:
    """The versions of the dataset that were not deleted, the oldest first, from behind the key ``after`` on."""
    return (one for _, one in store.all(DATASET_VERSIONS, name, after=after) if one.value.life != "gone")


def oldest_version(store: Workspace, key: str, label: str) -> DatasetVersion:
    """The oldest version that predicts ``label`` and was not deleted. Raises `NotFound`."""
    found = (one.value for one in kept_versions(store, key) if one.value.label == label)
    oldest = next(found, None)
    if oldest is None:
        raise NotFound(f"no version of dataset {name_of(store, key)!r} predicts {label!r}")
    return oldest


def newest_open(
    store: Workspace, name: str, label: str | None = None, *, held: bool = False
) -> DatasetVersion | None:
    """The newest version of the dataset that predicts ``label``, if one is named, and is not held; None without one.

    With ``held`` one that is held counts too.
    """
    after = ""
    while page := store.list(DATASET_VERSIONS, name, after=after, reverse=True):
        for _, found in page:
            version = found.value
            fits = label in (None, version.label) and (held or version.state != "held")
            if fits and version.life == "kept":
                return version
        after = page[-1][0]
    return None


def data_of(store: Workspace, version: Version) -> DatasetVersion:
    """The data that a version was trained on. Raises `Conflict` for one that was imported, and `NotFound`."""
    came = version.imported
    if came is None:
        return dataset_version(store, version.dataset, version.dataset_version).value
    way = training(version.model)
    raise Conflict(
        f"version {version.version} of model {version.model!r} was imported, and what it learnt from, version "
        f"{came.data_version} of dataset {came.data!r}, is not on this platform; upload data with the label "
        f"{came.label!r} to dataset {name_of(store, version.dataset)!r}, and train a version on it: {way}",
        remedies=(way,),
    )


def label_of(store: Workspace, version: Version) -> str | None:
    """The column that a trained version predicts; None if nothing is kept of its data."""
    if version.imported is not None:
        return version.imported.label
    data = store.get(DATASET_VERSIONS, version.dataset, number(version.dataset_version))
    return None if data is None else data.value.label


def deployment(store: Workspace, model_name: str) -> Stored[Deployment]:
    """The deployment behind the model's address."""
    found = store.get(DEPLOYMENTS, model_name)
    if found is None:
        raise NotFound(f"model {model_name!r} is not deployed; deploy it first")
    return found


def open_alerts(store: Workspace, model_name: str) -> Iterator[tuple[str, Stored[Alert]]]:
    """The alerts of a model that are open, by key."""
    return ((key, alert) for key, alert in store.all(ALERTS, model_name) if alert.value.state == "open")
