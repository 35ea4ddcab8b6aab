"""One decision tree: splits by thresholds, grown by scikit-learn (CART), for classes and for values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Matrix
from lepton_core.models import hyper as settings
from lepton_core.models.algorithm import Array, Explanation, Fit, Inputs, Problem
from lepton_core.models.constraints import INTERACTIONS, MONOTONE
from lepton_core.models.hyper import Elsewhere, setting
from lepton_core.models.learners import scikit_learn
from lepton_core.models.learners.growth import Growth
from lepton_core.models.learners.tree import grow
from lepton_core.models.ranges import LogUniform, OneOf
from lepton_core.models.rows import piecewise
from lepton_core.models.trees import average, training
from lepton_core.models.trees.arrays import MAX_DEPTH


@dataclass(frozen=True)
class TreeHyper:
    """The hyperparameters; see the help of each."""

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
        search=OneOf(None, 3, 5, 8, 12, 20),
    )
    max_leaf_nodes: int | None = setting(
        None, "The most leaves, the best splits first. Left out: no limit.", low=2, high=10_000_000
    )
    min_samples_split: int = setting(2, "The fewest rows that are split any further.", low=2, high=10_000_000)
    min_samples_leaf: int = setting(
        1, "The fewest rows in a leaf.", low=1, high=10_000_000, search=LogUniform(1, 100, whole=True)
    )
    max_features: float | None = setting(
        None,
        "The share of the features, drawn anew for each split, that it looks at. Left out: all.",
        above=0.0,
        high=1.0,
    )
    ccp_alpha: float = setting(
        0.0,
        "Prunes branches that lessen the impurity by less than this for each leaf (minimal cost-complexity).",
        low=0.0,
    )
    monotone: tuple[tuple[str, int], ...] | None = MONOTONE()
    interactions: tuple[tuple[str, ...], ...] | None = INTERACTIONS()

    elsewhere: ClassVar[Mapping[str, Elsewhere]] = {
        "iterations": Elsewhere(
            "one tree is grown in one step, and has no iterations (a random_forest has trees); max_depth and "
            "max_leaf_nodes say how large it becomes",
            "max_depth",
            8,
        ),
        "learning_rate": Elsewhere(
            "one tree is grown in one step, which has no length (gradient_boosting takes many)"
        ),
        "batch_size": Elsewhere("a tree is grown on all rows at once"),
    }


@dataclass(frozen=True)
class DecisionTree:
    """One tree. Parameters: those that `lepton_core.models.trees.average.AVERAGED` names."""

    name: str = "decision_tree"
    tasks: frozenset[str] = frozenset({"classification", "regression"})
    inputs: Inputs = Inputs(scaled=False, missing=True)  # noqa: RUF009  (frozen)
    defaults: TreeHyper = TreeHyper()

    def configure(self, given: Mapping[str, Any]) -> TreeHyper:
        """See `Algorithm`."""
        return settings.configure(self.defaults, given)

    def start(
        self, problem: Problem, hyper: TreeHyper, warm: Mapping[str, NDArray[Any]] | None = None
    ) -> Fit:
        """See `Algorithm`. Grown anew whatever ``warm`` is; needs scikit-learn."""
        scikit_learn(self.name)
        training.check(problem, self.name, average.FLOAT32)
        training.check_criterion(hyper.criterion, problem)
        training.check_signs(problem)
        return Fit(0, 1, np.zeros(0), training.mark(problem, hyper), note=training.anew(warm))

    def warm_starts(self, hyper: TreeHyper) -> bool:
        """See `Algorithm`: it is grown anew."""
        return False

    def advance(self, fit: Fit, problem: Problem, hyper: TreeHyper, pause: Callable[[Fit], bool]) -> Fit:
        """See `Algorithm`. One iteration grows the tree."""
        if fit.finished:
            return fit
        training.check_mark(fit, problem, hyper)
        rows = training.rows(problem, average.FLOAT32)
        growth = Growth(
            criterion=hyper.criterion,
            max_depth=hyper.max_depth,
            max_leaf_nodes=hyper.max_leaf_nodes,
            min_samples_split=hyper.min_samples_split,
            min_samples_leaf=hyper.min_samples_leaf,
            max_features=hyper.max_features,
            ccp_alpha=hyper.ccp_alpha / rows.scale / rows.scale,
            signs=problem.signs,
            groups=problem.groups,
        )
        trees = grow(rows, problem.n_classes, growth, rows.weights, training.random_state(problem.seed))
        arrays = average.parameters(trees, problem.X.shape[1], problem.n_classes)
        loss = training.loss(average.predict(arrays, problem.array), problem.y, problem.share)
        end = Fit(1, 1, np.array([loss]), dict(fit.arrays) | arrays, True, fit.note)
        pause(end)
        return end

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`: the arrays of one tree, ``(p,)``. Before the first iteration there are none."""
        return {name: fit.arrays[name].copy() for name in average.AVERAGED if name in fit.arrays}

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """See `Algorithm`."""
        average.check(parameters, n_features, n_classes)

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """See `Algorithm`."""
        return piecewise(lambda rows: average.predict(parameters, rows), X)

    def explains(self, hyper: TreeHyper) -> bool:
        """See `Algorithm`."""
        return True

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """See `Algorithm`. In probabilities, or in values."""
        return average.explain(parameters, X, background)


ALGORITHM = DecisionTree()
