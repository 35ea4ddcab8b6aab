"""The effect of one column: what a version says on average, where that column has one value in every row."""

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.evaluate import Effect
from lepton_core.table import Column, Table, kind_of
from lepton_core.table.kinds.bins import some_rows

if TYPE_CHECKING:
    from lepton_core.servable import Servable

MOST_EFFECT_ROWS = 200
"""Rows that are averaged over: a mean of so many is known to about 3 points of a probability."""

MOST_VALUES = 20
"""Values of a quantity at which it is looked; of levels the most frequent ones."""


def effect(predictor: "Servable", table: Table, column: str) -> Effect:
    """What ``predictor`` says of rows of ``table``, spread evenly, with each value of ``column`` in all of them.

    The other columns stay as they are, so of columns that go together some such rows may never occur.
    Source: Friedman (2001), "Greedy function approximation: a gradient boosting machine", section 8.2.

    Errors: `InvalidData` if the column has no value in these rows, and for what `Predictor.predict` refuses.
    """
    looked_at = table[column]
    places, share = _places(looked_at)
    rows = table.take(some_rows(table.rows, MOST_EFFECT_ROWS))
    names = predictor.classes or ("value",)
    found: list[NDArray[np.float64]] = []
    for place in places:
        same = looked_at.take(np.full(rows.rows, place))
        varied = Table(tuple(same if one.name == column else one for one in rows.columns))
        output = predictor.predict(varied).reshape(rows.rows, -1)
        found.append(np.vstack([output.mean(axis=0), np.quantile(output, (0.1, 0.9), axis=0)]))
    figures = np.stack(found)

    def by_name(which: int) -> dict[str, tuple[float, ...]]:
        return {name: tuple(figures[:, which, k].tolist()) for k, name in enumerate(names)}

    kind = kind_of(looked_at)
    cells = kind.cells(looked_at.take(np.array(places)))
    of: Literal["quantity", "levels"] = "quantity" if kind.quantitative else "levels"
    return Effect(
        column, kind.name, of, rows.rows, tuple(cells), by_name(0), by_name(1), by_name(2), tuple(share)
    )


def _places(column: Column) -> tuple[list[int], list[float]]:
    """The rows whose cells are the values to look at, and which share of the rows has each of them."""
    kind = kind_of(column)
    present = np.flatnonzero(~column.missing)
    if not len(present):
        raise InvalidData("has no value in the rows that are looked at", column=column.name)
    if kind.quantitative:
        order = present[np.argsort(column.values[present], kind="stable")]
        at = np.unique(np.round(np.linspace(0.02, 0.98, MOST_VALUES) * (len(order) - 1)).astype(np.int64))
        _, once = np.unique(column.values[order[at]], return_index=True)
        return order[at][once].tolist(), []
    cells = kind.cells(column.take(present))
    first: dict[object, int] = {}
    counts: dict[object, int] = {}
    for place, cell in zip(present.tolist(), cells, strict=True):
        first.setdefault(cell, place)
        counts[cell] = counts.get(cell, 0) + 1
    most = sorted(counts, key=lambda cell: -counts[cell])[:MOST_VALUES]
    return [first[cell] for cell in most], [counts[cell] / len(present) for cell in most]
