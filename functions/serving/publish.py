"""The writes that make a deployment serve a version, when a caller, or an update, has decided that."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from functions.context import Context
from functions.records.deployments import (
    MOST_STINTS,
    Cause,
    Deployment,
    HistoryEntry,
    Rollout,
    ServedShare,
    Share,
    Stint,
)
from functions.records.intents import pointing
from functions.records.kinds import (
    DEPLOYMENT_HISTORY,
    DEPLOYMENTS,
    DUE_MODELS,
    ROLLOUTS,
    Due,
    Version,
    number,
)
from functions.serving.artifacts import read_predictor
from functions.storage import Stored, Workspace, Write
from lepton_core.errors import Damaged, LeptonError
from lepton_core.table import BY_NAME, Table, rows_to_table

if TYPE_CHECKING:
    from lepton_core.servable import Servable


BAKE_SECONDS = 300.0
"""How long a version that was deployed all at once is watched, if nothing else is said."""


def serve_version(
    context: Context,
    store: Workspace,
    version: Version,
    current: Stored[Deployment] | None,
    *,
    by: str = "",
    cause: Cause = "deployed",
    reason: str = "",
    bake_seconds: float = BAKE_SECONDS,
) -> tuple[Deployment, list[Write]]:
    """The deployment that serves ``version`` alone, and the writes that make it so (none, if it already does).

    It is watched for ``bake_seconds``, if another one was served before. Whoever did not make the version in the same
    transaction must check that it is as it was read: its rule for labels goes with it.
    """
    routes = [share_of(version)]
    if current is not None and current.value.state == "serving" and current.value.routes == routes:
        return current.value, []
    now = context.clock()
    if current is None:
        deployment = Deployment(version.model, "serving", routes, created=now, updated=now, since=now)
    else:
        deployment = switched(current.value, routes, now)
        before = current.value.routes[0].version
        rollout = None
        if bake_seconds and before != version.version and cause != "rolled back":
            until = now + timedelta(seconds=bake_seconds)
            rollout = Rollout(current.revision + 1, version.version, before, now, until, by)
        deployment = replace(deployment, rollout=rollout)
    return changed(context, store, current, deployment, cause=cause, by=by, reason=reason)


def share_of(version: Version, weight: float = 1.0) -> Share:
    """The share of the traffic that a version gets, with the rule for labels that it has."""
    rule = None if version.decision is None else version.decision.rule
    return Share(version.version, version.answers, weight, rule)


def changed(
    context: Context,
    store: Workspace,
    current: Stored[Deployment] | None,
    deployment: Deployment,
    *,
    cause: Cause,
    by: str,
    reason: str = "",
) -> tuple[Deployment, list[Write]]:
    """``deployment`` in place of the ``current`` one, and all writes of that: its record, its history, its pointers.

    The first of a model also puts it on the list that the schedules go through.
    """
    revision = 0 if current is None else current.revision
    deployment = replace(deployment, updated=context.clock())
    if cause != "labels":
        deployment = replace(deployment, cause=cause)
    shares = [ServedShare(one.version, one.weight) for one in deployment.routes]
    shares = shares if deployment.state == "serving" else []
    entry = HistoryEntry(deployment.updated, cause, by, shares, reason)
    model, system = deployment.model, context.system
    writes: list[Write] = [
        store.put(DEPLOYMENTS, model, value=deployment, expect=revision),
        store.put(DEPLOYMENT_HISTORY, model, number(revision + 1), value=entry, expect=0),
    ]
    known = None if current is None else current.value.rollout
    if known is None and deployment.rollout is not None:
        due = Due(store.name, model, deployment.updated)
        writes.append(system.put(ROLLOUTS, f"{store.name}:{model}", value=due, expect=0))
    elif known != deployment.rollout:
        subject = None if deployment.rollout is None else model
        writes += pointing(system, ROLLOUTS, store.name, model, subject, deployment.updated)
    subject = f"{store.name}:{model}"
    if deployment.state == "serving" and system.get(DUE_MODELS, subject) is None:
        due = Due(store.name, model, deployment.updated)
        writes.append(system.put(DUE_MODELS, subject, value=due, expect=0))
    return deployment, writes


def switched(before: Deployment, routes: list[Share], now: datetime) -> Deployment:
    """The deployment that serves ``routes`` from ``now`` on; another version than before leaves a stint behind."""
    after = replace(before, state="serving", routes=routes, updated=now)
    old, new = before.routes[0].version, routes[0].version
    if old == new:
        return after
    stint = Stint(old, before.since or before.updated, now)
    return replace(after, since=now, earlier=[stint, *before.earlier][:MOST_STINTS])


def left_behind(deployed: Deployment, before: Deployment | None) -> str:
    """What is to be said of a rule for labels that the version before had, and the one that is deployed has not."""
    new, old = deployed.routes[0], None if before is None else before.routes[0]
    if old is None or old.rule is None or new.rule is not None or old.version == new.version:
        return ""
    return (
        f"version {old.version} had a rule for labels, {old.rule}; version {new.version} has none, so the label is the "
        "most probable class"
    )


def check_answers(store: Workspace, version: Version) -> None:
    """Load a version and have it predict one row, before anything is switched to it.

    Raises `Damaged` if its file is gone, is not what was written, or gives no prediction.
    """
    predictor = read_predictor(store, version.model, version.version, version.answers)
    what = f"version {version.version} of model {version.model!r}"
    try:
        with np.errstate(all="ignore"):
            output = predictor.predict(usual_row(predictor))
    except (LeptonError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise Damaged(f"{what} cannot predict a row like those that it was trained on") from error
    if not np.isfinite(output).all():
        raise Damaged(f"{what} cannot predict a row like those that it was trained on in finite numbers")


def usual_row(predictor: "Servable") -> Table:
    """A row like those of the training data: numbers from their middle, frequent levels."""
    return rows_to_table([usual_cells(predictor)], predictor.schema)


def usual_cells(predictor: "Servable") -> list[Any]:
    """The cells of that row, in the order of the columns."""
    of = {bins.name: bins for bins in predictor.reference.features}
    return [BY_NAME[one.kind].usual_cell(one, of.get(one.name)) for one in predictor.schema.columns]
