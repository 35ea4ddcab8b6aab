import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table


def table(values):
    return Table((Numbers("c", np.array(values, dtype=np.float64)),))


def chain(input="X", **options):
    return Preprocessor.empty().add("Impute", input=input, **options)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.one_of(st.just(np.nan), st.integers(-20, 20)), min_size=1, max_size=30).filter(
        lambda values: not np.isnan(values).all()
    ),
    st.sampled_from(["mean", "median", "most_frequent"]),
)
def test_values_agree_with_scikit_learn(values, strategy):
    X = np.array(values, dtype=np.float64)[:, None] / 4

    ours = chain(strategy=strategy).fit(table(X[:, 0])).transform(table(X[:, 0]))

    np.testing.assert_allclose(
        ours, SimpleImputer(strategy=strategy).fit_transform(X), rtol=1e-12, atol=1e-12
    )


def test_the_default_is_the_mean():
    assert chain().fit(table([1, np.nan, 3])).transform(table([np.nan])).tolist() == [[2.0]]


def test_a_constant_fills_even_a_column_without_values():
    fitted = chain(strategy="constant", value=-1).fit(table([np.nan]))

    assert fitted.transform(table([np.nan, 2])).tolist() == [[-1.0], [2.0]]


@pytest.mark.parametrize(
    ("options", "levels"),
    [
        ({"strategy": "most_frequent"}, [[0, 1], [1, 0], [1, 0], [0, 1], [1, 0]]),
        ({"strategy": "constant", "value": "b"}, [[0, 1], [1, 0], [1, 0], [0, 1], [0, 1]]),
    ],
)
def test_missing_text_takes_a_level(options, levels):
    texts = Table((Categories.of("c", ["b", "a", "a", "b", None] * 3),))

    fitted = chain(**options).add("OneHot", input="X", fewest=1).fit(texts)

    assert fitted.feature_names == ("c=a", "c=b")
    assert fitted.transform(texts).tolist() == levels * 3


def test_no_text_that_few_rows_have_becomes_the_one_of_missing_cells():
    texts = Table((Categories.of("c", ["anna", "anna", "berta", None, *(["carla"] * 4)]),))

    fitted = chain(strategy="most_frequent").add("OneHot", input="X").fit(texts)

    assert "carla" not in json.dumps(fitted.as_dict())
    assert fitted.feature_names == ("c=(rare)",)
    assert fitted.transform(texts).tolist() == [[1.0]] * 8


def test_missing_text_takes_a_level_of_its_own():
    texts = Table((Categories.of("c", ["z", None]),))

    fitted = chain(strategy="constant", value="none").add("OneHot", input="X", fewest=1).fit(texts)

    assert fitted.feature_names == ("c=none", "c=z")
    assert fitted.transform(texts).tolist() == [[0, 1], [1, 0]]


def test_the_first_step_that_fills_a_value_wins():
    twice = chain(strategy="constant", value=1).add("Impute", input="c", strategy="constant", value=2)

    assert twice.fit(table([0])).transform(table([np.nan])).tolist() == [[1.0]]


def test_median_of_the_largest_numbers_does_not_overflow():
    fitted = chain(strategy="median").fit(table([1.7e308, 1.7e308]))

    assert fitted.transform(table([np.nan])).tolist() == [[1.7e308]]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"strategy": "mode"}, "strategy"),
        ({"strategy": None}, "strategy"),
        ({"strategy": "constant"}, "value"),
        ({"strategy": "mean", "value": 1}, "value"),
        ({"strategy": "constant", "value": float("nan")}, "value"),
        ({"strategy": "constant", "value": True}, "value"),
        ({"strategy": "constant", "value": None}, "value"),
        ({"strategy": "constant", "value": 10**400}, "value"),
        ({"fill": 1}, "fill"),
    ],
)
def test_wrong_options_are_named(options, field):
    with pytest.raises(InvalidInput) as caught:
        chain(**options)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("options", "filled"),
    [
        ({}, [[1, 1, 0], [1, 0, 0]]),
        ({"strategy": "constant", "value": 7}, [[1, 1, 0], [7, 0, 0]]),
        ({"strategy": "most_frequent"}, [[1, 1, 0], [1, 1, 0]]),
    ],
)
def test_the_block_of_all_columns_means_those_that_the_strategy_goes_with(options, filled):
    mixed = Table((Numbers("n", np.array([1.0, np.nan, 1.0])), Categories.of("c", ["a", None, "b"])))
    mixed = mixed.take(np.tile([0, 1, 2], 5))  # so that each level has rows enough to be kept by name
    assert chain(**options).fit(mixed).transform(mixed)[:2].tolist() == filled


def test_a_strategy_that_does_not_go_with_the_column_is_refused():
    text = Table((Categories.of("c", ["a", None]),))
    with pytest.raises(
        InvalidData, match="column 'c': holds text, which has no mean; use strategy='most_freq"
    ):
        chain("c").fit(text)
    with pytest.raises(InvalidInput, match="is a number, and column 'c' holds text"):
        chain("c", strategy="constant", value=1).fit(text)
    with pytest.raises(InvalidInput, match="is text, and column 'c' holds numbers"):
        chain("c", strategy="constant", value="a").fit(table([1]))
    with pytest.raises(InvalidData, match="column 'c': has no value to impute from"):
        chain(strategy="median").fit(table([np.nan]))
    with pytest.raises(InvalidData, match="column 'c': has no value to impute from"):
        chain(strategy="most_frequent").fit(Table((Categories.of("c", [None]),)))
