"""Columns from the texts of their cells, a chunk at a time."""

from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.cells import MISSING_WORDS, NUMBER_CHARACTERS, is_not_finite, is_number, shown
from lepton_core.table.columns import MISSING, Categories, CodeArray, Column, FloatArray, Numbers

Chunks = Callable[[], Iterator[list[list[str]]]]


def columns_from(names: Sequence[str], chunks: Chunks, text: Collection[str] = ()) -> tuple[Column, ...]:
    """The columns ``names`` of the rows that ``chunks()`` gives.

    It is called again if a column that began with numbers turns out to be text. The columns ``text`` are text
    from the first cell on, even if all of it looks like numbers.

    A column holds numbers when every cell that is not missing is a number. Otherwise it holds categories,
    unless nine cells in ten (and at least ten) are numbers: then the text is a mistake. Raises
    `InvalidData` for it, and for NaN and infinity among numbers, naming row and column.

    >>> columns_from(["a", "b"], lambda: iter([[["1", "x"], ["", "y"]]]))
    (Numbers(name='a', values=array([ 1., nan])),
     Categories(name='b', codes=array([0, 1], dtype=int32), levels=('x', 'y')))
    """
    readers = [_Reader(name, name in text) for name in names]
    for chunk in chunks():
        for reader, cells in zip(readers, zip(*chunk, strict=True), strict=True):
            reader.add(cells)
    if not any(reader.floats or reader.codes for reader in readers):
        raise InvalidData("there are no rows below the header")
    late = [(place, reader, len(reader.floats)) for place, reader in enumerate(readers) if reader.is_late]
    heads: dict[str, list[CodeArray]] = {reader.name: [] for _, reader, _ in late}
    if late:
        for number, chunk in zip(range(max(count for *_, count in late)), chunks(), strict=False):
            for place, reader, count in late:
                if number < count:
                    heads[reader.name].append(reader.encode([record[place] for record in chunk]))
    return tuple(reader.column(heads.get(reader.name, [])) for reader in readers)


class _Reader:
    """One column being read: numbers as long as every chunk is, texts by code from the first that is not."""

    def __init__(self, name: str, is_text: bool) -> None:
        self.name = name
        self.is_text = is_text
        self.floats: list[FloatArray] = []
        self.codes: list[CodeArray] = []
        self.texts: dict[str, int] = {}

    @property
    def is_late(self) -> bool:
        """Whether chunks were taken for numbers before text came."""
        return bool(self.codes and self.floats)

    def add(self, cells: Sequence[str]) -> None:
        values = None if self.codes or self.is_text else numbers(cells)
        if values is None:
            self.codes.append(self.encode(cells))
        else:
            self.floats.append(values)

    def encode(self, cells: Sequence[str]) -> CodeArray:
        texts = [cell.strip() for cell in cells]
        for text in dict.fromkeys(texts):
            self.texts.setdefault(text, len(self.texts))
        return np.fromiter(map(self.texts.__getitem__, texts), dtype=np.int32, count=len(texts))

    def column(self, head: Sequence[CodeArray]) -> Column:
        if not self.codes:
            return Numbers(self.name, np.concatenate(self.floats))
        codes = np.concatenate([*head, *self.codes])
        if not self.is_text:
            self._demand_text(codes)
        levels = sorted(text for text in self.texts if text not in MISSING_WORDS)
        code = dict(zip(levels, range(len(levels)), strict=True))
        order = np.array([code.get(text, MISSING) for text in self.texts], dtype=np.int32)
        return Categories(self.name, order[codes], tuple(levels))

    def _demand_text(self, codes: CodeArray) -> None:
        counts = np.bincount(codes, minlength=len(self.texts))
        cells = {text: int(counts[code]) for text, code in self.texts.items() if text not in MISSING_WORDS}
        numeric = {text for text in cells if is_number(text) or is_not_finite(text)}
        total, found = sum(cells.values()), sum(cells[text] for text in numeric)
        if found < total and (found < 10 or found * 10 < total * 9):
            return
        for row, text in enumerate(map(list(self.texts).__getitem__, codes.tolist()), start=1):
            if text in MISSING_WORDS:
                continue
            if text not in numeric:
                raise InvalidData(f"{shown(text)} is text where numbers were", row=row, column=self.name)
            if is_not_finite(text):
                raise InvalidData(f"{shown(text)} is not a finite number", row=row, column=self.name)


def numbers(cells: Sequence[str]) -> FloatArray | None:
    """The cells as float64 of shape (m,), NaN where missing; None if one is text or not finite.

    >>> numbers(["1", " 2.5 ", "NA"]), numbers(["1", "nan"])
    (array([1. , 2.5, nan]), None)
    """
    if _are_plain("".join(cells)) and "" not in cells:
        return _finite(cells)
    texts = [cell.strip() for cell in cells]
    missing = np.fromiter(map(MISSING_WORDS.__contains__, texts), dtype=np.bool_, count=len(texts))
    present = [text for text in texts if text not in MISSING_WORDS]
    if not _are_plain("".join(present)):
        return None
    found = _finite(present)
    if found is None:
        return None
    values = np.full(len(texts), np.nan)
    values[~missing] = found
    return values


def _are_plain(text: str) -> bool:
    return not text.strip(NUMBER_CHARACTERS)


def _finite(texts: Sequence[str]) -> FloatArray | None:
    try:
        values = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None
