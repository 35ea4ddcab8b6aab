"""Trees that keep to signs and groups; without any they are those of scikit-learn."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from lepton_core.models.learners.constrained import grow_constrained
from lepton_core.models.learners.growth import Growth
from lepton_core.models.learners.node_costs import Costs
from lepton_core.models.learners.tree import grow
from lepton_core.models.trees.arrays import trees_of
from lepton_core.models.trees.predict import summed
from lepton_core.models.trees.training import TreeRows, loss


def rows(seed: int, n_classes: int, *, missing: float = 0.0, most: int = 150) -> tuple[TreeRows, np.ndarray]:
    """A table of some columns, and weights of its rows, some of which are 0."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(20, most)), int(rng.integers(1, 6))
    X = rng.normal(size=(m, n)).astype(np.float32)
    y = X[:, 0] + np.abs(X[:, -1]) + 0.5 * rng.normal(size=m)
    if n_classes:
        y = np.searchsorted(np.quantile(y, np.linspace(0, 1, n_classes + 1)[1:-1]), y)
    X[rng.random(X.shape) < missing] = np.nan
    return TreeRows(X, y, None), rng.integers(0, 4, m).astype(np.float64)


def judged(tree, data: TreeRows, weights: np.ndarray, n_classes: int) -> float:
    found = summed(tree, data.X)
    return loss(found if n_classes else found[:, 0], data.y, weights)


@pytest.mark.parametrize("seed", range(12))
def test_without_constraints_it_is_the_tree_of_scikit_learn(seed):
    rng = np.random.default_rng([seed, 1])
    growth = Growth(
        max_depth=int(rng.integers(1, 7)),
        max_leaf_nodes=[None, 6][seed % 2],
        min_samples_split=int(rng.integers(2, 12)),
        min_samples_leaf=int(rng.integers(1, 5)),
        ccp_alpha=[0.0, 0.01][seed // 2 % 2],
    )
    data, weights = rows(seed, 0, missing=0.2 * (seed % 3 > 0))
    own, theirs = grow_constrained(data, 0, growth, weights, 0), grow(data, 0, growth, weights, 0)
    assert len(own.left) == len(theirs.left)
    counted = weights > 0
    np.testing.assert_allclose(summed(own, data.X)[counted], summed(theirs, data.X)[counted], rtol=1e-12)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_of_classes_its_first_split_is_as_good(seed, criterion, n_classes):
    data, weights = rows(seed, n_classes, missing=0.2)
    growth = Growth(criterion=criterion, max_depth=1, min_samples_leaf=3)
    own, theirs = (one(data, n_classes, growth, weights, 0) for one in (grow_constrained, grow))
    if criterion == "entropy":
        found, expected = (judged(tree, data, weights, n_classes) for tree in (own, theirs))
    else:
        found, expected = (
            float(weights @ np.square(summed(tree, data.X)).sum(axis=1)) for tree in (own, theirs)
        )
    assert found == pytest.approx(expected)


def test_no_drawn_feature_that_splits_nothing_ends_a_branch():
    X = np.zeros((40, 8), np.float32)
    X[:, 3] = np.arange(40)
    tree = grow_constrained(
        TreeRows(X, np.arange(40.0), None), 0, Growth(max_features=0.1, max_depth=2), None, 0
    )
    assert set(tree.feature[tree.left != np.arange(len(tree.left))]) == {3}
    assert len(tree.left) == 7


def test_features_are_drawn_anew_for_each_split():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 6)).astype(np.float32)
    data = TreeRows(X, X.sum(axis=1).astype(np.float64), None)
    trees = [grow_constrained(data, 0, Growth(max_features=0.2), None, seed) for seed in (0, 0, 1)]
    assert trees[0].threshold.tobytes() == trees[1].threshold.tobytes()
    assert trees[0].threshold.tobytes() != trees[2].threshold.tobytes()
    splits = trees[0].left != np.arange(len(trees[0].left))
    assert len(set(trees[0].feature[splits])) == 6


@pytest.mark.parametrize("seed", range(6))
def test_under_signs_it_loses_no_more_than_that_of_scikit_learn(seed):
    """Theirs refuses a split whose sides lie outside of the bounds; here they are brought within."""
    data, weights = rows(seed, 0, most=400)
    signs = tuple(np.random.default_rng(seed).integers(-1, 2, data.X.shape[1]).tolist())
    growth = Growth(signs=signs, max_depth=5)
    own = judged(grow_constrained(data, 0, growth, weights, 0), data, weights, 0)
    theirs = DecisionTreeRegressor(max_depth=5, monotonic_cst=signs, random_state=0)
    theirs.fit(data.X, data.y, sample_weight=weights)
    assert own <= loss(theirs.predict(data.X), data.y, weights) * 1.05 + 1e-12


def test_missing_values_go_to_the_side_that_suits_them():
    X = np.array([[1.0], [2.0], [3.0], [4.0], [np.nan], [np.nan]], np.float32)
    for lost, right in ((0.0, False), (9.0, True)):
        data = TreeRows(X, np.array([0.0, 0.0, 9.0, 9.0, lost, lost]), None)
        tree = trees_of(grow_constrained(data, 0, Growth(signs=(1,)), None, 0).arrays)
        assert tree.missing_right[0] == right
        assert summed(tree, X).ravel().tolist() == data.y.tolist()
    data = TreeRows(X, np.array([4.0, 4.0, 4.0, 4.0, 9.0, 9.0]), None)
    tree = grow_constrained(data, 0, Growth(signs=(1,)), None, 0)
    assert summed(tree, X).ravel().tolist() == data.y.tolist()
    assert summed(tree, np.array([[1e30]], np.float32))[0, 0] == 4.0


@pytest.mark.parametrize("costs", [Costs(), Costs(factor=2.0), Costs(entropy=True)], ids=str)
def test_no_value_within_bounds_costs_less(costs):
    rng = np.random.default_rng(0)
    for _ in range(50):
        W = rng.uniform(0.1, 5, 1)
        S = W[:, None] * rng.random((1, 1))
        low, high = np.sort(rng.random((1, 2)), axis=1).T
        best = costs.of(W, S, costs.value(W, S, low, high))[0]
        grid = np.linspace(low[0], high[0], 50)
        assert all(best <= costs.of(W, S, np.array([[value]]))[0] + 1e-12 for value in grid)


def test_targets_far_from_zero_lose_no_split():
    x = np.arange(64, dtype=np.float32)
    y = 1e9 + (x > 40) * 1e-3
    tree = grow_constrained(TreeRows(x[:, None], y, None), 0, Growth(signs=(1,)), None, 0)
    assert tree.threshold[0] == 40.5
    assert len(tree.left) == 3
