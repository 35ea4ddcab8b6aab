"""How sure each prediction is: the interval around a value, or the classes that are plausible, for a coverage."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput, TooLarge
from lepton_core.remedy import training
from lepton_core.uncertainty.conformal import Intervals

if TYPE_CHECKING:
    from lepton_core.servable import Servable

P = TypeVar("P")

MOST_PLAUSIBLE = 50_000
"""Names of classes in the sets of one answer, at most: each stands beside its probability already."""


def covered(
    change: Callable[..., P],
    predictor: "Servable",
    output: NDArray[np.float64],
    predictions: Sequence[P],
    coverage: float,
) -> list[P]:
    """``predictions`` with the ``output``, (m, K) or (m,), each with its ``interval``, or its ``plausible`` classes.

    ``change`` makes another one of a prediction, with some fields of its own.

    Raises `InvalidInput` (field 'coverage') for a version without them, and for a coverage that there is not, and
    `TooLarge` for the sets of too many rows.
    """
    conformal = None if predictor.uncertainty is None else predictor.uncertainty.conformal
    if conformal is None:
        way = training(uncertainty=True)
        what = "sets of classes" if predictor.classes else "intervals"
        raise InvalidInput(
            f"this version was trained without {what}; train one with them, and deploy it: {way}",
            field="coverage",
            remedies=(way,),
        )
    if isinstance(conformal, Intervals):
        ends = conformal.around(output, coverage).tolist()
        return [change(one, interval=pair) for one, pair in zip(predictions, ends, strict=True)]
    most = max(1, MOST_PLAUSIBLE // len(predictor.classes))
    if len(predictions) > most:
        raise TooLarge(
            f"{len(predictions)} rows; the most in one call of this model with coverage is {most}",
            field="rows",
        )
    inside = conformal.inside(output, coverage)
    order = np.argsort(-output, axis=1, kind="stable")
    names = np.array(predictor.classes, dtype=object)[order]
    kept = np.take_along_axis(inside, order, axis=1)
    return [
        change(one, plausible=_with_label(tuple(row[its]), getattr(one, "label", None)))
        for one, row, its in zip(predictions, names, kept, strict=True)
    ]


def _with_label(plausible: tuple[str, ...], label: str | None) -> tuple[str, ...]:
    """The classes of a set, and the label behind them if a rule made it of a class that is not among them."""
    return plausible if label is None or label in plausible else (*plausible, label)
