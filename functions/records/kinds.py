"""The values that the platform stores, and the kinds of record that hold them. Times are UTC."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from functions.records.deployments import LONGEST_BAKE, Deployment, HistoryEntry
from functions.records.files import Blended, Extras, File, Part, Served
from functions.records.imported import Imported
from functions.records.record_upgrades import (
    as_it_was,
    dataset_version_with_column_count,
    dataset_version_with_key_form,
    dataset_version_with_keys,
    dataset_version_with_life,
    dataset_version_with_parts,
    dataset_version_with_state,
    dataset_with_numbers,
    deployment_with_files,
    due_upload_with_fields,
    model_with_held,
    upload_with_mode,
    upload_with_reading,
    version_with_files,
    version_with_split,
)
from functions.storage import RecordKind
from lepton_core.errors import Failure
from lepton_core.evaluate import CrossValidation, LabelDecision, PermutationImportance
from lepton_core.monitor import Alert
from lepton_core.preprocess import DefaultSteps
from lepton_core.promotion import WORSE_ALLOWED
from lepton_core.table import CONTENT, ColumnFigures, ReadingOptions, Split
from lepton_core.table.row_keys import NEWEST_FORM, KeyForm

LONGEST_INTERVAL = 31_536_000.0
"""The most seconds that a policy may set between two versions: a year."""

Hyperparameters = dict[str, Any]
"""Settings of an algorithm: a document of the engine, kept and sent as it is (`docs/adr/0022-documents.md`)."""

Chain = dict[str, Any]
"""A preprocessor as `lepton_core.preprocess` writes it: a document of the engine, as `Hyperparameters` is."""

SketchDocument = dict[str, Any]
"""The sketch of some traffic as `lepton_core.drift` writes it: a document of the engine, as `Hyperparameters` is."""

LearningTask = Literal["classification", "regression"]

ClassWeight = Literal["balanced"] | dict[str, Annotated[float, Meta(ge=0)]]
"""A factor for each class, 1 for those that are not named; 'balanced': so that each class counts as much as any."""

DataState = Literal["open", "held", "released"]
"""Whether a version of a data set is trained on by itself: 'held' is not, until somebody has released it."""

UploadMode = Literal["replace", "append"]
"""Whether the rows of a file are a version by themselves, or are joined to those of the newest version."""

Life = Literal["kept", "going", "gone"]
"""Of what may be deleted: 'going' as long as it is looked who uses it, 'gone' when that is decided, for ever."""


class Upload(msgspec.Struct, frozen=True):
    """One file on its way to become a dataset version; ``size`` is what was announced, in bytes.

    ``reading`` is what was said of how to read it, ``digest`` that of the file that settled it. Of one that was
    appended, ``added`` rows are new and ``repeated`` were there already. ``called`` is the name of its dataset then;
    None: its key. The last ``held_out`` bytes are a second file, of rows to hold out.
    """

    id: str
    dataset: str
    state: Literal["waiting", "accepted", "rejected"]
    created: datetime
    size: int | None = None
    label: str | None = None
    version: int | None = None
    error: Failure | None = None
    digest: str | None = None
    reading: ReadingOptions = ReadingOptions()
    mode: UploadMode = "replace"
    added: int | None = None
    repeated: int | None = None
    called: str | None = None
    held_out: int = 0


class Dataset(msgspec.Struct, frozen=True):
    """A named series of immutable versions; ``label`` is the column that the newest one predicts.

    ``latest`` is the newest version that was not deleted, 0 if there is none, and ``given`` the last number that was
    given to a version. ``tags`` are words that its owner finds it by. ``name`` is the key of all that is stored of it,
    ``names`` are those that it had, the newest last; none: it was never renamed.
    """

    name: str
    label: str
    latest: int
    created: datetime
    given: int
    tags: tuple[str, ...] = ()
    life: Life = "kept"
    names: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """Its name, as people know it."""
        return self.names[-1] if self.names else self.name

    @property
    def is_free(self) -> bool:
        """Whether there is nothing of it, so that its name may become that of another one."""
        return self.life == "gone" or self.given == 0


class DatasetVersion(msgspec.Struct, frozen=True):
    """One uploaded table, in parts; ``digest`` is that of the columns of all of them.

    ``columns`` are the figures of its ``column_count`` columns, or the file that holds them if they are many.
    ``reading`` is what was said of how to read this file and those before. ``report`` is the file of what is to know of
    the version before it is trained on; one of before there were reports has none. ``state`` is 'held' as long as
    nothing may be trained on it by itself, and 'released' behind that.
    ``strata`` say of which rows a share is held out: themselves, or a file of them where they are many; a version from
    before they were kept has none.
    ``appended_to`` is the version whose rows it begins with; some of its parts may be files of that one.
    ``plain_keys``: the keys of its rows follow from their cells, as they do not once columns came or went between.
    ``key_form`` is the form of those keys, that of the first version. ``deleted`` is when somebody asked for that. The
    last ``held_out`` rows are those of a second file, in parts of their own: no training sees them.
    """

    dataset: str
    version: int
    digest: str
    rows: int
    label: str
    columns: tuple[ColumnFigures, ...] | File
    column_count: int
    parts: list[Part]
    upload: str
    created: datetime
    reading: ReadingOptions = ReadingOptions()
    report: File | None = None
    state: DataState = "open"
    strata: bytes | File | None = None
    appended_to: int | None = None
    plain_keys: bool = True
    key_form: KeyForm = NEWEST_FORM
    life: Life = "kept"
    deleted: datetime | None = None
    held_out: int = 0

    @property
    def files(self) -> list[File]:
        """Everything of it that lies in the store."""
        return [
            *(part.file for part in self.parts),
            *(one for one in (self.columns, self.strata, self.report) if isinstance(one, File)),
        ]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a model is trained again by itself, and what makes a challenger good enough.

    How much worse on the held-out rows still counts as not worse is the larger of ``margin``, a share of the champion's
    loss, and ``tolerance``, in the loss's own unit.
    ``least_interval`` are the seconds that lie at least between a version and the next one that comes by itself.
    ``held`` says whether data that moved too far from what was there before waits until somebody releases it.

    With ``canary`` a challenger that is good enough gets that share of the traffic first, and all of it if nothing is
    wrong for ``bake_minutes``, and somebody gave the ``approval`` that it may need; see `DeployModel`.
    """

    update: Literal["auto", "manual"] = "auto"
    tolerance: Annotated[float, Meta(ge=0)] = 0.0
    # The maximum is for who sets it, and is checked there: a record from before it may hold more.
    least_interval: Annotated[float, Meta(ge=0, extra_json_schema={"maximum": LONGEST_INTERVAL})] = 0.0
    held: Literal["wait", "train"] = "wait"
    margin: Annotated[float, Meta(ge=0)] = WORSE_ALLOWED
    canary: Annotated[float, Meta(gt=0, lt=1)] | None = None
    bake_minutes: Annotated[float, Meta(ge=0, le=LONGEST_BAKE)] | None = None
    approval: bool = False


class Model(msgspec.Struct, frozen=True):
    """A name, an algorithm, a preprocessor, a policy; ``latest`` counts its versions, ``run`` makes the next one.

    ``task`` is what it learns, once that is known: from its creation on, or from its first version on.
    """

    name: str
    algorithm: str
    dataset: str
    created: datetime
    task: LearningTask | None = None
    preprocessor: Chain | None = None
    policy: Policy = Policy()
    state: Literal["active", "retired"] = "active"
    latest: int = 0
    champion: int | None = None
    challenger: int | None = None
    run: str | None = None


class Version(msgspec.Struct, frozen=True):
    """Trained artifacts with their evaluation and their lineage.

    ``artifact`` is the judged fit, of ``rows`` rows, without those that ``split`` holds out; ``served`` answers, of all
    rows; None: the judged one does. ``weight`` and ``class_weight`` said how much rows count, ``default_steps`` how
    they were prepared. ``importance_inside`` is from before importance was a file, ``members`` are those of a blend.
    One that was ``imported`` has no data here, so no ``dataset_version`` (0), and ``run`` is the id of its import.
    """

    model: str
    version: int
    algorithm: str
    task: LearningTask
    artifact: File
    run: str
    dataset: str
    dataset_version: int
    dataset_digest: str
    hyperparameters: Hyperparameters
    metrics: dict[str, float | None]
    evaluation: File
    loss: list[float]
    created: datetime
    preprocessor: Chain | None = None
    cross_validation: CrossValidation | None = None
    importance: File | None = None
    importance_inside: PermutationImportance | None = None
    warm_from: int | None = None
    weight: str | None = None
    class_weight: ClassWeight | None = None
    libraries: dict[str, str] = {}
    split: Split = CONTENT
    default_steps: DefaultSteps = "default-1"
    rows: int = 0
    served: Served | None = None
    members: list[Blended] = []
    decision: LabelDecision | None = None
    extras: Extras = Extras()
    imported: Imported | None = None

    @property
    def answers(self) -> File:
        """The artifact that predicts."""
        return self.artifact if self.served is None else self.served.artifact

    @property
    def files(self) -> list[File]:
        """Everything of it that lies in the store."""
        came = () if self.imported is None else (self.imported.head, self.imported.card)
        named = (self.artifact, self.answers, self.evaluation, self.importance, *came)
        return [file for file in dict.fromkeys(named) if file is not None]


class Window(msgspec.Struct, frozen=True):
    """One process's traffic to one deployed version (in one ``rollout``) in one hour; windows of an hour add up."""

    model: str
    version: int
    hour: str
    source: str
    sketch: SketchDocument
    rollout: int | None = None


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


class DataArrived(msgspec.Struct, frozen=True, tag="data_arrived"):
    """A dataset has a new version: the models that learn from it are to be told."""

    workspace: str
    dataset: str
    version: int
    since: datetime


class UpdateWanted(msgspec.Struct, frozen=True, tag="update"):
    """A model is to be updated; there is one of these a model, whatever the number of its causes.

    ``not_before`` is when its newest version is old enough by its policy, once that was found out.
    """

    workspace: str
    model: str
    reason: str
    since: datetime
    not_before: datetime | None = None


class Intent(msgspec.Struct, frozen=True):
    """Work that somebody has to see to, written in the transaction of its cause."""

    what: DataArrived | UpdateWanted


class Due(msgspec.Struct, frozen=True):
    """A pointer from the system workspace to something that the schedules have to look after."""

    workspace: str
    subject: str
    since: datetime


class DueUpload(msgspec.Struct, frozen=True):
    """A pointer to a file that did not settle yet; ``dataset`` is a model if ``of`` says so, as of rows to score."""

    workspace: str
    dataset: str
    upload: str
    since: datetime
    of: Literal["dataset", "model", "rows", "dropped"] = "dataset"


class DueDeletion(msgspec.Struct, frozen=True):
    """A pointer to a version of a dataset that is to be deleted, or to all that it had up to number ``upto``.

    ``asking``: it is looked who uses it; ``undoing``: somebody does, so it is kept; ``decided``: nobody does, or it was
    ``forced``, and what is left is to free its files.
    """

    workspace: str
    dataset: str
    version: int | None
    upto: int
    since: datetime
    forced: bool = False
    stage: Literal["asking", "undoing", "decided"] = "asking"


class DueKept(msgspec.Struct, frozen=True):
    """A pointer to what a run of ``model`` keeps ``until`` then: all, if it was cancelled, or what it ``scored``.

    ``untold``: the run was to score a file that somebody put into a folder, and what became of it is not said there.
    """

    workspace: str
    run: str
    model: str
    until: datetime
    scored: bool = False
    untold: bool = False


_UPLOADED = (upload_with_reading, upload_with_mode, as_it_was, as_it_was)
UPLOADS = RecordKind("uploads", Upload, 5, _UPLOADED)  # dataset, upload id
DATASETS = RecordKind("datasets", Dataset, 3, (dataset_with_numbers, as_it_was))  # name
_TAKEN_IN = (
    dataset_version_with_parts,
    dataset_version_with_column_count,
    dataset_version_with_keys,
    dataset_version_with_state,
    dataset_version_with_life,
    dataset_version_with_key_form,
    as_it_was,
)
DATASET_VERSIONS = RecordKind("dataset_versions", DatasetVersion, 8, _TAKEN_IN)  # dataset, number
MODELS = RecordKind("models", Model, 4, (model_with_held, as_it_was, as_it_was))  # name
_TRAINED = (version_with_files, version_with_split, *[as_it_was] * 5)
VERSIONS = RecordKind("versions", Version, 8, _TRAINED)  # model, number
REQUESTS = RecordKind("requests", Due)  # hash of an idempotency key: the run that its first request queued
_DEPLOYED = (deployment_with_files, as_it_was, as_it_was)
DEPLOYMENTS = RecordKind("deployments", Deployment, 4, _DEPLOYED)  # model
DEPLOYMENT_HISTORY = RecordKind("deployment_history", HistoryEntry)  # model, number of the change
WINDOWS = RecordKind("windows", Window, 2, (as_it_was,))  # model, hour:version:source
ALERTS = RecordKind("alerts", Alert)  # model, name
KEYS = RecordKind("keys", ApiKey)  # key id (in SYSTEM)
INTENTS = RecordKind("intents", Intent)  # what, workspace and subject (in SYSTEM)
_POINTED = (due_upload_with_fields, as_it_was)
DUE_UPLOADS = RecordKind("due_uploads", DueUpload, 3, _POINTED)  # dataset:id (in SYSTEM)
DUE_DELETIONS = RecordKind("due_deletions", DueDeletion)  # workspace:dataset:number or 'all' (in SYSTEM)
DUE_RUNS = RecordKind("due_runs", Due)  # workspace:run id (in SYSTEM)
DUE_KEPT = RecordKind("due_kept", DueKept, 2, (as_it_was,))  # workspace:run id (in SYSTEM)
DUE_MODELS = RecordKind("due_models", Due)  # workspace:model (in SYSTEM): deployed, so monitored and updated
ROLLOUTS = RecordKind("rollouts", Due)  # workspace:model (in SYSTEM): a version of it is watched
ALARMED = RecordKind("alarmed", Due)  # workspace:model (in SYSTEM): has an open alert
LAST_FAILED = RecordKind("last_failed", Due)  # workspace:model (in SYSTEM): its run that ended last failed


def number(version: int) -> str:
    """A version as a key: keys sort as the numbers do.

    >>> number(7)
    '0000000007'
    """
    return f"{version:010d}"
