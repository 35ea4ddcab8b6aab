"""How much each row counts: a column of the table, a factor a class, or both."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import BY_NAME, ColumnFigures, Table, written_numbers
from lepton_core.table.cells import is_number
from lepton_core.table.spelling import boolean_of, number_notation, read_number

_TINY = float(np.finfo(np.float64).tiny)


@np.errstate(over="ignore")
def row_weights(
    table: Table,
    column: str | None,
    y: NDArray[Any],
    classes: Sequence[str],
    class_weight: Mapping[str, float] | Literal["balanced"] | None,
) -> NDArray[np.float64] | None:
    """``(m,)``: the column's number times the class's factor; None if neither is given. See `Recipe`.

    Errors: `InvalidData` naming row and column of a weight that is missing or negative, or if all are 0 or their sum
    is too large or too small to be divided by; `InvalidInput` (field 'class_weight') for an unknown class, a
    negative factor, or a regression. A class may be called by another name that means the same: "true" for "yes".

    >>> row_weights(Table(()), None, np.array([0, 1, 1, 1]), ["a", "b"], "balanced").round(3).tolist()
    [2.0, 0.667, 0.667, 0.667]
    """
    if column is None and class_weight is None:
        return None
    weights = np.ones(len(y)) if column is None else _of_column(table, column)
    if class_weight is not None:
        weights = weights * _factors(y, classes, class_weight)[y]
    if not (weights > 0.0).any():
        raise InvalidData("all rows have weight 0", column=column)
    total = float(weights.sum())
    if not _TINY <= total < np.inf:
        raise InvalidData(f"the weights add up to {total:g}; 1 is for a row that counts once", column=column)
    return weights


def check_figures(columns: Sequence[ColumnFigures], weight: str, label: str) -> None:
    """Raises `InvalidData` if the column ``weight`` cannot say how much rows count, as far as its figures tell.

    ``columns`` are all of a table whose label is ``label``.

    >>> check_figures([ColumnFigures("w", "number", missing=0, min=-1.0, max=2.0)], "w", "y")
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: column 'w': holds the weight -1; a weight must be at least 0
    """
    if weight == label:
        raise InvalidData("is the label, and cannot be the weight as well", column=weight)
    known = {one.name: one for one in columns}
    if weight not in known:
        near = get_close_matches(weight, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InvalidData(f"is not there{hint}", column=weight)
    figures = known[weight]
    if not BY_NAME[figures.kind].quantitative and figures.min is None:
        raise InvalidData("holds text; a weight is a number", column=weight)
    if figures.missing:
        raise InvalidData(f"lacks {figures.missing} weights; every row needs one", column=weight)
    if figures.min is not None and figures.min < 0.0:
        raise InvalidData(f"holds the weight {figures.min:g}; a weight must be at least 0", column=weight)
    if figures.max == 0.0:
        raise InvalidData("all rows have weight 0", column=weight)


def _of_column(table: Table, name: str) -> NDArray[np.float64]:
    column = table[name]
    values = written_numbers(column)
    if values is None:
        raise InvalidData("holds text; a weight is a number", column=name)
    wrong = ~(values >= 0.0)
    if wrong.any():
        row = int(wrong.argmax())
        what = "is missing" if column.missing[row] else f"is {values[row]:g}"
        raise InvalidData(f"the weight {what}; it must be at least 0", row=row + 1, column=name)
    return values


def _factors(
    y: NDArray[Any], classes: Sequence[str], given: Mapping[str, float] | Literal["balanced"]
) -> NDArray[np.float64]:
    if not classes:
        raise InvalidInput("a regression has no classes", field="class_weight")
    if given == "balanced":
        counts = np.bincount(y, minlength=len(classes))
        return len(y) / (len(classes) * np.maximum(counts, 1.0))
    factors = dict.fromkeys(classes, 1.0)
    named: set[str] = set()
    for name, factor in given.items():
        if not (np.isfinite(factor) and factor >= 0.0):
            raise InvalidInput(f"the weight of {name!r} must be finite and at least 0", field="class_weight")
        meant = class_meant(name, classes)
        if meant is None:
            raise InvalidInput(
                f"{name!r} is not one of the classes {', '.join(classes)}", field="class_weight"
            )
        if meant in named:
            raise InvalidInput(f"the class {meant!r} is there twice, once as {name!r}", field="class_weight")
        factors[meant] = float(factor)
        named.add(meant)
    return np.array([factors[name] for name in classes])


def class_meant(name: str, classes: Sequence[str]) -> str | None:
    """The class that somebody calls ``name``: by its very name, or as the one class that means the same, or None.

    >>> class_meant("true", ["No", "Yes"]), class_meant("5", ["$1", "$5"]), class_meant("7", ["007", "7"])
    ('Yes', '$5', '7')
    """
    same = [name] if name in classes else [one for one in classes if _mean_the_same(name, one)]
    return same[0] if len(same) == 1 else None


def _mean_the_same(one: str, other: str) -> bool:
    if boolean_of(one) is not None and boolean_of(one) == boolean_of(other):
        return True
    numbers = [_number_of(text) for text in (one, other)]
    return numbers[0] is not None and numbers[0] == numbers[1]


def _number_of(text: str) -> float | None:
    if is_number(text):
        return float(text)
    notation = number_notation({text: 1})
    return None if notation is None else read_number(text, notation)
