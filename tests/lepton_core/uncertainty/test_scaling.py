"""Platt's sigmoid and temperature scaling: lines on the scale of the log-odds, each the best of its kind."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from lepton_core.errors import InvalidArtifact
from lepton_core.models.calibrate import fit_sigmoid
from lepton_core.uncertainty.scaling import Scaling

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int, classes: int, m: int = 120, slope: float = 0.5) -> tuple[Any, Any]:
    """Probabilities that are too sure: the truth is drawn by log-odds of ``slope`` times theirs."""
    rng = np.random.default_rng(seed)
    logs = rng.normal(scale=2.0, size=(m, classes))
    truth = softmax(slope * logs, axis=1)
    return softmax(logs, axis=1), (truth.cumsum(axis=1) < rng.random((m, 1))).sum(axis=1).clip(0, classes - 1)


@settings(max_examples=30)
@given(SEEDS, st.integers(3, 5))
def test_the_temperature_is_where_the_cross_entropy_with_platts_targets_is_least(
    seed: int, classes: int
) -> None:
    output, y = drawn(seed, classes)
    logs, counts = np.log(output), np.bincount(y, minlength=classes)
    sure = ((counts + 1) / (counts + 2))[y]
    targets = np.tile(((1 - sure) / (classes - 1))[:, None], classes)
    targets[np.arange(len(y)), y] = sure

    def loss(slope: float) -> float:
        return -float((targets * log_softmax(slope * logs, axis=1)).sum())

    best = minimize_scalar(loss, bounds=(0.0, 20.0), method="bounded", options={"xatol": 1e-9})
    found = Scaling.fit(output, y, np.ones(len(y)))
    assert found.offset == 0.0
    assert loss(found.slope) <= best.fun + 1e-9 * abs(best.fun)


def test_of_two_classes_it_is_platts_sigmoid_of_the_log_odds() -> None:
    output, y = drawn(0, 2)
    found = Scaling.fit(output, y, np.ones(len(y)))
    slope, offset = fit_sigmoid(np.log(output[:, 1] / output[:, 0]), y == 1, np.ones(len(y)))
    assert (found.slope, found.offset) == pytest.approx((slope, offset))


@pytest.mark.parametrize("classes", [2, 3])
def test_what_is_too_sure_is_made_less_so(classes: int) -> None:
    found = Scaling.fit(*drawn(1, classes, m=20_000), np.ones(20_000))
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.offset == pytest.approx(0.0, abs=0.05)


@settings(max_examples=40)
@given(SEEDS, st.integers(2, 5))
def test_the_order_of_classes_stays_and_probabilities_sum_to_one(seed: int, classes: int) -> None:
    output, y = drawn(seed, classes)
    made = Scaling.fit(output, y, np.ones(len(y)))
    found = made.calibrated(output)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
    if classes == 2:
        assert (np.diff(found[np.argsort(output[:, 1]), 1]) >= 0).all()
    elif made.slope > 0:
        assert (found.argmax(axis=1) == output.argmax(axis=1)).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_rows_that_are_all_right_do_not_lead_to_certainty_nor_those_that_are_all_sure(classes: int) -> None:
    y = np.arange(30) % classes
    made = Scaling.fit(np.eye(classes)[y] * 0.9 + 0.1 / classes, y, np.ones(30))
    assert made.calibrated(np.eye(classes)).min() > 0
    sure = Scaling.fit(np.eye(classes)[y], y, np.ones(30)).calibrated(np.eye(classes))
    assert np.isfinite(sure).all() and sure.min() > 0


def test_probabilities_that_say_nothing_are_levelled() -> None:
    y = np.arange(40) % 2
    assert Scaling.fit(np.full((40, 2), 0.5), y, np.ones(40)).slope == 0.0
    wrong = Scaling.fit(
        softmax(5.0 * np.eye(3)[(np.arange(60) + 1) % 3], axis=1), np.arange(60) % 3, np.ones(60)
    )
    assert wrong.slope == pytest.approx(0.0, abs=1e-9)


def test_a_row_that_counts_twice_is_two_rows() -> None:
    output, y = drawn(2, 3, m=60)
    share = np.ones(60)
    share[:20] = 2.0
    twice = Scaling.fit(np.r_[output, output[:20]], np.r_[y, y[:20]], np.ones(80))
    assert Scaling.fit(output, y, share).slope == pytest.approx(twice.slope, rel=1e-9)


@pytest.mark.parametrize(
    "said",
    [
        {"slope": -1.0, "offset": 0.0},
        {"slope": float("nan"), "offset": 0.0},
        {"slope": 1e7, "offset": 0.0},
        {"slope": 1.0, "offset": float("inf")},
        {"slope": 1, "offset": 0.0},
        {"slope": 1.0, "offset": 0.5},
    ],
)
def test_what_is_no_line_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidArtifact):
        Scaling.unpacked(said, 3)
