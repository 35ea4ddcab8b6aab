"""What a model card tells of a version: what records and files say of it already, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lepton_core.evaluate import (
    ClassificationReport,
    CrossValidation,
    PermutationImportance,
    RegressionReport,
)
from lepton_core.promotion import Verdict
from lepton_core.table import ColumnFigures, Split


@dataclass(frozen=True)
class CardColumn:
    """A column of the data: its ``figures``, and what the version does with it.

    ``use`` is 'read', 'label', 'weight', 'split', or why it is left out. ``levels`` are those that the version knows.
    ``filled`` is what stands in for a missing number; None: nothing does, or none has to.
    """

    figures: ColumnFigures
    use: str
    levels: tuple[str, ...] = ()
    filled: float | None = None


@dataclass(frozen=True)
class CardData:
    """The data that a version was made of: ``name`` and ``version`` of the data set, its ``digest`` and its ``label``.

    ``rows`` and ``columns`` are None and empty once the data was deleted. ``held_out`` rows are those of a second file.
    """

    name: str
    version: int
    digest: str
    label: str
    split: Split
    rows: int | None = None
    held_out: int = 0
    columns: tuple[CardColumn, ...] = ()


@dataclass(frozen=True)
class CardFit:
    """One of the two fits of a version: the digest of its artifact, and how many rows it saw (0: not known)."""

    digest: str
    rows: int


@dataclass(frozen=True)
class CardMember:
    """One model of a blend, and its weight; see `Card`."""

    algorithm: str
    hyperparameters: Mapping[str, Any]
    weight: float


@dataclass(frozen=True)
class Card:
    """Everything that a card shows of ``version`` of ``model``; nothing of it is computed for the card.

    ``judged`` is the fit that all figures are of, ``served`` the one that answers. ``verdict`` is how an update decided
    between it and ``champion``; None of a version that was trained. ``created`` is in UTC.
    """

    model: str
    version: int
    algorithm: str
    created: datetime
    hyperparameters: Mapping[str, Any]
    data: CardData
    judged: CardFit
    served: CardFit
    evaluation: ClassificationReport | RegressionReport
    members: tuple[CardMember, ...] = ()
    cross_validation: CrossValidation | None = None
    importance: PermutationImportance | None = None
    champion: int | None = None
    verdict: Verdict | None = None
    warm_from: int | None = None
    weight: str | None = None
    class_weight: Mapping[str, float] | str | None = None
    steps: tuple[str, ...] = ()
    libraries: Mapping[str, str] | None = None
