import msgspec
import numpy as np
import pytest
import sklearn.calibration
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.evaluate import Calibration, calibration_curve

tenths = st.integers(0, 10).map(lambda n: n / 10)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.booleans(), st.one_of(tenths, st.floats(0, 1))), min_size=2, max_size=60).filter(
        lambda rows: len({positive for positive, _ in rows}) == 2
    ),
    st.sampled_from([1, 5, 10]),
)
def test_bins_agree_with_scikit_learn_even_on_their_edges(rows, bins):
    positive, probability = (np.array(column) for column in zip(*rows, strict=True))

    curve = calibration_curve(positive, probability, bins)

    came_true, predicted = sklearn.calibration.calibration_curve(positive, probability, n_bins=bins)
    filled = [i for i, count in enumerate(curve.count) if count]
    np.testing.assert_allclose([curve.fraction_positive[i] for i in filled], came_true, atol=1e-12)
    np.testing.assert_allclose([curve.mean_predicted[i] for i in filled], predicted, atol=1e-12)
    assert sum(curve.count) == len(rows)
    assert len(curve.count) == bins
    assert all(
        curve.mean_predicted[i] is None and curve.fraction_positive[i] is None
        for i in range(bins)
        if i not in filled
    )


def test_a_curve_survives_json():
    curve = calibration_curve(np.array([0, 1]), np.array([0.05, 0.95]))

    assert msgspec.json.decode(msgspec.json.encode(curve), type=Calibration) == curve


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"mean_predicted": [None], "fraction_positive": ["x"], "count": [1]},
        {"mean_predicted": [None], "fraction_positive": [None], "count": [0, 0]},
    ],
)
def test_what_is_not_a_curve_is_refused(data):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, Calibration)
