"""Whether a row is too large for a linear model depends on nothing but the row."""

import numpy as np
import pytest

from lepton_core.errors import InvalidData
from lepton_core.models.linear import scores

ROWS = [
    [1e308, 1e308, -1e308, -1e308, 1.0],
    [1e308, -1e308, 1e308, -1e308, 1.0],
    [8e307, 8e307, 1e307, 0.0, 0.0],
    [8.9e307, 8.9e307, 1.7e306, 0.0, 0.0],
    [9e307, 9e307, 0.0, 0.0, 0.0],
    [1.7e308, 1.7e308, 0.0, 0.0, 0.0],
    [1.0, 2.0, 3.0, 4.0, 5.0],
    [1.7976931348623157e308, 1e292, -1e292, 1e292, -1e292],
]
WEIGHTS = [
    np.ones(5),
    np.array([1.5, -1.0, 2.0, 1.0, 0.5]),
    np.stack([np.ones(5), np.arange(5.0), -np.ones(5)]),
]


def outcome(X: np.ndarray, weights: np.ndarray) -> object:
    try:
        return scores({"weights": weights, "intercept": np.zeros(len(np.atleast_2d(weights)))}, X).tolist()[0]
    except InvalidData as error:
        return 1 in (error.by_row or {})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("weights", WEIGHTS, ids=["ones", "others", "three classes"])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_has_one_outcome_whatever_its_companions(row: list[float], weights: np.ndarray) -> None:
    alone = outcome(np.array([row]), weights)
    for others in (1, 2, 7, 64, 500):
        X = np.concatenate([[row], np.full((others, 5), 0.5)])
        for order in ("C", "F"):
            assert outcome(np.array(X, order=order), weights) == alone


@pytest.mark.filterwarnings("error")
def test_terms_that_cancel_out_are_no_overflow() -> None:
    line = {"weights": np.ones(5), "intercept": np.array([2.0])}
    found = scores(line, np.array(ROWS[:3]))
    np.testing.assert_allclose(found, [0.0, 0.0, 1.7e308], rtol=1e-12, atol=4.0)
    with pytest.raises(InvalidData, match="row 1: the values are too large"):
        scores(line, np.array(ROWS[4:5]))
