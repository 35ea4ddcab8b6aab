"""A run that goes round by round: fenced by its record, planned twice without harm, blamed for what had begun only."""

from typing import Any

import pytest

from functions.records.kinds import DUE_RUNS
from functions.runs.by_name import ByName, work
from functions.runs.ending import cancel
from functions.runs.executions import Executions
from functions.runs.kind import Kinds
from functions.runs.lease import claim
from functions.runs.perform import Worker
from functions.runs.record import Run
from functions.runs.rounds import (
    MANY_TASKS,
    MOST_TASKS,
    MOST_UNDER_WAY,
    MOST_WIDE_TASKS,
    NEXT_LOOK_SECONDS,
    ROUNDS,
    Ended,
    Next,
    Planner,
    Round,
)
from functions.settings import Settings
from lepton_core.errors import Unavailable
from tests.support.faults import Killed
from tests.support.holders import left_behind, results_of
from tests.support.machine_runs import LIMITS, of_kinds
from tests.support.stepped import Stepped, first_round
from tests.support.stores import Store, memory_store
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.world import World, world

KILLED = Killed("the process is gone")


def stepped(here: World, kinds: Kinds | None = None, left: int = LIMITS) -> Stepped:
    return Stepped(of_kinds(lambda: here.again().platform, kinds or tiny(), left), here.clock.forward)


def driven(here: World, run: str, machine: Stepped, workspace: str = "default") -> Run:
    Executions(here.platform, machine.begin).start(workspace, run)
    return run_of(here.platform, run, workspace)


def planned(here: World, asked: Round) -> Next:
    return Planner(here.platform, tiny()).next(asked)


def following(said: Next, *ended: Ended) -> Round:
    return Round(said.workspace, said.run, said.attempt, said.name, said.round, said.seconds, list(ended))


def held_by(here: World, run: str) -> str:
    lease = run_of(here.platform, run).lease
    return "" if lease is None else lease.owner


def test_a_run_goes_round_by_round_to_its_end(store: Store) -> None:
    here = world(store)
    run, machine = tiny_run(here.platform, "done", "done"), stepped(here)
    ended = driven(here, run, machine)
    assert (ended.state, ended.attempt, ended.tasks_done) == ("succeeded", 1, 2)
    assert [one["next"] for one in machine.said] == ["work", "end"]
    assert machine.names == [f"{run}-1"]
    assert left_behind(here.platform, run) == []


def test_what_an_execution_carries_are_names(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    said = planned(here, first_round(run))
    assert [(one.task, one.at) for one in said.tasks] == [("fold-0", 0)]
    assert said.plan is not None
    assert said.plan.key.startswith(f"default/runs/{run}/plan-1-")


def test_a_plan_that_is_asked_twice_claims_once_and_counts_once(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    first = planned(here, first_round(run))
    again = planned(here, first_round(run))
    assert (first.next, again.next, run_of(here.platform, run).attempt) == ("work", "work", 1)
    task = ByName("default", run, 1, "fold-0", first.plan)  # type: ignore[arg-type]
    with pytest.raises(Killed):
        work(Worker(here.platform, tiny(done=killed)), task, lambda: False)
    for _ in range(3):
        assert planned(here, following(first, Ended(died="fold-0"))).next == "work"
    assert run_of(here.platform, run).crashes == 1


def killed(*_: Any) -> None:
    raise KILLED


@pytest.mark.parametrize("state", ["cancelled", "taken", "held", "gone"])
def test_an_execution_that_finds_the_run_ended_or_anothers_ends_itself(store: Store, state: str) -> None:
    here = world(store)
    run, tenant = tiny_run(here.platform, "done"), here.platform.workspace("default")
    first = planned(here, first_round(run))
    if state == "cancelled":
        cancel(here.platform, tenant, run)
    if state in ("taken", "held"):
        here.clock.forward(31)
        assert claim(here.platform, tenant, run, f"{run}-2#0") is not None
    if state == "gone":
        run = "run-none"
    before = left_behind(here.platform, run)
    asked = first_round(run) if state in ("held", "gone") else following(first)
    assert planned(here, asked).next == "end"
    assert left_behind(here.platform, run) == before
    if state == "taken":
        assert held_by(here, run) == f"{run}-2#0"


def test_two_executions_of_one_attempt_are_told_apart_by_their_names(store: Store) -> None:
    """One that was stopped before it took the run up, and went on all the same."""
    here = world(store)
    run = tiny_run(here.platform, "done")
    planned(here, Round("default", run, 1, f"{run}-1.1"))
    assert planned(here, first_round(run)).next == "end"
    assert held_by(here, run) == f"{run}-1.1#0"


def test_a_start_is_one_however_often_it_is_asked_for(store: Store) -> None:
    here, begun = world(store), list[tuple[str, bytes]]()
    run = tiny_run(here.platform, "done")

    def begin(name: str, asked: bytes) -> bool:
        begun.append((name, asked))
        return True

    for _ in range(3):
        Executions(here.platform, begin).start("default", run)
    assert len(set(begun)) == 1
    planned(here, first_round(run))
    Executions(here.platform, begin).start("default", run)
    assert len(begun) == 3, "it is held"
    here.clock.forward(31)
    Executions(here.platform, begin).start("default", run)
    assert begun[-1][0] == f"{run}-2"
    cancel(here.platform, here.platform.workspace("default"), run)
    Executions(here.platform, begin).start("default", run)
    assert len(begun) == 4


def test_a_run_whose_execution_was_stopped_before_it_began_gets_another_one(store: Store) -> None:
    here = world(store)
    run, machine = tiny_run(here.platform, "done"), stepped(here)
    machine.names += [f"{run}-1", f"{run}-1.1"]
    assert driven(here, run, machine).state == "succeeded"
    assert machine.names[-1] == f"{run}-1.2"


def test_a_store_that_is_away_at_the_start_leaves_the_run_to_the_sweep(store: Store) -> None:
    here = world(store)

    def away(name: str, asked: bytes) -> bool:
        raise Unavailable("the store is busy")

    run = tiny_run(here.platform, "done")
    Executions(here.platform, away).start("default", run)
    assert run_of(here.platform, run).state == "queued"


@pytest.mark.parametrize(("rounds", "left"), [(3, LIMITS), (3, LIMITS - 1)])
def test_a_task_is_done_slice_after_slice_while_there_is_time(store: Store, rounds: int, left: int) -> None:
    here, shown = world(store), list[int]()
    run = tiny_run(here.platform, "done", rounds=rounds)

    def look(context: Any, now: Run, name: str) -> None:
        shown.append(run_of(here.platform, run).progress.iteration)

    machine = stepped(here, tiny(done=look), left)
    assert driven(here, run, machine).state == "succeeded"
    assert shown == [0, 1, 2], "each slice was told of before the next one began"
    works = [one["next"] for one in machine.said].count("work")
    assert works == (1 if left == LIMITS else rounds)


def test_a_worker_extends_the_lease_of_its_run(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done", rounds=4)

    def slow(context: Any, now: Run, name: str) -> None:
        here.clock.forward(20)
        assert claim(here.platform, here.platform.workspace("default"), run, "thief") is None

    assert driven(here, run, stepped(here, tiny(done=slow))).attempt == 1


@pytest.mark.parametrize("rounds", [0, 3])
def test_a_run_that_is_cancelled_during_a_slice_is_left_alone_after_it(store: Store, rounds: int) -> None:
    here, calls = world(store), list[str]()
    run = tiny_run(here.platform, "done", rounds=rounds)

    def cancelled(context: Any, now: Run, name: str) -> None:
        calls.append(name)
        cancel(here.platform, here.platform.workspace("default"), run)

    machine = stepped(here, tiny(done=cancelled))
    assert driven(here, run, machine).state == "cancelled"
    assert calls == ["done"]
    assert left_behind(here.platform, run) == []


def test_a_task_of_another_attempt_does_nothing(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    first = planned(here, first_round(run))
    here.clock.forward(31)
    planned(here, first_round(run, 2))
    assert first.plan is not None
    for attempt, name in ((1, run), (3, run), (2, "run-none")):
        asked = ByName("default", name, attempt, "fold-0", first.plan)
        assert work(Worker(here.platform, tiny()), asked, lambda: False) == Ended(late=True)
    assert results_of(here.platform, run) == {}


def test_a_plan_that_is_damaged_is_made_again(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    first = planned(here, first_round(run))
    assert first.plan is not None
    here.platform.blobs.delete(first.plan.key)
    asked = ByName("default", run, 1, "fold-0", first.plan)
    ended = work(Worker(here.platform, tiny()), asked, lambda: False)
    assert ended.away
    waiting = planned(here, following(first, ended))
    assert (waiting.next, waiting.seconds) == ("wait", 1)
    again = planned(here, following(waiting))
    assert again.next == "work"
    assert again.plan != first.plan


@pytest.mark.parametrize(("task", "code"), [("refuse", "invalid_input"), ("boom", "internal")])
def test_errors_end_the_run_typed_and_with_nothing_of_our_own(store: Store, task: str, code: str) -> None:
    here = world(store)
    run = tiny_run(here.platform, task, "done")
    ended = driven(here, run, stepped(here))
    assert (ended.state, ended.error.code if ended.error else "") == ("failed", code)
    assert "secret" not in str(ended.error)
    assert left_behind(here.platform, run) == []


def test_a_run_whose_functions_keep_dying_fails(store: Store) -> None:
    here = world(store, settings=Settings(attempts=3))
    run = tiny_run(here.platform, "fall", "done")
    machine = stepped(here, tiny(fall=killed))
    ended = driven(here, run, machine)
    assert (ended.state, ended.error.code if ended.error else "") == ("failed", "internal")
    # The first round had its neighbour's result, and three more had none.
    assert [one["next"] for one in machine.said] == ["work"] * 3 + ["end"]
    assert left_behind(here.platform, run) == []


def test_progress_between_deaths_is_forgiven(store: Store) -> None:
    here, times = world(store, settings=Settings(attempts=2)), list[int]()
    run = tiny_run(here.platform, "fall", rounds=6)

    def fall(context: Any, now: Run, name: str) -> None:
        times.append(1)
        if len(times) % 2 == 0:
            raise KILLED

    assert driven(here, run, stepped(here, tiny(fall=fall))).state == "succeeded"


@pytest.mark.parametrize(
    "ended", [Ended(busy="fold-0"), Ended(died="fold-0"), Ended(away="the store is busy")]
)
def test_what_had_not_begun_is_nobodys_crash_and_waits_ever_longer(store: Store, ended: Ended) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    said, waits = planned(here, first_round(run)), list[int]()
    for _ in range(12):
        waiting = planned(here, following(said, ended))
        assert planned(here, following(said, ended)).next in ("work", "continue"), "asked twice: it goes on"
        waits.append(waiting.seconds)
        here.clock.forward(waiting.seconds)
        said = planned(here, following(waiting))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    now = run_of(here.platform, run)
    assert (now.crashes, now.state, now.worked) == (0, "running", 0.0)


def test_a_wait_is_told_and_over_with_the_next_result(store: Store) -> None:
    here, left, notes = world(store), ["the store is busy"] * 2, list[str]()
    run, machine = tiny_run(here.platform, "away"), stepped(here, tiny(away=lambda *_: busy(left)))
    machine.forward = lambda seconds: notes.append(run_of(here.platform, run).progress.note)
    ended = driven(here, run, machine)
    assert (ended.state, ended.attempt, ended.progress.note) == ("succeeded", 1, "")
    assert notes == ["waits: the store is busy"] * 2


def busy(left: list[str]) -> None:
    if left:
        raise Unavailable(left.pop())


def test_of_a_workspace_with_many_runs_under_way_further_ones_wait_for_their_turn(store: Store) -> None:
    here = world(store)
    runs = [tiny_run(here.platform, "done", workspace="greedy") for _ in range(MOST_UNDER_WAY + 1)]
    other = tiny_run(here.platform, "done", workspace="other")
    last = planned(here, first_round(runs[-1], workspace="greedy"))
    assert (last.next, last.seconds) == ("wait", NEXT_LOOK_SECONDS)
    assert run_of(here.platform, runs[-1], "greedy").state == "queued"
    assert planned(here, first_round(other, workspace="other")).next == "work"
    assert planned(here, first_round(runs[-2], workspace="greedy")).next == "work"
    assert driven(here, runs[0], stepped(here), "greedy").state == "succeeded"
    assert planned(here, following(last)).next == "work"


def test_a_long_run_goes_on_as_a_new_execution(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done", rounds=2 * ROUNDS)
    machine = stepped(here, left=LIMITS - 1)
    ended = driven(here, run, machine)
    assert (ended.state, ended.attempt) == ("succeeded", 1)
    assert machine.names == [f"{run}-1", f"{run}-1-{ROUNDS}", f"{run}-1-{2 * ROUNDS}"]
    assert left_behind(here.platform, run) == []


def test_a_round_has_as_many_tasks_as_a_machine_does_at_once(store: Store) -> None:
    here = world(store)
    run, machine = tiny_run(here.platform, *["done"] * (MOST_TASKS + 5)), stepped(here)
    assert driven(here, run, machine).state == "succeeded"
    assert [len(one["tasks"]) for one in machine.said] == [MOST_TASKS, 5, 0]


def test_a_plan_of_very_many_tasks_goes_to_the_machine_that_does_each_by_itself() -> None:
    here = world(memory_store())
    run, machine = tiny_run(here.platform, *["done"] * (MANY_TASKS + 1)), stepped(here)
    assert driven(here, run, machine).state == "succeeded"
    assert [one["next"] for one in machine.said] == ["widen", "work", "end"]
    assert len(machine.said[1]["tasks"]) == MANY_TASKS + 1 <= MOST_WIDE_TASKS
    assert machine.names == [f"{run}-1", f"{run}-1-1"]


def test_the_pointer_of_a_run_that_is_gone_goes_as_well(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    machine = stepped(here)
    driven(here, run, machine)
    assert [key for key, _ in here.platform.system.list(DUE_RUNS)] == []
