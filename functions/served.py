"""This process's memory of what it serves: loaded versions, and traffic that is counted but not yet written."""

import threading
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from functions import lookup
from functions.platform import Platform, log
from functions.storage import Lost, Workspace
from functions.values import WINDOWS, Window, number
from functions.workbench import read_predictor
from lepton_core.drift import Counter, Profile
from lepton_core.errors import Conflict, LeptonError, NotFound
from lepton_core.predict import Predictor
from lepton_core.table import Table

FORMER_FOR = timedelta(minutes=5)
"""How long a service that was replaced may still be counted into; no request takes that long."""


class _Hour:
    """What one process counted for one version in one hour, and how much of it its window holds by now."""

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


class Service:
    """One model's served version in this process, with the counters of this hour and of those not yet written."""

    def __init__(
        self, store: Workspace, model: str, version: int, predictor: Predictor, checked: datetime
    ) -> None:
        self.store = store
        self.model = model
        self.version = version
        self.predictor = predictor
        self.ignored = frozenset(filter(None, [predictor.label, predictor.weight]))
        self.checked = checked
        self._hours: list[_Hour] = []
        self._counting = threading.Lock()
        self._writing = threading.Lock()

    def count(self, features: Table, output: NDArray[np.float64], milliseconds: float, now: datetime) -> None:
        """Count one answered request."""
        with self._counting:
            hour = self._hour(now)
            hour.counter.observe(features, output, milliseconds)
            hour.dirty = True

    def count_error(self, milliseconds: float, now: datetime) -> None:
        """Count one refused request."""
        with self._counting:
            hour = self._hour(now)
            hour.counter.error(milliseconds)
            hour.dirty = True

    def flush(self, now: datetime, every: timedelta) -> None:
        """Write the windows that have news, the current hour's only if its last write is ``every`` ago.

        Nobody waits for it who only counts. What could not be written stays to be written.
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


class Served:
    """All services of this process.

    A service in use reads nothing. Whether it is still the right one is looked up every
    ``settings.route_cache_seconds``: by `tick`, where a background thread calls it (``background``), else by the
    first request after that time.
    """

    def __init__(self, *, background: bool = False) -> None:
        self._background = background
        self._lock = threading.Lock()
        self._services: dict[tuple[str, str], Service] = {}
        # Requests under way still count into a service that was replaced.
        self._former: list[tuple[datetime, Service]] = []
        self._forgotten = 0

    def service(self, platform: Platform, store: Workspace, model: str) -> Service:
        """The model's service. Raises `NotFound` or `Conflict` if there is nothing to serve."""
        found = self._services.get((store.name, model))
        if found is None:
            return self._load(platform, store, model, None)
        return found if self._background else self._renew(platform, found)

    def after(self, platform: Platform, service: Service) -> None:
        """After a request: write what was counted if that is due, where no background thread does."""
        if not self._background:
            is_current = self._services.get((service.store.name, service.model)) is service
            _flush(platform, service, platform.settings.flush_seconds if is_current else 0.0)

    def forget(self, platform: Platform, workspace: str, model: str) -> None:
        """The model's deployment changed: the next request loads it anew."""
        with self._lock:
            self._forgotten += 1
            gone = self._services.pop((workspace, model), None)
        if gone is not None:
            self._retire(platform, gone)

    def tick(self, platform: Platform) -> None:
        """Write what was counted and renew what is stale; a host's background thread calls this every second."""
        for service in list(self._services.values()):
            _flush(platform, service, platform.settings.flush_seconds)
            try:
                self._renew(platform, service)
            except LeptonError as error:
                log.info(
                    "model %s/%s is served no more: %s", service.store.name, service.model, error.message
                )
        self._flush_former(platform)

    def flush(self, platform: Platform) -> None:
        """Write everything that was counted; before the process ends."""
        for service in list(self._services.values()):
            _flush(platform, service, 0.0)
        self._flush_former(platform)

    def _flush_former(self, platform: Platform) -> None:
        for _, service in list(self._former):
            _flush(platform, service, 0.0)
        now = platform.clock()
        with self._lock:
            self._former = [(since, one) for since, one in self._former if now - since < FORMER_FOR]

    def _retire(self, platform: Platform, service: Service) -> None:
        with self._lock:
            self._former.append((platform.clock(), service))
        _flush(platform, service, 0.0)

    def _renew(self, platform: Platform, service: Service) -> Service:
        now = platform.clock()
        if now - service.checked < timedelta(seconds=platform.settings.route_cache_seconds):
            return service
        try:
            return self._load(platform, service.store, service.model, service)
        except (NotFound, Conflict):
            raise
        except Exception:  # noqa: BLE001  (what was served a moment ago is better than nothing)
            log.exception("the deployment of model %s/%s cannot be read", service.store.name, service.model)
            service.checked = now
            return service

    def _load(self, platform: Platform, store: Workspace, model: str, known: Service | None) -> Service:
        """Look the deployment up; keep ``known`` if it still is what the deployment names."""
        while True:
            forgotten = self._forgotten
            try:
                deployment = lookup.deployment(store, model)
                if deployment.value.state == "stopped":
                    raise Conflict(f"model {model!r} is retired and serves no more")
            except (NotFound, Conflict):
                if known is not None:
                    self.forget(platform, store.name, model)
                raise
            route = deployment.value.routes[0]
            if known is not None and known.version == route.version:
                known.checked = platform.clock()
                return known
            predictor = read_predictor(store, route.artifact, route.digest)
            made = Service(store, model, route.version, predictor, platform.clock())
            with self._lock:
                if forgotten != self._forgotten:
                    continue  # a deployment changed after it was read
                found = self._services.get((store.name, model))
                if found is not None and found.version == made.version:
                    return found  # another request was faster
                self._services[store.name, model] = made
            if found is not None:
                self._retire(platform, found)
            return made


def _flush(platform: Platform, service: Service, seconds: float) -> None:
    try:
        service.flush(platform.clock(), timedelta(seconds=seconds))
    except Exception:  # noqa: BLE001  (no request fails because it cannot be counted yet)
        log.exception("traffic of model %s/%s cannot be written", service.store.name, service.model)
