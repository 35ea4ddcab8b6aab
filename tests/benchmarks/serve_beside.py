"""How late the answers of a platform are while it trains, and while it takes in a file."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import urllib3

from tests.benchmarks.serve_processes import Asked, Running, running
from tests.benchmarks.serve_rivals import Side

UPLOADED_ROWS = 60_000
_SECONDS = 4


def beside(side: Side, place: Path, body: bytes, seconds: float) -> Iterator[str]:
    """The lines: what a client meets that asks the platform alone, beside a training, and beside an upload."""
    with running(side, place, core=None) as one:
        one.asked(body, 1, seconds)
        found = {"nothing": [one.asked(body, 1, _SECONDS * seconds)]}
        for name, work in (("a training", _train), ("an upload", _upload)):
            found[name] = _while(lambda work=work: work(one, place), lambda: one.asked(body, 1, seconds))  # type: ignore[misc]
    quiet = found["nothing"][0].most
    yield "| beside `lepton up` | median, ms | 99th percentile, ms | times that of nothing | later by, ms |"
    yield "|---|---:|---:|---:|---:|"
    for name, each in found.items():
        half, most = (max(getattr(one, key) for one in each) for key in ("half", "most"))
        yield f"| {name} | {half:.3f} | {most:.2f} | {most / quiet:.1f} | {most - quiet:.2f} |"


def _while(work: Callable[[], None], ask: Callable[[], Asked]) -> list[Asked]:
    """What clients meet as long as the work goes on, and once at least."""
    thread, found = threading.Thread(target=work), list[Asked]()
    thread.start()
    try:
        while not found or (thread.is_alive() and len(found) < _SECONDS):
            found.append(ask())
    finally:
        thread.join()
    return found


def _train(one: Running, place: Path) -> None:
    _call(one, "POST", "/v1/models", {"name": "other", "algorithm": "random_forest", "dataset": "m"})
    run = _call(one, "POST", "/v1/models/other/train", {})
    _until(one, f"/v1/runs/{run['id']}", "succeeded")


def _upload(one: Running, place: Path) -> None:
    head, *lines = (place / "data.csv").read_text().splitlines()
    many = (UPLOADED_ROWS // len(lines) + 1) * lines
    csv = "\n".join([head, *many]).encode()
    made = _call(one, "POST", "/v1/datasets/m/upload", {"size": len(csv)})
    _call(one, "PUT", made["url"], csv)


def _until(one: Running, path: str, state: str) -> None:
    while (found := _call(one, "GET", path))["state"] not in (state, "failed"):
        time.sleep(0.1)
    if found["state"] != state:
        raise ValueError(found)


def _call(one: Running, method: str, path: str, body: Any = None) -> Any:
    kind = "text/csv" if isinstance(body, bytes) else "application/json"
    sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {one.key}", "content-type": kind}
    url = path if path.startswith("http") else f"http://127.0.0.1:{one.port}{path}"
    answer = urllib3.request(method, url, body=sent, headers=headers, retries=False, timeout=60.0)
    if answer.status >= 300:
        raise ValueError(f"{method} {path}: {answer.data[:300]!r}")
    return answer.json()
