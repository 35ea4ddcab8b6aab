"""The tasks of a fit: a slice of it, the score of what it made, and the version that both become."""

import platform as python
import time
from typing import Any

import msgspec
import numpy as np

from functions.context import VERSION, Platform
from functions.records import find
from functions.records.kinds import Model, Run, Version
from functions.runs.kind import TaskResult
from functions.runs.record import thin
from functions.storage import Workspace
from functions.training.bench import Bench, prepared
from functions.training.job import Job
from lepton_core import train as core
from lepton_core.artifact import digest, read_container, write_container
from lepton_core.models import pack_fit, unpack_fit
from lepton_core.predict import Predictor
from lepton_core.validation import headline, report


def fit_slice(platform: Platform, store: Workspace, run: Run) -> TaskResult:
    """Train until done or for one slice of time, and leave a checkpoint that goes on bit for bit."""
    bench, numbers = prepared(platform, store, run)
    warm = bench.warm is not None and core.warm_starts(numbers, bench.warm)
    checkpoint = run.done.get("fit")
    if checkpoint is None:
        fit = core.start(numbers, bench.warm)
    else:
        fit = unpack_fit(*read_container(store.blobs.get(checkpoint["blob"])))
    until = time.monotonic() + platform.settings.slice_seconds
    fit = core.advance(numbers, fit, lambda _: time.monotonic() >= until)
    key = result_key(platform, store, run, "fit")
    platform.blobs.put(key, write_container(*pack_fit(fit)))
    return TaskResult(
        {"blob": key, "finished": fit.finished, "warm": warm},
        iteration=fit.iteration,
        iterations=fit.iterations,
        loss=thin(fit.losses.tolist()),
        note=fit.note,
    )


def score(platform: Platform, store: Workspace, run: Run) -> tuple[Bench, Predictor, dict[str, Any]]:
    """Make the artifact from the finished fit, evaluate it on the held-out rows, store both."""
    bench, numbers = prepared(platform, store, run)
    fit = unpack_fit(*read_container(store.blobs.get(run.done["fit"]["blob"])))
    predictor = core.finish(numbers, fit)
    with core.numbered(bench.held_out):
        evaluation = report(predictor, bench.held_out_table)
    artifact = predictor.dump()
    summary: dict[str, Any] = {
        "artifact": result_key(platform, store, run, "artifact"),
        "digest": digest(artifact),
        "evaluation": result_key(platform, store, run, "evaluation"),
        "metrics": headline(evaluation),
        "task": predictor.task,
    }
    platform.blobs.put(summary["artifact"], artifact)
    platform.blobs.put(summary["evaluation"], msgspec.json.encode(evaluation))
    return bench, predictor, summary


def result_key(platform: Platform, store: Workspace, run: Run, name: str) -> str:
    """A blob key that nobody else uses: a task that runs twice writes twice, and one of the two is taken."""
    return store.blob("runs", run.id, platform.new_id(f"{name}-{run.attempt}"))


def new_version(platform: Platform, store: Workspace, run: Run, model: Model) -> Version:
    """The version that the run's results make: the model's next one."""
    job = Job.decided(run)
    scored = run.done["score"]
    data = find.dataset_version(store, job.dataset, job.dataset_version).value
    return Version(
        model=model.name,
        version=model.latest + 1,
        algorithm=job.algorithm,
        task=scored["task"],
        artifact=scored["artifact"],
        digest=scored["digest"],
        run=run.id,
        dataset=job.dataset,
        dataset_version=job.dataset_version,
        dataset_digest=data.digest,
        hyperparameters={**job.hyperparameters, "seed": job.seed},
        metrics=scored["metrics"],
        evaluation=scored["evaluation"],
        loss=run.loss,
        created=platform.clock(),
        preprocessor=job.preprocessor,
        warm_from=job.warm_from if run.done["fit"]["warm"] else None,
        weight=job.weight,
        class_weight=job.class_weight,
        libraries={"lepton": VERSION, "numpy": np.__version__, "python": python.python_version()},
    )
