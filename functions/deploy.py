"""Deploy: the model's address serves a version from now on."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from chalice.app import Blueprint
from msgspec import Meta
from msgspec.structs import replace

from functions.context import Platform
from functions.edge import Call, route
from functions.edge.shapes import Request
from functions.records import find
from functions.records.change import until_written
from functions.records.kinds import DEPLOYMENTS, MODELS, Deployment
from functions.serving.publish import check_answers, serve_version
from functions.storage import Workspace
from lepton_core.errors import Conflict


class DeployModel(Request, frozen=True):
    """Serve ``version`` (the newest, if left out)."""

    version: Annotated[int, Meta(ge=1)] | None = None


class ShareView(msgspec.Struct, frozen=True):
    """A share of the traffic: ``version`` gets ``weight`` of it."""

    version: int
    weight: float


class DeploymentView(msgspec.Struct, frozen=True):
    """The versions that are served, and under which path."""

    model: str
    state: Literal["serving", "stopped"]
    path: str
    routes: list[ShareView]
    updated: datetime


bp = Blueprint(__name__)


@route(bp, "POST", "/v1/models/{model}/deploy", scope="write", body=DeployModel, returns=DeploymentView)
def deploy(call: Call[DeployModel], model: str) -> DeploymentView:
    """Serve a version (the newest, if none is named); it becomes the champion. Sent twice it changes nothing more.

    The version is loaded and predicts a row first: one that cannot is refused, and what is served stays.
    """
    deployed = until_written(model, lambda: apply(call.platform, call.store, model, call.body.version))
    call.platform.loaded.forget(call.store.name, model)
    return view(deployed)


def apply(platform: Platform, store: Workspace, name: str, wanted: int | None) -> Deployment:
    """One try: gather, decide, and write it in one transaction."""
    model = find.active_model(store, name)
    chosen = wanted or model.value.latest
    if chosen == 0:
        raise Conflict(f"model {name!r} has no version yet; train it first")
    version = find.version(store, name, chosen).value
    check_answers(store, version)
    current = store.get(DEPLOYMENTS, name)
    deployment, writes = serve_version(platform, store, version, current)
    challenger = model.value.challenger if model.value.challenger != chosen else None
    changed = replace(model.value, champion=chosen, challenger=challenger)
    if changed != model.value:
        writes.append(store.put(MODELS, name, value=changed, expect=model.revision))
    if writes:
        store.write(*writes)
    return deployment


@route(bp, "GET", "/v1/models/{model}/deployment", scope="read", returns=DeploymentView)
def deployment(call: Call[None], model: str) -> DeploymentView:
    """The deployment behind the model's address."""
    return view(find.deployment(call.store, model).value)


def view(deployment: Deployment) -> DeploymentView:
    """A deployment as a caller sees it."""
    return DeploymentView(
        model=deployment.model,
        state=deployment.state,
        path=f"/v1/models/{deployment.model}/predict",
        routes=[ShareView(one.version, one.weight) for one in deployment.routes],
        updated=deployment.updated,
    )
