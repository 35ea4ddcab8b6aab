"""Intents: whoever causes work writes it down with its cause, and it is seen to once, whatever happens."""

from collections import Counter
from dataclasses import replace as changed

import pytest
from msgspec.structs import replace

from functions.context import Context, Runner
from functions.datasets.parts import read_columns
from functions.records.intents import update_wanted
from functions.records.kinds import (
    DATASET_VERSIONS,
    MODELS,
    DataArrived,
    Intent,
    Model,
    UpdateWanted,
    number,
)
from functions.runs.runners import Ended
from functions.settings import Settings
from functions.storage import MAX_WRITES, Put
from functions.system.pick_up import pick_up
from functions.training import auto_update
from lepton_core.errors import Unavailable
from tests.support.runners import IdleRunner, idle, inline
from tests.support.stores import Store
from tests.support.updates import arrived, intents, policy, updates_of, updating
from tests.support.watched import Call, WatchedRecords, once
from tests.support.world import World, two_classes, world

MANY = 300


@pytest.fixture
def here(store: Store) -> World:
    return updating(store)


def test_new_data_leads_to_one_update_and_leaves_no_intent(here: World) -> None:
    arrived(here)
    assert intents(here) == ["data_arrived:default:m:2"]
    pick_up(here.platform)
    (run,) = updates_of(here)
    assert run["state"] == "succeeded" and "version 2" in run["outcome"]["trigger"]
    assert intents(here) == []
    pick_up(here.platform)
    assert len(updates_of(here)) == 1


def test_the_intent_is_in_the_transaction_that_makes_the_data_visible(here: World) -> None:
    seen: list[bool] = []

    def watch(call: Call) -> None:
        assert call.writes_to("/dataset_versions") == call.writes_to("/intents")
        seen.append(call.writes_to("/intents"))

    arrived(here.again(records=WatchedRecords(here.platform.records, before=watch)))
    assert any(seen)


def test_an_alert_that_opens_writes_its_intent_with_it(here: World) -> None:
    seen: list[bool] = []

    def watch(call: Call) -> None:
        if call.writes_to("/alerts"):
            seen.append(call.writes_to("/intents"))

    other = here.again(records=WatchedRecords(here.platform.records, before=watch))
    other.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 50.0, "b": 0.1 * i} for i in range(200)]})
    here.clock.forward(1)
    opened = other.ok("POST", "/v1/models/m/monitor")["alerts"]
    assert opened and seen == [True] * len(opened)
    assert intents(here) == ["update:default:m"]
    pick_up(here.platform)
    assert updates_of(here) == [] and intents(here) == []


def test_an_alert_leads_to_the_update_that_data_had_to_wait_for(here: World) -> None:
    policy(here, update="manual")
    arrived(here)
    pick_up(here.platform)
    policy(here, update="auto")
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 50.0, "b": 0.1 * i} for i in range(200)]})
    here.clock.forward(1)
    here.ok("POST", "/v1/models/m/monitor")
    pick_up(here.platform)
    (run,) = updates_of(here)
    assert "data version 2" in run["outcome"]["trigger"] and "alert" in run["outcome"]["trigger"]


def test_new_data_reaches_300_models_of_one_dataset(disk: Store) -> None:
    here = world(disk, runner=idle)
    tenant, now = here.platform.workspace("default"), here.clock()
    models = [Model(f"m{n:03}", "logistic_regression", "d", now, champion=1) for n in range(MANY)]
    others = [
        replace(models[0], name="manual", policy=replace(models[0].policy, update="manual")),
        replace(models[0], name="retired", state="retired"),
        replace(models[0], name="untrained", champion=None),
        replace(models[0], name="elsewhere", dataset="e"),
    ]
    writes = [tenant.put(MODELS, one.name, value=one, expect=0) for one in (*models, *others)]
    for first in range(0, len(writes), MAX_WRITES):
        tenant.write(*writes[first : first + MAX_WRITES])
    assert here.upload(two_classes(20), "d")["version"] == 1

    written = Counter[str]()

    def dying(call: Call) -> None:
        """The store goes away in the middle of telling the models."""
        if call.writes:
            if written["writes"] == MANY // 2:
                raise Unavailable("away")
            written["writes"] += 1

    pick_up(here.again(records=WatchedRecords(here.platform.records, before=dying)).platform)
    assert "data_arrived:default:d:1" in intents(here)
    # From here on only what tells the models: their versions are none that could be trained.
    asked = here.again(settings=Settings(quiet_seconds=60.0))
    pick_up(asked.platform)
    assert intents(here) == sorted(f"update:default:{one.name}" for one in models)


def test_however_many_causes_there_are_one_update_is_pending_and_one_follows(here: World) -> None:
    for seed in range(1, 6):
        arrived(here, seed)
    pick_up(here.platform)
    (run,) = updates_of(here)
    assert here.ok("GET", "/v1/models/m/versions/2")["dataset_version"] == 6
    assert run["state"] == "succeeded" and intents(here) == []


def test_data_that_arrives_while_an_update_is_being_decided_is_not_forgotten(here: World) -> None:
    arrived(here)

    def more() -> None:
        arrived(here, 2)
        pick_up(here.again(settings=Settings(quiet_seconds=60.0)).platform)

    queued = once(
        more, lambda call: any(isinstance(one, Put) and "/runs" in one.partition for one in call.writes)
    )
    pick_up(here.again(records=WatchedRecords(here.platform.records, before=queued)).platform)
    pick_up(here.platform)
    newest = here.ok("GET", "/v1/models/m/versions")["items"][-1]
    assert newest["dataset_version"] == 3 and intents(here) == []


def test_what_is_fresh_is_left_alone_for_the_quiet_seconds(here: World) -> None:
    quiet = here.again(settings=Settings(quiet_seconds=2.0))
    arrived(here)
    pick_up(quiet.platform)
    assert updates_of(here) == [] and intents(here) == ["update:default:m"]
    here.clock.forward(2)
    pick_up(quiet.platform)
    assert len(updates_of(here)) == 1


def test_a_clock_that_was_set_back_holds_no_update_up(here: World) -> None:
    quiet = here.again(settings=Settings(quiet_seconds=2.0))
    arrived(here)
    here.clock.forward(-3600)
    pick_up(quiet.platform)
    assert len(updates_of(here)) == 1


@pytest.mark.parametrize("why", ["manual", "retired", "no champion"])
def test_nothing_is_updated_that_does_not_update_by_itself(store: Store, why: str) -> None:
    here = world(store)
    here.trained(two_classes(60), iterations=5)
    if why != "no champion":
        here.ok("POST", "/v1/models/m/deploy", {})
    if why == "manual":
        policy(here, update="manual")
    if why == "retired":
        here.ok("POST", "/v1/models/m/retire", {})
    arrived(here)
    system = here.platform.system
    alert = update_wanted(system, "default", "m", "an alert", here.clock())
    system.write(alert)
    pick_up(here.platform)
    assert updates_of(here) == [] and intents(here) == []


def test_an_update_follows_when_the_run_under_way_ends(here: World) -> None:
    run = here.again(runner=idle).ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    train = here.again(runner=idle).ok("POST", "/v1/models/m/train", {"iterations": 2})
    arrived(here)
    pick_up(here.platform)
    assert updates_of(here) == [] and intents(here) == ["update:default:m"]
    here.platform.runner.take_up("default", train["id"])
    pick_up(here.platform)
    assert [one["state"] for one in updates_of(here)] == ["succeeded"]
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "queued"


def test_an_intent_that_is_delivered_twice_has_one_result(here: World) -> None:
    arrived(here)
    again: list[int] = []

    def twice(call: Call) -> None:
        """Another process acts on the same intents before each of our writes."""
        if call.writes and len(again) < 3:
            again.append(1)
            pick_up(here.platform)

    pick_up(here.again(records=WatchedRecords(here.platform.records, before=twice)).platform)
    pick_up(here.platform)
    assert len(updates_of(here)) == 1 and intents(here) == []


def hopeless(here: World) -> None:
    """Another model, whose newest data nothing can be learned from, as no upload would leave it: one class is left."""
    here.trained(two_classes(60), "hopeless", iterations=5)
    here.ok("POST", "/v1/models/hopeless/deploy", {})
    assert here.upload(two_classes(80, seed=1), "hopeless")["version"] == 2
    tenant = here.platform.workspace("default")
    stored = tenant.get(DATASET_VERSIONS, "hopeless", number(2))
    assert stored is not None
    columns = read_columns(tenant, stored.value)
    one_class = tuple(changed(one, min=1.0, max=1.0) if one.name == "label" else one for one in columns)
    poor = replace(stored.value, columns=one_class)
    tenant.write(tenant.put(DATASET_VERSIONS, "hopeless", number(2), value=poor, expect=stored.revision))


def test_an_intent_that_cannot_be_helped_stops_no_other_and_is_said_once(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    hopeless(here)
    arrived(here)
    for _ in range(5):
        pick_up(here.platform)
    assert len(updates_of(here)) == 1 and intents(here) == []
    assert sum("comes to nothing" in one.message for one in caplog.records) == 1
    assert updates_of(here, "hopeless") == []
    here.event("update_daily")  # the safety net says it again
    assert sum("was not updated" in one.message for one in caplog.records) == 1


def test_a_workspace_that_has_all_its_runs_under_way_updates_when_one_ends(here: World) -> None:
    busy = here.again(settings=Settings(most_runs=1))
    run = here.again(runner=idle).ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    arrived(here)
    pick_up(busy.platform)
    assert updates_of(here) == [] and intents(here) == ["update:default:m"]
    here.ok("POST", f"/v1/runs/{run['id']}/cancel")
    pick_up(busy.platform)
    assert len(updates_of(here)) == 1 and intents(here) == []


def test_a_store_that_is_away_costs_no_intent(here: World, caplog: pytest.LogCaptureFixture) -> None:
    arrived(here)

    def gone(call: Call) -> None:
        if call.writes:
            raise Unavailable("the store is away")

    away = here.again(records=WatchedRecords(here.platform.records, before=gone))
    for _ in range(3):
        pick_up(away.platform)
    assert intents(here) == ["data_arrived:default:m:2"]
    assert sum("is away" in one.message for one in caplog.records) == 1
    pick_up(here.platform)
    assert len(updates_of(here)) == 1


PERSON = {
    "train": {"iterations": 3},
    "update": {"iterations": 3},
    "retire": {},
}


@pytest.mark.parametrize("step", PERSON)
@pytest.mark.parametrize("moment", ["before", "the same"])
def test_what_a_person_asks_for_goes_before_an_update_that_came_by_itself(
    here: World, step: str, moment: str
) -> None:
    by_itself = here.again(runner=idle)
    arrived(here)
    person = here
    if moment == "before":
        pick_up(by_itself.platform)
    else:
        # just before the run is queued or the model retired
        first = once(lambda: pick_up(by_itself.platform), lambda call: call.writes_to("/models"))
        person = here.again(records=WatchedRecords(here.platform.records, before=first))
    answer = person.ok("POST", f"/v1/models/m/{step}", PERSON[step])
    states = [(run["kind"], run["state"]) for run in here.ok("GET", "/v1/runs")["items"]]
    assert ("update", "cancelled") in states
    if step == "retire":
        assert answer["state"] == "retired"
    else:
        assert answer["kind"] == step
        assert here.ok("GET", f"/v1/runs/{answer['id']}")["state"] == "succeeded"
        assert here.ok("GET", "/v1/models/m")["latest"] == 2


def test_what_another_person_began_is_not_cancelled(here: World) -> None:
    other = here.again(runner=idle).ok("POST", "/v1/models/m/train", {"iterations": 7})
    assert here.refused("POST", "/v1/models/m/train", {"iterations": 3})["status"] == 409
    assert here.refused("POST", "/v1/models/m/retire", {})["status"] == 409
    assert here.ok("GET", f"/v1/runs/{other['id']}")["state"] == "queued"


def test_an_update_with_nothing_new_trains_nothing_and_answers_with_the_last_one(here: World) -> None:
    arrived(here)
    pick_up(here.platform)
    (run,) = updates_of(here)
    assert [here.ok("POST", "/v1/models/m/update", {})["id"] for _ in range(2)] == [run["id"]] * 2
    assert here.ok("GET", "/v1/models/m")["latest"] == 2


def test_an_update_that_is_asked_for_twice_is_one(here: World) -> None:
    arrived(here)
    first, second = (here.again(runner=idle).ok("POST", "/v1/models/m/update", {}) for _ in range(2))
    assert first["id"] == second["id"]


def test_an_intent_names_its_cause() -> None:
    assert {DataArrived.__struct_config__.tag, UpdateWanted.__struct_config__.tag} == {
        "data_arrived",
        "update",
    }
    assert Intent.__struct_fields__ == ("what",)


def test_a_run_that_ends_wakes_whoever_sees_to_intents(disk: Store) -> None:
    here = world(disk)
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy", {})
    assert auto_update.newest_version(here.platform.workspace("default"), _model(here)) is not None

    def waking(context: Context, ended: Ended) -> Runner:
        def both(workspace: str, model: str) -> None:
            ended(workspace, model)
            pick_up(here.platform)

        return inline(context, both)

    held = here.again(runner=lambda context, ended: IdleRunner()).ok(
        "POST", "/v1/models/m/train", {"iterations": 2}
    )
    arrived(here)
    pick_up(here.platform)
    assert updates_of(here) == []
    here.again(runner=waking).platform.runner.take_up("default", held["id"])
    assert len(updates_of(here)) == 1


def _model(here: World) -> Model:
    stored = here.platform.workspace("default").get(MODELS, "m")
    assert stored is not None
    return stored.value
