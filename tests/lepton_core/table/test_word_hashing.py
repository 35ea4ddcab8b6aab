"""Texts are hashed many at once, each as if it stood alone."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.table import Texts
from lepton_core.table.hashing import level_hashes, mix, number_hashes, text_hash, text_hashes
from lepton_core.table.word_hashing import MOST_OCTETS, word_hashes

pytestmark = pytest.mark.usefixtures("either_reader")
MODULUS = 2**64
texts = st.lists(st.one_of(st.text(max_size=40), st.text("ab", min_size=7, max_size=17)), max_size=30)


def by_hand(text: bytes) -> int:
    """The formula, one word after the other."""
    found = len(text) * 0x9E3779B97F4A7C15 % MODULUS
    words = [text[at : at + 8] for at in range(0, len(text) + 1, 8)]
    if len(text) > MOST_OCTETS:
        words = [blake2b(text, digest_size=8).digest()]
    for word in words:
        found = (found ^ int.from_bytes(word, "little")) * 0xD6E8FEB86659FD93 % MODULUS
        found ^= found >> 32
    return found


def hashes_of(encoded: list[bytes]) -> list[int]:
    offsets = np.cumsum([0, *map(len, encoded)])
    return word_hashes(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets).tolist()


@given(texts)
def test_each_hash_is_that_of_the_formula(given_texts: list[str]) -> None:
    encoded = [text.encode() for text in given_texts]
    assert hashes_of(encoded) == [by_hand(text) for text in encoded]


def test_so_it_is_for_texts_of_every_length_and_for_more_than_a_block() -> None:
    rng = np.random.default_rng(1)
    sizes = [
        *range(70),
        MOST_OCTETS - 1,
        MOST_OCTETS,
        MOST_OCTETS + 1,
        3 * MOST_OCTETS,
        *rng.integers(0, 30, 9000).tolist(),
    ]
    encoded = [rng.bytes(size) for size in sizes]
    assert hashes_of(encoded) == [by_hand(text) for text in encoded]


def mixed(found: list[int]) -> npt.NDArray[np.uint64]:
    """As `text_hashes` has them."""
    hashes = np.array(found, dtype=np.uint64)
    mix(hashes)
    return hashes


@pytest.mark.slow
def test_a_million_texts_that_differ_in_little_do_not_collide() -> None:
    found = np.array(
        hashes_of([b"customer number %d of many" % at for at in range(1_000_000)]), dtype=np.uint64
    )
    assert len(np.unique(found)) == len(found)
    counts = np.bincount((found >> np.uint64(32)) * 1000 >> np.uint64(32), minlength=1000)
    assert abs(counts - 1000).max() < 5 * np.sqrt(1000)


def test_every_bit_of_a_text_turns_half_of_the_bits_of_its_hash() -> None:
    rng = np.random.default_rng(2)
    turned = []
    for size in (3, 8, 20):
        for _ in range(40):
            text = rng.bytes(size)
            whole = int.from_bytes(text, "little")
            others = [(whole ^ 1 << bit).to_bytes(size, "little") for bit in range(8 * size)]
            first, *rest = mixed(hashes_of([text, *others])).tolist()
            turned += [(first ^ other).bit_count() for other in rest]
    assert abs(np.mean(turned) - 32) < 0.5
    assert min(turned) > 5


NUMBERS = st.one_of(
    st.from_regex(r"[+-]?[0-9]{1,19}(\.[0-9]{0,5})?(e-?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[0-9]{2,4}-[0-9]{2}", fullmatch=True),
    st.sampled_from(
        ["", "1_0", "nan", "-inf", "1e999", ".5", "5.", ".", "-", "007", "９", "1e5", "12345678901234567"]
    ),
    st.text(max_size=10),
)


@given(st.lists(NUMBERS, max_size=20), st.sampled_from([1, 2]))
def test_a_text_that_spells_a_number_has_the_number_s_hash(given_texts: list[str], form) -> None:
    column = Texts.of("t", given_texts)
    found = text_hashes(column.octets, column.offsets, column.gone, form).tolist()
    assert (
        found == level_hashes(given_texts, form).tolist() == [text_hash(text, form) for text in given_texts]
    )
    for text, its in zip(given_texts, found, strict=True):
        try:
            value = float(text) if text.isascii() and "_" not in text else np.nan
        except ValueError:
            value = np.nan
        as_number = np.isfinite(value) and text == text.strip()
        assert (its == int(number_hashes(np.array([value]))[0])) == as_number
