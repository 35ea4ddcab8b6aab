import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.artifact import read_container, write_container
from lepton_core.models.trees.arrays import BY_THRESHOLD, TREE_ARRAYS, join, leaves, trees_of
from tests.lepton_core.models.trees.making import as_trees, draw


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), trees=st.integers(1, 5), depth=st.integers(0, 6), by_set=st.booleans())
def test_nodes_lie_after_their_parents_level_by_level(seed, trees, depth, by_set):
    drawn = draw(
        np.random.default_rng(seed), n=3, trees=trees, depth=depth, width=2, categories=(0,) if by_set else ()
    )
    made = as_trees(drawn)
    own = np.arange(len(drawn.nodes))
    leaf = made.left == own
    children = made.left[~leaf]
    assert made.roots.tolist() == list(range(trees))
    assert (children > own[~leaf]).all()
    assert (np.diff(children) == 2).all()  # the next free pair: no gap, and none twice
    assert leaf.sum() == sum(one["left"] < 0 for one in drawn.nodes)
    assert (made.row[leaf] >= 0).all()
    assert (made.row[~leaf] <= BY_THRESHOLD).all()
    assert np.isfinite(made.threshold).all()
    assert len(np.unique(made.value, axis=0)) == len(made.value)


def test_equal_leaves_share_their_values():
    values = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    made = leaves(values)
    assert made.value.tolist() == [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    np.testing.assert_array_equal(made.value[made.row], values)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_arrays_go_through_a_model_file(dtype):
    drawn = draw(np.random.default_rng(3), n=4, trees=3, depth=5, width=2, categories=(1,))
    made = join([as_trees(drawn, dtype), as_trees(drawn, dtype)])
    assert set(made.arrays) == {*TREE_ARRAYS, "sets"}
    arrays, _ = read_container(write_container(made.arrays, {}))
    again = trees_of(arrays)
    for name, array in made.arrays.items():
        assert (getattr(again, name).dtype, getattr(again, name).tobytes()) == (array.dtype, array.tobytes())
    numbers = as_trees(draw(np.random.default_rng(3), n=4, trees=3, depth=5, width=2))
    assert set(numbers.arrays) == set(TREE_ARRAYS)
