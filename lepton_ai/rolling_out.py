"""What a model's address serves: deployed at once, or as a canary that is watched, promoted or rolled back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from lepton_ai.errors import Forbidden, InvalidInput
from lepton_ai.handle import Handle
from lepton_ai.progress import say
from lepton_ai.replies import read
from lepton_ai.report import MonitorReport
from lepton_ai.served import Deployment, HistoryEntry
from lepton_ai.targets import CLOUD, PORT, at_target
from lepton_ai.transport import Transport, pages, plain
from lepton_core.watched import Calls, Watched


class Deployed(Handle):
    """A model with what is done about its deployment, and what is seen of it."""

    def deploy(
        self,
        version: int | None = None,
        *,
        canary: float | None = None,
        bake_minutes: float | None = None,
        approval: bool | None = None,
        served_at: datetime | str | None = None,
        target: str = CLOUD,
        service: str | None = None,
        port: int = PORT,
        wait: bool = False,
    ) -> Deployment:
        """Serve ``version`` (default: the newest), or the one that was served at the time ``served_at``.

        It becomes the champion, unless it is a ``canary``: that gets such a share of the calls, from 0 to 1. It is
        watched for ``bake_minutes`` (default: 60; 5 without a canary): if it fails, or is slow, what served before
        serves again. A canary without fault is promoted at the end, unless it needs an ``approval``, which is
        `promote`. Called again it changes the share. ``target='local'`` has the ``service``, a process of its own on
        this machine, serve the model as well, at ``port``: see `lepton_ai.targets.at_target`. With ``wait`` it is shown
        how that goes on until the version is watched no more; ``ended`` of the answer says how it went.

        Errors: ``Conflict`` while another version is a canary, ``NotFound`` if nothing was served at that time.
        """
        placed = at_target(self._transport, self._name, target, service, port)
        when = served_at.astimezone().isoformat() if isinstance(served_at, datetime) else served_at
        said = {"canary": canary, "bake_minutes": bake_minutes, "approval": approval, "served_at": when}
        body = plain({"version": version, **{name: one for name, one in said.items() if one is not None}})

        def asked() -> Any:
            return self._transport.call("POST", f"{self._path}/deploy", body=body)

        if not wait:
            return placed(self._said(asked()))
        which = (
            f"what served at {when}"
            if when
            else "the newest version"
            if version is None
            else f"version {version}"
        )
        place = None if target == CLOUD else placed
        done = self._following().from_the_start(which, lambda: self._deployment(asked()), place)
        say(str(done), quiet=self._silent)
        return done

    def promote(self) -> Deployment:
        """Give the canary all of the calls: it becomes the champion. Errors: ``Conflict`` without a canary."""
        return self._step("promote")

    def rollback(self) -> Deployment:
        """Serve what served before: without a canary, the version before this one. Twice it goes no further.

        Errors: ``Conflict`` if nothing served before.
        """
        return self._step("rollback")

    def pause(self) -> Deployment:
        """Leave the canary its share until `unpause`, or `promote`. Errors: ``Conflict`` without a canary."""
        return self._step("pause")

    def unpause(self) -> Deployment:
        """Watch the canary for as long as was left when it was paused. Errors: ``Conflict`` without a canary."""
        return self._step("resume")

    def history(self, limit: int = 100) -> list[HistoryEntry]:
        """The last ``limit`` changes of what is served, the latest first: when, by whose decision, and why."""
        asked = {"limit": str(max(1, min(limit, 1000)))}
        found = (
            read(item, HistoryEntry)
            for item in pages(self._transport, f"{self._path}/deployment/history", asked)
        )
        return list(islice(found, max(0, limit)))

    def monitor(self, hours: int = 24) -> MonitorReport:
        """Traffic, errors, latency, drift and alerts of the last ``hours`` hours; print it to read it.

        Alerts open and close here as they do on the hourly schedule; a key that may only read gets the report alone.
        """
        query = {"hours": str(hours)}
        try:
            answer = self._transport.call("POST", f"{self._path}/monitor", query=query)
        except Forbidden:
            answer = self._transport.call("GET", f"{self._path}/monitor", query=query)
        return read(answer, MonitorReport)

    def traffic(self, hours: int = 24) -> list[Calls]:
        """The calls of the last ``hours`` hours over time, the earliest first, whatever version answered.

        A point stands for an hour, and of more than a week for several, which ``begins`` tells.
        """
        answer = self._transport.call("GET", f"{self._path}/monitor/traffic", query={"hours": str(hours)})
        return [read(point, Calls) for point in answer["points"]]

    def drift(self, hours: int = 24) -> list[Watched]:
        """Each feature, and the prediction, bin by bin beside the training rows; those first that moved most.

        It tells of the version that serves, and of no feature beyond the first 1000. Errors: ``NotFound`` if the model
        is not deployed.
        """
        found = pages(self._transport, f"{self._path}/monitor/features", {"hours": str(hours)})
        return [read(item, Watched) for item in found]

    def _step(self, step: str) -> Deployment:
        return self._said(self._transport.call("POST", f"{self._path}/deployment/{step}"))

    def _said(self, answer: Any) -> Deployment:
        deployed = self._deployment(answer)
        say(str(deployed), quiet=self._silent)
        return deployed


@dataclass(frozen=True)
class ForEntity:
    """A transport whose calls are all for one entity: one version answers them, whatever shares the traffic."""

    transport: Transport
    entity: str

    @property
    def call(self) -> Callable[..., Any]:
        """See `Transport.call`."""

        def asked(method: str, path: str, **sent: Any) -> Any:
            return self.transport.call(method, path, **sent, entity=self.entity)

        return asked


def sticky(transport: Transport, entity: str | None, single: bool) -> Transport | ForEntity:
    """What asks for the rows of one call: for ``entity``, or, if there may be several requests, for this call alone.

    Raises `InvalidInput` for one that no header can hold.

    >>> sticky(None, "Zoë", True).entity
    'Zo%C3%AB'
    """
    if entity is None:
        return transport if single else ForEntity(transport, uuid4().hex)
    if not isinstance(entity, str) or not entity.strip():
        raise InvalidInput("must be a text that is not empty", field="entity")
    sendable = entity.isascii() and entity.isprintable() and entity == entity.strip()
    return ForEntity(transport, entity if sendable else quote(entity, errors="surrogatepass"))
