"""From the label column to what a loss can use: class indices or real numbers, and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.remedy import argument
from lepton_core.table import BY_NAME, Column, ColumnFigures, Table, check_label, kind_of
from lepton_core.table.files import Note
from lepton_core.table.kinds.quantity import Quantity
from lepton_core.table.labels import are_few_numbers

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


def task_of(label: Column, tasks: frozenset[str], wanted: str | None = None) -> str:
    """'classification' or 'regression': what is ``wanted``, or the only one of ``tasks``, or what the label looks like.

    Text is classes; so are numbers of which `are_few_numbers` says it; other numbers are quantities.
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
    if not kind_of(label).quantitative:
        return "classification"
    return "classification" if are_few_numbers(np.unique(label.values[~label.missing])) else "regression"


def check_task(wanted: str, tasks: frozenset[str]) -> None:
    """Raises `InvalidInput` (field 'task') if ``wanted`` is not one of ``tasks``.

    >>> check_task("regression", frozenset({"classification"}))
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: this algorithm is for classification only
    """
    if wanted not in tasks:
        raise InvalidInput(f"this algorithm is for {' and '.join(sorted(tasks))} only", field="task")


def check_values(label: Column, notes: Iterable[Note] = ()) -> None:
    """Raises `InvalidData`, naming the value, for a label that is the same in every row: no task can learn from it.

    Among the ``notes`` of the reader may be one on rows without a label, and on words that may be labels: it is the end
    of the message.

    >>> from lepton_core.table import Categories
    >>> check_values(Categories.of("y", ["no", "no"]))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: column 'y': has one class only ('no'); at least two are needed to learn from
    """
    kind = kind_of(label)
    values, places = kind.distinct(label)
    if len(values) != 1 or (places < 0).any():
        return
    [name] = kind.names(label)
    only = _one_of(kind.only_named(name), label.name)
    for note in notes:
        if note.code == "no_label" and note.remedies:
            reason = f"{only.reason}; {note.message}: {note.remedy}"
            raise InvalidData(reason, column=label.name, remedies=note.remedies)
    raise only


def check_figures(label: ColumnFigures, tasks: frozenset[str]) -> None:
    """Raises `InvalidData` for a label from which none of the ``tasks`` can learn, as far as its figures tell.

    They do not tell whether numbers are classes.

    >>> check_figures(ColumnFigures("y", "category", missing=0, distinct=2), frozenset({"regression"}))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: column 'y': holds text; a regression needs numbers; create a model with
    algorithm='logistic_regression' for classes
    """
    kind = BY_NAME[label.kind]
    if not kind.quantitative and "classification" not in tasks:
        raise _text(label.name)
    only = kind.only_value(label)
    if only is not None:
        raise _one_of(only, label.name)


def class_names(label: Column) -> tuple[str, ...]:
    """The classes that occur in ``label``: text sorted as text, numbers sorted as numbers.

    Errors: `InvalidData` naming the column, for missing labels, fewer than two classes, or a quantity.

    >>> from lepton_core.table import Numbers
    >>> class_names(Numbers("y", np.array([10.0, 2.0, 2.0])))
    ('2', '10')
    """
    _complete(label)
    kind = kind_of(label)
    values, _ = kind.distinct(label)
    if kind.quantitative:
        _countable(label.name, np.array(values, dtype=np.float64))
    names = kind.names(label)
    if len(names) < 2:
        found = f"one class only ({names[0]!r})" if names else "no class"
        raise InvalidData(f"has {found}; a classifier needs at least two", column=label.name)
    return names


def encode_classes(label: Column, classes: Sequence[str]) -> Target:
    """Class indices of every row under the given ``classes``; a class that is not among them becomes -1.

    A class is known by its name, or where that is spelled otherwise, by what it means: 1 is '1.0' and '$1'.

    Raises `InvalidData` where `check_label` does.

    >>> from lepton_core.table import Numbers
    >>> encode_classes(Numbers("y", np.array([10.0, 2.0, 7.0])), ["2", "10"]).y
    array([ 1,  0, -1])
    """
    _complete(label)
    index = {name: i for i, name in enumerate(classes)}
    kind = kind_of(label)
    values, places = kind.distinct(label)
    names = kind.names(label)
    if isinstance(kind, Quantity) and not index.keys() >= set(names):
        meant = _by_value(kind, label.notation, classes)
        found = [index.get(name, meant.get(value, -1)) for name, value in zip(names, values, strict=True)]
    else:
        found = [index.get(name, -1) for name in names]
    return Target(np.array([*found, -1], dtype=np.int64)[places], tuple(classes))


def _by_value(kind: Quantity, notation: str, classes: Sequence[str]) -> dict[Any, int]:
    """The place of each of the ``classes`` by what its name means, spelled as the label or in a way of their own."""
    own = kind.find_notation(dict.fromkeys(classes, 1), ())
    meant: dict[Any, int] = {}
    for place, name in enumerate(classes):
        read = (kind.value_of(name, one) for one in (notation, own))
        value = next((value for value in read if value is not None), None)
        if value is not None:
            meant.setdefault(value, place)
    return meant


def encode_values(label: Column) -> Target:
    """The numbers of a regression target. Raises `InvalidData` naming the column for text or missing labels.

    >>> from lepton_core.table import Numbers
    >>> encode_values(Numbers("y", np.array([1.5, 2.0]))).y
    array([1.5, 2. ])
    """
    _complete(label)
    if not kind_of(label).quantitative:
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
    # A model keeps its task and its algorithm, so what helps is another model, whatever these are.
    way = argument("create", algorithm="linear_regression")
    raise InvalidData(
        f"holds quantities, not classes ({found}); create a model with {way} for them",
        column=name,
        remedies=(way,),
    )


def _text(name: str) -> InvalidData:
    way = argument("create", algorithm="logistic_regression")
    return InvalidData(
        f"holds text; a regression needs numbers; create a model with {way} for classes",
        column=name,
        remedies=(way,),
    )


def _one_of(only: str, name: str) -> InvalidData:
    what, _, which = only.partition(" ")
    return InvalidData(
        f"has one {what} only{which and ' ' + which}; at least two are needed to learn from", column=name
    )


def _complete(label: Column) -> None:
    check_label(Table((label,)), label.name)
