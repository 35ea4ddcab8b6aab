"""The algorithms: how each is configured, trained in steps, written as arrays and predicted with."""

from lepton_core.models.algorithm import (
    Algorithm,
    ExplainedByMean,
    Explanation,
    Finds,
    Fit,
    InOnePiece,
    Inputs,
    Problem,
    Staged,
)
from lepton_core.models.packing import pack_fit, unpack_fit
from lepton_core.models.registry import ALGORITHMS, algorithm

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "ExplainedByMean",
    "Explanation",
    "Finds",
    "Fit",
    "InOnePiece",
    "Inputs",
    "Problem",
    "Staged",
    "algorithm",
    "pack_fit",
    "unpack_fit",
]
