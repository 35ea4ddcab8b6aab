"""Gaussian naive Bayes: in each class every column is normal, and independent of the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.matrix import Blocks, Matrix, column_means, column_range, column_squares
from lepton_core.models.algorithm import Array, Explanation, Fit, Inputs, Problem
from lepton_core.models.constraints import unconstrained
from lepton_core.models.descent_choices import sum_of_squares
from lepton_core.models.hyper import Elsewhere, configure, setting
from lepton_core.models.ranges import LogUniform
from lepton_core.models.rows import counted, demand, piecewise
from lepton_core.models.scores import demand_small

_LARGEST = 1e300  # of a log density; so means over rows and differences of classes cannot overflow
_TINY = float(np.finfo(np.float64).tiny)  # the prior of a class without a row


@dataclass(frozen=True)
class NaiveBayesHyper:
    """The hyperparameters; see the help of each."""

    var_smoothing: float = setting(
        1e-9,
        "Share of the largest variance of a column that is added to every variance.",
        low=0,
        search=LogUniform(1e-9, 1.0),
    )

    elsewhere: ClassVar[Mapping[str, Elsewhere]] = {
        "iterations": Elsewhere(
            "naive Bayes finds means and variances in one pass over the rows, and there is nothing to iterate"
        ),
        "learning_rate": Elsewhere(
            "naive Bayes finds means and variances at once, without a step that could have a length"
        ),
        "batch_size": Elsewhere("naive Bayes takes all rows in one pass"),
        **unconstrained("naive_bayes"),
    }


@dataclass(frozen=True)
class NaiveBayes:
    """Bayes' rule over normal densities. Parameters: ``priors`` ``(K,)``, ``means`` and ``variances`` ``(K, n)``."""

    name: str = "naive_bayes"
    tasks: frozenset[str] = frozenset({"classification"})
    inputs: Inputs = Inputs(scaled=True, missing=False, categories=False)  # noqa: RUF009  (frozen)
    defaults: NaiveBayesHyper = NaiveBayesHyper()

    def configure(self, given: Mapping[str, Any]) -> NaiveBayesHyper:
        """See `Algorithm`."""
        return configure(self.defaults, given)

    def start(
        self, problem: Problem, hyper: NaiveBayesHyper, warm: Mapping[str, NDArray[Any]] | None = None
    ) -> Fit:
        """See `Algorithm`. ``warm`` is not looked at: one pass over the rows finds all there is."""
        demand(problem, self.tasks)
        sum_of_squares(problem.X)
        shape = problem.n_classes, problem.X.shape[1]
        arrays = {
            "priors": np.full(shape[0], 1.0 / shape[0]),
            "means": np.zeros(shape),
            "variances": np.ones(shape),
        }
        note = "" if warm is None else f"{self.name} is trained anew, not from the earlier version"
        return Fit(0, 1, np.zeros(0), arrays, note=note)

    def warm_starts(self, hyper: NaiveBayesHyper) -> bool:
        """See `Algorithm`."""
        return False

    def advance(
        self, fit: Fit, problem: Problem, hyper: NaiveBayesHyper, pause: Callable[[Fit], bool]
    ) -> Fit:
        """See `Algorithm`. The one iteration takes the mean and the variance of each column in each class.

        Raises `InvalidData` if a column varies so little within a class that its density has no bound.
        """
        if fit.finished:
            return fit
        _check(fit.arrays, problem.X.shape[1], problem.n_classes)
        problem = counted(problem)
        arrays = _learnt(problem, hyper.var_smoothing)
        joint = _joint(arrays, problem.X)
        if not _small(joint).all():
            raise _flat()
        log_sums = np.log(np.exp(joint - joint.max(axis=1, keepdims=True)).sum(axis=1)) + joint.max(axis=1)
        loss = np.average(log_sums - joint[np.arange(len(joint)), problem.y], weights=problem.share)
        fit = replace(fit, iteration=1, losses=np.array([loss]), arrays=arrays, finished=True)
        pause(fit)
        return fit

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`."""
        return {name: array.copy() for name, array in fit.arrays.items()}

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """See `Algorithm`."""
        if n_classes < 2:
            raise InvalidArtifact(f"{self.name} has two classes or more")
        _check(parameters, n_features, n_classes)

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """See `Algorithm`. A row is too large if a log density of it is."""
        joint = _joint(parameters, X)
        _demand_small(joint)
        odds = np.exp(joint - joint.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def explains(self, hyper: NaiveBayesHyper) -> bool:
        """See `Algorithm`."""
        return True

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """See `Algorithm`. The log-odds are a sum over columns: each adds its term, less its mean one.

        Of two classes the output is the log-odds of the second; of more, each class's log-odds against the
        geometric mean of all.
        """
        for rows in (X, background):
            _demand_small(_joint(parameters, rows))
        of_classes = range(len(parameters["priors"]))
        middle = np.stack([_terms(parameters, background, k).mean(axis=0) for k in of_classes], axis=1)
        found = np.stack([_terms(parameters, X, k) for k in of_classes], axis=2) - middle
        base = np.log(parameters["priors"]) + middle.sum(axis=0)
        if len(base) == 2:
            return Explanation(base[1:] - base[:1], found[:, :, 1:] - found[:, :, :1], "log-odds")
        return Explanation(base - base.mean(), found - found.mean(axis=2, keepdims=True), "log-odds")


def _learnt(problem: Problem, var_smoothing: float) -> dict[str, Array]:
    X, y = problem.X, problem.y
    weights = np.ones(len(X)) if problem.weights is None else problem.weights
    counts = np.bincount(y, weights, minlength=problem.n_classes)
    means, variances = np.zeros((2, problem.n_classes, X.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        spread = _moments(X, weights)[1]
        for k in np.flatnonzero(counts):
            means[k], variances[k] = _moments(X[y == k], weights[y == k])
        variances += var_smoothing * spread.max(initial=0.0)
    if not (np.isfinite(means).all() and np.isfinite(variances).all()):
        raise InvalidData("the values are too large for their variances; measure them in larger units")
    # A class without a row looks like the commonest one, but is next to impossible.
    common = int(counts.argmax())
    means[counts == 0.0], variances[counts == 0.0] = means[common], variances[common]
    variances[:, spread == 0.0] = 1.0  # the column is constant: it says nothing about the class
    if not (variances > 0.0).all():
        raise _flat()
    return {"priors": np.maximum(counts / counts.sum(), _TINY), "means": means, "variances": variances}


def _moments(X: Matrix, weights: Array) -> tuple[Array, Array]:
    share = weights / weights.max()  # first of all, so that no sum can underflow
    share = share / share.sum()
    low, high = column_range(X)
    constant = low == high  # exactly, so that no rounding passes for a variance
    if isinstance(X, Blocks):
        means = np.where(constant, low, column_means(X, share))
        return means, np.where(constant, 0.0, column_squares(X, share, means))
    means = np.where(constant, X[0], share @ X)
    return means, np.where(constant, 0.0, share @ np.square(X - means))


def _terms(parameters: Mapping[str, NDArray[Any]], X: Array, k: int) -> Array:
    """The log density ``(m, n)`` of each value of ``X`` ``(m, n)`` in class k."""
    variances = parameters["variances"][k]
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(np.ascontiguousarray(X) - parameters["means"][k]) / variances
    return np.asarray(-0.5 * (np.log(2 * np.pi) + np.log(variances) + squares))


def _joint(parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
    """The log ``(m, K)`` of prior times density; perhaps not finite."""
    return piecewise(lambda rows: _joint_of(parameters, rows), X)


def _joint_of(parameters: Mapping[str, NDArray[Any]], X: Array) -> Array:
    priors = parameters["priors"]
    with np.errstate(over="ignore", invalid="ignore"):
        columns = [_terms(parameters, X, k).sum(axis=1) + np.log(priors[k]) for k in range(len(priors))]
    return np.stack(columns, axis=1)


def _small(joint: Array) -> NDArray[np.bool_]:
    return np.asarray((np.abs(joint) < _LARGEST).all(axis=1))


def _demand_small(joint: Array) -> None:
    demand_small(_small(joint))


def _flat() -> InvalidData:
    return InvalidData("a column hardly varies within a class; give a larger var_smoothing")


def _check(arrays: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
    wanted = {"priors": (n_classes,), "means": (n_classes, n_features), "variances": (n_classes, n_features)}
    if set(arrays) != set(wanted):
        raise InvalidArtifact(f"the model must have {sorted(wanted)}, not {sorted(arrays)}")
    for name, array in arrays.items():
        if array.dtype != np.float64 or array.shape != wanted[name]:
            found = f"{array.dtype} of {array.shape}"
            raise InvalidArtifact(f"{name} must be float64 of {wanted[name]}, not {found}", field=name)
        if not np.isfinite(array).all():
            raise InvalidArtifact(f"{name} holds a value that is not finite", field=name)
        if name != "means" and not (array > 0.0).all():
            raise InvalidArtifact(f"{name} must be greater than 0", field=name)


ALGORITHM = NaiveBayes()
