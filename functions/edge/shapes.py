"""The shapes that the requests and replies of all steps have in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Generic, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta

from functions.records.kinds import Chain, DataState, LearningTask, Model, Policy
from functions.records.names import name_of
from functions.storage import Workspace
from lepton_core.errors import Failure
from lepton_core.remedy import Remedy, RemedyRequest
from lepton_core.table import ColumnFigures, ReadingOptions

Name = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z",  # `$` would let a final newline through
        description="1 to 63 letters, digits, '_', '-' or '.', beginning with a letter or digit.",
    ),
]

Scope = Literal["read", "write", "predict", "admin"]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what a caller sends: a field that we do not know is an error, never ignored."""


class Written(Request, frozen=True):
    """How a file is written: what is left out is found out.

    ``missing`` lists exactly the words of a missing cell, for all columns or by column. ``day_first`` is whether in
    dates such as 1/2/2024 the day is before the month. ``header`` is whether there are names, or the line that has
    them; ``names`` are the names of the columns; ``sheet`` is the sheet of an Excel file.
    """

    missing: tuple[str, ...] | dict[str, tuple[str, ...]] | None = None
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: bool | int | None = None
    names: tuple[str, ...] | None = None
    sheet: str | None = None


Cell = float | int | str | bool | None


class HandedCells(Protocol):
    """Rows by column, as a host hands them over that has them in this process: ``cells[j]`` are those of column j.

    They are as JSON would have brought them: there is no NaN, and no half of a surrogate pair.
    """

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns."""
        ...

    @property
    def cells(self) -> Sequence[Sequence[Cell]]:
        """The cells of each column, as many as there are rows."""
        ...

    @property
    def explain(self) -> bool:
        """As in `functions.predict.Predict`."""
        ...

    @property
    def coverage(self) -> float | None:
        """As in `functions.predict.Predict`."""
        ...


class ErrorView(msgspec.Struct, frozen=True):
    """An error, and the ``request`` that mends it, where one does.

    ``field``, ``row``, ``column``, ``reason`` and ``remedies`` are as in a `Failure`.
    """

    code: str
    message: str
    field: str | None = None
    row: int | None = None
    column: str | None = None
    reason: str | None = None
    remedies: list[Remedy] = []
    request: RemedyRequest | None = None

    @classmethod
    def of(cls, failure: Failure) -> "ErrorView":
        """That of an error that was kept."""
        told = {name: getattr(failure, name) for name in cls.__struct_fields__ if name != "remedies"}
        return cls(**told, remedies=[*failure.remedies])


class UploadView(msgspec.Struct, frozen=True):
    """Where to PUT the file (``url``, while waiting), and what became of it.

    ``held``: no model is trained on its version by itself, as the version's report says why. Of a file that was
    appended, ``added`` rows are new and ``repeated`` were there already; without a new row there is no new version.
    Of the ``rows`` of the version ``held_out`` are those of a second file.
    """

    id: str
    dataset: str
    state: Literal["waiting", "accepted", "rejected"]
    url: str | None = None
    label: str | None = None
    version: int | None = None
    rows: int | None = None
    error: ErrorView | None = None
    held: bool = False
    added: int | None = None
    repeated: int | None = None
    held_out: int = 0


class DatasetVersionView(msgspec.Struct, frozen=True):
    """One version of a dataset: its rows, its columns with their types and statistics, and the digest of its table.

    A list leaves ``columns`` empty where they are many, as ``column_count`` tells; ask for that version alone, of very
    many from ``column`` on.
    ``reading`` is what was said of how to read its file. ``state`` is 'held' as long as no model is trained on it by
    itself, 'released' once somebody has allowed it, and else 'open'. ``appended_to`` is the version whose rows it
    begins with. The last ``held_out`` rows are those of a second file: no training sees them.
    """

    dataset: str
    version: int
    digest: str
    rows: int
    label: str
    columns: tuple[ColumnFigures, ...]
    column_count: int
    upload: str
    created: datetime
    reading: ReadingOptions
    state: DataState
    appended_to: int | None
    held_out: int


T = TypeVar("T")


MOST_SHOWN_LEVELS = 100
"""Levels of a column that are shown; a client that offers them needs no more."""


class ServedColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column that a row brings; ``levels`` are the first of its texts, and ``level_count`` counts them all."""

    name: str
    kind: str
    levels: tuple[str, ...] = ()
    level_count: int = 0


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list; pass ``next`` as ``?after=`` to get the one behind it."""

    items: list[T]
    next: str | None = None


class ModelView(msgspec.Struct, frozen=True):
    """A model: its algorithm, its preprocessor, its policy, its newest version and its champion.

    ``latest`` counts its versions, ``run`` makes the next one. ``task`` is what it learns, once that is known.
    """

    name: str
    algorithm: str
    dataset: str
    created: datetime
    task: LearningTask | None
    preprocessor: Chain | None
    policy: Policy
    state: Literal["active", "retired"]
    latest: int
    champion: int | None
    challenger: int | None
    run: str | None


def model_view(store: Workspace, model: Model) -> ModelView:
    """A model as a caller sees it."""
    return named_view(model, name_of(store, model.dataset))


def named_view(model: Model, dataset: str) -> ModelView:
    """A model as a caller sees it, whose data set is called ``dataset``."""
    same = set(ModelView.__struct_fields__) - {"dataset"}
    return ModelView(dataset=dataset, **{name: getattr(model, name) for name in same})
