"""The models that this process has loaded: renewed when their deployments change, and their counts written when due."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from functions.context import NO_HEADERS, Context, demand_time, log
from functions.records import find
from functions.records.deployments import Deployment, Share
from functions.serving.artifacts import read_predictor
from functions.serving.traffic import CanarySplit, Traffic, is_within
from functions.storage import Workspace
from lepton_core.errors import Conflict, LeptonError, NotFound

FORMER_FOR = timedelta(minutes=5)
"""How long a version that was replaced may still be counted into; no request takes that long."""

LOOK_EVERY = timedelta(seconds=1)
"""How often at most a process looks at a rollout: whether it goes on, and whether what it counted ends it."""


class Cache:
    """All models that answer predictions in this process: the `LoadedModels` of a platform.

    A model in use reads nothing. Whether it is still the right version is looked up every
    ``settings.route_cache_seconds``: by `tick`, where a background thread calls it (``background``), else by the
    first request after that time.

    Of a rollout both versions are loaded, and the deployment is looked up every second. A call without an answer of the
    version that is watched has the rollout judged at once, and so have some that are slow; what else there is to be
    seen is left to the sweep. The version before one that is watched alone is loaded if a call is refused.

    Counts that cannot be written stay, and are tried again ever more slowly; the reason is logged once.
    """

    def __init__(self, context: Context, *, background: bool = False) -> None:
        self._context = context
        self._background = background
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._loaded: dict[tuple[str, str], Traffic] = {}
        # Requests under way still count into a version that was replaced.
        self._former: list[tuple[datetime, Traffic]] = []
        self._forgotten = 0

    def get(
        self,
        workspace: str,
        model: str,
        headers: Mapping[str, str] = NO_HEADERS,
        version: int | None = None,
    ) -> Traffic:
        """See `LoadedModels.get`."""
        found = self._loaded.get((workspace, model))
        if found is None:
            demand_time()
            found = self._load(workspace, model, None)
        elif not self._background:
            found = self._renew(found)
        split = found.split
        if split is None or version == found.version:
            return found
        return split.canary if version == split.canary.version else split.taken(found, headers)

    def at_hand(self, workspace: str, model: str, headers: Mapping[str, str] = NO_HEADERS) -> Traffic | None:
        """See `LoadedModels.at_hand`."""
        found = self._loaded.get((workspace, model)) if self._background else None
        split = None if found is None else found.split
        return found if found is None or split is None else split.taken(found, headers)

    def after(self, workspace: str, model: str) -> None:
        """See `LoadedModels.after`."""
        if self._background:
            return
        current = self._loaded.get((workspace, model))
        if current is not None:
            self._flush_if_due(current, self._context.settings.flush_seconds)
            if current.watched is not None:
                self._look_after(current, current.watched)
        if self._former:
            self._flush_former(self._flush_if_due)

    def forget(self, workspace: str, model: str) -> None:
        """See `LoadedModels.forget`."""
        with self._lock:
            self._forgotten += 1
            gone = self._loaded.pop((workspace, model), None)
        if gone is not None:
            self._replace(gone)
            if gone.split is not None:
                self._replace(gone.split.canary)

    def tick(self) -> None:
        """See `LoadedModels.tick`."""
        for traffic in list(self._loaded.values()):
            self._flush_if_due(traffic, self._context.settings.flush_seconds)
            try:
                current = self._renew(traffic)
                if current.watched is not None:
                    self._look_after(current, current.watched)
            except LeptonError as error:
                log.info(
                    "model %s/%s is served no more: %s", traffic.store.name, traffic.model, error.message
                )
        self._flush_former(self._flush_if_due)

    def flush(self) -> None:
        """See `LoadedModels.flush`; called before the process ends."""
        for traffic in list(self._loaded.values()):
            self._flush(traffic, 0.0)
            if traffic.split is not None:
                self._flush(traffic.split.canary, 0.0)
        self._flush_former(self._flush)

    def _look_after(self, stable: Traffic, watched: Traffic) -> None:
        """Write what was counted for the version that is ``watched``, and have it judged if a call had no answer.

        Or if some may have been slow: twice as many as at the last look, since some of each version always are.
        """
        if watched is not stable:
            self._flush_if_due(watched, self._context.settings.flush_seconds)
        now = self._context.clock()
        seen = watched.refused == watched.looked_at and watched.slow < watched.slow_due
        if seen or is_within(watched.looked, now, LOOK_EVERY):
            return
        about = f"judging the rollout of model {stable.store.name}/{stable.model}"
        if not self._context.troubles.may_try(about, now):
            return
        from functions.serving.watching import watch  # noqa: PLC0415  (few versions are watched)

        watched.looked, watched.looked_at = now, watched.refused
        watched.slow_due = max(watched.slow_due, 2 * watched.slow)
        for one in {stable, watched}:
            self._flush(one, 0.0)
        try:
            looked = watch(self._context, stable.store, stable.model)
            watched.slow_ms = watched.slow_ms if looked.slow_ms is None else looked.slow_ms
            if looked.changed:
                self.forget(stable.store.name, stable.model)
        except Exception as error:  # noqa: BLE001  (the next look, or the sweep, may be luckier)
            self._context.troubles.met(about, error, now)
        else:
            self._context.troubles.over(about)

    def _flush_former(self, flush: Callable[[Traffic, float], None]) -> None:
        in_use = self._in_use()
        for _, traffic in list(self._former):
            if traffic not in in_use:
                flush(traffic, 0.0)
        now = self._context.clock()
        with self._lock:
            self._former = [(since, one) for since, one in self._former if now - since < FORMER_FOR]

    def _in_use(self) -> set[Traffic]:
        """What is loaded: one of these may have been replaced a moment ago, and have come back."""
        stable = list(self._loaded.values())
        return {*stable, *(split.canary for one in stable if (split := one.split) is not None)}

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
        trusted = timedelta(seconds=self._context.settings.route_cache_seconds)
        if is_within(traffic.checked, now, trusted if traffic.watched is None else min(trusted, LOOK_EVERY)):
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
                self._tell(known, deployment.value)
                return known
            made = self._version(store, model, share)
            self._tell(made, deployment.value)
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

    def _version(self, store: Workspace, model: str, share: Share) -> Traffic:
        """A version of a model, loaded: the one that served, or was tried, a moment ago goes on."""
        current = self._loaded.get((store.name, model))
        tried = [] if current is None or current.split is None else [current.split.canary]
        for one in [*tried, *(traffic for _, traffic in reversed(self._former))]:
            if (one.store.name, one.model, one.version, one.artifact) == (
                store.name,
                model,
                share.version,
                share.artifact,
            ):
                return one
        predictor = read_predictor(store, model, share.version, share.artifact)
        return Traffic(store, model, predictor, self._context.clock(), share)

    def _tell(self, stable: Traffic, deployment: Deployment) -> None:
        """Make a loaded version what the deployment says: its rule, and the canary beside it."""
        with self._telling:
            now, rollout, before = self._context.clock(), deployment.rollout, stable.split
            split = self._split(stable, deployment)
            watched = None if split is None else split.canary
            if deployment.canary is None and deployment.is_watched(now):
                watched = stable
            current = None if rollout is None or watched is None else rollout.id
            # Said once: a request in another thread that saw something else between would be counted apart.
            stable.rule, stable.rollout = deployment.routes[0].rule, current
            if split is not None:
                canary = split.canary
                stable.find_beside, canary.find_beside = lambda: canary, lambda: stable
                canary.rollout = current
            elif rollout is not None and watched is stable:
                stable.find_beside = partial(self._before, stable, rollout.before)
            else:
                stable.find_beside = stable.before = None
            stable.split, stable.watched, stable.checked = split, watched, now
        if before is not None and (split is None or split.canary is not before.canary):
            before.canary.find_beside = None
            self._replace(before.canary)

    def _before(self, stable: Traffic, version: int) -> Traffic | None:
        """The version that served before the one that is watched, loaded; None if it cannot be."""
        known = stable.before
        if known is not None and known.version == version:
            return known
        demand_time()
        with stable.asking:  # however many calls are refused at once, it is loaded once
            if stable.before is not None and stable.before.version == version:
                return stable.before
            about = f"loading version {version} of model {stable.store.name}/{stable.model}"
            now = self._context.clock()
            if not self._context.troubles.may_try(about, now):
                return None
            try:
                found = find.version(stable.store, stable.model, version).value
                stable.before = self._version(stable.store, stable.model, Share(version, found.answers, 1.0))
            except Exception as error:  # noqa: BLE001  (the call is refused all the same)
                self._context.troubles.met(about, error, now)
                return None
            self._context.troubles.over(about)
            return stable.before

    def _split(self, stable: Traffic, deployment: Deployment) -> CanarySplit | None:
        """The canary, loaded; None if there is none, or if it cannot be loaded: the stable version answers alone."""
        share = deployment.canary
        if share is None:
            return None
        before = stable.split
        about = f"loading version {share.version} of model {stable.store.name}/{stable.model}"
        now = self._context.clock()
        if before is not None and before.canary.version == share.version:
            canary = before.canary
        elif not self._context.troubles.may_try(about, now):
            return None
        else:
            try:
                canary = self._version(stable.store, stable.model, share)
            except Exception as error:  # noqa: BLE001  (no request is lost because a new version is damaged)
                self._context.troubles.met(about, error, now)
                return None
            self._context.troubles.over(about)
        canary.rule, canary.split, canary.watched = share.rule, None, None
        return CanarySplit(canary, share.weight)


def _writing(traffic: Traffic) -> str:
    return f"writing the traffic of version {traffic.version} of model {traffic.store.name}/{traffic.model}"
