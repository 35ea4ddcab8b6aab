"""Runs that are cancelled and resumed, as tests ask for it over HTTP."""

from typing import Any

from functions.records.kinds import DUE_KEPT, DUE_RUNS
from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.runners import idle, inline
from tests.support.world import World, two_classes, world

SLICED = Settings(slice_seconds=0.0)
"""Every iteration, and every fold, is a slice of its own."""

FIT = {"iterations": 6, "learning_rate": 0.5}
WEEK = Settings().cancelled_seconds


def prepared(store: Any, settings: Settings = SLICED) -> World:
    """Data and a model; what is queued stays queued."""
    here = world(store, runner=idle, settings=settings)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    assert here.upload(two_classes(60))["state"] == "accepted"
    return here


def seen(here: World, run: str) -> Any:
    return here.ok("GET", f"/v1/runs/{run}")


def worked(here: World, run: str, tasks: int) -> None:
    """Another process takes the run up for so many rounds of tasks."""
    asked: list[None] = []

    def stopping() -> bool:
        asked.append(None)
        return len(asked) > tasks

    here.again(runner=inline).platform.runner.take_up("default", run, stopping)


def driven(here: World) -> None:
    """Another process drives what is under way to its end."""
    sweep(here.again(runner=inline).platform)


def cancel(here: World, run: str) -> Any:
    return here.ok("POST", f"/v1/runs/{run}/cancel")


def resume(here: World, run: str) -> Any:
    return here.ok("POST", f"/v1/runs/{run}/resume")


def refused(here: World, run: str) -> tuple[int, str, str]:
    error = here.refused("POST", f"/v1/runs/{run}/resume")
    return error["status"], error["code"], error["message"]


def begun(here: World, body: dict[str, Any], step: str = "train") -> str:
    return str(here.ok("POST", f"/v1/models/m/{step}", body)["id"])


def pointers(here: World) -> tuple[list[str], list[str]]:
    """Those to runs under way, and to kept ones."""
    system = here.platform.system
    return [key for key, _ in system.list(DUE_RUNS)], [key for key, _ in system.list(DUE_KEPT)]
