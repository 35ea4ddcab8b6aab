"""The values that the platform stores, and the kinds of record that hold them. Times are UTC."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from functions.storage.workspace import Kind

Task = Literal["classification", "regression"]


ClassWeight = Literal["balanced"] | dict[str, Annotated[float, msgspec.Meta(ge=0)]]
"""A factor for each class, 1 for those that are not named; 'balanced': so that each class counts as much as any."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A typed error, kept with the thing that failed."""

    code: str
    message: str
    field: str | None = None


class Upload(msgspec.Struct, frozen=True):
    """One file on its way to become a dataset version; ``size`` is what was announced, in bytes."""

    id: str
    dataset: str
    state: Literal["waiting", "accepted", "rejected"]
    created: datetime
    size: int | None = None
    label: str | None = None
    version: int | None = None
    error: Problem | None = None


class Dataset(msgspec.Struct, frozen=True):
    """A named series of immutable versions; ``label`` is the column that every version predicts."""

    name: str
    label: str
    latest: int
    created: datetime


class ColumnInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one column of one dataset version holds."""

    name: str
    kind: Literal["number", "category"]
    missing: int
    mean: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    distinct: int | None = None


class DatasetVersion(msgspec.Struct, frozen=True):
    """One uploaded table, as typed columns in the blob ``table``."""

    dataset: str
    version: int
    digest: str
    rows: int
    label: str
    columns: list[ColumnInfo]
    table: str
    upload: str
    created: datetime


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a model is trained again by itself, and what makes a challenger good enough.

    ``tolerance`` is how much worse on the held-out rows (in the metric's own unit) still counts as not worse.
    """

    update: Literal["auto", "manual"] = "auto"
    tolerance: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class Model(msgspec.Struct, frozen=True):
    """A name, an algorithm, a preprocessor, a policy; ``latest`` counts its versions, ``run`` makes the next one.

    ``task`` is what it learns, once that is known: from its creation on, or from its first version on.
    """

    name: str
    algorithm: str
    dataset: str
    created: datetime
    task: Task | None = None
    preprocessor: dict[str, Any] | None = None
    policy: Policy = Policy()
    state: Literal["active", "retired"] = "active"
    latest: int = 0
    champion: int | None = None
    challenger: int | None = None
    run: str | None = None


class Version(msgspec.Struct, frozen=True):
    """One trained artifact with its evaluation and its lineage.

    ``weight`` is the column that said how much each row counts, ``class_weight`` how much each class does.
    """

    model: str
    version: int
    algorithm: str
    task: Task
    artifact: str
    digest: str
    run: str
    dataset: str
    dataset_version: int
    dataset_digest: str
    hyperparameters: dict[str, Any]
    metrics: dict[str, float | None]
    evaluation: str
    loss: list[float]
    created: datetime
    preprocessor: dict[str, Any] | None = None
    cross_validation: dict[str, Any] | None = None
    importance: dict[str, Any] | None = None
    warm_from: int | None = None
    weight: str | None = None
    class_weight: ClassWeight | None = None
    libraries: dict[str, str] = {}


class Lease(msgspec.Struct, frozen=True):
    """Who works on a run, and until when nobody else may."""

    owner: str
    until: datetime


class Run(msgspec.Struct, frozen=True):
    """One training, evaluation or update under way.

    ``attempt`` grows each time somebody takes the run up; a writer that holds an older attempt has lost it.
    ``crashes`` counts the attempts since the last progress that ended without a word.
    ``done`` maps each finished task to what is known of its result: the blob that holds it and a short summary.
    ``trial`` of ``trials`` are done of a search.
    """

    id: str
    model: str
    kind: Literal["train", "evaluate", "update"]
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    request: dict[str, Any]
    created: datetime
    updated: datetime
    attempt: int = 0
    crashes: int = 0
    lease: Lease | None = None
    done: dict[str, dict[str, Any]] = {}
    iteration: int = 0
    iterations: int = 0
    loss: list[float] = []
    trial: int = 0
    trials: int = 0
    note: str = ""
    version: int | None = None
    outcome: dict[str, Any] = {}
    error: Problem | None = None


class Route(msgspec.Struct, frozen=True):
    """A share of a deployment's traffic: ``version`` gets ``weight`` of it (the weights sum to 1)."""

    version: int
    artifact: str
    digest: str
    weight: float


class Deployment(msgspec.Struct, frozen=True):
    """What a model's address serves."""

    model: str
    state: Literal["serving", "stopped"]
    routes: list[Route]
    created: datetime
    updated: datetime


class Window(msgspec.Struct, frozen=True):
    """One process's traffic to one deployed version in one hour; windows of an hour add up."""

    model: str
    version: int
    hour: str
    source: str
    sketch: dict[str, Any]


class Alert(msgspec.Struct, frozen=True):
    """Something crossed a line: it opens once, repeats silently (``count``), and closes."""

    model: str
    name: str
    state: Literal["open", "closed"]
    message: str
    value: float
    threshold: float
    opened: datetime
    seen: datetime
    count: int = 1
    closed: datetime | None = None


class ApiKey(msgspec.Struct, frozen=True):
    """A key's digest and rights; the secret itself is never stored."""

    id: str
    workspace: str
    digest: str
    scopes: list[str]
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    name: str = ""


class Due(msgspec.Struct, frozen=True):
    """A pointer from the system workspace to something that the schedules have to look after."""

    workspace: str
    subject: str
    since: datetime


UPLOADS = Kind("uploads", Upload)  # dataset, upload id


DATASETS = Kind("datasets", Dataset)  # name


DATASET_VERSIONS = Kind("dataset_versions", DatasetVersion)  # dataset, number


MODELS = Kind("models", Model)  # name


VERSIONS = Kind("versions", Version)  # model, number


RUNS = Kind("runs", Run)  # run id


REQUESTS = Kind("requests", Due)  # hash of an idempotency key: the run that the first such request queued


DEPLOYMENTS = Kind("deployments", Deployment)  # model


WINDOWS = Kind("windows", Window)  # model, hour:version:source


ALERTS = Kind("alerts", Alert)  # model, name


KEYS = Kind("keys", ApiKey)  # key id (in SYSTEM)


DUE_UPLOADS = Kind("due_uploads", Due)  # workspace:dataset:upload id (in SYSTEM)


DUE_RUNS = Kind("due_runs", Due)  # workspace:run id (in SYSTEM)


DUE_MODELS = Kind("due_models", Due)  # workspace:model (in SYSTEM): deployed, so monitored and updated


def number(version: int) -> str:
    """A version as a key: keys sort as the numbers do.

    >>> number(7)
    '0000000007'
    """
    return f"{version:010d}"
