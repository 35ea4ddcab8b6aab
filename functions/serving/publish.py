"""The writes that make a deployment serve a version, for whoever decides that: a caller, or an update."""

from msgspec.structs import replace

from functions.context import Platform
from functions.records.kinds import DEPLOYMENTS, DUE_MODELS, Deployment, Due, Route, Version
from functions.storage import Stored, Workspace
from functions.storage.protocols import Write


def serve_version(
    platform: Platform, store: Workspace, version: Version, current: Stored[Deployment] | None
) -> tuple[Deployment, list[Write]]:
    """The deployment that serves ``version`` alone, and the writes that make it so (none, if it already does).

    The first of them also puts the model on the list that the schedules go through.
    """
    routes = [Route(version.version, version.artifact, version.digest, 1.0)]
    if current is not None and current.value.state == "serving" and current.value.routes == routes:
        return current.value, []
    now = platform.clock()
    if current is None:
        deployment = Deployment(version.model, "serving", routes, created=now, updated=now)
    else:
        deployment = replace(current.value, state="serving", routes=routes, updated=now)
    expect = 0 if current is None else current.revision
    writes: list[Write] = [store.put(DEPLOYMENTS, version.model, value=deployment, expect=expect)]
    subject = f"{store.name}:{version.model}"
    if platform.system.get(DUE_MODELS, subject) is None:
        due = Due(store.name, version.model, now)
        writes.append(platform.system.put(DUE_MODELS, subject, value=due, expect=0))
    return deployment, writes
