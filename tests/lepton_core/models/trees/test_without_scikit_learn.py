"""A model is trained here and predicts in a process where scikit-learn cannot be imported."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lepton_core.artifact import read_container, write_container
from lepton_core.models import Problem, algorithm

ROOT = Path(__file__).resolve().parents[4]

PREDICT = """
import sys
from pathlib import Path

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("sklearn", "scipy", "joblib", "threadpoolctl"):
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
import numpy as np
from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidInput
from lepton_core.models import Problem, algorithm

for name in ("decision_tree", "random_forest", "gradient_boosting"):
    arrays, meta = read_container(Path(name).read_bytes())
    X = arrays.pop("X")
    of = algorithm(name)
    of.check(arrays, X.shape[1], 3)
    explained = of.explain(arrays, X[:4], X[4:])
    outputs = {"predicted": of.predict(arrays, X), "contributions": explained.contributions}
    Path(name + ".out").write_bytes(write_container(outputs, {}))
    try:
        of.start(Problem(np.ones((2, 1)), np.array([0, 1]), 2), of.configure({}))
    except InvalidInput as error:
        assert "pip install scikit-learn" in str(error) and error.field == "algorithm", error
    else:
        raise AssertionError("trained")
assert not [name for name in sys.modules if name.startswith(("sklearn", "scipy"))]
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple]:
    folder = tmp_path_factory.mktemp("answers")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 4))
    X[:, 3] = rng.integers(6, size=80)
    y = (np.digitize(X[:, 0], [-0.5, 0.5]) + (X[:, 3] == 2)) % 3
    X[rng.random(X.shape) < 0.1] = np.nan
    problem = Problem(X, y.astype(np.int64), 3, levels=(0, 0, 0, 6))
    result = {}
    for name in ("decision_tree", "random_forest", "gradient_boosting"):
        of = algorithm(name)
        hyper = of.configure({"max_depth": 5})
        fit = of.advance(of.start(problem, hyper), problem, hyper, lambda fit: False)
        parameters = of.parameters(fit)
        (folder / name).write_bytes(write_container(parameters | {"X": X}, {}))
        result[name] = (of.predict(parameters, X), of.explain(parameters, X[:4], X[4:]).contributions)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREDICT],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return {
        name: (*of, read_container((folder / f"{name}.out").read_bytes())[0]) for name, of in result.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["decision_tree", "random_forest", "gradient_boosting"])
def test_predictions_and_explanations_are_the_same_bits(answers, name):
    predicted, contributions, found = answers[name]
    assert found["predicted"].tobytes() == predicted.tobytes()
    assert found["contributions"].tobytes() == contributions.tobytes()
