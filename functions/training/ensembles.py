"""A search that ends in a blend: which candidates it is made of, a fit of each, and one artifact of them all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from functions.context import Context
from functions.records.files import File, Served, read_file, write_file
from functions.runs.job import TrainJob, UpdateJob
from functions.runs.record import Progress, Run, file_key
from functions.runs.task import (
    AssembleTask,
    ChooseTask,
    Chosen,
    Entrant,
    Fitted,
    Measured,
    Member,
    MemberTask,
    Results,
    Task,
    is_done,
    key_of,
)
from functions.storage import Workspace
from functions.training import fit
from functions.training.bench import Bench, gather
from functions.training.specs import tried
from lepton_core import search as core
from lepton_core.ensemble import Ensemble
from lepton_core.models.contributes import contributes
from lepton_core.out_of_fold import OutOfFold, classes_of, truth
from lepton_core.predict import Predictor
from lepton_core.search.selection import Selection, is_shown_worse, of_weights, select

MOST_ENTRANTS = 25

MOST_KEPT_ROWS = 50_000
"""Rows by whose predictions a blend is chosen, at most: of more rows every so-manyth is kept."""

MOST_KEPT_NUMBERS = 400_000
"""The same for probabilities: of many classes fewer rows are kept."""


def plan(chosen: Chosen, results: Results, *, refit: bool) -> list[Task]:
    """The judged fits of all members and what they make; then, if there are to be two, those that will serve."""
    if len(chosen.members) == 1:
        return fit.plan(results, chosen.members[0].candidate, refit=refit)
    judged = [MemberTask(one.candidate) for one in chosen.members]
    if not _done(results, fit.FIT):
        return _next(chosen, judged, results)
    if not refit or _done(results, fit.REFIT):
        return []
    found = {one.candidate: one.found for one in _fits(judged, results)}
    return _next(chosen, [MemberTask(one.candidate, True, found[one.candidate]) for one in judged], results)


def _done(results: Results, key: str) -> bool:
    found = results.get(key)
    return found is not None and is_done(found)


def _fits(tasks: Sequence[MemberTask], results: Results) -> list[Fitted]:
    found = [results.get(key_of(task)) for task in tasks]
    return [one for one in found if isinstance(one, Fitted) and one.made is not None]


def _next(chosen: Chosen, members: Sequence[MemberTask], results: Results) -> list[Task]:
    left: list[Task] = [task for task in members if not _done(results, key_of(task))]
    if left:
        return left
    made = _fits(members, results)
    return [
        AssembleTask(
            files=[one.made.artifact for one in made if one.made is not None],
            weights=[one.weight for one in chosen.members],
            iterations=sum(one.iterations for one in made),
            served=members[0].served,
            note=chosen.note,
        )
    ]


def choice(job: TrainJob | UpdateJob, search: core.Search, results: Results) -> ChooseTask:
    """The task of choosing, from what a search that is over has measured. Raises the first error if all failed."""
    core.winner(search)
    best = core.standings(search)
    level = [one for one in best if one.error is None and one.rung == best[0].rung][:MOST_ENTRANTS]
    if isinstance(job, UpdateJob):
        level.sort(key=lambda one: one.candidate)
    return ChooseTask(
        entrants=[
            Entrant(
                one.candidate,
                [file for trial in _trials(one, results) for file in trial.outputs],
                search.seconds_of_fits(one.candidate),
            )
            for one in level
        ],
        folds=len(best[0].losses),
        seconds=None if search.seconds is None else max(0.0, search.seconds - search.spent()),
        all=isinstance(job, UpdateJob),
    )


def _trials(one: core.Standing, results: Results) -> list[Measured]:
    found = [results.get(f"trial-{rung}-{one.candidate}") for rung in range(one.rung + 1)]
    return [trial for trial in found if isinstance(trial, Measured)]


def kept(rows: NDArray[np.int64], classes: int) -> slice:
    """Which rows of a fold, (p,), are looked at when a blend is chosen: all, or every so-manyth."""
    most = min(MOST_KEPT_ROWS, MOST_KEPT_NUMBERS // max(1, classes)) // core.FOLDS
    return slice(None, None, max(1, -(-len(rows) // max(1, most))))


def write_outputs(
    context: Context, store: Workspace, run: Run, folds: Sequence[OutOfFold], name: str
) -> File:
    """The predictions for some folds as one file; `kept` says for which rows."""
    parts = [
        one.output[kept(np.arange(len(one.output)), 1 if one.output.ndim == 1 else one.output.shape[1])]
        for one in folds
    ]
    data = np.concatenate(parts).astype("<f4")
    return write_file(store, file_key(context, store, run, name), data.tobytes())


def progress(chosen: Chosen, results: Results) -> Progress:
    """The progress of the fits of all members: their iterations together."""
    keys = [
        (key_of(MemberTask(one.candidate, served)), served)
        for served in (False, True)
        for one in chosen.members
    ]
    fits = [(results[key], served) for key, served in keys if key in results]
    made = [(one, served) for one, served in fits if isinstance(one, Fitted)]
    finished = sum(is_done(one) and not served for one, served in made)
    note = f"{finished} of {len(chosen.members)} models fitted; {chosen.note}"
    if any(served for _, served in made):
        finished = sum(is_done(one) and served for one, served in made)
        note = f"fitted again on all rows, {finished} of {len(chosen.members)} models; {chosen.note}"
    if _done(results, fit.FIT) and (not made or all(is_done(one) for one, _ in made)):
        note = chosen.note
    judged = [one for one, served in made if not served]
    return Progress(
        iteration=sum(one.iteration for one in judged),
        iterations=sum(one.iterations for one in judged),
        loss=judged[0].loss if judged else [],
        note=note,
    )


def choose(
    context: Context, store: Workspace, run: Run, job: TrainJob | UpdateJob, task: ChooseTask
) -> Chosen:
    """Choose the members by predictions that were made without the rows in question."""
    bench = context.recent.get((store.name, run.id, "trials"), lambda: gather(store, run.model, job))
    y, classes = _truth(bench, task.folds)
    outputs = [_outputs(store, run, one, len(classes)) for one in task.entrants]
    if task.all:
        found = select(outputs, y, len(outputs), all=True)
        return Chosen(_members(task, found), _said(found, outputs, y))
    most = job.members if isinstance(job, TrainJob) else len(outputs)
    pool = list(range(len(outputs)))
    found = _affordable(task, outputs, y, most, pool)
    specs = [tried(job.spec, job.candidates[one.candidate]) for one in task.entrants]
    adds = [contributes(one.algorithm, one.hyperparameters, bool(classes)) for one in specs]
    note = ""
    if not all(adds[at] for at, weight in enumerate(found.weights) if weight):
        adding = _affordable(task, outputs, y, most, [at for at in pool if adds[at]]) if any(adds) else None
        if adding is not None and not is_shown_worse(adding, found, 1.0):
            note = (
                f"of models that say what each column adds; others would be as good (loss {found.loss:.4g})"
            )
            found = adding
        elif adding is not None:
            note = f"it cannot say what each column adds; what can has a loss of {adding.loss:.4g}"
        else:
            note = "it cannot say what each column adds"
    return Chosen(_members(task, found), "; ".join(filter(None, [_said(found, outputs, y), note])))


def _truth(bench: Bench, folds: int) -> tuple[NDArray[np.int64] | NDArray[np.float64], tuple[str, ...]]:
    classes = classes_of(bench.recipe, bench.table)
    label = bench.table[bench.data.label]
    rows = [held_out for _, held_out in bench.folds(core.FOLDS, seed=bench.spec.seed)[:folds]]
    parts = [truth(label.take(one[kept(one, max(1, len(classes)))]), classes) for one in rows]
    found: NDArray[Any] = np.concatenate(parts)
    return found, classes


def _outputs(store: Workspace, run: Run, one: Entrant, classes: int) -> NDArray[np.float64]:
    what = f"what candidate {one.candidate} of run {run.id!r} predicted"
    read = [np.frombuffer(read_file(store, file, what), "<f4") for file in one.outputs]
    numbers = np.concatenate(read).astype(np.float64)
    return numbers.reshape(-1, classes) if classes else numbers


def _affordable(
    task: ChooseTask,
    outputs: Sequence[NDArray[np.float64]],
    y: NDArray[np.int64] | NDArray[np.float64],
    most: int,
    pool: Sequence[int],
) -> Selection:
    """The best blend of the ``pool`` whose members can all be fitted in the seconds that are left."""
    while True:
        part = select([outputs[at] for at in pool], y, most)
        weights = np.zeros(len(outputs))
        weights[list(pool)] = part.weights
        costs = {at: task.entrants[at].seconds for at in pool if weights[at]}
        if task.seconds is None or len(costs) == 1 or sum(costs.values()) <= task.seconds:
            return of_weights(outputs, y, weights.tolist())
        best = max(costs, key=lambda at: weights[at])
        dearest = max((at for at in costs if at != best), key=lambda at: costs[at])
        pool = [at for at in pool if at != dearest]


def _members(task: ChooseTask, found: Selection) -> list[Member]:
    weighed = zip(task.entrants, found.weights, strict=True)
    return [Member(one.candidate, weight) for one, weight in weighed if weight]


def _said(
    found: Selection,
    outputs: Sequence[NDArray[np.float64]],
    y: NDArray[np.int64] | NDArray[np.float64],
) -> str:
    count = sum(map(bool, found.weights))
    if count == 1:
        return "no blend is better than the best candidate alone"
    alone = min(select([one], y, 1).loss for one in outputs)
    return f"a blend of {count}: loss {found.loss:.4g} on rows not learnt from, the best alone {alone:.4g}"


def assemble(context: Context, store: Workspace, run: Run, task: AssembleTask) -> Fitted:
    """One artifact of all members, evaluated on the held-out rows; what will serve is not evaluated."""
    what = f"a member of run {run.id!r}"
    members = [Predictor.load(read_file(store, file, what)) for file in task.files]
    bench = context.recent.get((store.name, run.id, "trials"), lambda: gather(store, run.model, run.job))
    rows = bench.rows if task.served else bench.training
    made = Ensemble.of(members, task.weights, bench.table.take(rows))
    done = Fitted(None, task.iterations, task.iterations, [], note=task.note)
    if task.served:
        artifact = write_file(store, file_key(context, store, run, "served"), made.dump())
        return replace(done, served=Served(artifact, len(rows)))
    judged = fit.scored(context, store, run, bench.aside, made)
    return replace(done, scored=replace(judged, rows=len(rows)))
