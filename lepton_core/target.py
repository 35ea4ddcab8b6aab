"""From the label column to what a loss can use: class indices or real numbers, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import Categories, Column, Table, check_label
from lepton_core.table.cells import shown

MAX_NUMERIC_CLASSES = 50
"""More distinct numbers than this in a label are a quantity, not classes."""

FEW_NUMBERS = 20
"""Up to so many distinct whole numbers in a label are taken for classes, where nobody says what they are."""


@dataclass(frozen=True)
class Target:
    """A label column as the engine sees it.

    ``y`` has shape (m,): class indices (int64; -1 is a class that is not in ``classes``) or values (float64).
    ``classes`` is empty for regression.
    """

    y: NDArray[Any]
    classes: tuple[str, ...]


def task_of(label: Column, tasks: frozenset[str], wanted: str | None = None) -> str:
    """'classification' or 'regression': what is ``wanted``, or the only one of ``tasks``, or what the label looks like.

    Text is classes; so are at most `FEW_NUMBERS` different whole numbers; other numbers are quantities.
    Errors: `InvalidInput` (field 'task') if ``wanted`` is not one of ``tasks``.

    >>> from lepton_core.table import Numbers
    >>> both = frozenset({"classification", "regression"})
    >>> task_of(Numbers("y", np.array([0.0, 1.0])), both), task_of(Numbers("y", np.array([0.5, 1.0])), both)
    ('classification', 'regression')
    """
    if wanted is not None:
        check_task(wanted, tasks)
        return wanted
    if len(tasks) == 1:
        return next(iter(tasks))
    if isinstance(label, Categories):
        return "classification"
    values = np.unique(label.values[~label.missing])
    return (
        "classification"
        if len(values) <= FEW_NUMBERS and (values == np.floor(values)).all()
        else "regression"
    )


def check_task(wanted: str, tasks: frozenset[str]) -> None:
    """Raises `InvalidInput` (field 'task') if ``wanted`` is not one of ``tasks``.

    >>> check_task("regression", frozenset({"classification"}))
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: this algorithm is for classification only
    """
    if wanted not in tasks:
        raise InvalidInput(f"this algorithm is for {' and '.join(sorted(tasks))} only", field="task")


def check_values(label: Column) -> None:
    """Raises `InvalidData`, naming the value, for a label that is the same in every row: no task can learn from it.

    >>> check_values(Categories.of("y", ["no", "no"]))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: column 'y': has one class only ('no'); at least two are needed to learn from
    """
    values: NDArray[Any] = label.codes if isinstance(label, Categories) else label.values
    if not len(values) or (values != values[0]).any():
        return
    if isinstance(label, Categories):
        raise _one_of("class", shown(label.levels[values[0]]), label.name)
    raise _one_of("value", _number(values[0]), label.name)


def check_figures(label: Mapping[str, Any], tasks: frozenset[str]) -> None:
    """Raises `InvalidData` for a label from which none of the ``tasks`` can learn, as far as its figures tell.

    ``label`` is what `lepton_core.table.describe` says of the column. Whether numbers are classes it does not say.

    >>> check_figures({"name": "y", "kind": "category", "missing": 0, "distinct": 2}, frozenset({"regression"}))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: column 'y': holds text; a regression needs numbers (for classes use
    algorithm='logistic_regression')
    """
    name, is_text = label["name"], label["kind"] == "category"
    if is_text and "classification" not in tasks:
        raise _text(name)
    if is_text and label["distinct"] == 1:
        raise _one_of("class", None, name)
    if not is_text and label["min"] == label["max"]:
        raise _one_of("value", _number(label["min"]), name)


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

    Raises `InvalidData` where `check_label` does.

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
    """The numbers of a regression target. Raises `InvalidData` naming the column for text or missing labels.

    >>> from lepton_core.table import Numbers
    >>> encode_values(Numbers("y", np.array([1.5, 2.0]))).y
    array([1.5, 2. ])
    """
    _complete(label)
    if isinstance(label, Categories):
        raise _text(label.name)
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
        f"holds quantities, not classes ({found}); use task='regression', or algorithm='linear_regression'",
        column=name,
    )


def _text(name: str) -> InvalidData:
    return InvalidData(
        "holds text; a regression needs numbers (for classes use algorithm='logistic_regression')",
        column=name,
    )


def _one_of(kind: str, value: str | None, name: str) -> InvalidData:
    found = "" if value is None else f" ({value})"
    return InvalidData(f"has one {kind} only{found}; at least two are needed to learn from", column=name)


def _complete(label: Column) -> None:
    check_label(Table((label,)), label.name)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
