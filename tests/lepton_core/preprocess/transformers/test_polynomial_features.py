import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

EMPTY = Preprocessor.empty()
X = np.random.default_rng(0).normal(3, 2, size=(30, 3))


def table(X):
    return Table(tuple(Numbers("abc"[j], np.ascontiguousarray(X[:, j])) for j in range(X.shape[1])))


def by_name(names, matrix):
    return dict(zip(names, matrix.T, strict=True))


@pytest.mark.parametrize("interaction_only", [False, True])
def test_products_and_squares_are_those_of_scikit_learn(interaction_only):
    oracle = make_pipeline(
        StandardScaler(),
        PolynomialFeatures(2, interaction_only=interaction_only, include_bias=False),
        StandardScaler(),
    )
    expected = oracle.fit_transform(X)
    chain = EMPTY.add("Normalize", input="X").add(
        "PolynomialFeatures", input="X", output="all", interaction_only=interaction_only
    )
    fitted = chain.add("Normalize", input="all").fit(table(X))

    theirs = oracle[1].get_feature_names_out(["a", "b", "c"])
    names = [name.replace(" ", "*") for name in theirs]
    ours = by_name(fitted.feature_names, fitted.transform(table(X)))
    assert set(ours) == set(names)
    for name, column in by_name(names, expected).items():
        np.testing.assert_allclose(ours[name], column, atol=1e-12)


def test_in_place_the_products_stand_behind_the_columns():
    fitted = EMPTY.add("PolynomialFeatures", input=["a", "b"]).fit(table(X))
    assert fitted.feature_names == ("a", "b", "a^2", "a*b", "b^2", "c")
    assert Preprocessor.from_dict(fitted.as_dict()) == fitted


def test_a_product_is_missing_where_a_factor_is():
    chain = EMPTY.add("PolynomialFeatures", input="X", interaction_only=True)
    gap = table(np.array([[np.nan, 2.0]]))
    fitted = chain.fit(table(X[:, :2]))
    assert np.isnan(fitted.transform(gap, missing=True)).tolist() == [[True, False, True]]
    filled = EMPTY.add("Impute", input="X", strategy="constant", value=5)
    full = filled.add("PolynomialFeatures", input="X", interaction_only=True).fit(table(X[:, :2]))
    assert full.transform(gap).tolist() == [[5, 2, 10]]


def test_text_and_too_many_columns_are_refused():
    with pytest.raises(InvalidData, match=r"column 't': holds text .* OneHot"):
        EMPTY.add("PolynomialFeatures", input="t").fit(Table((Categories.of("t", ["x"]),)))
    wide = Table(tuple(Numbers(f"c{j}", np.ones(1)) for j in range(51)))
    with pytest.raises(InvalidInput, match="at most 50 columns, and these are 51") as caught:
        EMPTY.add("PolynomialFeatures", input="X").fit(wide)
    assert caught.value.field == "input"
    with pytest.raises(InvalidInput) as caught:
        EMPTY.add("PolynomialFeatures", input="X", interaction_only=1)
    assert caught.value.field == "interaction_only"
    with pytest.raises(InvalidData, match="row 1, column 'a': the value is too large"):
        huge = table(np.array([[1e200, 1.0]]))
        EMPTY.add("PolynomialFeatures", input="X").fit(table(X[:, :2])).transform(huge)
