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

from functions.context import Context, Runner
from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.place import Place
from functions.runs.places.processes import Processes
from functions.runs.places.remote import Asked, Functions, answer
from functions.runs.places.threads import Threads
from functions.runs.record import Run
from functions.runs.runners import DeferredRunner, InlineRunner, LocalRunner
from functions.settings import Settings
from infra.local.up import serve
from tests.support.tiny_runs import asked, open_context, run_of, tiny, tiny_run

SETTINGS = Settings()


def numbers() -> list[int]:
    """The number of threads of each library that this process has loaded."""
    return [library["num_threads"] for library in threadpool_info()]


def look(context: Context, run: Run, name: str) -> None:
    """Note the numbers, where the task is done."""
    Path(asked(run, "folder"), f"{run.id}-{name}").write_text(json.dumps(numbers()))


def open_looking(folder: Path) -> Worker:
    """What a worker process opens: the tiny kind of run, whose tasks look."""
    return Worker(open_context(folder, SETTINGS), tiny(look=look))


def runner_of(place: str, folder: Path, worker: Worker) -> Runner:
    def call(payload: bytes) -> bytes:
        return msgspec.json.encode(answer(worker, msgspec.json.decode(payload, type=Asked)))

    def local(where: Place) -> Runner:
        return LocalRunner(Driver(worker.context, worker.kinds, where))

    match place:
        case "sdk":
            return local(Threads(worker, 2))
        case "worker":
            return local(Processes(partial(open_looking, folder), 1))
        case "lambda":
            return DeferredRunner(worker.context, worker.kinds, place=partial(Functions, call))
        case _:
            return InlineRunner(worker.context, worker.kinds)


def of_a_run(place: str, folder: Path) -> dict[str, list[int]]:
    before = numbers()
    worker = open_looking(folder)
    runner = runner_of(place, folder, worker)
    run = tiny_run(worker.context, "look-1", "look-2", folder=str(folder))
    runner.take_up("default", run)
    while run_of(worker.context, run).state in (
        "queued",
        "running",
    ):  # who began this process gives it minutes
        time.sleep(0.01)
    runner.close()
    np.linalg.norm(np.ones((300, 300)) @ np.ones((300, 300)))
    within = [
        number
        for task in ("look-1", "look-2")
        for number in json.loads((folder / f"{run}-{task}").read_text())
    ]
    return {"before": before, "within": within, "after": numbers()}


def of_the_server(folder: Path) -> None:
    def ready(url: str, key: str, link: str) -> None:
        print(json.dumps({"within": numbers()}), flush=True)  # noqa: T201

    serve(0, folder, 1, ready=ready)


if __name__ == "__main__":
    place, folder = sys.argv[1], Path(sys.argv[2])
    if place == "up":
        of_the_server(folder)
    else:
        print(json.dumps(of_a_run(place, folder)))  # noqa: T201
