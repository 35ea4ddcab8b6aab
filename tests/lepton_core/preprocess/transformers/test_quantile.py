import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import QuantileTransformer

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table


def table(values):
    return Table((Numbers("a", np.array(values, dtype=np.float64)),))


def chain(**options):
    return Preprocessor.empty().add("Quantile", input="X", **options)


@settings(deadline=None)
@given(
    st.lists(st.integers(-20, 20), min_size=2, max_size=60),
    st.lists(st.integers(-60, 60), min_size=1),
    st.sampled_from(["uniform", "normal"]),
    st.integers(2, 12),
)
def test_values_agree_with_scikit_learn(values, later, distribution, quantiles):
    X, new = np.array(values)[:, None] / 2, np.array(later)[:, None] / 4
    quantiles = min(quantiles, len(values))  # scikit-learn takes no more than there are rows
    oracle = QuantileTransformer(n_quantiles=quantiles, output_distribution=distribution).fit(X)
    ours = (
        chain(distribution=distribution, quantiles=quantiles).fit(table(X[:, 0])).transform(table(new[:, 0]))
    )

    np.testing.assert_allclose(ours, oracle.transform(new), atol=1e-6)


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_real_data_agree_with_scikit_learn(distribution):
    X = load_diabetes().data[:, 2:3]
    oracle = QuantileTransformer(n_quantiles=100, output_distribution=distribution)
    ours = chain(distribution=distribution).fit(table(X[:, 0])).transform(table(X[:, 0]))
    np.testing.assert_allclose(ours, oracle.fit_transform(X), atol=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_order_of_values_stays_and_no_share_leaves_0_to_1(values):
    found = chain().fit(table(values)).transform(table(sorted(values)))[:, 0]
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_missing_values_are_skipped_and_stay_missing():
    fitted = chain(quantiles=3).fit(table([0, np.nan, 10, 20]))
    assert fitted.steps[0].state.arrays["quantiles"] == ((0.0, 10.0, 20.0),)
    found = fitted.transform(table([np.nan, 5]), missing=True)
    assert np.isnan(found[0, 0])
    assert found[1, 0] == 0.25


def test_it_survives_json():
    fitted = chain(distribution="normal", quantiles=5).add("MinMax", input="X").fit(table(range(9)))
    again = Preprocessor.from_dict(json.loads(json.dumps(fitted.as_dict())))
    assert again == fitted
    np.testing.assert_array_equal(again.transform(table([1.1, 40])), fitted.transform(table([1.1, 40])))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"distribution": "gaussian"}, "distribution"),
        ({"quantiles": 1}, "quantiles"),
        ({"quantiles": 2.5}, "quantiles"),
        ({"quantiles": True}, "quantiles"),
        ({"subsample": 9}, "subsample"),
    ],
)
def test_wrong_options_are_named(options, field):
    with pytest.raises(InvalidInput) as caught:
        chain(**options)
    assert caught.value.field == field


def test_what_has_no_quantiles_is_named():
    with pytest.raises(InvalidData, match="column 'a': has no value to learn quantiles from"):
        chain().fit(table([np.nan]))
    with pytest.raises(InvalidData, match=r"column 'c': holds text .* OneHot"):
        Preprocessor.empty().add("Quantile", input="c").fit(Table((Categories.of("c", ["x"]),)))
    with pytest.raises(InvalidData, match="column 'a': its values are too large"):
        chain().fit(table([-1.7e308, 1.7e308]))


@pytest.mark.parametrize(
    ("name", "value"), [("quantiles", [2.0, 1.0]), ("quantiles", [1.0]), ("quantiles", 3), ("normal", 0)]
)
def test_damage_is_named(name, value):
    data = chain().fit(table([1, 2])).as_dict()
    data["steps"][0]["state"][name] = [value]
    with pytest.raises(InvalidInput) as caught:
        Preprocessor.from_dict(data)
    assert caught.value.field == f"steps[0].state.{name}"
