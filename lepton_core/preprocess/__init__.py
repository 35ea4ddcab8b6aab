"""From typed columns to the design matrix: transformers in a chain, fitted once and served with the model."""

from typing import TYPE_CHECKING

from lepton_core.later import later
from lepton_core.preprocess.default_steps import DefaultSteps
from lepton_core.preprocess.design import Design
from lepton_core.preprocess.labels import Labels
from lepton_core.preprocess.preprocessor import Preprocessor
from lepton_core.preprocess.step import Step, StepState
from lepton_core.preprocess.transformers import TRANSFORMERS, Transformer

if TYPE_CHECKING:
    from lepton_core.preprocess.default import default_preprocessor
    from lepton_core.preprocess.older_default import first_default

__all__ = [
    "TRANSFORMERS",
    "DefaultSteps",
    "Design",
    "Labels",
    "Preprocessor",
    "Step",
    "StepState",
    "Transformer",
    "default_preprocessor",
    "first_default",
]

__getattr__ = later(__name__, {"default_preprocessor": "default", "first_default": "older_default"})
