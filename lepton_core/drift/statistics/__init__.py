"""The drift statistics by name, all of one shape. A new one is a file here and a line below."""

from collections.abc import Mapping

from lepton_core.drift.statistics.base import Statistic
from lepton_core.drift.statistics.chi2 import CHI2
from lepton_core.drift.statistics.jensen_shannon import JENSEN_SHANNON
from lepton_core.drift.statistics.ks import KS
from lepton_core.drift.statistics.psi import PSI
from lepton_core.drift.statistics.wasserstein import WASSERSTEIN

STATISTICS: Mapping[str, Statistic] = {one.name: one for one in (PSI, KS, CHI2, WASSERSTEIN, JENSEN_SHANNON)}

__all__ = ["STATISTICS", "Statistic"]
