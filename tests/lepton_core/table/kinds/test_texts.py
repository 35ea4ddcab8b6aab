"""Texts from a file that somebody sent lie within their bytes, whatever its offsets are."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lepton_core.errors import InvalidArtifact
from lepton_core.table import ColumnSchema
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.native import hashes
from lepton_core.table.native.library import native

OCTETS = np.frombuffer(b"some texts", dtype=np.uint8)
PLACES = st.one_of(
    st.integers(0, 12), st.integers(-(2**63), 2**63 - 1), st.sampled_from([-1, 2**63 - 1, -(2**63)])
)


@given(st.lists(PLACES, min_size=1, max_size=8).map(lambda inner: [0, *inner, len(OCTETS)]))
@example([0, 2**63 - 1, -(2**63), -1, 10])
def test_offsets_that_leave_the_bytes_are_refused_even_where_differences_overflow(places: list[int]) -> None:
    offsets = np.array(places, dtype=np.int64)
    arrays = {"offsets": offsets, "octets": OCTETS, "missing": np.zeros(len(places) - 1, dtype=np.uint8)}
    rise = all(one <= other for one, other in pairwise(places))
    if rise:
        column = BY_NAME["text"].unpack(arrays, ColumnSchema("t", "text"), len(places) - 1)
        assert "".join(text or "" for text in column.as_list()) == "some texts"
        return
    with pytest.raises(InvalidArtifact, match="do not fit their offsets"):
        BY_NAME["text"].unpack(arrays, ColumnSchema("t", "text"), len(places) - 1)


@pytest.mark.skipif(native() is None, reason="nothing is compiled: there was no C compiler")
@pytest.mark.parametrize("places", [[0, 2**63 - 1, -(2**63), -1, 10], [-1, 10], [0, 11], [0, 5, 4, 10]])
def test_nor_are_they_hashed(places: list[int]) -> None:
    with pytest.raises(ValueError, match="outside of their octets"):
        hashes.word_hashes(native(), OCTETS, np.array(places, dtype=np.int64), 4096)
