import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.drift import LATENCY_EDGES, quantile
from lepton_core.drift.latency import GROWTH, bucket

latencies = st.lists(st.floats(1e-3, 1e5) | st.sampled_from(LATENCY_EDGES), min_size=1, max_size=60)


def counted(values: list[float]) -> np.ndarray:
    return np.bincount([bucket(value) for value in values], minlength=len(LATENCY_EDGES) + 1)


def test_edges_span_what_is_promised() -> None:
    assert LATENCY_EDGES[0] == 0.05
    assert LATENCY_EDGES[-2] < 60_000 <= LATENCY_EDGES[-1]
    assert np.allclose(np.diff(np.log(LATENCY_EDGES)), np.log(GROWTH))


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(latencies, st.sampled_from([0.0, 0.01, 0.5, 0.9, 0.99, 1.0]))
def test_quantile_lies_in_the_bucket_of_the_exact_one(values: list[float], q: float) -> None:
    exact = float(np.quantile(values, q, method="inverted_cdf"))
    found = quantile(counted(values), q)
    assert found is not None
    # One ulp around an edge is the rounding of a power, not another bucket.
    assert bucket(exact) in {bucket(found * (1 - 1e-12)), bucket(found * (1 + 1e-12))}
    if LATENCY_EDGES[0] < exact <= LATENCY_EDGES[-1]:
        assert 1 / GROWTH < found / exact * (1 + 1e-12) < GROWTH * (1 + 2e-12)


def test_quantiles_of_a_real_shape() -> None:
    values = np.random.default_rng(0).lognormal(1.0, 0.8, 20_000)
    counts = counted(values.tolist())
    for q in (0.1, 0.5, 0.9, 0.99, 0.999):
        assert quantile(counts, q) == pytest.approx(np.quantile(values, q), rel=0.05)
    rising = [quantile(counts, q) for q in np.linspace(0, 1, 50)]
    assert rising == sorted(rising)


def test_nothing_counted_has_no_quantile() -> None:
    assert quantile(np.zeros(len(LATENCY_EDGES) + 1, dtype=np.int64), 0.5) is None


def test_a_share_out_of_range() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile(counted([1.0]), 1.5)
