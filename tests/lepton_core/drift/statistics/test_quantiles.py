"""The quantiles agree with scipy's."""

import pytest
from scipy.stats import chi2, norm

from lepton_core.drift.statistics.quantiles import chi2_quantile, normal_quantile


@pytest.mark.parametrize("level", [1e-6, 0.01, 0.3, 0.5, 0.7, 0.95, 0.999, 1 - 1e-3 / 31, 1 - 1e-9])
def test_quantiles_against_scipy(level: float) -> None:
    assert normal_quantile(level) == pytest.approx(norm.ppf(level), abs=1e-9)
    for freedom in range(1, 101):
        assert chi2_quantile(level, freedom) == pytest.approx(chi2.ppf(level, freedom), rel=1e-6)
    for freedom in (101, 150, 500, 5000):
        assert chi2_quantile(level, freedom) == pytest.approx(chi2.ppf(level, freedom), rel=0.01)
