"""What is kept of held-out rows: exact counts at thresholds that tell neighbours apart, and never too many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.decision import answered, choose, labels
from lepton_core.evaluate import LabelWish
from lepton_core.outcomes import MOST_PROBABILITIES, MOST_THRESHOLDS, between, outcomes


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30, unique=True))
def test_a_cut_lies_between_two_neighbours_or_is_the_upper_one(given_levels: list[float]) -> None:
    levels = np.sort(np.array(given_levels))
    low, high = levels[:-1], levels[1:]
    cuts = between(low, high)
    assert ((low < cuts) & (cuts <= high)).all()
    wide = high - low > 1e-6
    assert (cuts[wide] < high[wide]).all()


def test_a_cut_has_as_few_digits_as_there_can_be() -> None:
    assert between(np.array([0.1, 0.41, 0.123]), np.array([0.9, 0.43, 0.1234])).tolist() == [
        0.7,
        0.42,
        0.1233,
    ]


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=1, max_size=40))
def test_the_counts_are_those_of_the_rows_and_equal_ones_share_a_point(rows: list[tuple[int, int]]) -> None:
    y, p = np.array([one for one, _ in rows]), np.array([one / 9 for _, one in rows])
    kept = outcomes(y, np.column_stack([1 - p, p]), ["no", "yes"])
    assert kept.scores == tuple(sorted(set(p.tolist()), reverse=True))
    for cut, score, found, alarms in zip(kept.cuts, kept.scores, kept.found, kept.alarms, strict=True):
        assert found == ((p >= cut) & (y == 1)).sum() == ((p >= score) & (y == 1)).sum()
        assert alarms == ((p >= cut) & (y == 0)).sum()
    assert kept.support == ((y == 0).sum(), (y == 1).sum())
    assert kept.whole


@pytest.fixture(scope="module")
def many() -> tuple[np.ndarray, np.ndarray]:
    """More different probabilities than are kept; one row of a hundred is of the second class."""
    rng = np.random.default_rng(0)
    y = (rng.uniform(size=50_000) < 0.01).astype(np.int64)
    second = rng.beta(1 + 4 * y, 20)
    return y, np.column_stack([1 - second, second])


def test_of_many_probabilities_some_are_kept_and_their_counts_are_exact(
    many: tuple[np.ndarray, np.ndarray],
) -> None:
    y, p = many
    kept = outcomes(y, p, ["no", "yes"])
    assert not kept.whole and len(kept.scores) <= MOST_THRESHOLDS
    assert kept.found[-1] == y.sum() and kept.alarms[-1] == (y == 0).sum()
    for wish in (LabelWish("recall", 0.9), LabelWish("precision", 0.1), LabelWish("recall", 0.9, "no")):
        found = choose(wish, kept)
        label = labels(found.rule, ["no", "yes"], p)
        assert found.accuracy == (label == y).mean()
        assert found.measured_at is None
    assert found.rule.threshold is not None


def test_a_threshold_between_two_that_are_kept_is_measured_at_the_next_one(
    many: tuple[np.ndarray, np.ndarray],
) -> None:
    y, p = many
    kept = outcomes(y, p, ["no", "yes"])
    found = choose(LabelWish("threshold", 0.0712345), kept)
    assert found.measured_at == pytest.approx(0.0712, abs=0.001)
    assert "measured at" in found.sentence
    assert found.accuracy == pytest.approx((labels(found.rule, ["no", "yes"], p) == y).mean(), abs=0.001)


def test_of_more_classes_rows_are_kept_as_long_as_they_are_few_numbers() -> None:
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 5, 10_000), rng.dirichlet(np.ones(5), size=10_000)
    kept = outcomes(y, p, "abcde")
    assert len(kept.truth) == len(kept.probabilities) == MOST_PROBABILITIES // 5
    assert kept.rows == 10_000
    few = outcomes(y[:7], p[:7], "abcde")
    assert few.probabilities == tuple(map(tuple, p[:7].tolist()))
    assert answered(None, few).confusion.sum() == 7


def test_where_one_less_a_probability_is_one_no_promise_is_broken() -> None:
    second = np.array([1e-30, 1e-25, 1e-20, 0.5])
    y = np.array([0, 1, 0, 1])
    kept = outcomes(y, np.column_stack([1 - second, second]), ["no", "yes"])
    found = choose(LabelWish("recall", 0.5, "no"), kept)
    said = labels(found.rule, ["no", "yes"], np.column_stack([1 - second, second]))
    assert said.tolist() == [0, 0, 0, 1]
    assert found.recall["no"].hits == 2 and found.precision["no"].rows == 3
