"""What a model's address served at some time."""

from collections.abc import Iterator
from datetime import datetime

from functions.records import find
from functions.records.deployments import HistoryEntry
from functions.records.kinds import DEPLOYMENT_HISTORY
from functions.storage import Workspace
from lepton_core.errors import InvalidInput, NotFound


def served_at(store: Workspace, model: str, when: datetime) -> int:
    """The version that most of the traffic went to at ``when``. Raises `NotFound`, `InvalidInput` without a zone."""
    if when.tzinfo is None:
        raise InvalidInput("say the time with its zone, as in 2030-05-03T12:00:00Z", field="served_at")
    deployment = find.deployment(store, model).value
    nothing = NotFound(f"model {model!r} served nothing at {when.isoformat()}", field="served_at")
    for entry in _changes(store, model):
        if entry.at <= when and entry.shares:
            return max(entry.shares, key=lambda share: share.weight).version
        if entry.at <= when:
            raise nothing
    # Nobody wrote a history in an earlier program; the times of its versions are known.
    stints = [one.version for one in deployment.earlier if one.since <= when < one.until]
    if deployment.since is not None and deployment.since <= when and deployment.state == "serving":
        stints.append(deployment.routes[0].version)
    if not stints:
        raise nothing
    return stints[0]


def _changes(store: Workspace, model: str) -> Iterator[HistoryEntry]:
    """Every change, the latest first."""
    after = ""
    while page := store.list(DEPLOYMENT_HISTORY, model, after=after, reverse=True):
        yield from (stored.value for _, stored in page)
        after = page[-1][0]
