"""Logistic regression: one score for two classes, softmax over one score a class for more."""

from lepton_core.descent import Logistic, Loss, Softmax
from lepton_core.models.descent_hyper import DescentHyper
from lepton_core.models.gradient import GradientTrained
from lepton_core.models.scores import probabilities


def loss(n_classes: int, hyper: DescentHyper) -> Loss:
    """The loss for so many classes.

    >>> loss(2, DescentHyper()), loss(3, DescentHyper())
    (Logistic(), Softmax(classes=3))
    """
    return Softmax(n_classes) if n_classes > 2 else Logistic()


ALGORITHM = GradientTrained(
    name="logistic_regression",
    tasks=frozenset({"classification"}),
    loss=loss,
    outputs=probabilities,
    unit="log-odds",
)
