"""Isotonic regression is scikit-learn's, and its curves are probabilities that never fall."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from lepton_core.errors import InvalidArtifact
from lepton_core.uncertainty.isotonic import MOST_STEPS, Isotonic, fit_curve, pooled

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=60)
@given(SEEDS, st.integers(1, 60))
def test_pooled_values_are_those_of_scikit_learn(seed: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    y, weights = rng.integers(0, 4, m).astype(float), rng.integers(1, 5, m).astype(float)
    theirs = IsotonicRegression().fit_transform(np.arange(m), y, sample_weight=weights)
    np.testing.assert_allclose(pooled(y, weights), theirs, atol=1e-12)


@settings(max_examples=60)
@given(SEEDS, st.integers(2, 200), st.booleans())
def test_a_curve_is_that_of_scikit_learn_within_its_ends(seed: int, m: int, weighted: bool) -> None:
    """Rows of equal probability are taken together, weights count, and between two points it is a line."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.random(m), 1 + seed % 3)
    positive = rng.random(m) < p
    share = rng.integers(0, 3, m).astype(float) + (np.arange(m) == 0) if weighted else np.ones(m)
    ours = fit_curve(p, positive, share)
    up, down = share[positive].sum(), share[~positive].sum()
    low, high = 1 / (down + 2), (up + 1) / (up + 2)
    theirs = IsotonicRegression(y_min=low, y_max=high, out_of_bounds="clip")
    theirs.fit(p[share > 0], positive[share > 0], sample_weight=share[share > 0])
    asked = np.linspace(0, 1, 101)
    np.testing.assert_allclose(ours(asked), theirs.predict(asked), atol=1e-9)


@settings(max_examples=40)
@given(SEEDS, st.integers(2, 4))
def test_probabilities_sum_to_one_and_two_rows_are_never_turned_round(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    output = rng.dirichlet(np.ones(classes), 80)
    y = rng.integers(0, classes, 80)
    found = Isotonic.fit(output, y, np.ones(80)).calibrated(output)
    assert (found > 0).all() and (found < 1).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
    if classes == 2:
        assert (np.diff(found[np.argsort(output[:, 1]), 1]) >= 0).all()


def test_what_never_happened_may_still_happen() -> None:
    p = np.linspace(0, 1, 20)
    made = fit_curve(p, p > 0.5, np.ones(20))
    assert made(np.array([0.0, 1.0])).tolist() == [1 / 12, 11 / 12]


def test_a_long_curve_is_thinned_and_stays_near() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(60_000)
    y = np.clip(p + rng.normal(scale=1e-7, size=len(p)), 0, 1)  # nearly every row is a step of its own
    made = fit_curve(p, y > 0.5, np.ones(len(p)))
    assert len(made.x) <= MOST_STEPS
    order = np.sort(p)
    many = Isotonic((made,)).packed()[0]["isotonic.counts"]
    assert many.tolist() == [len(made.x)]
    assert (np.diff(made(order)) >= 0).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_what_was_packed_is_unpacked_to_the_same_bits(classes: int) -> None:
    rng = np.random.default_rng(1)
    output = rng.dirichlet(np.ones(classes), 50)
    made = Isotonic.fit(output, rng.integers(0, classes, 50), np.ones(50))
    again = Isotonic.unpacked(made.packed()[0], classes)
    assert again.calibrated(output).tobytes() == made.calibrated(output).tobytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("isotonic.y", [0.5, 0.4]),
        ("isotonic.y", [0.0, 0.4]),
        ("isotonic.y", [0.3, np.nan]),
        ("isotonic.x", [0.5, 0.5]),
        ("isotonic.x", [0.5, 1.5]),
        ("isotonic.x", [[0.1, 0.2]]),
        ("isotonic.counts", [1]),
        ("isotonic.counts", [1, 1]),
    ],
)
def test_points_that_are_no_curve_are_refused(name: str, value: list[float]) -> None:
    sound = {
        "isotonic.x": np.array([0.1, 0.9]),
        "isotonic.y": np.array([0.3, 0.4]),
        "isotonic.counts": np.array([2]),
    }
    Isotonic.unpacked(sound, 2)
    kind = np.int64 if name == "isotonic.counts" else np.float64
    with pytest.raises(InvalidArtifact):
        Isotonic.unpacked(sound | {name: np.array(value, kind)}, 2)
