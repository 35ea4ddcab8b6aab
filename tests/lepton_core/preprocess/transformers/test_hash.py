import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table, Texts, rows_to_table

TEXTS = st.lists(st.sampled_from(["Bonn", "Ulm", "7", "", "é"]) | st.none(), min_size=1, max_size=20)


def table(texts):
    return Table((Categories.of("town", texts), Numbers("n", np.zeros(len(texts)))))


def chain(**options):
    return Preprocessor.empty().add("Hash", input="town", **options)


@pytest.mark.slow
@given(TEXTS)
def test_with_room_for_all_rows_are_as_like_as_with_one_hot(texts):
    found = chain(size=4096).fit(table(texts)).transform(table(texts))[:, :-1]
    assert (found @ found.T).tolist() == [[float(a == b is not None) for a in texts] for b in texts]


@given(TEXTS, st.integers(1, 9))
def test_a_cell_has_one_sign_in_one_place_whatever_the_others_are(texts, size):
    fitted = chain(size=size).fit(table(texts))
    together = fitted.transform(table(texts))
    for row, text in enumerate(texts):
        np.testing.assert_array_equal(fitted.transform(table([text]))[0], together[row])
    sizes = np.abs(together[:, :-1]).sum(axis=1)
    assert sizes.tolist() == [float(text is not None) for text in texts]


def test_levels_spread_over_places_and_signs():
    texts = [f"level {number}" for number in range(4000)]
    found = chain(size=4).fit(table(texts)).transform(table(texts))[:, :4]
    assert (np.abs(found.sum(axis=0)) < 200).all()
    assert (np.abs(np.abs(found).sum(axis=0) - 1000) < 200).all()


def test_any_text_and_any_number_of_levels_will_do():
    ids = Table((Texts.of("town", ["a1", "b2"], "identifier"),))
    fitted = chain(size=3).fit(ids)
    assert fitted.feature_names == ("town#0", "town#1", "town#2")
    assert fitted.left_out == {}
    codes = Table((Numbers("town", np.array([53111.0, 89073.0]), "integer"),))
    assert np.abs(chain().fit(codes).transform(codes)).sum() == 2


def test_a_fill_is_hashed_too_and_an_unknown_level_is_nothing():
    filled = Preprocessor.empty().add("Impute", input="town", strategy="constant", value="Ulm")
    fitted = filled.add("Hash", input="town").fit(table(["Ulm", None, "Bonn"]))
    found = fitted.transform(table([None, "Ulm"]))
    np.testing.assert_array_equal(found[0], found[1])
    known = table(["Ulm"])["town"]
    unknown = Categories("town", np.array([1], dtype=np.int32), known.levels)
    assert not fitted.transform(Table((unknown, Numbers("n", np.zeros(1))))).any()


@pytest.mark.parametrize("name", ["Hash", "TextHash"])
def test_a_level_that_few_rows_had_is_read_later_as_it_was_in_training(name):
    rows = table(["Bonn"] * 5 + ["Ulm", "Köln"])
    alone = Preprocessor.empty().add(name, input="town", size=16)
    for steps in (alone, alone.add("PolynomialFeatures", input="town", output="products")):
        fitted = Preprocessor.from_dict(json.loads(json.dumps(steps.fit(rows).as_dict())))
        assert fitted.schema["town"].levels == ("Bonn",)
        later = rows_to_table([{"town": "Köln", "n": 0}], fitted.schema)
        np.testing.assert_array_equal(fitted.transform(later)[0], fitted.transform(rows)[-1])
        assert fitted.transform(later)[0].any()


def test_it_survives_json():
    fitted = chain().add("Normalize", input="town").fit(table(["Ulm", None, "Bonn"]))
    assert Preprocessor.from_dict(json.loads(json.dumps(fitted.as_dict()))) == fitted


@pytest.mark.parametrize("size", [0, 4097, 2.0, True, "8"])
def test_a_wrong_size_is_refused(size):
    with pytest.raises(InvalidInput) as caught:
        chain(size=size)
    assert caught.value.field == "size"


def test_scaled_numbers_are_refused():
    scaled = Preprocessor.empty().add("Normalize", input="n").add("Hash", input="n")
    with pytest.raises(InvalidInput, match="Hash takes column 'n' as it is in the data"):
        scaled.fit(table(["Ulm"]))
