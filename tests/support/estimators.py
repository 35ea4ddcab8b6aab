"""Every algorithm, and blends, in scikit-learn's clothes, so that its own conformance tests can judge them."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from lepton_core.errors import LeptonError
from lepton_core.load import load
from lepton_core.models import ALGORITHMS, Problem
from lepton_core.table import Categories, Column, Numbers
from tests.support.blended import LABEL, Plan, numbers_table


class _Estimator(BaseEstimator):
    def __init__(self, algorithm: str = "", settings: Any = None, random_state: int = 0) -> None:
        self.algorithm = algorithm
        self.settings = settings
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = ALGORITHMS[self.algorithm].inputs.missing
        return tags

    def _learn(self, X: Any, y: Any, n_classes: int, weights: Any) -> "_Estimator":
        of = ALGORITHMS[self.algorithm]
        seed = 0 if self.random_state is None else int(self.random_state)
        if weights is not None:
            weights = _check_sample_weight(weights, X, dtype=np.float64, ensure_non_negative=True)
        problem = Problem(X, y, n_classes, seed=seed, weights=weights)
        try:
            hyper = of.configure(self.settings or {})
            fit = of.advance(of.start(problem, hyper), problem, hyper, lambda _: False)
        except LeptonError as error:
            raise ValueError(error.message) from error
        self.parameters_ = of.parameters(fit)
        of.check(self.parameters_, X.shape[1], n_classes)
        self.n_iter_ = max(1, fit.iteration)
        return self

    def _output(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite=self._finite())
        return ALGORITHMS[self.algorithm].predict(self.parameters_, X)

    def _finite(self) -> Any:
        return "allow-nan" if ALGORITHMS[self.algorithm].inputs.missing else True


class LeptonClassifier(ClassifierMixin, _Estimator):
    """A classifier by the name of its algorithm."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "LeptonClassifier":
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite=self._finite())
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self._learn(X, codes.astype(np.int64), len(self.classes_), sample_weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return self._output(X)

    def predict(self, X: Any) -> np.ndarray:
        chosen = self._output(X).argmax(axis=1)
        return self.classes_[chosen]


class LeptonRegressor(RegressorMixin, _Estimator):
    """A regressor by the name of its algorithm."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "LeptonRegressor":
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite=self._finite(), y_numeric=True)
        self._learn(X, y.astype(np.float64), 0, sample_weight)
        return self

    def predict(self, X: Any) -> np.ndarray:
        return self._output(X)


class _Version(BaseEstimator):
    """The file of a blend, which every prediction loads; ``sure``: it is calibrated, and says how sure it is."""

    def __init__(self, sure: bool = False, random_state: int = 0) -> None:
        self.sure = sure
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _learn(self, task: str, X: Any, label: Column, weights: Any) -> None:
        seed = 0 if self.random_state is None else int(self.random_state)
        if weights is not None:
            weights = _check_sample_weight(weights, X, dtype=np.float64, ensure_non_negative=True)
        if self.sure and len(X) < 2:
            raise ValueError("1 sample makes no folds, by which it would be known how sure the version is")
        try:
            self.file_ = Plan(task, self.sure, seed).fit(numbers_table(X, label, weights))
        except LeptonError as error:
            raise ValueError(error.message) from error

    def _output(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        return load(self.file_).predict(numbers_table(X, Numbers(LABEL, np.zeros(len(X)))).without(LABEL))


class VersionClassifier(ClassifierMixin, _Version):
    """A blend of classifiers as it is served."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "VersionClassifier":
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        label = Categories.of(LABEL, [f"{code:06}" for code in codes])
        self._learn("classification", X, label, sample_weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return self._output(X)

    def predict(self, X: Any) -> np.ndarray:
        chosen = self._output(X).argmax(axis=1)
        return self.classes_[chosen]


class VersionRegressor(RegressorMixin, _Version):
    """A blend of regressors as it is served."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "VersionRegressor":
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True)
        self._learn("regression", X, Numbers(LABEL, y.astype(np.float64)), sample_weight)
        return self

    def predict(self, X: Any) -> np.ndarray:
        return self._output(X)
