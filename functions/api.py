"""The typed requests that handlers decode and the replies that they encode: the one source of the OpenAPI text."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from functions.values import ClassWeight, Policy, Route, Task
from lepton_core.errors import Failure

Name = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z",  # `$` would let a final newline through
        description="1 to 63 letters, digits, '_', '-' or '.', beginning with a letter or digit.",
    ),
]
Scope = Literal["read", "write", "predict", "admin"]
Cell = float | int | str | bool | None


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what a caller sends: a field that we do not know is an error, never ignored."""


class CreateModel(Request, frozen=True):
    """Create a model, or take up the one of that name if its algorithm is the same.

    ``task`` says what it learns where its algorithm can do both; left out, the label of its first version does.
    """

    name: Name
    algorithm: str
    task: Task | None = None
    dataset: Name | None = None
    policy: Policy | None = None


class UploadData(Request, frozen=True):
    """Announce a file of ``size`` bytes."""

    size: Annotated[int, Meta(ge=0)]
    label: str | None = None


class UploadPreprocessor(Request, frozen=True):
    """A preprocessor as `lepton_core.preprocess` writes it."""

    preprocessor: dict[str, Any]


class TrainModel(Request, frozen=True):
    """Train a new version. What is left out takes the algorithm's default.

    ``weight`` names the column that says how much each row counts, ``class_weight`` says how much each class does.
    ``auto`` searches hyperparameters, among ``trials`` candidates or for ``seconds``; "algorithm": algorithms too.
    """

    iterations: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    learning_rate: Annotated[float, Meta(gt=0)] | None = None
    hyperparameters: dict[str, Any] = {}
    dataset_version: Annotated[int, Meta(ge=1)] | None = None
    warm_start: bool = False
    weight: str | None = None
    class_weight: ClassWeight | None = None
    seed: Annotated[int, Meta(ge=0)] = 0
    auto: bool | Literal["algorithm"] = False
    trials: Annotated[int, Meta(ge=1, le=200)] | None = None
    seconds: Annotated[float, Meta(gt=0)] | None = None


class EvaluateModel(Request, frozen=True):
    """Cross-validate the model, and evaluate one version on its held-out rows."""

    version: Annotated[int, Meta(ge=1)] | None = None
    folds: Annotated[int, Meta(ge=2, le=50)] = 5
    seed: Annotated[int, Meta(ge=0)] = 0


class DeployModel(Request, frozen=True):
    """Serve ``version`` (the newest, if left out)."""

    version: Annotated[int, Meta(ge=1)] | None = None


class Predict(Request, frozen=True):
    """Rows as objects by column name, or as arrays in the order of ``columns`` (default: the trained order).

    With ``explain`` each prediction says what every column adds to it.
    """

    rows: list[dict[str, Cell] | list[Cell]]
    columns: list[str] | None = None
    explain: bool = False


class UpdateModel(Request, frozen=True):
    """Train a challenger from the champion's weights and promote it if it is not worse."""

    iterations: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    learning_rate: Annotated[float, Meta(gt=0)] | None = None


class RetireModel(Request, frozen=True):
    """Stop serving the model for good; its versions and lineage stay readable."""


class CreateKey(Request, frozen=True):
    """A new API key of the caller's own workspace."""

    scopes: Annotated[list[Scope], Meta(min_length=1)]
    name: Annotated[str, Meta(max_length=100)] = ""
    expires_in: Annotated[int, Meta(ge=1)] | None = None


class RotateKey(Request, frozen=True):
    """A successor with the same rights; the old key stays valid for ``overlap`` seconds."""

    overlap: Annotated[int, Meta(ge=0, le=604_800)] = 0


T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list; pass ``next`` as ``?after=`` to get the one behind it."""

    items: list[T]
    next: str | None = None


class UploadView(msgspec.Struct, frozen=True):
    """Where to PUT the file (``url``, while waiting), and what became of it."""

    id: str
    dataset: str
    state: Literal["waiting", "accepted", "rejected"]
    url: str | None = None
    label: str | None = None
    version: int | None = None
    rows: int | None = None
    error: Failure | None = None


class RunView(msgspec.Struct, frozen=True):
    """A run to follow: ``state`` ends in succeeded, failed or cancelled.

    ``trial`` of ``trials`` are done of a search, whose table is in the outcome's ``leaderboard`` when it is over.
    """

    id: str
    model: str
    kind: Literal["train", "evaluate", "update"]
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    iteration: int
    iterations: int
    loss: list[float]
    tasks_done: int
    attempt: int
    created: datetime
    updated: datetime
    trial: int = 0
    trials: int = 0
    note: str = ""
    version: int | None = None
    outcome: dict[str, Any] = {}
    error: Failure | None = None


class DeploymentView(msgspec.Struct, frozen=True):
    """What is served, and under which path."""

    model: str
    state: Literal["serving", "stopped"]
    path: str
    routes: list[Route]
    updated: datetime


class Prediction(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one row: ``label`` and ``probabilities`` (classification), or ``value`` (regression).

    If it is explained, ``base`` and all ``contributions`` (by column) sum to the output in ``unit`` ('value',
    'log-odds', 'score' or 'probability'): one number, or one a class. The one number of two classes is the second's.
    """

    label: str | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None
    contributions: dict[str, float | dict[str, float]] | None = None
    base: float | dict[str, float] | None = None
    unit: str | None = None


class Predictions(msgspec.Struct, frozen=True):
    """One prediction a row, in the order of the rows."""

    model: str
    version: int
    predictions: list[Prediction]


class FeatureDrift(msgspec.Struct, frozen=True):
    """The population stability index of one feature (or of the prediction) against the training reference.

    ``alarm`` is the line that ``psi`` must cross: the fixed threshold, or the noise of so few rows if that is higher.
    """

    name: str
    psi: float
    alarm: float
    drifted: bool


class AlertView(msgspec.Struct, frozen=True):
    """An alert as a caller sees it."""

    name: str
    state: Literal["open", "closed"]
    message: str
    value: float
    threshold: float
    opened: datetime
    seen: datetime
    count: int
    closed: datetime | None = None


class MonitorReport(msgspec.Struct, frozen=True):
    """The traffic of the last ``hours`` hours, and how far it drifted from what the model was trained on."""

    model: str
    version: int | None
    hours: int
    requests: int
    rows: int
    errors: int
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    features: list[FeatureDrift]
    prediction: FeatureDrift | None
    alerts: list[AlertView]
    status: Literal["no traffic", "healthy", "drift"]


class KeyView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key's rights; ``secret`` is there once, in the answer to its creation."""

    id: str
    scopes: list[str]
    created: datetime
    name: str = ""
    expires: datetime | None = None
    revoked: datetime | None = None
    secret: str | None = None


class Health(msgspec.Struct, frozen=True):
    """That the platform answers, and its version."""

    status: Literal["ok"]
    version: str


class HyperparameterView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hyperparameter: ``low <= value <= high``, ``above < value < below``, or one of ``choices``.

    Of a list each entry is in these bounds, and there are at most ``most``. ``default`` null is what the data, or other
    hyperparameters, decide. ``search`` says from where automatic training draws values, if it does.
    """

    name: str
    type: Literal["int", "float", "str", "bool", "list[int]"]
    help: str
    default: Any = None
    low: float | None = None
    above: float | None = None
    high: float | None = None
    below: float | None = None
    choices: list[str] | None = None
    most: int | None = None
    search: str | None = None


class InputsView(msgspec.Struct, frozen=True):
    """What the algorithm takes as it is; the default preprocessor makes the rest fit.

    ``scaled``: columns of like units; ``missing``: missing numbers; ``categories``: a category as one column.
    """

    scaled: bool
    missing: bool
    categories: bool


class AlgorithmView(msgspec.Struct, frozen=True):
    """One algorithm: what it is, in one line, what it learns, and what can be set."""

    name: str
    help: str
    tasks: list[Task]
    inputs: InputsView
    hyperparameters: list[HyperparameterView]
