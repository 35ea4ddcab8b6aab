"""One call of predict after the other, in pieces that the platform takes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from lepton_ai.batches import Batch, JsonBatch
from lepton_ai.errors import InvalidData, InvalidInput, TooLarge
from lepton_ai.of_file import OfFile
from lepton_ai.predictions import Prediction, Predictions
from lepton_ai.replies import read
from lepton_ai.row_error import RowError
from lepton_ai.row_notes import Assumed, Filled, Ignored, RowNotes, Unknown
from lepton_ai.transport import share
from lepton_core.evaluate import LabelRule


class Asks(Protocol):
    """Asks a version for predictions: a `lepton_ai.transport.Transport`, or a version in this process."""

    @property
    def call(self) -> Callable[..., Any]:
        """What `Answer` is made of, as `Transport.call` gives it."""
        ...


class Given(Protocol):
    """Rows to be predicted: `lepton_ai.rows.Rows`, or another form of them."""

    @property
    def single(self) -> bool:
        """Whether the caller gave one row, and no list."""
        ...

    @property
    def of_file(self) -> OfFile | None:
        """What is known of a file that they come from."""
        ...

    def batches(self, *, explain: bool = False, coverage: float | None = None) -> Iterator[Batch]:
        """The requests, one after the other."""
        ...


class Answer(msgspec.Struct, frozen=True):
    """The platform's answer to a predict call."""

    version: int
    predictions: list[Prediction]
    ignored: tuple[Ignored, ...] = ()
    filled: tuple[Filled, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    assumed: tuple[Assumed, ...] = ()
    rule: LabelRule | None = None

    @property
    def notes(self) -> RowNotes:
        """What was done with cells that the model does not know."""
        return RowNotes(self.ignored, self.filled, self.unknown, self.assumed)


_decoder = msgspec.json.Decoder(Answer)


class WithoutColumns:
    """The batches of a file of objects, each with names of its own, that have no column of the model.

    Their rows have empty predictions, as such rows have beside others in a batch. Whatever has no other names than
    those is not sent.
    """

    def __init__(self, *, of_file: bool) -> None:
        self.of_file = of_file
        """Whether there is a file: else such a batch is an error."""
        self.error: InvalidData | None = None
        """Why, of the first of them."""
        self._names: set[str] = set()

    def covers(self, batch: JsonBatch) -> bool:
        """Whether it has no name that is not known to be none of the model."""
        return batch.names <= self._names

    def answer(self, batch: JsonBatch, error: InvalidData) -> Answer:
        """The answer to a batch that was refused for that: an empty prediction a row."""
        self.error = self.error or error
        self._names |= batch.names
        empty = [
            Prediction(error=RowError(row, error.reason)) for row, _ in enumerate(batch.body["rows"], start=1)
        ]
        return Answer(0, empty)


def all_answers(
    transport: Asks, path: str, batches: Iterable[Batch], *, of_file: bool
) -> tuple[int, list[Prediction], RowNotes, LabelRule | None]:
    """The version that answered all ``batches``, a prediction a row, what was done with their cells, the newest rule.

    ``of_file``: see `WithoutColumns`. Raises what the platform answers, and for a file without any column of the model.
    """
    predictions: list[Prediction] = []
    version, notes, without = 0, RowNotes(), WithoutColumns(of_file=of_file)
    rule: LabelRule | None = None
    for batch in batches:
        for answer in answers(transport, path, batch, without):
            predictions += answer.predictions
            version, rule = max(version, answer.version), answer.rule if answer.version else rule
            notes += answer.notes
    if without.error is not None and not version:
        raise without.error
    return version, predictions, notes, rule


def predicted(
    transport: Asks, model: str, given: Given, *, explain: bool, coverage: float | None
) -> Prediction | Predictions:
    """The prediction of a row, or those of all rows that are ``given``, by the version that ``transport`` asks."""
    path, of_file = f"/v1/models/{quote(model, safe='')}/predict", given.of_file
    batches = given.batches(explain=explain, coverage=share(coverage))
    sent = all_answers(transport, path, batches, of_file=of_file is not None)
    version, predictions, notes, rule = sent
    if given.single:
        told = {"notes": notes} if notes else {}
        return msgspec.structs.replace(predictions[0], rule=rule, **told) if rule or told else predictions[0]
    placed = predictions if of_file is None else of_file.placed(predictions)
    return Predictions(model, version, placed, notes, rule)


def answers(transport: Asks, path: str, batch: Batch, without: WithoutColumns) -> Iterator[Answer]:
    """The answers to a request; more than one if it had to be halved. Errors count the rows from the first of all.

    Of a file the rows of a batch ``without`` any column of the model have empty predictions and version 0.
    """
    objects = batch if without.of_file and isinstance(batch, JsonBatch) and batch.of_objects else None
    if objects is not None and without.error is not None and without.covers(objects):
        yield without.answer(objects, without.error)
        return
    try:
        given = transport.call("POST", path, repeatable=True, decoder=_decoder.decode, **batch.sent)
        yield read(given, Answer)
    except InvalidData as error:
        if error.row is None and objects is not None:
            yield without.answer(objects, error)
            return
        own = None if error.row is None else batch.own_fault(error.row, error.column)
        if own is not None:
            raise own from None
        # The rows of a batch are counted from its first; the caller counts from the first of all.
        raise error if error.row is None else error.at(error.row + batch.before) from None
    except TooLarge:
        # With many classes the answer is what is too large, and only the platform knows how many there are.
        halves = batch.halves()
        if not halves:
            raise
        for half in halves:
            yield from answers(transport, path, half, without)
    except InvalidInput as error:
        if isinstance(error.__cause__, UnicodeEncodeError):
            batch.demand_characters()
        raise
