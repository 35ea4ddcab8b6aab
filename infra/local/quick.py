"""One row of plain numbers, answered without all that rows may need that are not so plain."""

import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from functions import predict
from functions.context import LoadedModel, Platform
from functions.edge import Reply
from functions.edge.respond import GUARDS
from infra.local.at_once import SentAnswer, lines_of
from infra.local.late_counts import AnsweredRow, LateCounts
from lepton_core.errors import LeptonError
from lepton_core.plain_version import PlainVersion
from lepton_core.shown import shown

JSON_HEADERS = {"content-type": "application/json", **{name.lower(): value for name, value in GUARDS.items()}}
"""Those of every answer in JSON, as a server of the platform's own sends them."""

_JSON = "application/json"
_NONE = predict.Predictions("", 0, [])
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True)
class QuickRows:
    """A version that answers such rows: what reads a body, its colons, and the lines of the head of an answer."""

    plain: PlainVersion
    read: Callable[[bytes], Any]
    colons: int
    lines: bytes


@dataclass
class QuickAnswers:
    """Answers for the models of ``platform``, whose ``counts`` are taken later, ``in_thread`` if they are many.

    A version that takes more than ``most_milliseconds`` for a row is not asked: it would hold up those of other models.
    """

    platform: Platform
    in_thread: Callable[[Callable[[], None]], object]
    watched: bool = True
    most_milliseconds: float = inf
    counts: LateCounts = field(default_factory=LateCounts)
    _known: WeakKeyDictionary[LoadedModel, QuickRows | None] = field(default_factory=WeakKeyDictionary)

    def answer(self, loaded: LoadedModel, model: str, raw: bytes) -> Reply[predict.Predictions] | None:
        """What `functions.predict.predict` would answer; None if it has to be asked, for an error too."""
        known = self.known(loaded)
        made = None if known is None else self._predicted(loaded, known, model, raw)
        return None if made is None else predict.replied(made, loaded)

    def sent(self, loaded: LoadedModel, model: str, raw: bytes) -> SentAnswer | None:
        """The same, as it is sent."""
        known = self.known(loaded)
        made = None if known is None else self._predicted(loaded, known, model, raw)
        return None if known is None or made is None else SentAnswer(200, known.lines, _encoder.encode(made))

    def _predicted(
        self, loaded: LoadedModel, known: QuickRows, model: str, raw: bytes
    ) -> predict.Predictions | None:
        began = time.perf_counter()
        values = _values(known, raw)
        if values is None:
            return None
        plain = known.plain
        try:
            output = plain.predict(values)
        except LeptonError:
            return None
        if output is None:
            return None
        rule = loaded.rule
        predictions = shown(predict.Prediction, plain.predictor, output, rule)
        if self.watched:
            milliseconds = (time.perf_counter() - began) * 1000.0
            now = self.platform.clock()
            if self.counts.add(AnsweredRow(loaded, plain, values, output, milliseconds, now)):
                self.in_thread(self.counts.count)
        return predict.Predictions(model, loaded.version, predictions, rule=rule)

    def known(self, loaded: LoadedModel) -> QuickRows | None:
        """How rows of a version are read; None if it has to be asked the ordinary way."""
        if loaded in self._known:
            return self._known[loaded]
        plain = PlainVersion.of(loaded.predictor)
        is_bounded = self.most_milliseconds < inf
        if is_bounded and plain is not None and _milliseconds(plain) > self.most_milliseconds:
            plain = None
        known = None if plain is None else _rows_of(plain, predict.replied(_NONE, loaded).headers)
        self._known[loaded] = known
        if self.watched:
            loaded.counted_by(self.counts.count)
        return known


def takes(headers: Mapping[str, str]) -> bool:
    """Whether these headers of a request ask for nothing but a prediction of a body of JSON, as it is."""
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media == _JSON and {"content-encoding", "idempotency-key"}.isdisjoint(headers)


def _milliseconds(plain: PlainVersion) -> float:
    """How long a prediction has the processor."""
    row = np.zeros(len(plain.predictor.schema.columns))
    began = time.thread_time()
    with suppress(LeptonError):
        plain.predict(row)
    return (time.thread_time() - began) * 1000.0


def _values(known: QuickRows, raw: bytes) -> NDArray[np.float64] | None:
    """The cells of the only row of a body that asks for nothing else, of which each column is there once."""
    # As many colons as keys: none is there twice.
    if raw.count(b":") != known.colons:
        return None
    try:
        return np.frombuffer(known.plain.packed.pack(*astuple(known.read(raw).rows[0])))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, struct.error):
        return None


def _rows_of(plain: PlainVersion, headers: Mapping[str, str]) -> QuickRows | None:
    """Of a version that answers with the ``headers``: it takes one row of all of its columns, and of no others.

    None for columns of whose names no type can be made.
    """
    names = [one.name for one in plain.predictor.schema.columns]
    fields = [f"c{at}" for at in range(len(names))]
    cells = [(one, int | float) for one in fields]
    renamed = dict(zip(fields, names, strict=True))
    try:
        row = msgspec.defstruct("Row", cells, rename=renamed, forbid_unknown_fields=True)
    except ValueError:  # a quotation mark, a backslash, a control character
        return None
    body = msgspec.defstruct("OneRow", [("rows", tuple[row])], forbid_unknown_fields=True)  # type: ignore[valid-type]
    lines = lines_of({**JSON_HEADERS, **headers})
    return QuickRows(plain, msgspec.json.Decoder(body).decode, len(names) + 1, lines)
