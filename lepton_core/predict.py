"""One served version: preprocessor and weights together, read from and written to a data-only file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lepton_core import artifact
from lepton_core.artifact import read_container, write_container
from lepton_core.drift import Profile
from lepton_core.errors import InvalidArtifact, InvalidInput, TooLarge
from lepton_core.explain import by_column, check_background, explanation_steps
from lepton_core.fields import texts
from lepton_core.folded import FoldedWeights
from lepton_core.format_check import check_format
from lepton_core.matrix import Matrix, dense
from lepton_core.models import Explanation, algorithm, linear
from lepton_core.models.gradient import GradientTrained
from lepton_core.models.scores import demand_small
from lepton_core.preprocess import Preprocessor
from lepton_core.remedy import training
from lepton_core.table import BY_NAME, Schema, Table

if TYPE_CHECKING:
    from lepton_core.servable import Servable

FORMAT = 3
"""Of the newest header. It is 3 of a version that `folds`. Of any other it is 1 where all of it fits into the header;
in format 2, and where it is needed in format 3, the rest is a document beside the arrays."""

_DOCUMENT_FORMAT = 2

_BACKGROUND = "explain.background"
"""No algorithm has a parameter of this name."""


@dataclass(frozen=True)
class Predictor:
    """Everything that a prediction needs, and the reference profile that monitoring compares against.

    ``parameters`` are the algorithm's own arrays, of any shape; see `Algorithm.parameters`. ``background`` are
    training rows of the design matrix, float64 (b, n), against which predictions are explained, or their mean (1, n)
    where that is enough; None if the algorithm has no exact contributions, or the version is older than explanations.
    ``weight`` is the column that said how much each training row counts: no feature, and like the label ignored in rows
    to be predicted. ``folds``: it predicts by its `folded` weights, which rounds otherwise than the scaling of each
    cell does; a version that was made before there were such goes on without.
    """

    algorithm: str
    task: str
    label: str
    classes: tuple[str, ...]
    preprocessor: Preprocessor
    parameters: Mapping[str, NDArray[Any]]
    reference: Profile
    background: NDArray[np.float64] | None = None
    weight: str | None = None
    folds: bool = False

    def folding(self) -> "Predictor":
        """The same, to predict by its `folded` weights if it has any: what a new version does."""
        made = replace(self, folds=True)
        return self if made.folded is None else made

    @cached_property
    def folded(self) -> FoldedWeights | None:
        """A linear model of columns of numbers, with the scaling in its weights; None unless it ``folds``."""
        trainer = algorithm(self.algorithm)
        if not (self.folds and isinstance(trainer, GradientTrained)):
            return None
        return FoldedWeights.of(self.preprocessor, self.parameters, is_class=self.task == "classification")

    @property
    def schema(self) -> Schema:
        """The feature columns that a row must bring, in order."""
        schema = self.preprocessor.schema
        assert schema is not None  # noqa: S101  (a predictor is built from a fitted preprocessor only)
        return schema

    @property
    def reads(self) -> frozenset[str]:
        """The columns that the model is made from: what stands in others changes nothing."""
        return self.preprocessor.reads

    @property
    def uncertainty(self) -> None:
        """None: see `lepton_core.uncertain.Uncertain`, which a model may lie in."""
        return None

    @property
    def steps_to_explain(self) -> int | None:
        """About how many steps it takes to explain one row; None without a ``background``."""
        if self.background is None:
            return None
        return explanation_steps(1, len(self.background), self.parameters)

    @property
    def unit_of_contributions(self) -> str | None:
        """The unit in which `explain` says what a column adds; None without a ``background``."""
        if self.background is None:
            return None
        one = self.background[:1]
        return algorithm(self.algorithm).explain(self.parameters, one, one).unit

    def predict(self, features: Table) -> NDArray[np.float64]:
        """Of each row: class probabilities, shape (m, K), or values, shape (m,).

        Errors: `InvalidData` for a missing column; and for rows that have a missing value which neither a step
        imputes nor the algorithm takes, or are too large: all that one check refuses, in `InvalidData.by_row`.
        """
        if self.folded is None:
            return algorithm(self.algorithm).predict(self.parameters, self.matrix(features))
        cells = self.folded.rows(features)
        output = self.folded.output(cells)
        if output is not None:
            return output
        return self.folded.careful(
            cells, lambda places: linear.scores(self.parameters, self.matrix(features.take(places)))
        )

    def matrix(self, features: Table) -> Matrix:
        """The design matrix of the rows, (m, n), as the algorithm takes it. Errors: those of `predict`."""
        inputs = algorithm(self.algorithm).inputs
        return self.preprocessor.matrix(features, missing=inputs.missing, categories=inputs.categories)

    def explain(self, features: Table) -> Explanation:
        """The share of each column of `schema` in each row's output: contributions of shape (m, C, K').

        Those of the matrix's columns are Shapley values against ``background``; those made from one column of the
        table are summed. Raises `InvalidInput` (field 'explain') without a ``background``, and `InvalidData`
        as `predict` does.
        """
        X, trainer = dense(self.matrix(features)), algorithm(self.algorithm)
        if self.background is None:
            one = np.zeros((1, X.shape[1]))
            trainer.explain(self.parameters, one, one)  # raises if the algorithm has none
            way = training()
            raise InvalidInput(
                f"this version was trained without a background; train it again: {way}",
                field="explain",
                remedies=(way,),
            )
        with np.errstate(all="ignore"):
            found = trainer.explain(self.parameters, X, self.background)
        each = np.isfinite(found.contributions).all(axis=(1, 2))
        demand_small(np.asarray(each & np.isfinite(found.base).all()))
        return by_column(found, self.preprocessor.sources, self.schema.names)

    def fits(self, classes: tuple[str, ...], preprocessor: Preprocessor, name: str) -> bool:
        """Whether these weights mean the same under that algorithm, those classes and that preprocessor."""
        same_inputs = self.preprocessor.as_dict() == preprocessor.as_dict()
        return self.algorithm == name and self.classes == classes and same_inputs

    def dump(self) -> bytes:
        """The version as bytes: arrays and a JSON header, nothing that could run.

        Raises `TooLarge` for more columns than a document takes.
        """
        meta = {
            "format": FORMAT if self.folds else 1,
            "algorithm": self.algorithm,
            "task": self.task,
            "label": self.label,
            "weight": self.weight,
            "classes": list(self.classes),
            "preprocessor": self.preprocessor.as_dict(),
            "reference": self.reference.as_dict(),
        }
        kept = {} if self.background is None else {_BACKGROUND: self.background}
        arrays = {**self.parameters, **kept}
        try:
            return write_container(arrays, meta)
        except TooLarge:  # of very many columns
            number = FORMAT if self.folds else _DOCUMENT_FORMAT
            return write_container(
                {**arrays, **artifact.pack_document({**meta, "format": number})}, {"format": number}
            )

    @classmethod
    def load(cls, data: bytes) -> "Predictor":
        """Read what `dump` wrote. Shapes, dtypes and bounds are checked first.

        Errors: `InvalidArtifact`, and nothing else, whatever the bytes are.
        """
        return cls.from_container(*read_container(data))

    @classmethod
    def from_container(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> "Predictor":
        """The predictor of a container that is read: ``arrays`` of any shape, and its ``meta``.

        Errors: `InvalidArtifact`, and nothing else.
        """
        try:
            loaded = cls._from_parts(arrays, meta)
        except InvalidArtifact:
            raise
        except (InvalidInput, KeyError, TypeError, ValueError) as error:
            raise InvalidArtifact(f"the model file's header is not a model's: {error}") from error
        trainer, width = algorithm(loaded.algorithm), loaded.preprocessor.width
        trainer.check(loaded.parameters, width, len(loaded.classes))
        if loaded.folds and loaded.folded is None:
            raise InvalidArtifact("the model file is of folded weights, and its weights cannot be folded")
        if loaded.background is not None:
            check_background(loaded.background, loaded.preprocessor.levels, width, trainer.inputs)
        return loaded

    @classmethod
    def _from_parts(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> "Predictor":
        check_format(meta["format"], FORMAT, "model file")
        number = meta["format"]
        if number == _DOCUMENT_FORMAT or (number == FORMAT and "algorithm" not in meta):
            meta = artifact.unpack_document(arrays)
            arrays = {name: array for name, array in arrays.items() if not artifact.is_document(name)}
        classes = texts(meta["classes"], "classes")
        if not isinstance(meta["label"], str):
            raise InvalidArtifact("the model file's label is not a text", field="label")
        if not isinstance(meta["weight"], str | None):
            raise InvalidArtifact("the model file's weight is not a text", field="weight")
        preprocessor = Preprocessor.from_dict(meta["preprocessor"])
        if not preprocessor.fitted:
            raise InvalidArtifact("the model file's preprocessor is not fitted")
        if meta["task"] not in algorithm(meta["algorithm"]).tasks:
            raise InvalidArtifact(f"the model file's task {meta['task']!r} is not one of its algorithm")
        loaded = cls(
            algorithm=meta["algorithm"],
            task=meta["task"],
            label=meta["label"],
            classes=classes,
            preprocessor=preprocessor,
            parameters={name: array for name, array in arrays.items() if name != _BACKGROUND},
            reference=Profile.from_dict(meta["reference"]),
            weight=meta["weight"],
            background=arrays.get(_BACKGROUND),
            folds=number == FORMAT,
        )
        check_reference(loaded)
        return loaded


def check_reference(predictor: "Servable") -> None:
    """Raise `InvalidArtifact` for a reference of other columns or classes: each prediction is counted in its bins."""
    columns = predictor.schema
    for bins in predictor.reference.features:
        if bins.name not in columns.known or columns[bins.name].kind != bins.kind:
            raise InvalidArtifact("the reference has an unknown feature", field=f"reference.{bins.name}"[:80])
    of_prediction = predictor.reference.prediction
    is_value = BY_NAME[of_prediction.kind].quantitative
    if is_value != (predictor.task == "regression") or of_prediction.levels != predictor.classes:
        raise InvalidArtifact("the reference's predictions are not the model's", field="reference.prediction")
