"""Whether the cells of a line are names above rows, or one row more."""

from collections.abc import Sequence
from itertools import pairwise

from lepton_core.table.files.spelling import is_missing, is_value

_VALUES = 0.8
"""The share of values that makes a column one of values."""

_FEWEST = 20
"""Of fewer rows nothing is told of a second line of words."""


def has_names(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether ``cells`` look like names above ``rows``, and not like one row more.

    >>> has_names(("age", "town"), [("31", "Bonn"), ("47", "Ulm")]), has_names(("31", "Bonn"), [("47", "Ulm")])
    (True, False)
    """
    if not rows:
        return not any(is_value(cell) for cell in cells)
    rows = [row for row in rows if row != cells] or rows
    names = values = again = texts = 0
    columns = list(zip(*rows, strict=True))
    labels = _are_labels(cells)
    for cell, column in zip(cells, columns, strict=True):
        below = [other for other in column if not is_missing(other)]
        if is_missing(cell) or not below:
            continue
        if holds_values(below):
            values += is_value(cell) and not labels
            names += not is_value(cell)
        else:
            texts += 1
            again += cell in column
    if names or values:
        return names > values
    return not (again and again * 2 >= texts)


def is_second_header(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether ``cells`` below the names are rather units or types than a row like those ``below``.

    They are words, and none of them comes again where cells do; in two columns at least, and in half of all.

    >>> rows = [(str(i % 7), "Bonn", "no") for i in range(20)]
    >>> is_second_header(("years", "name", "bool"), rows), is_second_header(("old", "Bonn", "no"), rows)
    (True, False)
    """
    if len(below) < _FEWEST or any(map(is_value, cells)):
        return False
    telling = [
        (cell, column)
        for cell, column in zip(cells, zip(*below, strict=True), strict=True)
        if not is_missing(cell) and (holds_values(column) or 2 * len(set(column)) <= len(column))
    ]
    return 2 * len(telling) >= max(4, len(cells)) and all(cell not in column for cell, column in telling)


def holds_values(cells: Sequence[str]) -> bool:
    """Whether most of the cells are values.

    >>> holds_values(["1", "2.5"]), holds_values(["1", "red"])
    (True, False)
    """
    return sum(map(is_value, cells)) >= _VALUES * len(cells)


def _are_labels(cells: Sequence[str]) -> bool:
    """Whether the numbers among ``cells`` are names all the same, like the years over the columns of a report."""
    texts = [cell.strip() for cell in cells]
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 9]
    others = [text for text in texts if not is_value(text) and not is_missing(text)]
    steps = {after - before for before, after in pairwise(numbers)}
    return len(numbers) > 2 and steps == {1} and bool(others)
