"""The benchmark of categories runs, and both find the same minimum."""

import pytest

from lepton_core.matrix import Blocks
from tests.benchmarks.categories import categories, figures, lepton, objective, scikit_learn, sparse


def test_categories_are_codes_and_the_minimum_is_that_of_scikit_learn() -> None:
    case = categories(rows=3000, columns=3, levels=40)
    problem, (X, y) = case.ours(), case.theirs()
    ours, (theirs, _) = lepton(problem), scikit_learn(X, y, tol=1e-10)
    assert isinstance(problem.X, Blocks)
    assert problem.X.shape == X.shape
    assert objective(problem.X, y, ours) == pytest.approx(objective(problem.X, y, theirs), rel=1e-9)


def test_sparse_rows_have_the_minimum_of_scikit_learn() -> None:
    case = sparse(rows=2000, columns=500, entries=8)
    problem, (X, y) = case.ours(), case.theirs()
    ours, (theirs, _) = lepton(problem), scikit_learn(X, y, tol=1e-10)
    assert objective(problem.X, y, ours) == pytest.approx(objective(problem.X, y, theirs), rel=1e-9)


def test_there_are_two_lines_for_each_case() -> None:
    lines = list(figures([categories(rows=3000, columns=3, levels=40)]))
    assert [line.split("|")[2].strip() for line in lines if line.startswith("| 3000")] == [
        "Lepton",
        "scikit-learn",
    ]
