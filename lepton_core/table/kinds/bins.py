"""The interface of the bins that cells are counted in: what drift is measured by."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import Column, FloatArray, IndexArray

Tally = npt.NDArray[np.int64]

_SEED = 1_597_334_677


class Bins(Protocol):
    """Where the cells of one column fall, and how many of the training rows did."""

    @property
    def name(self) -> str:
        """The column."""
        ...

    @property
    def kind(self) -> str:
        """The name of its kind."""
        ...

    @property
    def levels(self) -> tuple[str, ...]:
        """The texts that have a bin of their own; empty for bins of numbers."""
        ...

    @property
    def counts(self) -> tuple[int, ...]:
        """The training rows in each of the B bins."""
        ...

    def tally(self, column: Column) -> Tally:
        """How many rows of ``column`` fall into each bin, int64 (B,). Raises `InvalidData` for another kind."""
        ...

    def places_of(self, column: Column) -> IndexArray:
        """The bin of each row of ``column``, int64 (m,). Raises `InvalidData` for another kind."""
        ...

    def finder(self) -> Callable[[Any, int], int]:
        """A function of a column and a row that gives the row's bin, fast for single rows.

        It raises `InvalidData` for a column of another kind. It remembers bins, and is not for several threads.
        """
        ...

    def tally_predictions(self, predictions: FloatArray) -> Tally:
        """How many of ``predictions``, (m, K) or (m,), fall into each bin, int64 (B,)."""
        ...

    def place_of_prediction(self, prediction: FloatArray) -> int:
        """The bin of one prediction, (K,) or a number."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `Kind.read_bins` reads it back."""
        ...


@lru_cache(maxsize=4)
def some_rows(rows: int, most: int) -> IndexArray:
    """The places (k,) of at most ``most`` of ``rows`` rows, rising: of more rows, one of each of ``most`` stretches.

    Which one of its stretch is random, and the same each time. A fixed step would see every twelfth month of a table
    that is in the order of time, and nothing of the others.

    >>> some_rows(3, 5).tolist(), len(some_rows(1_000, 100))
    ([0, 1, 2], 100)
    """
    if rows <= most:
        places = np.arange(rows)
    else:
        ends = np.arange(most + 1) * rows // most
        places = np.random.default_rng(_SEED).integers(ends[:-1], ends[1:])
    places.flags.writeable = False
    return places
