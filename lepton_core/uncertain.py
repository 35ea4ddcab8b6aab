"""A version that is calibrated, or says how sure it is: a model, and what rows out of fold have taught beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.artifact import write_container
from lepton_core.drift import Profile, profile
from lepton_core.ensemble import Ensemble
from lepton_core.errors import InvalidArtifact
from lepton_core.models import Explanation
from lepton_core.models.algorithm import Array
from lepton_core.predict import Predictor
from lepton_core.table import Schema, Table
from lepton_core.uncertainty.learnt import Uncertainty

BEFORE = " before calibration"
"""Behind the unit of contributions that sum to what the model said before it was calibrated."""

_MODEL = "model"


@dataclass(frozen=True)
class Uncertain:
    """A ``model`` and its ``uncertainty``, as one version to serve; its profile is of calibrated predictions."""

    model: Predictor | Ensemble
    uncertainty: Uncertainty

    @classmethod
    def of(cls, model: Predictor | Ensemble, uncertainty: Uncertainty, features: Table) -> "Uncertain":
        """The version of a ``model`` that was trained on the rows of ``features``, which its profile describes."""
        made = cls(model, uncertainty)
        if uncertainty.calibrator is None:
            return made
        predictions = profile(Table(()), made.predict(features), model.classes or None).prediction
        known = replace(model.reference, prediction=predictions)
        return cls(replace(model, reference=known), uncertainty)

    @property
    def algorithm(self) -> str:
        """The name of the model's algorithm, or "ensemble"."""
        return self.model.algorithm

    @property
    def task(self) -> str:
        """'classification' or 'regression'."""
        return self.model.task

    @property
    def label(self) -> str:
        """The column that it predicts."""
        return self.model.label

    @property
    def classes(self) -> tuple[str, ...]:
        """The K classes in the order of the probabilities; none of a regression."""
        return self.model.classes

    @property
    def weight(self) -> str | None:
        """The column that said how much a row counts."""
        return self.model.weight

    @property
    def reference(self) -> Profile:
        """What monitoring compares with."""
        return self.model.reference

    @property
    def schema(self) -> Schema:
        """The feature columns that a row must bring, in order."""
        return self.model.schema

    @property
    def reads(self) -> frozenset[str]:
        """Those of them that it is made from."""
        return self.model.reads

    @property
    def steps_to_explain(self) -> int | None:
        """About how many steps it takes to explain one row; None if it has nothing to explain it with."""
        return self.model.steps_to_explain

    def predict(self, features: Table) -> Array:
        """Of each row: calibrated class probabilities (m, K), or values (m,). Errors: those of the model's."""
        return self.calibrated(self.model.predict(features))

    def calibrated(self, output: Array) -> Array:
        """What this version says where its model says ``output``, (m, K) or (m,)."""
        calibrator = self.uncertainty.calibrator
        return output if calibrator is None else calibrator.calibrated(output)

    def explain(self, features: Table) -> Explanation:
        """The share of each column of `schema` in each row's output, contributions (m, C, K'). Errors: the model's.

        A line on the scale of the log-odds, as Platt's sigmoid is one, stretches contributions to log-odds: they sum to
        those of the calibrated probabilities. Any other ones sum to what the model says before calibration, and their
        unit says so.
        """
        found, calibrator = self.model.explain(features), self.uncertainty.calibrator
        if calibrator is None or found.unit not in ("log-odds", "probability"):
            return found
        if calibrator.line is None or found.unit != "log-odds":
            return Explanation(found.base, found.contributions, found.unit + BEFORE)
        slope, offset = calibrator.line
        return Explanation(slope * found.base + offset, slope * found.contributions, found.unit)

    def dump(self) -> bytes:
        """The version as bytes: the model's own file inside one that says the rest. Raises what the model's raises."""
        arrays, meta = self.uncertainty.packed()
        return write_container({_MODEL: np.frombuffer(self.model.dump(), np.uint8), **arrays}, meta)


def model_file(arrays: Mapping[str, NDArray[Any]]) -> memoryview:
    """The file of the model among the ``arrays``, (k,) each, without a copy. Raises `InvalidArtifact` if there is none.

    `write_container` puts it behind wider arrays, so its own arrays begin at multiples of their elements' sizes.
    """
    file = arrays.get(_MODEL)
    if file is None or file.dtype != np.uint8 or file.ndim != 1:
        raise InvalidArtifact("the file of a calibrated model does not hold the model", field=_MODEL)
    return file.data


def from_container(
    model: Predictor | Ensemble, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> Uncertain:
    """The version of a ``model`` and the ``arrays``, (k,) each, and ``meta`` that `Uncertain.dump` wrote with it.

    Raises `InvalidArtifact`, and nothing else.
    """
    rest = {name: array for name, array in arrays.items() if name != _MODEL}
    return Uncertain(model, Uncertainty.unpacked(rest, meta, len(model.classes)))
