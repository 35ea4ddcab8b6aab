"""What is known of rows that come from a file: which could not be read, and where each one stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from lepton_ai.predictions import Prediction
from lepton_ai.row_error import RowError


@dataclass(frozen=True)
class OfFile:
    """``unread`` are rows that could not be read, by place (0 is the first).

    ``lines`` finds out in which line each row begins; None if the file has no lines. ``odd`` says, by place and column,
    why a value is no cell, for which a stand-in is sent: it is an error if the model reads the column.
    """

    unread: Mapping[int, RowError]
    lines: Callable[[], Sequence[int]] | None = None
    odd: Mapping[tuple[int, str], RowError] = field(default_factory=dict)

    def placed(self, predictions: Sequence[Prediction]) -> Sequence[Prediction]:
        """``predictions`` of all rows, in which each error names the row of the file, and its line."""
        if all(one.error is None for one in predictions):
            return predictions
        lines = None if self.lines is None else self.lines()
        return [
            one
            if one.error is None
            else msgspec.structs.replace(one, error=self._error(place, one.error, lines))
            for place, one in enumerate(predictions)
        ]

    def _error(self, place: int, said: RowError, lines: Sequence[int] | None) -> RowError:
        line = None if lines is None else lines[place]
        known = self.unread.get(place) or self.odd.get((place, said.column or ""), said)
        return replace(known, row=place + 1, line=line)
