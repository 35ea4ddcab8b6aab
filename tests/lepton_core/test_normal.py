from statistics import NormalDist

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.normal import quantiles_of_normal


@given(st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=1))
def test_quantiles_are_those_of_the_standard_library(shares):
    expected = [NormalDist().inv_cdf(share) for share in shares]
    np.testing.assert_allclose(quantiles_of_normal(np.array(shares)), expected, rtol=1e-14, atol=1e-15)


def test_what_is_missing_stays_so():
    assert np.isnan(quantiles_of_normal(np.array([np.nan, 0.5]))).tolist() == [True, False]
