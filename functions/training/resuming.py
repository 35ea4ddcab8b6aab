"""Resume: a run that was cancelled goes on with all that it kept, unless what it needs has changed meanwhile."""

from functools import partial

from msgspec.structs import replace

from functions.context import Platform
from functions.datasets.parts import read_columns
from functions.records import find
from functions.records.kinds import MODELS, Model
from functions.runs import kept
from functions.runs.job import EvaluateJob, Job, ScoreJob, TrainJob, UpdateJob, name_of
from functions.runs.new_run import its_data, queue
from functions.runs.record import Run, find_run, has_ended, transition
from functions.storage import Stored, Workspace
from functions.training.make_way import go_first
from functions.training.specs import known_task
from lepton_core.errors import Conflict
from lepton_core.remedy import training


def resume(platform: Platform, store: Workspace, run_id: str) -> Run:
    """Queue a run that was cancelled, once; one that is under way stays as it is. Returns the run as it is afterwards.

    An update that came by itself makes way for it, as for a training. Raises `Conflict` for a run that ended by
    itself, or that keeps nothing; while another run of the model is under way; and if the model is retired, or has
    changed so that the run would make something else of it. `NotFound` if its data are deleted; `TooMany` if the
    workspace has as many runs under way as it may.
    """
    run = find_run(store, run_id).value
    if not has_ended(run):
        return run
    model = find.active_model(store, run.model)
    check(store, run, model.value)
    if isinstance(run.job, EvaluateJob | ScoreJob):
        return _again(platform, store, run_id, model)
    return go_first(platform, store, run.model, partial(_again, platform, store, run_id))


def check(store: Workspace, run: Run, model: Model) -> None:
    """Raises an error unless the run can be resumed for the model as it is now: see `resume`."""
    if run.state != "cancelled":
        raise _refused(run, f"run {run.id!r} has {run.state}, and only a cancelled run is resumed")
    if run.kept_until is None:
        why = "it made way for another run" if run.made_way else "its results are kept for a time only"
        raise _refused(run, f"nothing is kept of run {run.id!r}, so it cannot be resumed: {why}")
    if isinstance(run.job, ScoreJob):
        return  # it reads no data set
    its_data(store, run.job.spec)
    if isinstance(run.job, UpdateJob) and run.job.champion != model.champion:
        what = f"version {model.champion} of model {run.model!r} is deployed now"
        raise _refused(run, f"{what}, and run {run.id!r} was to be compared with version {run.job.champion}")
    if isinstance(run.job, TrainJob) and model.task not in (None, _task(store, run.job)):
        what = f"model {run.model!r} has learnt {model.task} meanwhile"
        raise _refused(run, f"{what}, and run {run.id!r} began when that was open")


def _task(store: Workspace, job: TrainJob) -> str | None:
    """The task that the job learns, as far as it is known without its data."""
    spec = job.spec
    if spec.task is not None:
        return spec.task
    version = find.dataset_version(store, spec.dataset, spec.dataset_version).value
    label = next(column for column in read_columns(store, version) if column.name == version.label)
    return known_task(spec.algorithm, label)


def _refused(run: Run, why: str) -> Conflict:
    """The error, with what to do instead: to ask for the same once more."""
    if isinstance(run.job, TrainJob):
        from lepton_core.asked_again import said_in  # noqa: PLC0415  (no prediction needs it)

        way = training(run.model, **said_in(run.job.asked))
        return Conflict(f"{why}; to begin anew: {way}", remedies=(way,))
    return Conflict(f"{why}; ask for the {_WORDS[name_of(run.job)]} once more")


_WORDS = {"update": "update", "evaluate": "evaluation", "score": "scoring"}


def _again(platform: Platform, store: Workspace, run_id: str, model: Stored[Model]) -> Run:
    """Queue the run, with the pointer of those under way instead of that of those that are kept."""
    stored = find_run(store, run_id)
    run, now = stored.value, platform.clock()
    if not has_ended(run):
        return run
    check(store, run, model.value)
    resumed = replace(
        transition(run, "queued"),
        job=_paused(run.job, (run.updated.timestamp(), now.timestamp())),
        kept_until=None,
        updated=now,
    )
    taken: Stored[Model] | None = model
    also = kept.resumed(platform.system, store, run_id)
    if isinstance(run.job, EvaluateJob | ScoreJob):
        # It does not become the model's run, and yet must not find it retired.
        taken = None
        also.append(store.check(MODELS, run.model, expect=model.revision))
    try:
        queue(platform, store, resumed, taken, also, revision=stored.revision)
    except Conflict:
        current = find_run(store, run_id).value
        if has_ended(current):
            raise
        return current
    return resumed


def _paused(job: Job, pause: tuple[float, float]) -> Job:
    """The job, whose seconds do not count the ``pause``."""
    if not isinstance(job, TrainJob) or job.seconds is None:
        return job
    return replace(job, pauses=[*job.pauses, pause])
