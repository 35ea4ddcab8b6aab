"""Logistic regression: one score for two classes, softmax over one score a class for more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import Logistic, Loss, Softmax
from lepton_core.matrix import Matrix
from lepton_core.models import descent_hyper
from lepton_core.models.algorithm import Array
from lepton_core.models.constraints import unconstrained
from lepton_core.models.descent_hyper import DescentHyper
from lepton_core.models.gradient import GradientTrained
from lepton_core.models.hyper import Elsewhere, setting
from lepton_core.models.ranges import LogUniform
from lepton_core.models.scores import probabilities


@dataclass(frozen=True)
class LogisticHyper(DescentHyper):
    """Those of descent."""

    l2: float | None = setting(
        None,
        "Weight of half the sum of squared weights in the objective. Left out: 0, but under lbfgs, newton and proximal "
        "without l1, which would else follow classes that a plane divides to infinite weights, 1 / rows, or where a "
        "column has at most 50 rows what approximate leave-one-out finds (five folds where there are more than 1,500 "
        "weights), if its loss is lower by more than a hundredth and its standard error (two of them for a weaker "
        "penalty).",
        low=0,
        search=LogUniform(1e-5, 1.0),
    )

    elsewhere: ClassVar[Mapping[str, Elsewhere]] = unconstrained("logistic_regression")


def loss(n_classes: int, hyper: DescentHyper) -> Loss:
    """The loss for so many classes.

    >>> loss(2, DescentHyper()), loss(3, DescentHyper())
    (Logistic(), Softmax(classes=3))
    """
    return Softmax(n_classes) if n_classes > 2 else Logistic()


def settle(
    X: Matrix, y: NDArray[Any], s: Array | None, total: float, hyper: DescentHyper
) -> Mapping[str, float]:
    """``l2`` where it is left out and `strength` finds one, from ``X`` ``(m, n)``, ``y`` and shares ``s`` ``(m,)``.

    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 20)), (rng.normal(size=60) > 0).astype(float)
    >>> sorted(settle(X, y, None, 60.0, LogisticHyper())), settle(X, y, None, 60.0, LogisticHyper(iterations=10))
    (['l2'], {})
    """
    if hyper.l2 is not None or hyper.l1:
        return {}
    classes = 2 if y.dtype.kind == "f" else int(np.max(y, initial=2)) + 1
    rows, columns = X.shape
    if descent_hyper.plan(hyper, rows, columns, classes).optimizer not in descent_hyper.MINIMISERS:
        return {}
    from lepton_core.models.strength import strength  # noqa: PLC0415  (predictions need it not)

    found = strength(X, y, s, total)
    return {} if found is None else {"l2": found}


ALGORITHM = GradientTrained(
    name="logistic_regression",
    tasks=frozenset({"classification"}),
    loss=loss,
    outputs=probabilities,
    unit="log-odds",
    defaults=LogisticHyper(),
    settle=settle,
)
