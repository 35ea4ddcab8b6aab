"""Gathering what a path names, or the error that says it is not there."""

from collections.abc import Iterator

from functions.records.kinds import (
    ALERTS,
    DATASET_VERSIONS,
    DATASETS,
    DEPLOYMENTS,
    MODELS,
    VERSIONS,
    Dataset,
    DatasetVersion,
    Deployment,
    Model,
    Version,
    number,
)
from functions.storage import Stored, Workspace
from lepton_core.errors import Conflict, NotFound
from lepton_core.monitor import Alert


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
    """The data sets that active models learn from, by name; whoever serves a damaged model says so."""
    models = store.all(MODELS, passing_over=lambda damaged: None)
    return sorted({one.value.dataset for _, one in models if one.value.state == "active"})


def version(store: Workspace, model_name: str, wanted: int) -> Stored[Version]:
    """One trained version."""
    found = store.get(VERSIONS, model_name, number(wanted))
    if found is None:
        raise NotFound(f"model {model_name!r} has no version {wanted}", field="version")
    return found


def dataset(store: Workspace, name: str) -> Stored[Dataset]:
    """The dataset."""
    found = store.get(DATASETS, name)
    if found is None:
        raise NotFound(f"no dataset {name!r}; upload data first")
    return found


def dataset_version(store: Workspace, name: str, wanted: int) -> Stored[DatasetVersion]:
    """One version of the dataset."""
    found = store.get(DATASET_VERSIONS, name, number(wanted))
    if found is None:
        raise NotFound(f"dataset {name!r} has no version {wanted}")
    return found


def newest_open(store: Workspace, name: str) -> DatasetVersion:
    """The newest version of the dataset that is not held; the first version never is."""
    for which in range(dataset(store, name).value.latest, 1, -1):
        found = dataset_version(store, name, which).value
        if found.state != "held":
            return found
    return dataset_version(store, name, 1).value


def deployment(store: Workspace, model_name: str) -> Stored[Deployment]:
    """The deployment behind the model's address."""
    found = store.get(DEPLOYMENTS, model_name)
    if found is None:
        raise NotFound(f"model {model_name!r} is not deployed; deploy it first")
    return found


def open_alerts(store: Workspace, model_name: str) -> Iterator[tuple[str, Stored[Alert]]]:
    """The alerts of a model that are open, by key."""
    return ((key, alert) for key, alert in store.all(ALERTS, model_name) if alert.value.state == "open")
