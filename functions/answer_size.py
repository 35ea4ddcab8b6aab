"""How many rows one call answers, and how many it explains."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from lepton_core.errors import TooLarge
from lepton_core.explained import most_explained

if TYPE_CHECKING:
    from lepton_core.servable import Servable

MAX_ANSWER_BYTES = 5_000_000
"""Bytes in one answer of explained predictions."""

LARGEST_ANSWER = 6_000_000
"""Bytes in one answer, as Lambda counts them: it hands on 6,291,556 with all that is around the predictions."""

_NUMBER_BYTES = 28
"""Most of a number in JSON, with the colon before and the comma behind it."""

_PROBABILITY_BYTES = 24
_AROUND = 80
"""Of one prediction all but its label and its probabilities."""


def most_answered(predictor: "Servable") -> int:
    """How many rows fit into one answer: each has the name of every class, and its label once more.

    On its way through Lambda the answer is a text in JSON, in which every quotation mark takes one byte more.
    """
    names = [len(msgspec.json.encode(msgspec.json.encode(name).decode())) - 2 for name in predictor.classes]
    each = sum(names) + _PROBABILITY_BYTES * len(names) + max(names, default=0) + _AROUND
    return max(1, LARGEST_ANSWER // each)


def check_explainable(predictor: "Servable", rows: int) -> None:
    """Raises `TooLarge` if explaining so many rows would take too long, or more bytes than an answer may have."""
    in_time = most_explained(predictor)
    if in_time is None:
        return  # what is wrong is said when it is tried
    most = min(in_time, MAX_ANSWER_BYTES // _explained_bytes(predictor))
    if rows > most:
        raise TooLarge(f"{rows} rows; the most that one call explains of this model is {most}", field="rows")


def _explained_bytes(predictor: "Servable") -> int:
    """At most so many bytes of JSON are one explained prediction."""

    def with_names(names: Sequence[str], each: int) -> int:
        return sum(len(msgspec.json.encode(name)) + each for name in names)

    outputs = max(_NUMBER_BYTES, with_names(predictor.classes, _NUMBER_BYTES))
    return with_names(predictor.schema.names, outputs) + 2 * outputs + 200
