import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler

from lepton_core.errors import InvalidData
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

CHAIN = Preprocessor.empty().add("MinMax", input="X")


def table(values):
    return Table((Numbers("c", np.array(values, dtype=np.float64)),))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.integers(-999, 999), min_size=2, max_size=40).filter(lambda v: len(set(v)) > 1), st.integers()
)
def test_values_agree_with_scikit_learn(values, seed):
    later = np.random.default_rng(abs(seed)).integers(-5000, 5000, size=3)
    oracle = MinMaxScaler().fit(np.array(values)[:, None])

    ours = CHAIN.fit(table(values)).transform(table([*values, *later]))

    expected = oracle.transform(np.array([*values, *later])[:, None])
    np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-12)
    assert (ours[: len(values)].min(), ours[: len(values)].max()) == (0.0, 1.0)


def test_later_values_may_lie_outside_the_range():
    fitted = CHAIN.fit(table([0, 10, np.nan]))

    assert fitted.steps[0].state.arrays == {"min": (0.0,), "max": (10.0,)}
    assert fitted.transform(table([-10, 25])).tolist() == [[-1.0], [2.5]]


def test_a_constant_column_is_zero_whatever_comes_later():
    assert CHAIN.fit(table([3, 3])).transform(table([3, 4])).tolist() == [[0.0], [0.0]]


def test_what_cannot_be_scaled_is_named():
    with pytest.raises(InvalidData, match="column 'c': has a range"):
        CHAIN.fit(table([-1.7e308, 1.7e308]))
    with pytest.raises(InvalidData, match="column 'c': has no value"):
        CHAIN.fit(table([np.nan]))
    with pytest.raises(InvalidData, match=r"column 'c': holds text .* OneHot"):
        Preprocessor.empty().add("MinMax", input="c").fit(Table((Categories.of("c", ["a"]),)))
