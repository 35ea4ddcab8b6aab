"""What the tests of the edge share: stores in memory that tell what they were asked, and events."""

import base64
import bisect
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalice.app import Blueprint, Chalice

from functions.context import Platform, Settings, bound
from functions.edge.app import LeptonApp
from functions.storage import BlobExists, BlobMissing, Delete, Lost, Put, Record, Write
from functions.system.keys import issue_key

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class MemoryRecords:
    """Records in a dict; ``asked`` lists the partition of every read and write."""

    held: dict[tuple[str, str], Record] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, partition: str, key: str) -> Record | None:
        self.asked.append(partition)
        return self.held.get((partition, key))

    def query(
        self, partition: str, *, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[Record]:
        self.asked.append(partition)
        keys = sorted(key for where, key in self.held if where == partition)
        if reverse:
            keys = (keys[: bisect.bisect_left(keys, after)] if after else keys)[::-1]
        else:
            keys = keys[bisect.bisect_right(keys, after) :]
        return [self.held[partition, key] for key in keys[:limit]]

    def write(self, writes: Sequence[Write]) -> None:
        with self.lock:
            self.asked.extend(write.partition for write in writes)
            for write in writes:
                stored = self.held.get((write.partition, write.key))
                if (stored.revision if stored else 0) != write.expect:
                    raise Lost(write.partition, write.key)
            for write in writes:
                place = (write.partition, write.key)
                if isinstance(write, Put):
                    self.held[place] = Record(*place, write.expect + 1, write.body)
                elif isinstance(write, Delete):
                    del self.held[place]


@dataclass
class MemoryBlobs:
    """Blobs in a dict; ``asked`` lists the key of every read and write."""

    held: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, key: str, data: bytes) -> None:
        self.asked.append(key)
        if key in self.held:
            raise BlobExists(key)
        self.held[key] = data

    def get(self, key: str) -> bytes:
        self.asked.append(key)
        if key not in self.held:
            raise BlobMissing(key)
        return self.held[key]

    def size(self, key: str) -> int | None:
        self.asked.append(key)
        return len(self.held[key]) if key in self.held else None

    def keys(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        self.asked.append(prefix)
        return sorted(key for key in self.held if key.startswith(prefix) and key > after)[:limit]

    def delete(self, key: str) -> None:
        self.asked.append(key)
        self.held.pop(key, None)

    def upload_url(self, key: str, *, size: int, seconds: int) -> str | None:
        return None


@dataclass
class Clock:
    """A clock that only `wait` moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Nobody:
    """A runner that starts nothing."""

    def start(self, platform: Platform, workspace: str, run: str) -> None: ...

    def take_up(self, platform: Platform, workspace: str, run: str, stopping: Any = None) -> None: ...

    def close(self) -> None: ...


def memory_platform(clock: Clock | None = None, **changes: Any) -> Platform:
    """A platform over stores in memory."""
    made = Platform(
        blobs=MemoryBlobs(),
        records=MemoryRecords(),
        runner=Nobody(),
        served=None,  # type: ignore[arg-type]  # the edge never touches it
        clock=clock or Clock(),
        settings=Settings(key_cache_seconds=5.0),
    )
    return replace(made, **changes)


def new_key(
    platform: Platform, workspace: str = "acme", scopes: Sequence[str] = ("read",), **more: Any
) -> str:
    """The text of a key that the platform knows."""
    return issue_key(
        platform.system, workspace=workspace, scopes=scopes, now=platform.clock(), **{"name": "", **more}
    )[1]


def app_of(bp: Blueprint) -> LeptonApp:
    app = LeptonApp(app_name="lepton")
    app.register_blueprint(bp)
    return app


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, str]:
        """The error, its shape checked."""
        (shape,) = self.json.items()
        name, error = shape
        assert name == "error"
        assert {"code", "message"} <= set(error) <= {"code", "message", "field"}
        assert self.headers["Content-Type"] == "application/json"
        return error


def send(
    app: Chalice,
    platform: Platform,
    method: str,
    resource: str,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    key: str | None = None,
    body: Any = None,
    binary: bool = False,
) -> Answer:
    """What the app answers to one REST event; ``body`` is text, bytes, or a value to send as JSON."""
    if body is not None and not isinstance(body, str | bytes):
        body = json.dumps(body)
    event = {
        "resource": resource,
        "httpMethod": method,
        "headers": {**(headers or {}), **({"Authorization": f"Bearer {key}"} if key else {})},
        "multiValueQueryStringParameters": None if query is None else {k: list(v) for k, v in query.items()},
        "pathParameters": dict(path) if path else None,
        "stageVariables": None,
        "requestContext": {"httpMethod": method, "resourcePath": resource},
        "body": base64.b64encode(body).decode() if binary else body,
        "isBase64Encoded": binary,
    }
    with bound(platform):
        response = app(event, None)
    json.dumps(response)  # Lambda sends it so
    return Answer(response["statusCode"], response["headers"], response["body"])
