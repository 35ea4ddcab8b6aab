import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import TargetEncoder

from lepton_core.errors import InvalidInput
from lepton_core.preprocess import Labels, Preprocessor
from lepton_core.table import Categories, Numbers, Table, rows_to_table
from lepton_core.train import Recipe, advance, finish, prepare, start, train
from lepton_core.validation import fold_result, fold_rows
from tests.support.sampling import examples

TOWNS = [*"abcdef"]


def towns(texts):
    return Table((Categories.of("town", list(texts)),))


def chain(**options):
    return Preprocessor.empty().add("TargetEncode", input="town", **{"fewest": 1, **options})


def drawn(seed, rows, classes):
    rng = np.random.default_rng(seed)
    labels = rng.normal(size=rows) if classes == 0 else rng.integers(0, classes, size=rows)
    names = [f"k{i}" for i in range(classes)]
    return towns(rng.choice(TOWNS, size=rows).tolist()), labels, names


def judged(table, y, classes, smooth):
    """What scikit-learn makes of later rows."""
    kind = {0: "continuous", 2: "binary"}.get(classes, "multiclass")
    return TargetEncoder(smooth=smooth, target_type=kind).fit(cells(table), y)


def cells(table):
    town = table["town"]
    return np.array(town.levels, dtype=object)[town.codes][:, None]


@settings(deadline=None, max_examples=examples(40))
@given(st.integers(0, 2**32), st.integers(40, 90), st.sampled_from([0, 2, 3]), st.sampled_from([0.5, 10.0]))
def test_later_rows_are_encoded_as_by_scikit_learn(seed, rows, classes, smooth):
    table, y, names = drawn(seed, rows, classes)
    fitted = chain(smooth=smooth).fit(table, Labels.of(y, names))

    np.testing.assert_allclose(
        fitted.transform(table), judged(table, y, classes, smooth).transform(cells(table)), atol=1e-12
    )


@settings(deadline=None, max_examples=examples(40))
@given(st.integers(0, 2**32), st.integers(40, 90), st.sampled_from([0, 2, 3]))
def test_each_fold_is_encoded_as_by_scikit_learn_fitted_to_the_other_folds(seed, rows, classes):
    table, y, names = drawn(seed, rows, classes)
    labels = Labels.of(y, names)
    found = chain(smooth=3.0).fit(table, labels).learning_matrix(table, labels, seed=seed)

    folds = labels.folds(seed)
    for fold in range(5):
        own, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        oracle = judged(table.take(others), y[others], classes, 3.0)
        np.testing.assert_allclose(found[own], oracle.transform(cells(table.take(own))), atol=1e-12)


@settings(deadline=None, max_examples=examples(40))
@given(st.integers(0, 2**32), st.integers(10, 40), st.sampled_from([0, 2, 3]))
def test_a_row_of_weight_three_is_three_rows(seed, rows, classes):
    table, y, names = drawn(seed, rows, classes)
    times = np.random.default_rng(seed).integers(1, 4, size=rows)
    weighted = chain().fit(table, Labels.of(y, names, times.astype(float)))
    many = np.repeat(np.arange(rows), times)
    repeated = chain().fit(table.take(many), Labels.of(y[many], names))

    np.testing.assert_allclose(weighted.transform(table), repeated.transform(table), atol=1e-12)


@pytest.mark.slow
def test_no_row_is_described_by_its_own_label():
    table, y, _ = drawn(0, 60, 0)

    def found(values):
        labels = Labels.of(values)
        return chain().fit(table, labels).learning_matrix(table, labels, seed=7).ravel()

    for row in range(60):
        changed = found(np.where(np.arange(60) == row, 1000.0, y))
        assert changed[row] == found(y)[row]
        assert (changed != found(y)).any()


def test_two_classes_and_values_are_one_column_and_more_classes_one_each():
    table = towns("aabb")
    assert chain().fit(table, Labels.of(np.arange(4.0))).feature_names == ("town",)
    assert chain().fit(table, Labels.of(np.arange(4) % 2, ["n", "y"])).feature_names == ("town",)
    three = chain().fit(table, Labels.of(np.array([0, 1, 2, 0]), ["x", "y", "z"]))
    assert three.feature_names == ("town~x", "town~y", "town~z")
    np.testing.assert_allclose(three.transform(table).sum(axis=1), 1.0)


def test_a_missing_cell_and_a_level_that_never_occurred_have_the_mean_of_all_rows():
    fitted = chain(smooth=0).fit(towns(["a", "a", "b", None]), Labels.of(np.array([1.0, 2.0, 3.0, 6.0])))

    assert fitted.transform(towns(["a", "b", "new", None])).ravel().tolist() == [1.5, 3.0, 3.0, 3.0]


def test_levels_of_fewer_than_five_rows_have_one_mean_and_no_name():
    people = ["staff"] * 5 + ["anna@example.org", "ben@example.org"]
    y = np.array([0.0] * 5 + [4.0, 8.0])
    fitted = Preprocessor.empty().add("TargetEncode", input="X", smooth=0).fit(towns(people), Labels.of(y))

    assert "example.org" not in json.dumps(fitted.as_dict())
    assert fitted.transform(towns(["staff", "anna@example.org", "new"])).ravel().tolist() == [0.0, 6.0, 6.0]
    later = rows_to_table([{"town": "ben@example.org"}], fitted.schema)
    assert fitted.transform(later).tolist() == [[6.0]]


def test_a_fill_is_a_level():
    filled = Preprocessor.empty().add("Impute", input="town", strategy="constant", value="a")
    fitted = filled.add("TargetEncode", input="town", smooth=0, fewest=1).fit(
        towns(["a", None, "b"]), Labels.of(np.array([1.0, 2.0, 6.0]))
    )
    assert fitted.transform(towns(["a", None, "b"])).ravel().tolist() == [1.5, 1.5, 6.0]


def test_later_steps_take_it_for_a_number():
    table, y, _ = drawn(1, 50, 0)
    labels = Labels.of(y)
    fitted = chain().add("Normalize", input="town").add("PolynomialFeatures", input="X").fit(table, labels)

    assert fitted.feature_names == ("town", "town^2")
    assert fitted.transform(table)[:, 0].mean() == pytest.approx(0.0)
    crossed = fitted.learning_matrix(table, labels, seed=0)
    np.testing.assert_array_equal(crossed[:, 0] ** 2, crossed[:, 1])
    assert (crossed != fitted.transform(table)).any()


def test_other_columns_are_the_same_with_and_without_labels():
    table, y, names = drawn(2, 50, 2)
    both = Table((*table.columns, Numbers("fold", np.arange(50.0))))
    labels = Labels.of(y, names)
    fitted = chain().add("Normalize", input="fold").fit(both, labels)
    found = fitted.learning_matrix(both, labels, seed=0)

    np.testing.assert_array_equal(found[:, 1], fitted.transform(both)[:, 1])


def test_it_survives_json():
    for classes in (0, 2, 3):
        table, y, names = drawn(3, 50, classes)
        fitted = chain().add("Normalize", input="town").fit(table, Labels.of(y, names))
        again = Preprocessor.from_dict(json.loads(json.dumps(fitted.as_dict())))

        assert again == fitted
        np.testing.assert_array_equal(again.transform(table), fitted.transform(table))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("means", [[0.5, 0.5]]),
        ("means", [[0.5] * 7] * 2),
        ("means", [[float("nan")] * 7]),
        ("means", ["0.5"]),
        ("means", [0.5]),
        ("classes", [1]),
        ("classes", ["x", "y"]),
        ("levels", ["b", "a"]),
    ],
)
def test_a_damaged_state_is_refused(name, value):
    table, y, names = drawn(4, 50, 2)
    data = chain().fit(table, Labels.of(y, names)).as_dict()
    data["steps"][0]["state"][name] = [value]
    with pytest.raises(InvalidInput):
        Preprocessor.from_dict(data)


@pytest.mark.parametrize("options", [{"smooth": -1}, {"smooth": "auto"}, {"fewest": 0}, {"folds": 3}])
def test_a_wrong_option_is_refused_by_its_name(options):
    with pytest.raises(InvalidInput) as caught:
        chain(**options)
    assert caught.value.field == next(iter(options))


def test_without_labels_it_says_what_it_needs():
    with pytest.raises(InvalidInput, match="TargetEncode learns from the label") as caught:
        chain().fit(towns("ab"))
    assert caught.value.field == "labels"


def test_numbers_that_were_scaled_are_refused():
    table = Table((Numbers("town", np.arange(4.0)),))
    scaled = Preprocessor.empty().add("Normalize", input="town").add("TargetEncode", input="town", fewest=1)
    with pytest.raises(InvalidInput, match="as it is in the data"):
        scaled.fit(table, Labels.of(np.arange(4.0)))


NOISE = 500
UNLEAKED = {"logistic_regression": 0.54, "gradient_boosting": 0.75}
"""Boosting fits some of any noise; with the rows' own labels it would be nearer to 1."""


def noise(rows, seed):
    rng = np.random.default_rng(seed)
    levels = [f"level {number}" for number in rng.integers(0, NOISE, size=rows)]
    labels = rng.choice(["no", "yes"], size=rows).tolist()
    # The number makes each row one of its kind: copies of a row would be dealt out to all folds alike.
    return Table(
        (
            Categories.of("town", levels),
            Numbers("number", rng.normal(size=rows)),
            Categories.of("label", labels),
        )
    )


@pytest.mark.parametrize("algorithm", ["logistic_regression", "gradient_boosting"])
def test_levels_that_say_nothing_are_worth_nothing_in_training_either(algorithm):
    table, later = noise(3000, 0), noise(3000, 1)
    recipe = Recipe(algorithm, "label", {}, chain())
    rows = np.arange(table.rows)

    def share(predictor, of):
        found = predictor.predict(of.without("label"))
        return float(np.mean(found.argmax(axis=1) == (np.array(of["label"].codes) == 1)))

    prepared = prepare(recipe, table, rows)
    predictor = finish(prepared, advance(prepared, start(prepared), lambda _: False))
    found = recipe.trainer.predict(predictor.parameters, prepared.problem.X)
    assert abs(share(predictor, later) - 0.5) < 0.03
    assert float(np.mean(found.argmax(axis=1) == prepared.problem.y)) < UNLEAKED[algorithm]


def test_in_cross_validation_levels_that_say_nothing_are_worth_nothing_though_the_chain_saw_all_rows():
    table = noise(3000, 2)
    codes = np.array(table["label"].codes)
    seen = chain().fit(table.without("label"), Labels.of(codes, ["no", "yes"]))
    recipe = Recipe("logistic_regression", "label", {}, seen)
    found = [
        fold_result(recipe, table, training, held_out)
        for training, held_out in fold_rows(recipe, table, np.arange(table.rows), 3, seed=0)
    ]
    assert all(abs(one.metrics["accuracy"] - 0.5) < 0.04 for one in found)


def test_a_training_fits_a_chain_again_that_was_fitted_to_all_rows():
    table = noise(500, 3)
    codes = np.array(table["label"].codes)
    seen = chain().fit(table.without("label"), Labels.of(codes, ["no", "yes"]))
    half = np.arange(250)
    fitted = train(Recipe("logistic_regression", "label", {}, seen), table, half).preprocessor

    of_half = chain().fit(table.without("label").take(half), Labels.of(codes[half], ["no", "yes"]))
    assert fitted.steps[0] == of_half.steps[0] != seen.steps[0]
