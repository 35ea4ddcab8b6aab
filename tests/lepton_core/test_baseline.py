"""A model beside what needs none: only rows that can show a difference show one."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import log_loss, root_mean_squared_error

from lepton_core.baseline import FEWEST_BLOCKS, Baseline, baseline_of, beside_classes, beside_values
from lepton_core.predict import Predictor
from lepton_core.table import Categories, Numbers, Table
from lepton_core.table.known_before import Before
from lepton_core.train import Recipe, train
from lepton_core.validation import report

NAMES = ("a", "b", "c")


def learnt(y: np.ndarray) -> Baseline:
    label = Categories.of("y", [NAMES[k] for k in [*y, 0, 1, 2]])
    return baseline_of(label, np.arange(len(y)), "classification")


def rows_of(*sizes: int) -> np.ndarray:
    return np.repeat(np.arange(len(sizes)), sizes)


counts = st.tuples(*[st.integers(1, 60)] * 3)


@given(counts, counts)
@settings(max_examples=25)
def test_a_classifier_that_is_the_baseline_itself_is_never_shown_better(seen: object, held: object) -> None:
    training, y = rows_of(*seen), rows_of(*held)  # type: ignore[misc]
    baseline = learnt(training)
    shares = np.bincount(training) / len(training)
    by_loss, by_hits = beside_classes(baseline, NAMES, y, np.tile(shares, (len(y), 1)))
    for one in (by_loss, by_hits):
        assert one.shown == "nothing"
        assert one.model_score == pytest.approx(one.baseline_score)
        if len(y) >= FEWEST_BLOCKS:
            assert one.sentence.startswith("no better than always answering ")


@given(counts, counts)
@settings(max_examples=25)
def test_the_baselines_of_classes_are_those_of_scikit_learn(seen: object, held: object) -> None:
    training, y = rows_of(*seen), rows_of(*held)  # type: ignore[misc]
    X, Z = np.zeros((len(training), 1)), np.zeros((len(y), 1))
    by_loss, by_hits = beside_classes(learnt(training), NAMES, y, np.eye(3)[y])
    always = DummyClassifier(strategy="most_frequent").fit(X, training)
    prior = DummyClassifier(strategy="prior").fit(X, training)
    assert by_hits.baseline_score == pytest.approx(always.score(Z, y))
    assert by_hits.answer == NAMES[always.predict(Z)[0]]
    assert by_loss.baseline_score == pytest.approx(log_loss(y, prior.predict_proba(Z), labels=[0, 1, 2]))


@pytest.mark.parametrize("m", [30, 200, 3000])
def test_a_classifier_that_knows_everything_is_shown_better(m: int) -> None:
    y = np.random.default_rng(m).integers(0, 3, m)
    found = beside_classes(learnt(y), NAMES, y, np.eye(3)[y])
    assert [one.shown for one in found] == ["better", "better"]
    assert found[0].comparison is not None
    assert 0 < found[0].comparison.low <= found[0].comparison.difference
    assert found[0].comparison.difference == pytest.approx(found[0].baseline_score)
    assert all(one.sentence.endswith(f" on {m} rows") for one in found)


def test_one_that_is_sure_of_the_wrong_class_is_shown_worse() -> None:
    y = np.random.default_rng(0).integers(0, 2, 80)
    found = beside_classes(learnt(y), NAMES, y, np.eye(3)[1 - y])
    assert [one.shown for one in found] == ["worse", "worse"]
    assert found[0].sentence.startswith(
        "worse than always answering the shares of the classes: log loss 36.04 beside"
    )


@pytest.mark.parametrize("m", [20, 60, 400])
def test_noise_is_shown_better_about_as_seldom_as_an_interval_of_95_percent_allows(m: int) -> None:
    tries, better = 100, 0
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        y = rng.normal(size=m)
        # On the average of all samples this is as good as the mean: 1 + b^2 - 2 a b with a = b / 2.
        output = 0.5 * (0.25 * y + np.sqrt(1 - 0.25**2) * rng.normal(size=m))
        found = beside_values(Baseline({}, {"mean": 0.0}), y, output)
        better += found[0].shown == "better"
    assert better <= 7  # 2.5 are expected; 8 or more happen by chance once in 250 times


def test_the_baseline_learns_from_the_training_rows_only() -> None:
    rng = np.random.default_rng(0)
    training = np.arange(50)
    for seed in range(3):
        held = np.random.default_rng(seed).permutation([0, 1, 2] * 5)
        label = Categories.of("y", [NAMES[k] for k in [*rows_of(20, 25, 5), *held]])
        assert baseline_of(label, training, "classification").counts == {"a": 20, "b": 25, "c": 5}
    y = rng.normal(size=50)
    for held in (0.0, 1e6):
        found = baseline_of(Numbers("y", np.append(y, np.full(9, held))), training, "regression")
        mean = DummyRegressor().fit(np.zeros((50, 1)), y).predict(np.zeros((1, 1)))[0]
        assert found.values == {"mean": pytest.approx(mean)}


def test_in_a_split_by_time_there_is_the_last_value_too_and_it_comes_first() -> None:
    label = Numbers("y", np.array([1.0, 5.0, 7.0, 3.0, 100.0]))
    times = np.array([0.0, 9.0, 9.0, np.nan])
    assert baseline_of(label, np.arange(4), "regression", times).values == {"last": 6.0, "mean": 4.0}
    assert list(baseline_of(label, np.arange(4), "regression", times).values) == ["last", "mean"]
    assert baseline_of(label, np.arange(4), "regression", np.full(4, np.nan)).values == {"mean": 4.0}


def test_a_forest_on_a_trend_beats_the_mean_and_not_the_last_value() -> None:
    """No tree answers beyond what it has seen, so that it is not better than the last value; r2 alone would not say."""
    y = np.arange(100.0)
    baseline = baseline_of(Numbers("y", y), np.arange(60), "regression", y[:60])
    last, mean = beside_values(baseline, y[60:], np.full(40, 57.0), np.arange(40) // 3)
    assert (last.baseline, last.shown, mean.baseline, mean.shown) == ("last", "worse", "mean", "better")
    assert last.baseline_score == root_mean_squared_error(y[60:], np.full(40, 59.0))
    assert last.sentence.startswith("worse than always answering the last value: rmse ")
    assert last.sentence.endswith(" on 40 rows in 14 blocks")


def test_the_last_value_that_a_row_knows_is_to_be_beaten_where_a_column_holds_it() -> None:
    y = np.cumsum(np.random.default_rng(0).normal(1.0, 1.0, 101))
    known, y = y[:-1].copy(), y[1:]
    baseline = Baseline({}, {"last": -5.0, "mean": 3.0}, Before("y 1 before", 1))
    last, mean = beside_values(baseline, y, y + 2.0, np.arange(100) // 4, known)
    assert (last.baseline, last.column, last.filled) == ("last", "y 1 before", 0)
    assert last.baseline_score == root_mean_squared_error(y, known)
    assert (last.shown, mean.shown, mean.column) == ("worse", "better", None)
    known[:2] = np.nan
    lacking = beside_values(baseline, y, y + 2.0, np.arange(100) // 4, known)[0]
    filled = np.concatenate([[-5.0, -5.0], known[2:]])
    assert (lacking.filled, lacking.baseline_score) == (2, root_mean_squared_error(y, filled))
    assert "('y 1 before', and what the training says for 2 without it): rmse " in lacking.sentence
    without_times = Baseline({}, {"mean": 3.0}, Before("y 1 before", 1))
    by_mean = beside_values(without_times, y, y + 2.0, None, known)[0]
    assert by_mean.baseline_score == root_mean_squared_error(y, np.where(np.isnan(known), 3.0, known))


def test_a_sentence_holds_the_ends_of_the_interval_of_what_it_compares() -> None:
    y = np.random.default_rng(1).normal(size=200)
    better, unsure = (
        beside_values(Baseline({}, {"mean": 0.0}), y, output)[0] for output in (0.2 * y, 0.01 + 0 * y)
    )
    for one in (better, unsure):
        assert one.comparison is not None
    low, high = better.comparison.low, better.comparison.high
    assert f", lower by {low:.2g} to {high:.2g} (95 %) on 200 rows" in better.sentence
    low, high = unsure.comparison.low, unsure.comparison.high
    assert f", between {-low:.2g} higher and {high:.2g} lower (95 %); these 200 rows" in unsure.sentence


@pytest.mark.parametrize("m", range(1, FEWEST_BLOCKS + 1))
def test_of_fewer_than_six_rows_nothing_is_shown(m: int) -> None:
    y = np.zeros(m, dtype=int)
    found = beside_classes(learnt(rows_of(9, 10, 1)), NAMES, y, np.eye(3)[y])
    assert {one.shown for one in found} == {"better" if m >= FEWEST_BLOCKS else "nothing"}
    if m < FEWEST_BLOCKS:
        assert f"; {m} row" in found[0].sentence
        assert "too few to show it, 6 " in found[0].sentence


def test_rows_that_belong_together_are_one_piece_of_evidence() -> None:
    rng = np.random.default_rng(3)
    y = np.repeat(rng.normal(size=12), 30)
    output = y * 0.5 + np.repeat(rng.normal(size=12), 30) * 0.8
    baseline, groups = Baseline({}, {"mean": 0.0}), np.repeat(np.arange(12), 30)
    assert beside_values(baseline, y, output)[0].shown == "better"
    assert beside_values(baseline, y, output, groups)[0].shown == "nothing"
    few = beside_values(baseline, y, y, groups // 3)[0]
    assert few.shown == "nothing"
    assert few.sentence.endswith(
        "; 360 rows in 4 blocks: too few to show it, 6 independent rows or groups of them are needed"
    )


def test_few_hits_more_are_no_better_where_chance_does_as_much() -> None:
    """Five rows right of five that differ: the interval is above zero, and McNemar's exact test has p = 0.0625."""
    y = rows_of(395, 5)
    right = beside_classes(learnt(y), NAMES, y, np.eye(3)[y])[1]
    assert right.comparison is not None
    assert right.comparison.low > 0
    assert right.shown == "nothing"
    assert right.sentence.endswith("; chance alone does as much with p = 0.062")


def test_a_class_that_no_training_row_has_makes_no_model_good() -> None:
    y = np.append(rows_of(30, 30), 2)
    shares = np.tile([0.49, 0.49, 0.02], (61, 1))
    by_loss, _ = beside_classes(learnt(rows_of(30, 30)), NAMES, y, shares)
    assert by_loss.baseline_score < 1
    assert by_loss.shown == "nothing"


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e140, 1e300])
def test_values_of_any_size_have_figures_that_json_holds(scale: float) -> None:
    y = np.random.default_rng(0).normal(size=40) * scale
    baseline = baseline_of(Numbers("y", y), np.arange(40), "regression")
    [found] = beside_values(baseline, y, 0.9 * y)
    assert found.shown == "better"
    json.dumps(asdict(found), allow_nan=False)


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=30), st.booleans()
)
@settings(max_examples=60, deadline=None)
def test_what_is_shown_what_is_said_and_the_interval_agree(
    rows: list[tuple[float, float]], grouped: bool
) -> None:
    y, output = np.array(rows).T
    blocks = np.arange(len(y)) // 2 if grouped else None
    [found] = beside_values(baseline_of(Numbers("y", y), np.arange(len(y)), "regression"), y, output, blocks)
    starts = {
        "better": "better than ",
        "worse": "worse than ",
        "nothing": ("not shown to be better than ", "no better than "),
    }
    assert found.sentence.startswith(starts[found.shown])
    if found.shown != "nothing":
        assert found.comparison is not None
        ends = np.array([found.comparison.low, found.comparison.high])
        assert (ends > 0).all() if found.shown == "better" else (ends < 0).all()
        assert (found.model_score < found.baseline_score) is (found.shown == "better")


def trained(m: int) -> tuple[Predictor, Table]:
    rng = np.random.default_rng(m)
    x = rng.normal(size=m)
    label = Categories.of("y", np.where(x + rng.normal(size=m) > 0, "yes", "no").tolist())
    table = Table((Numbers("x", x), label))
    return train(Recipe("logistic_regression", "y", {}), table, np.arange(m // 2)), table


def test_a_report_has_its_baselines_where_the_training_rows_are_known() -> None:
    model, table = trained(300)
    held = table.take(np.arange(150, 300))
    assert report(model, held).baselines == ()
    found = report(model, held, baseline_of(table["y"], np.arange(150), "classification"))
    assert [one.baseline for one in found.baselines] == ["shares", "most_frequent"]
    scores = {one.metric: pytest.approx(one.model_score) for one in found.baselines}
    assert {name: getattr(found, name) for name in scores} == scores
    assert found.baselines[0].shown == "better"


def test_rows_of_an_unknown_class_are_left_out_as_of_the_other_figures() -> None:
    model, table = trained(300)
    baseline = baseline_of(table["y"], np.arange(150), "classification")
    label = table["y"]
    assert isinstance(label, Categories)
    texts = [label.levels[code] for code in label.codes]
    strange = Table((table["x"], Categories.of("y", ["new"] * 20 + texts[20:])))
    found = report(model, strange, baseline, np.arange(300) // 2)
    without = report(model, table.take(np.arange(20, 300)), baseline, np.arange(20, 300) // 2)
    assert found.baselines == without.baselines
    assert found.baselines[0].comparison is not None
    assert found.baselines[0].comparison.blocks == 140
