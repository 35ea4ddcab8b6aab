"""A version in one file: the artifact that answers, its card, and all that a platform has to know to serve it.

The file is a container (`lepton_core.artifact`) of three arrays of bytes, ``artifact``, ``card`` and ``evaluation``.
Its meta has the ``export`` format, the ``head`` (`ExportHead`), and the ``digest`` of it all. Nothing in it can run.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from lepton_core.artifact import digest, read_container, write_container
from lepton_core.errors import InvalidArtifact
from lepton_core.evaluate import LabelRule, LabelWish
from lepton_core.format_check import check_format
from lepton_core.load import load
from lepton_core.preprocess import DefaultSteps
from lepton_core.table import ReadingOptions, Split
from lepton_core.table.reading_options import NOTHING_SAID
from lepton_core.typed import of_json

if TYPE_CHECKING:
    from lepton_core.servable import Servable

FORMAT = 1
"""Of the newest head."""

_ARTIFACT, _CARD, _EVALUATION = "artifact", "card", "evaluation"
_PARTS = (_ARTIFACT, _CARD, _EVALUATION)
_META = {"export", "head", "digest"}


@dataclass(frozen=True)
class ExportedFit:
    """One fit of a version: the digest of its artifact, and how many rows it was made of (0: not known)."""

    digest: str
    rows: int


@dataclass(frozen=True)
class ExportedMember:
    """One model of a blend: how it was trained, and its weight."""

    algorithm: str
    hyperparameters: dict[str, Any]
    weight: float


@dataclass(frozen=True)
class ExportedData:
    """The data that a version was trained on: the name of the data set, the number of its version, and its digest."""

    name: str
    version: int
    digest: str


@dataclass(frozen=True)
class ExportHead:
    """What a platform has to know of a version beside its artifact, and what people want to read of it.

    ``version`` counts from 1, ``created`` is a time in UTC. All ``metrics`` are of the ``judged`` fit, on the rows that
    the ``split`` holds out. What answers is the ``served`` one, and its artifact is the one in the file; None: it is
    the judged one. ``rule`` makes labels where the most probable class does not, ``wish`` is what it was chosen by.
    ``reading`` is what was said of how files of the data set are read; of rows to be predicted it holds, too.
    ``preprocessor`` is the one that the model was given, before it is fitted, and ``notes`` are sentences for people.
    The label, its classes, the columns and what they are, and all that says how sure it is, are in the artifact.
    """

    model: str
    version: int
    created: str
    algorithm: str
    task: Literal["classification", "regression"]
    hyperparameters: dict[str, Any]
    data: ExportedData
    split: Split
    default_steps: DefaultSteps
    metrics: dict[str, float | None]
    judged: ExportedFit
    served: ExportedFit | None = None
    rule: LabelRule | None = None
    wish: LabelWish | None = None
    members: tuple[ExportedMember, ...] = ()
    preprocessor: dict[str, Any] | None = None
    class_weight: Literal["balanced"] | dict[str, float] | None = None
    calibrate: bool = False
    uncertainty: bool = False
    reading: ReadingOptions = NOTHING_SAID
    libraries: dict[str, str] | None = None
    notes: tuple[str, ...] = ()

    @property
    def answers(self) -> ExportedFit:
        """The fit that predicts."""
        return self.judged if self.served is None else self.served


@dataclass(frozen=True)
class Export:
    """A version as its file has it: the ``artifact`` that answers, its ``card`` (HTML) and its ``evaluation`` (JSON).

    ``evaluation`` is as the platform keeps it, so that another one can show it and choose thresholds by it.
    """

    head: ExportHead
    artifact: bytes | memoryview
    card: str
    evaluation: bytes | memoryview

    def dump(self) -> bytes:
        """The file. Equal exports give equal bytes. Raises `TooLarge` for a head of more than a container takes."""
        head, parts = asdict(self.head), self._parts
        meta = {"export": FORMAT, "head": head, "digest": _digest(head, parts)}
        return write_container({name: np.frombuffer(part, np.uint8) for name, part in parts.items()}, meta)

    def load(self) -> "Servable":
        """The version that answers. Raises `InvalidArtifact` if its artifact is none, or not that of the head."""
        found, head = load(self.artifact), self.head
        for name in ("algorithm", "task"):
            if getattr(found, name) != getattr(head, name):
                _refuse("is another one than that of the artifact", name)
        _check_rule(head.rule, found.classes)
        return found

    @property
    def _parts(self) -> dict[str, bytes | memoryview]:
        return {_ARTIFACT: self.artifact, _CARD: self.card.encode(), _EVALUATION: self.evaluation}


def read_export(data: bytes | memoryview) -> Export:
    """What `Export.dump` wrote; its artifact is a view of ``data``, without a copy, and is read by `Export.load`.

    Raises `NewerFormat` for a file of a newer Lepton, and `InvalidArtifact` for whatever else is no export, or was
    changed since it was written; nothing else, whatever the bytes are.
    """
    arrays, meta = read_container(data)
    if "export" not in meta:
        raise InvalidArtifact("this is not the file of an exported version", field="export")
    check_format(meta["export"], FORMAT, "exported version", field="export")
    if set(meta) != _META or set(arrays) != set(_PARTS):
        raise InvalidArtifact("the exported version does not have the parts that its format has")
    parts = {name: _bytes(arrays[name], name) for name in _PARTS}
    if meta["digest"] != _digest(meta["head"], parts):
        raise InvalidArtifact(
            "the exported version is not as it was written; export it, or copy it, once more", field="digest"
        )
    head = of_json(meta["head"], ExportHead, "head")
    if head.version < 1:
        _refuse("a version counts from 1", "version")
    if head.answers.digest != digest(parts[_ARTIFACT]):
        _refuse("is not that of the artifact", "served.digest" if head.served else "judged.digest")
    try:
        card = bytes(parts[_CARD]).decode()
    except UnicodeDecodeError:
        raise InvalidArtifact("the card of the exported version is no text", field=_CARD) from None
    return Export(head, parts[_ARTIFACT], card, parts[_EVALUATION])


def _bytes(array: NDArray[Any], name: str) -> memoryview:
    if array.dtype != np.uint8 or array.ndim != 1:
        raise InvalidArtifact(f"the {name} of the exported version is not a row of bytes", field=name)
    return array.data


def _digest(head: Any, parts: Mapping[str, bytes | memoryview]) -> str:
    """That of the head, as `json` writes it, and of the digests of the parts in the order of their names."""
    try:
        told = json.dumps(head, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise InvalidArtifact("the head of the exported version is nested too deep", field="head") from None
    lines = [told, *(f"{name} {digest(parts[name])}" for name in sorted(parts))]
    return digest("\n".join(lines).encode())


def _check_rule(rule: LabelRule | None, classes: tuple[str, ...]) -> None:
    """Labels are made of each prediction by it."""
    if rule is None:
        return
    if rule.threshold is not None:
        is_sound = len(classes) == 2 and rule.label in classes and isfinite(rule.threshold)
        is_sound = is_sound and rule.costs is None
    else:
        costs = rule.costs or {}
        is_sound = (
            bool(costs) and set(costs) <= set(classes) and all(0 <= one < np.inf for one in costs.values())
        )
    if not is_sound:
        _refuse("does not fit the classes of the artifact", "rule")


def _refuse(what: str, field: str) -> NoReturn:
    raise InvalidArtifact(f"the exported version is damaged: its {field} {what}", field=f"head.{field}")
