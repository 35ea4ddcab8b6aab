import json
from dataclasses import asdict

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics

from lepton_core.errors import InvalidData
from lepton_core.evaluate import RegressionReport, regression_report

numbers = st.one_of(st.integers(-5, 5).map(float), st.floats(-1e9, 1e9))


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=50))
def test_figures_agree_with_scikit_learn(pairs):
    y, p = (np.array(column) for column in zip(*pairs, strict=True))

    report = regression_report(y, p)

    assert report.rmse == pytest.approx(metrics.root_mean_squared_error(y, p), rel=1e-12)
    assert report.mae == pytest.approx(metrics.mean_absolute_error(y, p), rel=1e-12)
    assert report.mean_residual == pytest.approx(np.mean(y - p), rel=1e-12, abs=1e-300)
    if len(y) == 1:
        assert report.r2 is None
    else:
        assert report.r2 == pytest.approx(metrics.r2_score(y, p), rel=1e-12, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=20))
def test_figures_scale_with_the_target_up_to_the_largest_numbers(pairs):
    y, p = (np.array(column) for column in zip(*pairs, strict=True))
    assume(np.abs(y - p).max() > 1e-3 and np.ptp(y) > 1e-3)
    plain, huge = regression_report(y, p), regression_report(y * 1e300, p * 1e300)

    assert huge.rmse == pytest.approx(plain.rmse * 1e300, rel=1e-9)
    assert huge.mae == pytest.approx(plain.mae * 1e300, rel=1e-9)
    assert huge.r2 == pytest.approx(plain.r2, rel=1e-9, abs=1e-9)


def test_figures_stay_within_json_at_the_end_of_the_range():
    report = regression_report(np.array([1.7e308, -1.7e308]), np.array([-1.7e308, 1.7e308]))

    assert json.loads(json.dumps(asdict(report), allow_nan=False)) == asdict(report) | {
        "baselines": [],
        "coverages": [],
    }


def test_a_constant_target_is_explained_wholly_or_not_at_all():
    assert regression_report(np.array([2.0, 2.0]), np.array([2.0, 2.0])).r2 == 1
    assert regression_report(np.array([2.0, 2.0]), np.array([2.0, 2.5])).r2 == 0


def test_unusable_input_is_refused():
    with pytest.raises(InvalidData, match="no row"):
        regression_report(np.array([]), np.array([]))
    with pytest.raises(ValueError, match="equal shapes"):
        regression_report(np.array([1.0]), np.array([[1.0]]))
    with pytest.raises(ValueError, match="finite"):
        regression_report(np.array([1.0]), np.array([np.nan]))


def test_a_report_survives_json_and_a_field_that_does_not_is_named():
    report = regression_report(np.array([1.0]), np.array([1.1]))

    assert msgspec.json.decode(msgspec.json.encode(report), type=RegressionReport) == report
    with pytest.raises(msgspec.ValidationError, match="mae"):
        msgspec.convert({**asdict(report), "mae": None}, RegressionReport)
    with pytest.raises(msgspec.ValidationError, match="r2"):
        msgspec.convert({"rmse": 1.0, "mae": 1.0, "mean_residual": 0.0}, RegressionReport)
