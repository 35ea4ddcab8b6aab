import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.preprocessing import StandardScaler

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

CHAIN = Preprocessor.empty().add("Normalize", input="X")


def table(X):
    return Table(tuple(Numbers(f"c{j}", np.ascontiguousarray(X[:, j])) for j in range(X.shape[1])))


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.integers(-99, 99), st.integers(-9, 9)), min_size=1, max_size=40),
    st.tuples(st.integers(-999, 999), st.integers(-999, 999)),
)
def test_values_agree_with_scikit_learn(rows, later):
    X = np.array(rows) / 8
    oracle = StandardScaler().fit(X)
    expected = oracle.transform(np.array([later]) / 8)
    expected[:, np.ptp(X, axis=0) == 0] = 0  # scikit-learn leaves such a column unscaled

    fitted = CHAIN.fit(table(X))

    np.testing.assert_allclose(fitted.transform(table(X)), oracle.transform(X), rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        fitted.transform(table(np.array([later]) / 8)), expected, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes])
def test_real_data_agree_with_scikit_learn(load):
    X = load().data

    ours = CHAIN.fit(table(X)).transform(table(X))

    np.testing.assert_allclose(ours, StandardScaler().fit_transform(X), rtol=0, atol=1e-12)
    assert ours.flags.c_contiguous


def test_a_large_offset_costs_no_digits():
    small = np.random.default_rng(0).integers(0, 1000, size=(500, 1)).astype(float)

    ours = CHAIN.fit(table(small + 1e9)).transform(table(small + 1e9))

    np.testing.assert_allclose(ours, StandardScaler().fit_transform(small), rtol=0, atol=1e-9)


def test_a_constant_column_is_zero_whatever_comes_later():
    fitted = CHAIN.fit(table(np.full((5, 1), 0.1)))

    assert fitted.transform(table(np.array([[0.1], [7.0], [-1e300]]))).tolist() == [[0.0], [0.0], [0.0]]


def test_missing_values_are_skipped_in_the_fit():
    fitted = CHAIN.fit(table(np.array([[1.0], [np.nan], [3.0]])))

    assert fitted.steps[0].state.arrays == {"mean": (2.0,), "std": (1.0,)}


def test_text_that_is_asked_for_is_refused_and_one_hot_advised():
    table = Table((Numbers("age", np.ones(2)), Categories.of("sex", ["f", "m"])))
    with pytest.raises(InvalidData, match=r"column 'sex': holds text .* OneHot") as caught:
        Preprocessor.empty().add("Normalize", input=["age", "sex"]).fit(table)
    assert caught.value.column == "sex"


def test_a_column_without_values_is_refused():
    with pytest.raises(InvalidData, match="column 'c0': has no value"):
        CHAIN.fit(table(np.array([[np.nan]])))


def test_a_deviation_beyond_the_floats_is_refused():
    halves = np.repeat([-1.7e308, 1.7e308], 65_536)[:, None]

    with pytest.raises(InvalidData, match="column 'c0': its values are too large"):
        CHAIN.fit(table(halves))


def test_a_value_that_scaling_makes_infinite_is_named():
    fitted = CHAIN.fit(table(np.array([[0.0], [1e-300]])))

    with pytest.raises(InvalidData, match="row 2, column 'c0': the value is too large"):
        fitted.transform(table(np.array([[0.0], [1e100]])))


def test_there_are_no_options():
    with pytest.raises(InvalidInput, match="no option 'ddof'") as caught:
        Preprocessor.empty().add("Normalize", input="X", ddof=1)
    assert caught.value.field == "ddof"
