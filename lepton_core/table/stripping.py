"""Cells without the blanks around them."""

import numpy as np

from lepton_core.table.native import cells as compiled
from lepton_core.table.native.library import native
from lepton_core.table.spans import BLANK, Spans

_MOST_BLANKS = 64
_LAST_BLANK = 32


def stripped(cells: Spans) -> Spans:
    """The cells without the ASCII blanks around them; of very many blanks some may be left.

    >>> from lepton_core.table.spans import PAD, TextBlock
    >>> block = TextBlock(b" " * PAD + b" a ,b" + b" " * PAD)
    >>> list(stripped(Spans(block, np.array([0, 4]) + PAD, np.array([3, 5]) + PAD)))
    ['a', 'b']
    """
    library = native()
    return strip_in_numpy(cells) if library is None else compiled.stripped(library, cells)


def strip_in_numpy(cells: Spans) -> Spans:
    """As `stripped`."""
    starts, ends = cells.starts, cells.ends
    octets = cells.block.octets
    for _ in range(_MOST_BLANKS):
        # All blanks are at most 32; so are the ends of empty cells, which are passed over.
        before, behind = octets[starts] <= _LAST_BLANK, octets[ends - 1] <= _LAST_BLANK
        if not before.any() and not behind.any():
            break
        there = starts < ends
        before = BLANK[octets[starts]] & there
        behind = BLANK[octets[ends - 1]] & there
        if not before.any() and not behind.any():
            break
        starts = starts + before
        ends = np.maximum(ends - behind, starts)
    return cells if starts is cells.starts else cells.like(starts, ends, *cells.parts[2:])
