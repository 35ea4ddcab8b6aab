"""The words of texts are counted and looked up as without a compiler, bit for bit."""

import string
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.preprocess.hashed import counts
from lepton_core.preprocess.words import letters_of_ascii
from lepton_core.table import Texts
from lepton_core.table.kinds.text_bins import MOST_READ_LETTERS, TextBins
from lepton_core.table.native import words as compiled
from lepton_core.table.native.library import native, using
from tests.support.sampling import examples

LIBRARY = native()
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="nothing is compiled: there was no C compiler")
SETTINGS = settings(deadline=None, max_examples=examples(300))

WORDS = ["a", "B", "the", "The", "x_1", "12", "don't", "a-b", "", "\t", "\x7f", "\x00"]
ASCII = st.one_of(
    st.text(string.printable, max_size=40),
    st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=4).map(lambda some: "ab c" * 600 + " ".join(some)),
)
BEYOND = st.text(st.characters(codec="utf-8"), max_size=12)
COLUMNS = st.lists(ASCII | st.none(), max_size=12) | st.lists(ASCII | BEYOND | st.none(), max_size=12)


@SETTINGS
@given(COLUMNS, st.sampled_from([2, 3, 64, 1000, 1 << 16]), st.booleans())
def test_words_and_pairs_are_counted_as_by_numpy(texts: list[str | None], size: int, pairs: bool) -> None:
    column = Texts.of("t", texts)
    with using(None):
        wanted = counts(column, size, pairs=pairs)
    found = counts(column, size, pairs=pairs)
    for part in ("rows", "places", "values"):
        one, other = getattr(found, part), getattr(wanted, part)
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


@SETTINGS
@given(COLUMNS, st.lists(ASCII, max_size=8), st.booleans())
def test_texts_fall_into_the_bins_that_python_finds(
    texts: list[str | None], trained: list[str], has_usual: bool
) -> None:
    known = [*dict.fromkeys(crc32(word.lower().encode()) for text in trained for word in text.split())]
    half = len(known) // 2
    usual = tuple(known[half:]) if has_usual else ()
    edges = (*(at + 0.5 - half for at in range(half)), 3.5, 20.5)
    bins = TextBins("t", edges, (0,) * (len(edges) + 2), "text", tuple(known[:half]), usual)
    column = Texts.of("t", texts)
    with using(None):
        wanted = bins.places_of(column)
    assert bins.places_of(column).tolist() == wanted.tolist()
    assert [bins.finder()(column, row) for row in range(len(column))] == [
        place if place < len(edges) + 1 else -1 for place in wanted.tolist()
    ]


def test_a_word_is_read_up_to_the_last_letter_that_counts() -> None:
    known = np.array([crc32(b"ab")], dtype=np.uint32), np.array([-5])
    for before, number in ((0, -5), (1, 1)):
        texts = Texts.of("t", [" " * (MOST_READ_LETTERS - 2 + before) + "abc", "AB.", "", None, "abc"])
        found = compiled.least_numbers(LIBRARY, texts.octets, texts.offsets, MOST_READ_LETTERS, known)
        assert found.tolist() == [number, -5, 1, 1, 1]


def test_a_letter_beyond_ascii_is_left_to_others() -> None:
    known = np.array([5], dtype=np.uint32), np.array([-1])
    for text in ("\u00e4", "a \u00e4", " " * MOST_READ_LETTERS + "\u00e4"):
        texts = Texts.of("t", ["a", text])
        assert compiled.least_numbers(LIBRARY, texts.octets, texts.offsets, MOST_READ_LETTERS, known) is None
        given = (LIBRARY, texts.octets, texts.offsets, letters_of_ascii(), 64)
        assert compiled.word_counts(*given, pairs=True) is None


@pytest.mark.parametrize("offsets", [[0, 3], [-1, 2], [0, 2, 1], [0, 2, 1, 2]])
def test_texts_outside_of_their_octets_are_refused(offsets: list[int]) -> None:
    octets, places = np.frombuffer(b"ab", np.uint8), np.array(offsets)
    with pytest.raises(ValueError, match="outside of their octets"):
        compiled.word_counts(LIBRARY, octets, places, letters_of_ascii(), 64, pairs=False)
    with pytest.raises(ValueError, match="outside of their octets"):
        known = np.array([5], dtype=np.uint32), np.array([-1])
        compiled.least_numbers(LIBRARY, octets, places, 9, known)


def test_tables_of_another_length_are_refused() -> None:
    texts, (hashes, inside) = Texts.of("t", ["a"]), letters_of_ascii()
    with pytest.raises(ValueError, match="needs a hash"):
        compiled.word_counts(LIBRARY, texts.octets, texts.offsets, (hashes[1:], inside), 64, pairs=False)
    with pytest.raises(ValueError, match="needs a number"):
        known = np.array([5, 6], dtype=np.uint32), np.array([-1])
        compiled.least_numbers(LIBRARY, texts.octets, texts.offsets, 9, known)
