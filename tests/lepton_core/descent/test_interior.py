import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.descent import bordered
from lepton_core.descent.bordered import Centred, CentredRows, cholesky, solver
from lepton_core.descent.interior import Margins, begin_interior, step_interior


def drawn(seed, m, n, values, squared):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(m, n)) * 10.0 ** rng.integers(-3, 4, n) + 10.0 * rng.normal(size=n)
    cost = 10.0 ** rng.uniform(-3, 3) * rng.uniform(0.1, 3.0, m)
    if values:
        return Margins.of_values(rng.normal(size=m), rng.choice([0.0, 0.3]), cost, squared=squared), X
    positive = np.r_[True, False, rng.random(m - 2) > 0.5]
    return Margins.of_classes(positive, cost, squared=squared), X


problems = given(st.integers(0, 10**6), st.integers(2, 30), st.integers(0, 40), st.booleans(), st.booleans())


@settings(deadline=None, max_examples=60)
@problems
def test_it_comes_to_the_minimum_of_any_problem(seed, m, n, values, squared):
    margins, X = drawn(seed, m, n, values, squared)
    rows = CentredRows(Centred(X))
    at, steps = begin_interior(margins, rows, np.zeros(n + 1)), 0
    first = at.value
    while at.gap() > 1e-9 and not at.stuck and at.value > 1e-14 * first and steps < 100:
        before, at, steps = at, step_interior(margins, rows, at), steps + 1
        assert before.bound <= at.bound <= at.value * (1 + 1e-11)
        assert at.value <= before.value
    assert at.gap() <= 1e-6 or at.value <= 1e-14 * first
    assert steps < 100


@settings(deadline=None, max_examples=60)
@problems
def test_the_bound_is_below_every_objective(seed, m, n, values, squared):
    """For any multipliers at all and any weights."""
    margins, X = drawn(seed, m, n, values, squared)
    rows, rng = CentredRows(Centred(X)), np.random.default_rng(seed)
    a = rng.uniform(0.0, 1.0, margins.rho.shape) * margins.cost
    w, b = rng.normal(size=n), float(rng.normal())
    assert margins.bound(a, rows) <= margins.primal(w, rows.scores(w, b)) * (1 + 1e-12)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(0, 40))
def test_newtons_equations_are_solved(seed, m, n):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(m + 3, n)) + 5.0
    at = rng.permutation(m + 3)[:m] if seed % 2 else None
    rows = CentredRows(Centred(X), at)
    d, h, beta, w = (
        10.0 ** rng.uniform(-4, 4, len(rows)),
        *rng.normal(size=(2, len(rows))),
        rng.normal(size=n),
    )
    dw, db, dbeta = solver(rows, d)(h, beta, w)
    Z = X - X.mean(axis=0) if at is None else (X - X.mean(axis=0))[at]
    size = 1e-7 * (1 + np.abs(d * (Z @ dw + db)).sum())
    np.testing.assert_allclose(dbeta, h - d * (Z @ dw + db), atol=size)
    np.testing.assert_allclose(dw + Z.T @ (d * (Z @ dw + db)), Z.T @ (h + beta) - w, atol=size)
    np.testing.assert_allclose(np.sum(d * (Z @ dw + db)), np.sum(h + beta), atol=size)


@pytest.mark.parametrize("n", [0, 1, 48, 49, 150])
def test_a_factor_solves_in_blocks(n):
    rng = np.random.default_rng(0)
    half = rng.normal(size=(n, n)) * 10.0 ** rng.uniform(-6, 6, n)
    A = half.T @ half + np.diag(np.square(half).sum(axis=0))
    right = rng.normal(size=n)
    np.testing.assert_allclose(cholesky(A)(right), np.linalg.solve(A, right), rtol=1e-7)


def test_a_singular_matrix_is_made_definite():
    ones = np.ones((3, 3))
    x = cholesky(ones)(np.array([3.0, 3.0, 3.0]))
    np.testing.assert_allclose(ones @ x, [3.0, 3.0, 3.0], rtol=1e-6)


def test_numbers_that_end_leave_it_where_it_is():
    margins = Margins.of_classes(np.array([True, False, True]), np.full(3, 1e300), squared=True)
    rows = CentredRows(Centred(np.array([[1e200], [2e200], [-1e200]])))
    at = begin_interior(margins, rows, np.zeros(2))
    for _ in range(30):
        at = step_interior(margins, rows, at)
    assert np.isfinite(at.weights).all()
    assert at.stuck


def test_rows_in_chunks_are_as_good(monkeypatch: pytest.MonkeyPatch):
    margins, X = drawn(5, 30, 4, False, True)
    ends = []
    for kept in (0, 1 << 25):
        monkeypatch.setattr(bordered, "_KEPT", kept)
        rows = CentredRows(Centred(X), np.arange(30))
        at = begin_interior(margins, rows, np.zeros(5))
        for _ in range(12):
            at = step_interior(margins, rows, at)
        ends.append(at.weights)
    np.testing.assert_array_equal(*ends)
