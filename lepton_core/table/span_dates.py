"""Many dates at once from their bytes."""

from lepton_core.table.columns import FloatArray
from lepton_core.table.native import cells as compiled
from lepton_core.table.native.library import native
from lepton_core.table.spans import Spans
from lepton_core.table.spelling.many_dates import dates_in_numpy


def dates_in(cells: Spans) -> FloatArray:
    """The cells that are dates of ISO 8601, without blanks around them, as `read_dates` does; NaN for all others: (m,).

    >>> import numpy as np
    >>> from lepton_core.table.spans import PAD, TextBlock
    >>> block = TextBlock(b" " * PAD + b"1970-01-02,x" + b" " * PAD)
    >>> dates_in(Spans(block, np.array([0, 11]) + PAD, np.array([10, 12]) + PAD))
    array([86400.,    nan])
    """
    library = native()
    return dates_in_numpy(cells) if library is None else compiled.dates(library, cells)
