import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidArtifact
from lepton_core.models.trees import average, boosted
from lepton_core.models.trees.arrays import MAX_DEPTH, ordered
from lepton_core.models.trees.check import check_trees, shape
from tests.lepton_core.models.trees.making import SLOTS, as_trees, draw, rows

FLOAT64 = np.dtype(np.float64)


def boosted_parameters(seed: int = 0, depth: int = 4):
    rng = np.random.default_rng(seed)
    made = as_trees(draw(rng, n=3, trees=4, depth=depth, width=1, categories=(1,)))
    known = np.array([[1, code] for code in range(SLOTS)], dtype=np.int32)
    more = {"known": known, "baseline": np.array([0.5, 0.0, -0.5])}
    output = np.array([0, 1, 2, 0], dtype=np.int32)
    return made.arrays | {"sets": made.sets, "output": output} | more | shape(3, 3)


def test_good_ones_pass():
    boosted.check(boosted_parameters(), 3, 3)
    one = draw(np.random.default_rng(1), n=3, trees=2, depth=3, width=1)
    average.check(average.parameters(as_trees(one, np.float32), 3, 0), 3, 0)


def chain(depth: int):
    """A tree that goes on to the right only."""
    count = np.arange(2 * depth + 1)
    children = np.full((len(count), 2), -1)
    children[0 : 2 * depth : 2] = np.stack((count[1::2], count[2::2]), axis=1)
    return ordered(
        roots=np.array([0]),
        children=children,
        feature=np.zeros(len(count), dtype=int),
        threshold=np.arange(len(count), dtype=np.float64),
        missing_left=np.ones(len(count), dtype=bool),
        value=np.ones((len(count), 1)),
    ).arrays


def test_a_tree_that_is_too_deep_is_refused():
    check_trees(chain(MAX_DEPTH), 1, 1, FLOAT64)
    with pytest.raises(InvalidArtifact, match="deeper than"):
        check_trees(chain(MAX_DEPTH + 1), 1, 1, FLOAT64)


def changed(name: str, at, value):
    arrays = boosted_parameters()
    arrays[name] = arrays[name].copy()
    arrays[name][at] = value
    return arrays


def leaf_and_split(parameters) -> tuple[int, int]:
    leaf = parameters["left"] == np.arange(len(parameters["left"]))
    return int(np.flatnonzero(leaf)[0]), int(np.flatnonzero(~leaf)[0])


def test_each_way_to_be_wrong_is_found():
    good = boosted_parameters()
    leaf, split = leaf_and_split(good)
    by_set = int(np.flatnonzero(good["row"] < -1)[0])
    nodes = len(good["left"])
    cases = [
        ("left", split, split, None),  # no child of its own: those it had are left over
        ("left", split, -1, "after its parent"),
        ("left", nodes - 1, 0, "after its parent"),
        ("left", split, nodes - 1, "outside"),
        ("left", split, 2**31 - 1, "outside"),
        ("left", split, int(good["left"][split]) + 1, "exactly one"),
        ("roots", 1, 0, "exactly one"),
        ("roots", 0, -1, "outside"),
        ("roots", 0, nodes, "outside"),
        ("feature", split, 3, "no such feature"),
        ("feature", leaf, -1, "no such feature"),
        ("row", leaf, -1, "no values"),
        ("row", leaf, len(good["value"]), "no values"),
        ("row", split, 0, "no set"),
        ("row", by_set, -2 - len(good["sets"]), "no set"),
        ("feature", by_set, 0, "has no codes"),
        ("known", (0, 0), 3, "no such column"),
        ("known", (0, 1), -1, "no such column"),
        ("known", (1, 1), 0, "not sorted"),
        ("output", 0, 3, "no such score"),
        ("output", 0, -1, "no such score"),
        ("shape", 0, 4, "4 features"),
        ("shape", 1, 2, "2 classes"),
        ("value", 0, 1e308, "summed"),
        ("threshold", 0, np.nan, "finite"),
    ]
    for name, at, value, why in cases:
        with pytest.raises(InvalidArtifact, match=why):
            boosted.check(changed(name, at, value), 3, 3)


def test_arrays_that_do_not_belong_together_are_refused():
    good = boosted_parameters()
    wide = np.array([[1, code] for code in range(256)], dtype=np.int32)
    nothing = {
        name: good[name][:0] for name in ("feature", "left", "row", "threshold", "missing_right", "roots")
    }
    for bad in (
        {name: array for name, array in good.items() if name != "sets"},
        good | {"known": wide},
        good | {"known": good["known"][:0]},
        good | {"output": good["output"][:-1]},
        good | {"baseline": good["baseline"][:1]},
        good | {"value": good["value"][:-1]},
        good | {"sets": good["sets"][: -2 - good["row"].min()]},
        good | nothing,
        good | {"left": np.zeros((), np.int32)},
    ):
        with pytest.raises(InvalidArtifact):
            boosted.check(bad, 3, 3)


def test_a_class_model_needs_probabilities_and_a_model_of_no_features_no_splits():
    one = as_trees(draw(np.random.default_rng(1), n=3, trees=2, depth=3, width=2), np.float32)
    with pytest.raises(InvalidArtifact, match="sum to 1"):
        average.check(average.parameters(one, 3, 2), 3, 2)
    values = as_trees(draw(np.random.default_rng(1), n=1, trees=2, depth=3, width=1), np.float32)
    with pytest.raises(InvalidArtifact, match="no such feature"):
        average.check(average.parameters(values, 0, 0), 0, 0)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 50),
    name=st.sampled_from(
        ["roots", "feature", "left", "row", "threshold", "missing_right", "value", "sets", "known", "output"]
    ),
    changes=st.lists(
        st.tuples(st.integers(0, 2**16), st.one_of(st.integers(-40, 40), st.integers(-(2**31), 2**31 - 1))),
        min_size=1,
        max_size=3,
    ),
    flip=st.booleans(),
)
def test_whatever_passes_the_check_predicts_and_explains(seed, name, changes, flip):
    parameters = boosted_parameters(seed)
    array = parameters[name].copy()
    data = array.reshape(-1).view(np.uint8) if flip else array.reshape(-1)
    for at, value in changes:
        if len(data):
            data[at % len(data)] = value % 256 if data.dtype == np.uint8 else value
    parameters[name] = array
    try:
        boosted.check(parameters, 3, 3)
    except InvalidArtifact:
        return
    X = rows(np.random.default_rng(seed), 9, 3, (1,))
    predicted = boosted.predict(parameters, X)
    assert predicted.shape == (9, 3)
    assert np.isfinite(predicted).all()
    with np.errstate(over="ignore", invalid="ignore"):  # values may be as large as numbers are
        boosted.explain(parameters, X[:2], X[2:5])
