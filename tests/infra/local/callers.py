"""Callers of several servers over one folder, whose calls go to two versions of one model."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import urllib3

from lepton_core.rollout import side
from tests.infra.local.test_up import Up
from tests.support.waiting import BACKSTOP, until

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


@dataclass
class Answered:
    """A call of an entity: when it was sent and answered, and by which version (0: it was refused)."""

    sent: float
    answered: float
    entity: str
    version: int


@contextmanager
def load(clients: list[Client]) -> Iterator[list[Answered]]:
    """Calls of ever new entities, to all servers at once."""
    seen, done, wrong = list[Answered](), threading.Event(), list[BaseException]()

    def caller(client: Client, number: int) -> None:
        try:
            count = 0
            while not done.wait(PAUSE):
                entity, sent = f"load {number} {(count := count + 1)}", time.monotonic()
                version = client.version(entity)
                seen.append(Answered(sent, time.monotonic(), entity, version))
        except BaseException as error:
            wrong.append(error)
            raise

    threads = [threading.Thread(target=caller, args=(client, at)) for at, client in enumerate(clients)]
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
