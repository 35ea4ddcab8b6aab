"""What a platform says of everything that it holds, as plain JSON: taken when the data was made, and asked again."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tests.support.world import World

DATASETS = ("m", "line", "bad", "late", "never")
MODELS = ("m", "forest", "boosted", "line", "found", "old", "waiting", "fitting", "searching", "updating")
SERVED = ("m", "forest", "boosted", "line", "found", "updating")
UNDER_WAY = ("waiting", "fitting", "searching", "evaluating", "updating")

ROWS = {
    "m": [
        {"a": 0.25, "b": -1.5, "colour": "red"},
        {"a": -2.0, "b": None, "colour": "green"},
        {"a": 1.75, "b": 0.125, "colour": None},
        {"a": 0.0, "b": 0.0, "colour": "blue"},
    ],
    "line": [{"u": 0.5, "v": 2.0}, {"u": -3.0, "v": 0.25}, {"u": 0.0, "v": 0.0}],
}
"""Of each dataset, rows that every deployed model of it predicts."""


def seen(here: World, evaluated: Iterable[tuple[str, int]]) -> dict[str, Any]:
    """Everything that can be listed and read, but for times, ids of processes and places in the store."""
    models = {model["name"]: model for model in here.ok("GET", "/v1/models")["items"]}
    versions = {
        f"{name}/{version['version']}": version
        for name in sorted(models)
        for version in here.ok("GET", f"/v1/models/{name}/versions")["items"]
    }
    return {
        "models": {
            name: _of(one, "algorithm dataset task state latest champion challenger policy preprocessor")
            for name, one in models.items()
        },
        "versions": {
            name: _of(
                one,
                "algorithm task digest run dataset_version dataset_digest hyperparameters metrics loss warm_from",
            )
            for name, one in versions.items()
        },
        "datasets": {name: _dataset(here, name) for name in DATASETS},
        "uploads": {
            f"{name}/{one['id']}": _of(one, "state version rows label")
            | {"error": (one.get("error") or {}).get("code")}
            for name in DATASETS
            for one in here.ok("GET", f"/v1/datasets/{name}/uploads")["items"]
        },
        "runs": {one["id"]: _run(here, one["id"]) for one in here.ok("GET", "/v1/runs")["items"]},
        "deployments": {
            name: _deployment(here.ok("GET", f"/v1/models/{name}/deployment")) for name in (*SERVED, "old")
        },
        "alerts": {
            one["name"]: _of(one, "state count value threshold message")
            for one in here.ok("GET", "/v1/models/m/alerts")["items"]
        },
        "traffic": _traffic(here.ok("GET", "/v1/models/m/monitor", query={"hours": "72"})),
        "cross_validation": {
            f"{name}/{version}": here.ok("GET", f"/v1/models/{name}/versions/{version}/evaluation")[
                "cross_validation"
            ]
            for name, version in evaluated
        },
    }


def answers(here: World) -> dict[str, Any]:
    """What each deployed model predicts, and how the first one explains itself: numbers as hexadecimal floats."""
    found = {
        name: here.ok("POST", f"/v1/models/{name}/predict", {"rows": rows_of(name)})["predictions"]
        for name in SERVED
    }
    explained = here.ok("POST", "/v1/models/m/predict", {"rows": ROWS["m"], "explain": True})
    hexed: dict[str, Any] = exact({**found, "m, explained": explained["predictions"]})
    return hexed


def rows_of(model: str) -> list[dict[str, Any]]:
    """Rows that the model predicts."""
    return ROWS["line" if model == "line" else "m"]


def ends(here: World, runs: dict[str, str]) -> dict[str, Any]:
    """How runs ended: what they made, or what they found."""
    return {name: _end(here, run) for name, run in runs.items()}


def _end(here: World, run: str) -> dict[str, Any]:
    found = here.ok("GET", f"/v1/runs/{run}")
    ended = _of(found, "kind model state version error") | {"outcome": timeless(found["outcome"])}
    if found["version"] is not None and found["kind"] != "evaluate":
        path = f"/v1/models/{found['model']}/versions/{found['version']}"
        ended["made"] = _of(here.ok("GET", path), "digest metrics loss hyperparameters algorithm")
    return ended


def _dataset(here: World, name: str) -> list[dict[str, Any]]:
    status, answer = here.ask("GET", f"/v1/datasets/{name}/versions")
    if status == 404:
        return []
    return [
        _of(one, "version digest rows label")
        | {"columns": [_of(column, "name kind missing") for column in one["columns"]]}
        for one in answer["items"]
    ]


def _run(here: World, run: str) -> dict[str, Any]:
    found = here.ok("GET", f"/v1/runs/{run}")
    return _of(found, "model kind state version iteration iterations error") | {
        "outcome": timeless(found["outcome"])
    }


def _deployment(found: dict[str, Any]) -> dict[str, Any]:
    return {"state": found["state"], "versions": [route["version"] for route in found["routes"]]}


def _traffic(report: dict[str, Any]) -> dict[str, Any]:
    return _of(report, "version requests rows errors status") | {
        "drift": {one["name"]: [one["psi"], one["drifted"]] for one in report["features"]}
    }


def _of(found: dict[str, Any], names: str) -> dict[str, Any]:
    return {name: found.get(name) for name in names.split()}


def timeless(value: Any) -> Any:
    """Without what a clock says: the seconds of a leaderboard."""
    if isinstance(value, dict):
        return {key: timeless(inner) for key, inner in value.items() if key != "seconds"}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


def exact(value: Any) -> Any:
    """Every float as its hexadecimal text."""
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    return [exact(inner) for inner in value] if isinstance(value, list) else value


def arithmetic() -> str:
    """A digest of what this machine's numpy makes of fixed numbers; machines that differ in it round differently."""
    X = np.sin(np.arange(1.0, 20_001.0)).reshape(400, 50)
    made: Sequence[Any] = (X @ X[0], X.T @ X, np.exp(X), np.log(X * X + 0.5), X.sum(axis=0), np.linalg.solve(
        X.T @ X + np.eye(50), X[0]))  # fmt: skip
    return hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in made)).hexdigest()


def plain(value: Any) -> Any:
    """As it comes back from a file."""
    return json.loads(json.dumps(value))
