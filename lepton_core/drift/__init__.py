"""Training rows and requests of a model as counts in equal bins, and how far apart both are."""

from lepton_core.drift.latency import LATENCY_EDGES, quantile
from lepton_core.drift.profile import Profile, profile
from lepton_core.drift.sketch import Counter, Sketch, empty_sketch, merge, no_calls, observe
from lepton_core.drift.statistics import STATISTICS, Statistic

__all__ = [
    "LATENCY_EDGES",
    "STATISTICS",
    "Counter",
    "Profile",
    "Sketch",
    "Statistic",
    "empty_sketch",
    "merge",
    "no_calls",
    "observe",
    "profile",
    "quantile",
]
