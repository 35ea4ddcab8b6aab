"""What a model was trained on and what it is asked, as counts in equal bins, and how far apart both are."""

from lepton_core.drift.latency import LATENCY_EDGES, quantile
from lepton_core.drift.profile import Profile, profile
from lepton_core.drift.psi import noise, psi
from lepton_core.drift.sketch import Counter, Sketch, empty_sketch, merge, observe

__all__ = [
    "LATENCY_EDGES",
    "Counter",
    "Profile",
    "Sketch",
    "empty_sketch",
    "merge",
    "noise",
    "observe",
    "profile",
    "psi",
    "quantile",
]
