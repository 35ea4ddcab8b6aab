import json

import numpy as np
import pytest

from lepton_core.errors import InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table, Texts

EMPTY = Preprocessor.empty()
TABLE = Table(
    (
        Numbers("a", np.array([1.0, 2.0])),
        Numbers("b", np.array([5.0, 6.0])),
        Categories.of("c", ["u", "v"]),
        Texts.of("id", ["k1", "k2"], "identifier"),
    )
)


def test_what_is_dropped_is_not_learnt_from_and_may_be_absent_or_missing_later():
    fitted = EMPTY.add("Drop", input=["b", "c"]).fit(TABLE)

    assert fitted.feature_names == ("a",)
    assert fitted.transform(TABLE.select(["a"])).tolist() == [[1.0], [2.0]]
    assert fitted.left_out == {"b": "", "c": "", "id": "only tells rows apart"}


def test_what_is_selected_stays_alone():
    hot = EMPTY.add("OneHot", input="c", output="hot", fewest=1)
    fitted = hot.add("Select", input=["a", "hot"]).fit(TABLE)
    assert fitted.feature_names == ("a", "c=u", "c=v")
    assert EMPTY.add("Select", input="X").fit(TABLE).feature_names == ("a", "b", "c=(rare)")
    into = EMPTY.add("Select", input=["b"], output="chosen").add("Normalize", input="chosen").fit(TABLE)
    assert into.feature_names == ("b",)
    assert into.transform(TABLE).tolist() == [[-1.0], [1.0]]


def test_they_survive_json():
    for chain in (EMPTY.add("Drop", input="b"), EMPTY.add("Select", input=["b", "c"])):
        fitted = chain.fit(TABLE)
        assert Preprocessor.from_dict(json.loads(json.dumps(fitted.as_dict()))) == fitted
        assert fitted.unfitted() == chain


@pytest.mark.parametrize("name", ["Drop", "Select"])
def test_there_are_no_options(name):
    with pytest.raises(InvalidInput, match="no option 'why'") as caught:
        EMPTY.add(name, input="X", why="so")
    assert caught.value.field == "why"


def test_a_reason_is_a_text():
    data = EMPTY.add("Drop", input="b").fit(TABLE).as_dict()
    data["steps"][0]["state"]["reason"] = [3]
    with pytest.raises(InvalidInput) as caught:
        Preprocessor.from_dict(data)
    assert caught.value.field == "steps[0].state.reason"
