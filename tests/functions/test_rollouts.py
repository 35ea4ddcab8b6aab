"""Rollouts: a canary is tried, watched, promoted or rolled back, and the history says by whom."""

from typing import Any

import pytest

from functions.records.kinds import ROLLOUTS
from functions.system.sweep import sweep
from tests.support.failing import Failing
from tests.support.world import World, two_classes, world

DEPLOY, DEPLOYED = "/v1/models/m/deploy", "/v1/models/m/deployment"
ROW = {"rows": [{"a": 0.1, "b": 0.2}]}
CANARY = {"version": 2, "canary": 0.25}


@pytest.fixture
def here(store: Any) -> World:
    """Version 1 serves, and version 2 is there."""
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", DEPLOY)
    made.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
    return made


def go(here: World, step: str) -> Any:
    return here.ok("POST", f"{DEPLOYED}/{step}")


def shares(here: World) -> dict[int, float]:
    return {one["version"]: one["weight"] for one in here.ok("GET", DEPLOYED)["routes"]}


def history(here: World) -> list[tuple[str, str, dict[int, float]]]:
    items = here.ok("GET", f"{DEPLOYED}/history")["items"]
    return [
        (one["cause"], one["by"], {share["version"]: share["weight"] for share in one["routes"]})
        for one in items
    ]


def ask(here: World, entity: str) -> int:
    """The version that answers."""
    status, answer = here.ask("POST", "/v1/models/m/predict", ROW, headers={"x-lepton-entity": entity})
    return answer["version"] if status == 200 else 0


def asked(here: World, times: int = 40) -> list[int]:
    return [ask(here, str(at)) for at in range(times)]


def broken(
    here: World, version: int, error: Exception | None = None, seconds: float = 0.0, to_explain: float = 0.0
) -> None:
    """From now on that version, as this process has it loaded, fails, or is slow."""
    loaded: Any = here.platform.loaded
    stable = loaded.get("default", "m") if not loaded._loaded else loaded._loaded["default", "m"]
    one = stable if stable.version == version else stable.split.canary
    assert one.version == version
    one.predictor = Failing(one.predictor, error, seconds, to_explain)


def champion(here: World) -> int:
    found: int = here.ok("GET", "/v1/models/m")["champion"]
    return found


def test_a_canary_gets_its_share_and_each_entity_stays_on_its_side(here: World) -> None:
    deployed = here.ok("POST", DEPLOY, CANARY)
    assert [(one["version"], one["weight"]) for one in deployed["routes"]] == [(1, 0.75), (2, 0.25)]
    assert (deployed["rollout"]["version"], deployed["rollout"]["before"]) == (2, 1)
    assert champion(here) == 1
    first = asked(here)
    assert 2 <= first.count(2) <= 20 and set(first) == {1, 2}
    assert asked(here) == first == asked(here.again())
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.75})
    second = asked(here)
    assert all(after == 2 for before, after in zip(first, second, strict=True) if before == 2)
    assert second.count(2) > first.count(2)


def test_without_an_entity_the_id_of_the_request_counts_and_else_chance(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5})
    for header in ("x-request-id", "X-Request-Id"):
        found = {
            here.ok("POST", "/v1/models/m/predict", ROW, headers={header: "the same"})["version"]
            for _ in range(20)
        }
        assert len(found) == 1
    assert {here.ok("POST", "/v1/models/m/predict", ROW)["version"] for _ in range(40)} == {1, 2}


def test_a_canary_without_fault_is_promoted_when_its_time_is_over(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 30})
    assert set(asked(here)) == {1, 2}
    here.platform.loaded.flush()
    here.clock.forward(29 * 60)
    sweep(here.platform)
    assert shares(here) == {1: 0.75, 2: 0.25}
    here.clock.forward(60)
    sweep(here.platform)
    assert (shares(here), champion(here), set(asked(here))) == ({2: 1.0}, 2, {2})
    [first, *_] = here.ok("GET", f"{DEPLOYED}/history")["items"]
    assert (first["cause"], first["by"]) == ("promoted", "schedule")
    assert "40 calls" not in first["reason"] and "refused, 0 failed" in first["reason"]
    assert "rollout" not in here.ok("GET", DEPLOYED)
    assert not here.platform.system.keys(ROLLOUTS)


def test_how_far_a_rollout_is_leaves_its_pauses_aside(here: World) -> None:
    def told() -> tuple[float, float, int]:
        now = here.ok("GET", DEPLOYED)["rollout"]
        return now["bake_seconds"], now["seconds_left"], now["number"]

    begun = here.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 10, "approval": True})["rollout"]
    [first, before] = here.ok("GET", f"{DEPLOYED}/history")["items"]
    assert begun["number"] == first["number"] > before["number"]
    assert told() == (600, 600, first["number"])
    here.clock.forward(60)
    go(here, "pause")
    here.clock.forward(3600)
    assert told() == (600, 540, first["number"])
    go(here, "resume")
    here.clock.forward(60)
    assert told() == (600, 480, first["number"])
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5, "bake_minutes": 20})
    assert told() == (1200, 1080, first["number"])
    here.clock.forward(3600)
    assert told() == (1200, 0, first["number"])


def test_what_nobody_called_or_approved_or_is_paused_is_not_promoted(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 1, "approval": True})
    here.clock.forward(3600)
    sweep(here.platform)
    assert len(shares(here)) == 2
    asked(here)
    here.platform.loaded.flush()
    sweep(here.platform)
    assert len(shares(here)) == 2
    assert go(here, "promote")["routes"][0]["version"] == 2
    assert go(here, "promote")["routes"][0]["version"] == 2
    assert (champion(here), [one[0] for one in history(here)]) == (2, ["promoted", "canary", "deployed"])


def test_a_pause_keeps_what_was_left_of_its_time(here: World) -> None:
    until = here.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 10})["rollout"]["until"]
    asked(here)
    here.platform.loaded.flush()
    assert go(here, "pause")["rollout"]["paused"]
    here.clock.forward(3600)
    sweep(here.platform)
    assert go(here, "pause")["rollout"]["until"] == until
    resumed = go(here, "resume")["rollout"]
    assert resumed["until"] > until and not resumed["paused"]
    assert go(here, "resume")["rollout"] == resumed
    sweep(here.platform)
    assert len(shares(here)) == 2
    here.clock.forward(600)
    sweep(here.platform)
    assert shares(here) == {2: 1.0}
    causes = [one[0] for one in history(here)]
    assert causes == ["promoted", "resumed", "paused", "canary", "deployed"]


def test_rollback_goes_to_what_served_before_and_twice_no_further(here: World) -> None:
    here.ok("POST", DEPLOY, CANARY)
    for _ in range(2):
        assert go(here, "rollback")["routes"] == [{"version": 1, "weight": 1.0}]
    here.ok("POST", DEPLOY, {"version": 2})
    assert champion(here) == 2
    for _ in range(2):
        assert go(here, "rollback")["routes"] == [{"version": 1, "weight": 1.0}]
    assert (champion(here), set(asked(here))) == (1, {1})
    assert history(here) == [
        ("rolled back", "owner", {1: 1.0}),
        ("deployed", "owner", {2: 1.0}),
        ("rolled back", "owner", {1: 1.0}),
        ("canary", "owner", {1: 0.75, 2: 0.25}),
        ("deployed", "owner", {1: 1.0}),
    ]


def test_what_cannot_be_is_refused_with_what_helps(here: World) -> None:
    for step in ("promote", "pause", "resume"):
        assert "deploy one as a canary first" in here.refused("POST", f"{DEPLOYED}/{step}")["message"]
    refused = here.refused("POST", f"{DEPLOYED}/rollback")
    assert (refused["status"], refused["code"]) == (409, "conflict")
    assert here.refused("POST", DEPLOY, {"version": 1, "canary": 0.5})["field"] == "canary"
    assert here.refused("POST", DEPLOY, {"approval": True})["field"] == "approval"
    here.ok("POST", "/v1/models/m/train", {"iterations": 7, "refit": False})
    here.ok("POST", DEPLOY, CANARY)
    refused = here.refused("POST", DEPLOY, {"version": 3, "canary": 0.5})
    assert "version 2 is being rolled out" in refused["message"]


def test_sent_twice_it_is_one_rollout_and_another_share_is_the_same_one(here: World) -> None:
    first = here.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 10})
    here.clock.forward(60)
    later = {**first["rollout"], "seconds_left": 540}
    assert here.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 10}) == {**first, "rollout": later}
    second = here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5})
    assert second["rollout"] == later
    assert [one[0] for one in history(here)] == ["weight", "canary", "deployed"]


@pytest.mark.parametrize("canary", [True, False])
def test_a_version_that_fails_is_rolled_back_by_itself(here: World, canary: bool) -> None:
    asked(here, 60)
    here.ok("POST", DEPLOY, CANARY if canary else {"version": 2})
    assert 2 in asked(here, 5)
    broken(here, 2, ZeroDivisionError("in a model"))
    for _ in range(3):
        here.clock.forward(1.1)
        asked(here)
    assert (shares(here), champion(here)) == ({1: 1.0}, 1)
    assert set(asked(here)) == {1}
    [first, *_] = here.ok("GET", f"{DEPLOYED}/history")["items"]
    assert (first["cause"], first["by"]) == ("rolled back", "failing")
    assert "calls of version 2 failed, 0 of " in first["reason"]
    [alert] = [one for one in here.ok("GET", "/v1/models/m/alerts")["items"] if one["name"] == "failing"]
    assert alert["state"] == "open" and alert["message"].endswith("version 1 serves again")
    sweep(here.platform)
    assert not here.platform.system.keys(ROLLOUTS)


def test_what_another_process_saw_counts_and_the_sweep_sees_what_is_slow(here: World) -> None:
    asked(here, 80)
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5})
    other = here.again()
    asked(other, 4)
    broken(other, 2, seconds=0.06)
    asked(other, 60)
    other.platform.loaded.flush()
    here.platform.loaded.flush()
    sweep(here.platform)
    [first, *_] = here.ok("GET", f"{DEPLOYED}/history")["items"]
    assert (first["cause"], first["by"]) == ("rolled back", "slow"), first
    assert "p50 of" in first["reason"]


def test_the_first_version_stays_whatever_it_does(store: Any) -> None:
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", DEPLOY)
    asked(made, 2)
    broken(made, 1, ZeroDivisionError("in a model"))
    asked(made, 60)
    sweep(made.platform)
    assert shares(made) == {1: 1.0}
    assert not made.platform.system.keys(ROLLOUTS)


def test_calls_of_an_earlier_rollout_of_the_same_version_do_not_count(here: World) -> None:
    asked(here, 60)
    here.ok("POST", DEPLOY, CANARY)
    asked(here, 5)
    broken(here, 2, ZeroDivisionError("in a model"))
    for _ in range(3):
        here.clock.forward(1.1)
        asked(here)
    assert shares(here) == {1: 1.0}
    mended = here.again()
    mended.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 1})
    asked(mended)
    mended.platform.loaded.flush()
    mended.clock.forward(61)
    sweep(mended.platform)
    assert shares(here) == {2: 1.0}


def test_a_version_that_cannot_be_loaded_gets_no_call(here: World) -> None:
    from functions.records import find

    here.ok("POST", DEPLOY, CANARY)
    file = find.version(here.platform.workspace("default"), "m", 2).value.answers
    here.platform.blobs.delete(file.key)
    assert set(asked(here.again())) == {1}


def test_the_history_says_what_served_when_and_puts_it_back(here: World) -> None:
    here.clock.forward(3600)
    then = here.clock().isoformat()
    here.clock.forward(3600)
    here.ok("POST", DEPLOY, {"version": 2})
    here.clock.forward(3600)
    assert shares(here) == {2: 1.0}
    back = here.ok("POST", DEPLOY, {"served_at": then})
    assert back["routes"][0]["version"] == 1
    assert here.ok("POST", DEPLOY, {"served_at": then}) == back
    refused = here.refused("POST", DEPLOY, {"served_at": "2001-01-01T00:00:00Z"})
    assert (refused["status"], refused["field"]) == (404, "served_at")
    assert here.refused("POST", DEPLOY, {"served_at": then, "version": 1})["field"] == "served_at"
    assert here.refused("POST", DEPLOY, {"served_at": "2001-01-01T00:00:00"})["field"] == "served_at"
    paged = here.ok("GET", f"{DEPLOYED}/history", query={"limit": "1"})
    assert [one["cause"] for one in paged["items"]] == ["deployed"] and paged["next"] is not None


def test_a_rule_for_labels_and_an_end_leave_a_rollout_as_it_is(here: World) -> None:
    here.ok("POST", DEPLOY, CANARY)
    here.ok("PUT", "/v1/models/m/versions/2/threshold", {"threshold": 0.3})
    assert shares(here) == {1: 0.75, 2: 0.25}
    assert [one.get("rule") is not None for one in here.ok("GET", DEPLOYED)["routes"]] == [False, True]
    here.ok("POST", "/v1/models/m/retire")
    assert [one[0] for one in history(here)] == ["retired", "labels", "canary", "deployed"]
    assert history(here)[0][2] == {}
    assert not here.platform.system.keys(ROLLOUTS)


def test_an_update_does_not_end_a_canary(here: World) -> None:
    here.ok("POST", DEPLOY, CANARY)
    here.upload(two_classes(200, seed=1))
    run = here.ok("GET", f"/v1/runs/{here.ok('POST', '/v1/models/m/update', {})['id']}")
    assert run["outcome"]["promoted"] is False
    assert "being rolled out" in run["outcome"]["reason"] or shares(here) == {1: 0.75, 2: 0.25}
    assert shares(here) == {1: 0.75, 2: 0.25}


def test_the_report_tells_of_each_version_why_calls_had_no_answer(here: World) -> None:
    here.ok("POST", DEPLOY, {"version": 2, "canary": 0.5})
    asked(here)
    here.refused("POST", "/v1/models/m/predict", {"rows": []}, headers={"x-lepton-entity": "0"})
    report = here.ok("GET", "/v1/models/m/monitor")
    assert [one["version"] for one in report["versions"]] == [1, 2]
    assert sum(one["requests"] for one in report["versions"]) == 41
    assert [one["reasons"] for one in report["versions"] if one["refused"]] == [{"invalid_input": 1}]
    assert report["status"] not in ("failing", "slow")


def test_the_first_version_that_fails_has_a_state_and_an_alert_that_closes(store: Any) -> None:
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", DEPLOY)
    asked(made, 2)
    mended = made.again()
    broken(made, 1, ZeroDivisionError("in a model"))
    asked(made, 60)
    report = made.ok("POST", "/v1/models/m/monitor")
    assert report["status"] == "failing"
    found = {one["name"]: one for one in report["alerts"]}
    assert found["failing"]["message"].startswith("60 of 62 calls of version 1 failed")
    runs = made.ok("GET", "/v1/runs")["items"]
    assert [one["kind"] for one in runs] == ["train"]  # no training mends it
    mended.clock.forward(48 * 3600)
    asked(mended)
    report = mended.ok("POST", "/v1/models/m/monitor")
    assert report["status"] not in ("failing", "slow")
    assert not {"failing", "refused calls"} & {one["name"] for one in report["alerts"]}


def test_a_served_version_that_is_slow_beside_the_one_before_has_a_state(here: World) -> None:
    asked(here, 60)
    here.ok("POST", DEPLOY, {"version": 2, "bake_minutes": 0})
    asked(here, 2)
    broken(here, 2, seconds=0.06)
    asked(here, 60)
    report = here.ok("POST", "/v1/models/m/monitor")
    assert report["status"] == "slow"
    assert "slow" in {one["name"] for one in report["alerts"]}
