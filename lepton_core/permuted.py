"""What a model makes of rows whose cells in one column, or in several, were dealt to other rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from lepton_core.blend import blended
from lepton_core.ensemble import Ensemble
from lepton_core.matrix import Blocks, Matrix
from lepton_core.models import algorithm
from lepton_core.predict import Predictor
from lepton_core.table import Table
from lepton_core.uncertain import Uncertain

if TYPE_CHECKING:
    from lepton_core.servable import Servable

SCREENED = 500
"""In so many groups the columns of a wide table are looked at first."""


class Shuffling(Protocol):
    """What a version makes of rows of which some columns can be permuted."""

    def output(
        self, names: Sequence[str] = (), order: NDArray[np.int64] | None = None
    ) -> NDArray[np.float64]:
        """The predictions, (m, K) or (m,), with the columns ``names`` in the ``order`` (m,) of other rows.

        Errors: those of `Predictor.predict`.
        """
        ...


def permuted(predictor: "Servable", rows: Table) -> Shuffling:
    """``predictor`` on labelled ``rows``, of which some columns can be permuted.

    Raises ``TypeError`` for a kind of version that has no matrix.
    """
    if isinstance(predictor, Ensemble):
        return PermutedEnsemble(tuple(Permuted(one, rows) for one in predictor.members), predictor.weights)
    if isinstance(predictor, Predictor):
        return Permuted(predictor, rows)
    if isinstance(predictor, Uncertain):
        return PermutedUncertain(permuted(predictor.model, rows), predictor)
    raise TypeError(f"a {type(predictor).__name__} has no matrix")


def that_matter_most(
    shuffling: Shuffling, names: Sequence[str], most: int, order: NDArray[np.int64]
) -> tuple[str, ...]:
    """At most so many of the columns ``names``, in their order, whose permutation changes predictions most.

    They are permuted by ``order`` (m,). Neighbours are permuted together, in `SCREENED` groups, and the groups that
    change most are taken: a column that is left out lay in a group that changed less. The order of the columns decides
    the groups.
    """
    size = -(-len(names) // SCREENED)
    groups = [names[at : at + size] for at in range(0, len(names), size)]
    before = shuffling.output()
    moved = [float(np.abs(shuffling.output(group, order) - before).mean()) for group in groups]
    best = sorted(range(len(groups)), key=lambda at: -moved[at])[: max(1, most // size)]
    return tuple(name for at in sorted(best) for name in groups[at])[:most]


@dataclass(frozen=True)
class PermutedUncertain:
    """The model of a version that is calibrated, and the version."""

    model: Shuffling
    version: Uncertain

    def output(
        self, names: Sequence[str] = (), order: NDArray[np.int64] | None = None
    ) -> NDArray[np.float64]:
        """What the version makes of the model's, (m, K) or (m,): see `Shuffling.output`."""
        return self.version.calibrated(self.model.output(names, order))


@dataclass(frozen=True)
class PermutedEnsemble:
    """The members of an ensemble, each on the same rows, and the weights of their blend."""

    members: tuple["Permuted", ...]
    weights: tuple[float, ...]

    def output(
        self, names: Sequence[str] = (), order: NDArray[np.int64] | None = None
    ) -> NDArray[np.float64]:
        """The blend of what the members make of it, (m, K) or (m,): see `Shuffling.output`."""
        return blended([one.output(names, order) for one in self.members], self.weights)


@dataclass(frozen=True)
class Permuted:
    """``predictor`` on labelled ``rows`` (m of them), of which some columns can be permuted.

    The matrix is made once: where a column of the table becomes columns of it that nothing else is in, these are
    permuted. So the work for all n columns grows with n times the size of the matrix, and not with n tables made anew.
    """

    predictor: Predictor
    rows: Table

    def output(
        self, names: Sequence[str] = (), order: NDArray[np.int64] | None = None
    ) -> NDArray[np.float64]:
        """The predictions, (m, K) or (m,), with the columns ``names`` in the ``order`` (m,) of other rows.

        Errors: those of `Predictor.predict`.
        """
        if self.predictor.folded is not None:  # it needs no matrix
            return self.predictor.predict(self._features if order is None else self._shuffled(names, order))
        if order is None:
            return self._of(self._matrix)
        places = [self._places.get(name, ()) for name in names]
        if isinstance(self._matrix, Blocks) or any(its is None for its in places):
            return self._of(self.predictor.matrix(self._shuffled(names, order)))
        at = np.array([place for its in places for place in its or ()], dtype=np.intp)
        if not len(at):
            return self._of(self._matrix)
        before = self._matrix[:, at]
        try:
            self._matrix[:, at] = before[order]
            return self._of(self._matrix)
        finally:
            self._matrix[:, at] = before

    @cached_property
    def _features(self) -> Table:
        return self.rows.select(self.predictor.schema.names)

    @cached_property
    def _matrix(self) -> Matrix:
        return self.predictor.matrix(self._features)

    @cached_property
    def _places(self) -> dict[str, tuple[int, ...] | None]:
        """The columns of the matrix that each column of the table becomes; None if one is made of several of these."""
        found: dict[str, tuple[int, ...] | None] = {}
        for place, feature in enumerate(self.predictor.preprocessor.design.features):
            for name in feature.sources:
                earlier = found.get(name, ())
                found[name] = None if earlier is None or len(feature.sources) > 1 else (*earlier, place)
        return found

    def _of(self, matrix: Matrix) -> NDArray[np.float64]:
        return algorithm(self.predictor.algorithm).predict(self.predictor.parameters, matrix)

    def _shuffled(self, names: Sequence[str], order: NDArray[np.int64]) -> Table:
        chosen = set(names)
        columns = (one.take(order) if one.name in chosen else one for one in self._features.columns)
        return Table(tuple(columns))
