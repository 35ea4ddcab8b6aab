"""A rule for labels keeps its promise on the rows that it was chosen on, and no other one keeps it better."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_curve

from lepton_core.decision import answered, choose, kept_rule, labels, rarer, wilson
from lepton_core.errors import InvalidInput
from lepton_core.evaluate import LabelRule, LabelWish
from lepton_core.outcomes import Outcomes, outcomes

NAMES = ("no", "yes")


def two(y: Any, p: Any) -> Outcomes:
    return outcomes(np.array(y), np.column_stack([1 - np.array(p), p]), NAMES)


def given_by(rule: LabelRule, p: np.ndarray) -> np.ndarray:
    return labels(rule, NAMES, np.column_stack([1 - p, p]))


@st.composite
def held_out(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Rows of both classes, many of them equally probable."""
    n = draw(st.integers(2, 40))
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    steps = draw(st.sampled_from([4, 1000, 10**9]))
    p = np.array(draw(st.lists(st.integers(0, steps), min_size=n, max_size=n))) / steps
    y[:2] = 0, 1
    return y, p


SHARES = st.sampled_from([0.001, 0.25, 1 / 3, 0.5, 0.8, 0.9, 1.0])


@given(held_out(), SHARES, st.sampled_from(NAMES))
def test_by_recall_it_is_the_highest_threshold_that_finds_so_much(
    rows: tuple[np.ndarray, np.ndarray], wanted: float, label: str
) -> None:
    y, p = rows
    found = choose(LabelWish("recall", wanted, label), two(y, p))
    place = NAMES.index(label)
    of_label = p if place else 1 - p
    said = given_by(found.rule, p) == place
    _, recall, thresholds = precision_recall_curve(y == place, of_label)
    highest = thresholds[recall[:-1] >= wanted].max()
    assert np.array_equal(said, of_label >= highest)
    assert found.recall[label].share == pytest.approx(said[y == place].mean())
    assert said[y == place].mean() >= wanted


@given(held_out(), SHARES, st.sampled_from(NAMES))
def test_by_precision_it_is_the_lowest_threshold_of_whose_alarms_so_many_are_right(
    rows: tuple[np.ndarray, np.ndarray], wanted: float, label: str
) -> None:
    y, p = rows
    place = NAMES.index(label)
    of_label = p if place else 1 - p
    precision, _, thresholds = precision_recall_curve(y == place, of_label)
    if not (precision[:-1] >= wanted).any():
        with pytest.raises(InvalidInput) as error:
            choose(LabelWish("precision", wanted, label), two(y, p))
        (way,) = error.value.remedies
        assert way.said in error.value.message
        best = choose(LabelWish("precision", way.body["precision"], way.body["label"]), two(y, p))
        assert best.precision[label].share == pytest.approx(precision[:-1].max())
        return
    found = choose(LabelWish("precision", wanted, label), two(y, p))
    said = given_by(found.rule, p) == place
    assert np.array_equal(said, of_label >= thresholds[precision[:-1] >= wanted].min())
    assert (y[said] == place).mean() >= wanted


@given(held_out(), st.integers(0, 100), st.sampled_from(NAMES))
def test_what_a_threshold_does_is_what_scikit_learn_counts(
    rows: tuple[np.ndarray, np.ndarray], percent: int, label: str
) -> None:
    y, p = rows
    rule = choose(LabelWish("threshold", percent / 100, label), two(y, p)).rule
    assert (rule.label, rule.threshold) == (label, percent / 100)
    expected = confusion_matrix(y, given_by(rule, p), labels=[0, 1])
    assert np.array_equal(answered(rule, two(y, p)).confusion, expected)
    usual = confusion_matrix(y, np.argmax(np.column_stack([1 - p, p]), axis=1), labels=[0, 1])
    assert np.array_equal(answered(None, two(y, p)).confusion, usual)


@given(st.integers(1, 200), st.data())
def test_the_interval_is_that_of_scipy(rows: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, rows))
    found, other = wilson(hits, rows), binomtest(hits, rows).proportion_ci(method="wilson")
    assert (found.low, found.high) == (pytest.approx(other.low, abs=1e-12), pytest.approx(other.high))
    assert found.low is not None and found.high is not None and found.share is not None
    assert found.low <= found.share <= found.high


def calibrated(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.uniform(size=rows) ** 3
    return (rng.uniform(size=rows) < p).astype(np.int64), p


@pytest.mark.parametrize("seed", range(5))
def test_of_calibrated_probabilities_the_threshold_by_costs_is_that_of_theory(seed: int) -> None:
    found = choose(LabelWish("costs", costs={"yes": 9.0}), two(*calibrated(400, seed)))
    assert found.rule == LabelRule("yes", 0.1)
    assert found.cost is not None and found.usual_cost is not None
    assert found.cost < found.usual_cost
    assert "that of theory" in found.sentence


def test_of_probabilities_that_are_not_calibrated_it_is_the_cheapest_on_the_rows() -> None:
    y, p = calibrated(2000)
    halved = p / 4  # as if the class were rarer
    found = choose(LabelWish("costs", costs={"yes": 1.0}), two(y, halved))
    assert found.rule.threshold == pytest.approx(0.125, abs=0.02)
    assert "not calibrated" in found.sentence
    lost = [(given_by(LabelRule("yes", one), halved) != y).mean() for one in np.linspace(0, 1, 200)]
    assert found.cost is not None
    assert found.cost <= min(lost) + 1e-12


def test_the_class_that_costs_more_is_the_one_that_is_looked_for() -> None:
    found = choose(LabelWish("costs", costs={"no": 9.0}), two(*calibrated(400)))
    assert found.rule == LabelRule("no", 0.1)


@pytest.mark.parametrize("seed", range(3))
def test_of_many_classes_the_label_is_what_costs_least(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(4), size=50)
    y, costs = rng.integers(0, 4, 50), {"b": 5.0, "d": 0.5}
    found = choose(LabelWish("costs", costs=costs), outcomes(y, p, "abcd"))
    missed = np.array([1.0, 5.0, 1.0, 0.5])
    expected = [int(np.argmin([missed @ one - missed[k] * one[k] for k in range(4)])) for one in p]
    assert labels(found.rule, "abcd", p).tolist() == expected
    assert found.cost == pytest.approx(np.where(expected == y, 0.0, missed[y]).mean())
    assert np.array_equal(
        answered(found.rule, outcomes(y, p, "abcd")).confusion, confusion_matrix(y, expected)
    )


def test_the_rarer_class_is_meant_if_none_is_named() -> None:
    kept = two([0, 0, 0, 1], [0.1, 0.2, 0.6, 0.5])
    assert rarer(kept) == "yes"
    found = choose(LabelWish("recall", 0.9), kept)
    assert (found.wish.label, found.rule.label) == ("yes", "yes")
    assert choose(LabelWish("recall", 0.9), two([1, 1, 1, 0], [0.1, 0.2, 0.6, 0.5])).rule.label == "no"


def test_a_class_may_be_called_by_another_name_that_means_the_same() -> None:
    assert choose(LabelWish("recall", 1.0, "true"), two([0, 1], [0.1, 0.9])).wish.label == "yes"


THREE = outcomes(np.array([0, 1, 2]), np.eye(3), "abc")


@pytest.mark.parametrize(
    ("wish", "kept", "field"),
    [
        (LabelWish("recall", 0.9, "maybe"), two([0, 1], [0.1, 0.9]), "label"),
        (LabelWish("costs", costs={"maybe": 2.0}), two([0, 1], [0.1, 0.9]), "costs"),
        (LabelWish("costs", costs={"no": 0.0, "yes": 0.0}), two([0, 1], [0.1, 0.9]), "costs"),
        (LabelWish("costs", costs={"yes": np.inf}), two([0, 1], [0.1, 0.9]), "costs"),
        (LabelWish("costs", costs={"yes": -1.0}), two([0, 1], [0.1, 0.9]), "costs"),
        (LabelWish("recall", 0.9, "yes"), two([0, 0], [0.1, 0.9]), "recall"),
        (LabelWish("precision", 0.9), two([0, 0], [0.1, 0.9]), "precision"),
        (LabelWish("threshold", 0.5), THREE, "threshold"),
    ],
)
def test_what_cannot_be_wished_names_the_field(wish: LabelWish, kept: Outcomes, field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        choose(wish, kept)
    assert error.value.field == field
    assert all(way.said in error.value.message for way in error.value.remedies)


def test_a_threshold_can_be_given_where_no_row_of_the_class_was_held_out() -> None:
    found = choose(LabelWish("threshold", 0.5, "yes"), two([0, 0], [0.1, 0.9]))
    assert found.recall["yes"].share is None
    assert found.sentence.startswith("'yes' from P(yes) >= 0.5 on: catches none of 0 'yes'")
    assert "gives no alarm" in choose(LabelWish("threshold", 1.0, "yes"), two([0, 1], [0.1, 0.9])).sentence


def test_the_words_say_what_is_caught_and_how_many_alarms_are_right() -> None:
    y = [0] * 90 + [1] * 10
    p = [*np.linspace(0.0, 0.5, 90), *np.linspace(0.3, 0.9, 10)]
    assert choose(LabelWish("recall", 0.9, "yes"), two(y, p)).sentence == (
        "'yes' from P(yes) >= 0.366 on: catches 90 % of 10 'yes' (60 to 98 %), 27 % of 33 alarms (15 to 44 %) are "
        "right; accuracy 0.75 on 100 held-out rows"
    )


def test_a_rule_goes_on_with_other_rows_as_long_as_they_have_its_classes() -> None:
    before = choose(LabelWish("precision", 1.0, "yes"), two([0, 1], [0.1, 0.9]))
    after = kept_rule(before, two([0, 1, 0], [0.1, 0.95, 0.92]))
    assert after is not None
    assert (after.wish, after.rule) == (before.wish, before.rule)
    assert after.precision["yes"].share == 0.5
    assert kept_rule(before, THREE) is None
    assert kept_rule(before, outcomes(np.array([0, 1]), np.eye(2), ["no", "oui"])) is None
    costly = choose(LabelWish("costs", costs={"b": 2.0}), THREE)
    assert kept_rule(costly, THREE) == costly
    assert kept_rule(costly, two([0, 1], [0.1, 0.9])) is None


def test_of_very_many_classes_those_are_told_that_cost_most() -> None:
    names = [f"c{k:03}" for k in range(100)]
    kept = outcomes(np.arange(100), np.eye(100), names)
    found = choose(LabelWish("costs", costs={"c077": 3.0}), kept)
    assert "c077" in found.recall and len(found.recall) == len(found.precision) == 20
    assert "catches 100 % of 1 'c077'" in found.sentence


@pytest.mark.parametrize(("cost", "said"), [(-1.0, "-1"), (np.inf, "inf"), (np.nan, "nan"), (2e12, "2e+12")])
def test_a_cost_that_cannot_be_is_named_with_its_class(cost: float, said: str) -> None:
    with pytest.raises(
        InvalidInput, match=rf"the cost of 'yes' must be from 0 to 1e\+12, not {re.escape(said)};"
    ):
        choose(LabelWish("costs", costs={"no": 1.0, "yes": cost}), two([0, 1], [0.1, 0.9]))


def test_of_many_classes_the_sentence_says_of_how_many_rows_its_figures_are() -> None:
    rng = np.random.default_rng(0)
    for rows, said in (
        (4000, "on 4000 held-out rows"),
        (9000, "on 4000 of 9000 held-out rows, spread evenly"),
    ):
        p = rng.dirichlet(np.ones(5), rows)
        found = choose(LabelWish("costs", costs={"b": 5.0}), outcomes(rng.integers(0, 5, rows), p, "abcde"))
        assert f" {said}" in found.sentence
