"""What a server of one model serves: the version of a file, or the deployment of a model in a platform's folder."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from functions.context import NO_HEADERS, Context, Counting, LoadedModel, Platform, never, nothing
from functions.edge.shapes import Name
from functions.records import find
from functions.records.names import name_of
from functions.serving.cache import Cache
from functions.settings import Settings, set_by
from functions.storage import Workspace
from functions.storage.disk_folder import RECORDS, open_folder
from infra.local.late_counts import LateCounts
from lepton_core.errors import Conflict, InvalidArtifact, InvalidInput, LeptonError, NotFound
from lepton_core.evaluate import LabelRule
from lepton_core.export import ExportHead, read_export

if TYPE_CHECKING:
    from lepton_core.servable import Servable

_WORKSPACE = "default"
"""The workspace of a platform on one machine."""


@dataclass(frozen=True)
class ModelOrigin:
    """What a version does not tell of its model: the data set that it learns from, and when it was made."""

    dataset: str
    created: datetime


@dataclass(frozen=True)
class OneModel:
    """The model ``name`` of ``platform``; ``watched``: what is asked is counted there, and so drift is seen."""

    name: str
    platform: Platform
    origin: Callable[[], ModelOrigin]
    watched: bool
    release: Callable[[], None] = nothing
    counts: LateCounts = field(default_factory=LateCounts)

    def close(self) -> None:
        """Write what was counted, and let go of the store."""
        self.counts.count()
        self.release()

    @property
    def store(self) -> Workspace:
        """The workspace that the model is in."""
        return self.platform.workspace(_WORKSPACE)

    def loaded(self, headers: Mapping[str, str] = NO_HEADERS) -> LoadedModel:
        """The version that answers now; of a rollout the one that the ``headers`` of a request, or chance, name.

        Raises `NotFound` or `Conflict` if there is none to serve.
        """
        return self.platform.loaded.get(_WORKSPACE, self.name, headers)

    def at_hand(self, headers: Mapping[str, str] = NO_HEADERS) -> LoadedModel | None:
        """The same without a look at the store, nor an error; None if `loaded` may need one."""
        return self.platform.loaded.at_hand(_WORKSPACE, self.name, headers)

    def ended(self) -> LeptonError | None:
        """Count, and look for a new version; why the model is served no more, if that is so."""
        self.counts.count()
        self.platform.loaded.tick()
        try:
            self.loaded()
        except (NotFound, Conflict) as error:
            return error
        except LeptonError:
            return None  # the store is away, or a file is damaged: that may be mended
        return None


def of_file(path: Path, name: str | None = None) -> OneModel:
    """The version in the file that ``lepton export`` wrote, as the model ``name`` (None: what it was called).

    Raises `InvalidInput` for a file that cannot be read, and `InvalidArtifact` for one that holds something else.
    """
    try:
        export = read_export(path.read_bytes())
        version = export.load()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", field="file") from None
    except InvalidArtifact as error:
        raise error.in_file(str(path)) from None
    head = export.head
    nothing_stored: Any = _NothingStored()
    platform = Platform(
        blobs=nothing_stored,
        records=nothing_stored,
        loaded=_Alone(_Version.of(head, version)),
        runner=_NoRuns(),
    )
    called = name or head.model
    try:
        msgspec.convert(called, Name)
        created = datetime.fromisoformat(head.created)
    except msgspec.ValidationError:
        raise InvalidInput(
            f"no model can be called {called[:80]!r}; give it another name", field="name"
        ) from None
    except ValueError:
        timeless = InvalidArtifact(
            f"the version was made at no time, but at {head.created[:40]!r}", field="head.created"
        )
        raise timeless.in_file(str(path)) from None
    # The head says a time in UTC, and a file of another hand may have left the zone out.
    origin = ModelOrigin(head.data.name, created if created.tzinfo else created.replace(tzinfo=UTC))
    return OneModel(called, platform, lambda: origin, watched=False)


def of_folder(data: Path, name: str) -> OneModel:
    """The model ``name`` of the platform in the folder ``data``, with whatever version is deployed.

    Raises `NotFound` without such a folder or model, `Conflict` for one that is not deployed, or is retired.
    """
    demand_platform(data)
    folder = open_folder(data)
    context = Context(blobs=folder.blobs, records=folder.records, settings=set_by(os.environ, Settings()))
    platform = Platform.of(context, Cache(context, background=True), _NoRuns())

    def release() -> None:
        platform.loaded.flush()
        folder.records.close()

    def origin() -> ModelOrigin:
        store = platform.workspace(_WORKSPACE)
        model = find.model(store, name).value
        return ModelOrigin(name_of(store, model.dataset), model.created)

    source = OneModel(name, platform, origin, watched=True, release=release)
    try:
        find.active_model(source.store, name)
        source.loaded()
    except BaseException:
        release()
        raise
    return source


def demand_platform(data: Path) -> None:
    """Raise `NotFound` if there is no platform in the folder ``data``."""
    if not (data / RECORDS).is_file():
        raise NotFound(f"no platform in {data}; name its folder, or serve a file of an exported version")


@dataclass(frozen=True, eq=False)
class _Version(Counting):
    """The version of a file as a `LoadedModel` that counts nothing."""

    version: int
    digest: str
    predictor: "Servable"
    rule: LabelRule | None
    reads: frozenset[str]
    ignored: frozenset[str]
    beside: None = None

    @classmethod
    def of(cls, head: ExportHead, predictor: "Servable") -> "_Version":
        ignored = frozenset(filter(None, [predictor.label, predictor.weight]))
        return cls(head.version, head.answers.digest, predictor, head.rule, predictor.reads, ignored)


@dataclass(frozen=True)
class _Alone:
    """The `LoadedModels` of one version."""

    version: _Version

    def get(
        self,
        workspace: str,
        model: str,
        headers: Mapping[str, str] = NO_HEADERS,
        version: int | None = None,
    ) -> LoadedModel:
        return self.version

    def at_hand(self, workspace: str, model: str, headers: Mapping[str, str] = NO_HEADERS) -> LoadedModel:
        return self.version

    def after(self, workspace: str, model: str) -> None:
        """There are no counts to write."""

    def forget(self, workspace: str, model: str) -> None:
        """No deployment changes it."""

    def tick(self) -> None:
        """There is nothing to follow."""

    def flush(self) -> None:
        """There are no counts to write."""


class _NothingStored:
    """The records of a version without a platform."""

    def get(self, partition: str, key: str) -> None:
        """None is there."""


class _NoRuns:
    """The `Runner` of a platform that only predicts."""

    def start(self, workspace: str, run: str) -> None:
        """Whoever trains finds it."""

    def take_up(self, workspace: str, run: str, stopping: Callable[[], bool] = never) -> None:
        """Whoever trains finds it."""

    def close(self, grace_seconds: float = 0.0) -> None:
        """None is under way."""
