"""A run's states: one table says which may follow which, and whatever comes late changes nothing."""

from itertools import product
from typing import get_args

import pytest
from msgspec.structs import replace

from functions.runs.ending import cancel, fail, succeed
from functions.runs.lease import claim
from functions.runs.record import TRANSITIONS, RunState, has_ended, transition
from functions.storage import Lost
from lepton_core.errors import Failure
from tests.support.holders import left_behind, revision
from tests.support.stores import Store
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.world import world

STATES: tuple[RunState, ...] = get_args(RunState)
PAIRS = list(product(STATES, STATES))


def test_the_table_names_every_state() -> None:
    assert set(TRANSITIONS) == set(STATES)
    assert {state for state in STATES if not TRANSITIONS[state]} == {"succeeded", "failed"}
    assert TRANSITIONS["cancelled"] == {"queued"}, "a run that was cancelled may be resumed, and nothing else"


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_run_moves_as_the_table_says_and_out_of_a_finished_state_only_by_being_resumed(
    disk: Store, before: RunState, after: RunState
) -> None:
    here = world(disk)
    run = replace(run_of(here.platform, tiny_run(here.platform, "done")), state=before)
    if after in TRANSITIONS[before]:
        assert transition(run, after) == replace(run, state=after)
        assert has_ended(run) == (before == "cancelled")
    else:
        with pytest.raises(ValueError, match=f"a run that is {before} does not become {after}"):
            transition(run, after)


ENDINGS = ("succeed", "fail", "cancel")


@pytest.mark.parametrize(("first", "second"), list(product(ENDINGS, ENDINGS)))
def test_a_run_that_is_ended_twice_stays_as_the_first_ending_left_it(
    store: Store, first: str, second: str
) -> None:
    here = world(store)
    run, tenant = tiny_run(here.platform, "done"), here.platform.workspace("default")
    held = claim(here.platform, tenant, run, "holder")
    assert held is not None
    endings = {
        "succeed": lambda: succeed(held, tiny(), {}),
        "fail": lambda: fail(held, Failure("internal", "broken")),
        "cancel": lambda: cancel(here.platform, tenant, run),
    }
    endings[first]()
    ended, last = run_of(here.platform, run), revision(here.platform, run)
    assert ended.state == {"succeed": "succeeded", "fail": "failed", "cancel": "cancelled"}[first]
    if second == "cancel":
        endings[second]()
    else:
        with pytest.raises(Lost):
            endings[second]()
    assert (run_of(here.platform, run), revision(here.platform, run)) == (ended, last)
    assert left_behind(here.platform, run) == []
