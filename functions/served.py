"""This process's memory of what it serves: loaded versions, and traffic that is counted but not yet written."""

import threading
from datetime import datetime, timedelta
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from functions import lookup
from functions.platform import Platform, log
from functions.storage import Lost, Workspace
from functions.values import WINDOWS, Window, number
from functions.workbench import read_predictor
from lepton_core.drift import Counter
from lepton_core.errors import Conflict, LeptonError
from lepton_core.predict import Predictor
from lepton_core.table import Table


class Service:
    """One model's served version in this process, with the counter of the current hour."""

    def __init__(
        self, store: Workspace, model: str, version: int, predictor: Predictor, checked: datetime
    ) -> None:
        self.store = store
        self.model = model
        self.version = version
        self.predictor = predictor
        self.ignored = frozenset([predictor.label])
        self.checked = checked
        self._lock = threading.Lock()
        self._begin("")

    def _begin(self, hour: str) -> None:
        self._hour = hour
        self._counter = Counter(self.predictor.reference)
        # Nobody else ever writes this window: a process that dies leaves it, and the next one begins its own.
        self._source = uuid4().hex[:12]
        self._window_revision = 0
        self._dirty = False
        self._written: datetime | None = None

    def count(self, features: Table, output: NDArray[np.float64], milliseconds: float, now: datetime) -> None:
        """Count one answered request."""
        with self._lock:
            self._roll(now)
            self._counter.observe(features, output, milliseconds)
            self._dirty = True

    def count_error(self, milliseconds: float, now: datetime) -> None:
        """Count one refused request."""
        with self._lock:
            self._roll(now)
            self._counter.error(milliseconds)
            self._dirty = True

    def flush(self, now: datetime, every: timedelta) -> None:
        """Write the hour's window, if there is news and the last write is ``every`` ago."""
        with self._lock:
            if self._dirty and (self._written is None or now - self._written >= every):
                self._write(now)

    def _roll(self, now: datetime) -> None:
        hour = now.strftime("%Y-%m-%dT%H")
        if hour != self._hour:
            if self._dirty:
                self._write(now)
            self._begin(hour)

    def _write(self, now: datetime) -> None:
        window = Window(
            self.model, self.version, self._hour, self._source, self._counter.snapshot().as_dict()
        )
        key = f"{self._hour}:{number(self.version)}:{self._source}"
        try:
            self.store.write(
                self.store.put(WINDOWS, self.model, key, value=window, expect=self._window_revision)
            )
        except Lost:
            log.error("window %s of model %s/%s has another writer", key, self.store.name, self.model)
            return
        self._window_revision += 1
        self._dirty = False
        self._written = now


class Served:
    """All services of this process.

    A service in use reads nothing. Whether it is still the right one is looked up every
    ``settings.route_cache_seconds``: by `tick`, where a background thread calls it (``background``), else by the
    first request after that time.
    """

    def __init__(self, *, background: bool = False) -> None:
        self._background = background
        self._services: dict[tuple[str, str], Service] = {}

    def service(self, platform: Platform, store: Workspace, model: str) -> Service:
        """The model's service. Raises `NotFound` or `Conflict` if there is nothing to serve."""
        found = self._services.get((store.name, model))
        if found is None:
            return self._load(platform, store, model, None)
        return found if self._background else self._renew(platform, found)

    def after(self, platform: Platform, service: Service) -> None:
        """After a request: write what was counted if that is due, where no background thread does."""
        if not self._background:
            service.flush(platform.clock(), timedelta(seconds=platform.settings.flush_seconds))

    def forget(self, platform: Platform, workspace: str, model: str) -> None:
        """The model's deployment changed: the next request loads it anew."""
        gone = self._services.pop((workspace, model), None)
        if gone is not None:
            gone.flush(platform.clock(), timedelta(0))

    def tick(self, platform: Platform) -> None:
        """Write what was counted and renew what is stale; a host's background thread calls this every second."""
        for service in list(self._services.values()):
            service.flush(platform.clock(), timedelta(seconds=platform.settings.flush_seconds))
            try:
                self._renew(platform, service)
            except LeptonError as error:
                log.info(
                    "model %s/%s is served no more: %s", service.store.name, service.model, error.message
                )

    def flush(self, platform: Platform) -> None:
        """Write everything that was counted; before the process ends."""
        for service in list(self._services.values()):
            service.flush(platform.clock(), timedelta(0))

    def _renew(self, platform: Platform, service: Service) -> Service:
        now = platform.clock()
        if now - service.checked < timedelta(seconds=platform.settings.route_cache_seconds):
            return service
        return self._load(platform, service.store, service.model, service)

    def _load(self, platform: Platform, store: Workspace, model: str, known: Service | None) -> Service:
        """Look the deployment up; keep ``known`` if it still is what the deployment names."""
        try:
            deployment = lookup.deployment(store, model)
            if deployment.value.state == "stopped":
                raise Conflict(f"model {model!r} is retired and serves no more")
        except LeptonError:
            if known is not None:
                self.forget(platform, store.name, model)
            raise
        route = deployment.value.routes[0]
        if known is not None and known.version == route.version:
            known.checked = platform.clock()
            return known
        predictor = read_predictor(store, route.artifact, route.digest)
        service = Service(store, model, route.version, predictor, platform.clock())
        self._services[store.name, model] = service
        if known is not None:
            known.flush(platform.clock(), timedelta(0))
        return service
