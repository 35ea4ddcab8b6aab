"""Deploy: the model's address serves a version from now on."""

from chalice.app import Blueprint
from msgspec.structs import replace

from functions import lookup
from functions.api import DeploymentView, DeployModel
from functions.commit import until_written
from functions.edge import Call, route
from functions.platform import Platform
from functions.serving import serve_version
from functions.storage import Workspace
from functions.values import DEPLOYMENTS, MODELS, Deployment
from lepton_core.errors import Conflict

bp = Blueprint(__name__)


@route(bp, "POST", "/v1/models/{model}/deploy", scope="write", body=DeployModel, returns=DeploymentView)
def deploy(call: Call[DeployModel], model: str) -> DeploymentView:
    """Serve a version (the newest, if none is named); it becomes the champion. Sent twice it changes nothing more."""
    deployed = until_written(model, lambda: apply(call.platform, call.store, model, call.body.version))
    call.platform.served.forget(call.platform, call.store.name, model)
    return view(deployed)


def apply(platform: Platform, store: Workspace, name: str, wanted: int | None) -> Deployment:
    """One try: gather, decide, and write it in one transaction."""
    model = lookup.active_model(store, name)
    chosen = wanted or model.value.latest
    if chosen == 0:
        raise Conflict(f"model {name!r} has no version yet; train it first")
    version = lookup.version(store, name, chosen).value
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
    """What the model's address serves."""
    return view(lookup.deployment(call.store, model).value)


def view(deployment: Deployment) -> DeploymentView:
    """A deployment as a caller sees it."""
    return DeploymentView(
        model=deployment.model,
        state=deployment.state,
        path=f"/v1/models/{deployment.model}/predict",
        routes=deployment.routes,
        updated=deployment.updated,
    )
