import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

CHAIN = Preprocessor.empty().add("OneHot", input="X")
cells = st.sampled_from(["a", "b", "B", "ä", "10", "9"])


def texts(values):
    return Table((Categories.of("c", list(values)),))


def numbers(values):
    return Table((Numbers("c", np.array(values, dtype=np.float64)),))


@settings(deadline=None, max_examples=100)
@given(st.lists(cells, min_size=1, max_size=20), st.lists(cells, min_size=1, max_size=20))
def test_columns_agree_with_scikit_learn_even_for_unseen_levels(values, later):
    oracle = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    expected = oracle.fit(np.array(values, dtype=object)[:, None])

    fitted = CHAIN.fit(texts(values))

    assert fitted.feature_names == tuple(f"c={level}" for level in expected.categories_[0])
    for cells_of in (values, later):
        theirs = expected.transform(np.array(cells_of, dtype=object)[:, None])
        np.testing.assert_array_equal(fitted.transform(texts(cells_of)), theirs)


def test_missing_and_unseen_are_zero_everywhere():
    fitted = CHAIN.fit(texts(["a", "b", None]))
    unseen = Categories("c", np.array([2, -1, 0], dtype=np.int32), ("a", "b"))

    assert fitted.transform(Table((unseen,))).tolist() == [[0, 0], [0, 0], [1, 0]]


def test_only_levels_of_the_fitted_rows_count():
    rows = texts(["a", "b", "c"]).take(np.array([0, 2]))

    assert CHAIN.fit(rows).feature_names == ("c=a", "c=c")
    assert CHAIN.fit(rows).transform(texts(["c", "b"])).tolist() == [[0, 1], [0, 0]]


def test_numbers_have_their_distinct_values_as_levels():
    fitted = CHAIN.fit(numbers([3, 1, 2.5, 1, np.nan]))

    assert fitted.feature_names == ("c=1", "c=2.5", "c=3")
    assert fitted.transform(numbers([1, 3, 2, 99, -99, np.nan])).tolist() == [
        [1, 0, 0],
        [0, 0, 1],
        *[[0, 0, 0]] * 4,
    ]


def test_missing_numbers_can_count_as_a_level():
    chain = Preprocessor.empty().add("Impute", input="c", strategy="most_frequent").add("OneHot", input="c")

    fitted = chain.fit(numbers([2, 2, 1, np.nan]))

    assert fitted.transform(numbers([np.nan, 1])).tolist() == [[0, 1], [1, 0]]


def test_a_file_whose_categories_look_like_numbers_is_read_as_text():
    fitted = CHAIN.fit(texts(["1", "2.5", "A"]))

    assert fitted.transform(numbers([1, 2.5, 7, np.nan])).tolist() == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
        [0, 0, 0],
    ]


def test_a_column_without_any_level_gives_no_feature():
    empty = Table((Categories.of("c", [None, None]), Numbers("n", np.ones(2))))

    assert Preprocessor.empty().add("OneHot", input="c").fit(empty).feature_names == ("n",)


def test_indicators_can_be_scaled():
    fitted = CHAIN.add("Normalize", input="X").fit(texts(["a", "b", "a", "b"]))

    assert fitted.transform(texts(["a", "b", "x"])).tolist() == [[1, -1], [-1, 1], [-1, -1]]


def test_an_identifier_is_refused():
    with pytest.raises(InvalidData, match="column 'c': has 1001 distinct values"):
        CHAIN.fit(texts(map(str, range(1001))))


def test_a_scaled_column_is_refused():
    for first in ("Normalize", "OneHot"):
        with pytest.raises(InvalidInput, match=r"'c.*' as it is in the data") as caught:
            Preprocessor.empty().add(first, input="c").add("OneHot", input="c").fit(numbers([1, 2]))
        assert caught.value.field == "input"
