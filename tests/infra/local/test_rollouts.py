"""Two server processes on one folder, under load: shares are kept, no call is lost, and what fails is taken back."""

import random
from datetime import datetime
from math import sqrt
from pathlib import Path

import pytest

from lepton_core.rollout import side
from tests.infra.local.callers import SALT, Client, load, rows, settled, trained
from tests.infra.local.test_up import up
from tests.support.waiting import until

pytestmark = pytest.mark.slow

CHANGES = 50
EVERY = 25
"""Of so many changes one is waited for by both servers, and its shares are counted."""

COUNTED = 120


def test_shares_change_under_load_and_a_version_that_fails_is_taken_back(tmp_path: Path) -> None:
    with up(tmp_path) as one, up(tmp_path) as two:
        clients = [Client(one), Client(two)]
        first = clients[0]
        first.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
        first.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
        trained(first, rows(lambda i: "xy"[i % 2]))
        trained(first)
        first.ok("POST", "/v1/models/m/deploy", {"version": 1})
        with load(clients) as seen:
            weights = [round(0.05 + 0.9 * random.Random(at).random(), 3) for at in range(CHANGES)]
            before = 0.0
            for at, weight in enumerate(weights, start=1):
                body = {"version": 2, "canary": weight, "bake_minutes": 60}
                clients[at % 2].ok("POST", "/v1/models/m/deploy", body)
                if at % EVERY == 0:
                    settled(clients, before, weight)
                    ids = [f"{at}:{number}" for number in range(COUNTED)]
                    found = [clients[n % 2].version(one) for n, one in enumerate(ids)]
                    assert found == [2 if side(weight, SALT, one) else 1 for one in ids]
                    sigma = sqrt(COUNTED * weight * (1 - weight))
                    assert abs(found.count(2) - COUNTED * weight) <= 3 * sigma
                before = weight
            first.ok("POST", "/v1/models/m/deployment/promote")
        assert len(seen) > CHANGES and {call.version for call in seen} == {1, 2}  # none was lost, or refused

        trained(first, rows(lambda i: i * 0.37), b="number")  # its callers still send texts
        with load(clients) as seen:
            until(lambda: len(seen), "the old version is called", lambda found: found > 60)
            began = first.ok("POST", "/v1/models/m/deploy", {"version": 3, "canary": 0.3})["rollout"]["began"]
            until(
                lambda: len(first.ok("GET", "/v1/models/m/deployment")["routes"]),
                "it is taken back",
                lambda found: found == 1,
            )
        last = first.ok("GET", "/v1/models/m/deployment/history")["items"][0]
        assert (last["cause"], last["by"]) == ("rolled back", "failing")
        assert [one["version"] for one in last["routes"]] == [2]
        took = datetime.fromisoformat(last["at"]) - datetime.fromisoformat(began)
        assert took.total_seconds() < 10
        answered = {call.version for call in seen}
        assert answered <= {0, 1, 2} and 2 in answered
        for client in clients:
            until(
                lambda client=client: {client.version(str(at)) for at in range(20)},
                "it is gone",
                lambda found: found == {2},
            )
