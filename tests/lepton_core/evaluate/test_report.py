import warnings
from dataclasses import asdict

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import scale

from lepton_core.errors import InvalidData
from lepton_core.evaluate import ClassificationReport, classification_report
from tests.support.sampling import examples


def names(n):
    return [f"class {k}" for k in range(n)]


@st.composite
def scored(draw, n_classes):
    rows = draw(st.integers(1, 40))
    y = draw(st.lists(st.integers(0, n_classes - 1), min_size=rows, max_size=rows))
    row = st.lists(st.integers(0, 6), min_size=n_classes, max_size=n_classes).filter(any)
    weights = np.array(draw(st.lists(row, min_size=rows, max_size=rows)), dtype=np.float64)
    return np.array(y), weights / weights.sum(axis=1, keepdims=True)


def oracle(y, probabilities):
    predicted = probabilities.argmax(axis=1)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        y, predicted, average="macro", zero_division=0
    )
    n_classes = probabilities.shape[1]
    if len(set(y.tolist())) < n_classes:
        area = None
    elif n_classes == 2:
        area = metrics.roc_auc_score(y, probabilities[:, 1])
    else:
        area = metrics.roc_auc_score(y, probabilities, multi_class="ovr", average="macro")
    return {
        "accuracy": metrics.accuracy_score(y, predicted),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "log_loss": metrics.log_loss(y, y_proba=probabilities, labels=np.arange(n_classes)),
        "auc": area,
    }


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(100))
@given(st.one_of(scored(2), scored(4)))
def test_every_figure_agrees_with_scikit_learn(case):
    report, expected = classification_report(*case, names(case[1].shape[1])), oracle(*case)

    assert (report.auc is None) == (expected["auc"] is None)
    for name, figure in expected.items():
        if figure is not None:
            assert getattr(report, name) == pytest.approx(figure, rel=1e-12, abs=1e-12), name


@settings(deadline=None, max_examples=examples(50))
@given(st.one_of(scored(2), scored(3)))
def test_a_report_survives_json_exactly(case):
    report = classification_report(*case, names(case[1].shape[1]))

    assert msgspec.json.decode(msgspec.json.encode(report), type=ClassificationReport) == report


def fitted(dataset):
    X, y = dataset(return_X_y=True)
    X = scale(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(max_iter=30).fit(X[::2], y[::2])
    return y[1::2], model.predict_proba(X[1::2])


def test_two_classes_have_curves_of_the_second():
    y, probabilities = fitted(load_breast_cancer)

    report = classification_report(y, probabilities, ["malignant", "benign"])

    assert oracle(y, probabilities) == pytest.approx(
        {n: getattr(report, n) for n in oracle(y, probabilities)}
    )
    assert list(report.roc) == list(report.calibration) == ["benign"]
    np.testing.assert_allclose(report.roc["benign"].tpr, metrics.roc_curve(y, probabilities[:, 1])[1])
    assert report.per_class["malignant"].auc == pytest.approx(report.auc)
    assert sum(report.calibration["benign"].count) == len(y)


def test_more_classes_have_curves_of_each_against_the_rest():
    y, probabilities = fitted(load_digits)

    report = classification_report(y, probabilities, names(10))

    assert oracle(y, probabilities) == pytest.approx(
        {n: getattr(report, n) for n in oracle(y, probabilities)}
    )
    assert list(report.roc) == list(report.calibration) == list(report.per_class) == names(10)
    assert sum(one.support for one in report.per_class.values()) == len(y)
    assert all(len(curve.fpr) <= 200 for curve in report.roc.values())


def test_a_class_without_rows_leaves_its_area_undefined():
    y = np.array([0, 1, 0])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])

    report = classification_report(y, probabilities, ["a", "b", "c"])

    assert report.auc is None
    assert report.per_class["c"].auc is None
    assert report.per_class["a"].auc == 1
    assert list(report.roc) == ["a", "b"]
    assert report.precision == report.recall == report.f1 == 1


def test_one_kind_of_row_has_figures_but_no_curve():
    report = classification_report(np.array([1, 1]), np.array([[0.5, 0.5], [0.1, 0.9]]), ["no", "yes"])

    assert (report.accuracy, report.auc, report.roc) == (0.5, None, {})


def test_a_long_curve_keeps_200_points_and_the_full_area():
    random = np.random.default_rng(1)
    y = random.integers(0, 2, 5000)
    p = 1 / (1 + np.exp(-random.normal(size=5000) - y))

    report = classification_report(y, np.column_stack([1 - p, p]), ["no", "yes"])

    assert len(report.roc["yes"].fpr) <= 200
    assert report.auc == pytest.approx(metrics.roc_auc_score(y, p), abs=1e-12)


@pytest.mark.parametrize(
    ("y", "probabilities", "classes", "message"),
    [
        ([0], [[1.0, 0.0]], ["a"], "distinct classes"),
        ([0], [[1.0, 0.0]], ["a", "a"], "distinct classes"),
        ([0, 1], [[1.0, 0.0]], ["a", "b"], "shapes"),
        ([2], [[1.0, 0.0]], ["a", "b"], "indices"),
        ([-1], [[1.0, 0.0]], ["a", "b"], "indices"),
        ([0], [[np.nan, 0.0]], ["a", "b"], "probabilities"),
        ([0], [[1.5, -0.5]], ["a", "b"], "probabilities"),
    ],
)
def test_unusable_input_is_refused(y, probabilities, classes, message):
    with pytest.raises(ValueError, match=message):
        classification_report(np.array(y), np.array(probabilities), classes)


def test_no_rows_is_the_data_s_fault():
    with pytest.raises(InvalidData, match="no row"):
        classification_report(np.array([], dtype=np.int64), np.zeros((0, 2)), ["a", "b"])


def test_a_damaged_report_names_the_field():
    report = classification_report(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), ["no", "yes"])
    good = asdict(report)

    with pytest.raises(msgspec.ValidationError, match="confusion"):
        msgspec.convert({k: v for k, v in good.items() if k != "confusion"}, ClassificationReport)
    for field, damage in {"accuracy": "high", "per_class": {"no": {}}, "roc": 3}.items():
        with pytest.raises(msgspec.ValidationError, match=field):
            msgspec.convert({**good, field: damage}, ClassificationReport)
