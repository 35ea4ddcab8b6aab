"""Which models say what each column adds in the unit of what a blend averages."""

from collections.abc import Mapping
from typing import Any

from lepton_core.models.registry import algorithm

_OTHERWISE = frozenset({"random_forest", "decision_tree", "svm"})
"""Of classes these explain probabilities, or scores, which do not add up where log-odds are averaged."""


def contributes(name: str, hyperparameters: Mapping[str, Any], classes: bool) -> bool:
    """Whether contributions of that algorithm, of ``classes`` or of values, add up in a blend.

    >>> contributes("random_forest", {}, classes=True), contributes("random_forest", {}, classes=False)
    (False, True)
    """
    trainer = algorithm(name)
    if not trainer.explains(trainer.configure(hyperparameters)):
        return False
    return not (classes and name in _OTHERWISE)
