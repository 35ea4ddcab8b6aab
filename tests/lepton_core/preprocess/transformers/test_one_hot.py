import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder

from lepton_core.errors import InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.preprocess.transformers.one_hot import MAX_ONE_HOT_LEVELS
from lepton_core.table import Categories, Numbers, Table

CHAIN = Preprocessor.empty().add("OneHot", input="X", fewest=1)
cells = st.sampled_from(["a", "b", "B", "ä", "10", "9"])


def texts(values):
    return Table((Categories.of("c", list(values)),))


def numbers(values):
    return Table((Numbers("c", np.array(values, dtype=np.float64)),))


@pytest.mark.slow
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
    chain = (
        Preprocessor.empty()
        .add("Impute", input="c", strategy="most_frequent")
        .add("OneHot", input="c", fewest=1)
    )

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

    assert Preprocessor.empty().add("OneHot", input="c", fewest=1).fit(empty).feature_names == ("n",)


def test_indicators_can_be_scaled():
    fitted = CHAIN.add("Normalize", input="X").fit(texts(["a", "b", "a", "b"]))

    assert fitted.transform(texts(["a", "b", "x"])).tolist() == [[1, -1], [-1, 1], [-1, -1]]


def test_levels_of_fewer_than_five_rows_share_the_last_column_with_those_that_never_occurred():
    fitted = Preprocessor.empty().add("OneHot", input="X").fit(texts(["a"] * 5 + ["b"] * 4 + [None]))

    assert fitted.feature_names == ("c=a", "c=(rare)")
    rows = texts(["a", "b", "new", None])
    assert fitted.transform(rows).tolist() == [[1, 0], [0, 1], [0, 1], [0, 0]]
    assert (
        np.concatenate([fitted.transform(rows.take(np.array([i]))) for i in range(4)]).tolist()
        == fitted.transform(rows).tolist()
    )


def test_numbers_that_are_rare_are_one_level():
    fitted = Preprocessor.empty().add("OneHot", input="X", fewest=2).fit(numbers([1, 1, 2, 3, 3, np.nan]))

    assert fitted.feature_names == ("c=1", "c=3", "c=(rare)")
    expected = [[1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 0]]
    assert fitted.transform(numbers([1, 2, -7, np.nan])).tolist() == expected


@pytest.mark.parametrize("column", [texts("abcd"), numbers([1, 2, 3, 4])])
def test_where_all_levels_are_rare_one_column_is_left(column):
    fitted = Preprocessor.empty().add("OneHot", input="X").fit(column)

    assert fitted.feature_names == ("c=(rare)",)
    assert fitted.transform(column).tolist() == [[1]] * 4
    assert fitted.transform(
        texts([None]) if column["c"].kind == "category" else numbers([np.nan])
    ).tolist() == [[0]]


def test_a_level_that_was_filled_in_can_be_rare():
    chain = Preprocessor.empty().add("Impute", input="c", strategy="constant", value="none")
    fitted = chain.add("OneHot", input="c").fit(texts(["a"] * 5 + [None] * 4))

    assert fitted.feature_names == ("c=a", "c=(rare)")
    assert fitted.transform(texts(["a", None, "new"])).tolist() == [[1, 0], [0, 1], [0, 1]]


def test_the_pooled_column_can_be_scaled():
    chain = Preprocessor.empty().add("OneHot", input="X", fewest=2).add("Normalize", input="X")
    fitted = chain.fit(texts(["a", "a", "b", "c"]))

    assert fitted.transform(texts(["a", "new"])).tolist() == [[1, -1], [-1, 1]]


@pytest.mark.slow
def test_of_very_many_levels_the_most_frequent_are_kept():
    many = [f"{i:05}" for i in range(MAX_ONE_HOT_LEVELS + 5)]
    fitted = CHAIN.fit(texts([*many, *many[6:]]))

    assert len(fitted.feature_names) == MAX_ONE_HOT_LEVELS
    assert fitted.feature_names[:2] == ("c=00006", "c=00007")
    assert np.flatnonzero(fitted.transform(texts(["00006", "00000", "new"]))).tolist() == [
        0,
        2 * MAX_ONE_HOT_LEVELS - 1,
        3 * MAX_ONE_HOT_LEVELS - 1,
    ]


def test_the_names_of_rare_levels_are_not_kept():
    people = texts(["anna@example.org", "ben@example.org"] + ["staff"] * 5)
    for transformer in ("OneHot", "Ordinal"):
        fitted = Preprocessor.empty().add(transformer, input="X").fit(people)

        assert "example.org" not in str(fitted.as_dict())
        assert fitted.schema["c"].levels == ("staff",)
        assert Preprocessor.from_dict(fitted.as_dict()) == fitted


def test_levels_that_a_step_was_told_to_keep_are_kept():
    assert CHAIN.fit(texts("ab")).schema["c"].levels == ("a", "b")


def test_what_an_earlier_version_wrote_has_no_pool():
    data = CHAIN.fit(texts("abb")).as_dict()
    data["format"] = 1
    del data["steps"][0]["options"]
    fitted = Preprocessor.from_dict(data)

    assert fitted.feature_names == ("c=a", "c=b")
    assert fitted.transform(texts(["a", "b", "new"])).tolist() == [[1, 0], [0, 1], [0, 0]]


def test_a_scaled_column_is_refused():
    for first in ("Normalize", "OneHot"):
        with pytest.raises(InvalidInput, match=r"'c.*' as it is in the data") as caught:
            Preprocessor.empty().add(first, input="c").add("OneHot", input="c", fewest=1).fit(numbers([1, 2]))
        assert caught.value.field == "input"
