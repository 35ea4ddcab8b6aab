"""A platform made of written answers, so that the SDK is tested without one."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lepton_ai.cell_rows import CellColumns
from lepton_ai.content import Content
from lepton_core.errors import NotFound

WHEN = "2024-05-01T12:00:00Z"


class FakePlatform:
    """A transport: ``answers`` maps (method, path) to what is answered.

    An answer is a value, an exception to raise, a function of the body, or a list of these, one a call, of which
    the last stays.
    """

    address = url = "https://fake.example"

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Any] = {}
        self.calls: list[tuple[str, str, Any]] = []
        self.on("POST", "/v1/models", self._create)
        for number in range(1, 10):
            self.on("GET", f"/v1/models/m/versions/{number}/evaluation", {})
            self.on("GET", f"/v1/datasets/m/versions/{number}", self.data_version(number))

    def on(self, method: str, path: str, *answers: Any) -> None:
        """Answer calls of ``path`` with ``answers``, one after the other."""
        self.answers[method, path] = list(answers)

    def bodies(self, method: str, path: str) -> list[Any]:
        """What was sent there."""
        return [body for called, at, body in self.calls if (called, at) == (method, path)]

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str | None = None,
        sent: Callable[[int], None] | None = None,
        once: bool = False,
        repeatable: bool = False,
        decoder: Callable[[bytes], Any] | None = None,
        entity: str | None = None,
    ) -> Any:
        body = body.read() if isinstance(body, Content) else body
        body = body.as_json() if isinstance(body, CellColumns) else body
        asked = dict(query) if query and body is None else body
        self.calls.append((method, path, asked))
        answers = self.answers.get((method, path))
        if answers is None:
            raise NotFound(f"nothing at {method} {path}")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if sent is not None:
            sent(len(body))
        if callable(answer):
            answer = answer(asked)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _create(self, body: Any) -> Any:
        self.answers.setdefault(("GET", f"/v1/models/{body['name']}"), [model(**body)])
        return model(**body)

    def run(self, **fields: Any) -> dict[str, Any]:
        """A run as the platform shows it."""
        return {
            "id": "run-1",
            "model": "m",
            "kind": "train",
            "state": "running",
            "iteration": 0,
            "iterations": 100,
            "loss": [],
            "tasks_done": 0,
            "attempt": 1,
            "created": WHEN,
            "updated": WHEN,
            **fields,
        }

    def data_version(self, number: int) -> dict[str, Any]:
        """A version of a data set as the platform shows it."""
        return {
            "dataset": "m",
            "version": number,
            "rows": 300,
            "label": "label",
            "column_count": 3,
            "created": WHEN,
            "digest": "sha256:0",
            "state": "open",
        }

    def version(self, number: int = 1) -> dict[str, Any]:
        """A trained version as the platform shows it."""
        return {
            "model": "m",
            "version": number,
            "algorithm": "logistic_regression",
            "task": "classification",
            "metrics": {"accuracy": 0.9649, "auc": None},
            "loss": [0.7, None],
            "dataset": "m",
            "dataset_version": 2,
            "created": WHEN,
            "run": "run-1",
            "digest": "sha256:0",
            "artifact": "a field of a newer platform",
        }


def model(name: str = "m", algorithm: str = "logistic_regression", **fields: Any) -> dict[str, Any]:
    return {"name": name, "algorithm": algorithm, "dataset": name, "created": WHEN, **fields}


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()
