"""A store that holds something of everything: what an earlier version left, runs under way too, and what came since."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from functions.caller import Caller
from functions.records.schedules import SCHEDULES, Schedule
from functions.records.sessions import LINKS, SESSIONS, SIGNING, Link, Session, Signing
from functions.storage.whole import WholeStore
from tests.formats import facts
from tests.formats.opened import expected, opened
from tests.support.stores import Store
from tests.support.world import SCOPES, World, two_classes

MADE = Path(__file__).parent.parent / "formats/v1"
SAID = expected(MADE)
OTHER = Caller("acme", "owner", SCOPES)
HOURS = {"hours": "72"}


def world_of(store: WholeStore) -> World:
    """A platform over the store, at the moment at which the data was packed."""
    return opened(Store("memory", store.records, store.blobs), SAID)


def enrich(store: WholeStore) -> World:
    """Add what came after that version: another workspace, a rollout, a scored file, and what belongs to this place."""
    here = world_of(store)
    acme = here.again(owner=OTHER)
    acme.trained(two_classes(60), "theirs", iterations=5)
    acme.ok("POST", "/v1/models/theirs/deploy")
    acme.ok("POST", "/v1/models/theirs/train", {"iterations": 6, "refit": False})
    acme.ok("POST", "/v1/models/theirs/deploy", {"version": 2, "canary": 0.25})
    rows = b"a,b,colour\n0.5,1,red\n-1,2,\n"
    scored = f"/v1/models/m/score/{here.ok('POST', '/v1/models/m/score', {'size': len(rows), 'file': 'r.csv'})['id']}"
    here.ok("PUT", scored, rows)
    assert here.ok("GET", scored)["state"] in ("accepted", "running", "succeeded")
    _of_this_place(here)
    return here


def _of_this_place(here: World) -> None:
    system, own = here.platform.system, here.platform.workspace("default")
    now = here.clock()
    key = "key-000001"
    session = Session("session-1", "0" * 64, "default", key, now, now + timedelta(days=7))
    system.write(
        system.put(SESSIONS, session.digest, value=session, expect=0),
        own.put(SESSIONS, session.id, value=session, expect=0),
        system.put(LINKS, "1" * 64, value=Link("default", key, now + timedelta(minutes=10)), expect=0),
        system.put(SIGNING, "aws", value=Signing("2" * 64), expect=0),
        system.put(SCHEDULES, "monitor_hourly", value=Schedule(now), expect=0),
    )


def told(here: World) -> dict[str, Any]:
    """What the platform tells of all of it, and what it predicts to the last bit."""
    acme = here.again(owner=OTHER)
    rows = {"rows": [{"a": 0.25, "b": -1.0}]}
    theirs = [
        acme.ok("POST", "/v1/models/theirs/predict", rows, headers={"x-lepton-entity": str(entity)})
        for entity in range(20)
    ]
    return {
        "seen": facts.plain(facts.seen(here, [("m", 1), ("m", 2)])),
        "answers": facts.answers(here),
        "theirs": facts.exact(theirs),
        "history": acme.ok("GET", "/v1/models/theirs/deployment/history")["items"],
        "keys": here.ok("GET", "/v1/keys")["items"],
        "runs": here.ok("GET", "/v1/runs")["items"],
    }
