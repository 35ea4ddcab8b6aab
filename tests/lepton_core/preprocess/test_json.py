import copy
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

TABLE = Table(
    (
        Numbers("a", np.array([0.1, 0.2, 1 / 3, np.nan])),
        Categories.of("t", ["u", "v", "ü", None]),
        Numbers("k", np.array([1.0, 2.5, 1.0, 1.0])),
        Categories.of("o", ["u", "v", "ü", None]),
    )
)
CHAIN = (
    Preprocessor.empty()
    .add("Impute", input=["a"], output="filled", strategy="median")
    .add("Impute", input="t", strategy="constant", value="none")
    .add("OneHot", input=["t", "k"], output="hot", fewest=1)
    .add("Normalize", input="filled", output="z")
    .add("MinMax", input=["z", "hot"], output="scaled")
    .add("Ordinal", input="o", fewest=1)
    .add("Impute", input="o", strategy="most_frequent")
)
FITTED = CHAIN.fit(TABLE)


def through_json(data):
    return json.loads(json.dumps(data, allow_nan=False))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=10))
def test_a_fitted_preprocessor_survives_json_to_the_last_bit(values):
    table = Table((Numbers("a", np.array(values)),))
    fitted = Preprocessor.empty().add("Normalize", input="X").add("MinMax", input="X").fit(table)

    again = Preprocessor.from_dict(through_json(fitted.as_dict()))

    assert again == fitted
    np.testing.assert_array_equal(again.transform(table), fitted.transform(table))


def test_a_long_chain_survives_json():
    for chain in (CHAIN, FITTED, Preprocessor.empty()):
        again = Preprocessor.from_dict(through_json(chain.as_dict()))

        assert again == chain
        assert again.fitted == chain.fitted
        assert again.as_dict() == chain.as_dict()
    np.testing.assert_array_equal(
        Preprocessor.from_dict(through_json(FITTED.as_dict())).transform(TABLE), FITTED.transform(TABLE)
    )


def test_state_is_one_array_a_statistic():
    assert FITTED.as_dict()["steps"][2]["state"] == {
        "columns": ["t", "k"],
        "levels": [["none", "u", "v", "ü"], [1.0, 2.5]],
    }


def test_a_step_may_leave_out_what_has_a_default():
    short = {"format": 1, "steps": [{"transformer": "Normalize", "input": "X"}]}

    assert Preprocessor.from_dict(short) == Preprocessor.empty().add("Normalize", input="X")


def damaged(path, value):
    data = copy.deepcopy(through_json(FITTED.as_dict()))
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["format"], 4, "format"),
        (["steps"], {}, "steps"),
        (["steps", 0], 3, "steps[0]"),
        (["steps", 0, "transformer"], "eval", "steps[0].transformer"),
        (["steps", 0, "input"], 3, "steps[0].input"),
        (["steps", 0, "output"], 3, "steps[0].output"),
        (["steps", 0, "options"], 3, "steps[0].options"),
        (["steps", 0, "options"], {"strategy": "x"}, "steps[0].strategy"),
        (["steps", 0, "more"], 3, "steps[0].more"),
        (["steps", 0, "state"], {"columns": ["a"]}, "steps[0].state"),
        (["steps", 0, "state", "columns"], "a", "steps[0].state.columns"),
        (["steps", 0, "state", "columns"], ["b"], "state"),
        (["steps", 0, "state", "fill"], [1.0, 2.0], "steps[0].state.fill"),
        (["steps", 0, "state", "fill"], [None], "steps[0].state.fill"),
        (["steps", 0, "state", "fill"], ["text"], "fill"),
        (["steps", 0, "state"], None, "state"),
        (["steps", 2, "state", "levels"], [["b", "a"], [1.0]], "steps[2].state.levels"),
        (["steps", 2, "state", "levels"], [["a", 1.0], [1.0]], "steps[2].state.levels"),
        (["steps", 2, "state", "levels"], [[1.0], [1.0]], "levels"),
        (["steps", 2, "state", "levels"], [["a"], ["1"]], "levels"),
        (["steps", 2, "state", "levels"], [["a"], [float("nan")]], "steps[2].state.levels"),
        (["steps", 2, "state", "levels"], [["a"], list(range(10_001))], "steps[2].state.levels"),
        (["steps", 2, "state", "levels"], [["a", None, "b"], [1.0]], "steps[2].state.levels"),
        (["steps", 2, "state", "levels"], [["a", None], [None, None]], "steps[2].state.levels"),
        (["steps", 2, "options"], {"fewest": 0}, "steps[2].fewest"),
        (["steps", 2, "options"], {"fewest": True}, "steps[2].fewest"),
        (["steps", 2, "options"], {"most": 5}, "steps[2].most"),
        (["steps", 3, "state", "mean"], [10**400], "steps[3].state.mean"),
        (["steps", 3, "state", "mean"], [float("inf")], "steps[3].state.mean"),
        (["steps", 3, "state", "mean"], [True], "steps[3].state.mean"),
        (["steps", 3, "state", "std"], [-1.0], "steps[3].state.std"),
        (["steps", 3, "output"], "hot", "steps[3].output"),
        (["steps", 4, "state", "max"], [-1e308] * 7, "a"),
        (["steps", 5, "state", "levels"], [["b", "a"]], "steps[5].state.levels"),
        (["steps", 5, "state", "levels"], [[1.0]], "levels"),
        (["steps", 5, "state", "levels"], [[]], "state"),
        (["schema"], None, "schema"),
        (["schema", "columns", 0, "name"], "other", "input"),
    ],
)
def test_damage_is_named(path, value, field):
    with pytest.raises(InvalidInput) as caught:
        Preprocessor.from_dict(damaged(path, value))
    assert caught.value.field == field


def test_what_is_no_object_is_refused():
    with pytest.raises(InvalidInput) as caught:
        Preprocessor.from_dict([])
    assert caught.value.field == "preprocessor"


def places(data, path=()):
    yield path
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from places(data[key], (*path, key))


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
    st.just([[]]),
)


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.sampled_from([path for path in places(through_json(FITTED.as_dict())) if path]), junk)
def test_any_damage_is_an_invalid_input_or_still_a_preprocessor(path, value):
    try:
        loaded = Preprocessor.from_dict(damaged(path, value))
    except InvalidInput:
        return
    assert Preprocessor.from_dict(through_json(loaded.as_dict())) == loaded
    if loaded.fitted:
        assert len(loaded.feature_names) == len(set(loaded.feature_names))
