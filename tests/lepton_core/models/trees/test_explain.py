import tracemalloc
from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.models.trees.arrays import ordered
from lepton_core.models.trees.explain import shapley
from lepton_core.models.trees.predict import summed
from tests.lepton_core.models.trees.making import as_trees, draw, rows


def brute_force(f, x: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Shapley's formula over all coalitions, absent features drawn from the background rows."""
    n = len(x)

    def value(coalition: tuple[int, ...]) -> np.ndarray:
        mixed = background.copy()
        mixed[:, list(coalition)] = x[list(coalition)]
        return f(mixed).mean(axis=0)

    values = {
        coalition: value(coalition) for size in range(n + 1) for coalition in combinations(range(n), size)
    }
    result = []
    for feature in range(n):
        others = [one for one in range(n) if one != feature]
        result.append(
            sum(
                factorial(size)
                * factorial(n - size - 1)
                / factorial(n)
                * (values[tuple(sorted((*without, feature)))] - values[without])
                for size in range(n)
                for without in combinations(others, size)
            )
        )
    return np.array(result)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 6),
    trees=st.integers(1, 4),
    depth=st.integers(0, 6),
    width=st.integers(1, 3),
    categories=st.booleans(),
    missing=st.sampled_from([0.0, 0.3]),
)
def test_contributions_are_shapley_values(seed, n, trees, depth, width, categories, missing):
    rng, by_set = np.random.default_rng(seed), (n - 1,) if categories else ()
    made = as_trees(draw(rng, n=n, trees=trees, depth=depth, width=width, categories=by_set))
    X, background = rows(rng, 3, n, by_set, missing), rows(rng, 4, n, by_set, missing)
    found = shapley(made, X, background)
    expected = [brute_force(lambda mixed: summed(made, mixed), x, background) for x in X]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)
    moved = summed(made, X) - summed(made, background).mean(axis=0)
    np.testing.assert_allclose(found.sum(axis=1), moved, rtol=0, atol=1e-11)


def test_paths_of_more_features_than_a_word_has_bits():
    # A chain: feature j must be above 0 to go on. Only a row that is above 0 everywhere comes to the end.
    n = 150
    children = np.array([[2 * j + 1, 2 * j + 2] for j in range(n)])
    at = np.zeros((2 * n + 1, 2), dtype=int) - 1
    at[0::2][:n] = children
    made = ordered(
        roots=np.array([0]),
        children=at,
        feature=np.repeat(np.arange(n + 1), 2)[: 2 * n + 1],
        threshold=np.zeros(2 * n + 1),
        missing_left=np.ones(2 * n + 1, dtype=bool),
        value=(np.arange(2 * n + 1) == 2 * n).astype(float)[:, None],
    )
    X = np.ones((2, n))
    X[1, 7] = -1.0
    assert summed(made, X).ravel().tolist() == [1.0, 0.0]
    found = shapley(made, X, -np.ones((1, n)))[:, :, 0]
    np.testing.assert_allclose(found[0], np.full(n, 1 / n), rtol=1e-12)
    assert not found[1].any()
    half = np.ones((1, n))
    half[0, 100:] = -1.0
    found = shapley(made, X[:1], half)[0, :, 0]
    np.testing.assert_allclose(found, np.where(np.arange(n) < 100, 0.0, 1 / 50), atol=1e-15)


def test_many_nodes_are_explained_in_pieces():
    rng = np.random.default_rng(1)
    made = as_trees(draw(rng, n=12, trees=30, depth=9, width=2))
    X, background = rng.normal(size=(20, 12)), rng.normal(size=(150, 12))
    found = shapley(made, X, background)
    moved = summed(made, X) - summed(made, background).mean(axis=0)
    np.testing.assert_allclose(found.sum(axis=1), moved, atol=1e-10)
    np.testing.assert_allclose(found[3:4], shapley(made, X[3:4], background), atol=1e-12)


def test_many_rows_take_no_more_memory_at_once():
    rng = np.random.default_rng(2)
    made = as_trees(draw(rng, n=3, trees=2, depth=3, width=1))
    X, background = rng.normal(size=(20_000, 3)), rng.normal(size=(50, 3))
    tracemalloc.start()
    found = shapley(made, X, background)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2**25
    moved = summed(made, X) - summed(made, background).mean(axis=0)
    np.testing.assert_allclose(found.sum(axis=1), moved, atol=1e-10)
