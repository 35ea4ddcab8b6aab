"""Reads a column whose cells are kept as float64: many cells at once, the others by their distinct texts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from lepton_core.table.columns import CodeArray, FloatArray, IndexArray, Numbers
from lepton_core.table.growing import Growing
from lepton_core.table.kinds.base import Known, is_absent
from lepton_core.table.span_codes import cell_codes
from lepton_core.table.spans import Spans
from lepton_core.table.spelling import is_missing

_MOST_TEXTS = 1 << 15
"""So many texts are remembered: if there are more, hardly one comes again."""


class ReadsNumbers(Protocol):
    """A kind whose cells are numbers, see `lepton_core.table.kinds.quantity.Quantity`."""

    def present_value(self, text: str, column: Known) -> float | None:
        """The rule by which each cell is read; None if it is missing or does not fit."""
        ...

    def values_of(self, cells: Sequence[str], column: Known) -> FloatArray | None:
        """What the rule makes of all ``cells``, (k,), NaN where missing; None: they must be read one by one."""
        ...

    def values_in(self, cells: Spans, column: Known) -> tuple[FloatArray, IndexArray]:
        """What the rule makes of ``cells``, (m,), and the places (k,) of those that must be read one by one."""
        ...

    def made(self, values: FloatArray, column: Known) -> Numbers:
        """The column of all values (m,)."""
        ...


class QuantityReader:
    """See `Reader`. What cannot be read at once is read by `ReadsNumbers.present_value`, each distinct text once."""

    def __init__(self, kind: ReadsNumbers, column: Known, rows: int = 0) -> None:
        self._kind = kind
        self._column = column
        self._rows = rows
        self._all: Growing[np.float64] = Growing(np.dtype(np.float64))
        self._misfits: dict[int, str] = {}
        self._words: Counter[str] = Counter()
        self._forget()

    @property
    def misfits(self) -> Mapping[int, str]:
        """See `Reader.misfits`."""
        return self._misfits

    @property
    def words(self) -> Mapping[str, int]:
        """See `Reader.words`."""
        return self._words

    def take(self, cells: Sequence[str]) -> None:
        """See `Reader.take`."""
        values = self._in_spans(cells) if isinstance(cells, Spans) else self._in_texts(cells)
        self._all.add(values, self._rows)

    def column(self) -> Numbers:
        """See `Reader.column`."""
        return self._kind.made(self._all.whole(), self._column)

    def _forget(self) -> None:
        self._codes = cell_codes()
        self._values = np.empty(0)
        self._fits = np.empty(0, dtype=np.bool_)
        self._all_fit = True
        self._stands: list[int] = []

    def _in_texts(self, cells: Sequence[str]) -> FloatArray:
        values = self._kind.values_of(cells, self._column)
        if values is None:
            return self._by_code(self._codes.codes_of(cells), np.arange(len(cells)))
        if self._column.missing_words is not None:
            texts = (cells[row].strip() for row in np.flatnonzero(np.isnan(values)).tolist())
            self._words.update(text for text in texts if text and not is_missing(text))
        return values

    def _in_spans(self, cells: Spans) -> FloatArray:
        values, rest = self._kind.values_in(cells, self._column)
        if len(rest):
            values[rest] = self._by_code(self._codes.codes(cells.pick(rest)), rest)
        return values

    def _by_code(self, codes: CodeArray, rows: IndexArray) -> FloatArray:
        """The values of the cells at ``rows`` of this block, by the codes (k,) of their texts."""
        self._read_new()
        wrong = None if self._all_fit else np.flatnonzero(~self._fits[codes])
        if wrong is not None:
            texts = self._codes.texts
            for row, code in zip(rows[wrong].tolist(), codes[wrong].tolist(), strict=True):
                self._misfits[len(self._all) + row] = texts[code]
        if self._stands:
            rows_of = np.bincount(codes, minlength=len(self._values))
            for code in self._stands:
                self._words[self._codes.texts[code].strip()] += int(rows_of[code])
        found: FloatArray = self._values[codes]
        if len(self._codes) > _MOST_TEXTS:
            self._forget()
        return found

    def _read_new(self) -> None:
        texts = self._codes.texts_from(len(self._values))
        if not texts:
            return
        read = [self._kind.present_value(text, self._column) for text in texts]
        fits = [
            value is not None or is_absent(text, self._column)
            for text, value in zip(texts, read, strict=True)
        ]
        self._stands += [
            len(self._values) + at
            for at, (text, value) in enumerate(zip(texts, read, strict=True))
            if value is None and fits[at] and text.strip() and not is_missing(text)
        ]
        self._values = np.concatenate([self._values, np.array(read, dtype=np.float64)])
        self._fits = np.concatenate([self._fits, np.array(fits, dtype=np.bool_)])
        self._all_fit = bool(self._fits.all())
