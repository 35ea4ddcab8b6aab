"""Retire: the model serves and learns no more; its versions, evaluation and lineage stay readable."""

from chalice.app import Blueprint
from msgspec.structs import replace

from functions.context import Platform
from functions.edge import Call, route
from functions.edge.shapes import ModelView, Request, model_view
from functions.records import find
from functions.records.change import until_written
from functions.records.kinds import (
    ALARMED,
    DEPLOYMENTS,
    DUE_MODELS,
    LAST_FAILED,
    MODELS,
    Model,
)
from functions.runs import kept
from functions.serving.publish import changed
from functions.storage import Stored, Workspace, Write
from functions.training.make_way import go_first
from lepton_core.errors import Conflict


class RetireModel(Request, frozen=True):
    """Stop serving the model for good; its versions and lineage stay readable."""


bp = Blueprint(__name__)


@route(bp, "POST", "/v1/models/{model}/retire", scope="write", body=RetireModel, returns=ModelView)
def retire(call: Call[RetireModel], model: str) -> ModelView:
    """Stop serving the model for good. Sent twice it changes nothing more.

    Runs of it that were cancelled cannot be resumed any more, and what they kept is removed, as are scored files.
    """

    from functions.system.scoring import none_of_model  # noqa: PLC0415  (no prediction needs it)

    def attempt(found: Stored[Model] | None = None) -> Model:
        return until_written(model, lambda: apply(call.platform, call.store, model, call.caller.key))

    is_active = find.model(call.store, model).value.state == "active"
    retired = go_first(call.platform, call.store, model, attempt) if is_active else attempt()
    none_of_model(call.platform, call.store, model)
    call.platform.loaded.forget(call.store.name, model)
    return model_view(call.store, retired)


def apply(platform: Platform, store: Workspace, name: str, by: str) -> Model:
    """One try: gather, decide, and write it in one transaction."""
    model = find.model(store, name)
    if model.value.state == "retired":
        return model.value
    if model.value.run is not None:
        raise Conflict(f"run {model.value.run} of model {name!r} is still under way; cancel it first")
    retired = replace(model.value, state="retired")
    writes: list[Write] = [store.put(MODELS, name, value=retired, expect=model.revision)]
    deployment = store.get(DEPLOYMENTS, name)
    if deployment is not None:
        stopped = replace(deployment.value, state="stopped", rollout=None)
        writes += changed(platform, store, deployment, stopped, cause="retired", by=by)[1]
    subject = f"{store.name}:{name}"
    for kind in (DUE_MODELS, ALARMED, LAST_FAILED):
        if due := platform.system.get(kind, subject):
            writes.append(platform.system.delete(kind, subject, expect=due.revision))
    store.write(*writes, *kept.none_of_model(platform, store, name))
    return retired
