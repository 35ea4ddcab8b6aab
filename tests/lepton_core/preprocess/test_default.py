import numpy as np
import pytest

from lepton_core.preprocess import Labels, Preprocessor, default_preprocessor
from lepton_core.preprocess.nonlinear import said
from lepton_core.table import Categories, Numbers, Schema, Table, Texts, rows_to_table

OFTEN = np.repeat([0, 1, 2], 5)  # so that each level has rows enough to be kept by name
MIXED = Table(
    (
        Numbers("age", np.array([20.0, np.nan, 40.0])),
        Categories.of("sex", ["f", None, "m"]),
        Numbers("height", np.array([1.0, 2.0, 3.0])),
    )
).take(OFTEN)
DAY = 86_400.0
EVERY_KIND = Table(
    (
        Numbers("number", np.array([1.5, 2.5, 4.5])),
        Numbers("integer", np.array([1.0, 2.0, 4.0]), "integer"),
        Numbers("boolean", np.array([0.0, 1.0, 1.0]), "boolean"),
        Categories.of("category", ["a", "b", "b"]),
        Numbers("date", np.array([0.0, 40 * DAY, 800 * DAY]), "date"),
        Numbers("duration", np.array([60.0, 90.0, 10.0]), "duration"),
        Texts.of("text", ["not good", "very good indeed", "bad"]),
        Texts.of("identifier", ["k1", "k2", "k3"], "identifier"),
        Numbers("empty", np.full(3, np.nan), "empty"),
        Numbers("constant", np.full(3, 7.0)),
        Categories.of("always", ["yes", "yes", "yes"]),
        Texts.of("same", ["as ever", "as ever", "as ever"]),
        Numbers("gone", np.full(3, np.nan)),
    )
).take(OFTEN)
PARTS = ("year", "month", "day_of_year", "day_of_week", "elapsed")
LEFT_OUT = {
    "identifier": "only tells rows apart",
    "empty": "has no cell",
    "constant": "has one value only",
    "always": "has one value only",
    "same": "has one value only",
    "gone": "has no value",
}
FLAGS = [
    pytest.param({"scaled": scaled, "missing": missing, "categories": categories})
    for scaled in (False, True)
    for missing in (False, True)
    for categories in (False, True)
]


def test_all_columns_become_numbers_in_the_order_of_the_table():
    fitted = default_preprocessor(MIXED).fit(MIXED)

    assert fitted.feature_names == ("age", "sex=f", "sex=m", "height")
    step = np.sqrt(1.5)
    expected = [[-step, 1, 0, -step], [0, 0, 0, 0], [step, 0, 1, step]]
    np.testing.assert_allclose(fitted.transform(MIXED), np.array(expected)[OFTEN], atol=1e-15)


def test_it_comes_unfitted_and_only_with_the_steps_that_are_needed():
    chain = default_preprocessor(MIXED.select(["height"]))

    assert not chain.fitted
    assert [step.transformer for step in chain.steps] == ["Impute", "Normalize"]
    assert [step.transformer for step in default_preprocessor(MIXED.select(["sex"])).steps] == ["OneHot"]


@pytest.mark.parametrize("flags", FLAGS)
def test_any_kind_of_column_is_learnt_from_or_left_out_with_the_reason(flags):
    fitted = default_preprocessor(EVERY_KIND, **flags).fit(EVERY_KIND)

    assert fitted.left_out == LEFT_OUT
    assert set(fitted.sources) == set(EVERY_KIND.names) - set(LEFT_OUT)
    assert [name for name in fitted.feature_names if name.startswith("date.")] == [
        f"date.{part}" for part in PARTS
    ]
    X = fitted.transform(EVERY_KIND, **{name: flags[name] for name in ("missing", "categories")})
    assert np.isfinite(X).all()


@pytest.mark.parametrize("flags", FLAGS)
def test_any_cell_may_be_missing_later_even_where_none_was_in_training(flags):
    fitted = default_preprocessor(EVERY_KIND, **flags).fit(EVERY_KIND)
    schema = fitted.schema
    assert isinstance(schema, Schema)

    row = rows_to_table([{"category": "a"}], schema)
    [x] = fitted.transform(row, missing=flags["missing"], categories=flags["categories"])

    read = dict(zip(fitted.feature_names, x, strict=True))
    assert all(read[name] == 0 for name in read if name.startswith("text#"))
    assert read["category" if flags["categories"] else "category=a"] == (0 if flags["categories"] else 1)
    numbers = np.array([value for name, value in read.items() if name[:4] not in ("text", "cate")])
    if flags["missing"]:
        assert np.isnan(numbers).all()
    elif flags["scaled"]:
        np.testing.assert_allclose(numbers, 0, atol=1e-12)  # the mean
    else:
        means = [EVERY_KIND[name].values.mean() for name in ("number", "integer", "boolean")]
        np.testing.assert_allclose(numbers[:3], means)


@pytest.mark.parametrize("flags", FLAGS)
def test_what_the_model_does_not_see_makes_no_difference(flags):
    fitted = default_preprocessor(EVERY_KIND, **flags).fit(EVERY_KIND)
    kept = {"number", "integer", "boolean", "category", "date", "duration", "text"}
    assert fitted.reads == kept
    assert isinstance(fitted.schema, Schema)
    row = {"number": 1, "text": "good", "date": "2024-05-06", "category": "a"}
    one, other = ([{**row, **more}] for more in ({}, {"identifier": "x", "constant": 4}))
    matrices = [
        fitted.transform(rows_to_table(rows, fitted.schema), missing=True, categories=True)
        for rows in (one, other)
    ]
    np.testing.assert_array_equal(*matrices)


def test_columns_of_one_value_stay_where_there_is_nothing_else():
    table = EVERY_KIND.select(["constant", "identifier"])
    fitted = default_preprocessor(table).fit(table)

    assert fitted.transform(table).tolist() == [[0.0]] * 15
    assert fitted.left_out == {"identifier": "only tells rows apart"}


def test_a_gap_is_a_second_value_only_to_those_that_see_it():
    table = Table((Numbers("a", np.array([1.0, np.nan])), Numbers("b", np.array([1.0, 2.0]))))

    assert default_preprocessor(table).fit(table).feature_names == ("b",)
    assert default_preprocessor(table, missing=True).fit(table).feature_names == ("a", "b")


ONE_VALUE = [
    Numbers("a", np.tile([7.0, np.nan, 7.0], 10)),
    Numbers("a", np.tile([1.0, np.nan, 1.0], 10), "integer"),
    Numbers("a", np.tile([1.0, np.nan, 1.0], 10), "boolean"),
    Numbers("a", np.tile([60.0, np.nan, 60.0], 10), "duration"),
    Numbers("a", np.tile([DAY, np.nan, DAY], 10), "date"),
]
LINES = {"sparse": True}


@pytest.mark.parametrize("flags", [*FLAGS, pytest.param(LINES)])
@pytest.mark.parametrize("column", ONE_VALUE, ids=lambda one: one.kind)
def test_what_a_gap_says_beside_one_value_is_learnt_by_every_algorithm(column, flags):
    """As it is of categories, where a gap beside one level is a second one."""
    other = Numbers("other", np.random.default_rng(0).normal(size=30))
    table = Table((column, other))
    y = column.missing.astype(np.int64)
    labels = Labels.of(y, ["there", "gone"], None) if flags == LINES else None
    fitted = default_preprocessor(table, labels, **flags).fit(table)
    assert "a" in fitted.reads and fitted.left_out == {}
    X = np.nan_to_num(fitted.transform(table, missing=True, categories=True), nan=-1e6)
    told = X[:, [source == "a" for source in fitted.sources]]
    assert not (told[y == 1][:1] == told[y == 0][:1]).all()
    assert all((told[y == k] == told[y == k][:1]).all() for k in (0, 1))
    if not flags.get("missing"):
        assert fitted.feature_names == ("a=(missing)", "other")
        assert said(fitted.steps) == "of a, which has one value, only the gaps are read"
    assert Preprocessor.from_dict(fitted.as_dict()) == fitted
    np.testing.assert_array_equal(
        np.asarray(fitted.matrix(table, missing=True, categories=True)),
        fitted.transform(table, missing=True, categories=True),
    )


def test_earlier_editions_and_a_gap_or_two_leave_a_column_of_one_value_out():
    other = Numbers("other", np.random.default_rng(0).normal(size=30))
    table = Table((ONE_VALUE[0], other))
    for edition in ("default-2", "default-3", "default-4"):
        fitted = default_preprocessor(table, edition=edition).fit(table)
        assert fitted.left_out == {"a": "has one value only"}
    for gaps in (4, 26):
        few = Table((Numbers("a", np.where(np.arange(30) < gaps, np.nan, 7.0)), other))
        assert default_preprocessor(few).fit(few).left_out == {"a": "has one value only"}


def test_gaps_beside_one_value_are_learnt_where_there_is_nothing_else():
    table = Table(ONE_VALUE[:1])
    assert default_preprocessor(table).fit(table).transform(table).ravel().tolist() == [0.0, 1.0, 0.0] * 10


@pytest.mark.parametrize(
    ("flags", "most"),
    [({}, 1024), ({"scaled": False, "missing": True}, 64), ({"sparse": True}, 8192)],
)
def test_of_a_text_the_most_frequent_words_are_kept_few_for_trees_and_many_where_they_are_learnt_in_time(
    flags, most
):
    rng = np.random.default_rng(0)
    said = [" ".join(f"w{word}" for word in rng.integers(0, 12_000, size=60)) for _ in range(1000)]
    table = Table((Texts.of("text", said),))

    assert len(default_preprocessor(table, **flags).fit(table).feature_names) == most


def test_in_the_second_edition_every_place_of_a_text_is_kept():
    table = EVERY_KIND.select(["text"])

    for flags, places in (({}, 1024), ({"scaled": False, "missing": True}, 64), ({"sparse": True}, 1024)):
        fitted = default_preprocessor(table, **flags, edition="default-2").fit(table)
        assert fitted.feature_names == tuple(f"text#{place}" for place in range(places))
        [step] = fitted.as_dict()["steps"]
        assert step["options"] == {"size": places, "pairs": False, "idf": True}
        assert set(step["state"]) == {"columns", "size", "pairs", "weights"}


@pytest.mark.parametrize("flags", FLAGS)
def test_what_the_algorithm_takes_is_left_as_it_is(flags):
    scaled, missing, categories = flags.values()
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
        ("age", "sex", "height") if categories else ("age", "sex=f", "sex=m", "height")
    )
    assert fitted.levels == ((0, 2, 0) if categories else ())
    gap = np.nan if missing else 30
    age, height = np.array([20, gap, 40]), np.array([1.0, 2.0, 3.0])
    if scaled:
        age, height = (age - 30) / np.nanstd(age), (height - 2) / height.std()
    sex = [[0, np.nan, 1]] if categories else [[1, 0, 0], [0, 0, 1]]
    np.testing.assert_allclose(X.T, np.array([age, *sex, height])[:, OFTEN], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("levels", [255, 256, 5000])
def test_text_of_any_number_of_levels_becomes_codes_where_codes_are_taken(levels: int) -> None:
    table = Table((Categories.of("id", [f"{i:04}" for i in range(levels)] * 5),))
    fitted = default_preprocessor(table, categories=True).fit(table)

    assert [step.transformer for step in fitted.steps] == ["Ordinal"]
    assert fitted.levels == (min(levels, 255),)


@pytest.mark.parametrize("name", ["Normalize", "MinMax"])
@pytest.mark.parametrize("output", [None, "X_normalized"])
def test_a_step_over_all_columns_takes_the_numbers_and_leaves_the_rest_to_the_defaults(name, output):
    chain = Preprocessor.empty().add(name, input="X", output=output)
    fitted = chain.fit(EVERY_KIND.without("gone"))

    numbers = {"number", "integer", "boolean", "duration", "constant"}
    assert set(fitted.steps[0].state.columns) == numbers
    assert set(fitted.sources) == numbers | {"category", "date", "text"}
    assert set(fitted.left_out) == {"identifier", "empty", "always", "same"}
    X = fitted.transform(EVERY_KIND)
    assert X.shape == (15, len(fitted.feature_names))
    assert np.isfinite(X).all()
    alone = chain.fit(EVERY_KIND.select(["number", "duration"])).transform(EVERY_KIND)
    at = [fitted.feature_names.index(name) for name in ("number", "duration")]
    np.testing.assert_array_equal(X[:, at], alone)


def test_the_steps_that_a_fit_added_are_forgotten_by_the_next_one():
    chain = Preprocessor.empty().add("Normalize", input="X")
    fitted = chain.fit(MIXED.select(["sex", "height"]))

    assert [step.transformer for step in fitted.steps] == ["Normalize", "OneHot"]
    assert fitted.unfitted() == chain
    assert Preprocessor.from_dict(fitted.as_dict()) == fitted
    assert fitted.add("Ordinal", input="sex").fit(MIXED.select(["sex", "height"])).levels == (2, 0)
    text = Table((Texts.of("sex", ["now", "it is", "prose"] * 5), MIXED["height"]))
    assert {name.partition("#")[0] for name in fitted.fit(text).feature_names} == {"sex", "height"}
    assert fitted.fit(text, edition="default-2").feature_names[:2] == ("sex#0", "sex#1")


def test_a_step_over_all_columns_may_find_no_number():
    table = EVERY_KIND.select(["text", "category"])
    fitted = Preprocessor.empty().add("Normalize", input="X", output="X_normalized").fit(table)
    assert set(fitted.sources) == {"text", "category"}
