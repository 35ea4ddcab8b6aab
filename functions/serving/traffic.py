"""One loaded version in this process, and its traffic: counted here, written when that is due."""

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from functions.records.kinds import WINDOWS, Window, number
from functions.storage import Lost, Workspace
from lepton_core.drift import Counter, Profile
from lepton_core.evaluate import LabelRule
from lepton_core.table import Table

if TYPE_CHECKING:
    from lepton_core.servable import Servable


class _Hour:
    """The counts of one process for one version in one hour, and how much of them its window holds by now."""

    def __init__(self, hour: str, reference: Profile) -> None:
        self.name = hour
        self.counter = Counter(reference)
        # Nobody else ever writes this window: a process that dies leaves it, and the next one begins its own.
        self.source = uuid4().hex[:12]
        self.revision = 0
        self.dirty = False
        self.written: datetime | None = None

    def is_due(self, now: datetime, every: timedelta) -> bool:
        return self.dirty and (self.written is None or now - self.written >= every)


class Traffic:
    """One loaded version of a model, with the counters of this hour and of those not yet written: a `LoadedModel`."""

    def __init__(
        self,
        store: Workspace,
        model: str,
        version: int,
        predictor: "Servable",
        checked: datetime,
        rule: LabelRule | None = None,
    ) -> None:
        self.store = store
        self.model = model
        self.version = version
        self.predictor = predictor
        self.rule = rule
        self.ignored = frozenset(filter(None, [predictor.label, predictor.weight]))
        self.reads = predictor.reads
        self.checked = checked
        self._hours: list[_Hour] = []
        self._counting = threading.Lock()
        self._writing = threading.Lock()

    def count(
        self,
        features: Table,
        output: NDArray[np.float64],
        milliseconds: float,
        now: datetime,
        unread: int = 0,
    ) -> None:
        """Count one answered request; ``unread`` rows of it could not be read."""
        with self._counting:
            hour = self._hour(now)
            hour.counter.observe(features, output, milliseconds, unread)
            hour.dirty = True

    def count_error(
        self, milliseconds: float, now: datetime, rows: int = 1, why: str = "", *, failed: bool = False
    ) -> None:
        """Count one request that was refused; see `LoadedModel.count_error`."""
        with self._counting:
            hour = self._hour(now)
            hour.counter.error(milliseconds, rows, why, failed=failed)
            hour.dirty = True

    def flush(self, now: datetime, every: timedelta) -> None:
        """Write the windows that have news, the current hour's only if its last write is ``every`` ago.

        A thread that only counts does not wait for it. A window that could not be written stays to be written.
        """
        with self._writing:
            for hour in list(self._hours):
                with self._counting:
                    is_past = hour is not self._hours[-1]
                    if not hour.is_due(now, timedelta(0) if is_past else every):
                        continue
                    sketch = hour.counter.snapshot().as_dict()
                    hour.dirty = False
                try:
                    self._write(hour, sketch)
                except BaseException:
                    hour.dirty = True
                    raise
                hour.written = now
            with self._counting:
                self._hours = [hour for hour in self._hours if hour.dirty or hour is self._hours[-1]]

    def _hour(self, now: datetime) -> _Hour:
        name = now.strftime("%Y-%m-%dT%H")
        if not self._hours or self._hours[-1].name != name:
            self._hours.append(_Hour(name, self.predictor.reference))
        return self._hours[-1]

    def _write(self, hour: _Hour, sketch: dict[str, Any]) -> None:
        window = Window(self.model, self.version, hour.name, hour.source, sketch)
        key = f"{hour.name}:{number(self.version)}:{hour.source}"
        try:
            self.store.write(self.store.put(WINDOWS, self.model, key, value=window, expect=hour.revision))
        except Lost:
            # An earlier write of ours happened, and its answer got lost on the way.
            stored = self.store.get(WINDOWS, self.model, key)
            hour.revision = 0 if stored is None else stored.revision
            self.store.write(self.store.put(WINDOWS, self.model, key, value=window, expect=hour.revision))
        hour.revision += 1
