import numpy as np
import pytest

from lepton_core.errors import InvalidData
from lepton_core.preprocess import default_preprocessor
from lepton_core.table import Categories, Numbers, Table

MIXED = Table(
    (
        Numbers("age", np.array([20.0, np.nan, 40.0])),
        Categories.of("sex", ["f", None, "m"]),
        Numbers("height", np.array([1.0, 2.0, 3.0])),
        Numbers("gone", np.full(3, np.nan)),
    )
)


def test_all_columns_become_numbers_in_the_order_of_the_table():
    fitted = default_preprocessor(MIXED).fit(MIXED)

    assert fitted.feature_names == ("age", "sex=f", "sex=m", "height", "gone")
    step = np.sqrt(1.5)
    expected = [[-step, 1, 0, -step, 0], [0, 0, 0, 0, 0], [step, 0, 1, step, 0]]
    np.testing.assert_allclose(fitted.transform(MIXED), expected, atol=1e-15)


def test_it_comes_unfitted_and_only_with_the_steps_that_are_needed():
    chain = default_preprocessor(MIXED.select(["height"]))

    assert not chain.fitted
    assert [step.transformer for step in chain.steps] == ["Normalize"]
    assert [step.transformer for step in default_preprocessor(MIXED.select(["sex"])).steps] == ["OneHot"]


def test_a_value_that_was_never_missing_in_training_must_be_there():
    fitted = default_preprocessor(MIXED).fit(MIXED)
    row = Table(
        tuple(
            c if c.name != "height" else Numbers("height", np.array([1.0, np.nan, 1.0]))
            for c in MIXED.columns
        )
    )

    with pytest.raises(InvalidData, match="row 2, column 'height': the value is missing; add an Impute step"):
        fitted.transform(row)


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("categories", [False, True])
def test_what_the_algorithm_takes_is_left_as_it_is(scaled, missing, categories):
    flags = {"scaled": scaled, "missing": missing, "categories": categories}
    chain = default_preprocessor(MIXED, **flags)
    fitted = chain.fit(MIXED)
    X = fitted.transform(MIXED, missing=missing, categories=categories)

    used = {step.transformer for step in chain.steps}
    assert used == {
        "Normalize" if scaled else "",
        "" if missing else "Impute",
        "Ordinal" if categories else "OneHot",
    } - {""}
    assert fitted.feature_names == (
        ("age", "sex", "height", "gone") if categories else ("age", "sex=f", "sex=m", "height", "gone")
    )
    assert fitted.levels == ((0, 2, 0, 0) if categories else ())
    gap, nothing = (np.nan, np.nan) if missing else (30, 0)
    age, height = np.array([20, gap, 40]), np.array([1.0, 2.0, 3.0])
    if scaled:
        age, height = (age - 30) / np.nanstd(age), (height - 2) / height.std()
    sex = [[0, np.nan, 1]] if categories else [[1, 0, 0], [0, 0, 1]]
    np.testing.assert_allclose(X.T, [age, *sex, height, [nothing] * 3], rtol=1e-14, atol=1e-15)


def test_text_without_a_level_and_numbers_without_a_value_give_no_error_where_gaps_are_taken():
    empty = Table((Categories.of("t", [None, None]), Numbers("n", np.full(2, np.nan))))
    for scaled in (False, True):
        fitted = default_preprocessor(empty, scaled=scaled, missing=True, categories=True).fit(empty)
        assert fitted.feature_names == ("n",)
        assert np.isnan(fitted.transform(empty, missing=True)).all()


@pytest.mark.parametrize(("levels", "transformer"), [(255, "Ordinal"), (256, "OneHot")])
def test_text_of_more_levels_than_a_tree_tells_apart_gets_indicators(levels: int, transformer: str) -> None:
    column = Categories.of("id", [f"{i:03}" for i in range(levels)])
    chain = default_preprocessor(Table((column,)), categories=True)
    assert [step.transformer for step in chain.steps] == [transformer]
