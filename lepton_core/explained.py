"""Explained predictions: what every column adds to each of them, and how many rows are explained at once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from lepton_core.explain import MAX_EXPLANATION_STEPS
from lepton_core.table import Table

if TYPE_CHECKING:
    from lepton_core.servable import Servable

P = TypeVar("P")


def most_explained(predictor: "Servable") -> int | None:
    """How many rows are explained in some seconds, at least one; None if the version explains nothing."""
    steps = predictor.steps_to_explain
    return None if steps is None else max(1, MAX_EXPLANATION_STEPS // steps)


def explained(
    change: Callable[..., P], predictor: "Servable", table: Table, predictions: Sequence[P]
) -> list[P]:
    """``predictions`` of the rows of ``table``, each with what every column adds to it.

    ``change`` makes another one of a prediction, with some fields of its own.
    """
    found = predictor.explain(table)
    columns, base = predictor.schema.names, _by_class(predictor, found.base.tolist())
    return [
        change(
            prediction,
            contributions={
                column: _by_class(predictor, outputs) for column, outputs in zip(columns, row, strict=True)
            },
            base=base,
            unit=found.unit,
        )
        for prediction, row in zip(predictions, found.contributions.tolist(), strict=True)
    ]


def _by_class(predictor: "Servable", outputs: list[float]) -> float | dict[str, float]:
    return outputs[0] if len(outputs) == 1 else dict(zip(predictor.classes, outputs, strict=True))
