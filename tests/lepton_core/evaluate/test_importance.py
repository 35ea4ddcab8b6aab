"""Permutation importance is scikit-learn's, permutation for permutation."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.inspection import permutation_importance as theirs
from sklearn.linear_model import LinearRegression

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.evaluate import permutation_importance, permutations
from lepton_core.table import Categories, Numbers, Table


def table(X: Any) -> Table:
    return Table(tuple(Numbers(f"x{j}", np.ascontiguousarray(X[:, j])) for j in range(X.shape[1])))


def matrix(features: Table) -> Any:
    return np.column_stack([column.values for column in features.columns])  # type: ignore[union-attr]


def orders_of(seed: int, rows: int, repeats: int) -> Any:
    """The permutations that scikit-learn makes from this seed: each shuffles the order before it, in that order."""
    state = np.random.RandomState(np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1))
    shuffled, order, found = np.arange(rows), np.arange(rows), []
    for _ in range(repeats):
        state.shuffle(shuffled)
        order = order[shuffled]
        found.append(order)
    return np.array(found)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_scikit_learns_at_the_same_permutations(seed: int) -> None:
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:120], y[:120]
    model = LinearRegression().fit(X, y)
    oracle = theirs(
        model,
        X,
        y,
        scoring=lambda model, X, y: -np.mean((model.predict(X) - y) ** 2),
        n_repeats=4,
        random_state=seed,
    )
    ours = permutation_importance(
        lambda features: float(np.mean((model.predict(matrix(features)) - y) ** 2)),
        table(X),
        orders_of(seed, len(X), 4),
    )
    np.testing.assert_allclose([one.mean for one in ours], oracle.importances_mean, rtol=1e-9)
    np.testing.assert_allclose([one.std for one in ours], oracle.importances_std, rtol=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 30), st.integers(1, 4), st.integers(0, 100))
def test_of_a_linear_model_it_is_known_in_closed_form(rows: int, repeats: int, seed: int) -> None:
    """With squared loss and the truth X w, permuting column j costs w_j^2 mean((x_j[o] - x_j)^2)."""
    rng = np.random.default_rng(seed)
    X, w, orders = rng.normal(size=(rows, 3)), np.array([2.0, -1.0, 0.0]), permutations(rows, repeats, seed)
    found = permutation_importance(
        lambda features: float(np.mean((matrix(features) @ w - X @ w) ** 2)), table(X), orders
    )
    for j, one in enumerate(found):
        costs = [w[j] ** 2 * np.mean((X[order, j] - X[:, j]) ** 2) for order in orders]
        assert one.mean == pytest.approx(np.mean(costs), rel=1e-9, abs=1e-12)
        assert one.std == pytest.approx(np.std(costs), rel=1e-9, abs=1e-9)


@given(st.integers(0, 50), st.integers(1, 5), st.integers(0, 9))
def test_orders_are_permutations_that_the_seed_decides(rows: int, repeats: int, seed: int) -> None:
    orders = permutations(rows, repeats, seed)
    assert orders.shape == (repeats, rows)
    for order in orders:
        assert sorted(order.tolist()) == list(range(rows))
    np.testing.assert_array_equal(permutations(rows, repeats + 1, seed)[:repeats], orders)


def test_one_column_at_a_time_is_permuted_and_the_others_stay() -> None:
    whole = Table((Numbers("n", np.array([1.0, np.nan, 3.0])), Categories.of("c", ["u", None, "v"])))
    seen: list[Table] = []

    def loss(features: Table) -> float:
        seen.append(features)
        return 0.0

    permutation_importance(loss, whole, np.array([[2, 0, 1], [0, 1, 2]]))
    order = np.array([2, 0, 1])
    assert seen == [
        whole,
        Table((whole["n"].take(order), whole["c"])),
        whole,
        Table((whole["n"], whole["c"].take(order))),
        whole,
    ]


def test_without_rows_or_without_orders_there_is_none() -> None:
    one = table(np.ones((1, 1)))
    with pytest.raises(InvalidData, match="no row to evaluate"):
        permutation_importance(lambda _: 0.0, one.take(np.array([], dtype=np.int64)), permutations(0, 1, 0))
    with pytest.raises(InvalidInput) as caught:
        permutation_importance(lambda _: 0.0, one, permutations(1, 0, 0))
    assert caught.value.field == "repeats"


@pytest.mark.parametrize("most", [1e200, 1.7e308])
def test_it_stays_within_json_at_the_end_of_the_range(most: float) -> None:
    ordered = table(np.array([[1.0], [2.0]]))

    def loss(features: Table) -> float:
        return 0.0 if matrix(features)[0, 0] == 1 else most

    (found,) = permutation_importance(loss, ordered, np.array([[1, 0], [0, 1]]))
    assert (found.mean, found.std) == pytest.approx((most / 2, most / 2))
