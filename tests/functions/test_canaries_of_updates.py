"""An update whose policy has a canary: its winner is tried, the run says what came of it, and the next one waits."""

from typing import Any

import pytest

from functions.system.pick_up import pick_up
from functions.system.sweep import sweep
from lepton_core.errors import InvalidData
from tests.support.failing import Failing
from tests.support.stores import Store
from tests.support.updates import arrived, intents, policy, updates_of, updating
from tests.support.world import World, two_classes

DEPLOYED = "/v1/models/m/deployment"
WINS = {"tolerance": 1e6, "canary": 0.25}
ROW = {"rows": [{"a": 0.1, "b": 0.2}]}


@pytest.fixture
def here(store: Store) -> World:
    return updating(store)


def updated(here: World, seed: int = 1, **changes: Any) -> Any:
    """The update that came by itself of newer data, by a policy that lets the challenger win."""
    policy(here, **{**WINS, **changes})
    arrived(here, seed)
    pick_up(here.platform)
    return here.ok("GET", f"/v1/runs/{updates_of(here)[0]['id']}")


def shares(here: World) -> dict[int, float]:
    return {one["version"]: one["weight"] for one in here.ok("GET", DEPLOYED)["routes"]}


def roles(here: World) -> tuple[Any, Any]:
    model = here.ok("GET", "/v1/models/m")
    return model["champion"], model["challenger"]


def asked(here: World, times: int = 40) -> set[int]:
    answers = set()
    for at in range(times):
        headers = {"x-lepton-entity": str(at)}
        status, answer = here.ask("POST", "/v1/models/m/predict", ROW, headers=headers)
        answers.add(answer["version"] if status == 200 else 0)
    return answers


def outcome(here: World, of: Any) -> Any:
    """Of a run, as it is told by itself and in a list, which say the same."""
    found = here.ok("GET", f"/v1/runs/{of['id']}")["outcome"]
    [listed] = [one["outcome"] for one in updates_of(here) if one["id"] == of["id"]]
    assert listed["rollout"] == found["rollout"] and listed["promoted"] == found["promoted"]
    return found


def test_a_winner_begins_a_canary_and_is_promoted_when_its_time_is_over(here: World) -> None:
    run = updated(here, bake_minutes=30)
    assert (shares(here), roles(here)) == ({1: 0.75, 2: 0.25}, (1, 2))
    assert run["outcome"]["promoted"] is False and "not worse" in run["outcome"]["reason"]
    began = outcome(here, run)["rollout"]
    assert (began["state"], began["canary"], began["by"]) == ("watched", 0.25, "update")
    assert began["until"] == here.ok("GET", DEPLOYED)["rollout"]["until"]
    assert asked(here) == {1, 2}
    here.platform.loaded.flush()
    here.clock.forward(30 * 60)
    sweep(here.platform)
    assert (shares(here), roles(here)) == ({2: 1.0}, (2, None))
    ended = outcome(here, run)
    assert ended["promoted"] is True
    assert (ended["rollout"]["state"], ended["rollout"]["by"]) == ("promoted", "schedule")
    assert "nothing was wrong" in ended["rollout"]["reason"]


@pytest.mark.parametrize("asked_for", [False, True])
def test_a_winner_that_fails_is_rolled_back_and_the_run_says_why(here: World, asked_for: bool) -> None:
    if asked_for:
        policy(here, **WINS, update="manual")
        arrived(here)
        run = here.ok("POST", "/v1/models/m/update", {})
    else:
        run = updated(here)
    assert asked(here) == {1, 2}
    loaded: Any = here.platform.loaded
    canary = loaded._loaded["default", "m"].split.canary
    canary.predictor = Failing(canary.predictor, InvalidData("is missing", column="c"))
    for _ in range(6):
        here.clock.forward(1.1)
        asked(here)
    assert (shares(here), roles(here)) == ({1: 1.0}, (1, 2))
    ended = outcome(here, run)
    assert ended["promoted"] is False
    assert (ended["rollout"]["state"], ended["rollout"]["by"]) == ("rolled back", "failing")
    assert "calls of version 2 refused" in ended["rollout"]["reason"]


def test_one_that_needs_an_approval_waits_for_somebody(here: World) -> None:
    run = updated(here, bake_minutes=1, approval=True)
    asked(here)
    here.platform.loaded.flush()
    here.clock.forward(3600)
    sweep(here.platform)
    assert outcome(here, run)["rollout"]["state"] == "needs approval"
    here.ok("POST", f"{DEPLOYED}/pause")
    assert outcome(here, run)["rollout"]["state"] == "paused"
    here.ok("POST", f"{DEPLOYED}/promote")
    ended = outcome(here, run)
    assert (ended["promoted"], ended["rollout"]["state"], ended["rollout"]["by"]) == (
        True,
        "promoted",
        "owner",
    )


@pytest.mark.parametrize(
    ("path", "body"), [("deploy", {"version": 1}), ("deploy", {"version": 2}), ("retire", None)]
)
def test_what_somebody_else_decides_ends_it(here: World, path: str, body: Any) -> None:
    run = updated(here)
    here.ok("POST", f"/v1/models/m/{path}", body)
    ended = outcome(here, run)
    assert (ended["promoted"], ended["rollout"]["state"], ended["rollout"]["by"]) == (
        False,
        "replaced",
        "owner",
    )


def test_the_next_update_waits_for_the_end_and_comes_a_minute_later_at_most(here: World) -> None:
    first = updated(here)
    arrived(here, seed=2)
    for _ in range(10):
        pick_up(here.platform)
        here.event("update_daily")
        here.clock.forward(61)
    assert [run["id"] for run in updates_of(here)] == [first["id"]]
    assert intents(here) == ["update:default:m"]
    here.ok("POST", f"{DEPLOYED}/rollback")
    here.clock.forward(60)
    pick_up(here.platform)
    second, _ = updates_of(here)
    assert second["state"] == "succeeded" and intents(here) == []
    assert shares(here) == {1: 0.75, 3: 0.25}
    assert outcome(here, first)["rollout"]["state"] == "rolled back"
    assert outcome(here, second)["rollout"]["state"] == "watched"


def test_one_that_is_asked_for_trains_and_leaves_the_canary_alone(here: World) -> None:
    updated(here)
    arrived(here, seed=2)
    run = here.ok("POST", "/v1/models/m/update", {})
    ended = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    assert "being rolled out" in ended["reason"] and "rollout" not in ended
    assert shares(here) == {1: 0.75, 2: 0.25}


def test_without_a_canary_the_policy_says_how_long_the_winner_is_watched(here: World) -> None:
    policy(here, tolerance=1e6, bake_minutes=20)
    arrived(here)
    began = here.clock()
    pick_up(here.platform)
    deployed = here.ok("GET", DEPLOYED)
    assert deployed["routes"] == [{"version": 2, "weight": 1.0}]
    until = deployed["rollout"]["until"]
    here.clock.now = began
    here.clock.forward(20 * 60)
    assert until == here.clock().isoformat().replace("+00:00", "Z")
    assert "rollout" not in updates_of(here)[0]["outcome"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"approval": True}, "approval"),
        ({"canary": 1}, "canary"),
        ({"canary": 0}, "canary"),
        ({"bake_minutes": -1}, "bake_minutes"),
        ({"bake_minutes": 50_000}, "bake_minutes"),
    ],
)
def test_what_no_rollout_can_be_is_refused_with_its_field(here: World, wrong: Any, field: str) -> None:
    assert here.refused("PUT", "/v1/models/m/policy", wrong)["field"] == field
    body = {"name": "n", "algorithm": "naive_bayes", "policy": wrong}
    assert here.refused("POST", "/v1/models", body)["field"] == f"policy.{field}"


def test_a_model_that_is_created_can_have_it(here: World) -> None:
    body = {"name": "n", "algorithm": "naive_bayes", "policy": {"canary": 0.1, "approval": True}}
    made = here.ok("POST", "/v1/models", body)["policy"]
    assert (made["canary"], made["bake_minutes"], made["approval"]) == (0.1, None, True)
    here.upload(two_classes(60), "n")
    assert here.ok("POST", "/v1/models", body)["policy"] == made
