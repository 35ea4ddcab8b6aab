"""AutoGluon on one job: ``python -m tests.benchmarks.auto_systems.by_autogluon FOLDER PRESET``.

It runs where the rivals are installed, and imports nothing of Lepton.
"""

import sys
import time

from autogluon.tabular import TabularPredictor

from tests.benchmarks.auto_systems.frames import asked, labels, training
from tests.benchmarks.auto_systems.job import Answer, Job, answered, folder_bytes, latency


def run(job: Job) -> Answer:
    """The whole frame goes in as it was read, with the preset and the time limit."""
    began = time.perf_counter()
    frame = training(job)
    frame[job.label] = labels(job, frame)
    classes = frame[job.label].nunique() if job.task == "classification" else 0
    predictor = TabularPredictor(
        label=job.label,
        problem_type={0: "regression", 2: "binary"}.get(classes, "multiclass"),
        eval_metric="log_loss" if classes else "root_mean_squared_error",
        path=str(job.own / "predictor"),
        verbosity=1,
    ).fit(frame, time_limit=job.seconds, presets=sys.argv[2], num_cpus=job.threads, num_gpus=0)
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
    return Answer(found.to_numpy(), names, seconds, size, took, small.model_best)


if __name__ == "__main__":
    answered(run)
