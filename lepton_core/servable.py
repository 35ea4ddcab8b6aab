"""What serving needs of a version, whether one model answers or several do; no process loads it, it is for types."""

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift import Profile
from lepton_core.models import Explanation
from lepton_core.table import Schema, Table

if TYPE_CHECKING:
    from lepton_core.uncertainty.learnt import Uncertainty


class Servable(Protocol):
    """A version that predicts: a `Predictor`, an `Ensemble` of several, or one of both that is `Uncertain`."""

    @property
    def algorithm(self) -> str:
        """The name of the algorithm, or "ensemble"."""
        ...

    @property
    def task(self) -> str:
        """'classification' or 'regression'."""
        ...

    @property
    def label(self) -> str:
        """The column that it predicts."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """The K classes in the order of the probabilities; none of a regression."""
        ...

    @property
    def weight(self) -> str | None:
        """The column that said how much a row counts."""
        ...

    @property
    def reference(self) -> Profile:
        """What monitoring compares with."""
        ...

    @property
    def schema(self) -> Schema:
        """The feature columns that a row must bring, in order."""
        ...

    @property
    def reads(self) -> frozenset[str]:
        """Those of them that it is made from."""
        ...

    @property
    def uncertainty(self) -> "Uncertainty | None":
        """What rows out of fold have taught of how sure it is; None if nothing did."""
        ...

    @property
    def steps_to_explain(self) -> int | None:
        """About how many steps it takes to explain one row; None if it has nothing to explain it with."""
        ...

    def predict(self, features: Table) -> NDArray[np.float64]:
        """Of each row: class probabilities, shape (m, K), or values, shape (m,)."""
        ...

    def explain(self, features: Table) -> Explanation:
        """The share of each column of `schema` in each row's output."""
        ...

    def dump(self) -> bytes:
        """The version as bytes: arrays and a JSON header, nothing that could run."""
        ...
