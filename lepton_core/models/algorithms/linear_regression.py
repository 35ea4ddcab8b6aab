"""Linear regression: least squares, with ridge (l2), lasso (l1) or both as penalties."""

from lepton_core.descent import Squared
from lepton_core.models.gradient import GradientTrained

ALGORITHM = GradientTrained(
    name="linear_regression",
    tasks=frozenset({"regression"}),
    loss=lambda n_classes: Squared(),
    outputs=lambda scores: scores,
)
