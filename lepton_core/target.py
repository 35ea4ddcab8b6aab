"""From the label column to what a loss can use: class indices or real numbers, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Column, Table, check_label

MAX_NUMERIC_CLASSES = 50
"""More distinct numbers than this in a label are a quantity, not classes."""


@dataclass(frozen=True)
class Target:
    """A label column as the engine sees it.

    ``y`` has shape (m,): class indices (int64; -1 is a class that is not in ``classes``) or values (float64).
    ``classes`` is empty for regression.
    """

    y: NDArray[Any]
    classes: tuple[str, ...]


def class_names(label: Column) -> tuple[str, ...]:
    """The classes that occur in ``label``: text sorted as text, numbers sorted as numbers.

    Errors: `InvalidData` naming the column, for missing labels, fewer than two classes, or a quantity.

    >>> from lepton_core.table import Numbers
    >>> class_names(Numbers("y", np.array([10.0, 2.0, 2.0])))
    ('2', '10')
    """
    _complete(label)
    if isinstance(label, Categories):
        occurring = np.unique(label.codes)
        names = tuple(label.levels[code] for code in occurring)
    else:
        values = np.unique(label.values)
        _countable(label.name, values)
        names = tuple(_number(value) for value in values)
    if len(names) < 2:
        found = f"one class only ({names[0]!r})" if names else "no class"
        raise InvalidData(f"has {found}; a classifier needs at least two", column=label.name)
    return names


def encode_classes(label: Column, classes: Sequence[str]) -> Target:
    """Class indices of every row under the given ``classes``; a class that is not among them becomes -1.

    >>> from lepton_core.table import Numbers
    >>> encode_classes(Numbers("y", np.array([10.0, 2.0, 7.0])), ["2", "10"]).y
    array([ 1,  0, -1])
    """
    _complete(label)
    index = {name: i for i, name in enumerate(classes)}
    if isinstance(label, Categories):
        known = np.array([index.get(level, -1) for level in label.levels], dtype=np.int64)
        return Target(known[label.codes], tuple(classes))
    values, inverse = np.unique(label.values, return_inverse=True)
    known = np.array([index.get(_number(value), -1) for value in values], dtype=np.int64)
    return Target(known[inverse], tuple(classes))


def encode_values(label: Column) -> Target:
    """The numbers of a regression target.

    >>> from lepton_core.table import Numbers
    >>> encode_values(Numbers("y", np.array([1.5, 2.0]))).y
    array([1.5, 2. ])
    """
    _complete(label)
    if isinstance(label, Categories):
        raise InvalidData(
            "holds text; a regression needs numbers (for classes use algorithm='logistic_regression')",
            column=label.name,
        )
    return Target(label.values.astype(np.float64), ())


def _countable(name: str, values: NDArray[np.float64]) -> None:
    broken = values[values != np.floor(values)]
    if len(broken):
        found = f"{broken[0]} is no whole number"
    elif len(values) > MAX_NUMERIC_CLASSES:
        found = f"{len(values)} different numbers, of at most {MAX_NUMERIC_CLASSES} unless classes are text"
    else:
        return
    raise InvalidData(
        f"holds quantities, not classes ({found}); use algorithm='linear_regression'", column=name
    )


def _complete(label: Column) -> None:
    check_label(Table((label,)), label.name)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
