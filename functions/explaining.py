"""Explained predictions: how many rows one call explains, and what every column adds to a prediction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from lepton_core.errors import TooLarge
from lepton_core.explain import MAX_EXPLANATION_STEPS
from lepton_core.table import Table

if TYPE_CHECKING:
    from lepton_core.servable import Servable

P = TypeVar("P", bound=msgspec.Struct)
"""What is told of one row, as `functions.predict.Prediction`."""

MAX_ANSWER_BYTES = 5_000_000
"""Bytes in one answer of explained predictions."""

_NUMBER_BYTES = 28
"""Most of a number in JSON, with the colon before and the comma behind it."""


def check_explainable(predictor: "Servable", rows: int) -> None:
    """Raises `TooLarge` if explaining so many rows would take too long, or more bytes than an answer may have."""
    steps = predictor.steps_to_explain
    if steps is None:
        return  # what is wrong is said when it is tried
    most = min(max(1, MAX_EXPLANATION_STEPS // steps), MAX_ANSWER_BYTES // _explained_bytes(predictor))
    if rows > most:
        raise TooLarge(f"{rows} rows; the most that one call explains of this model is {most}", field="rows")


def _explained_bytes(predictor: "Servable") -> int:
    """At most so many bytes of JSON are one explained prediction."""

    def with_names(names: Sequence[str], each: int) -> int:
        return sum(len(msgspec.json.encode(name)) + each for name in names)

    outputs = max(_NUMBER_BYTES, with_names(predictor.classes, _NUMBER_BYTES))
    return with_names(predictor.schema.names, outputs) + 2 * outputs + 200


def explained(predictor: "Servable", table: Table, predictions: Sequence[P]) -> list[P]:
    """``predictions`` of the rows of ``table``, each with what every column adds to it."""
    found = predictor.explain(table)
    columns, base = predictor.schema.names, _by_class(predictor, found.base.tolist())
    return [
        replace(
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
