"""Texts as numbers: how often each word and pair of words occurs, counted in a fixed number of places by its hash."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Sparse
from lepton_core.preprocess.feature import Matrix
from lepton_core.preprocess.words import Words, letters_of_ascii, pieces, words_between
from lepton_core.table import Column, Texts, kind_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Triplets:
    """The entries of a sparse matrix (m, size), row by row: k of them, each array (k,), by place, none twice."""

    rows: IntArray
    places: IntArray
    values: FloatArray

    def among(self, at: IntArray) -> "Triplets":
        """The entries, (k,) each, of whose place ``at`` (size,) does not say -1, each at the place that it says."""
        places = at[self.places]
        kept = places >= 0
        return Triplets(self.rows[kept], places[kept], self.values[kept])

    def as_block(self, rows: int, size: int) -> Sparse:
        """The matrix of ``rows`` rows."""
        indptr = np.concatenate([[0], np.cumsum(np.bincount(self.rows, minlength=rows))])
        return Sparse(indptr, self.places.astype(np.int32), self.values, size)


@dataclass(frozen=True)
class WordReading:
    """Reads a text as one number a place, see `entries`: of the ``places`` (k,) of ``size``, empty: of all.

    ``weights`` (k,) multiply them, empty: all 1; a missing text is read as ``fill``.
    """

    size: int
    pairs: bool
    weights: tuple[float, ...] = ()
    fill: str | None = None
    places: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """How many numbers a text becomes."""
        return len(self.places) or self.size

    def values(self, column: Column) -> Matrix:
        """See `Reading.values`, (m, k): all numbers of a text without words are 0, as those of a missing one."""
        out = np.empty((len(column), self.width))
        self.sparse(column).write(out)
        return out

    def sparse(self, column: Column) -> Sparse:
        """See `SparseReading.sparse`."""
        texts: Texts = kind_of(column).one_by_one(column)
        if self.fill is not None and texts.gone.any():
            filled = [self.fill if text is None else text for text in texts.as_list()]
            texts = Texts.of(column.name, filled)
        return self.entries(texts).as_block(len(column), self.width)

    def entries(self, texts: Texts) -> Triplets:
        """The numbers that are not 0: (1 + log |c|) times the place's weight, in rows of length 1.

        c is the sum over the words (and pairs) whose hash belongs to the place of +1 or -1, as another bit of the
        hash says, so that what falls into one place by chance cancels rather than adds up: Weinberger et al. (2009),
        "Feature hashing for large scale multitask learning".
        """
        counted = counts(texts, self.size, pairs=self.pairs)
        if self.places:
            counted = counted.among(self._at)
        values = np.sign(counted.values) * (1 + np.log(np.abs(counted.values)))
        if self.weights:
            values *= self._weights[counted.places]
        lengths = np.sqrt(np.bincount(counted.rows, weights=values**2, minlength=len(texts)))
        return Triplets(counted.rows, counted.places, values / lengths[counted.rows])

    @cached_property
    def _at(self) -> IntArray:
        """Which of the numbers each place is, (size,); -1: none."""
        found = np.full(self.size, -1)
        found[list(self.places)] = np.arange(len(self.places))
        return found

    @cached_property
    def _weights(self) -> FloatArray:
        return np.array(self.weights)


def counts(texts: Texts, size: int, *, pairs: bool) -> Triplets:
    """The signed counts of `WordReading.entries`, those that are not 0.

    >>> found = counts(Texts.of("t", ["a b a", None]), 1024, pairs=False)
    >>> found.rows.tolist(), sorted(np.abs(found.values).tolist())
    ([0, 0], [1.0, 2.0])
    """
    found = []
    for octets, offsets, start in pieces(texts):
        rows, places, values = _counts_between(octets, offsets, size, pairs=pairs)
        found.append((rows + start if start else rows, places, values))
    if not found:
        return Triplets(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Triplets(*(found[0] if len(found) == 1 else map(np.concatenate, zip(*found, strict=True))))


def _counts_between(
    octets: NDArray[np.uint8], offsets: IntArray, size: int, *, pairs: bool
) -> tuple[IntArray, IntArray, FloatArray]:
    # Loaded when there are texts: other predictions need none of it.
    from lepton_core.table.native import words as compiled  # noqa: PLC0415
    from lepton_core.table.native.library import native  # noqa: PLC0415

    library = native()
    if library is not None:
        found = compiled.word_counts(library, octets, offsets, letters_of_ascii(), size, pairs=pairs)
        if found is not None:
            return found
    some = words_between(octets, offsets)
    return _counted(some.with_pairs() if pairs else some, size)


def _counted(some: Words, size: int) -> tuple[IntArray, IntArray, FloatArray]:
    power_of_2 = size & (size - 1) == 0  # then no division is needed
    places = (some.hashes & np.uint64(size - 1) if power_of_2 else some.hashes % np.uint64(size)).astype(
        np.int64
    )
    bits = size.bit_length()
    signed = (((some.rows << bits) | places) << 1) | (some.hashes >> np.uint64(63)).astype(np.int64)
    signed.sort()
    keys = signed >> 1
    if not len(keys):
        return keys, keys, np.empty(0)
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    sums = np.add.reduceat(1.0 - 2 * (signed & 1), first)
    keys, sums = keys[first][sums != 0], sums[sums != 0]
    return keys >> bits, keys & ((1 << bits) - 1), sums
