"""A kind of run whose tasks are a few lines each, for tests of the machinery around them.

The request names what each task does: a function of `WORK`, under the task's name up to its first '-'. Worker
processes know the functions of this module; a test in threads may bring its own.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from functions.context import Platform, Settings, utc_now
from functions.records.kinds import MODELS, RUNS, Model, Run
from functions.runs.kind import _KINDS, Ending, Steps, TaskResult, register
from functions.runs.places.inline import InlineRunner
from functions.runs.record import queue
from functions.serving.cache import Served
from functions.storage import Workspace
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from functions.training.fit import result_key
from lepton_core.errors import InvalidInput, Unavailable

Work = Callable[[Platform, Workspace, Run, str], dict[str, Any]]
KIND: Literal["evaluate"] = "evaluate"


def done(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
    """Leave a blob and be done."""
    key = result_key(platform, store, run, task)
    platform.blobs.put(key, task.encode())
    return {"blob": key, "pid": os.getpid()}


def nap(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
    """Take a while."""
    time.sleep(run.request["seconds"])
    return done(platform, store, run, task)


def boom(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
    """A programming error."""
    raise ZeroDivisionError("the secret of line 7")


def refuse(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
    """What the caller did wrong."""
    raise InvalidInput("must be even", field="seven")


def hiccup(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
    """Not now: only the third time."""
    if run.attempt < 3:
        raise Unavailable("the store is busy; try again")
    return done(platform, store, run, task)


def die(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
    """End the process, every time."""
    time.sleep(run.request.get("seconds", 0.0))
    os._exit(1)


def once(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
    """End the process, the first time."""
    mark = Path(run.request["folder"], f"{run.id}-{task}")
    if not mark.exists():
        mark.touch()
        die(platform, store, run, task)
    return done(platform, store, run, task)


WORK: dict[str, Work] = {made.__name__: made for made in (done, nap, boom, refuse, hiccup, die, once)}


def _plan(run: Run) -> list[str]:
    rounds: int = run.request.get("rounds", 1)
    return [task for task in run.request["tasks"] if run.done.get(task, {}).get("round", 0) < rounds]


def _work(platform: Platform, store: Workspace, run: Run, task: str) -> TaskResult:
    before = run.done.get(task, {}).get("round", 0)
    summary = WORK[task.partition("-")[0]](platform, store, run, task)
    return TaskResult(
        {**summary, "round": before + 1}, iteration=before + 1, iterations=run.request.get("rounds", 1)
    )


def _finish(platform: Platform, store: Workspace, run: Run, model: Model) -> Ending:
    return Ending(model, outcome={"pids": {task: summary["pid"] for task, summary in run.done.items()}})


STEPS = Steps(plan=_plan, work=_work, finish=_finish)


@contextmanager
def tiny_runs(**work: Work) -> Iterator[None]:
    """Within the block runs of `KIND` are tiny; ``work`` adds to `WORK`."""
    kinds, known = dict(_KINDS), dict(WORK)
    register(KIND, STEPS)
    WORK.update(work)
    try:
        yield
    finally:
        for registry, before in ((_KINDS, kinds), (WORK, known)):
            registry.clear()
            registry.update(before)  # type: ignore[arg-type]


def tiny_run(platform: Platform, *tasks: str, **request: Any) -> str:
    """Queue a run of these tasks in the workspace 'default'; its id."""
    store = platform.workspace("default")
    now = platform.clock()
    if store.get(MODELS, "m") is None:
        store.write(store.put(MODELS, "m", value=Model("m", "logistic_regression", "m", now), expect=0))
    run = Run(
        platform.new_id("run"),
        "m",
        KIND,
        "queued",
        {"tasks": list(tasks), **request},
        created=now,
        updated=now,
    )
    queue(platform, store, run, None)
    return run.id


def run_of(platform: Platform, run: str) -> Run:
    """The run as stored."""
    stored = platform.workspace("default").get(RUNS, run)
    assert stored is not None
    return stored.value


def open_tiny(folder: Path, settings: Settings) -> Platform:
    """What a worker process opens: a disk store, and the tiny kind of run."""
    register(KIND, STEPS)
    return Platform(
        blobs=DiskBlobs(folder / "blobs"),
        records=DiskRecords(folder / "records.sqlite"),
        runner=InlineRunner(),
        served=Served(),
        clock=utc_now,
        settings=settings,
    )
