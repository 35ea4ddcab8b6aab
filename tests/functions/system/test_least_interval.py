"""An update that came by itself waits for its policy's least interval, and costs little while it waits."""

from datetime import timedelta

import pytest

from functions.records.kinds import INTENTS
from functions.settings import Settings
from functions.storage import Put
from functions.system.pick_up import pick_up
from tests.support.stores import Store
from tests.support.updates import arrived, intents, policy, updates_of, updating
from tests.support.watched import WatchedRecords, once
from tests.support.world import World


@pytest.fixture
def here(store: Store) -> World:
    return updating(store)


def test_an_update_comes_not_sooner_than_the_policys_least_interval_and_then_by_itself(here: World) -> None:
    policy(here, least_interval=3600.0)
    arrived(here)
    here.clock.forward(3599)
    pick_up(here.platform)
    assert updates_of(here) == []
    here.clock.forward(1)
    pick_up(here.platform)
    assert [run["state"] for run in updates_of(here)] == ["succeeded"]


@pytest.mark.parametrize("looks", [[0, 1, 3599, 3600], [0, 3600, 3601], [1800, 3599, 7200], [5000]])
def test_an_update_begins_at_the_first_look_from_the_end_of_the_interval_on(
    here: World, looks: list[int]
) -> None:
    policy(here, least_interval=3600.0)
    arrived(here)
    trained = here.clock()
    for seconds in looks:
        here.clock.now = trained + timedelta(seconds=seconds)
        pick_up(here.platform)
        assert len(updates_of(here)) == (seconds >= 3600)


def test_until_then_a_look_reads_the_intents_and_nothing_else(here: World) -> None:
    policy(here, least_interval=3600.0)
    arrived(here)
    pick_up(here.platform)
    seen: set[str] = set()
    records = WatchedRecords(here.platform.records, before=lambda call: seen.update(call.places))
    here.clock.forward(3599)
    pick_up(here.again(records=records).platform)
    assert seen == {"_system/intents"}


def test_another_cause_does_not_make_it_sooner(here: World) -> None:
    policy(here, least_interval=3600.0)
    for seed in (1, 2):
        arrived(here, seed)
        pick_up(here.platform)
    assert updates_of(here) == [] and intents(here) == ["update:default:m"]
    here.clock.forward(3600)
    pick_up(here.platform)
    assert here.ok("GET", "/v1/models/m/versions/2")["dataset_version"] == 3


def test_a_policy_that_asks_for_it_sooner_counts_at_once(here: World) -> None:
    policy(here, least_interval=3600.0)
    arrived(here)
    pick_up(here.platform)
    woken: list[int] = []
    policy(here.again(wake=lambda: woken.append(1)), least_interval=60.0)
    assert woken == [1]
    here.clock.forward(60)
    pick_up(here.platform)
    assert len(updates_of(here)) == 1 and intents(here) == []


def test_a_policy_that_changes_while_the_update_is_put_off_is_not_forgotten(here: World) -> None:
    policy(here, least_interval=3600.0)
    arrived(here)
    pick_up(here.again(settings=Settings(quiet_seconds=60.0)).platform)
    at_the_same_moment = once(lambda: policy(here, least_interval=0.0), lambda call: call.writes)
    pick_up(here.again(records=WatchedRecords(here.platform.records, before=at_the_same_moment)).platform)
    assert updates_of(here) == []
    pick_up(here.platform)
    assert len(updates_of(here)) == 1 and intents(here) == []


def test_an_update_that_is_put_off_waits_for_no_clock_that_was_set_back(here: World) -> None:
    policy(here, least_interval=3600.0)
    arrived(here)
    pick_up(here.platform)
    here.clock.forward(-86_400)
    pick_up(here.platform)
    assert len(updates_of(here)) == 1


def test_an_intent_of_the_lepton_before_is_acted_upon(here: World) -> None:
    arrived(here)
    for key in intents(here):
        stored = here.platform.system.get(INTENTS, key)
        assert stored is not None
        here.platform.system.write(here.platform.system.delete(INTENTS, key, expect=stored.revision))
    what = (
        b'{"type":"update","workspace":"default","model":"m","reason":"data","since":"2030-01-01T00:00:00Z"}'
    )
    here.platform.records.write([Put("_system/intents", "update:default:m", b'{"what":%s}' % what, 0)])
    pick_up(here.platform)
    assert len(updates_of(here)) == 1 and intents(here) == []
