"""scikit-learn's own conformance tests, over every algorithm under each of its tasks, and over blends of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from sklearn import ensemble, svm
from sklearn.base import BaseEstimator
from sklearn.utils._test_common.instance_generator import _get_expected_failed_checks
from sklearn.utils.estimator_checks import estimator_checks_generator

from lepton_ai.estimators import ESTIMATORS
from tests.support.estimators import VersionClassifier, VersionRegressor

pytestmark = pytest.mark.slow

REPEATED = "check_sample_weight_equivalence_on_dense_data"

VERSIONS = {
    (name, task): of(sure)
    for task, of in (("classification", VersionClassifier), ("regression", VersionRegressor))
    for name, sure in (("blend", False), ("calibrated-blend", True))
}
"""What several models answer, as it is served: alone, and calibrated with intervals or sets beside it."""

KERNELS = [{"kernel": "rbf"}, {"kernel": "poly"}]

SETTINGS: dict[tuple[str, str], dict[str, Any]] = {
    # Mini-batches of repeated rows are other batches; scikit-learn tries its own networks on all rows at once, too.
    ("deep_learning", REPEATED): {"optimizer": "lbfgs", "iterations": 20},
}

EXPECTED: dict[tuple[str, str, str], tuple[BaseEstimator, str]] = (
    {
        ("random_forest", task, REPEATED): (
            peer,
            "a bootstrap draws rows: one that counts twice is drawn as often as one, not as two",
        )
        for task, peer in (
            ("classification", ensemble.RandomForestClassifier()),
            ("regression", ensemble.RandomForestRegressor()),
        )
    }
    | {
        ("gradient_boosting", task, REPEATED): (
            peer,
            "bins are quantiles of the rows as they come, and a leaf needs so many rows, whatever they count",
        )
        for task, peer in (
            ("classification", ensemble.HistGradientBoostingClassifier()),
            ("regression", ensemble.HistGradientBoostingRegressor()),
        )
    }
    | {
        (f"svm{kernel}", "classification", REPEATED): (
            svm.SVC(),
            "the sigmoid is fitted to scores out of folds of rows, and a row that occurs twice may be in two folds; "
            "the peer has it too where it gives probabilities",
        )
        for kernel in ("", "-rbf", "-poly")
    }
    | {
        (f"svm{kernel}", "regression", REPEATED): (
            svm.SVR(),
            "libsvm stops within a tolerance of the minimum, elsewhere for other rows",
        )
        for kernel in ("-rbf", "-poly")
    }
    | {
        ("calibrated-blend", "classification", REPEATED): (
            svm.SVC(),
            "the calibrator is fitted to probabilities out of folds, into which other rows are dealt in another way; "
            "the peer has it too where it gives probabilities",
        )
    }
)
"""What fails, with the estimator of scikit-learn that fails likewise, and why."""


def cases() -> list[Any]:
    made = []
    for name, task, settings in variants():
        for estimator, check in estimator_checks_generator(ESTIMATORS[name, task](**settings)):
            estimator.set_params(**SETTINGS.get((name, check.func.__name__), {}))
            made.append(case("-".join([name, *settings.values()]), task, estimator, check))
    for (name, task), version in VERSIONS.items():
        made += [case(name, task, *one) for one in estimator_checks_generator(version)]
    return made


def case(variant: str, task: str, estimator: Any, check: Any) -> Any:
    title = check.func.__name__
    known = EXPECTED.get((variant, task, title))
    marks = [] if known is None else [pytest.mark.xfail(reason=known[1], strict=True)]
    return pytest.param(estimator, check, marks=marks, id=f"{variant}-{task}-{title}")


def variants() -> Iterator[tuple[str, str, dict[str, str]]]:
    for name, task in ESTIMATORS:
        yield name, task, {}
    for settings in KERNELS:
        yield "svm", "classification", settings
        yield "svm", "regression", settings


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.sampled(50)
@pytest.mark.parametrize(("estimator", "check"), cases())
def test_scikit_learn_takes_it_for_an_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def test_what_is_expected_to_fail_fails_in_scikit_learn_as_well() -> None:
    for (_, _, check), (peer, reason) in EXPECTED.items():
        assert check in _get_expected_failed_checks(peer), (type(peer).__name__, check)
        assert reason
