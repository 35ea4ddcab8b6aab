"""Measured coverage is the share of rows inside, with Wilson's interval; rows that belong together count for less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from lepton_core.evaluate import calibration_error
from lepton_core.uncertainty.measured import measured


@given(st.integers(1, 2000), st.floats(0, 1))
def test_the_interval_is_that_of_scipy(rows: int, share: float) -> None:
    inside = np.arange(rows) < round(share * rows)
    found = measured(0.9, inside, 1.0, None, sets=True)
    theirs = binomtest(int(inside.sum()), rows).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert found.share == pytest.approx(inside.mean())


def test_the_sentence_says_all() -> None:
    found = measured(0.9, np.arange(158) >= 14, 12.345, None, sets=False)
    assert found.sentence == (
        "intervals of 90 %: 91 % of 158 held-out rows lie inside (86 to 95 %), their width is 12.35"
    )


def test_copies_of_a_row_are_one_piece_of_evidence() -> None:
    inside = np.random.default_rng(0).random(60) < 0.8
    alone = measured(0.8, inside, 1.0, None, sets=True)
    copied = measured(0.8, np.repeat(inside, 10), 1.0, np.repeat(np.arange(60), 10), sets=True)
    assert copied.share == pytest.approx(alone.share)
    assert copied.high - copied.low == pytest.approx(alone.high - alone.low, rel=0.05)
    never = measured(0.8, np.ones(600, dtype=bool), 1.0, np.repeat(np.arange(60), 10), sets=True)
    assert never.low == pytest.approx(measured(0.8, np.ones(60, dtype=bool), 1.0, None, sets=True).low)


def test_the_calibration_error_is_the_mean_gap_weighted_by_rows() -> None:
    p = np.array([0.05, 0.05, 0.95, 0.95, 0.95])
    y = np.array([0, 1, 1, 1, 0])
    expected = 2 / 5 * abs(0.05 - 0.5) + 3 / 5 * abs(0.95 - 2 / 3)
    assert calibration_error(y, np.stack([1 - p, p], axis=1)) == pytest.approx(expected)
    rng = np.random.default_rng(0)
    of_three = rng.dirichlet(np.ones(3), 5000)
    truth = (of_three.cumsum(axis=1) < rng.random((5000, 1))).sum(axis=1)
    assert calibration_error(truth, of_three) < 0.02 < calibration_error(truth, of_three[:, ::-1])


@pytest.mark.parametrize(
    ("size", "said"), [(1.0, "1 class"), (1.001, "1 class"), (1.25, "1.25 classes"), (2.0, "2 classes")]
)
def test_a_set_of_one_has_one_class(size: float, said: str) -> None:
    found = measured(0.9, np.arange(100) >= 8, size, None, sets=True)
    assert found.sentence.endswith(f", the mean set has {said}")
