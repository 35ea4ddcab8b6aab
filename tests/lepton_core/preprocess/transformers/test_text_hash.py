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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_places_with_words_of_most_texts_are_kept():
    said = ["red wine", "red apple", "red wine, green apple", "wine", "pear"]
    every = chain(size=1 << 16, idf=False).fit(table(said))
    kept = chain(size=1 << 16, idf=False, most=2).fit(table(said))
    found, all_of_them = kept.transform(table(said)), every.transform(table(said))

    assert found.shape == (5, 2)
    place = {word: int(np.flatnonzero(every.transform(table([word]))[0])[0]) for word in ("red", "wine")}
    assert kept.feature_names == tuple(f"note#{at}" for at in sorted(place.values()))
    # A row has length 1 with the words that are kept; it has none of the others.
    there = all_of_them[:, sorted(place.values())]
    lengths = np.linalg.norm(there, axis=1, keepdims=True)
    np.testing.assert_allclose(found, np.divide(there, lengths, out=np.zeros_like(there), where=lengths > 0))
    assert not found[4].any()


def test_the_word_of_one_text_is_not_kept_unless_there_is_no_other():
    assert len(chain(size=64, most=64).fit(table(["a b", "a c"])).feature_names) == 1
    assert len(chain(size=64, most=64).fit(table(["a", "b"])).feature_names) == 1
    assert len(chain(size=64, most=64).fit(table([None, None])).feature_names) == 1


@pytest.mark.sampled(4)
@pytest.mark.parametrize("seed", range(8))
def test_weights_and_order_of_kept_places_are_those_of_all_places(seed):
    rng = np.random.default_rng(seed)
    said = [" ".join(f"w{word}" for word in rng.zipf(1.5, size=9) % 50) for _ in range(40)]
    options = {"size": 1 << 12, "pairs": bool(rng.integers(2)), "idf": bool(rng.integers(2))}
    kept = chain(**options, most=int(rng.integers(1, 40))).fit(table(said))
    every = chain(**options).fit(table(said))
    at = [every.feature_names.index(name) for name in kept.feature_names]
    found, wanted = kept.transform(table(said)), every.transform(table(said))[:, at]
    lengths = np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(found, wanted / np.where(lengths, lengths, 1.0))
    assert at == sorted(at)
    again = Preprocessor.from_dict(json.loads(json.dumps(kept.as_dict())))
    np.testing.assert_array_equal(again.transform(table(said)), found)


@pytest.mark.parametrize("most", [0, -1, True, 1.5, "5", 65537])
def test_most_is_a_whole_number_of_places(most):
    with pytest.raises(InvalidInput, match="from 1 to 65536") as caught:
        chain(most=most)
    assert caught.value.field == "most"


@pytest.mark.parametrize(
    ("places", "weights", "field"),
    [
        ([1, 1], [1.0, 1.0], "places"),
        ([2, 1], [1.0, 1.0], "places"),
        ([1, 64], [1.0, 1.0], "places"),
        ([1, 2], [1.0], "weights"),
        ([], [], "state.places"),
        ([1, -2], [1.0, 1.0], "state.places"),
        ([1, 2.5], [1.0, 1.0], "state.places"),
        ("12", [1.0, 1.0], "state.places"),
    ],
)
def test_places_of_a_stored_step_that_do_not_fit_are_refused(places, weights, field):
    state = {"columns": ["note"], "size": [64], "pairs": [False], "weights": [weights], "places": [places]}
    stored = chain(size=64, most=2).fit(table(["a b", "a b"])).as_dict()
    stored["steps"][0]["state"] = state
    with pytest.raises(InvalidInput) as caught:
        _ = Preprocessor.from_dict(stored).design
    assert field in str(caught.value.field)


def test_only_a_chain_that_keeps_some_places_needs_the_third_format():
    assert chain(size=16, most=4).fit(table(SAID)).as_dict()["format"] == 3
    assert chain(size=16).fit(table(SAID)).as_dict()["format"] == 1
    assert chain(size=16, most=4).as_dict()["format"] == 1


def test_a_stored_step_without_places_keeps_every_one():
    stored = chain(size=16).fit(table(SAID)).as_dict()
    assert "places" not in stored["steps"][0]["state"]
    assert len(Preprocessor.from_dict(stored).feature_names) == 16


def test_a_column_that_is_called_like_a_place_keeps_apart_from_it():
    data = Table(
        (Texts.of("note", SAID), Numbers("note#1", np.arange(4.0)), Numbers("note#x", np.arange(4.0)))
    )
    fitted = chain(size=3).fit(data)
    before = Preprocessor.empty().add("TextHash", input="note", size=3, output="n").fit(data)

    assert fitted.feature_names == ("note#0", "note#1", "note#2", "note#1.note#1", "note#x")
    assert before.feature_names == ("note#1", "note#x", "note#0", "n.note#1", "note#2")
    found = fitted.transform(data)
    np.testing.assert_array_equal(found[:, 3:], np.arange(4.0)[:, None] * [1, 1])
    np.testing.assert_array_equal(found[:, :3], chain(size=3).fit(table(SAID)).transform(table(SAID)))
    np.testing.assert_array_equal(before.transform(data), found[:, [3, 4, 0, 1, 2]])


def test_the_features_of_a_text_are_made_one_by_one_and_only_when_asked_for():
    fitted = chain(size=1 << 16).fit(table(SAID))
    [many] = fitted.design.parts

    assert len(many) == fitted.width == 1 << 16
    assert [one.name for one in many[7:9]] == [many[7].name, many[8].name] == ["note#7", "note#8"]
    assert (many[-1].place, fitted.design.features[9]) == (65535, many[9])
    assert "features" not in vars(chain(size=1 << 16).fit(table(SAID)).design)
