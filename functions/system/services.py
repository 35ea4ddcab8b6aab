"""Services: servers of single models that run on the machine of the platform."""

from datetime import datetime
from typing import Literal

import msgspec
from chalice.app import Blueprint

from functions import edge
from functions.context import Service
from functions.records.kinds import DEPLOYMENTS
from functions.storage import Workspace
from lepton_core.errors import NotFound


class ServiceView(msgspec.Struct, frozen=True):
    """A server of one model at ``url``; ``version`` is what the deployment says now: of a rollout the stable one.

    ``process`` is the number of its process, which leads ``workers``. It is 'lost' if that ended without a word. The
    version is null for a model that is served no more.
    """

    name: str
    model: str
    url: str
    state: Literal["running", "lost"]
    version: int | None
    process: int
    workers: int
    started: datetime


class ServiceList(msgspec.Struct, frozen=True):
    """The services, by name; ``here`` is false where the platform has no machine of its own, as on AWS."""

    here: bool
    items: list[ServiceView]


class StoppedService(msgspec.Struct, frozen=True):
    """A service that was told to end: it is 'stopped', or still 'stopping' as it answers what is under way."""

    name: str
    state: Literal["stopped", "stopping"]


bp = Blueprint(__name__)


@edge.route(bp, "GET", "/v1/services", scope="admin", returns=ServiceList)
def services(call: edge.Call[None]) -> ServiceList:
    """List the servers of single models that run on the machine of the platform."""
    here = call.platform.services
    if here is None:
        return ServiceList(here=False, items=[])
    return ServiceList(here=True, items=[_view(call.store, one) for one in here.known(call.store.name)])


@edge.route(bp, "POST", "/v1/services/{service}/stop", scope="admin", returns=StoppedService)
def stop(call: edge.Call[None], service: str) -> StoppedService:
    """End a server of one model, once it has answered what is under way; the model stays deployed.

    One whose process is gone is forgotten. Asked again, a server that is still stopping takes no more requests.
    """
    here = call.platform.services
    if here is None:
        raise NotFound(f"no service {service!r}: this platform has no machine of its own", field="service")
    ended = here.stop(call.store.name, service)
    return StoppedService(service, "stopped" if ended else "stopping")


def _view(store: Workspace, one: Service) -> ServiceView:
    deployment = store.get(DEPLOYMENTS, one.model)
    serves = deployment is not None and deployment.value.state == "serving"
    return ServiceView(
        name=one.name,
        model=one.model,
        url=one.url,
        state=one.state,
        version=deployment.value.routes[0].version if deployment is not None and serves else None,
        process=one.process,
        workers=one.workers,
        started=one.started,
    )
