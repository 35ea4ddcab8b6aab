"""The strata of a data set: of each class, and of each range of a quantity, a like share of the rows is held out.

Rows stand on a circle by their keys, and each stratum has an arc of it, as long as the share that is held out. Where
the arc begins is chosen when the stratum is first seen, so that it holds the very share of the rows that are there,
and never changes. So a row keeps its side when rows come or go, and of rows that come later the same share falls into
the arc, whatever the stratum: a threshold, in place of an arc, would have to be far from that share for a small one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.format_check import check_format
from lepton_core.table.arcs import arc_of, both_sides, in_arc, share_of, start_beside, start_of
from lepton_core.table.columns import Column, FloatArray, IndexArray, Mask
from lepton_core.table.hashing import HashArray
from lepton_core.table.kinds import kind_of
from lepton_core.table.labels import FEW_NUMBERS
from lepton_core.table.split import HELD_OUT_SHARE

FORMAT = 1
"""Of the stored form; a reader refuses what it does not know."""

MOST_RANGES = 10
"""Most ranges of a quantity that are strata; each has as many rows, at least ten."""

_ROWS_A_RANGE = 20
_A_FEW = 1000
_A_FEW_STRATA = 16
_ARRAYS = {"edges": "<f8", "start": "<u8", "names": "<u8", "starts": "<u8", "lone": "<u8", "lone_keys": "<u8"}


def _none() -> HashArray:
    return np.zeros(0, dtype=np.uint64)


_ZERO = np.uint64(0)


@dataclass(frozen=True, eq=False)
class Strata:
    """Where the arc of each stratum begins. ``fraction`` of the rows is held out.

    ``names`` (k,) are the sorted names of the strata that have a start of their own, ``starts`` (k,) those; all others
    begin at ``start``. The name of a class is the hash of its cell, that of a range its number. ``edges`` (r - 1,)
    are the ends of the ranges of a quantity; without any, the strata are classes. ``lone`` (l,) are the sorted names of
    classes that only one row was seen of, ``lone_keys`` (l,) its key: when the class grows, that row keeps its side.
    """

    fraction: float
    edges: FloatArray
    start: np.uint64 = _ZERO
    names: HashArray = field(default_factory=_none)
    starts: HashArray = field(default_factory=_none)
    lone: HashArray = field(default_factory=_none)
    lone_keys: HashArray = field(default_factory=_none)

    @classmethod
    def of(cls, keys: HashArray, label: Column, fraction: float) -> Self:
        """The strata of the first rows of a data set, by their `row_keys` (m,) and their label (m,).

        Of each stratum of n >= 2 rows, ``fraction`` n of them are held out, to the nearest row, but one at least, and
        not all. A label of numbers is a quantity if it has more than 20 different ones.

        >>> from lepton_core.table.columns import Categories
        >>> label = Categories.of("y", ["n"] * 90 + ["y"] * 10)
        >>> keys = np.random.default_rng(0).integers(2**64, size=100, dtype=np.uint64)
        >>> held_out = Strata.of(keys, label, 0.2).held_out(keys, label)
        >>> int(held_out[:90].sum()), int(held_out[90:].sum())
        (18, 2)
        """
        bare = cls(fraction, _edges(label))
        names, places = bare.strata(label)
        alone = np.sort(keys[(np.bincount(places, minlength=len(names)) == 1)[places]])
        del places  # of a large table; `extended` makes them again
        start = bare.start
        if len(alone) > 1:
            start = start_of(alone, arc_of(fraction), share_of(len(alone), fraction))
        return replace(bare, start=start).extended(keys, label)

    def extended(self, keys: HashArray, label: Column) -> Self:
        """With the classes that a later version, of ``keys`` (m,), brings; those that are known keep their starts."""
        names, places = self.strata(label)
        if _is_quantity(label) and not len(self.edges):
            return self  # a few numbers, taken for classes, have become a quantity: each would be a class of its own
        rows = np.bincount(places, minlength=len(names))
        new = ~np.isin(names, self.names)
        grown, single = new & (rows > 1), new & (rows == 1) & ~np.isin(names, self.lone)
        starts = self._starts(keys, places, names, np.flatnonzero(grown))
        key_of = np.zeros(len(names), dtype=np.uint64)
        key_of[places] = keys
        stay = ~np.isin(self.lone, names[grown])
        ordered = _sorted(
            np.concatenate([self.lone[stay], names[single]]),
            np.concatenate([self.lone_keys[stay], key_of[single]]),
        )
        known = _sorted(np.concatenate([self.names, names[grown]]), np.concatenate([self.starts, starts]))
        return replace(self, names=known[0], starts=known[1], lone=ordered[0], lone_keys=ordered[1])

    def held_out(self, keys: HashArray, label: Column) -> Mask:
        """Which rows are held out, bool (m,), by their `row_keys` (m,) and their label (m,).

        A class whose rows all lie on one side, as may be when a file replaces all rows of it, gives the one that stands
        first on the circle, or takes back the one that stands last. Raises `InvalidData` for fewer than two rows.
        """
        if len(keys) < 2:
            raise InvalidData("a table needs two rows before one can be held out")
        names, places = self.strata(label)
        known = np.isin(names, self.names)
        starts = np.full(len(names), self.start)
        starts[known] = self.starts[np.searchsorted(self.names, names[known])]
        turned = keys - starts[places]
        held_out: Mask = turned < arc_of(self.fraction)
        if known.all() or not _is_quantity(label):
            held_out = both_sides(held_out, turned, places)
        return both_sides(held_out, turned, np.zeros(len(keys), dtype=np.int64))

    def strata(self, label: Column) -> tuple[HashArray, IndexArray]:
        """The names of the strata of ``label`` (m,), (k,), and the place of each row's among them, (m,)."""
        kind = kind_of(label)
        if len(self.edges) and kind.quantitative:
            places = np.searchsorted(self.edges, label.values, side="right")
            return np.arange(len(self.edges) + 1, dtype=np.uint64), places.astype(np.int64)
        if _is_quantity(label):
            found, places = np.unique(kind.cell_hashes(label), return_inverse=True)
            return found, places.astype(np.int64)
        _, places = kind.distinct(label)
        last = int(places.max(initial=-1))
        if len(places) and places.min() < 0:
            last += 1
            places = np.where(places < 0, last, places)
        row = np.zeros(last + 1, dtype=np.int64)
        row[places] = np.arange(len(places))
        # '3' and '3.0' are two classes of one name, and so one stratum.
        names, named = np.unique(kind.cell_hashes(label.take(row)), return_inverse=True)
        return names, named.astype(np.int64, copy=False)[places]

    def _starts(self, keys: HashArray, places: IndexArray, names: HashArray, chosen: IndexArray) -> HashArray:
        """The start of each of the ``chosen`` (k,) strata."""
        length = arc_of(self.fraction)
        rows_of = _rows_of(places, len(names))
        lone = dict(zip(self.lone.tolist(), self.lone_keys, strict=True))
        starts = np.zeros(len(chosen), dtype=np.uint64)
        for at, place in enumerate(chosen):
            own = keys[rows_of(int(place))]
            own.sort()
            wanted, row = share_of(len(own), self.fraction), lone.get(int(names[place]))
            if row is None:
                starts[at] = start_of(own, length, wanted)
            else:
                held = bool(in_arc(np.array([row]), self.start, length)[0])
                starts[at] = start_beside(own, length, wanted, row=row, held_out=held)
        return starts

    def pack(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """The arrays (k,), (r - 1,), (l,) and the header that are stored."""
        arrays = {name: np.atleast_1d(getattr(self, name)) for name in _ARRAYS}
        return arrays, {"format": FORMAT, "fraction": self.fraction}

    @classmethod
    def unpack(cls, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """What `pack` packed, (k,), (r - 1,) and (l,).

        Raises `InvalidArtifact` for anything else, `NewerFormat` for a newer one.
        """
        if "format" not in meta:
            raise InvalidArtifact("these are not the strata of a data set")
        check_format(meta["format"], FORMAT, "strata")
        if set(meta) != {"format", "fraction"} or set(arrays) != set(_ARRAYS):
            raise InvalidArtifact("these are not the strata of a data set")
        fraction = meta["fraction"]
        if type(fraction) is not float or not 0 < fraction < 1:
            raise InvalidArtifact("the fraction of the strata does not lie between 0 and 1")
        for name, dtype in _ARRAYS.items():
            if arrays[name].dtype != np.dtype(dtype) or arrays[name].ndim != 1:
                raise InvalidArtifact(f"the {name} of the strata are of another dtype or shape")
        for one, other in (("names", "starts"), ("lone", "lone_keys")):
            if len(arrays[one]) != len(arrays[other]) or (np.diff(arrays[one].astype(object)) <= 0).any():
                raise InvalidArtifact(
                    f"the {one} of the strata are not sorted, or not as many as the {other}"
                )
        if not (arrays["edges"][1:] > arrays["edges"][:-1]).all() or len(arrays["start"]) != 1:
            raise InvalidArtifact("the edges of the strata do not rise, or there is not one start")
        return cls(fraction, **{**arrays, "start": arrays["start"][0]})


def strata_of(label: Column) -> IndexArray:
    """The number of each row's class, or range, int64 (m,).

    >>> from lepton_core.table.columns import Numbers
    >>> strata_of(Numbers("y", np.arange(40.0))).tolist() == [0] * 20 + [1] * 20
    True
    """
    return Strata(HELD_OUT_SHARE, _edges(label)).strata(label)[1]


def _rows_of(places: IndexArray, strata: int) -> Callable[[int], npt.NDArray[Any]]:
    """What picks the rows of one stratum: of a few strata without an order of all rows, which takes memory."""
    if strata <= _A_FEW_STRATA:
        return lambda place: places == place
    order = np.argsort(places, kind="stable")
    ends = np.cumsum(np.bincount(places, minlength=strata))
    return lambda place: order[(ends[place - 1] if place else 0) : ends[place]]


def _sorted(names: HashArray, values: HashArray) -> tuple[HashArray, HashArray]:
    order = np.argsort(names)
    return names[order], values[order]


def _is_quantity(label: Column) -> bool:
    if not kind_of(label).quantitative:
        return False
    some = label.values[:_A_FEW]
    return len(np.unique(some)) > FEW_NUMBERS or (
        len(label) > len(some) and len(np.unique(label.values)) > FEW_NUMBERS
    )


def _edges(label: Column) -> FloatArray:
    """The inner ends of the ranges of a quantity; none for classes."""
    if not _is_quantity(label):
        return np.zeros(0)
    values = label.values[~label.missing]
    ranges = max(2, min(MOST_RANGES, len(values) // _ROWS_A_RANGE))
    return np.unique(np.quantile(values, np.arange(1, ranges) / ranges, method="higher"))
