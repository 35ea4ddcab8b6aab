"""FLAML on one job: ``python -m tests.benchmarks.auto_systems.by_flaml FOLDER``.

It runs where the rivals are installed, and imports nothing of Lepton.
"""

import time

from flaml import AutoML

from tests.benchmarks.auto_systems.frames import asked, labels, training
from tests.benchmarks.auto_systems.job import Answer, Job, answered, latency, pickled_bytes


def run(job: Job) -> Answer:
    """FLAML's defaults with the task, the loss and the threads; the last fit of all rows is in the budget, too."""
    began = time.perf_counter()
    frame = training(job)
    X, y = frame.drop(columns=job.label), labels(job, frame)
    of_classes = job.task == "classification"
    automl = AutoML()
    automl.fit(
        X,
        y.to_numpy(),
        task=job.task,
        metric="log_loss" if of_classes else "rmse",
        time_budget=job.seconds,
        retrain_full="budget",
        n_jobs=job.threads,
        seed=job.seed,
        verbose=0,
    )
    seconds = time.perf_counter() - began
    rows = asked(job, frame)
    predict = automl.predict_proba if of_classes else automl.predict
    found = predict(rows)
    names = tuple(str(name) for name in automl.classes_) if of_classes else ()
    took = latency(lambda place: predict(rows.iloc[[place]]), len(rows))
    return Answer(found, names, seconds, pickled_bytes(automl), took, str(automl.best_estimator))


if __name__ == "__main__":
    answered(run)
