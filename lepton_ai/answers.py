"""One call of predict after the other, in pieces that the platform takes."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lepton_ai.errors import InvalidData, TooLarge
from lepton_ai.predictions import Prediction
from lepton_ai.results import read
from lepton_ai.row_notes import Filled, Ignored, RowNotes, Unknown
from lepton_ai.transport import Transport


class Answer(msgspec.Struct, frozen=True):
    """The platform's answer to a predict call."""

    version: int
    predictions: list[Prediction]
    ignored: tuple[Ignored, ...] = ()
    filled: tuple[Filled, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def notes(self) -> RowNotes:
        """What was done with cells that the model does not know."""
        return RowNotes(self.ignored, self.filled, self.unknown)


def answers(transport: Transport, path: str, before: int, body: dict[str, Any]) -> Iterator[Answer]:
    """The answers to a request whose first row has ``before`` rows before it; more than one if it had to be halved.

    Errors count the rows from the first of all.
    """
    try:
        yield read(transport.call("POST", path, body=body, repeatable=True), Answer)
    except UnicodeEncodeError:
        demand_characters(body, before)
        raise
    except InvalidData as error:
        # The rows of a batch are counted from its first; the caller counts from the first of all.
        raise error if error.row is None else error.at(error.row + before) from None
    except TooLarge:
        # With many classes the answer is what is too large, and only the platform knows how many there are.
        half = len(body["rows"]) // 2
        if not half:
            raise
        yield from answers(transport, path, before, {**body, "rows": body["rows"][:half]})
        yield from answers(transport, path, before + half, {**body, "rows": body["rows"][half:]})


def demand_characters(body: Mapping[str, Any], before: int) -> None:
    """Raises `InvalidData` for the first cell of a request that holds half a surrogate pair: JSON cannot hold it."""
    from lepton_core.table.cells import demand_unicode  # noqa: PLC0415  (loads numpy)

    names = body.get("columns")
    for number, row in enumerate(body["rows"], start=before + 1):
        cells = (
            row.items() if isinstance(row, dict) else zip(names or range(1, len(row) + 1), row, strict=True)
        )
        for name, cell in cells:
            demand_unicode(str(name), number, ascii(name))
            if isinstance(cell, str):
                demand_unicode(cell, number, str(name))
