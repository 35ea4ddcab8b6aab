"""Every algorithm as an estimator of scikit-learn, for its pipelines and searches: a class for each of its tasks.

    from lepton_ai.estimators import GradientBoostingClassifier

    GradientBoostingClassifier(max_leaf_nodes=15).fit(X, y).predict_proba(X)

The engine is that of `lepton_ai.Model`, and nothing is stored: an estimator sees numbers, without a preprocessor and
without a platform. Its parameters are the algorithm's hyperparameters, by the names, defaults and ranges of
`lepton_ai.algorithms`, and ``random_state``. A new algorithm has its classes by being registered.

Importing this module imports scikit-learn.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from inspect import Parameter, Signature
from numbers import Integral, Number
from textwrap import fill
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from lepton_ai.catalog import Hyperparameter
from lepton_ai.errors import error_of
from lepton_core.constraints import check_constraints, of_columns
from lepton_core.errors import LeptonError
from lepton_core.models import ALGORITHMS, Problem
from lepton_core.models.listing import listed
from lepton_core.remedy import Remedy, argument, reworded

_RANDOM_STATE = "random_state"
_ENDINGS = {"classification": "Classifier", "regression": "Regressor"}


class _Estimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What classifiers and regressors have in common. What the engine refuses is a ``ValueError``."""

    _algorithm: ClassVar[str]
    _task: ClassVar[str]
    _defaults: ClassVar[Mapping[str, Any]]
    _takes_missing: ClassVar[bool]

    def set_params(self, **params: Any) -> Self:
        """See scikit-learn. Raises ``ValueError``, with the name that may have been meant, for an unknown one."""
        own = {name.partition("__")[0]: value for name, value in params.items()}
        self._demand_known(own, self.get_params(deep=False), ValueError)
        super().set_params(**params)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._takes_missing
        return tags

    def _validated(self, X: Any, **more: Any) -> Any:
        finite = "allow-nan" if self._takes_missing else True
        # Row after row, for the order of a sum shows in its last bit, and a frame lies column after column.
        return validate_data(self, X, dtype=np.float64, order="C", ensure_all_finite=finite, **more)

    def _learn(self, X: NDArray[Any], y: NDArray[Any], n_classes: int, weights: NDArray[Any] | None) -> None:
        of = ALGORITHMS[self._algorithm]
        given = self._given()
        names = getattr(self, "feature_names_in_", [f"x{at}" for at in range(X.shape[1])])
        try:
            hyper = of.configure(given)
            check_constraints(given, dict.fromkeys(names, "number"), {}, n_classes)
            said = [getattr(hyper, name, None) or () for name in ("monotone", "interactions")]
            signs, groups = of_columns(names, *said)
            problem = Problem(X, y, n_classes, self._seed(), weights, signs=signs, groups=groups)
            fit = of.advance(of.start(problem, hyper), problem, hyper, lambda _: False)
            self.parameters_ = of.parameters(fit)
            of.check(self.parameters_, X.shape[1], n_classes)
        except LeptonError as error:
            raise ValueError(self._said(error)) from error
        self.n_iter_ = max(1, fit.iteration)
        self.loss_curve_ = fit.losses

    def _output(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        X = self._validated(X, reset=False)
        try:
            return ALGORITHMS[self._algorithm].predict(self.parameters_, X)
        except LeptonError as error:
            raise ValueError(self._said(error)) from error

    def _given(self) -> dict[str, Any]:
        """The hyperparameters that are not the defaults; what a grid made with numpy is a plain value again."""
        given = {name: getattr(self, name) for name in self._defaults if name != _RANDOM_STATE}
        return {name: _plain(one) for name, one in given.items() if one is not self._defaults[name]}

    def _seed(self) -> int:
        if not isinstance(self.random_state, Integral):
            return int(check_random_state(self.random_state).randint(2**31 - 1))
        if self.random_state < 0:
            raise ValueError(f"{_RANDOM_STATE}: must be at least 0, not {self.random_state}")
        return int(self.random_state)

    @classmethod
    def _demand_known(
        cls, given: Mapping[str, Any], known: Mapping[str, Any], kind: type[ValueError | TypeError]
    ) -> None:
        """Raises ``kind`` with what the algorithm says of a name that is not among the ``known``."""
        unknown = {name: value for name, value in given.items() if name not in known}
        if not unknown:
            return
        own = {name: given[name] for name in cls._defaults if name in given and name != _RANDOM_STATE}
        try:
            ALGORITHMS[cls._algorithm].configure({name: _plain(one) for name, one in (unknown | own).items()})
        except LeptonError as error:
            raise kind(reworded(error.message, error.remedies, cls._call)) from None

    @classmethod
    def _said(cls, error: LeptonError) -> str:
        return reworded(str(error_of(error.failure)), error.remedies, cls._call)

    @classmethod
    def _call(cls, remedy: Remedy) -> str:
        """What a remedy says to who has estimators: a training is one of this class, a model one of another."""
        name = remedy.body.get("algorithm")
        other = ESTIMATORS.get((name, cls._task)) if remedy.route == "create" and name else None
        if other is None and remedy.route != "train":
            return remedy.said
        arguments = argument(remedy.route, **remedy.body.get("hyperparameters", {}))
        return f"{(other or cls).__name__}({arguments})"


class _Classifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from ``X`` ``(m, n)`` and the labels ``y`` ``(m,)``; a weight of 2 is a row that occurs twice.

        Raises ``ValueError`` for data and hyperparameters that cannot be learnt from or with.
        """
        X, y = self._validated(X, y=y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self._learn(X, codes.astype(np.int64), len(self.classes_), _weights(sample_weight, len(X)))
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probabilities ``(m, K)`` of ``classes_``, which sum to 1."""
        return self._output(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row, ``(m,)``."""
        chosen = self._output(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[chosen]
        return labels


class _Regressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from ``X`` ``(m, n)`` and the values ``y`` ``(m,)``; a weight of 2 is a row that occurs twice.

        Raises ``ValueError`` for data and hyperparameters that cannot be learnt from or with.
        """
        X, y = self._validated(X, y=y, y_numeric=True)
        self._learn(X, y.astype(np.float64), 0, _weights(sample_weight, len(X)))
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The value of each row, ``(m,)``."""
        return self._output(X)


def _weights(given: Any, rows: int) -> NDArray[np.float64] | None:
    if given is None:
        return None
    each: ArrayLike = np.full(rows, given) if isinstance(given, Number) else given
    weights: NDArray[np.float64] = check_array(
        each, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weights.shape != (rows,):
        raise ValueError(f"sample_weight must have shape ({rows},), not {weights.shape}")
    if (weights < 0.0).any() or not weights.any():
        raise ValueError("sample_weight must not be negative, and not all zero")
    return weights


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def _made(algorithm: str, task: str) -> type[_Estimator]:
    """The class of an algorithm for a task, whose ``__init__`` has the hyperparameters as keywords."""
    of = ALGORITHMS[algorithm]
    defaults = {one.name: getattr(of.defaults, one.name) for one in fields(of.defaults)} | {_RANDOM_STATE: 0}
    name = _name(algorithm, task)
    namespace = {
        "__init__": _init(name, defaults),
        "__doc__": _doc(algorithm),
        "__module__": __name__,
        "_algorithm": algorithm,
        "_task": task,
        "_defaults": MappingProxyType(defaults),
        "_takes_missing": of.inputs.missing,
    }
    return type(name, (_Classifier if task == "classification" else _Regressor,), namespace)


def _init(name: str, defaults: Mapping[str, Any]) -> Callable[..., None]:
    """An ``__init__`` that keeps what it is given as it is, with the signature that scikit-learn looks for."""

    def __init__(self: _Estimator, **given: Any) -> None:  # noqa: N807  (it becomes one)
        self._demand_known(given, defaults, TypeError)
        for parameter, value in {**defaults, **given}.items():
            setattr(self, parameter, value)

    keywords = [Parameter(one, Parameter.KEYWORD_ONLY, default=value) for one, value in defaults.items()]
    itself = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
    __init__.__signature__ = Signature([itself, *keywords])  # type: ignore[attr-defined]
    __init__.__qualname__ = f"{name}.__init__"
    return __init__


def _name(algorithm: str, task: str) -> str:
    """As scikit-learn's users would guess: short words are abbreviations, and a regression is called nothing more."""
    words = [word.upper() if len(word) <= 3 else word.title() for word in algorithm.split("_")]
    says_it = words[-1] == "Regression" and len(ALGORITHMS[algorithm].tasks) == 1
    return "".join(words) + ("" if says_it else _ENDINGS[task])


def _doc(algorithm: str) -> str:
    """The docstring of a class, in the form that scikit-learn's have."""
    one = listed(algorithm)
    lines = [one.help, "", "Parameters", "----------"]
    for setting in one.hyperparameters:
        bounds = Hyperparameter(**asdict(setting)).range
        optional = " or None" if setting.default is None else ""
        lines.append(f"{setting.name} : {setting.type}{optional}, default={setting.default!r}")
        lines.append(_indented(f"{setting.help} In range: {bounds}." if bounds else setting.help))
    lines.append(f"{_RANDOM_STATE} : int, RandomState or None, default=0")
    lines.append(
        _indented("The seed: one number gives one model, to the last bit. None draws another each time.")
    )
    return "\n".join(lines)


def _indented(text: str) -> str:
    return fill(text, 100, initial_indent="    ", subsequent_indent="    ")


ESTIMATORS: Mapping[tuple[str, str], type[_Estimator]] = MappingProxyType(
    {(name, task): _made(name, task) for name, of in ALGORITHMS.items() for task in sorted(of.tasks)}
)
"""The class of each algorithm and task, by their names: ``("random_forest", "regression")``."""

globals().update({one.__name__: one for one in ESTIMATORS.values()})

__all__ = ["ESTIMATORS", *sorted(one.__name__ for one in ESTIMATORS.values())]  # noqa: PLE0604  (they are texts)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
