"""Training as pure steps: what is prepared, where it may stop, and when an earlier version's weights are used."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.models import pack_fit, unpack_fit
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Column, Numbers, Table, Texts
from lepton_core.train import Prepared, Recipe, advance, finish, numbered, prepare, start, train, warm_starts

LOGISTIC = Recipe("logistic_regression", "y", {"iterations": 12})
LINEAR = Recipe("linear_regression", "y", {})


def table(rows: int = 40, *, seed: int = 0, classes: str = "ab", levels: str = "uvw") -> Table:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    best = (x[:, 0] * len(classes) + rng.normal(scale=0.3, size=rows)).astype(int) % len(classes)
    best[: len(classes)] = range(len(classes))
    texts = list(rng.choice(list(levels), size=rows))
    texts[: len(levels)] = list(levels)
    return Table(
        (
            Numbers("p", x[:, 0] * 10 + 3),
            Numbers("q", x[:, 1]),
            Categories.of("k", list(map(str, texts))),
            Categories.of("y", [classes[i] for i in best]),
        )
    )


def every(data: Table) -> Any:
    return np.arange(data.rows)


def with_column(data: Table, column: Column) -> Table:
    return Table((*(one for one in data.columns if one.name != column.name), column))


def same(a: Any, b: Any) -> bool:
    return a.keys() == b.keys() and all(a[name].tobytes() == b[name].tobytes() for name in a)


def test_the_default_preprocessor_is_fitted_to_the_chosen_rows_alone() -> None:
    data, rows = table(80), np.arange(0, 80, 2)
    prepared = prepare(LOGISTIC, data, rows)
    part = data["p"].values[rows]  # type: ignore[union-attr]
    assert prepared.preprocessor.feature_names == ("p", "q", "k=u", "k=v", "k=w")
    assert prepared.problem.X[:, 0] == pytest.approx((part - part.mean()) / part.std())
    assert prepared.features.rows == prepared.problem.X.shape[0] == 40
    assert prepared.classes == ("a", "b")


def test_a_fitted_preprocessor_goes_on_as_it_is_unless_it_is_to_be_refitted() -> None:
    data, other = table(), table(seed=1)
    fitted = prepare(LOGISTIC, other, every(other)).preprocessor
    given = replace(LOGISTIC, preprocessor=fitted)
    assert prepare(given, data, every(data)).preprocessor == fitted
    again = prepare(replace(given, refit=True), data, every(data)).preprocessor
    assert again == prepare(LOGISTIC, data, every(data)).preprocessor != fitted


def test_classes_that_occur_in_other_rows_only_keep_their_place() -> None:
    data = table(classes="abc")
    rows = np.flatnonzero(data["y"].codes != 1)  # type: ignore[union-attr]
    prepared = prepare(LOGISTIC, data, rows)
    assert prepared.classes == ("a", "b", "c")
    assert set(prepared.problem.y.tolist()) == {0, 2}
    assert finish(prepared, advance(prepared, start(prepared), lambda _: False)).predict(
        prepared.features
    ).shape == (len(rows), 3)


def test_a_gap_in_other_rows_only_is_filled_too() -> None:
    """Found before: such a table trained, and could not be evaluated on its held-out rows."""
    data = table()
    p = data["p"].values.copy()  # type: ignore[union-attr]
    p[39] = np.nan
    data = with_column(data, Numbers("p", p))
    predictor = train(LOGISTIC, data, np.arange(39))
    output = predictor.predict(data.take(np.array([39])).without("y"))
    assert np.isfinite(output).all()


def test_a_column_that_is_empty_in_the_chosen_rows_trains_all_the_same() -> None:
    data = table()
    p = np.full(40, np.nan)
    p[39] = 1.0
    predictor = train(LOGISTIC, with_column(data, Numbers("p", p)), np.arange(39))
    assert predictor.predict(with_column(data, Numbers("p", p)).without("y")).shape == (40, 2)


def test_columns_that_a_fitted_preprocessor_has_never_seen_are_left_out() -> None:
    """Found before: a new column got into the reference, and no row could be counted any more."""
    data = table()
    fitted = prepare(LOGISTIC, data, every(data)).preprocessor
    wider = with_column(data, Numbers("new", np.zeros(40)))
    predictor = train(replace(LOGISTIC, preprocessor=fitted), wider, every(wider))
    assert (
        [bins.name for bins in predictor.reference.features]
        == ["p", "q", "k"]
        == list(predictor.schema.names)
    )


def test_a_table_of_the_label_alone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no column besides the label") as caught:
        prepare(LOGISTIC, Table((table()["y"],)), np.arange(40))
    assert caught.value.field == "y"


@pytest.mark.parametrize("recipe", [LOGISTIC, LINEAR])
def test_a_label_that_is_absent_or_missing_is_named(recipe: Recipe) -> None:
    with pytest.raises(InvalidData, match="column 'y': there is no such column"):
        prepare(recipe, table().without("y"), np.arange(40))
    y = np.arange(40.0)
    y[[7, 30]] = np.nan
    with pytest.raises(InvalidData, match="row 8, column 'y': the label is missing"):
        prepare(recipe, with_column(table(), Numbers("y", y)), np.arange(5, 40))


def test_a_missing_value_is_named_by_its_row_in_the_whole_table() -> None:
    cells = [*"uvw" * 7, None, *"uvw" * 6]
    recipe = replace(LOGISTIC, preprocessor=Preprocessor.empty().add("Ordinal", input="k"))
    with pytest.raises(InvalidData) as caught:
        prepare(recipe, with_column(table(), Categories.of("k", cells)), np.arange(20, 40))
    assert (caught.value.row, caught.value.column) == (22, "k")
    assert caught.value.message.startswith("row 22, column 'k': the value is missing")


@pytest.mark.parametrize("gaps", [[], [3], [3, 21], range(40)])
def test_a_number_that_no_step_fills_gets_the_mean_of_the_chosen_rows(gaps: Any) -> None:
    data, rows = table(), np.arange(20, 40)
    p = data["p"].values.copy()  # type: ignore[union-attr]
    p[list(gaps)] = np.nan
    data = with_column(data, Numbers("p", p))
    for fitted in (False, True):
        chain = Preprocessor.empty().add("OneHot", input="k")
        chosen = chain.fit(data.without("y").take(rows)) if fitted else chain
        predictor = train(replace(LOGISTIC, preprocessor=chosen), data, rows)
        there = p[rows][~np.isnan(p[rows])]
        row = Table((Numbers("q", np.zeros(1)), Categories.of("k", ["u"])))
        found = predictor.preprocessor.transform(Table((Numbers("p", np.full(1, np.nan)), *row.columns)))
        names = predictor.preprocessor.feature_names
        assert found[0, names.index("p")] == pytest.approx(there.mean() if len(there) else 0.0)


def test_what_takes_missing_numbers_and_what_was_begun_in_the_first_edition_have_no_such_fill() -> None:
    data, rows, chain = table(), np.arange(40), Preprocessor.empty().add("OneHot", input="k")
    boosted = Recipe("gradient_boosting", "y", {"iterations": 3}, chain)
    for recipe in (boosted, replace(LOGISTIC, preprocessor=chain, default_steps="default-1")):
        fitted = prepare(recipe, data, rows).preprocessor
        assert [step.transformer for step in fitted.steps] == ["OneHot"]


@pytest.mark.parametrize("column", [None, "a", "row 2: "])
def test_only_errors_with_a_row_are_renumbered(column: str | None) -> None:
    with pytest.raises(InvalidData) as caught, numbered(np.array([4, 9])):
        raise InvalidData("row 1 is like this", row=2, column=column)
    again = InvalidData("row 1 is like this", row=10, column=column)
    assert (caught.value.message, caught.value.row, caught.value.field) == (again.message, 10, column)
    with pytest.raises(InvalidData) as caught, numbered(np.array([4, 9])):
        raise InvalidData("no", column=column)
    assert caught.value.row is None


def test_a_wrong_hyperparameter_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(LOGISTIC, hyperparameters={"iterationz": 1}).configure()
    assert caught.value.field == "iterationz"


@pytest.mark.slow
@settings(max_examples=30)
@given(
    st.sets(st.integers(1, 11)),
    st.sampled_from(["gradient_descent", "nesterov"]),
    st.sampled_from([None, 7]),
    st.sampled_from(["ab", "abc"]),
)
def test_where_training_pauses_changes_no_bit(
    pauses: set[int], optimizer: str, batch_size: int | None, classes: str
) -> None:
    data = table(classes=classes)
    hyper = {"iterations": 12, "learning_rate": 0.1, "optimizer": optimizer, "batch_size": batch_size}
    recipe = replace(LOGISTIC, hyperparameters=hyper, seed=3)
    straight = train(recipe, data, every(data))
    fit = start(prepare(recipe, data, every(data)))
    slices = 0
    while not fit.finished:
        # Another process: everything but the checkpoint is made anew.
        prepared = prepare(recipe, data, every(data))
        fit = advance(prepared, unpack_fit(*pack_fit(fit)), lambda fit: fit.iteration in pauses)
        slices += 1
    assert slices == len(pauses) + 1
    assert finish(prepared, fit).dump() == straight.dump()


def test_a_finished_fit_goes_on_no_further() -> None:
    prepared = prepare(LOGISTIC, table(), np.arange(40))
    fit = advance(prepared, start(prepared), lambda _: False)
    assert fit.finished
    assert fit.iteration == len(fit.losses) == 12
    assert all(later <= earlier for earlier, later in pairwise(fit.losses))
    assert same(advance(prepared, fit, lambda _: False).arrays, fit.arrays)


def test_a_regression_finds_what_least_squares_finds() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    data = Table((Numbers("p", X[:, 0]), Numbers("q", X[:, 1]), Numbers("y", X @ [3.0, -2.0] + 5e3)))
    predictor = train(LINEAR, data, every(data))
    theirs = LinearRegression().fit(X, data["y"].values).predict(X)  # type: ignore[union-attr]
    assert predictor.classes == ()
    assert predictor.predict(data.without("y")) == pytest.approx(theirs, rel=1e-3)


def warmed(recipe: Recipe, data: Table, earlier: Table, **changes: Any) -> tuple[Prepared, Any, Any]:
    """The start from a version that was trained on ``earlier``, whose preprocessor goes on."""
    warm = train(LOGISTIC, earlier, every(earlier))
    prepared = prepare(
        replace(recipe, preprocessor=changes.get("preprocessor", warm.preprocessor)), data, every(data)
    )
    return prepared, start(prepared, warm), warm


def begun_at(fit: Any) -> Any:
    return fit.arrays["weights"]


def test_a_warm_start_begins_at_the_earlier_weights() -> None:
    prepared, fit, warm = warmed(LOGISTIC, table(seed=1), table())
    assert np.any(begun_at(fit))
    assert same(prepared.recipe.trainer.parameters(fit), warm.parameters)
    first = advance(prepared, fit, lambda _: True).losses[0]
    cold = advance(prepared, start(prepared), lambda _: True).losses[0]
    assert first < cold


def test_new_classes_mean_a_cold_start() -> None:
    _, fit, _ = warmed(LOGISTIC, table(seed=1, classes="abc"), table())
    assert not np.any(begun_at(fit))
    _, fit, _ = warmed(LOGISTIC, table(seed=1, classes="ac"), table())
    assert not np.any(begun_at(fit))


def test_another_preprocessor_means_a_cold_start() -> None:
    _, fit, _ = warmed(LOGISTIC, table(seed=1), table(), preprocessor=None)
    assert not np.any(begun_at(fit))
    _, fit, _ = warmed(LOGISTIC, table(), table(), preprocessor=None)
    assert np.any(begun_at(fit))  # the same data give the same preprocessor


def test_new_levels_under_the_earlier_preprocessor_are_no_other_inputs() -> None:
    prepared, fit, _ = warmed(LOGISTIC, table(seed=1, levels="uvwx"), table())
    assert np.any(begun_at(fit))
    assert prepared.preprocessor.feature_names[-1] == "k=w"


def test_another_algorithm_means_a_cold_start() -> None:
    data = with_column(table(), Numbers("y", (np.arange(40) % 2).astype(np.float64)))
    warm = train(LOGISTIC, data, every(data))
    prepared = prepare(replace(LINEAR, preprocessor=warm.preprocessor), data, every(data))
    assert not np.any(begun_at(start(prepared, warm)))


@pytest.mark.parametrize(
    ("name", "settings_"),
    [
        ("decision_tree", {}),
        ("gradient_boosting", {"iterations": 3}),
        ("naive_bayes", {}),
        ("svm", {"kernel": "rbf"}),
        ("deep_learning", {"iterations": 3, "early_stopping": True}),
    ],
)
def test_an_algorithm_that_begins_anew_says_so(name: str, settings_: dict[str, Any]) -> None:
    recipe, data = replace(LOGISTIC, algorithm=name, hyperparameters=settings_), table()
    prepared = prepare(recipe, data, every(data))
    warm = finish(prepared, advance(prepared, start(prepared), lambda _: False))
    again = advance(prepared, start(prepared, warm), lambda _: False)
    assert not warm_starts(prepared, warm)
    assert "trained anew" in again.note
    assert same(prepared.recipe.trainer.parameters(again), warm.parameters)


def test_the_reference_is_that_of_the_training_rows() -> None:
    data = table()
    predictor = train(LOGISTIC, data, np.arange(30))
    assert all(
        sum(bins.counts) == 30 for bins in (*predictor.reference.features, predictor.reference.prediction)
    )


def test_what_the_model_does_not_read_is_not_watched() -> None:
    rows = table()
    keys = Texts.of("key", [f"k-{row}" for row in range(rows.rows)], "identifier")
    fixed = Numbers("planet", np.full(rows.rows, 3.0))
    made = train(LOGISTIC, Table((keys, fixed, *rows.columns)), np.arange(rows.rows))
    assert {"key", "planet"} <= made.schema.known
    assert {bins.name for bins in made.reference.features} == made.preprocessor.reads


def test_the_weight_of_a_class_is_no_number_of_rows_where_it_is_asked_what_no_line_says() -> None:
    rng = np.random.default_rng(3)
    plain = balanced = 0
    for _ in range(30):
        y = np.where(rng.random(300) < 0.03, "yes", "no").tolist()
        table = Table((Numbers("m", rng.integers(1, 9, 300).astype(np.float64)), Categories.of("y", y)))
        every = np.arange(300)
        for weighing in (None, "balanced"):
            recipe = Recipe("logistic_regression", "y", {}, class_weight=weighing)
            wide = prepare(recipe, table, every).problem.X.shape[1] > 1
            plain += wide and weighing is None
            balanced += wide and weighing == "balanced"
    assert plain == balanced <= 6


def test_what_the_labels_called_for_is_told_and_what_somebody_asked_for_is_not() -> None:
    rng = np.random.default_rng(0)
    month = rng.integers(1, 13, 500).astype(np.float64)
    table = Table((Numbers("month", month), Numbers("y", np.cos(month))))
    recipe, every = Recipe("linear_regression", "y", {}), np.arange(500)
    assert prepare(recipe, table, every).note == "each number of month has a weight of its own"
    assert prepare(replace(recipe, default_steps="default-3"), table, every).note == ""
    asked = Preprocessor.empty().add("OneHot", input="month", output="levels")
    assert prepare(replace(recipe, preprocessor=asked), table, every).note == ""
