"""The interface of the bins that cells are counted in: what drift is measured by."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import Column, FloatArray, IndexArray

Tally = npt.NDArray[np.int64]

_SEED = 1_597_334_677


Holds = Literal["range", "level", "several", "rare", "words", "present", "missing"]


@dataclass(frozen=True)
class Meaning:
    """What falls into one bin.

    - 'range': numbers, or lengths of texts in bytes, above ``low`` and up to ``high``; None where there is no end;
    - 'level': the cells that are ``text``;
    - 'several': levels that share the bin, ``text`` are some of them;
    - 'rare': rare and unseen levels;
    - 'words': texts that have a word of a certain group;
    - 'present': every cell that is not missing;
    - 'missing': missing cells.
    """

    holds: Holds
    text: str = ""
    low: float | None = None
    high: float | None = None


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

    def meanings(self) -> tuple[Meaning, ...]:
        """What falls into each of the B bins; the last one is for missing cells."""
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
