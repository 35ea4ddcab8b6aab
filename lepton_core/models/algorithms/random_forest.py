"""A random forest: the mean of many trees, each grown by scikit-learn on rows and features drawn at random."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Matrix, dense
from lepton_core.models import hyper as settings
from lepton_core.models.algorithm import Array, Explanation, Fit, Inputs, Problem
from lepton_core.models.constraints import INTERACTIONS, MONOTONE
from lepton_core.models.hyper import Elsewhere, setting
from lepton_core.models.learners import forest, scikit_learn
from lepton_core.models.learners.growth import Growth
from lepton_core.models.ranges import Between, LogUniform, OneOf
from lepton_core.models.rows import counted, piecewise
from lepton_core.models.trees import average, training
from lepton_core.models.trees.arrays import MAX_DEPTH, TREE_ARRAYS
from lepton_core.models.trees.check import check_array, check_names, shape


@dataclass(frozen=True)
class ForestHyper:
    """The hyperparameters; see the help of each."""

    trees: int = setting(100, "How many trees there are.", low=1, high=10_000)
    criterion: str | None = setting(
        None,
        "What a split lessens, of classes: gini (the default) or entropy. Values are split by squared error.",
        choices=("gini", "entropy"),
    )
    max_depth: int | None = setting(
        None,
        f"The most splits between the root and a leaf. Left out: as many as it takes, up to {MAX_DEPTH}.",
        low=1,
        high=MAX_DEPTH,
        search=OneOf(None, 6, 10, 16),
    )
    max_leaf_nodes: int | None = setting(
        None, "The most leaves of a tree, the best splits first. Left out: no limit.", low=2, high=10_000_000
    )
    min_samples_split: int = setting(
        2, "The fewest different rows that are split any further.", low=2, high=10_000_000
    )
    min_samples_leaf: int = setting(
        1,
        "The fewest different rows in a leaf.",
        low=1,
        high=10_000_000,
        search=LogUniform(1, 50, whole=True),
    )
    max_features: float | None = setting(
        None,
        "The share of the features, drawn anew for each split, that it looks at. "
        "Left out: the square root of their number for classes, all for values.",
        above=0.0,
        high=1.0,
        search=Between(0.1, 1.0),
    )
    max_samples: float = setting(
        1.0,
        "How many rows are drawn for each tree, with replacement, as a share of all.",
        above=0.0,
        high=1.0,
    )
    monotone: tuple[tuple[str, int], ...] | None = MONOTONE()
    interactions: tuple[tuple[str, ...], ...] | None = INTERACTIONS()

    elsewhere: ClassVar[Mapping[str, Elsewhere]] = {
        "iterations": Elsewhere("a random forest has trees, and no iterations", "trees"),
        "learning_rate": Elsewhere(
            "the trees of a forest do not correct each other, so no rate says by how much (gradient_boosting has one)"
        ),
        "batch_size": Elsewhere(
            "a forest learns from no batches; max_samples says which share of the rows is drawn for each tree",
            "max_samples",
            0.5,
        ),
    }


@dataclass(frozen=True)
class RandomForest:
    """The mean of trees. Parameters: those that `lepton_core.models.trees.average.AVERAGED` names."""

    name: str = "random_forest"
    tasks: frozenset[str] = frozenset({"classification", "regression"})
    inputs: Inputs = Inputs(scaled=False, missing=True)  # noqa: RUF009  (frozen)
    defaults: ForestHyper = ForestHyper()

    def configure(self, given: Mapping[str, Any]) -> ForestHyper:
        """See `Algorithm`."""
        return settings.configure(self.defaults, given)

    def start(
        self, problem: Problem, hyper: ForestHyper, warm: Mapping[str, NDArray[Any]] | None = None
    ) -> Fit:
        """See `Algorithm`. Grown anew whatever ``warm`` is; needs scikit-learn."""
        scikit_learn(self.name)
        training.check(problem, self.name, average.FLOAT32)
        training.check_criterion(hyper.criterion, problem)
        training.check_signs(problem)
        arrays = training.mark(problem, hyper) | shape(problem.X.shape[1], problem.n_classes)
        votes = forest.no_votes(len(counted(problem).y), max(problem.n_classes, 1))
        return _fit(0, hyper, np.zeros(0), arrays, votes, training.anew(warm))

    def warm_starts(self, hyper: ForestHyper) -> bool:
        """See `Algorithm`: it is grown anew."""
        return False

    def advance(self, fit: Fit, problem: Problem, hyper: ForestHyper, pause: Callable[[Fit], bool]) -> Fit:
        """See `Algorithm`. An iteration adds a tree; its loss is that of the forest so far, out of bag."""
        if fit.finished:
            return fit
        training.check_mark(fit, problem, hyper)
        rows = training.rows(problem, average.FLOAT32)
        growth = _growth(hyper, problem)
        votes = _votes(fit, problem, len(rows.y))
        while not fit.finished:
            tree, votes = forest.add_tree(
                rows, problem.n_classes, growth, hyper.max_samples, problem.seed, fit.iteration, votes
            )
            losses = np.append(fit.losses, forest.loss(rows, votes))
            blocks = forest.append(fit.arrays, tree, fit.iteration)
            fit = _fit(fit.iteration + 1, hyper, losses, blocks, votes, fit.note)
            if pause(fit):
                break
        return fit

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`: the arrays of the trees so far, ``(p,)``. Before the first there are none."""
        if not fit.iteration:
            return {}
        return forest.whole(fit.arrays, fit.iteration) | {"shape": fit.arrays["shape"].copy()}

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """See `Algorithm`."""
        average.check(parameters, n_features, n_classes)

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """See `Algorithm`."""
        return piecewise(lambda rows: average.predict(parameters, rows), X)

    @property
    def keeps_stages(self) -> bool:
        """See `Staged`: trees are added."""
        return True

    def staged(self, fit: Fit, X: Matrix, iterations: Sequence[int]) -> list[Array]:
        """See `Staged`: with the first so many trees."""
        return average.staged(self.parameters(fit), dense(X), iterations)

    def explains(self, hyper: ForestHyper) -> bool:
        """See `Algorithm`."""
        return True

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """See `Algorithm`. In probabilities, or in values."""
        return average.explain(parameters, X, background)


def _growth(hyper: ForestHyper, problem: Problem) -> Growth:
    return Growth(
        criterion=hyper.criterion,
        max_depth=hyper.max_depth,
        max_leaf_nodes=hyper.max_leaf_nodes,
        min_samples_split=hyper.min_samples_split,
        min_samples_leaf=hyper.min_samples_leaf,
        max_features=hyper.max_features or ("sqrt" if problem.n_classes else None),
        signs=problem.signs,
        groups=problem.groups,
    )


def _fit(
    iteration: int,
    hyper: ForestHyper,
    losses: Array,
    arrays: Mapping[str, NDArray[Any]],
    votes: forest.Votes,
    note: str,
) -> Fit:
    kept = dict(arrays) | {"sums": votes.sums, "voters": votes.trees}
    return Fit(iteration, hyper.trees, losses, kept, iteration == hyper.trees, note)


def _votes(fit: Fit, problem: Problem, m: int) -> forest.Votes:
    """The votes in ``fit``, all of whose arrays must be as `advance` left them."""
    n, n_classes = problem.X.shape[1], problem.n_classes
    none = forest.no_votes(m, max(n_classes, 1))
    blocks = range(-(-fit.iteration // forest.BLOCK))
    check_names(
        fit.arrays,
        ("of", "shape", "sums", "voters", *(f"{block}.{name}" for block in blocks for name in TREE_ARRAYS)),
    )
    check_array("sums", fit.arrays["sums"], none.sums.dtype, *none.sums.shape)
    check_array("voters", fit.arrays["voters"], none.trees.dtype, *none.trees.shape)
    for block in blocks:
        arrays = {name: fit.arrays[f"{block}.{name}"] for name in TREE_ARRAYS}
        average.check(arrays | {"shape": fit.arrays["shape"]}, n, n_classes)
    return forest.Votes(none.row, fit.arrays["sums"], fit.arrays["voters"])


ALGORITHM = RandomForest()
