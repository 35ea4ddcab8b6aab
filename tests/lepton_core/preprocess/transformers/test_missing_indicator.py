import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import MissingIndicator

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

EMPTY = Preprocessor.empty()
BESIDE = EMPTY.add("MissingIndicator", input="a", output="missing").add("Impute", input="a")
CELLS = st.lists(st.sampled_from([np.nan, 0.0, -1.5, 1e300]), min_size=1, max_size=20)


def table(values, kind="number"):
    return Table((Numbers("a", np.array(values, dtype=np.float64), kind),))


@given(CELLS)
def test_it_is_the_indicator_of_scikit_learn(values):
    fitted = EMPTY.add("MissingIndicator", input="X").fit(table(values))
    oracle = MissingIndicator(features="all").fit_transform(np.array(values)[:, None])
    np.testing.assert_array_equal(fitted.transform(table(values)), oracle)
    assert fitted.feature_names == ("a=(missing)",)
    assert not np.signbit(fitted.transform(table(values))).any()


@given(CELLS)
def test_the_numbers_stay_beside_it_and_a_row_to_come_may_have_gaps_that_training_did_not(values):
    fitted = BESIDE.fit(table([1.0, 3.0]))
    gone = np.isnan(values)
    expected = np.column_stack([np.where(gone, 2.0, values), gone])
    np.testing.assert_array_equal(fitted.transform(table(values)), expected)
    assert fitted.sources == ("a", "a")
    assert Preprocessor.from_dict(fitted.as_dict()) == fitted


def test_a_date_has_one_beside_its_parts():
    when = table([0.0, np.nan, 86_400.0], "date")
    fitted = EMPTY.add("MissingIndicator", input="a", output="missing").add("DateParts", input="a").fit(when)
    names = fitted.feature_names
    assert names[-1] == "a=(missing)" and len(names) > 3
    X = fitted.filled(when).transform(when)
    assert X[:, -1].tolist() == [0.0, 1.0, 0.0]


def test_of_all_columns_it_takes_numbers_and_dates():
    mixed = Table((Numbers("n", np.array([1.0, np.nan])), Categories.of("c", ["x", "y"])))
    fitted = EMPTY.add("MissingIndicator", input="X").fit(mixed.take(np.tile([0, 1], 5)))
    assert fitted.steps[0].state.columns == ("n",)


def test_what_it_cannot_take_is_named():
    with pytest.raises(InvalidData, match="column 'c': holds text and MissingIndicator takes numbers"):
        EMPTY.add("MissingIndicator", input="c").fit(Table((Categories.of("c", ["x"]),)))
    with pytest.raises(InvalidInput, match="has no option 'features'; it has no options"):
        EMPTY.add("MissingIndicator", input="X", features="all")
    for before in ("Normalize", "Impute"):
        with pytest.raises(
            InvalidInput, match="'a' was changed by an earlier step; put MissingIndicator before"
        ):
            EMPTY.add(before, input="a").add("MissingIndicator", input="a").fit(table([1.0, np.nan]))
