import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from lepton_core.preprocess.hashed import WordReading, counts
from lepton_core.table import Categories, Texts, kind_of

TEXTS = st.lists(st.text(alphabet="ab cé", max_size=30) | st.none(), min_size=1, max_size=12)
ROOMY = 1 << 16


@given(TEXTS, st.booleans())
def test_where_no_two_words_share_a_place_the_rows_are_those_of_scikit_learn(texts, pairs):
    given = [text or "" for text in texts]
    oracle = TfidfVectorizer(
        token_pattern=r"\w+", ngram_range=(1, 2 if pairs else 1), sublinear_tf=True, use_idf=False
    )
    try:
        expected = oracle.fit_transform(given).toarray()
    except ValueError:  # no text has a word
        expected = np.zeros((len(texts), 1))
    found = WordReading(ROOMY, pairs).values(Texts.of("t", texts))

    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-12)


@given(TEXTS, st.sampled_from([2, 3, 64]))
def test_the_entries_are_sorted_and_none_is_there_twice_or_zero(texts, size):
    found = counts(Texts.of("t", texts), size, pairs=True)
    keys = found.rows * size + found.places

    assert (np.diff(keys) > 0).all()
    assert (found.values != 0).all()
    assert ((found.places >= 0) & (found.places < size)).all()


@given(TEXTS)
def test_a_row_has_length_one_or_no_word(texts):
    found = WordReading(8, False, tuple(np.arange(1.0, 9.0))).values(Texts.of("t", texts))
    lengths = np.linalg.norm(found, axis=1)
    assert (np.isclose(lengths, 1) | (lengths == 0)).all()


@given(TEXTS)
def test_rows_are_read_alone_as_they_are_together(texts):
    reading, column = WordReading(64, True), Texts.of("t", texts)
    together = reading.values(column)
    for row in range(len(texts)):
        np.testing.assert_array_equal(reading.values(column.take(np.array([row]))), together[[row]])


def test_words_that_meet_by_chance_cancel_on_average():
    texts = Texts.of("t", [f"w{number}" for number in range(10_000)])
    found = WordReading(16, False).values(texts)
    assert abs(found.sum()) < 500  # without signs it would be 10,000


def test_a_category_is_read_as_its_text_and_an_unknown_level_as_none():
    categories = Categories.of("c", ["good wine", None, "bad"])
    reading = WordReading(32, False)
    texts = kind_of(categories).one_by_one(categories)
    np.testing.assert_array_equal(reading.values(categories), reading.values(texts))
    unknown = Categories("c", np.array([2], dtype=np.int32), categories.levels)
    assert not reading.values(unknown).any()


def test_a_missing_text_is_read_as_the_fill():
    reading = WordReading(32, False, fill="good")
    found = reading.values(Texts.of("t", [None, "good", ""]))
    np.testing.assert_array_equal(found[0], found[1])
    assert not found[2].any()
