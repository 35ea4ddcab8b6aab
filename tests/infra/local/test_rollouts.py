"""Two server processes on one folder, under load: shares are kept, no call is lost, and what fails is taken back."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
import urllib3

from lepton_core.rollout import side
from tests.infra.local.test_up import Up, up
from tests.support.waiting import BACKSTOP, until

pytestmark = pytest.mark.slow

CHANGES = 50
EVERY = 25
"""Of so many changes one is waited for by both servers, and its shares are counted."""

COUNTED = 120

PAUSE = 0.01
"""Seconds between two calls of one caller: both servers have other work as well."""

ROW = {"rows": [{"a": 0.5, "b": "x"}]}
SALT = "m:2"


@dataclass
class Client:
    """Calls of one server."""

    server: Up
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=8, retries=False, timeout=BACKSTOP)
    )

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and answer."""
        kind = "text/csv" if isinstance(body, bytes) else "application/json"
        raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        sent = {"x-api-key": self.server.key, "content-type": kind, **headers}
        data = None if method == "GET" else raw
        answer = self.http.request(method, self.server.url + path, body=data, headers=sent)
        return answer.status, json.loads(answer.data)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The answer, which must be a success."""
        status, answer = self.ask(method, path, body)
        assert status < 300, answer
        return answer

    def version(self, entity: str) -> int:
        """The version that answers an entity; 0 if the call is refused."""
        status, answer = self.ask("POST", "/v1/models/m/predict", ROW, **{"x-lepton-entity": entity})
        assert status < 500, answer
        return int(answer["version"]) if status == 200 else 0


@contextmanager
def load(clients: list[Client]) -> Iterator[list[int]]:
    """Calls of many entities, to both servers at once: the version that answered each."""
    seen, done = list[int](), threading.Event()
    wrong = list[BaseException]()

    def caller(client: Client, seed: int) -> None:
        rng = random.Random(seed)
        try:
            while not done.wait(PAUSE):
                seen.append(client.version(f"{rng.random()}"))
        except BaseException as error:
            wrong.append(error)
            raise

    threads = [threading.Thread(target=caller, args=(client, seed)) for seed, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []


def rows(b: Callable[[int], object]) -> bytes:
    return b"a,b,label\n" + b"".join(
        f"{i % 7},{b(i)},{'yes' if i % 7 > 3 else 'no'}\n".encode() for i in range(80)
    )


def trained(client: Client, data: bytes | None = None, **kinds: str) -> None:
    if data is not None:
        at = "/v1/datasets/m/upload"
        upload = client.ok("POST", at, {"size": len(data), "kinds": kinds})["id"]
        client.ok("PUT", f"{at}/{upload}", data)
        until(
            lambda: client.ok("GET", f"{at}/{upload}")["state"],
            "it is taken in",
            lambda state: state == "accepted",
        )
    run = client.ok("POST", "/v1/models/m/train", {"iterations": 2, "refit": False})["id"]
    until(
        lambda: client.ok("GET", f"/v1/runs/{run}")["state"],
        "it is trained",
        lambda state: state == "succeeded",
    )


def between(low: float, high: float) -> str:
    """An entity that gets the one version at the one share, and the other at the other."""
    return next(one for one in map(str, range(100_000)) if side(high, SALT, one) and not side(low, SALT, one))


def settled(clients: list[Client], before: float, weight: float) -> None:
    """Both servers know the new share."""
    probe, wanted = between(*sorted((before, weight))), 2 if weight > before else 1
    for client in clients:
        until(
            lambda client=client: client.version(probe), "the share is known", lambda found: found == wanted
        )


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
        assert set(seen) == {1, 2} and len(seen) > CHANGES  # and none was lost, or refused

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
        assert set(seen) <= {0, 1, 2} and 2 in seen
        for client in clients:
            until(
                lambda client=client: {client.version(str(at)) for at in range(20)},
                "it is gone",
                lambda found: found == {2},
            )
