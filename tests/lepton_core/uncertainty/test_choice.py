"""Calibrated is where rows out of fold show that it helps by more than chance, and else nothing changes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from scipy.special import softmax

from lepton_core.promotion import row_losses
from lepton_core.uncertainty.choice import OutOfFoldRows, chosen, fitted
from lepton_core.uncertainty.isotonic import Isotonic
from lepton_core.uncertainty.scaling import Scaling


def rows(slope: float, m: int = 2000, classes: int = 2, seed: int = 0, **more: Any) -> OutOfFoldRows:
    """Predictions whose log-odds are true if they are multiplied by ``slope``."""
    rng = np.random.default_rng(seed)
    logs = rng.normal(scale=1.5, size=(m, classes))
    truth = softmax(slope * logs, axis=1)
    y = (truth.cumsum(axis=1) < rng.random((m, 1))).sum(axis=1).clip(0, classes - 1)
    return OutOfFoldRows(softmax(logs, axis=1), y, np.arange(m) % 5, **more)


def bent(m: int = 6000, seed: int = 0) -> OutOfFoldRows:
    """Probabilities that no line on the scale of the log-odds makes true."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.02, 0.98, m)
    y = (rng.random(m) < np.where(p > 0.5, 0.9, 0.4)).astype(np.int64)
    return OutOfFoldRows(np.stack([1 - p, p], axis=1), y, np.arange(m) % 5)


@pytest.mark.parametrize("classes", [2, 4])
def test_what_is_too_sure_is_calibrated_by_a_line(classes: int) -> None:
    given = rows(0.5, classes=classes)
    made, _, why = chosen(given)
    assert isinstance(made, Scaling) and why.chosen == "platt"
    assert made == fitted("platt", given.output, given.y, np.ones(len(given.y)))
    name = "Platt's sigmoid" if classes == 2 else "temperature scaling"
    assert why.sentence.startswith(f"calibrated by {name}: log loss ")
    none, platt, isotonic = why.tried
    assert (none.method, platt.method, isotonic.method) == ("none", "platt", "isotonic")
    assert none.comparison is None and platt.comparison is not None and platt.comparison.low > 0
    assert platt.calibration_error < none.calibration_error


def test_what_no_line_mends_is_calibrated_by_steps() -> None:
    made, _, why = chosen(bent())
    assert isinstance(made, Isotonic) and why.chosen == "isotonic"
    assert "isotonic regression" in why.sentence


def test_what_is_right_already_is_left_alone_in_nearly_all_samples() -> None:
    found = [chosen(rows(1.0, m=300, seed=seed)) for seed in range(60)]
    touched = [why for made, _, why in found if made is not None]
    assert len(touched) <= 4
    _, output, why = next(one for one in found if one[0] is None)
    assert why.sentence.startswith("not calibrated: log loss ")
    assert np.array_equal(output, rows(1.0, m=300, seed=[one[0] for one in found].index(None)).output)


def test_each_fold_is_calibrated_by_the_others() -> None:
    given = rows(0.5)
    _, output, why = chosen(given)
    inside = given.fold == 3
    others = fitted("platt", given.output[~inside], given.y[~inside], np.ones(int((~inside).sum())))
    np.testing.assert_array_equal(output[inside], others.calibrated(given.output[inside]))
    assert why.tried[1].log_loss == pytest.approx(row_losses(output, given.y).mean())


def test_one_fold_says_nothing() -> None:
    given = rows(0.5)
    alone = OutOfFoldRows(given.output, given.y, np.zeros(len(given.y), dtype=np.int64))
    made, output, why = chosen(alone)
    assert made is None and output is alone.output
    assert why.sentence == (
        "not calibrated: there is one fold only, and what it says cannot be tried on another one"
    )


def test_rows_that_count_in_one_fold_alone_say_nothing() -> None:
    """The other folds have nothing that it could be calibrated by."""
    given = rows(0.5)
    alone = replace(given, weights=np.where(given.fold == 2, 1.0, 0.0))
    made, output, why = chosen(alone)
    assert made is None and output is given.output and why.chosen == "none"
    assert why.sentence == (
        "not calibrated: one fold only has rows that count, and what it says cannot be tried on another one"
    )


@settings(max_examples=60)
@drawn(data=st.data())
def test_whatever_rows_count_the_output_stays_a_probability(data: st.DataObject) -> None:
    """Folds may be without weight, and so may all rows of a class."""
    m, classes = data.draw(st.integers(2, 30)), data.draw(st.integers(2, 3))
    given = rows(0.5, m=m, classes=classes, seed=data.draw(st.integers(0, 9)))
    weights = data.draw(st.lists(st.sampled_from([0.0, 0.0, 1.0, 3.0]), min_size=m, max_size=m).filter(any))
    fold = np.array(data.draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)))
    made, output, _ = chosen(replace(given, weights=np.array(weights), fold=fold))
    for found in (output, given.output if made is None else made.calibrated(given.output)):
        assert (found >= 0).all() and np.allclose(found.sum(axis=1), 1.0)


def test_a_few_large_groups_show_nothing() -> None:
    made, _, why = chosen(rows(0.5, blocks=np.arange(2000) % 4))
    assert made is None
    assert why.chosen == "none"


def test_rows_count_as_much_as_in_the_training() -> None:
    """What class weights have moved on purpose is not moved back."""
    given = rows(1.0, m=4000)
    shares = np.where(given.y == 1, 4.0, 1.0)
    p = given.output * [1.0, 4.0]
    moved = p / p.sum(axis=1, keepdims=True)
    back, _, _ = chosen(OutOfFoldRows(moved, given.y, given.fold))
    assert isinstance(back, Scaling) and back.offset == pytest.approx(-np.log(4.0), abs=0.2)
    kept, _, why = chosen(OutOfFoldRows(moved, given.y, given.fold, shares))
    assert kept is None
    assert "4000 rows out of fold, weighted" in why.sentence
