"""What the figures of a dataset version tell of a job before anything is queued: that it cannot come to anything."""

from typing import Any

from msgspec.structs import asdict

from functions.records.kinds import DatasetVersion
from functions.training.bench import reads
from functions.training.job import Job
from lepton_core import target, weights
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.models import algorithm
from lepton_core.preprocess import Preprocessor


def check(data: DatasetVersion, job: Job) -> None:
    """Raises `InvalidInput` naming 'dataset', 'weight' or 'class_weight' if the job must fail on this data."""
    columns = [asdict(column) for column in data.columns]
    check_label(data, columns, job)
    check_weights(data, columns, job)


def check_label(data: DatasetVersion, columns: list[dict[str, Any]], job: Job) -> None:
    """Raises `InvalidInput` if the job's task, or any of its algorithm, cannot learn the label."""
    tasks = algorithm(job.algorithm).tasks if job.task is None else frozenset({job.task})
    label = next(column for column in columns if column["name"] == data.label)
    try:
        target.check_figures(label, tasks)
    except InvalidData as error:
        raise _of(data, error, "dataset") from None


def check_weights(data: DatasetVersion, columns: list[dict[str, Any]], job: Job) -> None:
    """Raises `InvalidInput` if the job's weights cannot be those of these rows, or of their classes."""
    if job.class_weight is not None and job.task == "regression":
        raise InvalidInput("a regression has no classes", field="class_weight")
    if job.weight is None:
        return
    try:
        weights.check_figures(columns, job.weight, data.label)
    except InvalidData as error:
        raise _of(data, error, "weight") from None
    if job.preprocessor is not None and reads(Preprocessor.from_dict(job.preprocessor), job.weight):
        raise InvalidInput(
            f"the model's preprocessor was fitted to data with {job.weight!r} as a feature; upload it again, "
            "not fitted, or fitted to data without that column",
            field="weight",
        )


def _of(data: DatasetVersion, error: InvalidData, field: str) -> InvalidInput:
    return InvalidInput(f"dataset {data.dataset!r} version {data.version}, {error.message}", field=field)
