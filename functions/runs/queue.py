"""A new run: written with the pointer by which the sweep finds it, and as the one run of its model."""

from collections.abc import Sequence

from msgspec.structs import replace

from functions.context import Context
from functions.records.intents import count_of
from functions.records.kinds import DUE_RUNS, MODELS, Due, Model
from functions.runs.job import Job
from functions.runs.record import RUNS, Run
from functions.storage import Lost, Stored, Workspace
from functions.storage.protocols import Write
from lepton_core.errors import Conflict, TooMany


def new_run(context: Context, model: str, job: Job) -> Run:
    """A run that is not queued yet."""
    now = context.clock()
    return Run(context.new_id("run"), model, job, "queued", created=now, updated=now)


def queue(
    context: Context, store: Workspace, run: Run, model: Stored[Model] | None, also: Sequence[Write] = ()
) -> None:
    """Write a new run, the sweeper's pointer to it, and ``also``, as one transaction.

    With ``model`` the run becomes the model's one run under way. Raises `Conflict` if the model changed meanwhile or
    already has a run, and `TooMany` if the workspace has as many runs under way as it may.
    """
    most = context.settings.most_runs
    if count_of(context.system, DUE_RUNS, store.name, most) >= most:
        raise TooMany(f"this workspace has {most} runs under way (setting most_runs); wait, or cancel some")
    due = Due(store.name, run.id, run.created)
    writes: list[Write] = [
        store.put(RUNS, run.id, value=run, expect=0),
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
