import subprocess
import sys
import tracemalloc
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import given as cases_of
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from lepton_core.artifact import write_container
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.models import Problem
from lepton_core.models.algorithms.svm import ALGORITHM as SVM
from lepton_core.models.learners import kernel_machine, svc
from tests.support.algorithms import Case, never
from tests.support.sampling import examples

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def fitted(problem: Problem, **given):
    hyper = SVM.configure(given)
    return SVM.advance(SVM.start(problem, hyper), problem, hyper, never)


def trained(problem: Problem, **given):
    return SVM.parameters(fitted(problem, **given))


def scaled(load, classes: int = 0, rows: int = 300) -> Problem:
    X, y = load(return_X_y=True)
    at = np.random.default_rng(0).permutation(len(X))[:rows]
    X, y = StandardScaler().fit_transform(X[at]), y[at]
    return Problem(X, y.astype(np.int64) if classes else y.astype(float), classes)


KERNELS = [
    {"kernel": "rbf"},
    {"kernel": "rbf", "gamma": 0.5, "C": 10.0},
    {"kernel": "poly"},
    {"kernel": "poly", "degree": 2, "gamma": 0.1, "coef0": 1.0, "C": 0.3},
]


@pytest.mark.parametrize("given", KERNELS, ids=str)
@pytest.mark.parametrize(("load", "k"), [(load_breast_cancer, 2), (load_wine, 3), (load_digits, 10)])
def test_kernels_score_as_scikit_learn_to_1e_12(load, k, given):
    problem = scaled(load, k)
    weights = np.random.default_rng(1).uniform(0.2, 3.0, len(problem.X))
    problem = replace(problem, weights=weights)
    made = SVC(**given).fit(problem.X, problem.y, sample_weight=problem.weights)
    rows = np.r_[problem.X, 3 * problem.X[::-1], np.zeros((1, problem.X.shape[1]))]
    wanted = made.decision_function(rows)
    found = SVM.scores(trained(problem, **given), rows)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("given", KERNELS, ids=str)
def test_kernels_predict_values_as_scikit_learn_to_1e_12(given):
    problem = scaled(load_diabetes)
    given = {"C": 50.0, "epsilon": 4.0} | given
    made = SVR(**given).fit(problem.X, problem.y)
    wanted = made.predict(2 * problem.X)
    found = SVM.predict(trained(problem, **given), 2 * problem.X)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


@settings(deadline=None, max_examples=examples(40), phases=(Phase.explicit, Phase.generate))
@cases_of(st.integers(2, 5), st.integers(0, 10**6), st.sampled_from(KERNELS))
def test_kernels_of_any_classes_score_as_scikit_learn(k, seed, given):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(30, 3)), np.r_[np.arange(k), rng.integers(0, k, 30 - k)]
    if given["kernel"] == "rbf":
        X += 10.0
    wanted = SVC(**given).fit(X, y).decision_function(X[:20])
    found = SVM.scores(trained(Problem(X, y, k), **given), X[:20])
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


def test_kernels_predict_where_scikit_learn_is_not_installed(tmp_path: Path):
    problems = {"2": scaled(load_breast_cancer, 2), "10": scaled(load_digits, 10), "0": scaled(load_diabetes)}
    for name, problem in problems.items():
        for kernel in ("rbf", "poly"):
            parameters = trained(problem, kernel=kernel)
            shown = SVM.predict(parameters, problem.X)
            arrays = parameters | {"X": problem.X, "shown": shown}
            (tmp_path / f"{name}-{kernel}").write_bytes(write_container(arrays, {}))
    script = """
import sys
from pathlib import Path
for name in ("sklearn", "scipy", "joblib"):
    sys.modules[name] = None
import numpy as np
from lepton_core.artifact import read_container
from lepton_core.errors import InvalidInput
from lepton_core.models import Problem, algorithm
svm = algorithm("svm")
for path in sorted(Path(sys.argv[1]).iterdir()):
    arrays, _ = read_container(path.read_bytes())
    X, shown = arrays.pop("X"), arrays.pop("shown")
    svm.check(arrays, X.shape[1], int(path.name.split("-")[0]))
    assert svm.predict(arrays, X).tobytes() == shown.tobytes(), path
problem = Problem(np.eye(4), np.array([0, 1, 0, 1]), 2)
hyper = svm.configure({"kernel": "rbf"})
try:
    svm.advance(svm.start(problem, hyper), problem, hyper, lambda fit: False)
except InvalidInput as error:
    print(error.field, error)
"""
    run = [sys.executable, "-W", "error", "-c", script, str(tmp_path)]
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("algorithm svm with kernel='rbf' needs scikit-learn to train: pip install")


def test_the_package_does_not_import_scikit_learn():
    script = "import sys, lepton_core.train; print('sklearn' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout == "False\n"


def test_prediction_takes_little_memory():
    rng = np.random.default_rng(0)
    problem = Problem(rng.normal(size=(2000, 3)), rng.integers(0, 2, 2000), 2)
    parameters = trained(problem, kernel="rbf")
    rows = rng.normal(size=(20_000, 3))  # all at once: 20 000 * 2000 products are 320 MB
    tracemalloc.start()
    SVM.predict(parameters, rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(parameters["support"]) > 1500
    assert peak < 50e6


def test_limits_of_kernels(monkeypatch: pytest.MonkeyPatch):
    problem = Case(SVM, 2).problem()
    monkeypatch.setattr(svc, "MOST_NUMBERS", 10)
    with pytest.raises(InvalidData, match="support vectors of 4 features are more"):
        trained(problem, kernel="rbf")
    monkeypatch.setattr(kernel_machine, "MOST_ROWS", 39)
    with pytest.raises(InvalidData, match="40 rows are more than the 39"):
        trained(problem, kernel="rbf")


@cache
def small_kernel(k):
    return trained(Case(SVM, k).problem(), kernel="rbf")


@settings(deadline=None, max_examples=examples(300), phases=(Phase.explicit, Phase.generate))
@cases_of(st.sampled_from([0, 2, 3]), st.data())
def test_damaged_kernels_are_refused_or_harmless(k, data):
    case, good = Case(SVM, k), small_kernel(k)
    name = data.draw(st.sampled_from(sorted(good)))
    raw = bytearray(good[name].tobytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] ^= 1 << data.draw(st.integers(0, 7))
    bad = good | {name: np.frombuffer(bytes(raw), good[name].dtype).reshape(good[name].shape)}
    try:
        SVM.check(bad, 4, k)
    except InvalidArtifact:
        return
    try:
        shown = SVM.predict(bad, case.problem().X)
    except InvalidData:
        return
    assert np.isfinite(shown).all()


# --- probabilities ---------------------------------------------------------------------------------------------------


def test_a_variance_that_has_no_inverse_is_none():
    X = np.random.default_rng(0).normal(size=(40, 3)) * 1e-155
    made = trained(Problem(X, (X[:, 0] > 0.0).astype(np.int64), 2), kernel="rbf")
    assert made["form"][1] == 1.0


@pytest.mark.parametrize("way", [{"gamma": 1e300}, {"coef0": 1e308}])
def test_kernels_beyond_all_numbers_are_refused(way):
    X = np.random.default_rng(0).normal(size=(40, 3))
    with pytest.raises(InvalidData, match="the kernel's values are too large"):
        trained(Problem(X, (X[:, 0] > 0.0).astype(np.int64), 2), kernel="poly", degree=10, **way)
