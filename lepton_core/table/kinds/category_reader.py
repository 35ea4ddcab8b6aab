"""Reads a column of categories: the texts by code."""

from collections.abc import Mapping, Sequence

import numpy as np

from lepton_core.table.columns import MISSING, Categories
from lepton_core.table.growing import Growing
from lepton_core.table.kinds.base import Known, is_absent
from lepton_core.table.span_codes import cell_codes
from lepton_core.table.spans import Spans
from lepton_core.table.stripping import stripped


class CategoryReader:
    """Texts by code in the order of their coming, until all are known."""

    def __init__(self, column: Known, kind: str, rows: int = 0) -> None:
        self._column = column
        self._rows = rows
        self._kind = kind
        self._codes = cell_codes()
        self._all: Growing[np.int32] = Growing(np.dtype(np.int32))

    @property
    def misfits(self) -> Mapping[int, str]:
        """None: every text fits."""
        return {}

    @property
    def words(self) -> Mapping[str, int]:
        """None are counted: all that the file has is known of texts."""
        return {}

    def take(self, cells: Sequence[str]) -> None:
        """See `Reader.take`."""
        if isinstance(cells, Spans):
            self._all.add(self._codes.codes(stripped(cells)), self._rows)
        else:
            self._all.add(self._codes.codes_of(cells), self._rows)

    def column(self) -> Categories:
        """See `Reader.column`."""
        known = self._column
        texts = [text.strip() for text in self._codes.texts]
        levels = sorted({text for text in texts if not is_absent(text, known)})
        code = dict(zip(levels, range(len(levels)), strict=True))
        order = np.array([code.get(text, MISSING) for text in texts], dtype=np.int32)
        codes = order[self._all.whole()]
        return Categories(known.name, codes, tuple(levels), self._kind, known.notation, known.missing_words)
