"""Real processes that answer for a model: the platform, and servers of it over its folder and out of a file."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from lepton_ai import Data, Model
from lepton_ai.http import HttpTransport
from lepton_core.models import ALGORITHMS
from tests.infra.local.service.test_run import serving
from tests.infra.local.test_up import Up
from tests.support.algorithms import quick
from tests.support.foreign import training_file
from tests.support.waiting import BACKSTOP

MODELS = [
    f"{name}-{classes}"
    for name, of in ALGORITHMS.items()
    for classes in (
        *((2, 3) if "classification" in of.tasks else ()),
        *((0,) if "regression" in of.tasks else ()),
    )
]
"""Each algorithm with each of its tasks: of two classes, of three, or of values."""

BESIDE = ("/windows", "/alerts", "_system/alarmed", "_system/schedules")
"""What refused calls are counted in, what is made of that, and when the platform last looked at it."""


@dataclass(frozen=True)
class Door:
    """A process that answers for ``model`` at ``address``, and the ``key`` that it asks for."""

    name: str
    address: str
    model: str
    key: str = ""

    @property
    def url(self) -> str:
        """Its address, as most clients want it."""
        return f"http://{self.address}"

    @property
    def told(self) -> dict[str, str]:
        """What a program that asks it needs."""
        return {"address": self.address, "model": self.model, "key": self.key}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a call of the platform's own protocol."""
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
            return http.request(method, self.url + path, json=body, headers=headers)


@dataclass
class Doors:
    """A platform in a process of its own over ``folder``; its models are trained when they are first asked for."""

    folder: Path
    up: Up
    transport: HttpTransport = field(init=False)
    _models: dict[str, Model] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.transport = HttpTransport(self.up.url, self.up.key)

    def model(self, name: str) -> Model:
        """The model of one of `MODELS`, trained on every kind of cell, and deployed."""
        if name not in self._models:
            algorithm, _, classes = name.rpartition("-")
            task, data = "classification" if int(classes) else "regression", f"of-{classes}"
            model = Model(algorithm, name=name, dataset=data, task=task, quiet=True, transport=self.transport)
            if not any(one.dataset == data for one in self._models.values()):
                path = self.folder.parent / f"{data}.csv"
                path.write_bytes(training_file(int(classes)))
                model.upload_data(Data.from_csv(path, quiet=True))
            model.set_policy(update="manual")
            model.train(**quick(ALGORITHMS[algorithm], iterations=8, trees=4))
            model.deploy(bake_minutes=0)
            self._models[name] = model
        return self._models[name]

    def file(self, name: str) -> Path:
        """The file of the version that the model serves."""
        path = self.folder.parent / f"{name}.lepton"
        return path if path.exists() else self.model(name).export(path)

    @contextmanager
    def of(self, name: str) -> Iterator[dict[str, Door]]:
        """What answers for a model: the platform, `lepton serve NAME` and `lepton serve --file FILE`."""
        self.model(name)
        arguments = {"folder": (name, "--data", str(self.folder)), "file": ("--file", str(self.file(name)))}
        found = {"platform": Door("platform", self.up.url.removeprefix("http://"), name, self.up.key)}
        with ExitStack() as stack:
            for kind, given in arguments.items():
                process = stack.enter_context(serving(*given, "--port", "0", folder=self.folder.parent))
                assert process.serving is not None
                found[kind] = Door(kind, process.serving.url.removeprefix("http://"), name)
            yield found

    def held(self) -> dict[str, str]:
        """All that is stored but what is `BESIDE`, and all files."""
        with closing(sqlite3.connect(self.folder / "records.sqlite", timeout=30.0)) as connection:
            rows = connection.execute("SELECT partition, key, revision FROM records").fetchall()
        found = {
            f"{partition} {key}": str(revision)
            for partition, key, revision in rows
            if not any(one in partition for one in BESIDE)
        }
        blobs = sorted((self.folder / "blobs").rglob("*"))
        files = [one for one in self.folder.parent.iterdir() if one.is_file()]
        return found | {str(one): str(one.stat().st_mtime_ns) for one in [*blobs, *files] if one.is_file()}


def own(door: Door, rows: Any) -> list[dict[str, Any]]:
    """What the platform's own protocol answers at the door."""
    answer = door.ask("POST", f"/v1/models/{door.model}/predict", {"rows": rows})
    assert answer.status == 200, answer.data
    found: list[dict[str, Any]] = answer.json()["predictions"]
    return found


def bits(answers: Any) -> str:
    """A text that is the same for the same bits only: it knows 0.0 from -0.0, and 1 from 1.0."""
    return json.dumps(answers)
