"""The output of a version as what is told of each row, in whatever type the caller has for that."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput, RowError
from lepton_core.evaluate import LabelRule
from lepton_core.table import Table

if TYPE_CHECKING:
    from lepton_core.servable import Servable
    from lepton_core.table.each_row import EachRow

P = TypeVar("P")

Predicted = tuple[NDArray[np.float64], list[P]]
"""The output for some rows, (m, K) or (m,), and what is told of each of them."""


def demand_rows(rows: int) -> None:
    """Raise `InvalidInput` (field 'rows') for a call without a row."""
    if not rows:
        raise InvalidInput("there are no rows; send at least one", field="rows")


def shown(
    make: Callable[..., P],
    predictor: "Servable",
    output: NDArray[np.float64],
    rule: LabelRule | None = None,
) -> list[P]:
    """What ``make`` makes of a label and its probabilities, or of a ``value``, for each row of ``output``.

    That is (m, K) or (m,); labels are those of the ``rule``, or the most probable classes.
    """
    if predictor.task == "regression":
        return [make(value=value) for value in output.tolist()]
    if rule is None:
        best = output.argmax(axis=1).tolist()
    else:
        from lepton_core.decision import labels  # noqa: PLC0415  (most versions have no rule)

        best = labels(rule, predictor.classes, output).tolist()
    classes: Sequence[str] = predictor.classes
    if len(classes) == 2:
        no, yes = classes
        return [
            make(yes if at else no, {no: p, yes: q})
            for at, p, q in zip(best, *output.T.tolist())  # noqa: B905  (a hot loop, of three lists of m rows)
        ]
    return [
        make(classes[at], dict(zip(classes, row)))  # noqa: B905  (the output is K wide, and this is a hot loop)
        for at, row in zip(best, output.tolist(), strict=True)
    ]


def each_shown(
    read: "Callable[[Mapping[int, RowError]], EachRow]", predict: Callable[[Table], Predicted[P]]
) -> tuple["EachRow", NDArray[np.float64], list[P]]:
    """The rows of a file, and what ``predict`` says of those that can be read, and are not too large for the model.

    That is the output, (m, K) or (m,), and what is told of each. ``read`` passes over the rows that it is given, by
    place. Raises `InvalidData` for what is wrong with all rows together.
    """
    from lepton_core.table.each_row import row_error  # noqa: PLC0415  (only a file needs it)

    too_large: dict[int, RowError] = {}
    while True:  # the model's checks come one after the other, and each names all rows that it refuses
        each = read(too_large)
        if each.read is None:
            return each, np.zeros(0), []
        try:
            return each, *predict(each.read.table)
        except InvalidData as error:
            if not error.by_row:
                raise
            places = {each.places[row - 1]: fault for row, fault in error.by_row.items()}
        too_large |= {place: row_error(place, fault) for place, fault in places.items()}


def in_order(each: "EachRow", predictions: Sequence[P], make: Callable[..., P]) -> list[P]:
    """The ``predictions`` of the rows that were read, and an ``error`` of each other one, in the order of the rows."""
    by_place = dict(zip(each.places, predictions, strict=True))
    by_place |= {error.row - 1: make(error=error) for error in each.errors}
    return [by_place[place] for place in range(len(by_place))]
