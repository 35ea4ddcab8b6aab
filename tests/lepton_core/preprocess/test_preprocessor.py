import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table, Texts

EMPTY = Preprocessor.empty()
TABLE = Table(
    (
        Numbers("a", np.array([1.0, 2.0, 3.0, 6.0])),
        Categories.of("t", ["u", "v", "u", None]),
        Numbers("b", np.array([10.0, 10.0, 30.0, 30.0])),
    )
)
NUMBERS = TABLE.without("t")


def normal(values):
    return ((values - values.mean()) / values.std()).tolist()


def columns(matrix):
    return matrix.T.tolist()


def test_the_published_example_standardises_every_column():
    X = load_breast_cancer().data
    table = Table(tuple(Numbers(f"c{j}", np.ascontiguousarray(X[:, j])) for j in range(30)))

    fitted = EMPTY.add("Normalize", input="X", output="X_normalized").fit(table)

    np.testing.assert_allclose(fitted.transform(table), StandardScaler().fit_transform(X), atol=1e-12)
    assert fitted.feature_names == table.names


def test_without_steps_numbers_pass_through():
    fitted = EMPTY.fit(NUMBERS)

    assert fitted.fitted
    assert fitted.feature_names == ("a", "b")
    assert columns(fitted.transform(NUMBERS)) == [[1, 2, 3, 6], [10, 10, 30, 30]]


def test_a_block_of_its_own_comes_after_what_is_left_of_the_columns():
    fitted = EMPTY.add("MinMax", input="a", output="a_scaled").fit(NUMBERS)

    assert fitted.feature_names == ("b", "a")
    assert columns(fitted.transform(NUMBERS)) == [[10, 10, 30, 30], [0, 0.2, 0.4, 1]]


@pytest.mark.parametrize("output", [None, "a"])
def test_in_place_a_column_keeps_its_place(output):
    fitted = EMPTY.add("MinMax", input="a", output=output).fit(NUMBERS)

    assert columns(fitted.transform(NUMBERS)) == [[0, 0.2, 0.4, 1], [10, 10, 30, 30]]


def test_a_later_step_sees_what_an_earlier_one_left_in_place():
    fitted = EMPTY.add("OneHot", input="t", fewest=1).add("MinMax", input="X").fit(TABLE)

    assert fitted.feature_names == ("a", "t=u", "t=v", "b")
    assert columns(fitted.transform(TABLE)) == [[0, 0.2, 0.4, 1], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 1]]


def test_blocks_chain_and_only_the_last_remains():
    fitted = (
        EMPTY.add("MinMax", input="X", output="one").add("Normalize", input="one", output="two").fit(NUMBERS)
    )

    expected = [normal(NUMBERS["a"].values), normal(NUMBERS["b"].values)]
    np.testing.assert_allclose(columns(fitted.transform(NUMBERS)), expected, rtol=0, atol=1e-12)


def test_a_block_in_place_keeps_its_name():
    chain = EMPTY.add("MinMax", input="X", output="one").add("Normalize", input="one", output="one")

    fitted = chain.add("Impute", input="one").fit(NUMBERS)

    assert fitted.feature_names == ("a", "b")


def test_two_blocks_of_one_column_have_names_of_their_own():
    fitted = (
        EMPTY.add("Normalize", input="a", output="z").add("MinMax", input="a", output="range").fit(NUMBERS)
    )

    assert fitted.feature_names == ("b", "a", "range.a")
    np.testing.assert_allclose(columns(fitted.transform(NUMBERS))[2], [0, 0.2, 0.4, 1])


def test_a_column_changed_in_place_after_it_was_consumed_is_there_again():
    fitted = EMPTY.add("Normalize", input="a", output="z").add("MinMax", input="a").fit(NUMBERS)

    assert columns(fitted.transform(NUMBERS))[0] == [0, 0.2, 0.4, 1]
    assert fitted.feature_names == ("a", "b", "z.a")


def test_text_that_has_become_a_block_is_no_longer_part_of_x():
    fitted = (
        EMPTY.add("OneHot", input="t", output="t_hot", fewest=1)
        .add("Normalize", input="X", output="n")
        .fit(TABLE)
    )

    assert fitted.feature_names == ("t=u", "t=v", "a", "b")


def test_a_list_names_columns_and_blocks():
    chain = EMPTY.add("MinMax", input=["b", "a"], output="one")
    fitted = chain.add("OneHot", input=("t",), fewest=1, output="two").add(
        "Normalize", input=["one", "two"], output="all"
    )

    assert fitted.fit(TABLE).feature_names == ("b", "a", "t=u", "t=v")


def test_names_stay_distinct_where_a_column_is_called_like_a_level():
    table = Table((Numbers("t=u", np.ones(4)), TABLE["t"]))

    assert EMPTY.add("OneHot", input="t", fewest=1).fit(table).feature_names == ("t=u", "t.t=u", "t=v")


def test_a_column_called_x_is_meant_by_a_list():
    table = Table((Numbers("X", np.array([0.0, 4.0])), Numbers("Y", np.array([0.0, 2.0]))))

    assert EMPTY.add("MinMax", input=["X"]).fit(table).transform(table).tolist() == [[0, 0], [1, 2]]
    assert EMPTY.add("MinMax", input="X").fit(table).transform(table).tolist() == [[0, 0], [1, 1]]


def test_a_chain_of_everything_agrees_with_scikit_learn():
    random = np.random.default_rng(0)
    a, b = random.normal(5, 2, 200), random.exponential(3, 200)
    a[::7] = np.nan
    texts = random.choice(["x", "y", "z"], 200)
    table = Table((Numbers("a", a), Numbers("b", b), Categories.of("t", texts.tolist())))
    chain = (
        EMPTY.add("Impute", input="a", strategy="median", output="filled")
        .add("Normalize", input="filled", output="A")
        .add("MinMax", input="b", output="B")
        .add("Normalize", input="B", output="B2")
        .add("OneHot", input="t", output="T", fewest=1)
    )
    oracle = ColumnTransformer(
        [
            ("a", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), [0]),
            ("b", make_pipeline(MinMaxScaler(), StandardScaler()), [1]),
            ("t", OneHotEncoder(), [2]),
        ]
    )
    objects = np.column_stack([a.astype(object), b.astype(object), texts.astype(object)])

    ours = chain.fit(table).transform(table)

    np.testing.assert_allclose(ours, oracle.fit_transform(objects).astype(float), rtol=0, atol=1e-12)


def test_values_that_are_missing_are_filled_in_the_units_of_the_step():
    gappy = Table((Numbers("a", np.array([0.0, 10.0, np.nan])),))
    chain = EMPTY.add("Normalize", input="a").add("Impute", input="a", strategy="constant", value=0.5)

    assert chain.add("MinMax", input="a").fit(gappy).transform(gappy).T.tolist() == [[0, 1, 0.75]]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["Normalize", "MinMax", "Impute"]), max_size=6), st.integers(0, 1000))
def test_any_chain_of_scalings_is_the_steps_one_after_the_other(names, seed):
    values = np.random.default_rng(seed).normal(100, 5, size=(30, 2))
    values[3, 1] = np.nan
    oracle = {"Normalize": StandardScaler, "MinMax": MinMaxScaler, "Impute": SimpleImputer}
    table = Table((Numbers("a", values[:, 0]), Numbers("b", values[:, 1])))
    chain, expected = EMPTY, values
    for name in (*names, "Impute"):
        chain, expected = chain.add(name, input="X"), oracle[name]().fit_transform(expected)

    np.testing.assert_allclose(chain.fit(table).transform(table), expected, rtol=0, atol=1e-11)


def test_the_plan_folds_into_the_weights_of_a_linear_model():
    chain = EMPTY.add("MinMax", input="X").add("Normalize", input="X").fit(NUMBERS)
    w, plan = np.array([2.0, -3.0]), chain.design
    raw = np.column_stack([NUMBERS["a"].values, NUMBERS["b"].values])

    folded = raw @ (w / plan.divisor) + w @ (plan.offset - plan.center / plan.divisor)

    np.testing.assert_allclose(folded, chain.transform(NUMBERS) @ w, rtol=1e-12)


def test_rows_transform_alone_as_they_do_together():
    fitted = EMPTY.add("OneHot", input="t", fewest=1).add("Normalize", input="X").fit(TABLE)
    together = fitted.transform(TABLE)

    for row in range(TABLE.rows):
        np.testing.assert_array_equal(fitted.transform(TABLE.take(np.array([row]))), together[row : row + 1])
    assert fitted.transform(TABLE.take(np.array([], dtype=np.int64))).shape == (0, 4)


def test_columns_are_found_by_name_and_others_ignored():
    fitted = EMPTY.fit(NUMBERS)
    mixed = Table((TABLE["b"], TABLE["t"], TABLE["a"]))

    np.testing.assert_array_equal(fitted.transform(mixed), fitted.transform(NUMBERS))


def test_fitting_again_forgets_and_unfitted_forgets_everything():
    chain = EMPTY.add("Normalize", input="X")
    fitted = chain.fit(NUMBERS)

    assert not chain.fitted
    assert fitted.fitted
    assert fitted.unfitted() == chain
    assert fitted.fit(NUMBERS) == fitted
    assert fitted.fit(NUMBERS.take(np.array([0, 1]))) == chain.fit(NUMBERS.take(np.array([0, 1])))
    assert not fitted.add("MinMax", input="X").fitted


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ({"transformer": "normalize", "input": "X"}, "transformer", "did you mean 'Normalize'"),
        ({"transformer": "PCA", "input": "X"}, "transformer", "is not one of Normalize, MinMax, "),
        ({"transformer": 3, "input": "X"}, "transformer", "is not one of"),
        ({"transformer": "MinMax", "input": ""}, "input", "must be the name"),
        ({"transformer": "MinMax", "input": []}, "input", "must be the name"),
        ({"transformer": "MinMax", "input": [1]}, "input", "must be the name"),
        ({"transformer": "MinMax", "input": ["a", "a"]}, "input", "twice"),
        ({"transformer": "MinMax", "input": "X", "output": ""}, "output", "must be a name"),
        ({"transformer": "MinMax", "input": "a", "output": "X"}, "output", "all features"),
        ({"transformer": "MinMax", "input": "a", "output": "taken"}, "output", "already"),
    ],
)
def test_a_wrong_step_is_refused_when_it_is_added(arguments, field, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        EMPTY.add("MinMax", input="a", output="taken").add(**arguments)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("step", "field", "message"),
    [
        (
            {"input": "X_normalised"},
            "input",
            "no block or column 'X_normalised'; did you mean 'X_normalized'",
        ),
        ({"input": ["a", "quite"]}, "input", "no block or column 'quite'"),
        ({"input": "a", "output": "b"}, "output", "'b' is taken"),
    ],
)
def test_a_step_that_does_not_go_with_the_columns_is_refused_when_fitted(step, field, message):
    chain = EMPTY.add("Normalize", input="X", output="X_normalized").add("MinMax", **step)

    with pytest.raises(InvalidInput, match=message) as caught:
        chain.fit(NUMBERS)
    assert caught.value.field == field


def test_a_table_that_gives_no_matrix_is_refused():
    with pytest.raises(InvalidData, match="column 't': holds text; turn it into numbers with OneHot"):
        EMPTY.add("Impute", input="t", output="T", strategy="most_frequent").fit(TABLE)
    with pytest.raises(InvalidData, match="no row"):
        EMPTY.fit(NUMBERS.take(np.array([], dtype=np.int64)))
    with pytest.raises(InvalidData, match="no row"):
        EMPTY.fit(Table(()))
    with pytest.raises(InvalidData, match="no feature is left"):
        EMPTY.add("OneHot", input="X", fewest=1).fit(Table((Categories.of("t", [None]),)))
    with pytest.raises(
        InvalidData, match=r"left out: 'id' \(only tells rows apart\); to take one .* input='id'"
    ):
        EMPTY.fit(Table((Texts.of("id", ["a", "b"], "identifier"),)))
    with pytest.raises(InvalidInput, match="no column is left in 'X'"):
        EMPTY.add("OneHot", input="X", output="h", fewest=1).add("Normalize", input="X").fit(
            TABLE.select(["t"])
        )


def test_a_table_that_does_not_go_with_the_fitted_one_is_refused():
    fitted = EMPTY.fit(NUMBERS)

    with pytest.raises(InvalidData, match="column 'b'"):
        fitted.transform(NUMBERS.without("b"))
    with pytest.raises(InvalidData, match="row 2, column 'b': text where numbers were"):
        fitted.transform(Table((Numbers("a", np.ones(2)), Categories.of("b", [None, "x"]))))
    with pytest.raises(InvalidData, match="row 2, column 'b': the value is missing; add an Impute step"):
        fitted.transform(Table((Numbers("a", np.ones(2)), Numbers("b", np.array([1.0, np.nan])))))
    with pytest.raises(InvalidData, match="row 1, column 'b': the value is missing"):
        fitted.transform(Table((Numbers("a", np.ones(1)), Categories.of("b", [None]))))


def test_an_unfitted_preprocessor_does_not_transform():
    with pytest.raises(InvalidInput, match="not fitted") as caught:
        EMPTY.add("Normalize", input="X").transform(NUMBERS)
    assert caught.value.field == "preprocessor"


def test_a_chain_of_absurd_length_is_refused_at_once():
    step = EMPTY.add("Normalize", input="X").as_dict()["steps"][0]
    with pytest.raises(InvalidInput, match="the most is 1000") as caught:
        Preprocessor.from_dict({"format": 1, "steps": [step] * 1001})
    assert caught.value.field == "steps"


def test_a_fill_behind_the_chain_is_for_numbers_that_may_be_missing_and_for_no_others():
    table = Table(
        (
            Numbers("a", np.array([1.0, np.nan, 3.0])),
            Numbers("b", np.array([np.nan] * 3)),
            Numbers("c", np.array([4.0, np.nan, 4.0])),
            Numbers("when", np.array([0.0, np.nan, 86_400.0]), "date"),
            Texts.of("note", ["a long text of words", None, "another one"], "text"),
            Categories.of("k", ["u", None, "v"]),
        )
    )
    chain = (
        Preprocessor.empty()
        .add("Impute", input="c", strategy="constant", value=9)
        .add("DateParts", input="when", parts=["day"])
        .add("PolynomialFeatures", input="a", output="squared")
        .add("Log", input="c", output="log")
    )
    fitted = chain.fit(table)
    filled = fitted.filled(table)
    added = filled.steps[len(fitted.steps) :]

    assert [(step.transformer, step.input, step.default) for step in added] == [
        ("Impute", ("b", "when", "squared"), True)
    ]
    assert filled.filled(table) == filled
    assert filled.unfitted() == chain
    assert Preprocessor.from_dict(filled.as_dict()) == filled
    found, left = filled.transform(table), fitted.transform(table, missing=True)
    gone = np.isnan(left)
    np.testing.assert_array_equal(found[~gone], left[~gone])
    expected = np.nan_to_num(
        np.array(
            [left[:, j][~gone[:, j]].mean() if not gone[:, j].all() else 0.0 for j in range(left.shape[1])]
        )
    )
    np.testing.assert_allclose(found[1][gone[1]], expected[gone[1]])


def test_only_a_fitted_chain_can_be_filled():
    with pytest.raises(InvalidInput, match="not fitted"):
        Preprocessor.empty().filled(Table((Numbers("a", np.zeros(2)),)))
