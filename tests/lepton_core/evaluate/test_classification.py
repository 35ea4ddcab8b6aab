import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from lepton_core.evaluate import (
    accuracy_score,
    brier_score,
    confusion_matrix,
    log_loss,
    precision_recall_f1,
)
from tests.support.sampling import examples


@st.composite
def scored(draw):
    """Class indices and probabilities on a coarse grid, so that ties, zeros and ones occur."""
    n_classes, rows = draw(st.integers(2, 5)), draw(st.integers(1, 40))
    y = draw(st.lists(st.integers(0, n_classes - 1), min_size=rows, max_size=rows))
    row = st.lists(st.integers(0, 8), min_size=n_classes, max_size=n_classes).filter(any)
    weights = np.array(draw(st.lists(row, min_size=rows, max_size=rows)), dtype=np.float64)
    return np.array(y), weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(100))
@given(scored())
def test_counts_and_rates_agree_with_scikit_learn(case):
    y, probabilities = case
    predicted, labels = probabilities.argmax(axis=1), range(probabilities.shape[1])

    confusion = confusion_matrix(y, predicted, probabilities.shape[1])
    ours = precision_recall_f1(confusion)

    assert accuracy_score(y, predicted) == pytest.approx(metrics.accuracy_score(y, predicted), abs=1e-12)
    np.testing.assert_array_equal(confusion, metrics.confusion_matrix(y, predicted, labels=labels))
    theirs = metrics.precision_recall_fscore_support(y, predicted, labels=labels, zero_division=0)
    for mine, oracle in zip((ours.precision, ours.recall, ours.f1, ours.support), theirs, strict=True):
        np.testing.assert_allclose(mine, oracle, rtol=0, atol=1e-12)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(100))
@given(scored())
def test_log_loss_and_brier_score_agree_with_scikit_learn(case):
    y, probabilities = case
    labels = np.arange(probabilities.shape[1])

    theirs = metrics.log_loss(y, y_proba=probabilities, labels=labels)
    assert log_loss(y, probabilities) == pytest.approx(theirs, rel=1e-12, abs=1e-12)
    if len(labels) == 2:
        brier = metrics.brier_score_loss(y, y_proba=probabilities[:, 1], labels=[0, 1], pos_label=1)
    else:
        brier = metrics.brier_score_loss(y, y_proba=probabilities, labels=labels)
    assert brier_score(y, probabilities) == pytest.approx(brier, abs=1e-12)


def test_a_certain_mistake_costs_a_finite_loss():
    assert log_loss(np.array([0]), np.array([[0.0, 1.0]])) == pytest.approx(36.0436533891)
    assert log_loss(np.array([1]), np.array([[0.0, 1.0]])) == pytest.approx(0, abs=1e-15)


def test_accuracy_of_unlike_shapes_is_refused():
    with pytest.raises(ValueError, match="two equal, non-empty shapes"):
        accuracy_score(np.array([0, 1]), np.array([0]))
    with pytest.raises(ValueError, match="two equal, non-empty shapes"):
        accuracy_score(np.array([]), np.array([]))
