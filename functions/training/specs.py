"""The spec that a job fits, and the version that it begins with."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from functions.records.kinds import Hyperparameters
from functions.runs.job import EvaluateJob, Job, Spec, TrainJob, UpdateJob
from lepton_core.search import Candidate
from lepton_core.table import BY_FILE


def warm_from(job: Job) -> int | None:
    """The version whose weights and preprocessor the fit of a job begins with."""
    match job:
        case TrainJob():
            return job.warm_from
        case UpdateJob():
            return job.champion
        case EvaluateJob():
            return None


def inherits(job: Job) -> bool:
    """Whether the spec is that of an earlier version, whose classes these data need not all have."""
    return not isinstance(job, TrainJob)


def refits(job: TrainJob | UpdateJob) -> bool:
    """Whether what serves is fitted again, on all rows.

    It is not where a person says which rows are for judging alone, by a second file or a column: nothing learns from
    those.
    """
    return job.refit and job.spec.split.rule not in (BY_FILE.rule, "column-1")


def tried(spec: Spec, candidate: Candidate) -> Spec:
    """The spec with the algorithm and the hyperparameters of a candidate."""
    given = {**spec.hyperparameters, **candidate.hyperparameters}
    return replace(spec, algorithm=candidate.algorithm, hyperparameters=given)


def chosen(job: Job, candidate: int | None) -> Spec:
    """The spec that is fitted: after a search, that of the candidate that won."""
    if candidate is None or not isinstance(job, TrainJob):
        return job.spec
    return tried(job.spec, job.candidates[candidate])


def given(hyperparameters: Mapping[str, Any], changes: Mapping[str, Any]) -> Hyperparameters:
    """The hyperparameters of a version as a caller gave them, with ``changes`` (None: no change)."""
    kept = {name: value for name, value in hyperparameters.items() if name != "seed"}
    return kept | {name: value for name, value in changes.items() if value is not None}
