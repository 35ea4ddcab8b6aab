import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import RobustScaler

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

CHAIN = Preprocessor.empty().add("RobustScale", input="X")


def table(X):
    return Table(tuple(Numbers(f"c{j}", np.ascontiguousarray(X[:, j])) for j in range(X.shape[1])))


@settings(deadline=None)
@given(st.lists(st.integers(-99, 99), min_size=2, max_size=40), st.lists(st.integers(-999, 999), min_size=1))
def test_values_agree_with_scikit_learn_where_the_quartiles_differ(values, later):
    X, new = np.array(values)[:, None] / 8, np.array(later)[:, None] / 8
    oracle = RobustScaler().fit(X)
    ours = CHAIN.fit(table(X)).transform(table(new))

    lower, median, upper = np.percentile(X, (25, 50, 75))
    if lower < upper:
        np.testing.assert_allclose(ours, oracle.transform(new), rtol=1e-12, atol=1e-12)
    elif X.std():
        np.testing.assert_allclose(ours, (new - median) / X.std(), rtol=1e-12, atol=1e-12)
    else:
        assert not ours.any()


def test_real_data_agree_with_scikit_learn():
    X = load_breast_cancer().data
    ours = CHAIN.fit(table(X)).transform(table(X))
    np.testing.assert_allclose(ours, RobustScaler().fit_transform(X), rtol=1e-12, atol=1e-10)


def test_one_wild_value_moves_nothing():
    calm, wild = np.arange(9.0)[:, None], np.arange(9.0)[:, None]
    wild[8] = 1e9
    assert CHAIN.fit(table(calm)).steps[0].state == CHAIN.fit(table(wild)).steps[0].state


def test_missing_values_are_skipped_in_the_fit():
    fitted = CHAIN.fit(table(np.array([[1.0], [np.nan], [3.0]])))
    assert fitted.steps[0].state.arrays == {"median": (2.0,), "spread": (1.0,)}
    assert Preprocessor.from_dict(fitted.as_dict()) == fitted


def test_what_cannot_be_scaled_is_named():
    with pytest.raises(InvalidData, match="column 'c0': has no value"):
        CHAIN.fit(table(np.array([[np.nan]])))
    with pytest.raises(InvalidData, match="column 'c0': its values are too large"):
        CHAIN.fit(table(np.array([[-1.7e308], [1.7e308]] * 4)))
    with pytest.raises(InvalidData, match=r"column 't': holds text .* OneHot"):
        Preprocessor.empty().add("RobustScale", input="t").fit(Table((Categories.of("t", ["a"]),)))
    with pytest.raises(InvalidInput, match="no option 'width'"):
        Preprocessor.empty().add("RobustScale", input="X", width=1)
