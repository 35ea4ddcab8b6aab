"""Sides are kept, shares are right, and what is wrong with a version is told from chance."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.drift import Sketch, no_calls
from lepton_core.drift.latency import bucket
from lepton_core.rollout import LOOK_LEVEL, Bake, fault, judge, more_by_chance, side

NOW = datetime(2030, 1, 1, tzinfo=UTC)
BAKE = Bake(2, 1, NOW + timedelta(minutes=5), canary=True)


def calls(requests: int, *, refused: int = 0, failed: int = 0, ms: float = 5.0, slow: int = 0) -> Sketch:
    """So many calls, of which ``refused`` and ``failed`` ones had no answer, and ``slow`` ones took 1000 ms."""
    latency = no_calls().latency.copy()
    latency[bucket(ms)] += requests - slow
    latency[bucket(1000.0)] += slow
    return Sketch(
        requests, requests, 0, {}, np.zeros(0, dtype=np.int64), latency, refused + failed, failed, {}
    )


class TestSide:
    @given(st.text(max_size=40), st.floats(0, 1), st.floats(0, 1))
    def test_a_weight_that_grows_moves_nobody_back(self, sticky: str, one: float, other: float) -> None:
        low, high = sorted((one, other))
        assert side(high, "m:2", sticky) or not side(low, "m:2", sticky)
        assert side(1.0, "m:2", sticky) and not side(0.0, "m:2", sticky)

    @pytest.mark.parametrize("weight", [0.01, 0.1, 0.5, 0.9])
    def test_shares_are_those_that_are_wanted(self, weight: float) -> None:
        many = 20_000
        found = sum(side(weight, "m:7", str(at)) for at in range(many))
        assert abs(found - weight * many) < 4 * sqrt(many * weight * (1 - weight))

    def test_another_rollout_deals_otherwise(self) -> None:
        ids = [str(at) for at in range(2000)]
        both = sum(side(0.5, "m:2", one) and side(0.5, "m:3", one) for one in ids)
        assert 400 < both < 600


class TestChance:
    @given(st.integers(0, 12), st.integers(1, 12), st.integers(0, 12), st.integers(1, 12))
    def test_is_fishers_test(self, bad: int, calls: int, bad_before: int, before: int) -> None:
        bad, bad_before = min(bad, calls), min(bad_before, before)
        every = bad + bad_before
        if bad * before <= bad_before * calls:
            assert more_by_chance(bad, calls, bad_before, before) == 1.0
            return
        likely = sum(
            comb(calls, k) * comb(before, every - k)
            for k in range(bad, min(every, calls) + 1)
            if every - k <= before
        )
        assert more_by_chance(bad, calls, bad_before, before) == pytest.approx(
            likely / comb(calls + before, every)
        )

    def test_two_equal_versions_are_hardly_ever_told_apart_however_often_one_looks(self) -> None:
        rng = np.random.default_rng(0)
        wrong = 0
        for _ in range(300):
            new, old = rng.random((2, 1500)) < 0.05
            looks = zip(np.cumsum(new)[19::20], np.cumsum(old)[19::20], range(20, 1501, 20), strict=True)
            wrong += any(
                fault(calls(n, refused=int(a)), calls(n, refused=int(b)), "new", "old") is not None
                for a, b, n in looks
            )
        assert wrong <= 1


class TestFault:
    @pytest.mark.parametrize("old", [calls(0), calls(1), calls(200)])
    def test_fifty_refused_calls_of_fifty_are_never_healthy(self, old: Sketch) -> None:
        found = fault(calls(50, refused=50), old, "version 2", "version 1")
        assert found is not None and found.rule == "failing"
        assert found.reason.startswith("50 of 50 calls of version 2 refused, ")

    def test_what_callers_do_wrong_on_both_sides_is_no_fault_of_a_version(self) -> None:
        assert fault(calls(50, refused=50), calls(80, refused=79), "new", "old") is None
        assert fault(calls(400, refused=24), calls(4000, refused=240), "new", "old") is None

    def test_a_few_calls_that_fail_are_enough_beside_many_that_do_not(self) -> None:
        assert fault(calls(2, failed=2), calls(200), "new", "old") is None
        found = fault(calls(3, failed=3), calls(200), "version 2", "version 1")
        assert found is not None
        assert found.reason == "3 of 3 calls of version 2 failed, 0 of 200 of version 1"
        assert (found.value, found.line) == (1.0, 0.0)

    def test_failures_are_told_from_refusals(self) -> None:
        """Each is compared with its own kind: a fault of ours is not hidden by calls that are refused as ever."""
        found = fault(calls(500, refused=100, failed=20), calls(500, refused=120), "new", "old")
        assert found is not None and "20 of 500 calls of new failed" in found.reason

    def test_twice_as_long_is_slow_if_it_is_much_and_not_chance(self) -> None:
        old = calls(200, ms=40.0)
        assert fault(calls(5, ms=200.0), calls(5, ms=40.0), "new", "old") is None
        assert fault(calls(200, ms=55.0), old, "new", "old") is None
        assert fault(calls(200, ms=20.0), calls(200, ms=2.0), "new", "old") is None
        found = fault(calls(200, ms=200.0), old, "version 2", "version 1")
        assert found is not None and found.rule == "slow"
        assert "p50 of 200 calls of version 2 is" in found.reason
        assert found.value > found.line

    def test_a_slow_tail_is_slow(self) -> None:
        assert fault(calls(300, slow=2), calls(300), "new", "old") is None
        found = fault(calls(300, slow=30), calls(300), "new", "old")
        assert found is not None and found.reason.startswith("p99 of 300 calls of new is")

    def test_what_both_refuse_says_nothing(self) -> None:
        garbage = replace(calls(100, refused=50), alike=50)
        assert fault(garbage, calls(1000), "new", "old") is None
        found = fault(replace(garbage, refused=60), calls(1000), "new", "old")
        assert found is not None and found.reason.startswith("10 of 50 calls of new refused")

    def test_a_few_slow_calls_are_the_first_ones_of_processes(self) -> None:
        assert fault(calls(3, ms=60.0), calls(200), "new", "old") is None
        assert fault(calls(9, ms=600.0), calls(2000), "new", "old") is None
        assert fault(calls(10, ms=600.0), calls(2000), "new", "old") is not None

    def test_calls_of_more_rows_may_take_longer(self) -> None:
        old = calls(200, ms=5.0)
        files = replace(calls(200, ms=400.0), rows=200 * 5000)
        assert fault(files, old, "new", "old") is None
        assert fault(calls(200, ms=400.0), files, "new", "old") is None
        assert fault(calls(200, ms=400.0), old, "new", "old") is not None

    def test_calls_that_were_refused_are_not_quick_ones(self) -> None:
        both = calls(100, ms=40.0)
        latency = both.latency.copy()
        latency[bucket(0.5)] += 150
        old = replace(both, requests=250, refused=150, latency=latency)
        assert fault(both, old, "new", "old") is None
        assert fault(calls(100, ms=200.0), old, "new", "old") is not None

    def test_calls_that_take_long_to_be_refused_are_no_slow_ones(self) -> None:
        late = no_calls().latency.copy()
        late[bucket(1000.0)] += 50
        garbage = replace(calls(150, refused=50, slow=50), alike=50)
        assert fault(replace(garbage, unanswered=late), calls(200), "new", "old") is None
        assert fault(garbage, calls(200), "new", "old") is not None
        slow = replace(calls(150, refused=50, slow=80), alike=50, unanswered=late)
        assert fault(slow, calls(200), "new", "old") is not None

    def test_calls_that_are_explained_are_compared_with_none(self) -> None:
        late = no_calls().latency.copy()
        late[bucket(1000.0)] += 50
        explained = calls(150, slow=50)
        assert fault(explained, calls(200), "new", "old") is not None
        assert fault(replace(explained, explained=late, explained_rows=50), calls(200), "new", "old") is None
        slow = replace(calls(150, slow=80), rows=100 + 50 * 1000, explained=late, explained_rows=50 * 1000)
        assert fault(slow, calls(200), "new", "old") is not None

    def test_a_line_without_a_comparison_is_as_sure_as_a_comparison(self) -> None:
        assert fault(calls(3, failed=3), calls(0), "new", "old") is not None
        assert fault(calls(40, refused=14), calls(0), "new", "old") is None
        assert fault(calls(40, refused=20), calls(0), "new", "old") is not None


class TestJudge:
    def test_a_canary_is_watched_and_then_promoted(self) -> None:
        new, old = calls(40, refused=1), calls(400, refused=8)
        waits = judge(new, old, BAKE, NOW)
        assert (waits.action, waits.wrong) == ("wait", None)
        assert waits.reason == "it is watched until 2030-01-01 00:05 UTC"
        done = judge(new, old, BAKE, BAKE.until)
        assert done.action == "promote"
        assert done.reason.endswith("40 calls, 1 refused, 0 failed")

    def test_what_waits_is_not_promoted_and_what_fails_is_rolled_back_all_the_same(self) -> None:
        late = BAKE.until + timedelta(days=1)
        for bake, why in (
            (Bake(2, 1, NOW, canary=True, paused=True), "it is paused"),
            (Bake(2, 1, NOW, canary=True, approval=True), "it waits for somebody to promote it"),
            (Bake(2, 1, NOW, canary=False), "it has all of the traffic"),
        ):
            assert (judge(calls(9), calls(9), bake, late).action, why) == (
                "wait",
                judge(calls(9), calls(9), bake, late).reason,
            )
            found = judge(calls(9, failed=9), calls(200), bake, late)
            assert found.action == "roll back"
            assert found.wrong is not None and found.wrong.rule == "failing"

    def test_what_was_never_called_is_not_promoted(self) -> None:
        assert judge(no_calls(), calls(9), BAKE, BAKE.until).reason == "it has not been called yet"

    def test_a_level_of_many_looks(self) -> None:
        assert LOOK_LEVEL < 0.001 / 50
