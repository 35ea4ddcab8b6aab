import json

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table, Texts

SAID = ["The wine is good", "a GOOD year, a good wine!", None, "the year is over"]


def table(texts):
    return Table((Texts.of("note", texts),))


def chain(**options):
    return Preprocessor.empty().add("TextHash", input="note", **options)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("idf", [False, True])
def test_where_no_two_words_share_a_place_the_rows_are_those_of_scikit_learn(pairs, idf):
    oracle = TfidfVectorizer(
        token_pattern=r"\w+", ngram_range=(1, 2 if pairs else 1), sublinear_tf=True, use_idf=idf
    )
    oracle.fit([text or "" for text in SAID])
    later = ["good wine", "the year", None, "is good", "is over"]
    expected = oracle.transform([text or "" for text in later]).toarray()
    found = chain(size=1 << 15, pairs=pairs, idf=idf).fit(table(SAID)).transform(table(later))

    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-12)


def test_each_place_is_a_feature_of_the_text():
    fitted = chain(size=4).fit(table(SAID))

    assert fitted.feature_names == ("note#0", "note#1", "note#2", "note#3")
    assert fitted.sources == ("note",) * 4
    assert fitted.transform(table(SAID)).shape == (4, 4)
    assert len(chain().fit(table(SAID)).feature_names) == 1024


def test_a_later_step_reads_the_places_as_numbers():
    fitted = chain(size=8, pairs=True).add("Normalize", input="note").fit(table(SAID))
    np.testing.assert_allclose(fitted.transform(table(SAID)).mean(axis=0), 0, atol=1e-12)


def test_texts_that_were_filled_before_have_the_words_of_the_fill():
    filled = Preprocessor.empty().add("Impute", input="note", strategy="constant", value="good")
    fitted = filled.add("TextHash", input="note", idf=False).fit(table(SAID))
    found = fitted.transform(table([None, "good"]))
    np.testing.assert_array_equal(found[0], found[1])


def test_it_survives_json():
    fitted = chain(size=16, pairs=True).fit(table(SAID))
    again = Preprocessor.from_dict(json.loads(json.dumps(fitted.as_dict())))

    assert again == fitted
    np.testing.assert_array_equal(again.transform(table(SAID)), fitted.transform(table(SAID)))


def test_a_category_can_be_taken_for_text():
    names = Table((Categories.of("note", ["Mr Smith", "Mrs Smith", None]),))
    found = chain(size=64).fit(names).transform(names)
    assert found[0] @ found[1] > 0
    assert not found[2].any()


def test_numbers_are_refused_with_the_remedy():
    with pytest.raises(
        InvalidData, match=r"column 'note': holds cells of kind 'number' .* kinds=\{'note': 'text'\}"
    ):
        chain().fit(Table((Numbers("note", np.ones(2)),)))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"size": 1}, "size"),
        ({"size": 1 << 17}, "size"),
        ({"size": 64.0}, "size"),
        ({"size": True}, "size"),
        ({"pairs": 1}, "pairs"),
        ({"idf": None}, "idf"),
        ({"words": 2}, "words"),
    ],
)
def test_wrong_options_are_named(options, field):
    with pytest.raises(InvalidInput) as caught:
        chain(**options)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("size", "4", "steps[0].state.size"),
        ("pairs", 1, "steps[0].state.pairs"),
        ("weights", ["a"], "steps[0].state.weights"),
        ("weights", 3, "steps[0].state.weights"),
        ("weights", [1.0], "weights"),
    ],
)
def test_damage_is_named(name, value, field):
    data = chain(size=4).fit(table(SAID)).as_dict()
    data["steps"][0]["state"][name] = [value]
    with pytest.raises(InvalidInput) as caught:
        Preprocessor.from_dict(data)
    assert caught.value.field == field
