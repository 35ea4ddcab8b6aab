import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

EMPTY = Preprocessor.empty()
VALUES = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20).map(np.array)


def table(values):
    return Table((Numbers("a", np.array(values, dtype=np.float64)),))


def signed_log(X):
    return np.sign(X) * np.log1p(np.abs(X))


@given(VALUES)
def test_it_is_the_logarithm_of_the_size_with_the_sign(values):
    fitted = EMPTY.add("Log", input="X").fit(table(values))
    np.testing.assert_array_equal(fitted.transform(table(values))[:, 0], signed_log(values))
    np.testing.assert_array_equal(fitted.transform(table(-values)), -fitted.transform(table(values)))


@settings(deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=20))
def test_it_stands_anywhere_in_a_chain(values):
    X = np.array(values, dtype=np.float64)[:, None]
    chain = EMPTY.add("Log", input="a").add("Normalize", input="a").add("Log", input="a")
    log = FunctionTransformer(signed_log)
    oracle = make_pipeline(log, StandardScaler(), FunctionTransformer(signed_log))
    expected = np.zeros_like(X) if np.ptp(X) == 0 else oracle.fit_transform(X)

    np.testing.assert_allclose(chain.fit(table(values)).transform(table(values)), expected, atol=1e-9)


def test_what_is_missing_is_filled_before_or_after_or_named():
    gap = table([0.0, np.nan, np.e**2 - 1])
    before = EMPTY.add("Impute", input="a", strategy="constant", value=np.e - 1).add("Log", input="a")
    after = EMPTY.add("Log", input="a").add("Impute", input="a")
    for chain in (before, after):
        np.testing.assert_allclose(chain.fit(gap).transform(gap)[:, 0], [0, 1, 2])
    with pytest.raises(InvalidData, match="row 2, column 'a': the value is missing; add an Impute step"):
        EMPTY.add("Log", input="a").fit(gap).transform(gap)


def test_a_block_of_logarithms_stands_beside_the_numbers():
    two = Table((Numbers("a", np.array([0.0, 1.0])), Categories.of("c", ["x", "y"])))
    two = two.take(np.tile([0, 1], 5))  # so that each level has rows enough to be kept by name
    chain = EMPTY.add("Log", input="X", output="logs").add("Normalize", input="a", output="z")
    fitted = chain.fit(two)
    assert fitted.feature_names == ("c=x", "c=y", "a", "z.a")
    assert fitted.sources == ("c", "c", "a", "a")
    assert Preprocessor.from_dict(fitted.as_dict()) == fitted


def test_text_and_options_are_refused():
    with pytest.raises(InvalidData, match=r"column 'c': holds text .* OneHot"):
        EMPTY.add("Log", input="c").fit(Table((Categories.of("c", ["x"]),)))
    with pytest.raises(InvalidInput, match="no option 'base'"):
        EMPTY.add("Log", input="X", base=10)
    with pytest.raises(InvalidInput, match="takes column 'a' as it is in the data"):
        EMPTY.add("Log", input="a").add("OneHot", input="a").fit(table([1.0]))
