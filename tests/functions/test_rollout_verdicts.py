"""What a watched version is taken back for, and what not: refusals of its own, slow calls, nonsense of callers."""

from typing import Any

import pytest

from functions.records.kinds import WINDOWS
from functions.serving.traffic import NEVER_SLOW_MS
from functions.system.sweep import sweep
from lepton_core.errors import InvalidData, RowFault
from lepton_core.rollout import SLOWER_MS
from tests.functions.test_rollouts import CANARY, DEPLOY, DEPLOYED, asked, broken, shares
from tests.support.failing import Failing
from tests.support.stores import Store
from tests.support.watched import Call as StoreCall
from tests.support.watched import WatchedRecords
from tests.support.world import World, two_classes, world


@pytest.fixture
def here(store: Store) -> World:
    """Version 1 serves, and version 2 is there."""
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", DEPLOY)
    made.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
    return made


@pytest.mark.parametrize("canary", [True, False])
@pytest.mark.parametrize("before", [0, 60])
def test_a_version_that_refuses_what_the_other_takes_is_rolled_back(
    here: World, canary: bool, before: int
) -> None:
    """It reads a column that callers do not send as it wants it."""
    asked(here, before)
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5} if canary else {"version": 2})
    asked(here, 60 if canary else 1)
    broken(here, 2, InvalidData("is missing", column="c"))
    began = here.clock()
    for _ in range(3):
        here.clock.forward(1.1)
        asked(here)
    assert (here.clock() - began).total_seconds() < 10
    assert shares(here) == {1: 1.0}


NONSENSE: list[Any] = [{"rows": [{"a": "no number", "b": 0.2}]}, {"rows": [{"c": 1}]}, {"rows": []}]


@pytest.mark.parametrize("canary", [True, False])
@pytest.mark.parametrize("row_errors", [False, True])
@pytest.mark.parametrize("sound", [0, 5, 60])
def test_nonsense_of_a_caller_takes_back_no_version(
    here: World, canary: bool, row_errors: bool, sound: int
) -> None:
    """However many other calls there are beside, and whether rows are refused one by one."""
    asked(here, sound)
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5} if canary else {"version": 2})
    served = shares(here)
    asked(here, sound)
    processes = [here, here.again(), here.again(background=True)]
    for at in range(240):
        process, body = (
            processes[at % 3],
            {**NONSENSE[at % 2 if row_errors else at % 3], "row_errors": row_errors},
        )
        process.ask("POST", "/v1/models/m/predict", body, headers={"x-lepton-entity": str(at % 7)})
        here.clock.forward(0.5)
        process.platform.loaded.tick()
    for process in processes:
        process.platform.loaded.flush()
    sweep(here.platform)
    assert shares(here) == served
    assert [one["name"] for one in here.ok("GET", "/v1/models/m/alerts")["items"]] == []


CELLS = {
    "infinite": float("inf"),
    "no 64 bits": 10**400,
    "half a pair": "\ud800",
    "a list": [1],
    "an object": {"x": 1},
    "too large": 1.7e308,
}


@pytest.mark.parametrize("canary", [True, False])
@pytest.mark.parametrize("row_errors", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_whatever_a_caller_writes_into_cells_takes_back_no_version(
    here: World, canary: bool, row_errors: bool, cell: str
) -> None:
    """Some of these make a body that is no body of the route, and some are refused by the model alone."""
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5} if canary else {"version": 2})
    served = shares(here)
    rows = [{"a": CELLS[cell], "b": CELLS[cell]}, {"a": 0.1, "b": 0.2}]
    for at in range(120):
        body = {"rows": rows, "row_errors": row_errors}
        here.ask("POST", "/v1/models/m/predict", body, headers={"x-lepton-entity": str(at % 7)})
        here.clock.forward(0.5)
    here.platform.loaded.flush()
    sweep(here.platform)
    assert shares(here) == served
    counted = {one["version"]: one["refused"] for one in here.ok("GET", "/v1/models/m/monitor")["versions"]}
    assert counted[2] > 20


@pytest.mark.parametrize("canary", [True, False])
def test_calls_that_take_long_to_be_refused_make_no_version_slow(here: World, canary: bool) -> None:
    """A wrong cell may be the last one of a large call."""
    asked(here, 60)
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5} if canary else {"version": 2})
    served = shares(here)
    asked(here, 60)
    stable: Any = here.platform.loaded.get("default", "m", version=1 if canary else None)
    watched = stable.split.canary if canary else stable
    assert watched.version == 2
    for _ in range(40):
        watched.count_error(200.0, here.clock(), 20_000, "invalid_data", alike=True)
    here.platform.loaded.flush()
    sweep(here.platform)
    assert shares(here) == served
    counted = {one["version"]: one["refused"] for one in here.ok("GET", "/v1/models/m/monitor")["versions"]}
    assert counted[2] == 40


@pytest.mark.parametrize("canary", [True, False])
def test_a_version_that_refuses_rows_of_files_which_the_other_takes_is_rolled_back(
    here: World, canary: bool
) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5} if canary else {"version": 2})
    rows = [{"a": 0.1, "b": 0.2}, {"a": 0.3, "b": 0.4}]
    asked(here, 60)
    broken(here, 2, InvalidData.in_rows({1: RowFault("is missing", "c")}))
    errors = {1: set[int](), 2: set[int]()}
    for at in range(120):
        body = {"rows": rows, "row_errors": True}
        headers = {"x-lepton-entity": str(at)}
        status, answer = here.ask("POST", "/v1/models/m/predict", body, headers=headers)
        assert status == 200
        errors[answer["version"]].add(sum("error" in one for one in answer["predictions"]))
        here.clock.forward(0.5)
    here.platform.loaded.flush()
    sweep(here.platform)
    assert errors == {1: {0}, 2: {2}}
    assert shares(here) == {1: 1.0}
    [first, *_] = here.ok("GET", f"{DEPLOYED}/history")["items"]
    assert (first["cause"], first["by"]) == ("rolled back", "failing")
    assert "calls of version 2 refused" in first["reason"]


def test_among_much_nonsense_a_version_that_refuses_some_good_calls_is_still_seen(here: World) -> None:
    def nonsense(times: int) -> None:
        for _ in range(times):
            here.ask("POST", "/v1/models/m/predict", NONSENSE[0])

    asked(here, 100)
    nonsense(100)
    here.ok("POST", DEPLOY, {"version": 2})
    asked(here, 40)
    nonsense(40)
    assert shares(here) == {2: 1.0}
    loaded: Any = here.platform.loaded
    loaded._loaded["default", "m"].predictor = Failing(
        loaded._loaded["default", "m"].predictor, InvalidData("is missing", column="c")
    )
    here.clock.forward(1.1)
    asked(here, 20)
    nonsense(20)
    here.clock.forward(1.1)
    asked(here, 1)
    assert shares(here) == {1: 1.0}
    reason = here.ok("GET", f"{DEPLOYED}/history")["items"][0]["reason"]
    assert "of version 2 refused, 0 of 100 of version 1" in reason


@pytest.mark.parametrize("canary", [True, False])
def test_a_slow_version_is_taken_back_by_the_process_that_answers_before_any_sweep(
    here: World, canary: bool
) -> None:
    asked(here, 80)
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5} if canary else {"version": 2})
    asked(here, 40)
    broken(here, 2, seconds=0.06)
    began = here.clock()
    for _ in range(5):
        here.clock.forward(1.1)
        asked(here, 20)
    assert shares(here) == {1: 1.0} and (here.clock() - began).total_seconds() < 10
    [first, *_] = here.ok("GET", f"{DEPLOYED}/history")["items"]
    assert (first["cause"], first["by"]) == ("rolled back", "slow"), first


def test_however_long_calls_take_a_process_looks_ever_more_rarely(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5})
    seen = list[str]()

    def watch(call: StoreCall) -> None:
        if call.name == "records.query" and f"/{WINDOWS.name}/" in call.arguments[0]:
            seen.append(call.name)

    process, looked = here.again(records=WatchedRecords(here.platform.records, before=watch)), 0
    for _ in range(10):
        seen.clear()
        here.clock.forward(1.1)
        asked(process, 20)
        loaded: Any = process.platform.loaded
        loaded._loaded["default", "m"].split.canary.slow_ms = 0.0  # whatever it takes may be slow
        looked += bool(seen)
    assert 2 <= looked <= 4  # with 10, 20, 40 and 80 of its hundred calls at most


def test_a_call_that_is_known_not_to_be_slow_is_no_reason_to_look(here: World) -> None:
    assert NEVER_SLOW_MS == SLOWER_MS
