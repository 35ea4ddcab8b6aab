"""The models that this process has loaded: renewed when their deployments change, and their counts written when due."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from functions.context import Context, log
from functions.records import find
from functions.serving.artifacts import read_predictor
from functions.serving.traffic import Traffic
from lepton_core.errors import Conflict, LeptonError, NotFound

FORMER_FOR = timedelta(minutes=5)
"""How long a version that was replaced may still be counted into; no request takes that long."""


class Cache:
    """All models that answer predictions in this process: the `LoadedModels` of a platform.

    A model in use reads nothing. Whether it is still the right version is looked up every
    ``settings.route_cache_seconds``: by `tick`, where a background thread calls it (``background``), else by the
    first request after that time.

    Counts that cannot be written stay, and are tried again ever more slowly; the reason is logged once.
    """

    def __init__(self, context: Context, *, background: bool = False) -> None:
        self._context = context
        self._background = background
        self._lock = threading.Lock()
        self._loaded: dict[tuple[str, str], Traffic] = {}
        # Requests under way still count into a version that was replaced.
        self._former: list[tuple[datetime, Traffic]] = []
        self._forgotten = 0

    def get(self, workspace: str, model: str) -> Traffic:
        """See `LoadedModels.get`."""
        found = self._loaded.get((workspace, model))
        if found is None:
            return self._load(workspace, model, None)
        return found if self._background else self._renew(found)

    def after(self, workspace: str, model: str) -> None:
        """See `LoadedModels.after`."""
        if self._background:
            return
        current = self._loaded.get((workspace, model))
        if current is not None:
            self._flush_if_due(current, self._context.settings.flush_seconds)
        if self._former:
            self._flush_former(self._flush_if_due)

    def forget(self, workspace: str, model: str) -> None:
        """See `LoadedModels.forget`."""
        with self._lock:
            self._forgotten += 1
            gone = self._loaded.pop((workspace, model), None)
        if gone is not None:
            self._replace(gone)

    def tick(self) -> None:
        """See `LoadedModels.tick`."""
        for traffic in list(self._loaded.values()):
            self._flush_if_due(traffic, self._context.settings.flush_seconds)
            try:
                self._renew(traffic)
            except LeptonError as error:
                log.info(
                    "model %s/%s is served no more: %s", traffic.store.name, traffic.model, error.message
                )
        self._flush_former(self._flush_if_due)

    def flush(self) -> None:
        """See `LoadedModels.flush`; called before the process ends."""
        for traffic in list(self._loaded.values()):
            self._flush(traffic, 0.0)
        self._flush_former(self._flush)

    def _flush_former(self, flush: Callable[[Traffic, float], None]) -> None:
        for _, traffic in list(self._former):
            flush(traffic, 0.0)
        now = self._context.clock()
        with self._lock:
            self._former = [(since, one) for since, one in self._former if now - since < FORMER_FOR]

    def _replace(self, traffic: Traffic) -> None:
        with self._lock:
            self._former.append((self._context.clock(), traffic))
        self._flush(traffic, 0.0)

    def _flush_if_due(self, traffic: Traffic, seconds: float) -> None:
        """Flush, unless that failed a short while ago."""
        if self._context.troubles.may_try(_writing(traffic), self._context.clock()):
            self._flush(traffic, seconds)

    def _flush(self, traffic: Traffic, seconds: float) -> None:
        now = self._context.clock()
        try:
            traffic.flush(now, timedelta(seconds=seconds))
        except Exception as error:  # noqa: BLE001  (no request fails because it cannot be counted yet)
            self._context.troubles.met(_writing(traffic), error, now)
        else:
            self._context.troubles.over(_writing(traffic))

    def _renew(self, traffic: Traffic) -> Traffic:
        now = self._context.clock()
        if now - traffic.checked < timedelta(seconds=self._context.settings.route_cache_seconds):
            return traffic
        about = f"reading the deployment of model {traffic.store.name}/{traffic.model}"
        try:
            found = self._load(traffic.store.name, traffic.model, traffic)
        except (NotFound, Conflict):
            self._context.troubles.over(about)
            raise
        except Exception as error:  # noqa: BLE001  (what was served a moment ago is better than nothing)
            self._context.troubles.met(about, error, now)
            traffic.checked = now
            return traffic
        self._context.troubles.over(about)
        return found

    def _load(self, workspace: str, model: str, known: Traffic | None) -> Traffic:
        """Look the deployment up; keep ``known`` if it still is what the deployment names."""
        store = self._context.workspace(workspace)
        while True:
            forgotten = self._forgotten
            try:
                deployment = find.deployment(store, model)
                if deployment.value.state == "stopped":
                    raise Conflict(f"model {model!r} is retired and serves no more")
            except (NotFound, Conflict):
                if known is not None:
                    self.forget(workspace, model)
                raise
            share = deployment.value.routes[0]
            if known is not None and known.version == share.version:
                known.rule = share.rule
                known.checked = self._context.clock()
                return known
            predictor = read_predictor(store, model, share.version, share.artifact)
            made = Traffic(store, model, share.version, predictor, self._context.clock(), share.rule)
            with self._lock:
                if forgotten != self._forgotten:
                    continue  # a deployment changed after it was read
                found = self._loaded.get((workspace, model))
                if found is not None and found.version == made.version:
                    return found  # another request was faster
                self._loaded[workspace, model] = made
            if found is not None:
                self._replace(found)
            return made


def _writing(traffic: Traffic) -> str:
    return f"writing the traffic of version {traffic.version} of model {traffic.store.name}/{traffic.model}"
