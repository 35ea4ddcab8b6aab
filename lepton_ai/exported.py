"""A version out of its file: it predicts in this process, without a platform."""

from pathlib import Path
from typing import TYPE_CHECKING

from lepton_ai.content import file_content
from lepton_ai.exporting import file_to_write, write_whole
from lepton_ai.inside import Inside
from lepton_ai.predicting import Predicting, Predictor
from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.export import Export, ExportHead, read_export
from lepton_core.numeric import output_of
from lepton_core.remedy import predicting
from lepton_core.table import ReadingOptions, Schema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEAD_BYTES = 4096


def load(path: str | Path, *, quiet: bool = False) -> "ExportedModel":
    """The version in the file ``path``, which `Model.export` or ``lepton export`` wrote; it needs no platform.

    ``quiet`` says nothing of rows of a file that have no prediction. Errors: ``InvalidInput`` if there is no such file,
    ``InvalidArtifact`` if it holds something else, or was changed, ``NewerFormat`` if a newer Lepton made it.
    """
    data = file_content(path)
    _refuse_rows(data, path)
    try:
        return ExportedModel(read_export(data), quiet=quiet)
    except InvalidArtifact as error:
        raise error.in_file(str(path)) from None


def _refuse_rows(data: bytes, path: str | Path) -> None:
    """Raise `InvalidArtifact` for a table of rows in place of the model."""
    head = data[:_HEAD_BYTES]
    if b"\n" in head and b"\0" not in head:  # a container has noughts in its first bytes
        way = predicting(str(path))
        text = f"not a model file, but a table of rows, such as CSV; predict it by an exported version: {way}"
        raise InvalidArtifact(text, remedies=(way,)).in_file(str(path))


class ExportedModel(Predicting):
    """One version of a model, loaded from its file: it predicts as the platform does that it was exported from.

    ``head`` is all that the file says beside what predicts. Made by `load`; any thread may use it.
    """

    def __init__(self, export: Export, *, quiet: bool = False) -> None:
        self._export = export
        self._inside = Inside(export.load(), export.head)
        self._quiet = quiet
        self._answers = self._inside.version

    def __repr__(self) -> str:
        return f"<ExportedModel {self.name!r}, version {self.version}: {self.algorithm}>"

    @property
    def head(self) -> ExportHead:
        """What the file says of the version: what it learnt from, how, and how good it is."""
        return self._export.head

    @property
    def name(self) -> str:
        """The name of the model on the platform that it comes from."""
        return self.head.model

    @property
    def version(self) -> int:
        """The number of the version there."""
        return self.head.version

    @property
    def algorithm(self) -> str:
        """The name of the algorithm, or "ensemble"."""
        return self.head.algorithm

    @property
    def task(self) -> str:
        """'classification' or 'regression'."""
        return self.head.task

    @property
    def label(self) -> str:
        """The column that it predicts."""
        return self._inside.version.label

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in the order of the probabilities; none of a regression."""
        return self._inside.version.classes

    @property
    def schema(self) -> Schema:
        """The columns that a row must bring, in order, with their kinds and levels."""
        return self._inside.version.schema

    def kept_reading(self) -> ReadingOptions:
        """What was said of how files of the data set are read, when it was exported."""
        return self.head.reading

    def predict_proba(self, X: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """The probabilities (m, K) of the `classes` for the rows of ``X`` (m, n), and nothing else.

        ``X`` has a column for each of `schema`, in order; NaN is a missing value. The probabilities have the bits of
        those of `predict`, which has labels by the rule, notes and intervals. float64 in C order is the fastest.

        Errors: ``InvalidInput`` (field 'X') for another shape or type, (field 'task') for a regression, and
        ``InvalidData`` naming row and column, as `predict` does.
        """
        if not self._answers.classes:
            raise InvalidInput("a regression has no classes; ask predict_values", field="task")
        return output_of(self._answers, X)

    def predict_values(self, X: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """The values (m,) of a regression for the rows of ``X`` (m, n), with the bits of those of `predict`.

        ``X`` is as in `predict_proba`. Errors: those, and ``InvalidInput`` (field 'task') for a classification.
        """
        if self._answers.classes:
            raise InvalidInput("a classification has no values; ask predict_proba", field="task")
        return output_of(self._answers, X)

    def card(self, path: str | Path) -> Path:
        """Write the card of the version into the file ``path``, as `Model.card` does; it is of when it was exported."""
        target = file_to_write(path)
        write_whole(target, self._export.card.encode())
        return target

    def _predictor(self, entity: str | None) -> Predictor:
        return Predictor(lambda single: self._inside, self.name, self.kept_reading, quiet=self._quiet)
