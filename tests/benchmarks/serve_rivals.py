"""The servers that Lepton's are measured beside, as programs: a bare one, and those of others with the same model."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BARE = """
import msgspec, uvicorn
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

_FITTED = """
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

names = [f"f{number}" for number in range(COLUMNS)]
X = np.random.default_rng(0).normal(size=(569, COLUMNS))
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, X[:, 0] > 0)
"""

FASTAPI = f"""
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
{_FITTED}
class Body(BaseModel):
    rows: list[dict[str, float]]

app = FastAPI()

@app.post("/predict")
async def predict(body: Body):
    X = np.array([[row[name] for name in names] for row in body.rows])
    return {{"predictions": model.predict_proba(X).tolist()}}

uvicorn.run(app, port=PORT, http="httptools", access_log=False, log_level="error")
"""

BENTOML = f"""
import bentoml
{_FITTED}
@bentoml.service(workers=1)
class Served:
    @bentoml.api
    def predict(self, rows: list[dict[str, float]]) -> list[list[float]]:
        X = np.array([[row[name] for name in names] for row in rows])
        return model.predict_proba(X).tolist()
"""

MLFLOW = f"""
import mlflow.sklearn, os, sys, tempfile
import pandas as pd
{_FITTED}
named = pd.DataFrame(X, columns=names)
model.fit(named, X[:, 0] > 0)
folder = tempfile.mkdtemp() + "/model"
mlflow.sklearn.save_model(model, folder)
serve = ["-m", "mlflow", "models", "serve", "-m", folder, "-p", "PORT", "--env-manager", "local"]
os.execv(sys.executable, [sys.executable, *serve])
"""


@dataclass(frozen=True)
class Side:
    """A server: the ``command`` that starts it at a port, the ``path`` of predictions, and what a body of rows is.

    ``binary`` is whether it takes typed columns, too.
    """

    command: Callable[[int], list[str]]
    path: str
    body: Callable[[list[dict[str, float]]], Any] = lambda rows: {"rows": rows}
    binary: bool = False

    def asked(self, rows: list[dict[str, float]]) -> bytes:
        """The body of a request."""
        return json.dumps(self.body(rows)).encode()


def rivals(columns: int, place: Path) -> dict[str, Side]:
    """Those that can be measured here, where the environment names the Python that has them; ``place`` is a folder."""

    def script(python: str, text: str) -> Callable[[int], list[str]]:
        told = text.replace("COLUMNS", str(columns))
        return lambda port: [python, "-c", told.replace("PORT", str(port))]

    found = {"bare": Side(script(sys.executable, BARE), "/")}
    fastapi, bentoml, mlflow = (
        os.environ.get(f"LEPTON_{name}_PYTHON") for name in ("FASTAPI", "BENTOML", "MLFLOW")
    )
    if fastapi:
        found["FastAPI"] = Side(script(fastapi, FASTAPI), "/predict")
    if bentoml:
        (place / "served.py").write_text(BENTOML.replace("COLUMNS", str(columns)))
        serve = [bentoml, "-m", "bentoml", "serve", "served:Served", "--working-dir", str(place)]
        found["BentoML"] = Side(lambda port: [*serve, "--port", str(port)], "/predict")
    if mlflow:
        found["mlflow"] = Side(
            script(mlflow, MLFLOW), "/invocations", lambda rows: {"dataframe_records": rows}
        )
    return found
