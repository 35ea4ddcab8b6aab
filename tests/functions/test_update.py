"""Update: the challenger must earn its place, and whatever goes wrong, the champion serves on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from functions.datasets.parts import pack, write_parts
from functions.records import find
from functions.records.kinds import (
    ALERTS,
    DATASET_VERSIONS,
    DATASETS,
    DEPLOYMENTS,
    DUE_MODELS,
    VERSIONS,
    Due,
    number,
)
from functions.serving.publish import serve_version
from functions.storage import Records
from functions.system.sweep import sweep
from lepton_core.monitor import Alert
from lepton_core.table import COPIES, Rows, asked_split, parse_csv, row_keys
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.watched import WatchedRecords, once
from tests.support.world import World, csv_of, two_classes, world

ROW = {"rows": [{"a": 2.0, "b": 2.0}]}


@pytest.fixture
def here(store: Store) -> World:
    """A model whose first version is deployed."""
    made = world(store)
    assert made.trained(two_classes(120), iterations=100)["state"] == "succeeded"
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def updated(here: World, **body: Any) -> Any:
    run = here.ok("POST", "/v1/models/m/update", body)
    return here.ok("GET", f"/v1/runs/{run['id']}")


def predicted(here: World) -> tuple[int, str]:
    answer = here.ok("POST", "/v1/models/m/predict", ROW)
    return answer["version"], answer["predictions"][0]["label"]


def roles(here: World) -> tuple[Any, ...]:
    model = here.ok("GET", "/v1/models/m")
    return model["latest"], model["champion"], model["challenger"], model["run"]


def poisoned(rows: int = 300) -> bytes:
    """Rows that the platform will train on have the wrong label, those that it will hold out have the right one."""

    def table(wrong: bool) -> tuple[list[str], set[int]]:
        header, *lines = two_classes(rows, seed=5).decode().splitlines()
        if wrong:
            swap = {"yes": "no", "no": "yes"}
            lines = [f"{line.rpartition(',')[0]},{swap[line.rpartition(',')[2]]}" for line in lines]
        own = Rows.of(parse_csv("\n".join([header, *lines]).encode()), "label")
        return lines, set(asked_split(own, first, COPIES)[2].tolist())

    first = Rows.of(parse_csv(two_classes(120)), "label")

    (right, held_out), (wrong, held_out_if_wrong) = table(False), table(True)
    lines = [
        *(line for i, line in enumerate(right) if i in held_out),
        *(line for i, line in enumerate(wrong) if i not in held_out_if_wrong and i not in held_out),
    ]
    return "\n".join(["a,b,label", *lines]).encode()


def test_a_challenger_that_is_not_worse_is_promoted_and_served(here: World) -> None:
    assert predicted(here)[0] == 1
    assert here.upload(two_classes(1200, seed=1))["version"] == 2
    outcome = updated(here, iterations=100)["outcome"]
    assert outcome["promoted"] is True
    assert outcome["challenger"]["loss"] <= outcome["champion"]["loss"]
    assert outcome["trigger"] == "asked for"
    assert "not worse" in outcome["reason"]
    assert roles(here) == (2, 2, None, None)
    version = here.ok("GET", "/v1/models/m/versions/2")
    assert (version["warm_from"], version["dataset_version"]) == (1, 2)
    assert version["hyperparameters"]["iterations"] == 100
    assert here.ok("GET", "/v1/models/m/deployment")["routes"] == [{"version": 2, "weight": 1.0}]
    (share,) = find.deployment(here.platform.workspace("default"), "m").value.routes
    assert share.artifact.digest == version["digest"]
    assert predicted(here) == (2, "yes")
    other = here.again()
    assert predicted(other) == (2, "yes")


def test_a_warm_start_begins_where_the_champion_ended(here: World) -> None:
    here.upload(two_classes(1200, seed=1))
    updated(here, iterations=3)
    champion, challenger = (here.ok("GET", f"/v1/models/m/versions/{i}")["loss"] for i in (1, 2))
    assert challenger[0] < champion[0] / 2


def test_a_challenger_trained_on_wrong_labels_is_kept_and_not_served(here: World) -> None:
    assert here.upload(poisoned())["version"] == 2
    run = updated(here, iterations=200)
    assert run["state"] == "succeeded"
    assert run["outcome"]["promoted"] is False
    assert "worse than the champion's" in run["outcome"]["reason"]
    assert run["outcome"]["challenger"]["loss"] > run["outcome"]["champion"]["loss"]
    assert roles(here) == (2, 1, 2, None)
    assert here.ok("GET", "/v1/models/m/deployment")["routes"][0]["version"] == 1
    assert predicted(here) == (1, "yes")
    here.clock.forward(3600)
    assert predicted(here) == (1, "yes")
    here.ok("POST", "/v1/models/m/deploy", {"version": 2})  # who wants it all the same can have it
    assert predicted(here) == (2, "no")
    assert roles(here) == (2, 2, None, None)


def test_the_policys_tolerance_decides(store: Store) -> None:
    here = world(store)
    policy = {"tolerance": 1e6}
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression", "policy": policy})
    here.trained(two_classes(120), iterations=100)
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(poisoned())
    assert updated(here, iterations=100)["outcome"]["promoted"] is True


def test_another_version_deployed_meanwhile_stays(here: World) -> None:
    here.upload(two_classes(1200, seed=1))
    here.ok("POST", "/v1/models/m/train", {"iterations": 1, "dataset_version": 1})
    run = here.again(runner=idle).ok("POST", "/v1/models/m/update", {"iterations": 100})
    here.ok("POST", "/v1/models/m/deploy", {"version": 2})
    sweep(here.platform)
    ended = here.ok("GET", f"/v1/runs/{run['id']}")
    assert (ended["state"], ended["version"], ended["outcome"]["promoted"]) == ("succeeded", 3, False)
    assert "another version was deployed" in ended["outcome"]["reason"]
    assert roles(here) == (3, 2, 3, None)
    assert predicted(here)[0] == 2


def interrupted(inner: Records, between: Callable[[], object]) -> WatchedRecords:
    """Records in which something happens just before the write that ends a run with a version."""
    return WatchedRecords(inner, before=once(between, lambda call: call.writes_to("/versions/m")))


def test_another_version_deployed_in_the_very_last_moment_stays(here: World) -> None:
    here.upload(two_classes(1200, seed=1))
    here.ok("POST", "/v1/models/m/train", {"iterations": 1, "dataset_version": 1})
    records = interrupted(
        here.platform.records, lambda: here.ok("POST", "/v1/models/m/deploy", {"version": 2})
    )
    run = updated(here.again(records=records), iterations=100)
    assert run["outcome"]["promoted"] is False
    assert "another version was deployed" in run["outcome"]["reason"]
    assert predicted(here)[0] == here.ok("GET", "/v1/models/m/deployment")["routes"][0]["version"] == 2


def test_a_new_class_means_a_cold_start_and_costs_the_champion(here: World) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 300)) * 2
    label = np.where(a + b > 1, "yes", np.where(a + b < -1, "no", "maybe"))
    here.upload(csv_of({"a": a.tolist(), "b": b.tolist(), "label": label.tolist()}))
    run = updated(here, iterations=100)
    assert run["outcome"]["promoted"] is True
    assert run["outcome"]["champion"]["loss"] > 5 > run["outcome"]["challenger"]["loss"]
    assert run["loss"][0] == pytest.approx(np.log(3), rel=0.1)  # begun at zero: all three equally likely
    answer = here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 0, "b": 0}]})
    assert answer["version"] == 2
    assert answer["predictions"][0]["label"] == "maybe"
    assert set(answer["predictions"][0]["probabilities"]) == {"yes", "no", "maybe"}


def test_new_columns_are_no_part_of_the_recipe_and_predictions_go_on(here: World) -> None:
    rng = np.random.default_rng(3)
    a, b, c = rng.normal(size=(3, 300))
    label = np.where(a + b > 0, "yes", "no")
    wider = {"a": a.tolist(), "c": c.tolist(), "b": b.tolist(), "label": label.tolist()}
    assert here.upload(csv_of(wider))["version"] == 2
    assert updated(here, iterations=100)["outcome"]["promoted"] is True
    assert predicted(here) == (2, "yes")
    features = here.ok("GET", "/v1/models/m/monitor")["features"]
    assert [feature["name"] for feature in features] == ["a", "b"]


def unhealthy(here: World, csv: bytes) -> None:
    """A dataset version as an upload would never make it: a column of the versions before is gone."""
    tenant = here.platform.workspace("default")
    series, first = tenant.get(DATASETS, "m"), tenant.get(DATASET_VERSIONS, "m", number(1))
    assert series is not None
    assert first is not None
    packed = pack(table := parse_csv(csv), row_keys(table))
    parts = write_parts(tenant, packed, "m", "by-hand")
    second = replace(first.value, version=2, parts=parts, digest=packed.digest)
    tenant.write(
        tenant.put(DATASET_VERSIONS, "m", number(2), value=second, expect=0),
        tenant.put(DATASETS, "m", value=replace(series.value, latest=2), expect=series.revision),
    )


def test_a_column_that_is_gone_fails_the_run_and_the_champion_serves_on(here: World) -> None:
    unhealthy(here, csv_of({"a": [1.0, 2.0, 3.0, 4.0], "label": ["yes", "no"] * 2}))
    run = updated(here)
    assert (run["state"], run["error"]["code"], run["error"]["field"]) == ("failed", "invalid_data", "b")
    assert roles(here) == (1, 1, None, None)
    assert predicted(here) == (1, "yes")


def test_without_a_champion_there_is_nothing_to_update(store: Store) -> None:
    here = world(store)
    here.trained(two_classes(60), iterations=5)
    refused = here.refused("POST", "/v1/models/m/update", {})
    assert (refused["status"], "deploy it first" in refused["message"]) == (409, True)
    here.event("update_daily")
    assert roles(here) == (1, None, None, None)


def alert(here: World, hours: float, *, state: Any = "open") -> None:
    tenant = here.platform.workspace("default")
    newest = tenant.get(VERSIONS, "m", number(here.ok("GET", "/v1/models/m")["latest"]))
    assert newest is not None
    here.clock.forward(hours * 3600)
    stored = tenant.get(ALERTS, "m", "feature-a")
    opened = Alert("feature:a", "drifted", 1.0, 0.2, here.clock(), here.clock(), state=state)
    tenant.write(
        tenant.put(ALERTS, "m", "feature-a", value=opened, expect=0 if stored is None else stored.revision)
    )


def test_an_alert_is_answered_once_there_is_newer_data_and_by_nothing_before(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "lepton")
    said = "alert 'feature:a' is open, but there is no data to learn from newer than version 1"
    alert(here, 1, state="closed")
    here.event("update_daily")
    assert (roles(here)[0], said in caplog.text) == (1, False)
    alert(here, 1)
    here.clock.forward(1)
    here.event("update_daily")
    assert (roles(here)[0], said in caplog.text) == (1, True)
    assert [run["kind"] for run in here.ok("GET", "/v1/runs")["items"]] == ["train"]
    here.upload(two_classes(130, seed=3))
    here.event("update_daily")
    (run, *_) = here.ok("GET", "/v1/runs")["items"]
    assert (run["kind"], run["state"]) == ("update", "succeeded")
    assert "data version 2" in run["outcome"]["trigger"] and "feature:a" in run["outcome"]["trigger"]
    assert roles(here)[0] == 2
    alert(here, 1)
    here.event("update_daily")
    assert roles(here)[0] == 2


def test_the_schedule_updates_on_new_data_once_also_where_the_champion_stays(here: World) -> None:
    here.ok("PUT", "/v1/models/m/policy", {"held": "train"})
    here.upload(poisoned())
    here.event("update_daily")
    assert roles(here) == (2, 1, 2, None)
    assert "data version 2" in here.ok("GET", "/v1/runs")["items"][0]["outcome"]["trigger"]
    here.event("update_daily")
    assert roles(here) == (2, 1, 2, None)


def test_a_manual_model_is_updated_by_hand_only(store: Store) -> None:
    here = world(store)
    policy = {"update": "manual"}
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression", "policy": policy})
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(two_classes(90, seed=1))
    here.event("update_daily")
    assert roles(here)[0] == 1
    assert updated(here)["state"] == "succeeded"
    assert roles(here)[0] == 2


def test_a_model_with_a_run_under_way_is_left_alone(here: World) -> None:
    here.upload(two_classes(1200, seed=1))
    run = here.again(runner=idle).ok("POST", "/v1/models/m/train", {"iterations": 3})
    here.event("update_daily")
    assert here.ok("GET", "/v1/runs")["items"][0]["id"] == run["id"]
    assert run["id"] in here.refused("POST", "/v1/models/m/update", {})["message"]


def test_a_model_that_is_retired_is_not_brought_back(here: World) -> None:
    """The schedule may have read its list before."""
    here.upload(two_classes(1200, seed=1))
    here.ok("POST", "/v1/models/m/retire", {})
    system = here.platform.system
    system.write(system.put(DUE_MODELS, "default:m", value=Due("default", "m", here.clock()), expect=0))
    here.event("update_daily")
    assert roles(here) == (1, 1, None, None)
    assert here.ok("GET", "/v1/models/m/deployment")["state"] == "stopped"
    assert here.refused("POST", "/v1/models/m/update", {})["status"] == 409


def test_one_model_that_cannot_be_updated_stops_no_other(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    system = here.platform.system
    for name in ("a!", "absent"):
        due = Due("default", name, here.clock())
        system.write(system.put(DUE_MODELS, f"default:{name.strip('!')}", value=due, expect=0))
    here.upload(two_classes(1200, seed=1))
    here.event("update_daily")
    assert roles(here)[0] == 2
    assert "absent" in caplog.text
    assert "a!" in caplog.text


def test_the_callers_settings_replace_the_champions(here: World) -> None:
    here.upload(two_classes(1200, seed=1))
    updated(here, iterations=7, learning_rate=0.25)
    used = here.ok("GET", "/v1/models/m/versions/2")["hyperparameters"]
    assert (used["iterations"], used["learning_rate"]) == (7, 0.25)
    here.upload(two_classes(320, seed=2))
    updated(here)
    assert here.ok("GET", "/v1/models/m/versions/3")["hyperparameters"] == used


def test_the_same_idempotency_key_is_the_same_update(here: World) -> None:
    here.upload(two_classes(1200, seed=1))
    runs = {
        here.ok("POST", "/v1/models/m/update", {}, headers={"idempotency-key": "u"})["id"] for _ in range(3)
    }
    assert len(runs) == 1
    assert roles(here)[0] == 2


def test_an_update_with_nothing_new_is_the_last_one_and_says_so(here: World) -> None:
    here.upload(two_classes(300, seed=1))
    first = here.ok("POST", "/v1/models/m/update", {})
    assert first["nothing_new"] is False
    again = here.ok("POST", "/v1/models/m/update", {})
    assert (again["id"], again["version"], again["nothing_new"]) == (first["id"], 2, True)
    assert here.ok("GET", f"/v1/runs/{first['id']}")["nothing_new"] is False
    assert here.ok("POST", "/v1/models/m/update", {"iterations": 3})["nothing_new"] is False
    assert roles(here)[0] == 3


def test_an_update_that_is_still_under_way_is_no_old_news(here: World) -> None:
    here.upload(two_classes(300, seed=1))
    waiting = here.again(runner=idle)
    first = waiting.ok("POST", "/v1/models/m/update", {})
    again = waiting.ok("POST", "/v1/models/m/update", {})
    assert (again["id"], again["nothing_new"]) == (first["id"], False)


def test_serving_what_is_served_already_writes_nothing(here: World) -> None:
    tenant = here.platform.workspace("default")
    version, current = tenant.get(VERSIONS, "m", number(1)), tenant.get(DEPLOYMENTS, "m")
    assert version is not None
    assert current is not None
    deployment, writes = serve_version(here.platform, tenant, version.value, current)
    assert (deployment, writes) == (current.value, [])
    _, writes = serve_version(here.platform, tenant, replace(version.value, version=2), current)
    assert [(write.partition, write.expect) for write in writes] == [
        ("default/deployments", current.revision),
        ("default/deployment_history/m", 0),
        ("_system/rollouts", 0),
    ]


def test_hyperparameters_that_do_not_go_together_are_refused_before_anything_is_queued(store: Store) -> None:
    here = world(store)
    here.trained(two_classes(60), hyperparameters={"optimizer": "lbfgs"})
    here.ok("POST", "/v1/models/m/deploy", {})
    runs = here.ok("GET", "/v1/runs")
    assert here.refused("POST", "/v1/models/m/update", {"learning_rate": 0.1})["field"] == "learning_rate"
    assert here.ok("GET", "/v1/runs") == runs
