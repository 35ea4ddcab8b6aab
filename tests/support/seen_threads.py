"""A process that looks how many threads it has: ``python -m tests.support.seen_threads PLACE FOLDER``.

It prints a line of JSON: the numbers before, within the tasks of a run (done in PLACE), and after.
"""

import json
import sys
import time
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from threadpoolctl import threadpool_info

from functions.context import Platform, Settings
from functions.runs.places.processes import Processes
from functions.runs.places.remote import Asked, answer
from functions.runs.places.threads import Threads
from functions.runs.runners import DeferredRunner, InlineRunner, LocalRunner
from infra.local.up import serve
from tests.support.tiny_runs import open_tiny, run_of, tiny_run

SETTINGS = Settings()


def numbers() -> list[int]:
    """The number of threads of each library that this process has loaded."""
    return [library["num_threads"] for library in threadpool_info()]


def runner_of(place: str, folder: Path, platform: Platform) -> LocalRunner | InlineRunner | DeferredRunner:
    def call(payload: bytes) -> bytes:
        return msgspec.json.encode(answer(platform, msgspec.json.decode(payload, type=Asked)))

    match place:
        case "sdk":
            return LocalRunner(Threads(2))
        case "worker":
            return LocalRunner(Processes(partial(open_tiny, folder, SETTINGS), 1))
        case "lambda":
            return DeferredRunner(call)
        case _:
            return InlineRunner()


def of_a_run(place: str, folder: Path) -> dict[str, list[int]]:
    before = numbers()
    platform = open_tiny(folder, SETTINGS)
    runner = runner_of(place, folder, platform)
    run = tiny_run(platform, "threads-1", "threads-2", folder=str(folder))
    runner.take_up(platform, "default", run)
    while run_of(platform, run).state in ("queued", "running"):  # whoever began this process gives it minutes
        time.sleep(0.01)
    runner.close()
    np.linalg.norm(np.ones((300, 300)) @ np.ones((300, 300)))
    within = [
        number
        for task in ("threads-1", "threads-2")
        for number in json.loads((folder / f"{run}-{task}").read_text())
    ]
    return {"before": before, "within": within, "after": numbers()}


def of_the_server(folder: Path) -> None:
    def ready(url: str, key: str) -> None:
        print(json.dumps({"within": numbers()}), flush=True)  # noqa: T201

    serve(0, folder, 1, ready=ready)


if __name__ == "__main__":
    place, folder = sys.argv[1], Path(sys.argv[2])
    if place == "up":
        of_the_server(folder)
    else:
        print(json.dumps(of_a_run(place, folder)))  # noqa: T201
