"""What every algorithm is: a few pure functions over values, so that training can stop and go on anywhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Problem:
    """What to learn from.

    ``X`` is ``(m, n)`` float64 without missing values. ``y`` is ``(m,)``: int64 class indices 0..n_classes-1,
    or float64 targets with ``n_classes`` 0. All randomness comes from ``seed``, at least 0. Raises
    ``ValueError`` for arrays that do not fit together.

    >>> Problem(np.zeros((2, 3)), np.array([0, 1]), n_classes=2).X.shape
    (2, 3)
    """

    X: Array
    y: NDArray[Any]
    n_classes: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.X.ndim != 2 or self.y.shape != (len(self.X),) or len(self.X) == 0:
            raise ValueError(f"X {self.X.shape} and y {self.y.shape} do not fit together")
        if self.X.dtype != np.float64 or self.y.dtype != (np.int64 if self.n_classes else np.float64):
            raise ValueError(f"X {self.X.dtype} or y {self.y.dtype} is of the wrong type")
        if self.n_classes and not 0 <= int(self.y.min()) <= int(self.y.max()) < self.n_classes:
            raise ValueError(f"a class index lies outside of 0..{self.n_classes - 1}")


@dataclass(frozen=True, eq=False)
class Fit:
    """A training under way: what there is to show, and in ``arrays`` all that going on needs, bit for bit.

    ``losses`` is ``(iteration,)``: the curve so far. ``note`` says what was decided or seen, for people.
    """

    iteration: int
    iterations: int
    losses: Array
    arrays: Mapping[str, NDArray[Any]]
    finished: bool = False
    note: str = ""


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
    def defaults(self) -> Any:
        """The hyperparameters' defaults: a frozen dataclass of `lepton_core.models.hyper.setting` fields."""
        ...

    def configure(self, given: Mapping[str, Any]) -> Any:
        """``defaults`` with what was given; `InvalidInput` names the field that is unknown or wrong."""
        ...

    def start(self, problem: Problem, hyper: Any, warm: Mapping[str, NDArray[Any]] | None = None) -> Fit:
        """The fit before the first iteration; ``warm`` holds the `parameters` of an earlier version.

        Raises `InvalidData` for data that cannot be learned from, `InvalidInput` for a ``warm`` that does not
        fit.
        """
        ...

    def advance(self, fit: Fit, problem: Problem, hyper: Any, pause: Callable[[Fit], bool]) -> Fit:
        """Go on until finished or until ``pause``, asked after each iteration, answers True.

        Pure: the same bits come out however the iterations were cut. Raises `Diverged`.
        """
        ...

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """What predicting needs, by name."""
        ...

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """`InvalidArtifact` if these cannot be the parameters of such a model; after it `predict` is safe."""
        ...

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Array) -> Array:
        """Of ``X`` ``(m, n)``: ``(m, K)`` probabilities that sum to 1, or ``(m,)`` values."""
        ...
