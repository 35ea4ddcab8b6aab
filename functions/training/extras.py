"""What a version has besides its model: fits of all folds but one, and what the predictions out of fold teach."""

from collections.abc import Mapping, Sequence
from dataclasses import replace as replaced

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from functions.context import Context
from functions.records.files import write_file
from functions.runs.job import TrainJob, UpdateJob, learning
from functions.runs.record import Run, file_key
from functions.runs.task import (
    Fitted,
    Learnt,
    LearnTask,
    Measured,
    Member,
    OutTask,
    Result,
    Results,
    Task,
    TrialTask,
    is_done,
    key_of,
)
from functions.storage import Workspace
from functions.training import ensembles, fit
from functions.training.bench import Bench, gather, too_few
from functions.training.specs import check_calibrates
from lepton_core import search
from lepton_core import train as core
from lepton_core.artifact import write_container
from lepton_core.blend import blended
from lepton_core.compare import blocks_of
from lepton_core.errors import InvalidInput
from lepton_core.out_of_fold import classes_of, truth
from lepton_core.table import Table
from lepton_core.uncertainty.choice import OutOfFoldRows, learnt
from lepton_core.weights import row_weights

FITS = 5
"""Folds of the rows to train on, and so further fits, where a search has not predicted its own."""


def plan(job: TrainJob | UpdateJob, results: Results, members: Sequence[Member]) -> list[Task]:
    """The fits without a fold each, and then what they teach; after a search what its ``members`` have predicted."""
    if members:
        trials = [_trials(one.candidate, results) for one in members]
        rungs = min(map(len, trials))
        outputs = [[file for trial in of[:rungs] for file in trial.outputs] for of in trials]
        folds = sum(search.RUNGS[:rungs])
        return [LearnTask(outputs, [one.weight for one in members], folds, search.FOLDS, job.extras)]
    tasks: list[Task] = [OutTask(number) for number in range(FITS)]
    left = [task for task in tasks if key_of(task) not in results or not is_done(results[key_of(task)])]
    if left:
        return left
    made = (results[key_of(task)] for task in tasks)
    files = [one.output for one in made if isinstance(one, Fitted) and one.output is not None]
    return [LearnTask([files], [1.0], FITS, FITS, job.extras)]


def _trials(candidate: int, results: Mapping[str, Result]) -> list[Measured]:
    """Those of the first cross-validation that are complete: seconds may have ended one in the middle of its folds.

    In a second cross-validation each row is predicted again, and it would count twice.
    """
    found: list[Measured] = []
    for rung in range(len(search.RUNGS)):
        one = results.get(key_of(TrialTask(search.Trial(rung, candidate))))
        if not isinstance(one, Measured) or not is_done(one) or one.tried.late:
            break
        found.append(one)
    return found


def out_slice(context: Context, store: Workspace, run: Run, task: OutTask, before: Result | None) -> Fitted:
    """A slice of the fit without a fold; the last one predicts that fold. It begins at no weights of an earlier fit."""

    def make() -> tuple[Table, NDArray[np.int64], core.Prepared]:
        bench = gather(store, run.model, learning(run.job))
        check_calibrates(learning(run.job), bench.recipe.task_on(bench.table), run.model)
        rows, held_out = _folds(bench, run)[task.number]
        recipe = replaced(bench.recipe, refit=True)
        return bench.table.take(held_out), held_out, core.prepare(recipe, bench.table, rows)

    table, rows, numbers = context.recent.get((store.name, run.id, key_of(task)), make)
    made, slice_ = fit.slice_of(context, store, run, (numbers, None), before, key_of(task))
    if not made.finished:
        return slice_
    predictor = core.finish(numbers, made, watched=False)
    with core.numbered(rows):
        output = predictor.predict(table.without(predictor.label))
    file = ensembles.write_outputs(context, store, run, [output], f"{key_of(task)}-predicted")
    return replace(slice_, output=file)


def _folds(bench: Bench, run: Run) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    said = f"calibration, intervals and sets are learnt by {FITS} folds"
    if len(bench.training) < FITS:
        raise too_few(bench, run.model, said, "them")
    try:
        return bench.folds(FITS, seed=bench.spec.seed)
    except InvalidInput as error:
        if error.field != "folds":
            raise
        raise too_few(bench, run.model, said, "them", error) from None


def learn(context: Context, store: Workspace, run: Run, job: TrainJob | UpdateJob, task: LearnTask) -> Learnt:
    """Put the predictions of all folds together, blended as the version will be, and keep what they teach."""
    bench = context.recent.get((store.name, run.id, "trials"), lambda: gather(store, run.model, job))
    classes = classes_of(bench.recipe, bench.table)
    outputs = [ensembles.read_outputs(store, run, files, len(classes)) for files in task.outputs]
    rows = _rows(bench, task, blended(outputs, task.weights), classes)
    asked = task.extras
    made, why = learnt(rows, calibrate=asked.calibrate, uncertainty=asked.uncertainty)
    file = write_file(store, file_key(context, store, run, key_of(task)), write_container(*made.packed()))
    return Learnt(file, why)


def _rows(
    bench: Bench, task: LearnTask, output: NDArray[np.float64], classes: tuple[str, ...]
) -> OutOfFoldRows:
    dealt = [held_out for _, held_out in bench.folds(task.among, seed=bench.spec.seed)[: task.folds]]
    parts = [one[ensembles.kept(one, max(1, len(classes)))] for one in dealt]
    if bench.split.rule == "time-1":
        # The models of the earlier folds have learnt from few rows, and miss by more than the version ever will.
        parts = parts[len(parts) // 2 :]
    places = np.concatenate(parts)
    output = output[len(output) - len(places) :]
    recipe, table = bench.recipe, bench.table.take(places)
    y = truth(table[recipe.label], classes)
    weights = None
    if classes:
        weighing = table.select([] if recipe.weight is None else [recipe.weight])
        weights = row_weights(weighing, recipe.weight, y, classes, recipe.class_weight)
    by = None if bench.by is None else bench.by.take(places)
    fold = np.repeat(np.arange(len(parts)), [len(one) for one in parts])
    return OutOfFoldRows(output, y, fold, weights, blocks_of(table, bench.split, by))
