"""What each column adds to a prediction: sums that are exact, over the table's own columns, kept with the version."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidArtifact, InvalidData, InvalidInput
from lepton_core.explain import BACKGROUND_ROWS, background, by_column, check_background, explanation_steps
from lepton_core.matrix import dense
from lepton_core.models import ALGORITHMS, Explanation, Inputs, Problem, algorithm
from lepton_core.predict import Predictor
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train
from tests.lepton_core.models.trees.test_explain import brute_force

pytestmark = pytest.mark.sampled(12)

NAME = "explain.background"
ROWS = 150
LABELS = {"two": ["no", "yes"], "three": ["x", "y", "z"], "numbers": None}
CASES = [
    (name, kind)
    for name, one in ALGORITHMS.items()
    for kind, classes in LABELS.items()
    if ("regression" if classes is None else "classification") in one.tasks
]
SMALL = {"iterations": 5, "trees": 5}


def table(kind: str, *, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=ROWS), rng.normal(size=ROWS) * 1e3
    a[::7] = np.nan
    k = [
        None if at % 11 == 0 else str(level)
        for at, level in enumerate(rng.choice(["u", "v", "w"], size=ROWS))
    ]
    score = np.nan_to_num(a) + b / 1e3 + np.array([level == "u" for level in k])
    features = (Numbers("a", a), Categories.of("k", k), Numbers("b", b), Numbers("one", np.ones(ROWS)))
    classes = LABELS[kind]
    if classes is None:
        return Table((*features, Numbers("y", score * 10)))
    place = np.digitize(score + rng.normal(size=ROWS) * 0.2, np.linspace(-1, 1, len(classes) + 1)[1:-1])
    return Table((*features, Categories.of("y", [classes[at] for at in place])))


@cache
def trained(name: str, kind: str) -> Predictor:
    hyper = {field: value for field, value in SMALL.items() if hasattr(algorithm(name).defaults, field)}
    task = "regression" if LABELS[kind] is None else "classification"
    return train(Recipe(name, "y", hyper, seed=3, task=task), table(kind), np.arange(ROWS))


def explained(name: str, kind: str) -> tuple[Predictor, Table, Explanation]:
    """The explanation of rows that were not trained on; the test ends here for algorithms that have none."""
    predictor, rows = trained(name, kind), table(kind, seed=1).without("y")
    if predictor.background is None:
        with pytest.raises(InvalidInput, match="permutation importance") as caught:
            predictor.explain(rows)
        assert caught.value.field == "explain"
        pytest.skip(f"{name} has no exact contributions")
    return predictor, rows, predictor.explain(rows)


def outputs(output: Any, unit: str, width: int) -> Any:
    """What the contributions sum to, as far as predictions tell: scores of many classes up to a row's constant."""
    if unit == "value":
        return output[:, None]
    if unit == "probability":
        return output[:, -width:]
    scores = np.log(output)
    return scores[:, 1:] - scores[:, :1] if width == 1 else scores - scores.mean(axis=1, keepdims=True)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_contributions_sum_to_the_prediction_less_the_base(name: str, kind: str) -> None:
    predictor, rows, found = explained(name, kind)
    m, columns, width = found.contributions.shape
    assert (m, columns) == (ROWS, 4)
    assert found.base.shape == (width,)
    assert width in ((1,) if kind == "numbers" else (1, 2) if kind == "two" else (3,))
    sums = found.base + found.contributions.sum(axis=1)
    if found.unit == "log-odds" and width > 1:
        sums -= sums.mean(axis=1, keepdims=True)
    output = predictor.predict(rows)
    if found.unit != "score":
        np.testing.assert_allclose(sums, outputs(output, found.unit, width), rtol=1e-9, atol=1e-9)
    elif width == 1:  # calibrated: the log-odds are a line of the score
        odds = outputs(output, "log-odds", 1)[:, 0]
        line = np.polyfit(sums[:, 0], odds, 1)
        np.testing.assert_allclose(np.polyval(line, sums[:, 0]), odds, rtol=1e-9, atol=1e-9)
        assert line[0] > 0


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_contributions_are_what_shapleys_formula_gives(name: str, kind: str) -> None:
    """All coalitions of the matrix's columns, summed by the column of the table that they are made from."""
    predictor, rows, found = explained(name, kind)
    if found.unit == "score":
        return  # predictions tell the scores up to a line only
    assert predictor.background is not None
    chosen = [1, 7, 11]
    X, width = predictor.matrix(rows.take(np.array(chosen))), len(found.base)

    def output(mixed: Any) -> Any:
        return outputs(algorithm(name).predict(predictor.parameters, mixed), found.unit, width)

    place = [predictor.schema.names.index(source) for source in predictor.preprocessor.sources]
    for x, row in zip(X, chosen, strict=True):
        expected = np.zeros((4, width))
        np.add.at(expected, place, brute_force(output, x, predictor.background))
        ours = found.contributions[row]
        if found.unit == "log-odds" and width > 1:
            ours = ours - ours.mean(axis=1, keepdims=True)
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-9)


def test_the_page_says_what_each_algorithm_sums() -> None:
    page = (Path(__file__).parents[2] / "docs" / "explanations.md").read_text()
    said = {
        name: set(units.split(", "))
        for name, units in re.findall(r"^\| `(\w+)` \| ([a-z, -]+) \|", page, re.M)
    }
    found: dict[str, set[str]] = {name: set() for name in ALGORITHMS}
    for name, kind in CASES:
        predictor = trained(name, kind)
        one = table(kind).without("y").take(np.arange(1))
        found[name].add("none" if predictor.background is None else predictor.explain(one).unit)
    assert said == found


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_column_has_what_its_features_have_together(name: str, kind: str) -> None:
    predictor, rows, found = explained(name, kind)
    assert predictor.background is not None
    X = predictor.matrix(rows)
    parts = algorithm(name).explain(predictor.parameters, X, predictor.background).contributions
    for at, column in enumerate(predictor.schema.names):
        own = [source == column for source in predictor.preprocessor.sources]
        np.testing.assert_allclose(
            found.contributions[:, at], parts[:, own].sum(axis=1), rtol=1e-12, atol=1e-14
        )
    assert not found.contributions[:, predictor.schema.names.index("one")].any(), (
        "it is the same in every row"
    )


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_background_explains_nothing_about_itself(name: str, kind: str) -> None:
    """The mean output over the background is the base, so their contributions have mean 0."""
    predictor, *_ = explained(name, kind)
    assert predictor.background is not None
    own = algorithm(name).explain(predictor.parameters, predictor.background, predictor.background)
    scale = 1 + np.abs(own.contributions).max()
    np.testing.assert_allclose(own.contributions.sum(axis=1).mean(axis=0) / scale, 0, atol=1e-12)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_dump_and_load_lose_no_bit_of_an_explanation(name: str, kind: str) -> None:
    predictor, rows, found = explained(name, kind)
    loaded = Predictor.load(predictor.dump())
    again = loaded.explain(rows)
    assert loaded.background is not None
    assert not loaded.background.flags.writeable
    assert (again.contributions.tobytes(), again.base.tobytes()) == (
        found.contributions.tobytes(),
        found.base.tobytes(),
    )
    for row in (0, 7, 11):
        alone = loaded.explain(rows.take(np.array([row])))
        np.testing.assert_allclose(alone.contributions, found.contributions[[row]], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_an_algorithm_gets_the_inputs_that_it_says_it_takes(name: str, kind: str) -> None:
    predictor, takes = trained(name, kind), algorithm(name).inputs
    steps = {step.transformer for step in predictor.preprocessor.steps}
    assert ("Impute" in steps, "Normalize" in steps) == (not takes.missing, takes.scaled)
    assert ("Ordinal" if takes.categories else "OneHot") in steps
    X = predictor.matrix(table(kind).without("y"))
    assert np.isnan(X).any() == takes.missing
    strange = Categories("k", np.array([3, -1], dtype=np.int32), ("u", "v", "w"))
    rows = Table(
        (
            Numbers("a", np.array([np.nan, 1.0])),
            strange,
            Numbers("b", np.zeros(2)),
            Numbers("one", np.ones(2)),
        )
    )
    assert np.isfinite(predictor.predict(rows)).all()


@pytest.mark.parametrize("name", [name for name, one in ALGORITHMS.items() if not one.inputs.missing])
def test_codes_of_the_users_own_preprocessor_reach_any_algorithm(name: str) -> None:
    kind = "two" if "classification" in algorithm(name).tasks else "numbers"
    data = table(kind)
    chain = (
        Preprocessor.empty()
        .add("Impute", input="k", strategy="constant", value="none")
        .add("Ordinal", input="k")
        .add("Impute", input="a")
    )
    hyper = {field: value for field, value in SMALL.items() if hasattr(algorithm(name).defaults, field)}
    made = train(Recipe(name, "y", hyper, chain.add("Normalize", input="X")), data, np.arange(ROWS))
    assert np.isfinite(made.predict(data.without("y"))).all()
    if not algorithm(name).inputs.categories:
        with pytest.raises(
            InvalidData, match="row 1, column 'k': the value is missing, or no level in train"
        ):
            made.predict(replace_column(data.without("y"), Categories.of("k", ["new"] * ROWS)))


def replace_column(data: Table, column: Any) -> Table:
    return Table(tuple(column if one.name == column.name else one for one in data.columns))


def test_a_version_older_than_explanations_predicts_but_does_not_explain() -> None:
    predictor = trained("logistic_regression", "two")
    arrays, meta = read_container(predictor.dump())
    assert set(arrays) - set(predictor.parameters) == {NAME}
    del arrays[NAME]
    older, rows = Predictor.load(write_container(arrays, meta)), table("two").without("y")
    assert older.predict(rows).tobytes() == predictor.predict(rows).tobytes()
    with pytest.raises(InvalidInput, match="train it again") as caught:
        older.explain(rows)
    assert caught.value.field == "explain"


def test_a_background_that_cannot_be_one_is_refused() -> None:
    arrays, meta = read_container(trained("naive_bayes", "two").dump())
    good = arrays[NAME]
    gap, endless = good.copy(), good.copy()
    gap[3, 1], endless[-1, -1] = np.nan, np.inf
    for wrong in (
        good[:, 1:],
        good.astype(np.float32),
        good[:0],
        np.vstack([good, good]),
        good[0],
        gap,
        endless,
    ):
        with pytest.raises(InvalidArtifact) as caught:
            Predictor.load(write_container({**arrays, NAME: wrong}, meta))
        assert caught.value.field == "background"


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(st.sampled_from(CASES), st.data())
def test_tampered_backgrounds_are_refused_or_harmless(case: tuple[str, str], data: st.DataObject) -> None:
    predictor = trained(*case)
    if predictor.background is None:
        return
    wrong = predictor.background.copy()
    odd = st.sampled_from([np.nan, np.inf, -np.inf, 1e308, -1e308, 1e-320, 0.5, -1.0, 255.0, 1e18])
    for _ in range(data.draw(st.integers(1, 3))):
        wrong[data.draw(st.integers(0, len(wrong) - 1)), data.draw(st.integers(0, wrong.shape[1] - 1))] = (
            data.draw(odd)
        )
    rows = table(case[1], seed=2).without("y").take(np.arange(3))
    try:
        loaded = Predictor.load(replace(predictor, background=wrong).dump())
        found = loaded.explain(rows)
    except (InvalidArtifact, InvalidData):
        return
    assert np.isfinite(found.contributions).all()
    assert loaded.predict(rows).tobytes() == predictor.predict(rows).tobytes()


@pytest.mark.parametrize(
    ("cell", "levels", "inputs", "good"),
    [
        (np.nan, (0,), Inputs(), False),
        (np.nan, (0,), Inputs(missing=True), True),
        (np.nan, (0,), Inputs(categories=True), False),
        (np.nan, (3,), Inputs(categories=True), True),
        (np.nan, (3,), Inputs(), False),
        (2.0, (3,), Inputs(), True),
        (3.0, (3,), Inputs(missing=True, categories=True), False),
        (0.5, (3,), Inputs(), False),
        (-1.0, (3,), Inputs(), False),
        (-1.0, (0,), Inputs(), True),
        (-1.0, (), Inputs(), True),
        (np.inf, (), Inputs(missing=True), False),
    ],
)
def test_a_background_holds_what_the_algorithm_takes(
    cell: float, levels: tuple[int, ...], inputs: Inputs, good: bool
) -> None:
    array = np.array([[0.0], [cell]])
    if good:
        check_background(array, levels, 1, inputs)
        return
    with pytest.raises(InvalidArtifact):
        check_background(array, levels, 1, inputs)


def problem(rows: int, seed: int = 0, weights: Any = None) -> Problem:
    X = np.arange(rows * 2.0).reshape(rows, 2)
    return Problem(X, np.zeros(rows), n_classes=0, seed=seed, weights=weights)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 400), st.integers(0, 5))
def test_the_background_is_a_sample_that_the_seed_decides(rows: int, seed: int) -> None:
    small = {"weights": np.zeros(2)}
    one = background(problem(rows, seed), small)
    assert one.shape == (min(rows, BACKGROUND_ROWS), 2)
    assert (np.diff(one[:, 0]) > 0).all(), "no row twice, in their order"
    np.testing.assert_array_equal(background(problem(rows, seed), small), one)
    if rows > 150:
        assert (background(problem(rows, seed + 1), small) != one).any()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from([0.0, 0.5, 2.0]), min_size=1, max_size=300), st.integers(0, 5))
def test_rows_of_weight_0_are_as_if_they_were_not_there(weights: list[float], seed: int) -> None:
    given_ = np.array([1.0, *weights])
    whole = problem(len(given_), seed, given_)
    there = given_ > 0
    alone = Problem(whole.X[there], whole.y[there], 0, seed=seed, weights=given_[there])
    np.testing.assert_array_equal(background(whole, {}), background(alone, {}))


def test_a_giant_model_has_few_rows_and_never_none() -> None:
    for size, rows in ((10_000, 100), (10**6, 20), (10**7, 2), (10**9, 1)):
        giant = {"nodes": np.broadcast_to(np.zeros(1), (size,))}
        assert len(background(problem(300), giant)) == rows
        assert explanation_steps(1, rows, giant) == size * rows


@pytest.mark.parametrize("name", ["logistic_regression", "linear_regression", "svm"])
def test_a_wide_linear_model_keeps_the_mean_and_explains_as_one_that_keeps_the_rows_does(name: str) -> None:
    rng = np.random.default_rng(0)
    wide = Table(tuple(Numbers(f"n{at}", rng.normal(size=ROWS)) for at in range(300)))
    y = Numbers("y", wide["n0"].values) if name == "linear_regression" else table("two")["y"]
    predictor = train(Recipe(name, "y", {}, seed=3), Table((*wide.columns, y)), np.arange(ROWS))
    X = dense(predictor.matrix(wide))
    drawn = background(Problem(X, np.zeros(ROWS), 0, seed=3), predictor.parameters)
    with_rows = Predictor.load(replace(predictor, background=drawn).dump())
    assert predictor.background is not None
    assert with_rows.background is not None
    assert (predictor.background.shape, len(with_rows.background)) == ((1, 300), BACKGROUND_ROWS)
    np.testing.assert_array_equal(predictor.background, drawn.mean(axis=0, keepdims=True))
    assert len(predictor.dump()) + 8 * 98 * 300 < len(with_rows.dump())
    one, other = predictor.explain(wide), with_rows.explain(wide)
    assert one.base.tobytes() == other.base.tobytes()
    assert one.contributions.tobytes() == other.contributions.tobytes()


def test_rows_stay_where_they_are_few_numbers_or_their_mean_is_no_row() -> None:
    X = np.tile(np.arange(100.0)[:, None] % 3, (1, 200))
    many = Problem(X, np.zeros(100), n_classes=0)
    assert background(many, {}, mean=True).tolist() == [[0.99] * 200]
    assert background(replace(many, levels=(*[0] * 199, 3)), {}, mean=True).shape == (100, 200)
    assert background(replace(many, X=np.full((100, 200), 1e308)), {}, mean=True).shape == (100, 200)
    assert background(problem(7), {}, mean=True).shape == (7, 2)


def test_columns_that_are_apart_in_the_matrix_are_one_again() -> None:
    parts = np.arange(24.0).reshape(2, 4, 3)
    found = by_column(Explanation(np.zeros(3), parts, "score"), ["b", "a", "b", "c"], ["a", "b", "none", "c"])
    np.testing.assert_array_equal(found.contributions[:, 0], parts[:, 1])
    np.testing.assert_array_equal(found.contributions[:, 1], parts[:, 0] + parts[:, 2])
    assert not found.contributions[:, 2].any()
    assert found.unit == "score"


def test_values_too_large_for_the_model_are_named_by_their_row() -> None:
    predictor = trained("linear_regression", "numbers")
    giant = {name: np.full_like(array, 1e308) for name, array in predictor.parameters.items()}
    with pytest.raises(InvalidData, match=r"row \d+: the values are too large"):
        replace(predictor, parameters=giant).explain(table("numbers").without("y"))
