"""Blends in scikit-learn's clothes, so that its own conformance tests can judge what is served."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lepton_ai.estimators import _Classifier, _Regressor
from lepton_core.errors import LeptonError
from lepton_core.load import load
from lepton_core.table import Categories, Column, Numbers
from tests.support.blended import LABEL, Plan, numbers_table


class _Version:
    """The file of a blend, which every prediction loads; ``sure``: it is calibrated, and says how sure it is."""

    _task: str
    _takes_missing = True

    def __init__(self, sure: bool = False, random_state: int = 0) -> None:
        self.sure = sure
        self.random_state = random_state

    def _learn(self, X: Any, y: Any, n_classes: int, weights: Any) -> None:
        if self.sure and len(X) < 2:
            raise ValueError("1 sample makes no folds, by which it would be known how sure the version is")
        label: Column = Categories.of(LABEL, [f"{code:06}" for code in y]) if n_classes else Numbers(LABEL, y)
        seed = 0 if self.random_state is None else int(self.random_state)
        try:
            self.file_ = Plan(self._task, self.sure, seed).fit(numbers_table(X, label, weights))
        except LeptonError as error:
            raise ValueError(error.message) from error

    def _output(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = self._validated(X, reset=False)
        return load(self.file_).predict(numbers_table(X, Numbers(LABEL, np.zeros(len(X)))).without(LABEL))


class VersionClassifier(_Version, _Classifier):
    """A blend of classifiers as it is served."""

    _task = "classification"


class VersionRegressor(_Version, _Regressor):
    """A blend of regressors as it is served."""

    _task = "regression"
