"""This process's memory of what it serves: loaded versions, and traffic that is counted but not yet written."""

import threading
from datetime import datetime, timedelta

from functions.context import Platform, log
from functions.records import find
from functions.serving.artifacts import read_predictor
from functions.serving.traffic import Service
from functions.storage import Workspace
from lepton_core.errors import Conflict, LeptonError, NotFound

FORMER_FOR = timedelta(minutes=5)
"""How long a service that was replaced may still be counted into; no request takes that long."""


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
                deployment = find.deployment(store, model)
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
