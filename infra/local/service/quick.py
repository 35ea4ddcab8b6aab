"""One row of plain numbers, answered without all that rows may need that are not so plain."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions import predict
from functions.context import LoadedModel
from functions.edge import Reply
from infra.local.service.late_counts import AnsweredRow
from infra.local.service.source import OneModel
from lepton_core.errors import LeptonError
from lepton_core.plain_version import PlainVersion
from lepton_core.shown import shown

_MOST_KNOWN = 2
"""Versions that answer at a time: of a rollout two."""


@dataclass
class QuickAnswers:
    """Answers for the model of ``source``, which are counted later, ``in_thread`` if they are many."""

    source: OneModel
    in_thread: Callable[[Callable[[], None]], object]
    _known: dict[int, tuple[LoadedModel, PlainVersion | None]] = field(default_factory=dict)

    def answer(
        self, wanted: predict.Predict, raw: bytes, headers: Mapping[str, str]
    ) -> Reply[predict.Predictions] | None:
        """What `functions.predict.predict` would answer; None if it has to be asked, for an error too."""
        began = time.perf_counter()
        row = _only_row(wanted, raw)
        if row is None:
            return None
        loaded = self.source.loaded(headers)
        plain = self._plain_of(loaded)
        values = None if plain is None else plain.values(row)
        if plain is None or values is None:
            return None
        try:
            output = plain.predict(values)
        except LeptonError:
            return None
        if output is None:
            return None
        predictions = shown(predict.Prediction, plain.predictor, output, loaded.rule)
        if self.source.watched:
            now = self.source.platform.clock()
            milliseconds = (time.perf_counter() - began) * 1000.0
            if self.source.counts.add(AnsweredRow(loaded, plain, values, output, milliseconds, now)):
                self.in_thread(self.source.counts.count)
        made = predict.Predictions(self.source.name, loaded.version, predictions, rule=loaded.rule)
        return predict.replied(made, loaded)

    def _plain_of(self, loaded: LoadedModel) -> PlainVersion | None:
        known = self._known.get(loaded.version)
        if known is None or known[0] is not loaded:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[loaded.version] = loaded, PlainVersion.of(loaded.predictor)
        return known[1]


def _only_row(wanted: predict.Predict, raw: bytes) -> dict[str, Any] | None:
    """The row of a body that has one, of which each column is there once, and that asks for nothing else."""
    if len(wanted.rows) != 1:
        return None
    row = wanted.rows[0]
    # As many colons as keys: none is there twice, and none but those of the rows and of the row.
    return row if isinstance(row, dict) and raw.count(b":") == len(row) + 1 else None
