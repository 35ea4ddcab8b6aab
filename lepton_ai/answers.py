"""One call of predict after the other, in pieces that the platform takes."""

from collections.abc import Iterator

import msgspec

from lepton_ai.batches import Batch
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


_decoder = msgspec.json.Decoder(Answer)


def answers(transport: Transport, path: str, batch: Batch) -> Iterator[Answer]:
    """The answers to a request; more than one if it had to be halved. Errors count the rows from the first of all."""
    try:
        given = transport.call("POST", path, repeatable=True, decoder=_decoder.decode, **batch.sent)
        yield read(given, Answer)
    except UnicodeEncodeError:
        batch.demand_characters()
        raise
    except InvalidData as error:
        # The rows of a batch are counted from its first; the caller counts from the first of all.
        raise error if error.row is None else error.at(error.row + batch.before) from None
    except TooLarge:
        # With many classes the answer is what is too large, and only the platform knows how many there are.
        halves = batch.halves()
        if not halves:
            raise
        for half in halves:
            yield from answers(transport, path, half)
