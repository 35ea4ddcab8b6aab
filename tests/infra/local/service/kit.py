"""A trained model and a server of it, as the tests hold them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from infra.local.service.app import Stage
from infra.local.service.options import ServiceOptions, Serving
from infra.local.service.services import FOLDER, claimed
from infra.local.stack import Stack
from lepton_ai import Model

ROOT = Path(__file__).resolve().parents[4]


@dataclass
class Made:
    """The platform in ``folder``, whose model m has two versions, the first deployed, and that one in ``file``."""

    folder: Path
    file: Path
    model: Model
    stack: Stack


@dataclass
class Served:
    """A server in a thread of this process."""

    url: str
    stage: Stage
    http: urllib3.PoolManager

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer; ``headers`` are named with strokes for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            return self.http.request(method, self.url + path, body=body, headers=named)
        return self.http.request(method, self.url + path, json=body, headers=named or None)


Serve = Callable[..., Served]


def forsaken(folder: Path, name: str, model: str = "m") -> None:
    """Leave the record of a service whose process has ended without a word."""
    url = "http://127.0.0.1:8090"
    with claimed(folder, name) as claim:
        serving = Serving(url, f"{url}/v1/models/{model}/predict", model, 1, watched=True)
        claim.tell(serving, ServiceOptions(model, None, str(folder), workers=2, service=name))
        path = folder / FOLDER / f"{name}.json"
        left = path.read_bytes()
    path.write_bytes(left)
