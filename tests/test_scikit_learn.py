"""scikit-learn trains, and nothing else: who imports, serves or predicts does not load it, and can do without it.

But for the estimators of scikit-learn: who imports those has it, and nothing else of ours imports them.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lepton_core.load import load
from lepton_core.models import ALGORITHMS
from lepton_core.servable import Servable
from lepton_core.table import Table
from lepton_core.table.columns import Categories, Numbers
from lepton_core.train import Recipe, train
from lepton_core.uncertainty.conformal import Intervals
from tests.support.algorithms import quick
from tests.support.blended import LABEL, Plan, numbers_table

ROOT = Path(__file__).parents[1]
OURS = [
    path
    for folder in ("lepton_core", "lepton_ai", "functions", "infra")
    for path in (ROOT / folder).rglob("*.py")
]
LARGE = ("sklearn", "scipy", "joblib", "threadpoolctl")
LEARNERS = ROOT / "lepton_core" / "models" / "learners"
DEMO = ROOT / "lepton_ai" / "demo.py"
ESTIMATORS = ROOT / "lepton_ai" / "estimators.py"
FITTED = ROOT / "lepton_core" / "fitted" / "model.py"
"""Knows by its name, and imports nothing of it."""
CASES = [(name, task) for name, one in ALGORITHMS.items() for task in sorted(one.tasks)]


def large(path: Path) -> Iterator[tuple[ast.AST, bool]]:
    """What names one of `LARGE` in a source file, as an import or as a text to import; and whether in a function."""

    def look(node: ast.AST, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            names = [node.value]
        if any(name.partition(".")[0] in LARGE for name in names):
            yield node, inside
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            yield from look(child, inside)

    return look(ast.parse(path.read_text()), False)


def test_only_learners_what_takes_fitted_ones_the_demo_and_estimators_name_it_the_last_outside_of_functions() -> (
    None
):
    found = {path: [inside for _, inside in large(path)] for path in OURS}
    by = {path for path, places in found.items() if places}
    assert {path for path in by if not path.is_relative_to(LEARNERS)} == {DEMO, ESTIMATORS, FITTED}
    assert any(path.is_relative_to(LEARNERS) for path in by)
    assert [path for path in by if not all(found[path])] == [ESTIMATORS]


def test_nothing_of_ours_imports_the_estimators_of_scikit_learn() -> None:
    named = {path for path in OURS if "lepton_ai.estimators" in path.read_text()}
    assert named == {ESTIMATORS}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import sklearn.tree", [False]),
        ("def f():\n from scipy import linalg", [True]),
        ("class A:\n x = import_module('joblib')", [False]),
        ("def f(x='sklearn'): ...", [True]),
        ("'what scikit-learn does'; import numpy", []),
    ],
)
def test_what_names_it_is_found(tmp_path: Path, source: str, found: list[bool]) -> None:
    (tmp_path / "a.py").write_text(source)
    assert [inside for _, inside in large(tmp_path / "a.py")] == found


ALONE = """
import importlib, json, pkgutil, sys
from pathlib import Path

large = json.loads(sys.argv[1])
asked = []

class NotThere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in large:
            asked.append(name)
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NotThere())
for package in ("lepton_core", "lepton_ai", "functions", "infra.local"):
    top = importlib.import_module(package)
    for module in pkgutil.walk_packages(top.__path__, package + "."):
        if not module.name.endswith(("__main__", "lepton_ai.estimators")):
            importlib.import_module(module.name)

import app
import numpy as np
from lepton_core.errors import InvalidInput
from lepton_core.models import ALGORITHMS, Problem
from lepton_core.load import load
from lepton_core.table import Table
from lepton_core.table.columns import Numbers

rows = Table(tuple(Numbers(name, np.linspace(-2.0, 2.0, 5)) for name in ("x0", "x1")))
predicted = {}
for path in sorted(Path(sys.argv[2]).iterdir()):
    made = load(path.read_bytes())
    output = made.predict(rows)
    predicted[path.name] = [output.tolist()]
    if made.uncertainty is not None:
        conformal = made.uncertainty.conformal
        around = conformal.around if made.task == "regression" else conformal.inside
        predicted[path.name].append(around(output, 0.8).tolist())
before, refused = list(asked), {}
for name, one in ALGORITHMS.items():
    n_classes = 2 if "classification" in one.tasks else 0
    y = np.arange(40) % 2 if n_classes else np.arange(40.0)
    problem, hyper = Problem(np.arange(80.0).reshape(40, 2), y, n_classes), one.configure({})
    try:
        one.advance(one.start(problem, hyper), problem, hyper, lambda fit: True)
    except InvalidInput as error:
        refused[name] = [error.field, error.message]
print(json.dumps({"asked": before, "predicted": predicted, "refused": refused}))
"""


def told_of(made: Servable, rows: Table) -> list[Any]:
    """What it predicts, and how sure it is, if it says it."""
    output = made.predict(rows)
    conformal = None if made.uncertainty is None else made.uncertainty.conformal
    if conformal is None:
        return [output.tolist()]
    around = conformal.around if isinstance(conformal, Intervals) else conformal.inside
    return [output.tolist(), around(output, 0.8).tolist()]


def test_everything_is_imported_and_every_algorithm_and_blend_predicts_without_it(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(40, 2))
    labels = {
        "classification": Categories.of(LABEL, np.where(X.sum(axis=1) > 0, "yes", "no").tolist()),
        "regression": Numbers(LABEL, X[:, 0] - X[:, 1]),
    }
    for name, task in CASES:
        recipe = Recipe(name, LABEL, quick(ALGORITHMS[name]), task=task)
        made = train(recipe, numbers_table(X, labels[task]), np.arange(40))
        (tmp_path / f"{name}-{task}").write_bytes(made.dump())
    for task, label in labels.items():
        blend = Plan(task, sure=True).fit(numbers_table(X, label))
        (tmp_path / f"blend-{task}").write_bytes(blend)
    rows = Table(tuple(Numbers(name, np.linspace(-2.0, 2.0, 5)) for name in ("x0", "x1")))
    wanted = {path.name: told_of(load(path.read_bytes()), rows) for path in tmp_path.iterdir()}
    assert [len(one) for name, one in wanted.items() if name.startswith("blend-")] == [2, 2]

    command = [sys.executable, "-c", ALONE, json.dumps(LARGE), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["asked"] == []
    assert told["predicted"] == wanted
    assert set(told["refused"]) <= {"decision_tree", "random_forest", "gradient_boosting", "svm"}
    for field, message in told["refused"].values():
        assert field == "algorithm"
        assert message.endswith("needs scikit-learn to train: pip install scikit-learn")
