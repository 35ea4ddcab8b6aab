"""What the contract of the algorithms is tested with: small problems for each task, settings that are quick."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lepton_core.models import ALGORITHMS, Algorithm, Fit, Problem, pack_fit, unpack_fit

QUICK = {"iterations": 10, "trees": 7, "hidden": [6], "max_depth": 4}
"""Small numbers for hyperparameters of these names, wherever an algorithm has them."""

LONGER = {"iterations": 200, "trees": 30}
"""What learning takes."""

TESTS = Path(__file__).parents[1] / "lepton_core" / "models"


def declared(of: Algorithm) -> dict[str, Any]:
    """The literal ``CONTRACT = {...}`` in the algorithm's own ``test_<name>.py``, empty without one.

    ``settings``: more that makes it quick. ``unlike_repetition``: why a weight of 2 is not a row that occurs twice.
    """
    return dict(_declared(of.name))


@functools.cache
def _declared(name: str) -> dict[str, Any]:
    page = TESTS / f"test_{name}.py"
    tree = ast.parse(page.read_text()) if page.exists() else ast.Module([], [])
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == ["CONTRACT"]:
            found: dict[str, Any] = ast.literal_eval(node.value)
            assert set(found) <= {"settings", "unlike_repetition"}
            return found
    return {}


def quick(of: Algorithm, **more: Any) -> dict[str, Any]:
    """Settings under which it trains quickly; ``more`` as far as it has hyperparameters of these names."""
    known = {one.name for one in fields(of.defaults)}
    given = QUICK | declared(of).get("settings", {}) | more
    return {name: value for name, value in given.items() if name in known}


@dataclass(frozen=True)
class Case:
    """An algorithm and one of its tasks: ``n_classes`` is 0 for values."""

    of: Algorithm
    n_classes: int

    def problem(self, rows: int = 40, seed: int = 0, **more: Any) -> Problem:
        """Four normal columns, of which the first three decide the target, with some noise."""
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(rows, 4))
        if not self.n_classes:
            return Problem(X, X @ [1.0, 2.0, 0.0, -1.0] + 0.5 * rng.normal(size=rows), 0, **more)
        noise = 0.3 * rng.normal(size=(rows, self.n_classes))
        return Problem(X, np.argmax(X[:, : self.n_classes] + noise, axis=1), self.n_classes, **more)

    def fit(self, problem: Problem | None = None, **given: Any) -> Fit:
        """Trained to the end."""
        problem, hyper = problem or self.problem(), self.of.configure(quick(self.of, **given))
        return self.of.advance(self.of.start(problem, hyper), problem, hyper, never)

    def trained(self, problem: Problem | None = None, **given: Any) -> dict[str, np.ndarray]:
        """The parameters of that fit."""
        return self.of.parameters(self.fit(problem, **given))

    def predictions(
        self, problem: Problem | None = None, X: np.ndarray | None = None, **given: Any
    ) -> np.ndarray:
        """Of that fit, for its own rows or for ``X``."""
        problem = problem or self.problem()
        return self.of.predict(self.trained(problem, **given), problem.X if X is None else X)


def never(fit: Fit) -> bool:
    """No pause."""
    return False


def cases() -> Iterator[Any]:
    """Every algorithm under each of its tasks; two and three classes are different tasks to many."""
    for of in ALGORITHMS.values():
        counts = (2, 3) if "classification" in of.tasks else ()
        for n_classes in (*counts, 0) if "regression" in of.tasks else counts:
            yield pytest.param(Case(of, n_classes), id=f"{of.name}-{n_classes}")


every_case = pytest.mark.parametrize("case", list(cases()))
every = pytest.mark.parametrize("of", list(ALGORITHMS.values()), ids=list(ALGORITHMS))


def same(one: Fit, other: Fit) -> None:
    """Nothing differs, to the last bit."""
    assert replace(one, losses=0, arrays=0).__dict__ == replace(other, losses=0, arrays=0).__dict__
    assert one.losses.tobytes() == other.losses.tobytes()
    same_arrays(one.arrays, other.arrays)


def same_arrays(one: Any, other: Any) -> None:
    """The same names, dtypes, shapes and bits."""
    assert set(one) == set(other)
    for name, array in one.items():
        assert (array.dtype, array.shape) == (other[name].dtype, other[name].shape), name
        assert array.tobytes() == other[name].tobytes(), name


def carried(fit: Fit) -> Fit:
    """Through bytes, and back as read-only views that begin at an odd address, as a file's may."""
    arrays, meta = pack_fit(fit)
    views = {}
    for name, array in arrays.items():
        data = b"\0" + array.tobytes()
        views[name] = np.frombuffer(data, array.dtype, array.size, offset=1).reshape(array.shape)
    return unpack_fit(views, meta)
