"""Protocols of other systems in which rows are predicted: bytes to rows, predictions to bytes. Pure, as all of it.

Each is a module with the three functions of `Wire`: `open_inference` (Open Inference Protocol, version 2), `mlflow`
(MLflow scoring) and `sagemaker` (SageMaker runtime). A server decodes a request, reads its rows, predicts them as ever,
and has the answer written:

    asked = wire.decode(headers, body, version)
    read = asked.read()
    answer = asked.answer(shown(Prediction, predictor, predictor.predict(read.table), rule), read)

The cells are read by the same code as those of the platform's own protocol, and numbers are written with all their
digits: so the answers are the same to the bit. What is raised on the way, the server answers with ``wire.refused``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lepton_core.errors import LeptonError
from lepton_core.table import ReadRows, Schema

VERSION_HEADER = "x-lepton-version"
"""The header of an answer that says which version predicted: its number, and the digest of its file."""


@dataclass(frozen=True)
class ServedVersion:
    """What a protocol may know of the version that predicts.

    ``reads`` are the columns that it is made from, ``ignored`` those that a row may have and it does not read.
    """

    model: str
    number: int
    digest: str
    task: str
    classes: tuple[str, ...]
    schema: Schema
    reads: frozenset[str] | None = None
    ignored: frozenset[str] = frozenset()

    @property
    def header(self) -> str:
        """The value of `VERSION_HEADER`."""
        return version_header(self.number, self.digest)


def version_header(number: int, digest: str) -> str:
    """The value of `VERSION_HEADER`.

    >>> version_header(3, "5e88"), version_header(3, "")
    ('3 5e88', '3')
    """
    return f"{number} {digest}".rstrip()


@dataclass(frozen=True)
class Message:
    """An answer: its ``status``, its ``body`` and its ``headers``, their names in lower case."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    status: int = 200


class ToldOfRow(Protocol):
    """What is told of one row: a ``label`` with its ``probabilities``, or a ``value``."""

    @property
    def label(self) -> str | None:
        """The class; None of a regression."""
        ...

    @property
    def probabilities(self) -> Mapping[str, float] | None:
        """By class, in the order of the classes; None of a regression."""
        ...

    @property
    def value(self) -> float | None:
        """The value; None of a classification."""
        ...


class ForeignRequest(Protocol):
    """A request that was decoded: so many ``rows``, not read yet."""

    @property
    def rows(self) -> int:
        """How many rows came."""
        ...

    def read(self) -> ReadRows:
        """The rows as the version reads them. Raises `InvalidData` naming row and column."""
        ...

    def answer(self, told: Sequence[ToldOfRow], read: ReadRows) -> Message:
        """The answer that tells of each row."""
        ...


class Wire(Protocol):
    """A protocol. Of ``headers`` a name is found in lower case."""

    def decode(self, headers: Mapping[str, str], body: bytes, version: ServedVersion) -> ForeignRequest:
        """The request. Raises `InvalidInput` for one that is not in this protocol."""
        ...

    def refused(self, error: LeptonError) -> Message:
        """The answer to a request that failed."""
        ...

    def described(self, version: ServedVersion) -> Message:
        """What the protocol says of a version's columns and outputs; the core's own schema where it has no words."""
        ...


__all__ = [
    "VERSION_HEADER",
    "ForeignRequest",
    "Message",
    "ServedVersion",
    "ToldOfRow",
    "Wire",
    "version_header",
]
