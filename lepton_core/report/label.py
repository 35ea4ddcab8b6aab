"""The label as classes, which a column alone may tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lepton_core.moments import reach
from lepton_core.report.values import ValueCount
from lepton_core.table.columns import Column, FloatArray, IndexArray
from lepton_core.table.kinds import kind_of
from lepton_core.table.labels import are_few_numbers

MOST_CLASSES_KEPT = 100
"""A report lists so many classes of the label."""

CLASSES_TOLD_APART = 20
"""Of more classes the rarer ones are taken together."""


@dataclass(frozen=True)
class Classes:
    """The class of each row, ``places`` (m,) among ``counts``, perhaps those of more rows; a quantity is cut at ``cut``
    into two, and ``values`` (m,) are its own.
    """

    places: IndexArray
    counts: tuple[ValueCount, ...]
    cut: float | None = None
    values: FloatArray | None = None

    @property
    def many(self) -> int:
        """How many classes are told apart."""
        return 2 if self.cut is not None else min(len(self.counts), CLASSES_TOLD_APART + 1)

    def name(self, place: int) -> str:
        """How a class is called."""
        return self.counts[place].text if place < CLASSES_TOLD_APART else "one of the rarer classes"


def classes_in(some: Column, label: Column) -> Classes:
    """The classes of the rows of ``some``, which are rows of ``label``, whose cells are counted.

    A quantity is cut at the median of ``some``.

    >>> from lepton_core.table import Categories
    >>> label = Categories.of("paid", ["no", "yes", "no"])
    >>> [one.rows for one in classes_in(label.take(np.array([1])), label).counts]
    [2, 1]
    """
    if len(some) == len(label):
        return classes_of(some)
    kind = kind_of(label)
    if kind.quantitative and not are_few_numbers(kind.distinct(some)[0]):
        return classes_of(some)
    found = classes_of(label)
    places = classes_under(some, found.counts, found.cut)
    return replace(found, places=places, values=None if found.cut is None else some.values)


def classes_of(label: Column) -> Classes:
    """The classes of a label without missing cells: its values, or, of a quantity, below and above the median.

    >>> from lepton_core.table import Categories
    >>> classes_of(Categories.of("paid", ["no", "yes", "no"])).counts
    (ValueCount(text='no', rows=2), ValueCount(text='yes', rows=1))
    """
    kind = kind_of(label)
    values, places = kind.distinct(label)
    if kind.quantitative and not are_few_numbers(values):
        exponent = reach(label.values)
        cut = float(np.ldexp(np.median(np.ldexp(label.values, -exponent)), exponent))
        return Classes((label.values > cut).astype(np.int64), (), cut, label.values)
    counts = np.bincount(places[places >= 0], minlength=len(values))
    order = np.argsort(-counts, kind="stable")
    names = kind.names(label)
    found = tuple(ValueCount(names[place], int(counts[place])) for place in order.tolist())
    return Classes(_under(found, names, places), found)


def classes_under(label: Column, counts: Sequence[ValueCount], cut: float | None) -> IndexArray:
    """The class of each row of a later ``label`` among those of an earlier one, int64 (m,); -1 for a new class."""
    kind = kind_of(label)
    if cut is not None:
        return (label.values > cut).astype(np.int64) if kind.quantitative else np.full(len(label), -1)
    _, places = kind.distinct(label)
    return _under(counts, kind.names(label), places)


def _under(counts: Sequence[ValueCount], names: Sequence[str], places: IndexArray) -> IndexArray:
    known = {one.text: min(at, CLASSES_TOLD_APART) for at, one in enumerate(counts)}
    return np.array([*(known.get(name, -1) for name in names), -1], dtype=np.int64)[places]
