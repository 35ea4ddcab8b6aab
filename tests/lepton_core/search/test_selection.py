"""The choice of a blend: never worse than its best member on the rows it was chosen by, and no larger than allowed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from lepton_core.search.selection import STEPS, Selection, is_shown_worse, losses_of, of_weights, select

seeds = st.integers(0, 10**6)


def noisy(rng: np.random.Generator, y: np.ndarray, models: int) -> list[np.ndarray]:
    """Predictions of so many models, each as good as the others, whose errors are their own."""
    return [y + rng.normal(size=len(y)) for _ in range(models)]


@settings(max_examples=40, deadline=None)
@given(seed=seeds, models=st.integers(1, 6), most=st.integers(1, 6))
def test_it_is_never_worse_than_the_best_alone_and_has_no_more_members_than_it_may(
    seed: int, models: int, most: int
) -> None:
    rng = np.random.default_rng(seed)
    y = rng.normal(size=80)
    outputs = noisy(rng, y, models)
    found = select(outputs, y, most)
    assert found.loss <= min(np.sqrt(np.mean((one - y) ** 2)) for one in outputs) + 1e-12
    assert 1 <= np.count_nonzero(found.weights) <= most
    assert sum(found.weights) == pytest.approx(1.0)
    assert all(weight >= 0 for weight in found.weights)
    blend = sum(weight * one for weight, one in zip(found.weights, outputs, strict=True))
    assert found.loss == pytest.approx(float(np.sqrt(np.mean((blend - y) ** 2))))


def test_weights_come_near_those_of_least_squares() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=2000)
    outputs = [y + scale * rng.normal(size=len(y)) for scale in (1.0, 1.0, 2.0)]
    found = select(outputs, y, 3)
    best = minimize(
        lambda w: np.mean((np.average(outputs, axis=0, weights=np.abs(w)) - y) ** 2), [1.0, 1.0, 1.0]
    )
    wanted = np.abs(best.x) / np.abs(best.x).sum()
    np.testing.assert_allclose(found.weights, wanted, atol=2 / STEPS)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_where_all_stay_each_has_a_weight(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.normal(size=50)
    outputs = [*noisy(rng, y, 3), rng.normal(size=50) * 9]
    assert all(weight > 0 for weight in select(outputs, y, 4, all=True).weights)


def test_a_member_that_takes_next_to_nothing_off_the_loss_is_left_out() -> None:
    y = np.random.default_rng(0).normal(size=500)
    good = y + 0.1
    assert select([good, good + 1e-6], y, 5).weights in ((1.0, 0.0), (0.0, 1.0))


def test_classes_are_blended_by_their_log_odds_and_sure_ones_are_not_infinite() -> None:
    y = np.array([0, 1, 1, 0])
    sure = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    doubting = np.array([[0.6, 0.4], [0.2, 0.8], [0.4, 0.6], [0.6, 0.4]])
    found = select([sure, doubting], y, 2)
    assert np.isfinite(found.loss) and found.loss <= -np.log([0.6, 0.8, 0.6, 0.6]).mean()


def test_what_is_shown_worse_is_worse_by_more_than_its_error() -> None:
    rng = np.random.default_rng(0)
    base = rng.random(400)

    def of(shift: float) -> Selection:
        return Selection((1.0,), 0.0, base + shift + 0.1 * rng.normal(size=400))

    assert is_shown_worse(of(0.1), of(0.0), 2.0)
    assert not is_shown_worse(of(-0.1), of(0.0), 2.0)
    assert not is_shown_worse(of(0.0), of(0.0), 3.0)
    assert not is_shown_worse(Selection((1.0,), 0.0, base), Selection((1.0,), 0.0, base), 1.0)


def test_losses_of_rows_are_log_losses_or_squares() -> None:
    assert losses_of(np.array([1.0, 3.0]), np.array([1.0, 1.0])).tolist() == [0.0, 4.0]
    found = losses_of(np.array([[0.25, 0.75]]), np.array([1]))
    assert found == pytest.approx([-np.log(0.75)])
    assert of_weights([np.array([1.0, 3.0])], np.array([1.0, 1.0]), [1.0]).loss == pytest.approx(np.sqrt(2))
