"""One loaded version in this process, and its traffic: counted here, written when that is due."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from functions.context import nothing
from functions.records.deployments import Share
from functions.records.kinds import WINDOWS, Window, number
from functions.storage import Lost, Workspace
from lepton_core.drift import Counter, Profile
from lepton_core.table import Table

if TYPE_CHECKING:
    from lepton_core.servable import Servable


NEVER_SLOW_MS = 25.0
"""A call that took less is not slow, whatever the version before takes: `lepton_core.rollout` loads when needed."""

LOOK_AT_SLOW = 10
"""With so many calls that may be slow a process looks at a rollout, and then with twice as many as there were."""


def is_within(last: datetime, now: datetime, time: timedelta) -> bool:
    """Whether less ``time`` has passed since ``last``; of a clock that was put back nobody knows."""
    return timedelta(0) <= now - last < time


class _Hour:
    """The counts of one process for one version in one hour, and how much of them its window holds by now."""

    def __init__(self, hour: str, reference: Profile, rollout: int | None) -> None:
        self.name = hour
        self.rollout = rollout
        self.counter = Counter(reference)
        # Nobody else ever writes this window: a process that dies leaves it, and the next one begins its own.
        self.source = uuid4().hex[:12]
        self.revision = 0
        self.dirty = False
        self.written: datetime | None = None

    def is_due(self, now: datetime, every: timedelta) -> bool:
        return self.dirty and (self.written is None or not is_within(self.written, now, every))


class Traffic:
    """One loaded version of a model, with the counters of this hour and of those not yet written: a `LoadedModel`."""

    def __init__(
        self,
        store: Workspace,
        model: str,
        predictor: "Servable",
        checked: datetime,
        share: Share,
    ) -> None:
        self.store = store
        self.model = model
        self.version = share.version
        self.artifact = share.artifact
        self.predictor = predictor
        self.rule = share.rule
        self.digest = share.artifact.digest
        self.ignored = frozenset(filter(None, [predictor.label, predictor.weight]))
        self.reads = predictor.reads
        self.checked = checked
        # Of the stable version alone: what it shares its traffic with, and whether any version is watched.
        self.split: CanarySplit | None = None
        self.watched: Traffic | None = None
        # What finds the version that refused calls are asked again of, and the one before, once it was asked.
        self.find_beside: Callable[[], Traffic | None] | None = None
        self.before: Traffic | None = None
        self.asking = threading.Lock()
        # The rollout that calls count for, how many were refused here alone, and were when that was last looked at.
        self.rollout: int | None = None
        self.refused = self.looked_at = 0
        # How many took longer than is known not to be slow, and with how many it is looked at.
        self.slow_ms, self.slow, self.slow_due = NEVER_SLOW_MS, 0, LOOK_AT_SLOW
        self.looked = checked - timedelta(days=1)
        self._hours: list[_Hour] = []
        self._kept_back: Callable[[], None] = nothing
        self._counting = threading.Lock()
        self._writing = threading.Lock()

    @property
    def beside(self) -> "Traffic | None":
        """See `LoadedModel.beside`."""
        return None if self.find_beside is None else self.find_beside()

    def count(
        self,
        features: Table,
        output: NDArray[np.float64],
        milliseconds: float,
        now: datetime,
        unread: int = 0,
        *,
        alike: bool = False,
        explained: bool = False,
    ) -> None:
        """Count one answered request; see `LoadedModel.count`."""
        with self._counting:
            hour = self._hour(now)
            hour.counter.observe(features, output, milliseconds, unread, alike=alike, explained=explained)
            hour.dirty = True
            self.slow += milliseconds > self.slow_ms and not explained

    def count_each(
        self, features: Table, output: NDArray[np.float64], milliseconds: Sequence[float], now: datetime
    ) -> None:
        """Count answered requests of one row each, all of the hour of ``now``."""
        with self._counting:
            hour = self._hour(now)
            hour.counter.observe_each(features, output, milliseconds)
            hour.dirty = True
            self.slow += sum(one > self.slow_ms for one in milliseconds)

    def count_error(
        self,
        milliseconds: float,
        now: datetime,
        rows: int = 1,
        why: str = "",
        *,
        failed: bool = False,
        alike: bool = False,
    ) -> None:
        """Count one request that was refused; see `LoadedModel.count_error`."""
        with self._counting:
            hour = self._hour(now)
            hour.counter.error(milliseconds, rows, why, failed=failed, alike=alike)
            hour.dirty = True
            self.refused += not alike

    def counted_by(self, count: Callable[[], None]) -> None:
        """See `LoadedModel.counted_by`."""
        self._kept_back = count

    def flush(self, now: datetime, every: timedelta) -> None:
        """Write the windows that have news, the current hour's only if its last write is ``every`` ago.

        A thread that only counts does not wait for it. A window that could not be written stays to be written.
        """
        self._kept_back()
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
        if not self._hours or (self._hours[-1].name, self._hours[-1].rollout) != (name, self.rollout):
            self._hours.append(_Hour(name, self.predictor.reference, self.rollout))
        return self._hours[-1]

    def _write(self, hour: _Hour, sketch: dict[str, Any]) -> None:
        window = Window(self.model, self.version, hour.name, hour.source, sketch, hour.rollout)
        key = f"{hour.name}:{number(self.version)}:{hour.source}"
        try:
            self.store.write(self.store.put(WINDOWS, self.model, key, value=window, expect=hour.revision))
        except Lost:
            # An earlier write of ours happened, and its answer got lost on the way.
            stored = self.store.get(WINDOWS, self.model, key)
            hour.revision = 0 if stored is None else stored.revision
            self.store.write(self.store.put(WINDOWS, self.model, key, value=window, expect=hour.revision))
        hour.revision += 1


OF_ENTITY, OF_REQUEST = "x-lepton-entity", "x-request-id"
"""The headers that say which requests are to have the same version: that of the entity counts first."""


@dataclass(frozen=True)
class CanarySplit:
    """A canary, loaded, and the share ``weight`` of the traffic that it gets."""

    canary: Traffic
    weight: float

    def taken(self, stable: Traffic, headers: Mapping[str, str]) -> Traffic:
        """The one of both that a request is for: always the same for one entity."""
        from lepton_core.rollout import side  # noqa: PLC0415  (most models have one version)

        sticky = headers.get(OF_ENTITY) or headers.get(OF_REQUEST) or uuid4().hex
        return self.canary if side(self.weight, f"{stable.model}:{self.canary.version}", sticky) else stable
