"""Blends, and versions that are calibrated and sure, made in one piece of a small table as a search makes them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lepton_core.blend import blended
from lepton_core.ensemble import Ensemble
from lepton_core.models import ALGORITHMS
from lepton_core.out_of_fold import classes_of, out_of_fold, truth
from lepton_core.predict import Predictor
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Column, Numbers, Table
from lepton_core.train import Recipe, train
from lepton_core.uncertain import Uncertain
from lepton_core.uncertainty.choice import OutOfFoldRows, fitted, learnt
from lepton_core.uncertainty.conformal import Intervals, Sets
from lepton_core.uncertainty.learnt import Uncertainty
from lepton_core.validation import fold_rows
from lepton_core.weights import row_weights
from tests.support.algorithms import quick

LABEL, WEIGHT = "label", "weight"
FOLDS = 5
MEMBERS = {
    "classification": ("logistic_regression", "naive_bayes"),
    "regression": ("linear_regression", "decision_tree"),
}
SHARES = (0.375, 0.625)


@dataclass(frozen=True)
class Plan:
    """A blend of `MEMBERS` in `SHARES`, of columns of numbers as they are.

    ``sure``: folds say how sure it is, and for classes whether it is calibrated.
    """

    task: str
    sure: bool = False
    seed: int = 0

    def fit(self, table: Table) -> bytes:
        """The file of the version that all rows make; the column `WEIGHT`, if there is one, says what each counts."""
        recipes = [self._recipe(name, table) for name in MEMBERS[self.task]]
        rows = np.arange(table.rows)
        blend = Ensemble.of([train(one, table, rows) for one in recipes], SHARES, table)
        if not self.sure:
            return blend.dump()
        return Uncertain.of(blend, self._taught(recipes, table, rows), table.without(LABEL)).dump()

    def _recipe(self, name: str, table: Table) -> Recipe:
        weight = WEIGHT if WEIGHT in table.names else None
        as_they_are = Preprocessor.empty()
        return Recipe(name, LABEL, {}, as_they_are, seed=self.seed, task=self.task, weight=weight)

    def _taught(self, recipes: Sequence[Recipe], table: Table, rows: NDArray[np.int64]) -> Uncertainty:
        recipe, classes = recipes[0], classes_of(recipes[0], table)
        folds = fold_rows(recipe, table, rows, min(FOLDS, table.rows), seed=self.seed)
        found = [[out_of_fold(one, table, *pair) for pair in folds] for one in recipes]
        outputs = [np.concatenate([part.output for part in of if part is not None]) for of in found]
        places = np.concatenate([test for _, test in folds])
        y = truth(table[LABEL], classes)
        weights = row_weights(table, recipe.weight, y, classes, None)
        fold = np.repeat(np.arange(len(folds)), [len(test) for _, test in folds])
        output = blended(outputs, SHARES)
        told = OutOfFoldRows(output, y[places], fold, None if weights is None else weights[places])
        return learnt(told, calibrate=bool(classes), uncertainty=True)[0]


def numbers_table(X: NDArray[np.float64], label: Column, weights: NDArray[np.float64] | None = None) -> Table:
    """The columns of ``X`` (m, n), and of ``weights`` (m,) if there are any, beside a label."""
    weighed = () if weights is None else (Numbers(WEIGHT, weights),)
    return Table((*(Numbers(f"x{j}", column) for j, column in enumerate(X.T)), *weighed, label))


def mixed_table(classes: int, rows: int = 120, seed: int = 3) -> Table:
    """Two numbers, a colour and a label: of so many classes, or a number if there are none."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 2))
    colour = Categories.of("colour", [["red", "green"][k] for k in rng.integers(0, 2, rows)])
    score = X @ [1.0, -2.0] + rng.normal(size=rows)
    label: Column = Numbers(LABEL, score)
    if classes:
        cuts = np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1])
        label = Categories.of(LABEL, [f"c{k}" for k in np.searchsorted(cuts, score)])
    return Table((Numbers("a", X[:, 0]), Numbers("b", X[:, 1]), colour, label))


def quick_member(name: str, table: Table) -> Predictor:
    """A model of all rows of the table, with settings under which that is quick."""
    settings = quick(ALGORITHMS[name], iterations=10, trees=4)
    return train(Recipe(name, LABEL, settings), table, np.arange(table.rows))


def taught(classes: int, method: str = "platt", rows: int = 400) -> Uncertainty:
    """What so many invented rows out of fold teach; a calibrator of that method where there are classes."""
    rng = np.random.default_rng(1)
    if not classes:
        return Uncertainty(None, Intervals.of(np.zeros(rows), rng.normal(size=rows)))
    output, y = rng.dirichlet(np.ones(classes), rows), rng.integers(0, classes, rows)
    return Uncertainty(fitted(method, output, y, np.ones(rows)), Sets.of(output, y))
