"""Every algorithm in scikit-learn's clothes, so that its own conformance tests can judge it."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from lepton_core.errors import LeptonError
from lepton_core.models import ALGORITHMS, Problem


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
