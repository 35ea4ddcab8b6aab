"""Of several drivers that could make way for another workspace, one does that nobody has to wait for."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.threads import Threads
from functions.runs.runners import LOOKS_WITHIN
from tests.support.clocks import Seconds
from tests.support.endless import Endless
from tests.support.holders import Gate
from tests.support.stores import Store
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.waiting import happened, joined, until
from tests.support.world import world


@given(drivers=st.integers(2, 8), data=st.data())
def test_a_driver_with_a_task_under_way_gives_nothing_back_while_another_has_none(
    store: Store, drivers: int, data: st.DataObject
) -> None:
    runs = [f"greedy-{number}" for number in range(drivers)]
    with Endless(world(store).platform, drivers, Seconds()) as endless:
        endless.busy = data.draw(st.sets(st.sampled_from(runs)), "busy")
        endless.may_yield.set()
        endless.start("greedy", range(drivers))
        until(lambda: endless.looked == set(runs), "each has looked")
        others = data.draw(st.integers(1, max(1, min(drivers - len(endless.busy), drivers // 2))), "others")
        for number in range(others):
            endless.start(f"other-{number}", range(1))
        endless.have_begun(drivers + others)
        endless.close()
        assert len(endless.given_back) == others
        if len(endless.busy) < drivers:
            assert not endless.busy & set(endless.given_back)


def test_a_driver_that_is_held_up_is_not_waited_for(store: Store) -> None:
    clock = Seconds()
    with Endless(world(store).platform, 2, clock) as endless:
        endless.busy = {"greedy-1"}
        endless.may_yield.set()
        endless.start("greedy", range(2))
        until(lambda: endless.looked == {"greedy-0", "greedy-1"}, "each has looked")
        endless.hung = {"greedy-0"}
        until(lambda: endless.looked == {"greedy-1"}, "one looks no more")
        endless.start("other", range(1))
        for _ in range(2):
            endless.looked.clear()
            until(lambda: endless.looked, "the busy one has looked")
        assert endless.given_back == []
        clock.now += 1.1 * LOOKS_WITHIN
        endless.have_begun(3)
        endless.close()
        assert endless.given_back == ["greedy-1"]


def test_a_holder_that_is_asked_to_yield_says_whether_a_task_is_under_way(store: Store) -> None:
    """One that waits for a worker is not under way."""
    here, gate, said = world(store), Gate(), list[bool]()
    kinds = tiny(gate=gate)
    run = tiny_run(here.platform, "done", "gate", "done")
    place = Threads(Worker(here.platform, kinds), 1)

    def yielding(under_way: bool) -> bool:
        said.append(under_way)
        return False

    holder = threading.Thread(
        target=lambda: Driver(here.platform, kinds, place).drive("default", run, yielding=yielding)
    )
    holder.start()
    happened(gate.began, "the second task is under way")
    until(lambda: said[-1:] == [True], "it is said")
    gate.go_on.set()
    joined(holder)
    assert run_of(here.platform, run).state == "succeeded"
    assert said[-1] is False
