"""AutoGluon on one job: ``python -m tests.benchmarks.auto_systems.by_autogluon FOLDER PRESET``.

It runs where the rivals are installed, and imports nothing of Lepton.
"""

import sys
import time
from typing import Any

import pandas as pd
from autogluon.tabular import TabularPredictor

from tests.benchmarks.auto_systems.frames import asked, labels, training
from tests.benchmarks.auto_systems.job import Answer, Job, answered, folder_bytes, latency


def run(job: Job) -> Answer:
    """The whole frame goes in as it was read, with the preset and the time limit."""
    began = time.perf_counter()
    frame = training(job)
    frame[job.label] = labels(job, frame)
    classes = frame[job.label].nunique() if job.task == "classification" else 0
    said = ""
    try:
        predictor = fitted(job, frame, classes, job.seconds, "predictor")
    except AssertionError:
        # Where the trial fit of dynamic stacking gets no model done, AutoGluon ends with "Learner is already fit".
        left = max(job.seconds - (time.perf_counter() - began), job.seconds / 2)
        predictor = fitted(job, frame, classes, left, "again", dynamic_stacking=False)
        said = ", again without dynamic stacking"
    seconds = time.perf_counter() - began
    predictor.persist()
    rows = asked(job, frame)
    predict = predictor.predict_proba if classes else predictor.predict
    found = predict(rows)
    names = tuple(str(name) for name in found.columns) if classes else ()
    took = latency(lambda place: predict(rows.iloc[[place]]), len(rows))
    # What would be carried to where it serves: without the models that the best one does not use.
    small = predictor.clone_for_deployment(path=str(job.own / "deployed"), return_clone=True)
    size = folder_bytes(job.own / "deployed")
    return Answer(found.to_numpy(), names, seconds, size, took, small.model_best + said)


def fitted(
    job: Job, frame: pd.DataFrame, classes: int, seconds: float, place: str, **more: Any
) -> TabularPredictor:
    """A predictor in a folder of its own."""
    predictor = TabularPredictor(
        label=job.label,
        problem_type={0: "regression", 2: "binary"}.get(classes, "multiclass"),
        eval_metric="log_loss" if classes else "root_mean_squared_error",
        path=str(job.own / place),
        verbosity=1,
    )
    return predictor.fit(
        frame, time_limit=seconds, presets=sys.argv[2], num_cpus=job.threads, num_gpus=0, **more
    )


if __name__ == "__main__":
    answered(run)
