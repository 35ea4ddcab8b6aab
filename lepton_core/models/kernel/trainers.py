"""Two ways to train a linear support vector machine, each a step at a time on one part of the data.

A trainer's arrays are all it needs to go on; ``weights`` are among them, ``(n + 1,)`` or ``(K, n + 1)``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import Array, Loss
from lepton_core.descent.bordered import Centred, CentredRows
from lepton_core.descent.interior import Interior, Margins, begin_interior, step_interior
from lepton_core.descent.margins import (
    EpsilonInsensitive,
    Hinge,
    SquaredEpsilonInsensitive,
    SquaredHinge,
)
from lepton_core.errors import InvalidInput
from lepton_core.models.algorithm import Fit
from lepton_core.models.descent_hyper import DescentHyper
from lepton_core.models.gradient import GradientTrained, Onward
from lepton_core.models.kernel.data import KernelData
from lepton_core.models.kernel.hyper import INTERIOR, SvmHyper

Arrays = dict[str, NDArray[Any]]

_BOUND = 200
_TOLERANCE = 1e-9
_ZERO = 2.0**-52


class Trainer(Protocol):
    """Trains one part of the data a step at a time."""

    @property
    def iterations(self) -> int:
        """How many steps there are at most."""
        ...

    def begin(self, part: int, weights: Array) -> Arrays:
        """The arrays of a part, of any shapes, at ``weights`` ``(K', n + 1)``."""
        ...

    def step(self, part: int, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
        """The arrays, of any shape, a step later."""
        ...

    def finished(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """Whether another step would change nothing; of the arrays of a part, of any shapes."""
        ...

    def loss(self, arrays: Mapping[str, NDArray[Any]]) -> float:
        """The objective over ``C`` and the sum of the weights; of the arrays of a part, of any shapes."""
        ...

    def note(self, arrays: Mapping[str, NDArray[Any]]) -> str:
        """How it went, for people; of the arrays of a part, of any shapes."""
        ...


def trainer(data: KernelData, hyper: SvmHyper) -> Trainer:
    """The trainer that the settled ``hyper`` names."""
    return Exact(data, hyper) if hyper.optimizer == INTERIOR else Descent(data, hyper)


@dataclass(frozen=True, eq=False)
class Exact:
    """The interior point method, for each output by itself; the arrays of all outputs lie on top of each other."""

    data: KernelData
    hyper: SvmHyper

    @property
    def iterations(self) -> int:
        """See `Trainer`."""
        return self.hyper.iterations or _BOUND

    @cached_property
    def _centred(self) -> Centred:
        return Centred(self.data.X)

    def _margins(self, part: int, output: int) -> Margins:
        at, hyper, data = self.data.rows(part), self.hyper, self.data
        weights, y = (data.weights, data.y) if at is None else (data.weights[at], data.y[at])
        cost = (hyper.C or 1.0) * weights
        squared = hyper.loss == "squared_hinge"
        if data.n_classes:
            return Margins.of_classes(data.positive(output, at), cost, squared=squared)
        return Margins.of_values(y, hyper.epsilon or 0.0, cost, squared=squared)

    def begin(self, part: int, weights: Array) -> Arrays:
        """See `Trainer`. Raises `InvalidInput` (field 'C') if the costs overflow."""
        rows, made = CentredRows(self._centred, self.data.rows(part)), []
        for output in range(self.data.outputs):
            margins = self._margins(part, output)
            at = begin_interior(margins, rows, weights[output])
            if not isfinite(at.value):
                raise InvalidInput(
                    "the costs add up to more than a number can hold; make it smaller", field="C"
                )
            if margins.one_sided:  # the other class is missing: all the same answer, at no cost
                at = Interior(np.append(np.zeros(rows.columns), margins.sigma[0, 0]), 0.0, 0.0, at.point)
            made.append(at)
        return _stacked(made) | {"first": np.array([at.value for at in made])}

    def step(self, part: int, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
        """See `Trainer`."""
        rows = CentredRows(self._centred, self.data.rows(part))
        made = []
        for output, at in enumerate(_unstacked(arrays)):
            if not self._arrived(at, float(arrays["first"][output])):
                at = step_interior(self._margins(part, output), rows, at)  # noqa: PLW2901
            made.append(at)
        return _stacked(made) | {"first": arrays["first"]}

    def _arrived(self, at: Interior, first: float) -> bool:
        tolerance = _TOLERANCE if self.hyper.tolerance is None else self.hyper.tolerance
        return at.stuck or at.gap() <= tolerance or at.value <= _ZERO * first

    def finished(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """See `Trainer`."""
        first = arrays["first"].tolist()
        return all(self._arrived(at, of) for at, of in zip(_unstacked(arrays), first, strict=True))

    def loss(self, arrays: Mapping[str, NDArray[Any]]) -> float:
        """See `Trainer`."""
        return float(arrays["value"].sum()) / (self.hyper.C or 1.0) / float(self.data.weights.sum())

    def note(self, arrays: Mapping[str, NDArray[Any]]) -> str:
        """See `Trainer`."""
        gap = max(at.gap() for at in _unstacked(arrays))
        how = "converged" if self.finished(arrays) else "not yet at rest"
        return f"{INTERIOR}: {how}, at most {max(gap, 0.0):.0e} above the minimum"


_POINT = "point."


def _stacked(made: list[Interior]) -> Arrays:
    points = {_POINT + name: np.stack([at.point[name] for at in made]) for name in made[0].point}
    return {
        "weights": np.stack([at.weights for at in made]),
        "value": np.array([at.value for at in made]),
        "bound": np.array([at.bound for at in made]),
        "stalled": np.array([at.stalled for at in made]),
        **points,
    }


def _unstacked(arrays: Mapping[str, NDArray[Any]]) -> list[Interior]:
    points = {name.removeprefix(_POINT): array for name, array in arrays.items() if name.startswith(_POINT)}
    return [
        Interior(
            weights=weights,
            value=float(arrays["value"][output]),
            bound=float(arrays["bound"][output]),
            point={name: array[output] for name, array in points.items()},
            stalled=int(arrays["stalled"][output]),
        )
        for output, weights in enumerate(arrays["weights"])
    ]


@dataclass(frozen=True, eq=False)
class Descent:
    """Gradient descent and its kin, all outputs at once."""

    data: KernelData
    hyper: SvmHyper

    @cached_property
    def _by(self) -> GradientTrained:
        return GradientTrained(
            name="svm",
            tasks=frozenset({"classification", "regression"}),
            loss=lambda n_classes, _: loss(n_classes, self.hyper),
            outputs=lambda scores: scores,
            unit="score",
        )

    def _of(self, part: int) -> DescentHyper:
        """The mean of the costs in place of their sum, so the penalty is divided by what they are multiplied by."""
        hyper, at = self.hyper, self.data.rows(part)
        total = float(self.data.weights.sum() if at is None else self.data.weights[at].sum())
        return DescentHyper(
            iterations=hyper.iterations,
            learning_rate=hyper.learning_rate,
            optimizer=hyper.optimizer,
            momentum=hyper.momentum,
            batch_size=hyper.batch_size,
            l2=1.0 / ((hyper.C or 1.0) * total),
            schedule=hyper.schedule,
            decay=hyper.decay,
            tolerance=hyper.tolerance,
            patience=hyper.patience,
        )

    @property
    def iterations(self) -> int:
        """See `Trainer`."""
        return self.hyper.iterations or 1000

    def begin(self, part: int, weights: Array) -> Arrays:
        """See `Trainer`."""
        intercept = weights[:, -1]
        warm = {"weights": weights[:, :-1] if len(weights) > 1 else weights[0, :-1], "intercept": intercept}
        return self._arrays(self._by.start(self.data.problem(part), self._of(part), warm))

    def _arrays(self, fit: Fit) -> Arrays:
        last = fit.losses[-1:].copy() if len(fit.losses) else np.zeros(1)
        return {**fit.arrays, "counts": np.array([fit.iteration, int(fit.finished)]), "curve": last}

    def step(self, part: int, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
        """See `Trainer`."""
        own = {name: array for name, array in arrays.items() if name not in ("counts", "curve")}
        # The loop looks at the last loss only.
        fit = Fit(int(arrays["counts"][0]), self.iterations, arrays["curve"], own)
        on = self._made.get(part) or self._by.onward(fit, self.data.problem(part), self._of(part))
        if self.data.keeps(part):
            self._made[part] = on
        return self._arrays(on(fit, lambda _: True))

    @cached_property
    def _made(self) -> dict[int, Onward]:
        return {}

    def finished(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """See `Trainer`."""
        return bool(arrays["counts"][1])

    def loss(self, arrays: Mapping[str, NDArray[Any]]) -> float:
        """See `Trainer`."""
        return float(arrays["curve"][0])

    def note(self, arrays: Mapping[str, NDArray[Any]]) -> str:
        """See `Trainer`."""
        how = f"at rest after {int(arrays['counts'][0])} iterations"
        rests = int(arrays["counts"][0]) < self.iterations
        return f"{self.hyper.optimizer}: {how if rests else 'all iterations done'}"


def loss(n_classes: int, hyper: SvmHyper) -> Loss:
    """The loss of a settled ``hyper`` for so many classes, 0 for values.

    >>> loss(3, SvmHyper(loss="hinge")), loss(0, SvmHyper(loss="hinge", epsilon=0.5))
    (Hinge(classes=3), EpsilonInsensitive(epsilon=0.5))
    """
    squared, epsilon = hyper.loss == "squared_hinge", hyper.epsilon or 0.0
    if n_classes:
        return SquaredHinge(n_classes) if squared else Hinge(n_classes)
    return SquaredEpsilonInsensitive(epsilon) if squared else EpsilonInsensitive(epsilon)
