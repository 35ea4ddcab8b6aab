"""Pieces of any lengths become one array."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.table.growing import Growing


@given(st.lists(st.lists(st.integers(-100, 100), max_size=20), max_size=20), st.integers(0, 200))
def test_all_pieces_are_there_in_their_order_and_none_is_changed(
    pieces: list[list[int]], expected: int
) -> None:
    grown: Growing[np.int64] = Growing(np.dtype(np.int64))
    for piece in pieces:
        given_piece = np.array(piece, dtype=np.int64)
        given_piece.flags.writeable = False
        grown.add(given_piece, expected)
    wanted = [value for piece in pieces for value in piece]
    assert len(grown) == len(wanted)
    assert grown.whole().tolist() == wanted
    assert grown.whole().dtype == np.int64


def test_what_is_large_grows_alike_and_may_be_changed() -> None:
    grown: Growing[np.float64] = Growing(np.dtype(np.float64))
    pieces = [np.arange(start, start + 300_000, dtype=np.float64) for start in range(0, 1_500_000, 300_000)]
    for piece in pieces:
        grown.add(piece, 2)
    found = grown.whole()
    assert np.array_equal(found, np.concatenate(pieces))
    found[-1] = -1.0
    assert grown.whole()[-1] == -1.0
