import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from lepton_core.errors import InvalidData
from lepton_core.models.learners.tree import as_arrays
from lepton_core.models.trees import average
from lepton_core.models.trees.arrays import join, leaves
from lepton_core.models.trees.check import check_trees
from lepton_core.models.trees.predict import leaf_rows, prepared, summed
from tests.lepton_core.models.trees.making import as_trees, draw, rows, slow_sum

seeds = st.integers(0, 2**32 - 1)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    seed=seeds,
    trees=st.integers(1, 6),
    depth=st.integers(0, 7),
    width=st.integers(1, 3),
    categories=st.booleans(),
    missing=st.sampled_from([0.0, 0.3]),
)
def test_all_rows_reach_the_leaves_that_a_walk_node_by_node_reaches(
    seed, trees, depth, width, categories, missing
):
    rng, by_set = np.random.default_rng(seed), (1,) if categories else ()
    drawn = draw(rng, n=3, trees=trees, depth=depth, width=width, categories=by_set)
    made, X = as_trees(drawn), rows(rng, 17, 3, by_set, missing)
    check_trees(made.arrays, 3, width, np.dtype(np.float64))
    expected = np.array([slow_sum(drawn, row) for row in X])
    found = summed(made, X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    for at in range(len(X)):
        assert summed(made, X[at : at + 1]).tobytes() == found[at : at + 1].tobytes()


@settings(max_examples=30, deadline=None)
@given(seed=seeds, counts=st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_joined_trees_are_those_trees(seed, counts):
    rng = np.random.default_rng(seed)
    parts = [as_trees(draw(rng, n=3, trees=count, depth=4, width=2, categories=(2,))) for count in counts]
    X, whole = rows(rng, 9, 3, (2,)), join(parts)
    check_trees(whole.arrays | {"sets": whole.sets}, 3, 2, np.dtype(np.float64))
    np.testing.assert_allclose(summed(whole, X), sum(summed(part, X) for part in parts), atol=1e-12)
    expected = np.concatenate([part.value.take(leaf_rows(part, X), axis=0) for part in parts])
    np.testing.assert_array_equal(whole.value.take(leaf_rows(whole, X), axis=0), expected)


def around(values: np.ndarray) -> np.ndarray:
    """Each value, and what lies beside it as float32 and as float64."""
    near = values.astype(np.float32)
    sides = [np.nextafter(near, np.float32(side)).astype(np.float64) for side in (-np.inf, np.inf)]
    return np.concatenate([values, *(np.nextafter(values, side) for side in (-np.inf, np.inf)), *sides])


@settings(max_examples=20, deadline=None)
@given(
    seed=seeds,
    n_classes=st.sampled_from([0, 2, 4]),
    missing=st.sampled_from([0.0, 0.2]),
    scale=st.sampled_from([1e-30, 1e-3, 1.0, 1e30]),
)
def test_a_forest_of_scikit_learn_says_the_same_as_its_arrays(seed, n_classes, missing, scale):
    rng = np.random.default_rng(seed)
    X = scale * np.round(rng.normal(size=(60, 4)), rng.integers(1, 9))
    X[rng.random(X.shape) < missing] = np.nan
    y = rng.integers(n_classes, size=60) if n_classes else rng.normal(size=60)
    kind = RandomForestClassifier if n_classes else RandomForestRegressor
    theirs = kind(n_estimators=3, random_state=int(seed % 1000)).fit(X, y)
    present = theirs.classes_ if n_classes else np.array([0])
    made = join([as_arrays(one.tree_, present, n_classes) for one in theirs.estimators_])
    parameters = average.parameters(made, 4, n_classes)
    average.check(parameters, 4, n_classes)
    thresholds = [one.tree_.threshold[one.tree_.children_left >= 0] for one in theirs.estimators_]
    values = np.concatenate([*thresholds, [0.0]])
    asked = rng.choice(around(values[np.isfinite(values)]), size=(300, 4))
    asked[rng.random(asked.shape) < 0.2] = np.nan
    expected = theirs.predict_proba(asked) if n_classes else theirs.predict(asked)
    np.testing.assert_allclose(average.predict(parameters, asked), expected, rtol=1e-12, atol=1e-12)


def test_values_are_refused_that_have_no_place_among_the_thresholds():
    good, single = np.array([[1.0, np.nan], [2.0, 3.0]]), np.dtype(np.float32)
    assert prepared(good, single).dtype == single
    for bad, dtype in ((np.inf, np.float32), (-np.inf, np.float64), (1e39, np.float32), (-1e300, np.float32)):
        X = good.copy()
        X[1, 0] = bad
        with pytest.raises(InvalidData) as caught:
            prepared(X, np.dtype(dtype))
        assert caught.value.row == 2
    with np.errstate(over="raise"):
        assert np.isfinite(prepared(np.full((3, 2), 1.7e308), np.dtype(np.float64))).all()


def test_of_no_features_or_no_rows_there_is_a_prediction_too():
    trees = leaves(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert summed(trees, prepared(np.zeros((3, 0)), np.dtype(np.float32))).tolist() == [[4.0, 6.0]] * 3
    assert summed(trees, prepared(np.zeros((0, 5)), np.dtype(np.float32))).shape == (0, 2)


def test_a_batch_larger_than_a_chunk_is_the_rows_one_by_one():
    rng = np.random.default_rng(0)
    drawn = draw(rng, n=3, trees=70, depth=3, width=2)
    X = rows(rng, 1500, 3)
    made = as_trees(drawn)
    whole = summed(made, X)
    for at in (0, 467, 468, 469, 936, 1499):
        assert summed(made, X[at : at + 1]).tobytes() == whole[at : at + 1].tobytes()
