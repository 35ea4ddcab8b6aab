"""The steps of a rollout: a canary begins, gets another weight, rests, and is promoted or rolled back.

Each is one transaction, on the condition that the deployment is as it was read; done twice it changes nothing more.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec.structs import replace

from functions.context import Context
from functions.records import find
from functions.records.deployments import Cause, Deployment, Rollout
from functions.records.kinds import MODELS, VERSIONS, Version, number
from functions.serving.publish import changed, check_answers, serve_version, share_of, switched
from functions.storage import Stored, Workspace, Write
from lepton_core.errors import Conflict

CANARY_SECONDS = 3600.0
"""How long a canary is watched, if nothing else is said."""

Decided = tuple[Deployment, list[Write]]
"""The deployment as a step leaves it, and the writes of that; none if it is so already."""

Step = Callable[[Stored[Deployment]], Decided]


def take(context: Context, store: Workspace, name: str, step: Step) -> Deployment:
    """One try of a ``step``, which also makes what is served the champion. Raises what `find` raises, and `Lost`."""
    model = find.active_model(store, name)
    after, writes = step(find.deployment(store, name))
    champion = after.routes[0].version
    challenger = None if model.value.challenger == champion else model.value.challenger
    made = replace(model.value, champion=champion, challenger=challenger)
    if not writes:
        return after
    if made != model.value:
        writes.append(store.put(MODELS, name, value=made, expect=model.revision))
    store.write(*writes)
    return after


def canary(
    context: Context,
    store: Workspace,
    version: Version,
    current: Stored[Deployment],
    weight: float,
    *,
    bake_seconds: float | None,
    approval: bool | None,
    by: str,
) -> Decided:
    """Give ``version`` the share ``weight`` of the traffic; one that has a share already gets that one.

    What is None stays as it is, or is `CANARY_SECONDS` and no approval. Raises `Conflict`. Whoever did not make the
    version in the same transaction must check that it is as it was read.
    """
    now, before = context.clock(), current.value
    stable = before.routes[0]
    routes = [replace(stable, weight=1.0 - weight), share_of(version, weight)]
    if before.canary is None:
        if stable.version == version.version:
            raise Conflict(f"version {stable.version} has all of the traffic already", field="canary")
        seconds = CANARY_SECONDS if bake_seconds is None else bake_seconds
        until = now + timedelta(seconds=seconds)
        watched = Rollout(
            current.revision + 1, version.version, stable.version, now, until, by, bool(approval)
        )
        after = replace(before, routes=routes, rollout=watched)
        return changed(context, store, current, after, cause="canary", by=by)
    rollout = of_canary(before)
    if rollout.version != version.version:
        raise Conflict(
            f"version {rollout.version} is being rolled out; promote it, or roll it back, first",
            field="canary",
        )
    if bake_seconds is not None:
        until = rollout.began + timedelta(seconds=bake_seconds + rollout.rested)
        rollout = replace(rollout, until=until)
    if approval is not None:
        rollout = replace(rollout, approval=approval)
    after = replace(before, routes=routes, rollout=rollout)
    return (before, []) if after == before else changed(context, store, current, after, cause="weight", by=by)


def promote(
    context: Context, store: Workspace, current: Stored[Deployment], by: str, why: str = ""
) -> Decided:
    """Give the canary all of the traffic; once it has it, nothing more.

    Raises `Conflict` without one, `Damaged` if it cannot answer any more.
    """
    before = current.value
    if before.canary is None and before.cause == "promoted":
        return before, []
    of_canary(before)
    check_answers(store, find.version(store, before.model, before.routes[1].version).value)
    routes = [replace(before.routes[1], weight=1.0)]
    after = replace(switched(before, routes, context.clock()), rollout=None)
    return changed(context, store, current, after, cause="promoted", by=by, reason=why)


def roll_back(
    context: Context, store: Workspace, current: Stored[Deployment], by: str, why: str = ""
) -> Decided:
    """Serve what served before: without a canary, the version before this one. After a rollback nothing more.

    Raises `Conflict` if nothing served before, `Damaged` if it cannot answer any more.
    """
    before = current.value
    if before.canary is not None:
        after = replace(before, routes=[replace(before.routes[0], weight=1.0)], rollout=None)
        return changed(context, store, current, after, cause="rolled back", by=by, reason=why)
    if before.cause == "rolled back":
        return before, []
    if not before.earlier:
        raise Conflict(
            f"no version of model {before.model!r} served before this one; deploy the one that is to serve"
        )
    version = find.version(store, before.model, before.earlier[0].version)
    check_answers(store, version.value)
    after, writes = serve_version(
        context, store, version.value, current, by=by, cause="rolled back", reason=why
    )
    # The deployment has a copy of the version's rule for labels.
    check = store.check(VERSIONS, before.model, number(version.value.version), expect=version.revision)
    return after, [*writes, check]


def pause(context: Context, store: Workspace, current: Stored[Deployment], by: str) -> Decided:
    """Let the canary have its share until somebody says more. Raises `Conflict` without one."""
    rollout = of_canary(current.value)
    if rollout.paused is not None:
        return current.value, []
    return _with(context, store, current, replace(rollout, paused=context.clock()), "paused", by)


def resume(context: Context, store: Workspace, current: Stored[Deployment], by: str) -> Decided:
    """Go on: a canary is watched for as long as was left when it was paused. Raises `Conflict` without one."""
    rollout = of_canary(current.value)
    if rollout.paused is None:
        return current.value, []
    rest = context.clock() - rollout.paused
    rested, until = rollout.rested + rest.total_seconds(), rollout.until + rest
    resumed = replace(rollout, paused=None, until=until, rested=rested)
    return _with(context, store, current, resumed, "resumed", by)


ROLLOUT_STEPS: Mapping[str, Callable[[Context, Workspace, Stored[Deployment], str], Decided]] = {
    "promote": promote,
    "roll_back": roll_back,
    "pause": pause,
    "resume": resume,
}
"""What a caller may do about a rollout that is under way."""


def of_canary(deployment: Deployment) -> Rollout:
    """The rollout of the canary. Raises `Conflict` without one."""
    if deployment.canary is None or deployment.rollout is None:
        raise Conflict(
            f"no version of model {deployment.model!r} is being rolled out; deploy one as a canary first"
        )
    return deployment.rollout


def _with(
    context: Context, store: Workspace, current: Stored[Deployment], rollout: Rollout, cause: Cause, by: str
) -> Decided:
    return changed(context, store, current, replace(current.value, rollout=rollout), cause=cause, by=by)
