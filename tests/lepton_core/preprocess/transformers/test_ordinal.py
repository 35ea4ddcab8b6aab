import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OrdinalEncoder

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

EMPTY = Preprocessor.empty()
CHAIN = EMPTY.add("Ordinal", input="X", fewest=1)
GAP = float("nan")
cells = st.sampled_from(["a", "b", "B", "ä", "10", "9", None])
floats = st.sampled_from([-2.5, -1.0, 0.0, 1.0, 1e300, GAP])


def texts(values):
    return Table((Categories.of("c", list(values)),))


def numbers(values):
    return Table((Numbers("c", np.array(values, dtype=np.float64)),))


def codes(fitted, table):
    return fitted.transform(table, missing=True)[:, 0]


def theirs(values, later, dtype):
    oracle = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan
    )
    column, rows = (
        np.array([np.nan if cell is None else cell for cell in cells], dtype=dtype)[:, None]
        for cells in (values, later)
    )
    return oracle.fit(column).transform(rows)[:, 0]


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.lists(cells, min_size=1, max_size=20), st.lists(cells, min_size=1, max_size=20))
def test_codes_of_text_agree_with_scikit_learn(values, later):
    values = ["a", *values]
    fitted = CHAIN.fit(texts(values))

    for cells_of in (values, later):
        np.testing.assert_array_equal(codes(fitted, texts(cells_of)), theirs(values, cells_of, object))


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.lists(floats, min_size=1, max_size=20), st.lists(floats, min_size=1, max_size=20))
def test_codes_of_numbers_agree_with_scikit_learn(values, later):
    values = [1.0, *values]
    fitted = CHAIN.fit(numbers(values))

    for cells_of in (values, later):
        np.testing.assert_array_equal(codes(fitted, numbers(cells_of)), theirs(values, cells_of, float))


@settings(deadline=None, max_examples=50)
@given(st.lists(cells, min_size=1, max_size=20))
def test_a_row_alone_has_the_code_that_it_has_among_others_and_json_loses_nothing(values):
    table = texts(["a", *values])
    fitted = CHAIN.fit(table)
    again = Preprocessor.from_dict(json.loads(json.dumps(fitted.as_dict(), allow_nan=False)))

    together = codes(again, table)
    assert again == fitted
    for row in range(table.rows):
        np.testing.assert_array_equal(codes(fitted, table.take(np.array([row]))), together[row : row + 1])


def test_the_matrix_says_which_columns_are_codes():
    table = Table((Numbers("n", np.array([1.0, 2.0, 4.0])), Categories.of("c", ["u", "v", "w"])))
    one = EMPTY.add("Ordinal", input="c", fewest=1)

    assert one.fit(table).feature_names == ("n", "c")
    assert one.fit(table).levels == (0, 3)
    assert EMPTY.add("OneHot", input="c", fewest=1).fit(table).levels == ()
    assert EMPTY.add("Ordinal", input="n", fewest=1).fit(table.select(["n"])).levels == (3,)
    for name in ("Normalize", "MinMax"):
        assert one.add(name, input="c").fit(table).levels == ()


def test_what_fills_codes_decides_whether_they_still_are_codes():
    table = texts(["a", "b", "b", None])
    for options, code, levels in (
        ({"strategy": "most_frequent"}, 1.0, (2,)),
        ({"strategy": "constant", "value": 0}, 0.0, (2,)),
        ({"strategy": "constant", "value": 2}, 2.0, ()),
        ({"strategy": "mean"}, 2 / 3, ()),
    ):
        fitted = CHAIN.add("Impute", input="c", **options).fit(table)

        assert fitted.transform(table)[:, 0].tolist() == [0, 1, 1, code]
        assert fitted.transform(texts(["new"])).tolist() == [[code]]
        assert fitted.levels == levels


def test_a_gap_that_was_filled_before_is_a_level():
    filled = EMPTY.add("Impute", input="c", strategy="constant", value="none").add(
        "Ordinal", input="c", fewest=1
    )

    assert filled.fit(texts(["a", None, "z"])).transform(texts([None, "z", "a"]))[:, 0].tolist() == [1, 2, 0]
    of_numbers = EMPTY.add("Impute", input="c", strategy="most_frequent").add("Ordinal", input="c", fewest=1)
    assert of_numbers.fit(numbers([5, 5, 1])).transform(numbers([GAP, 1]))[:, 0].tolist() == [1, 0]


def test_where_nothing_may_be_missing_a_strange_level_is_named():
    fitted = EMPTY.add("Ordinal", input="c", fewest=1).fit(
        Table((*texts(["a", "b"]).columns, Numbers("n", np.ones(2))))
    )

    def row(level, number=1.0):
        return Table((*texts(["a", level]).columns, Numbers("n", np.array([1.0, number]))))

    for level in (None, "new"):
        with pytest.raises(
            InvalidData, match=r"row 2, column 'c': the value is missing, or no level in train"
        ):
            fitted.transform(row(level))
        for allowed in ({"missing": True}, {"categories": True}):
            assert np.isnan(fitted.transform(row(level), **allowed)[1, 0])
    with pytest.raises(InvalidData, match="row 2, column 'n': the value is missing; add an Impute step"):
        fitted.transform(row("a", GAP), categories=True)
    assert np.isnan(fitted.transform(row("a", GAP), missing=True)[1, 1])


def test_scaled_codes_are_numbers_of_which_none_may_be_missing():
    scaled = CHAIN.add("Normalize", input="X").fit(texts(["a", "b"]))

    assert scaled.transform(texts(["a", "b"])).tolist() == [[-1], [1]]
    with pytest.raises(InvalidData, match="row 1, column 'c'"):
        scaled.transform(texts(["new"]), categories=True)
    assert np.isnan(scaled.transform(texts(["new"]), missing=True)).all()


def test_missing_does_not_excuse_what_is_too_large():
    fitted = EMPTY.add("MinMax", input="X").fit(numbers([0, 1e-300]))

    with pytest.raises(InvalidData, match="row 2, column 'c': the value is too large to be scaled"):
        fitted.transform(numbers([GAP, 1e300]), missing=True)


def test_a_file_whose_categories_look_like_numbers_is_read_as_text():
    fitted = CHAIN.fit(texts(["1", "2.5", "A"]))

    np.testing.assert_array_equal(codes(fitted, numbers([1, 2.5, 7, GAP])), [0, 1, GAP, GAP])


def test_a_column_without_any_level_gives_no_feature():
    empty = Table((Categories.of("c", [None, None]), Numbers("n", np.ones(2))))

    assert EMPTY.add("Ordinal", input="c", fewest=1).fit(empty).feature_names == ("n",)


def test_levels_that_are_rare_are_one_level_the_last_and_so_is_a_strange_one():
    fitted = EMPTY.add("Ordinal", input="X").fit(texts(["a"] * 5 + ["b"] * 4 + ["c"] * 6 + [None]))

    assert codes(fitted, texts(["a", "b", "c", "new", None])).tolist()[:4] == [0, 2, 1, 2]
    assert np.isnan(codes(fitted, texts([None]))[0])
    assert fitted.levels == (3,)
    assert fitted.transform(texts(["new"])).tolist() == [[2]]  # it is no level, and yet not missing


def test_of_more_levels_than_a_byte_can_tell_the_most_frequent_are_kept():
    assert CHAIN.fit(texts(f"{i:03}" for i in range(255))).levels == (255,)
    many = [f"{i:03}" for i in range(256)]
    fitted = CHAIN.fit(texts([*many, *many[2:]]))

    assert fitted.levels == (255,)
    assert codes(fitted, texts(["000", "001", "002", "255"])).tolist() == [254, 254, 0, 253]
    data = CHAIN.fit(texts(["a"])).as_dict()
    data["steps"][0]["state"]["levels"] = [[f"{i:03}" for i in range(256)]]
    with pytest.raises(InvalidInput) as caught:
        Preprocessor.from_dict(data)
    assert caught.value.field == "steps[0].state.levels"


def test_what_a_step_has_changed_before_is_refused():
    for first in ("Normalize", "OneHot", "Ordinal"):
        with pytest.raises(InvalidInput, match=r"Ordinal takes column 'c.*' as it is in the data") as caught:
            EMPTY.add(first, input="c").add("Ordinal", input="c", fewest=1).fit(numbers([1, 2]))
        assert caught.value.field == "input"
    with pytest.raises(InvalidInput, match="has no option 'order'"):
        EMPTY.add("Ordinal", input="c", order="x", fewest=1)
