"""Hashes of words stand for words: the same for the same word wherever it stands, and different for different ones."""

import re
import unicodedata
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.preprocess import words as module
from lepton_core.preprocess.words import words
from lepton_core.table import Texts

SCRIPTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("aAbBß1 ,.-_'"),
        st.sampled_from("äÖñçЖжΣσ\u0301\u093f天気ひカ\U0001f600\u00a0"),
        st.characters(codec="utf-8"),
    ),
    max_size=20,
)
IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def read(text: str) -> list[str]:
    """The words of a text, letter by letter."""
    found, current = [], ""
    for letter in text + " ":
        inside = unicodedata.category(letter)[0] in "LMN"
        if current and (not inside or IDEOGRAPH.match(letter)):
            found.append(current)
            current = ""
        if IDEOGRAPH.match(letter) and inside:
            found.append(letter)
        elif inside:
            current += letter.lower()[0]
    return found


def hashed(texts: list[str | None], *, pairs: bool = False) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in texts]
    for some in words(Texts.of("t", texts)):
        each = some.with_pairs() if pairs else some
        for row, value in zip(each.rows.tolist(), each.hashes.tolist(), strict=True):
            found[row].append(value)
    return found


@given(st.lists(SCRIPTS | st.none(), min_size=1, max_size=8))
def test_the_words_are_those_that_a_reader_finds(texts):
    expected = [read(text or "") for text in texts]
    found = hashed(texts)

    assert [len(row) for row in found] == [len(row) for row in expected]
    of_word = {
        word: value
        for row, values in zip(expected, found, strict=True)
        for word, value in zip(row, values, strict=True)
    }
    assert [[of_word[word] for word in row] for row in expected] == found
    assert len(set(of_word.values())) == len(of_word)


@given(st.lists(st.text(alphabet="ab c", max_size=12) | st.none(), min_size=1, max_size=8))
def test_pairs_are_two_words_of_one_text_in_their_order(texts):
    found = hashed(texts, pairs=True)
    of_pair = {}
    for text, values in zip(texts, found, strict=True):
        alone = read(text or "")
        pairs = list(pairwise(alone))
        assert len(values) == len(alone) + len(pairs)
        for pair, value in zip(pairs, values[len(alone) :], strict=True):
            assert of_pair.setdefault(pair, value) == value
    assert len(set(of_pair.values())) == len(of_pair)


def test_a_word_has_one_hash_in_any_place_of_any_text_however_long():
    filler = "x " * module.OCTETS_AT_ONCE
    [[alone], far, *_] = hashed(["Word", filler + "word", filler, "word " + filler])
    assert far[-1] == alone
    assert hashed(["word " + filler])[0][0] == alone


def test_a_hundred_thousand_words_have_as_many_hashes():
    texts = [f"w{number}" for number in range(100_000)]
    found = np.array(hashed(texts), dtype=np.uint64).ravel()
    assert len(np.unique(found)) == len(texts)
    places = np.bincount((found % np.uint64(256)).astype(np.int64))
    assert abs(places - places.mean()).max() < 6 * np.sqrt(places.mean())  # as chance would spread them


def test_no_text_has_no_word():
    assert hashed([None, "", " ,;"]) == [[], [], []]
    assert list(words(Texts.of("t", []))) == []
