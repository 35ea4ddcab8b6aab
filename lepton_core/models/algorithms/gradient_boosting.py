"""Gradient boosting: small trees that correct each other, grown by scikit-learn on histograms of the features."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Matrix, dense
from lepton_core.models import hyper as settings
from lepton_core.models.algorithm import Array, Explanation, Fit, Inputs, Problem
from lepton_core.models.constraints import INTERACTIONS, MONOTONE
from lepton_core.models.hyper import Elsewhere, setting
from lepton_core.models.learners import scikit_learn
from lepton_core.models.ranges import LogUniform, OneOf
from lepton_core.models.rows import piecewise
from lepton_core.models.trees import boosted, training
from lepton_core.models.trees.arrays import MAX_DEPTH
from lepton_core.models.trees.categories import MOST_SLOTS
from lepton_core.models.trees.check import check_array, check_names, shape

if TYPE_CHECKING:
    from lepton_core.models.learners.boosting import Stopping

FOLDED = 10_000
"""Of no more rows folds say how many trees there are; of more, rows that are kept aside."""

MOST_TREES = 1_000
"""The most trees that are tried if it is left out how many there are."""

MOST_TREES_OF_MANY = 150
"""Of so many rows that folds take too long."""

USUAL_TREES = 100
"""Trees if no rows are left out, and none are said."""


@dataclass(frozen=True)
class BoostingHyper:
    """The hyperparameters; see the help of each."""

    iterations: int | None = setting(
        None,
        "How many trees there are; of more than two classes, for each class. If it is given there are so many, with "
        "early_stopping=True at most. Left out: as many as bring down the loss of rows that are left out, at most "
        "1,000, of more than 10,000 rows 150; with early_stopping=False 100.",
        low=1,
        high=10_000,
    )
    learning_rate: float = setting(
        0.1, "How much of each tree's correction is made.", above=0.0, high=1.0, search=LogUniform(0.02, 0.3)
    )
    max_leaf_nodes: int = setting(
        31, "The most leaves of a tree.", low=2, high=2**16, search=LogUniform(7, 127, whole=True)
    )
    max_depth: int | None = setting(
        None,
        "The most splits between the root and a leaf. Left out: no limit but that of leaves.",
        low=1,
        high=MAX_DEPTH,
    )
    min_samples_leaf: int | None = setting(
        None,
        "The fewest rows in a leaf. Left out: 20, and of fewer than 100 rows a fifth.",
        low=1,
        high=10_000_000,
        search=LogUniform(5, 100, whole=True),
    )
    l2: float = setting(
        0.0,
        "Shrinks the values of leaves: added to the sum of second derivatives in each.",
        low=0.0,
        search=OneOf(0.0, 0.1, 1.0, 10.0),
    )
    max_features: float = setting(
        1.0,
        "The share of the features, drawn anew for each split, that it looks at.",
        above=0.0,
        high=1.0,
        search=OneOf(0.5, 1.0),
    )
    max_bins: int = setting(
        MOST_SLOTS,
        "Into how many bins the numbers of a feature are put, and the most categories of a column that are told "
        "apart: rarer ones count as missing.",
        low=2,
        high=MOST_SLOTS,
    )
    early_stopping: bool | None = setting(
        None,
        "Whether a share of the rows is kept aside and training stops when their loss no longer falls. Left out: if "
        "iterations is, too, and there are more than 10,000 rows; of fewer, folds say how many trees there are, and "
        "all rows are learnt from.",
    )
    validation_fraction: float = setting(
        0.1, "The share of rows that early stopping keeps aside.", above=0.0, below=1.0
    )
    patience: int = setting(
        10,
        "After so many trees without a lower loss of rows that are left out there is no further one.",
        low=1,
        high=10_000_000,
    )
    tolerance: float = setting(1e-7, "By less than this the loss does not count as lower.", low=0.0)
    monotone: tuple[tuple[str, int], ...] | None = MONOTONE()
    interactions: tuple[tuple[str, ...], ...] | None = INTERACTIONS()

    elsewhere: ClassVar[Mapping[str, Elsewhere]] = {
        "batch_size": Elsewhere("each tree is grown on all rows, and there are no batches")
    }

    def stopping(self, rows: int) -> "Stopping":
        """What says how many trees there are for so many rows."""
        if self.iterations is None and self.early_stopping is None:
            return "folds" if rows <= FOLDED else "aside"
        return "aside" if self.early_stopping else "none"

    def most(self, rows: int) -> int:
        """The most trees that there are for so many rows; of "none", all of them."""
        if self.iterations is not None:
            return self.iterations
        if self.early_stopping is False:
            return USUAL_TREES
        return MOST_TREES if rows <= FOLDED else MOST_TREES_OF_MANY


@dataclass(frozen=True)
class GradientBoosting:
    """A sum of trees. Parameters: those that `lepton_core.models.trees.boosted.BOOSTED` names."""

    name: str = "gradient_boosting"
    tasks: frozenset[str] = frozenset({"classification", "regression"})
    inputs: Inputs = Inputs(scaled=False, missing=True, categories=True)  # noqa: RUF009  (frozen)
    defaults: BoostingHyper = BoostingHyper()

    def configure(self, given: Mapping[str, Any]) -> BoostingHyper:
        """See `Algorithm`."""
        return settings.configure(self.defaults, given)

    def start(
        self, problem: Problem, hyper: BoostingHyper, warm: Mapping[str, NDArray[Any]] | None = None
    ) -> Fit:
        """See `Algorithm`. Grown anew whatever ``warm`` is; needs scikit-learn."""
        scikit_learn(self.name)
        training.check(problem, self.name, boosted.FLOAT64)
        training.check_signs(problem)
        most = hyper.most(_counted(problem))
        return Fit(0, most, np.zeros(0), training.mark(problem, hyper), note=training.anew(warm))

    def warm_starts(self, hyper: BoostingHyper) -> bool:
        """See `Algorithm`: it is grown anew."""
        return False

    def advance(self, fit: Fit, problem: Problem, hyper: BoostingHyper, pause: Callable[[Fit], bool]) -> Fit:
        """See `Algorithm`. All trees are made in one piece; then the iterations are told, one after the other.

        scikit-learn has no state between two trees that could be kept as arrays.
        """
        if fit.finished:
            return fit
        hyper = _begun(fit, problem, hyper)
        training.check_mark(fit, problem, hyper)
        if len(fit.arrays) == 1:
            fit = _trained(fit, problem, hyper)
        else:
            _check_trained(fit, problem)
        curve = fit.arrays["curve"]
        for iteration in range(fit.iteration + 1, len(curve) + 1):
            fit = replace(
                fit,
                iteration=iteration,
                losses=curve[fit.before : iteration].copy(),
                finished=iteration == len(curve),
            )
            if pause(fit):
                break
        return fit

    def attempt(
        self, fit: Fit, problem: Problem, hyper: BoostingHyper, give_up: Callable[[], bool]
    ) -> Fit | None:
        """See `InOnePiece`: asked while it is found out how many trees there are, which takes the longest."""
        from lepton_core.models.learners.rounds import GivenUp  # noqa: PLC0415  (no prediction needs it)

        try:
            made = _trained(fit, problem, _begun(fit, problem, hyper), give_up)
        except GivenUp:
            return None
        return self.advance(made, problem, hyper, lambda _: False)

    def found(self, fit: Fit, problem: Problem, hyper: BoostingHyper) -> Mapping[str, Any]:
        """See `Finds`: the number of trees that left-out rows said."""
        if hyper.stopping(_counted(problem)) == "none" or (problem.n_classes and np.ptp(problem.y) == 0):
            return {}
        return {"iterations": fit.iteration, "early_stopping": False}

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`: the arrays of all trees, ``(p,)``. Before the first iteration there are none."""
        return {name: fit.arrays[name].copy() for name in boosted.BOOSTED if name in fit.arrays}

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """See `Algorithm`."""
        boosted.check(parameters, n_features, n_classes)

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """See `Algorithm`."""
        return piecewise(lambda rows: boosted.predict(parameters, rows), X)

    @property
    def keeps_stages(self) -> bool:
        """See `Staged`: trees are added."""
        return True

    def staged(self, fit: Fit, X: Matrix, iterations: Sequence[int]) -> list[Array]:
        """See `Staged`: with the trees of so many iterations."""
        parameters = self.parameters(fit)
        each = len(parameters["roots"]) // len(fit.arrays["curve"])
        return boosted.staged(parameters, dense(X), [each * iteration for iteration in iterations])

    def explains(self, hyper: BoostingHyper) -> bool:
        """See `Algorithm`."""
        return True

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """See `Algorithm`. In log-odds, or in values."""
        return boosted.explain(parameters, X, background)


def _counted(problem: Problem) -> int:
    return len(problem.X) if problem.weights is None else int(np.count_nonzero(problem.weights))


def _begun(fit: Fit, problem: Problem, hyper: BoostingHyper) -> BoostingHyper:
    """The settings that ``fit`` was begun under: before the rows said how many trees there are, there were 100."""
    before = replace(hyper, iterations=USUAL_TREES)
    same = np.array_equal(fit.arrays.get("of", ()), training.mark(problem, before)["of"])
    return before if same and hyper.iterations is None else hyper


def _trained(
    fit: Fit, problem: Problem, hyper: BoostingHyper, give_up: Callable[[], bool] = lambda: False
) -> Fit:
    """All trees, as yet without an iteration told; ``curve`` ``(k,)`` are the losses."""
    from lepton_core.models.learners.boosting import Boosting, boost  # noqa: PLC0415  (no prediction needs it)

    rows = training.rows(problem, boosted.FLOAT64)
    m = len(rows.y)
    leaf = hyper.min_samples_leaf or min(20, max(1, m // 5))
    known = {one.name for one in fields(Boosting)}
    given = {one.name: getattr(hyper, one.name) for one in fields(hyper) if one.name in known}
    more = {
        "iterations": hyper.most(m),
        "stopping": hyper.stopping(m),
        "otherwise": None if hyper.early_stopping else USUAL_TREES,
        "min_samples_leaf": leaf,
        # The weights that boosting is given have mean 1, and their sums stand beside the penalty.
        "l2": hyper.l2 * (m / problem.total),
        "signs": problem.signs,
        "groups": problem.groups,
    }
    made = boost(rows, problem.n_classes, problem.levels, Boosting(**given | more), problem.seed, give_up)
    notes = [fit.note, made.note]
    if leaf != (hyper.min_samples_leaf or 20):
        notes.append(f"min_samples_leaf {leaf}, a fifth of the rows")
    if hyper.stopping(m) == "aside" and len(made.losses) < hyper.most(m):
        notes.append(f"stopped after {len(made.losses)} iterations")
    note = "; ".join(filter(None, notes))
    more_arrays = {"curve": made.losses} | shape(problem.X.shape[1], problem.n_classes)
    return replace(fit, arrays=dict(fit.arrays) | made.arrays | more_arrays, note=note)


def _check_trained(fit: Fit, problem: Problem) -> None:
    check_names(fit.arrays, ("of", "curve", *boosted.BOOSTED))
    parameters = {name: fit.arrays[name] for name in boosted.BOOSTED}
    boosted.check(parameters, problem.X.shape[1], problem.n_classes)
    check_array("curve", fit.arrays["curve"], boosted.FLOAT64, None)


ALGORITHM = GradientBoosting()
