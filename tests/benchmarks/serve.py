"""A server of one model beside others of the same model: ``python -m tests.benchmarks.serve`` prints the figures.

Each server has one core and the clients have another one. The sides take turns, so that a slow moment hits each, and
medians are shown. A bare server that decodes, multiplies and encodes is always there. Of FastAPI with scikit-learn, and
of ``mlflow models serve``, the environment names the Python that they are installed for: ``LEPTON_FASTAPI_PYTHON``,
``LEPTON_MLFLOW_PYTHON``.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from tests.benchmarks.measured import measured_at

COLUMNS, ROWS, MANY, CLIENTS = 30, 569, 1000, 16
ROUNDS, SECONDS = 7, 3.0

BARE = """
import math, msgspec, sys, uvicorn
import numpy as np

class Body(msgspec.Struct):
    rows: list[dict[str, float]]

decode, encode = msgspec.json.Decoder(Body).decode, msgspec.json.Encoder().encode
names = [f"f{number}" for number in range(COLUMNS)]
w = np.linspace(-1, 1, COLUMNS)

async def app(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    X = np.array([[row[name] for name in names] for row in decode(body).rows])
    answer = encode({"predictions": (1 / (1 + np.exp(-X @ w))).tolist()})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})

uvicorn.run(app, port=PORT, http="httptools", lifespan="off", access_log=False, log_level="error")
"""

FASTAPI = """
import numpy as np, uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

class Body(BaseModel):
    rows: list[dict[str, float]]

names = [f"f{number}" for number in range(COLUMNS)]
X = np.random.default_rng(0).normal(size=(569, COLUMNS))
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, X[:, 0] > 0)
app = FastAPI()

@app.post("/predict")
async def predict(body: Body):
    X = np.array([[row[name] for name in names] for row in body.rows])
    return {"predictions": model.predict_proba(X).tolist()}

uvicorn.run(app, port=PORT, http="httptools", access_log=False, log_level="error")
"""

MLFLOW = """
import mlflow.sklearn, subprocess, sys, tempfile
import pandas as pd, numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

names = [f"f{number}" for number in range(COLUMNS)]
X = pd.DataFrame(np.random.default_rng(0).normal(size=(569, COLUMNS)), columns=names)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, X["f0"] > 0)
folder = tempfile.mkdtemp() + "/model"
mlflow.sklearn.save_model(model, folder)
serve = [sys.executable, "-m", "mlflow", "models", "serve"]
subprocess.run([*serve, "-m", folder, "-p", "PORT", "--env-manager", "local"])
"""


@dataclass(frozen=True)
class Side:
    """A server: the ``command`` that starts it at a port, the ``path`` of predictions, and what a body of rows is."""

    command: Callable[[int], list[str]]
    path: str
    body: Callable[[list[dict[str, float]]], Any] = lambda rows: {"rows": rows}


def sides(file: Path, folder: Path) -> dict[str, Side]:
    """Those that can be measured here; Lepton's serve the version in ``file``, and the model m of ``folder``."""
    own = [sys.executable, "-m", "lepton_ai", "serve"]
    path = "/v1/models/m/predict"
    found = {
        "Lepton, a file": Side(lambda port: [*own, "--file", str(file), "--port", str(port)], path),
        "Lepton, a folder": Side(lambda port: [*own, "m", "--data", str(folder), "--port", str(port)], path),
        "bare": Side(lambda port: _script(sys.executable, BARE, port), "/"),
    }
    fastapi, mlflow = (os.environ.get(f"LEPTON_{name}_PYTHON") for name in ("FASTAPI", "MLFLOW"))
    if fastapi:
        found["FastAPI"] = Side(lambda port: _script(fastapi, FASTAPI, port), "/predict")
    if mlflow:
        found["mlflow"] = Side(
            lambda port: _script(mlflow, MLFLOW, port),
            "/invocations",
            lambda rows: {"dataframe_records": rows},
        )
    return found


def _script(python: str, text: str, port: int) -> list[str]:
    return [python, "-c", text.replace("COLUMNS", str(COLUMNS)).replace("PORT", str(port))]


def figures(rounds: int = ROUNDS, seconds: float = SECONDS) -> Iterator[str]:
    """The lines of a table: the median time of one client, requests a second of sixteen, and the time of many rows."""
    yield measured_at("uvicorn", "httptools", "numpy")
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        file, folder = _trained(Path(place))
        urls = {
            name: (side, stack.enter_context(_running(side.command)))
            for name, side in sides(file, folder).items()
        }
        rows = [{f"f{at}": at / 7 + number / 1000 for at in range(COLUMNS)} for number in range(MANY)]
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in urls}
        for _ in range(rounds + 1):
            for name, (side, port) in urls.items():
                one, many = (json.dumps(side.body(some)).encode() for some in (rows[:1], rows))
                alone = _asked(port, side.path, one, 1, seconds)
                crowd = _asked(port, side.path, one, CLIENTS, seconds)
                large = _asked(port, side.path, many, 1, seconds)
                found[name].append((alone[0], crowd[1], large[0]))
    yield ""
    yield f"| server | one row, ms | {CLIENTS} clients, requests/s | {MANY} rows, ms |"
    yield "|---|---:|---:|---:|"
    for name, each in found.items():
        alone_ms, rate, large_ms = (median(one) for one in zip(*each[1:], strict=True))
        yield f"| {name} | {alone_ms:.3f} | {rate:.0f} | {large_ms:.2f} |"


def _trained(place: Path) -> tuple[Path, Path]:
    import numpy as np

    X = np.random.default_rng(0).normal(size=(ROWS, COLUMNS))
    columns = {f"f{at}": X[:, at].tolist() for at in range(COLUMNS)}
    lines = [",".join([*columns, "label"])]
    lines += [
        ",".join([*(f"{cell:.4f}" for cell in row), "yes" if row[0] + row[1] > 0 else "no"]) for row in X
    ]
    (place / "data.csv").write_text("\n".join(lines))
    transport = EmbeddedTransport(place / "state")
    model = Model("logistic_regression", name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(place / "data.csv", label="label", quiet=True))
    model.train()
    model.deploy()
    file = model.export(place / "m.lepton")
    transport.close()
    return file, place / "state"


@contextmanager
def _running(command: Callable[[int], list[str]]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([*_on_core(0), *command(port)], stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _on_core(number: int) -> list[str]:
    return ["taskset", "-c", str(number)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def _asked(port: int, path: str, body: bytes, clients: int, seconds: float) -> tuple[float, float]:
    """The median time of an answer in milliseconds, and answers a second, by a process on the other core."""
    command = [*_on_core(1), sys.executable, "-m", "tests.benchmarks.serve_clients"]
    done = subprocess.run(
        [*command, str(port), path, str(clients), str(seconds)], input=body, capture_output=True, check=True
    )
    milliseconds, rate = json.loads(done.stdout)
    return milliseconds, rate


def main() -> None:
    """Print the table."""
    sys.stdout.writelines(f"{line}\n" for line in figures())


if __name__ == "__main__":
    main()
