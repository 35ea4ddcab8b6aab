"""Which texts of a column training saw in too few rows, or never."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from lepton_core.table.kinds.category import spellings

MOST_TEXT_LETTERS = 100
"""Letters of such a text that are shown."""


def unknown_texts(column: Any, cells: Sequence[Any]) -> tuple[int, tuple[str, ...]]:
    """How many of the JSON ``cells`` (m,) are texts that are not among the levels of ``column``, and these texts.

    The most frequent come first.

    >>> from lepton_core.table import Categories
    >>> unknown_texts(Categories("sex", np.array([0, 1, 1, 1], np.int32), ("f",)), ["f", "x", "y", " y"])
    (3, ('y', 'x'))
    """
    rows = np.flatnonzero(column.codes == len(column.levels)).tolist()
    seen = Counter(spellings(cells[row], row + 1, column)[0] for row in rows)
    return len(rows), tuple(text[:MOST_TEXT_LETTERS] for text, _ in seen.most_common())
