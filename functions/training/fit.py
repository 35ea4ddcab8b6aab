"""The fit of a run: a slice of it, the score of what it made, and the version that both become."""

import platform as python
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from functions.context import VERSION, Context
from functions.records import find
from functions.records.files import Extras, File, Served, read_file, write_file
from functions.records.kinds import Model, Version
from functions.runs.job import EvaluateJob, Learning, UpdateJob, learning
from functions.runs.record import Progress, Run, file_key
from functions.runs.task import (
    CHOICE,
    LEARNT,
    Chosen,
    Compared,
    FitTask,
    Fitted,
    Learnt,
    MemberTask,
    RefitTask,
    Result,
    Results,
    Scored,
    Task,
    is_done,
    key_of,
)
from functions.storage import Workspace
from functions.training.bench import HeldOut, prepared, prepared_again
from functions.training.curve import in_chunks, shown_losses, size_of_chunk, write_chunks
from functions.training.specs import chosen, members_of, warm_from
from lepton_core import train as core
from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidData
from lepton_core.evaluate import HeldOutCurve
from lepton_core.models import Fit, pack_fit, unpack_fit
from lepton_core.predict import Predictor
from lepton_core.promotion import held_out_loss
from lepton_core.table import Table
from lepton_core.validation import headline, judged

if TYPE_CHECKING:
    from lepton_core.servable import Servable

FIT, REFIT = key_of(FitTask()), key_of(RefitTask())
"""The keys of the judged fit of a run, and of the one that serves, whichever candidate they are of."""

OUTCOMES = "outcomes"
"""In the file of an evaluation, beside the fields of the report: what rules for labels are chosen by."""


def plan(results: Results, candidate: int | None = None, *, refit: bool = False) -> list[Task]:
    """The judged fit, until it is scored; then the one that will serve, if there are to be two."""
    judged, learnt = results.get(FIT), learnt_of(results)
    if judged is None or not is_done(judged):
        return [FitTask(candidate, learnt)]
    served = results.get(REFIT)
    if not refit or not isinstance(judged, Fitted) or (served is not None and is_done(served)):
        return []
    return [RefitTask(candidate, judged.found, learnt)]


def learnt_of(results: Results) -> Learnt | None:
    """What rows out of fold have taught, if the run has asked them."""
    found = results.get(LEARNT)
    return found if isinstance(found, Learnt) else None


def work(context: Context, store: Workspace, run: Run, task: Task, before: Result | None) -> Fitted:
    """A slice of one of both fits."""
    match task:
        case FitTask():
            return fit_slice(context, store, run, task, before)
        case RefitTask():
            return refit_slice(context, store, run, task, before)
        case MemberTask():
            return member_slice(context, store, run, task, before)
        case _:
            raise ValueError(f"a fit has no task {task}")


def fit_slice(context: Context, store: Workspace, run: Run, task: FitTask, before: Result | None) -> Fitted:
    """A slice of the judged fit; the last one also makes the artifact, and evaluates it on the held-out rows."""
    aside, numbers = prepared(context, store, run, task.candidate)
    fit, slice_ = slice_of(context, store, run, (numbers, aside.warm), before, FIT, aside.table)
    slice_ = replace(slice_, candidate=task.candidate)
    if not fit.finished:
        return slice_
    made = _completed(store, run, task, core.finish(numbers, fit), numbers)
    judged = scored(context, store, run, aside, made, task.learnt)
    judged = replace(judged, rows=len(numbers.problem.y))
    return replace(slice_, scored=judged, found=core.found(numbers, fit))


def refit_slice(
    context: Context, store: Workspace, run: Run, task: RefitTask, before: Result | None
) -> Fitted:
    """A slice of the fit on all rows; the last one also makes the artifact, which nothing evaluates."""
    warm, numbers = prepared_again(context, store, run, task)
    fit, slice_ = slice_of(context, store, run, (numbers, warm), before, REFIT)
    slice_ = replace(slice_, candidate=task.candidate)
    if not fit.finished:
        return slice_
    made = _completed(store, run, task, core.finish(numbers, fit), numbers)
    artifact = write_file(store, file_key(context, store, run, "served"), made.dump())
    return replace(slice_, served=Served(artifact, len(numbers.problem.y)))


def _completed(
    store: Workspace, run: Run, task: FitTask | RefitTask, made: Predictor, numbers: core.Prepared
) -> "Servable":
    if task.learnt is None:
        return made
    from functions.training.completing import completed  # noqa: PLC0415  (no prediction needs it)

    return completed(store, run, task.learnt, made, numbers.features)


def member_slice(
    context: Context, store: Workspace, run: Run, task: MemberTask, before: Result | None
) -> Fitted:
    """A slice of the fit of one member; the last one makes its artifact, which is neither watched nor evaluated."""
    if task.served:
        warm, numbers = prepared_again(context, store, run, task)
    else:
        aside, numbers = prepared(context, store, run, task.candidate)
        warm = aside.warm
    fit, slice_ = slice_of(context, store, run, (numbers, warm), before, key_of(task))
    slice_ = replace(slice_, candidate=task.candidate)
    if not fit.finished:
        return slice_
    made = core.finish(numbers, fit, watched=False).dump()
    artifact = write_file(store, file_key(context, store, run, key_of(task)), made)
    return replace(slice_, made=Served(artifact, len(numbers.problem.y)), found=core.found(numbers, fit))


def slice_of(
    context: Context,
    store: Workspace,
    run: Run,
    begun: tuple[core.Prepared, Predictor | None],
    before: Result | None,
    name: str,
    held_out: Table | None = None,
) -> tuple[Fit, Fitted]:
    """Train until done or for one slice of time, and leave a checkpoint that goes on bit for bit.

    With rows that are ``held_out`` it is followed on these.
    """
    numbers, earlier = begun
    until = time.monotonic() + context.settings.slice_seconds
    if isinstance(before, Fitted) and before.checkpoint is not None:
        data = read_file(store, before.checkpoint, f"the checkpoint of run {run.id!r}")
        fit, warm = unpack_fit(*read_container(data)), before.warm
    else:
        fit = core.start(numbers, earlier)
        warm = earlier is not None and core.warm_starts(numbers, earlier)
    fit, seen = _followed(numbers, fit, lambda _: time.monotonic() >= until, before, held_out)
    curve = before.curve if isinstance(before, Fitted) else []
    chunks = write_chunks(context, store, run, fit, curve, size_of_chunk(fit.iterations))
    checkpoint = None
    if not fit.finished:
        checkpoint = _checkpoint(context, store, run, fit, name, since=in_chunks(chunks))
    return fit, Fitted(
        checkpoint=checkpoint,
        iteration=fit.iteration,
        iterations=fit.iterations,
        loss=shown_losses(store, run, fit, chunks),
        note="; ".join(filter(None, [numbers.note, fit.note])),
        warm=warm,
        curve=chunks,
        held_out=seen,
    )


def _followed(
    numbers: core.Prepared,
    fit: Fit,
    pause: Callable[[Fit], bool],
    before: Result | None,
    held_out: Table | None,
) -> tuple[Fit, HeldOutCurve | None]:
    """The fit a slice later, and all points of its curve on ``held_out`` rows, if it has one."""
    if held_out is None:
        return core.advance(numbers, fit, pause), None
    from lepton_core.followed import advance_followed, followed_rows  # noqa: PLC0415  (no prediction needs it)

    rows = followed_rows(numbers, held_out)
    fit, found = advance_followed(numbers, fit, pause, rows)
    earlier = before.held_out if isinstance(before, Fitted) else None
    points = (*(() if earlier is None else earlier.points), *found)
    return fit, None if rows is None or not points else HeldOutCurve(rows.measure, *rows.counts, points)


def _checkpoint(context: Context, store: Workspace, run: Run, fit: Fit, name: str, *, since: int) -> File:
    packed = write_container(*pack_fit(fit, since=since))
    return write_file(store, file_key(context, store, run, name), packed)


def scored(
    context: Context,
    store: Workspace,
    run: Run,
    aside: HeldOut,
    made: "Servable",
    learnt: Learnt | None = None,
) -> Scored:
    """Evaluate what a fit made on the held-out rows, and store both; a challenger beside its champion."""
    from lepton_core.compare import blocks_of  # noqa: PLC0415  (no prediction needs it)

    blocks = blocks_of(aside.table, aside.split, aside.by)
    with core.numbered(aside.rows):
        why = None if learnt is None else learnt.why
        columns = aside.columns(made.label)
        evaluation, kept = judged(made, aside.table, aside.baseline, blocks, looked_at=columns, why=why)
        compared = _compare(made, aside, blocks) if isinstance(run.job, UpdateJob) else None
    return Scored(
        artifact=write_file(store, file_key(context, store, run, "artifact"), made.dump()),
        evaluation=write_file(
            store,
            file_key(context, store, run, "evaluation"),
            msgspec.json.encode({**msgspec.to_builtins(evaluation), OUTCOMES: kept}),
        ),
        metrics=headline(evaluation),
        task=made.task,  # type: ignore[arg-type]
        compared=compared,
        split=aside.split,
    )


def _compare(challenger: "Servable", aside: HeldOut, blocks: NDArray[np.int64] | None) -> Compared:
    assert aside.champion is not None  # noqa: S101  (an update begins with its champion)
    from lepton_core.compare import compare  # noqa: PLC0415  (no prediction needs it)

    loss = held_out_loss(challenger, aside.table)
    try:
        champion_loss = held_out_loss(aside.champion, aside.table)
    except InvalidData as error:
        return Compared(loss, champion_error=error.message)
    return Compared(loss, champion_loss, comparison=compare(aside.champion, challenger, aside.table, blocks))


def progress(results: Results) -> Progress:
    """The progress of a fit, as it is shown."""
    fitted, again = results.get(FIT), results.get(REFIT)
    if not isinstance(fitted, Fitted):
        return Progress(note=_out_of_fold(results))
    note = fitted.note
    if isinstance(again, Fitted) and not is_done(again):
        note = f"fitted again on all rows, iteration {again.iteration}"
    return Progress(
        iteration=fitted.iteration,
        iterations=fitted.iterations,
        loss=fitted.loss,
        note=note,
        held_out=fitted.held_out,
    )


def _out_of_fold(results: Results) -> str:
    outs = [one for key, one in results.items() if key.startswith("out-")]
    done = sum(map(is_done, outs))
    return f"{done} fits without a fold each are done, to learn how sure the model is" if outs else ""


def new_version(context: Context, store: Workspace, run: Run, results: Results, model: Model) -> Version:
    """The version that the run's results make: the model's next one."""
    fitted, scored = the_fit(results)
    again = results.get(REFIT)
    spec = chosen(learning(run.job), fitted.candidate)
    data = find.dataset_version(store, spec.dataset, spec.dataset_version).value
    choice = results.get(CHOICE)
    members = members_of(learning(run.job), choice) if isinstance(choice, Chosen) else []
    return Version(
        model=model.name,
        version=model.latest + 1,
        algorithm="ensemble" if members else spec.algorithm,
        task=scored.task,
        artifact=scored.artifact,
        run=run.id,
        dataset=spec.dataset,
        dataset_version=spec.dataset_version,
        dataset_digest=data.digest,
        hyperparameters={**({} if members else spec.hyperparameters), "seed": spec.seed},
        metrics=scored.metrics,
        evaluation=scored.evaluation,
        loss=fitted.loss,
        created=context.clock(),
        preprocessor=spec.preprocessor,
        warm_from=warm_from(learning(run.job)) if fitted.warm else None,
        weight=spec.weight,
        class_weight=spec.class_weight,
        split=scored.split,
        default_steps=spec.default_steps,
        rows=scored.rows,
        served=again.served if isinstance(again, Fitted) else None,
        members=members,
        extras=_extras(learning(run.job), scored.task),
        libraries={"lepton": VERSION, "numpy": np.__version__, "python": python.python_version()},
    )


def _extras(job: Learning, task: str) -> Extras:
    """Those of the job that such a version has: a regression has no probabilities."""
    if isinstance(job, EvaluateJob):
        return Extras()
    return Extras(job.extras.calibrate and task == "classification", job.extras.uncertainty)


def the_fit(results: Results) -> tuple[Fitted, Scored]:
    """The finished fit of a run that only its ending is left of."""
    fitted = results[FIT]
    if not isinstance(fitted, Fitted) or fitted.scored is None:
        raise ValueError("the fit is not finished")
    return fitted, fitted.scored
