"""What a platform says of versions that blend, are calibrated, sure, bound or ruled, as plain JSON: then, and again."""

from typing import Any

from tests.formats.facts import exact, timeless
from tests.support.world import World

SERVED = ("blend", "values", "platt", "scaled", "steps", "bound", "sales")
"""Of each a version is deployed, and nothing is under way."""

MODELS = (*SERVED, "updating", "searching", "asking")
SURE = ("blend", "values", "platt", "scaled", "steps", "sales")
"""Those that give intervals, or sets of classes."""

MIXED = [
    {"a": 0.25, "b": -1.5, "colour": "red"},
    {"a": -2.0, "b": None, "colour": "green"},
    {"a": 1.75, "b": 0.125, "colour": None},
    {"a": 0.0, "b": 0.5, "colour": "violet"},
]
COPIES = [{f"x{j}": at + 0.01 * j for j in range(4)} for at in (-1.25, 0.0625, 0.5)]
ROWS: dict[str, list[dict[str, Any]]] = {
    "platt": COPIES,
    "scaled": COPIES,
    "steps": [{"a": -1.75}, {"a": -0.5}, {"a": 0.75}, {"a": 1.875}],
    "sales": [{"day": "2026-03-01", "sales 1 before": 9.5, "sales 7 before": 12.25}],
}
"""Of each model, rows that it predicts; `MIXED` where there are none."""


def seen(here: World) -> dict[str, Any]:
    """Everything that can be listed and read of them, but for times, ids of processes and places in the store."""
    versions = {
        f"{name}/{one['version']}": one
        for name in MODELS
        for one in here.ok("GET", f"/v1/models/{name}/versions")["items"]
    }
    return {
        "versions": {
            name: _of(
                one,
                "algorithm task digest run dataset_version dataset_digest hyperparameters metrics members weight split "
                "judged served calibrate uncertainty decision cross_validation",
            )
            for name, one in versions.items()
        },
        "evaluations": {
            name: _of(_evaluation(here, name), "calibrated coverages decision") for name in versions
        },
        "deployments": {
            name: _of(here.ok("GET", f"/v1/models/{name}/deployment"), "state routes")
            for name in (*SERVED, "updating")
        },
        "runs": {one["id"]: _run(here, one["id"]) for one in here.ok("GET", "/v1/runs")["items"]},
    }


def answers(here: World) -> dict[str, Any]:
    """What each deployed model predicts, how sure it is, and what each column adds: numbers as hexadecimal floats."""
    found = {}
    for name in (*SERVED, "updating"):
        path, rows = f"/v1/models/{name}/predict", ROWS.get(name, MIXED)
        found[name] = here.ok("POST", path, {"rows": rows})
        found[f"{name}, explained"] = here.ok("POST", path, {"rows": rows, "explain": True})
        if name in SURE:
            found[f"{name}, sure"] = here.ok("POST", path, {"rows": rows, "coverage": 0.9})
    hexed: dict[str, Any] = exact(found)
    return hexed


def ends(here: World, runs: dict[str, str]) -> dict[str, Any]:
    """How runs ended, and what the versions that they made are."""
    found = {}
    for name, run in runs.items():
        ended = _run(here, run)
        path = f"/v1/models/{ended['model']}/versions/{ended['version']}"
        names = "digest algorithm members hyperparameters metrics calibrate uncertainty judged served"
        found[name] = ended | {"made": _of(here.ok("GET", path), names)}
    return found


def _evaluation(here: World, name: str) -> Any:
    model, version = name.split("/")
    return here.ok("GET", f"/v1/models/{model}/versions/{version}/evaluation")


def _run(here: World, run: str) -> dict[str, Any]:
    found = here.ok("GET", f"/v1/runs/{run}")
    return _of(found, "model kind state version error note") | {"outcome": timeless(found["outcome"])}


def _of(found: dict[str, Any], names: str) -> dict[str, Any]:
    return {name: found.get(name) for name in names.split()}
