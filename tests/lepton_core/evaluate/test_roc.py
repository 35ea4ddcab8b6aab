import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from lepton_core.evaluate import Roc, auc, roc_auc, roc_curve
from tests.support.sampling import examples


@st.composite
def ranked(draw):
    """Rows of both kinds; scores from a coarse grid (many ties) or anywhere."""
    rows = draw(st.integers(2, 60))
    positive = draw(
        st.lists(st.integers(0, 1), min_size=rows, max_size=rows).filter(lambda y: len(set(y)) == 2)
    )
    score = draw(st.sampled_from([st.integers(0, 5).map(float), st.floats(-1e6, 1e6), st.just(0.5)]))
    return np.array(positive), np.array(draw(st.lists(score, min_size=rows, max_size=rows)))


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(200))
@given(ranked())
def test_curve_and_area_agree_with_scikit_learn(case):
    positive, scores = case

    curve = roc_curve(positive, scores)

    thresholds = (np.inf, *curve.thresholds[1:])
    for mine, oracle in zip((curve.fpr, curve.tpr, thresholds), metrics.roc_curve(*case), strict=True):
        np.testing.assert_allclose(mine, oracle, rtol=0, atol=1e-12)
    assert roc_auc(positive, scores) == pytest.approx(metrics.roc_auc_score(positive, scores), abs=1e-12)


@settings(deadline=None, max_examples=examples(100))
@given(ranked())
def test_the_area_is_the_chance_to_outscore_with_ties_counting_half(case):
    positive, scores = case
    differences = scores[positive == 1][:, None] - scores[positive == 0][None, :]

    assert roc_auc(*case) == pytest.approx(np.mean((np.sign(differences) + 1) / 2), abs=1e-12)


def test_the_area_is_undefined_with_one_kind_of_row():
    for kind in (0, 1):
        y = np.full(3, kind)
        assert roc_auc(y, np.array([0.1, 0.2, 0.3])) is None
        with pytest.raises(ValueError, match="rows of other classes"):
            roc_curve(y, np.array([0.1, 0.2, 0.3]))


def test_the_area_needs_ascending_points():
    with pytest.raises(ValueError, match="ascending"):
        auc(np.array([0.0, 1.0, 0.5]), np.array([0.0, 0.5, 1.0]))
    with pytest.raises(ValueError, match="two points"):
        auc(np.array([0.0]), np.array([0.0]))


@pytest.mark.parametrize("most", [2, 50, 200])
def test_a_thinned_curve_stays_close_to_the_full_one(most):
    random = np.random.default_rng(0)
    positive = random.integers(0, 2, 20_000)
    full = roc_curve(positive, random.normal(size=20_000) + positive)

    thin = full.thinned(most)

    assert len(full.fpr) > 5000
    assert 2 <= len(thin.fpr) <= most
    assert (thin.fpr[0], thin.tpr[0], thin.thresholds[0]) == (0.0, 0.0, None)
    assert (thin.fpr[-1], thin.tpr[-1]) == (1.0, 1.0)
    along = np.add(full.fpr, full.tpr)
    nearest = np.abs(along[:, None] - np.add(thin.fpr, thin.tpr)[None, :]).min(axis=1)
    assert nearest.max() <= 2 / (most - 1) + 1e-12
    assert full.thinned(len(full.fpr)) is full


@settings(deadline=None, max_examples=25)
@given(ranked())
def test_a_curve_survives_json(case):
    curve = roc_curve(*case)

    assert curve.thresholds[0] is None
    assert msgspec.json.decode(msgspec.json.encode(curve), type=Roc) == curve


@pytest.mark.parametrize(
    "data",
    [
        {"fpr": [0.0], "tpr": [0.0]},
        {"fpr": [0.0], "tpr": ["x"], "thresholds": [None]},
        {"fpr": [0.0, 1.0], "tpr": [0.0], "thresholds": [None]},
    ],
)
def test_what_is_not_a_curve_is_refused(data):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, Roc)
