"""The interface of an algorithm: a few pure functions over values, so that training can stop and go on anywhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Matrix, dense

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """The inputs that an algorithm takes as they are; a default preprocessor turns all others into these.

    ``missing``: NaN marks a missing number. ``categories``: a category column is one column of codes, not one
    indicator a level. ``scaled``: the columns must have like units. ``sparse``: thousands of columns, of which a row
    has numbers in few, as words of texts, are learnt in time.

    >>> Inputs()
    Inputs(scaled=True, missing=False, categories=False, sparse=False)
    """

    scaled: bool = True
    missing: bool = False
    categories: bool = False
    sparse: bool = False


@dataclass(frozen=True, eq=False)
class Problem:
    """The data to learn from, and the seed.

    ``X`` is ``(m, n)``, an array of float64 or `Blocks`, which are mostly 0 and not expanded; NaN is a missing value,
    and only algorithms that say so take it. ``y`` is
    ``(m,)``: int64 class indices 0..n_classes-1, or float64 targets with ``n_classes`` 0. All randomness comes
    from ``seed``, at least 0. ``weights`` is ``(m,)`` float64, how much each row counts: not negative, of a finite
    sum, not all zero; None counts each row once. A weight of 2 is a row that occurs twice: `total` is how many rows
    there are in that sense, and `share` has the weights with mean 1.
    ``levels`` has one entry a column: 0 for numbers, k for codes 0..k-1 of a category (NaN where it is missing);
    empty, all columns are numbers. ``signs`` has one entry a column as well: 1 where a prediction, of two classes the
    probability of the second, may only rise with it, -1 only fall, else 0. ``groups`` are columns that may act
    together, each column in one at least. Both are empty where nothing is said, and only algorithms whose settings
    have them look at them. Raises ``ValueError`` for arrays that do not fit together.

    >>> Problem(np.zeros((2, 3)), np.array([0, 1]), n_classes=2).X.shape
    (2, 3)
    >>> Problem(np.zeros((2, 3)), np.array([0, 1]), n_classes=2, weights=np.array([1.0, 3.0])).share.tolist()
    [0.5, 1.5]
    """

    X: Matrix
    y: NDArray[Any]
    n_classes: int
    seed: int = 0
    weights: Array | None = None
    levels: tuple[int, ...] = ()
    signs: tuple[int, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.X.ndim != 2 or self.y.shape != (len(self.X),) or len(self.X) == 0:
            raise ValueError(f"X {self.X.shape} and y {self.y.shape} do not fit together")
        if self.X.dtype != np.float64 or self.y.dtype != (np.int64 if self.n_classes else np.float64):
            raise ValueError(f"X {self.X.dtype} or y {self.y.dtype} is of the wrong type")
        if self.n_classes and not 0 <= int(self.y.min()) <= int(self.y.max()) < self.n_classes:
            raise ValueError(f"a class index lies outside of 0..{self.n_classes - 1}")
        if self.levels and len(self.levels) != self.X.shape[1]:
            raise ValueError(f"{len(self.levels)} levels do not fit to X {self.X.shape}")
        if self.signs and len(self.signs) != self.X.shape[1]:
            raise ValueError(f"{len(self.signs)} signs do not fit to X {self.X.shape}")
        if self.groups and {at for group in self.groups for at in group} != set(range(self.X.shape[1])):
            raise ValueError(f"the groups do not hold each column of X {self.X.shape}")
        if self.weights is not None:
            _check_weights(self.weights, len(self.X))

    @cached_property
    def array(self) -> Array:
        """``X`` as an array ``(m, n)``, for algorithms that have no use for blocks: it expands them."""
        return dense(self.X)

    @property
    def share(self) -> Array | None:
        """The weights ``(m,)`` with mean 1; None if all rows count alike."""
        if self.weights is None or (self.weights == self.weights[0]).all():
            return None
        scaled = self.weights / self.weights.max()  # so that their sum cannot overflow
        return np.asarray(scaled / scaled.mean())

    @property
    def total(self) -> float:
        """The sum of the weights, or the number of rows: what a default penalty of one row in all is measured by."""
        return float(len(self.X)) if self.weights is None else float(self.weights.sum())


def _check_weights(weights: Array, rows: int) -> None:
    if weights.shape != (rows,) or weights.dtype != np.float64:
        raise ValueError(f"weights {weights.dtype} {weights.shape} do not fit to {rows} rows")
    with np.errstate(over="ignore"):
        finite = np.isfinite(weights.sum())
    if not (finite and (weights >= 0.0).all() and (weights > 0.0).any()):
        raise ValueError("weights must be of a finite sum, not negative, and not all zero")


@dataclass(frozen=True, eq=False)
class Fit:
    """A training under way: what there is to show, and in ``arrays`` all that going on needs, bit for bit.

    ``losses`` is the curve so far, ``(iteration,)``; a fit that comes from a checkpoint of its latest losses only has
    those, ``(k,)`` with 1 <= k, and all that follow. ``note`` says what was decided or seen, for people.

    >>> fit = Fit(5, 10, np.array([0.4, 0.3]), {})
    >>> fit.before, fit.losses_since(4).tolist()
    (3, [0.3])
    """

    iteration: int
    iterations: int
    losses: Array
    arrays: Mapping[str, NDArray[Any]]
    finished: bool = False
    note: str = ""

    @property
    def before(self) -> int:
        """How many iterations came before the first of ``losses``."""
        return self.iteration - len(self.losses)

    def losses_since(self, iteration: int) -> Array:
        """The losses of all iterations after the first ``iteration``: (k,), k = self.iteration - iteration.

        Raises ``ValueError`` if this fit no longer has the first of them.
        """
        if not self.before <= iteration <= self.iteration:
            raise ValueError(
                f"the losses of iterations {self.before} to {self.iteration} are here, not {iteration}"
            )
        return self.losses[iteration - self.before :]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Predictions as sums: ``base[k] + contributions[i, :, k].sum()`` is row i's output k, in ``unit``.

    ``base`` is ``(K',)``, the mean output over the background rows, and ``contributions`` ``(m, n, K')``, what each
    feature of each row adds: its Shapley value. ``K'`` is 1 for values and for two classes whose output is one
    score, else one a class. ``unit`` says what is summed: "value", "log-odds", "score" or "probability".
    """

    base: Array
    contributions: Array
    unit: str


class Algorithm(Protocol):
    """One way to learn: trained in steps that can be interrupted, kept as arrays, predicting from those."""

    @property
    def name(self) -> str:
        """The name under which it is registered."""
        ...

    @property
    def tasks(self) -> frozenset[str]:
        """``{"classification"}``, ``{"regression"}`` or both."""
        ...

    @property
    def inputs(self) -> Inputs:
        """Which kinds of columns it takes as they are."""
        ...

    @property
    def defaults(self) -> Any:
        """The hyperparameters' defaults: a frozen dataclass of `lepton_core.models.hyper.setting` fields."""
        ...

    def configure(self, given: Mapping[str, Any]) -> Any:
        """``defaults`` with what was given; `InvalidInput` names the field that is unknown or wrong."""
        ...

    def start(self, problem: Problem, hyper: Any, warm: Mapping[str, NDArray[Any]] | None = None) -> Fit:
        """The fit before the first iteration; ``warm`` holds the `parameters` of an earlier version.

        Their shapes are those of `parameters` for this problem, as ``(n,)`` and ``(1,)``. Raises `InvalidData`
        for data that cannot be learned from, `InvalidInput` for another task or a ``warm`` that does not fit.
        """
        ...

    def warm_starts(self, hyper: Any) -> bool:
        """Whether `start` under these settings begins at the ``warm`` that it is given, or anew whatever that is."""
        ...

    def explains(self, hyper: Any) -> bool:
        """Whether `explain` has exact values for the models that come of these settings."""
        ...

    def advance(self, fit: Fit, problem: Problem, hyper: Any, pause: Callable[[Fit], bool]) -> Fit:
        """Go on until finished or until ``pause``, asked after each iteration, answers True.

        Pure: the same bits come out however the iterations were cut. Raises `Diverged`, and `InvalidArtifact`
        if ``fit`` is of other data or other hyperparameters.
        """
        ...

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """Arrays that predicting needs, by name.

        Of a linear model: ``weights`` ``(n,)`` and ``intercept`` ``(1,)``, or ``(K, n)`` and ``(K,)`` for K > 2
        classes.
        """
        ...

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """Raises `InvalidArtifact` if these cannot be the parameters of such a model; after it `predict` is safe.

        They must have the names, dtypes and shapes of `parameters`, as ``(n,)`` and ``(1,)``, for ``n_features`` and
        ``n_classes`` (0 for a regression), and be finite.
        """
        ...

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """Of ``X`` ``(m, n)``, an array or `Blocks`: ``(m, K)`` probabilities that sum to 1, or ``(m,)`` values.

        Raises `InvalidData` naming all rows that are too large for the model.
        """
        ...

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """The Shapley values of the features of ``X`` ``(m, n)``, each absent one drawn from ``background`` ``(b, n)``.

        Exact up to rounding. Raises `InvalidInput` (field 'explain') where `explains` is False.
        """
        ...


@runtime_checkable
class ExplainedByMean(Protocol):
    """What an `Algorithm` of linear scores is too: its `explain` looks at nothing of the background but the mean."""

    @property
    def explained_by_mean(self) -> bool:
        """True."""
        ...


@runtime_checkable
class InOnePiece(Protocol):
    """What an `Algorithm` is too that does all its work before the first iteration: to pause it then saves nothing."""

    def attempt(self, fit: Fit, problem: Problem, hyper: Any, give_up: Callable[[], bool]) -> Fit | None:
        """The finished fit, to the last bit that of `Algorithm.advance`; or None as soon as ``give_up`` says so.

        It is asked every now and then. What was done until then is lost.
        """
        ...


@runtime_checkable
class Staged(Protocol):
    """What an `Algorithm` is too whose fits are models before they are finished: their losses can be followed."""

    @property
    def keeps_stages(self) -> bool:
        """Whether a later fit still knows the earlier models, as one that adds trees does."""
        ...

    def staged(self, fit: Fit, X: Matrix, iterations: Sequence[int]) -> list[Array]:
        """The `Algorithm.predict` of ``X`` ``(m, n)`` after each of the ``iterations``, which rise and begin at 1.

        Unless `keeps_stages` the iteration of ``fit`` is the only one that can be asked for. Empty for a fit that is
        no model yet. Raises `InvalidData` for rows that are too large for the model.
        """
        ...


@runtime_checkable
class Finds(Protocol):
    """An algorithm that finds some of its settings by rows that it leaves out, as a number of trees or a penalty.

    An algorithm without this method finds nothing that a fit on more rows should take over.
    """

    def found(self, fit: Fit, problem: Problem, hyper: Any) -> Mapping[str, Any]:
        """The hyperparameters with which a fit on more rows leaves none out: given on top of ``hyper``, by name.

        ``fit`` is the finished one of ``problem``. What ``hyper`` says already need not be there.
        """
        ...
