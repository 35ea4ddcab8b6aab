"""The writes that make a deployment serve a version, when a caller, or an update, has decided that."""

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from functions.context import Context
from functions.records.deployments import MOST_STINTS, Deployment, Share, Stint
from functions.records.kinds import DEPLOYMENTS, DUE_MODELS, Due, Version
from functions.serving.artifacts import read_predictor
from functions.storage import Stored, Workspace, Write
from lepton_core.errors import Damaged, LeptonError
from lepton_core.table import BY_NAME, Table, rows_to_table

if TYPE_CHECKING:
    from lepton_core.servable import Servable


def serve_version(
    context: Context, store: Workspace, version: Version, current: Stored[Deployment] | None
) -> tuple[Deployment, list[Write]]:
    """The deployment that serves ``version`` alone, and the writes that make it so (none, if it already does).

    Whoever did not make the version in the same transaction must check that it is as it was read: its rule for labels
    goes with it. The first of them also puts the model on the list that the schedules go through.
    """
    rule = None if version.decision is None else version.decision.rule
    routes = [Share(version.version, version.answers, 1.0, rule)]
    if current is not None and current.value.state == "serving" and current.value.routes == routes:
        return current.value, []
    now = context.clock()
    if current is None:
        deployment = Deployment(version.model, "serving", routes, created=now, updated=now, since=now)
    else:
        deployment = switched(current.value, routes, now)
    expect = 0 if current is None else current.revision
    writes: list[Write] = [store.put(DEPLOYMENTS, version.model, value=deployment, expect=expect)]
    subject = f"{store.name}:{version.model}"
    if context.system.get(DUE_MODELS, subject) is None:
        due = Due(store.name, version.model, now)
        writes.append(context.system.put(DUE_MODELS, subject, value=due, expect=0))
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
    of = {bins.name: bins for bins in predictor.reference.features}
    columns = predictor.schema.columns
    return rows_to_table(
        [[BY_NAME[one.kind].usual_cell(one, of.get(one.name)) for one in columns]], predictor.schema
    )
