import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.models.learners.binning import SAMPLE, in_bins, quantiles, value_thresholds

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, rows=st.integers(1, 300), most=st.integers(2, 40), digits=st.integers(0, 3))
def test_edges_without_weights_are_numpys_quantiles(seed, rows, most, digits):
    values = np.round(np.random.default_rng(seed).normal(size=rows), digits)
    found = quantiles(values, np.ones(rows), most)
    if len(np.unique(values)) <= most:
        assert found is None
        return
    ranks = np.linspace(0, 100, most + 1)[1:-1]
    expected = np.unique(np.percentile(values, ranks, method="averaged_inverted_cdf"))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, most=st.integers(2, 12))
def test_a_weight_of_2_is_a_value_that_occurs_twice(seed, most):
    rng = np.random.default_rng(seed)
    values, times = rng.normal(size=50), rng.integers(1, 4, 50)
    gaps = np.concatenate([values, np.full(20, np.nan)])
    weighted = quantiles(gaps, np.concatenate([times.astype(float), np.ones(20)]), most)
    repeated = quantiles(np.repeat(values, times), np.ones(times.sum()), most)
    np.testing.assert_allclose(weighted, repeated, rtol=0, atol=1e-15)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, most=st.integers(2, 12))
def test_a_threshold_between_bins_parts_the_same_rows_as_its_value(seed, most):
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(80, 2)), 1)
    X[rng.random(X.shape) < 0.1] = np.nan
    bins, edges = in_bins(X, rng.uniform(0.1, 2.0, 80), [0], most, seed=0)
    np.testing.assert_array_equal(bins[:, 1], X[:, 1])
    present = np.unique(bins[~np.isnan(bins[:, 0]), 0])
    assert len(present) <= most
    thresholds = (present[1:] + present[:-1]) / 2
    by_value = value_thresholds(thresholds, np.zeros(len(thresholds), dtype=np.int64), edges)
    for of_bins, of_values in zip(thresholds, by_value, strict=True):
        np.testing.assert_array_equal(bins[:, 0] <= of_bins, X[:, 0] <= of_values)


def test_of_many_rows_a_sample_gives_the_edges():
    rng = np.random.default_rng(0)
    x = rng.uniform(size=SAMPLE + 50_000)
    weights = np.where(x < 0.5, 3.0, 1.0)
    _, edges = in_bins(x[:, None], weights, [0], 4, seed=0)
    np.testing.assert_allclose(edges[0], [1 / 6, 1 / 3, 1 / 2], atol=0.01)
    assert in_bins(x[:, None], weights, [0], 4, seed=0)[1][0].tolist() == edges[0].tolist()
