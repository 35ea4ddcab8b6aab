"""The spec that a job fits, and the version that it begins with."""

from collections.abc import Mapping
from typing import Any, cast

from msgspec.structs import replace

from functions.datasets import reports
from functions.datasets.parts import source_of
from functions.records.files import Blended, Extras
from functions.records.kinds import DatasetVersion, Hyperparameters, LearningTask
from functions.runs.job import EvaluateJob, Learning, Spec, TrainJob, UpdateJob
from functions.runs.task import Chosen
from functions.storage import Workspace
from lepton_core.errors import InvalidInput
from lepton_core.models import algorithm
from lepton_core.remedy import training
from lepton_core.search import Candidate
from lepton_core.table import BY_FILE, BY_NAME, ColumnFigures, Split, kind_of
from lepton_core.table.labels import are_few_numbers


def warm_from(job: Learning) -> int | None:
    """The version whose weights and preprocessor the fit of a job begins with."""
    match job:
        case TrainJob():
            return job.warm_from
        case UpdateJob():
            return job.champion
        case EvaluateJob():
            return None


def inherits(job: Learning) -> bool:
    """Whether the spec is that of an earlier version, whose classes these data need not all have."""
    return not isinstance(job, TrainJob)


def known_task(name: str, label: ColumnFigures) -> LearningTask | None:
    """The task, as far as it is known before the data are read."""
    tasks = algorithm(name).tasks
    if len(tasks) == 1:
        return cast(LearningTask, next(iter(tasks)))
    return None if BY_NAME[label.kind].quantitative else "classification"


def task_in(store: Workspace, version: DatasetVersion, name: str, label: ColumnFigures) -> LearningTask:
    """The task that `lepton_core.target.task_of` finds in the data, for an algorithm called ``name``.

    Of numbers the report tells whether they are few; a version without one, or with an older one, is read. Raises
    `Damaged`.
    """
    known = known_task(name, label)
    if known is not None:
        return known
    report = reports.of_version(store, version)
    # An older report counts the classes of some of its rows.
    if report is not None and report.label.rows == version.rows and report.label.name == version.label:
        return "regression" if report.label.cut is not None else "classification"
    return "classification" if _has_few_numbers(store, version) else "regression"


def _has_few_numbers(store: Workspace, version: DatasetVersion) -> bool:
    found: set[object] = set()
    for part in source_of(store, version).parts():
        column = part[version.label]
        found.update(kind_of(column).distinct(column)[0])
        if not are_few_numbers(list(found)):
            return False
    return True


MOST_REFITTED = 100_000
"""Of more rows a fifth more teaches next to nothing, and a second fit is half of what a training takes."""


def refits_by_default(rows: int, split: Split) -> bool:
    """Whether a training on so many ``rows`` takes a second fit, if nothing is said.

    In a split by time it always does: the rows that are held out are the newest.

    >>> from lepton_core.table import COPIES
    >>> refits_by_default(1_000_000, COPIES), refits_by_default(1_000_000, Split("time-1", 0.2, "day"))
    (False, True)
    """
    return rows <= MOST_REFITTED or split.rule == "time-1"


def refits(job: TrainJob | UpdateJob) -> bool:
    """Whether what serves is fitted again, on all rows.

    It is not where a person says which rows are for judging alone, by a second file or a column: nothing learns from
    those.
    """
    return job.refit and job.spec.split.rule not in (BY_FILE.rule, "column-1")


def with_extras(
    job: TrainJob, calibrate: bool | None, uncertainty: bool | None, *, by_itself: bool
) -> TrainJob:
    """The job with what is learnt out of fold: as asked for, and if nothing is said (None), both if ``by_itself``.

    Raises `InvalidInput` for calibration of what is known to be a regression.
    """
    asked = replace(job, calibrate_asked=bool(calibrate))
    if job.spec.task is not None:
        check_calibrates(asked, job.spec.task)
    values = job.spec.task == "regression"
    extras = Extras(
        by_itself and not values if calibrate is None else calibrate,
        by_itself if uncertainty is None else uncertainty,
    )
    return replace(asked, extras=extras)


def check_calibrates(job: Learning, task: str, of: str | None = None) -> None:
    """Raises `InvalidInput` if somebody asked for calibration, and the ``task`` of the model ``of`` is a regression.

    An ``auto`` for a blend and an update calibrate by themselves where they can, and go on without it.
    """
    if isinstance(job, TrainJob) and job.calibrate_asked and task == "regression":
        way = training(of, uncertainty=True)
        raise InvalidInput(
            f"a regression has no probabilities; intervals around its values come with {way}",
            field="calibrate",
            remedies=(way,),
        )


def blends(job: TrainJob | UpdateJob) -> bool:
    """Whether a blend is wanted where it is better than its best member."""
    return bool(job.candidates) and (isinstance(job, UpdateJob) or job.members > 1 or is_limited(job))


def is_limited(job: TrainJob | UpdateJob) -> bool:
    """Whether there is a limit to what the version may cost."""
    return isinstance(job, TrainJob) and (job.megabytes is not None or job.milliseconds is not None)


def tried(spec: Spec, candidate: Candidate) -> Spec:
    """The spec with the algorithm and the hyperparameters of a candidate."""
    given = {**spec.hyperparameters, **candidate.hyperparameters}
    return replace(spec, algorithm=candidate.algorithm, hyperparameters=given)


def chosen(job: Learning, candidate: int | None) -> Spec:
    """The spec that is fitted: after a search, that of the candidate that won."""
    if candidate is None or isinstance(job, EvaluateJob):
        return job.spec
    return tried(job.spec, job.candidates[candidate])


def members_of(job: Learning, choice: Chosen) -> list[Blended]:
    """The members of a version; none if one candidate stays alone."""
    if len(choice.members) == 1:
        return []
    specs = [chosen(job, one.candidate) for one in choice.members]
    return [
        Blended(spec.algorithm, spec.hyperparameters, one.weight)
        for spec, one in zip(specs, choice.members, strict=True)
    ]


def given(hyperparameters: Mapping[str, Any], changes: Mapping[str, Any]) -> Hyperparameters:
    """The hyperparameters of a version as a caller gave them, with ``changes`` (None: no change)."""
    kept = {name: value for name, value in hyperparameters.items() if name != "seed"}
    return kept | {name: value for name, value in changes.items() if value is not None}
