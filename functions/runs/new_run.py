"""A run that is queued: written with the pointer by which the sweep finds it, and as the one run of its model."""

from collections.abc import Sequence

from msgspec.structs import replace

from functions.context import Context
from functions.records.intents import count_of
from functions.records.kinds import DATASET_VERSIONS, DUE_RUNS, MODELS, Due, Model, number
from functions.records.names import name_of
from functions.runs.job import Job, ScoreJob, Spec
from functions.runs.record import RUNS, Run
from functions.storage import MAX_RECORD_BYTES, Check, Lost, Stored, Workspace, Write
from lepton_core.errors import Conflict, NotFound, TooLarge, TooMany

ROOM = 50_000
"""Bytes of a run's record that are left for what comes: the curve as shown, the figures, an error."""


def new_run(context: Context, model: str, job: Job, needed_bytes: int = 0) -> Run:
    """A run that is not queued yet, and takes about so many bytes of memory; 0: nobody knows."""
    now = context.clock()
    return Run(
        context.new_id("run"), model, job, "queued", created=now, updated=now, needed_bytes=needed_bytes
    )


def queue(
    context: Context,
    store: Workspace,
    run: Run,
    model: Stored[Model] | None,
    also: Sequence[Write] = (),
    *,
    revision: int = 0,
) -> None:
    """Write a run, the sweeper's pointer to it, and ``also``, as one transaction.

    With ``model`` the run becomes the model's one run under way. ``revision`` is that of a run which was cancelled; 0:
    it is new. Raises `Conflict` if the model changed meanwhile or
    already has a run, `NotFound` if its data are deleted, `TooMany` if the workspace has as many runs under way as it
    may, and `TooLarge` if the record of the run would have no room to grow.
    """
    most = context.settings.most_runs
    if count_of(context.system, DUE_RUNS, store.name, most) >= most:
        raise TooMany(f"this workspace has {most} runs under way (setting most_runs); wait, or cancel some")
    due = Due(store.name, run.id, run.created)
    put = store.put(RUNS, run.id, value=run, expect=revision)
    if not revision:
        _demand_room(len(put.body))
    writes: list[Write] = [
        put,
        *([] if isinstance(run.job, ScoreJob) else its_data(store, run.job.spec)),
        context.system.put(DUE_RUNS, f"{store.name}:{run.id}", value=due, expect=0),
        *also,
    ]
    if model is not None:
        if model.value.run is not None:
            raise Conflict(f"run {model.value.run} of model {run.model!r} is still under way")
        taken = replace(model.value, run=run.id)
        writes.append(store.put(MODELS, run.model, value=taken, expect=model.revision))
    try:
        store.write(*writes)
    except Lost as error:
        raise Conflict(f"model {run.model!r} was changed by somebody else meanwhile; try again") from error


def its_data(store: Workspace, spec: Spec) -> list[Check]:
    """That the data of a run are still there as it is queued: from then on they are not deleted. Errors: `NotFound`."""
    found = store.get(DATASET_VERSIONS, spec.dataset, number(spec.dataset_version))
    if found is None:
        return []
    if found.value.life != "kept":
        name = name_of(store, spec.dataset)
        raise NotFound(f"version {spec.dataset_version} of dataset {name!r} was deleted")
    return [store.check(DATASET_VERSIONS, spec.dataset, number(spec.dataset_version), expect=found.revision)]


def _demand_room(size: int) -> None:
    # A record that got too large under way could neither go on nor end.
    most = MAX_RECORD_BYTES - ROOM
    if size > most:
        raise TooLarge(
            f"what the run is asked to do takes {size} bytes, and at most {most} are kept; upload a smaller "
            "preprocessor, or try fewer candidates"
        )
