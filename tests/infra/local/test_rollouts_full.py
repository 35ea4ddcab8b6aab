"""Fifty changes of a share under load, each counted: who is dealt by a hash needs no luck to be dealt right.

Calls that are dealt by chance leave a bound of three sigmas at one of fifty changes in 13 % of all runs. So the ids are
fixed, and with them the side of each: what a change should give is known before, id by id, and is the same in each run.
That the ids are dealt as chance deals is then one statement about the hash, over all fifty shares together.
"""

import random
import time
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from pathlib import Path

import pytest

from lepton_core.rollout import side
from tests.infra.local.callers import SALT, Answered, Client, load, rows, settled, trained
from tests.infra.local.test_rollouts import CHANGES
from tests.infra.local.test_up import up
from tests.support.sampling import full
from tests.support.waiting import until

pytestmark = pytest.mark.slow

COUNTED = 200
"""Ids that are asked for after each change."""

CHI_SQUARE = (24.7, 86.7)
"""Between these lies a chi-square of fifty degrees of freedom, but for one in a thousand on either side."""

WEIGHTS = [round(0.05 + 0.9 * random.Random(at).random(), 3) for at in range(CHANGES)]


def ids(change: int) -> list[str]:
    """Those that are asked for after a change: no id is asked for twice."""
    return [f"{change}:{number}" for number in range(COUNTED)]


def dealt(weight: float, entity: str) -> int:
    return 2 if side(weight, SALT, entity) else 1


def test_the_fixed_ids_are_dealt_as_chance_deals() -> None:
    off = []
    for change, weight in enumerate(WEIGHTS, start=1):
        canary = [dealt(weight, one) for one in ids(change)].count(2)
        off.append((canary - COUNTED * weight) / sqrt(COUNTED * weight * (1 - weight)))
    assert max(map(abs, off)) <= 3
    assert CHI_SQUARE[0] < sum(one * one for one in off) < CHI_SQUARE[1]


@dataclass
class Timeline:
    """The shares, each with when it was asked for, and when both servers knew the next one: until then it may count."""

    shares: list[tuple[float, float]] = field(default_factory=list)
    known: list[float] = field(default_factory=list)

    def routed(self, call: Answered) -> set[int]:
        """The versions that the call may have had."""
        ends = [*self.known[1:], float("inf")]
        return {
            dealt(share, call.entity)
            for (asked, share), end in zip(self.shares, ends, strict=True)
            if asked <= call.answered and call.sent <= end
        }


@pytest.mark.skipif(not full(), reason="with --full only")
def test_at_each_of_fifty_changes_every_id_gets_its_version_and_then_what_refuses_is_taken_back(
    tmp_path: Path,
) -> None:
    with up(tmp_path) as one, up(tmp_path) as two:
        clients = [Client(one), Client(two)]
        first = clients[0]
        first.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
        first.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
        trained(first, rows(lambda i: "xy"[i % 2]))
        trained(first)
        first.ok("POST", "/v1/models/m/deploy", {"version": 1})
        for client in clients:
            assert client.version("anybody") == 1
        line = Timeline([(0.0, 0.0)], [0.0])
        with load(clients) as seen:
            before = 0.0
            for change, weight in enumerate(WEIGHTS, start=1):
                line.shares.append((time.monotonic(), weight))
                body = {"version": 2, "canary": weight, "bake_minutes": 600}
                clients[change % 2].ok("POST", "/v1/models/m/deploy", body)
                settled(clients, before, weight)
                line.known.append(time.monotonic())
                found = [clients[at % 2].version(one) for at, one in enumerate(ids(change))]
                assert found == [dealt(weight, one) for one in ids(change)], f"change {change}"
                before = weight
        assert len(seen) > CHANGES and {call.version for call in seen} == {1, 2}  # none was lost, or refused
        assert [call for call in seen if call.version not in line.routed(call)] == []
        causes = [one["cause"] for one in first.ok("GET", "/v1/models/m/deployment/history")["items"]]
        assert causes.count("weight") == CHANGES - 1

        first.ok("POST", "/v1/models/m/deployment/promote")
        trained(first, rows(lambda i: i * 0.37), b="number")  # its callers still send texts
        with load(clients) as seen:
            until(lambda: len(seen), "the old version is called", lambda found: found > 60)
            first.ok("POST", "/v1/models/m/deploy", {"version": 3})
            until(
                lambda: first.ok("GET", "/v1/models/m/deployment/history")["items"][0]["cause"],
                "it is taken back",
                lambda found: found == "rolled back",
            )
        back, begun, *_ = first.ok("GET", "/v1/models/m/deployment/history")["items"]
        assert (back["by"], [one["version"] for one in back["routes"]]) == ("failing", [2])
        took = datetime.fromisoformat(back["at"]) - datetime.fromisoformat(begun["at"])
        assert took.total_seconds() < 10
