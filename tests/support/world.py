"""A whole platform over a store, with a clock and ids that a test controls, called as API Gateway calls it."""

import itertools
import json
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from app import app
from functions.caller import Caller
from functions.context import Context, Platform, bound
from functions.datasets.ingest import landed
from functions.memory import Recent, UnderWay
from functions.serving.cache import Cache
from functions.settings import Settings
from functions.storage import Blobs, Records
from infra.local.gateway import LambdaContext, call
from tests.support.clocks import Clock
from tests.support.machines import Machine
from tests.support.runners import MakeRunner, inline

SCOPES = frozenset({"read", "write", "predict", "admin"})
OWNER = Caller("default", "owner", SCOPES)


class Ids:
    """Counts from ``first``: ids of a test are the same at every run."""

    def __init__(self, first: int = 1) -> None:
        self._numbers = itertools.count(first)

    def __call__(self, prefix: str) -> str:
        return f"{prefix}-{next(self._numbers):06d}"


@dataclass
class World:
    """One process of the platform. `again` is another one over the same stores."""

    platform: Platform
    clock: Clock
    runner: MakeRunner = inline

    def again(
        self,
        *,
        runner: MakeRunner | None = None,
        background: bool = False,
        owner: Caller | None = OWNER,
        **changes: Any,
    ) -> "World":
        """A new process: nothing in memory, the same stores (unless ``changes`` of its `Context` say otherwise).

        With ``background`` it has a thread for its traffic, which is the test: it calls ``loaded.tick``.
        """
        known = {one.name: getattr(self.platform, one.name) for one in fields(Context)}
        fresh = {"recent": Recent(2), "under_way": UnderWay(), "profiles": Recent(1000)}
        context = Context(**{**known, **fresh, **changes})
        return _process(context, self.clock, runner or self.runner, owner, background=background)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and decoded answer; a page, or a file of the console, is its text, and one to be kept its bytes."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = "text/csv" if isinstance(body, bytes) else "application/json"
        answer = call(
            app,
            self.platform,
            method,
            path,
            query=query or {},
            headers={"content-type": kind, "accept": "*/*", **(headers or {})},
            body=raw,
        )
        if answer.headers["content-type"].startswith(("text/", "application/openmetrics-text")):
            return answer.status, answer.body.decode()
        if answer.headers["content-type"] == "application/octet-stream":
            return answer.status, answer.body
        return answer.status, json.loads(answer.body)

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The answer, which must be a success."""
        status, answer = self.ask(method, path, body, **options)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def refused(self, method: str, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """The error, with its status under ``status``; it must be the caller's fault."""
        status, answer = self.ask(method, path, body, **options)
        assert 400 <= status < 500, f"{method} {path}: {status} {answer}"
        assert set(answer) == {"error"}
        assert (
            {"code", "message"}
            <= set(answer["error"])
            <= {"code", "message", "field", "row", "column", "reason", "remedies", "request"}
        )
        assert "Traceback" not in answer["error"]["message"]
        return {"status": status, **answer["error"]}

    def upload(self, csv: bytes, dataset: str = "m", label: str | None = None) -> Any:
        """Announce, send and follow a file."""
        announced = self.ok("POST", f"/v1/datasets/{dataset}/upload", {"size": len(csv), "label": label})
        path = f"/v1/datasets/{dataset}/upload/{announced['id']}"
        self.ok("PUT", path, csv)
        return self.ok("GET", path)

    def trained(
        self, csv: bytes, model: str = "m", algorithm: str = "logistic_regression", **train: Any
    ) -> Any:
        """A model of that data with one more version, of one fit if nothing else is said; returns the finished run."""
        self.ok("POST", "/v1/models", {"name": model, "algorithm": algorithm})
        upload = self.upload(csv, model)
        assert upload["state"] == "accepted", upload
        run = self.ok("POST", f"/v1/models/{model}/train", {"refit": False, **train})
        return self.ok("GET", f"/v1/runs/{run['id']}")

    def event(self, name: str, detail: Any = None) -> None:
        """Fire one of the app's event handlers."""
        event = {"detail-type": "test", "source": "test", "detail": detail or {}, "region": "", "account": "",
                 "time": "", "id": "", "resources": [], "version": "0"}  # fmt: skip
        with bound(self.platform):
            app.handler_map[name](event, LambdaContext("test", name))


def world(
    store: Any,
    *,
    runner: MakeRunner = inline,
    settings: Settings | None = None,
    records: Records | None = None,
    blobs: Blobs | None = None,
) -> World:
    """A platform over ``store`` whose runs are driven at once, and whose caller owns the workspace 'default'."""
    clock = Clock()
    context = Context(
        blobs=blobs or store.blobs,
        records=records or store.records,
        clock=clock,
        new_id=Ids(),
        settings=settings or Settings(),
    )
    return _process(context, clock, runner)


def _process(
    context: Context,
    clock: Clock,
    runner: MakeRunner,
    owner: Caller | None = OWNER,
    *,
    background: bool = False,
) -> World:
    loaded = Cache(context, background=background)
    platform = Platform.of(
        context,
        loaded,
        runner(context, loaded.forget),
        announce=partial(landed, context),
        owner=owner,
        services=Machine(),
    )
    return World(platform, clock, runner)


def csv_of(columns: dict[str, Any]) -> bytes:
    """A CSV file of these columns."""
    lines = [",".join(columns)]
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    return ("\n".join(lines) + "\n").encode()


def two_classes(rows: int = 200, *, seed: int = 0, shift: float = 0.0) -> bytes:
    """Two numbers and a class that depends on them, noisily; ``shift`` moves the first number of every row."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=rows) + shift, rng.normal(size=rows)
    label = np.where(a - shift + b + rng.normal(scale=0.5, size=rows) > 0, "yes", "no")
    return csv_of({"a": a.tolist(), "b": b.tolist(), "label": label})
