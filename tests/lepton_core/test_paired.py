"""The tests of a difference: SciPy, formulas and counting are the judges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from lepton_core.paired import MOST_BLOCKS, compared_areas, compared_hits, compared_losses, student_quantile


def losses(m: int, seed: int = 0, better: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    champion = rng.exponential(size=m)
    return champion, champion - better + 0.3 * rng.normal(size=m) * champion


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 30, 157, 1999, 10**6])
@pytest.mark.parametrize("share", [0.9, 0.975, 0.9995])
def test_the_quantile_is_scipys(share: float, freedom: int) -> None:
    assert student_quantile(share, freedom) == pytest.approx(stats.t.ppf(share, freedom), rel=1e-6)


@pytest.mark.parametrize("m", [10, 158, 2000])
def test_the_interval_of_means_is_about_that_of_students_paired_test(m: int) -> None:
    champion, challenger = losses(m)
    found = compared_losses(champion, challenger)
    assert found is not None
    expected = stats.ttest_rel(champion, challenger).confidence_interval(0.95)
    assert found.difference == pytest.approx(np.mean(champion - challenger), abs=1e-12)
    assert (found.rows, found.blocks) == (m, m)
    width = expected.high - expected.low
    assert [found.low, found.high] == pytest.approx([expected.low, expected.high], abs=0.05 * width)
    power = stats.norm.ppf(0.8) + stats.t.ppf(0.975, m - 1)
    assert found.detectable == pytest.approx(power * found.error, rel=1e-6)


def test_many_rows_are_drawn_in_blocks_with_about_the_same_error() -> None:
    champion, challenger = losses(50_000)
    found = compared_losses(champion, challenger)
    assert found is not None
    assert (found.rows, found.blocks) == (50_000, MOST_BLOCKS)
    assert found.error == pytest.approx(np.std(champion - challenger) / math.sqrt(50_000), rel=0.06)


def test_the_difference_of_roots_has_the_error_of_the_delta_method() -> None:
    rng = np.random.default_rng(1)
    first, second = np.square(rng.normal(size=(2, 3000))) * [[4.0], [3.0]]
    found = compared_losses(first, second, root=True)
    assert found is not None
    roots = math.sqrt(first.mean()), math.sqrt(second.mean())
    assert found.difference == pytest.approx(roots[0] - roots[1])
    expected = np.std(first / (2 * roots[0]) - second / (2 * roots[1])) / math.sqrt(3000)
    assert found.error == pytest.approx(expected, rel=0.06)


def test_rows_that_belong_together_are_one_piece_of_evidence() -> None:
    champion, challenger = losses(40)
    blocks = np.repeat(np.arange(40), 25)
    found, alone = (
        compared_losses(np.repeat(champion, 25), np.repeat(challenger, 25), blocks=by)
        for by in (blocks, None)
    )
    each = compared_losses(champion, challenger)
    assert found is not None and alone is not None and each is not None
    assert (found.rows, found.blocks) == (1000, 40)
    assert found.error == pytest.approx(each.error)
    assert alone.error < 0.3 * found.error


def test_a_number_of_a_block_without_rows_is_no_block() -> None:
    champion, challenger = losses(4)
    found = compared_losses(champion, challenger, blocks=np.array([0, 7, 7, 9]))
    assert found is not None and found.blocks == 3


@pytest.mark.parametrize("blocks", [None, np.zeros(5, dtype=np.int64)])
def test_one_block_shows_nothing(blocks: np.ndarray | None) -> None:
    m = 1 if blocks is None else 5
    assert compared_losses(np.ones(m), np.zeros(m), blocks=blocks) is None


def test_equal_losses_differ_by_nothing() -> None:
    found = compared_losses(np.ones(20), np.ones(20))
    assert found is not None
    assert (found.difference, found.error, found.low, found.high, found.detectable) == (0, 0, 0, 0, 0)


@given(st.integers(0, 10**6), st.integers(0, 2))
def test_areas_are_scikit_learns_and_their_error_is_that_of_all_pairs(seed: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random(40) < 0.4
    scores = [np.round(truth + 2 * rng.normal(size=40), digits) for _ in range(2)]
    found = compared_areas(truth, *scores)
    if min(truth.sum(), (~truth).sum()) < 2:
        assert found is None
        return
    assert found is not None
    areas = [roc_auc_score(truth, one) for one in scores]
    assert [found.champion, found.challenger] == pytest.approx(areas)
    # DeLong by its definition: each positive against each negative.
    pairs = [
        (one[truth][:, None] > one[~truth]) + 0.5 * (one[truth][:, None] == one[~truth]) for one in scores
    ]
    variance = sum(
        np.var((pairs[0] - pairs[1]).mean(axis=axis), ddof=1) / pairs[0].shape[1 - axis] for axis in (0, 1)
    )
    assert found.error == pytest.approx(math.sqrt(variance), abs=1e-12)
    if found.error > 0:
        z = abs(areas[0] - areas[1]) / found.error
        assert found.p == pytest.approx(2 * stats.norm.sf(z), rel=1e-6)


def test_equal_scores_have_equal_areas() -> None:
    truth, scores = np.array([True, False] * 10), np.arange(20.0)
    found = compared_areas(truth, scores, scores)
    assert found is not None
    assert (found.error, found.p) == (0.0, 1.0)


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 0), (8, 2), (40, 60), (500, 500)])
def test_hits_are_compared_exactly(b: int, c: int) -> None:
    found = compared_hits(np.repeat([True, False], [b, c]), np.repeat([False, True], [b, c]))
    expected = stats.binomtest(b, b + c).pvalue if b + c else 1.0
    assert (found.champion_only, found.challenger_only) == (b, c)
    assert found.p == pytest.approx(expected)


def test_many_hits_are_compared_about_as_exactly() -> None:
    b, c = 2400, 2600
    found = compared_hits(np.repeat([True, False], [b, c]), np.repeat([False, True], [b, c]))
    assert found.p == pytest.approx(stats.binomtest(b, b + c).pvalue, rel=2e-3)
