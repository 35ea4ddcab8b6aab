"""A run of evaluation: every fold, the held-out rows and the columns' importance, side by side."""

from dataclasses import replace as replaced

import msgspec
from msgspec.structs import replace

from functions.context import Context
from functions.records import find
from functions.records.files import write_file
from functions.records.kinds import VERSIONS, Model, number
from functions.runs.job import EvaluateJob
from functions.runs.kind import Ending, RunKind
from functions.runs.record import EvaluateOutcome, Progress, Run, file_key
from functions.runs.task import (
    Evaluated,
    Folded,
    FoldTask,
    HeldOutTask,
    ImportanceTask,
    Result,
    Results,
    Task,
    Weighed,
    key_of,
)
from functions.serving.artifacts import read_version
from functions.storage import Workspace
from functions.training.bench import Bench, gather
from lepton_core.train import numbered
from lepton_core.validation import (
    cross_validation,
    fold_of_blend,
    fold_result,
    headline,
    importance,
    report,
)

HELD_OUT, IMPORTANCE = key_of(HeldOutTask()), key_of(ImportanceTask())


def plan(job: EvaluateJob, results: Results) -> list[Task]:
    """All that is not done yet."""
    tasks: list[Task] = [HeldOutTask(), ImportanceTask(), *map(FoldTask, range(job.folds))]
    return [task for task in tasks if key_of(task) not in results]


def work(
    context: Context, store: Workspace, run: Run, job: EvaluateJob, task: Task, before: Result | None
) -> Result:
    """Train and evaluate one fold, or evaluate the version, or its columns, on its held-out rows."""
    bench = context.recent.get((store.name, run.id), lambda: gather(store, run.model, job))
    match task:
        case FoldTask(number):
            return _fold(job, bench, number)
        case HeldOutTask():
            predictor = read_version(store, run.model, job.version)
            with numbered(bench.held_out):
                return Evaluated(headline(report(predictor, bench.held_out_table)))
        case ImportanceTask():
            predictor = read_version(store, run.model, job.version)
            with numbered(bench.held_out):
                found = importance(predictor, bench.held_out_table, seed=job.spec.seed)
            key = file_key(context, store, run, IMPORTANCE)
            return Weighed(write_file(store, key, msgspec.json.encode(found)))
        case _:
            raise ValueError(f"an evaluation has no task {task}")


def _fold(job: EvaluateJob, bench: Bench, number: int) -> Folded:
    training, held_out = bench.folds(job.folds, seed=job.spec.seed)[number]
    if job.members:
        recipes = [
            replaced(bench.recipe, algorithm=one.algorithm, hyperparameters=one.hyperparameters)
            for one in job.members
        ]
        weights = [one.weight for one in job.members]
        return Folded(fold_of_blend(recipes, weights, bench.table, training, held_out))
    return Folded(fold_result(bench.recipe, bench.table, training, held_out))


def finish(
    context: Context, store: Workspace, run: Run, job: EvaluateJob, results: Results, model: Model
) -> Ending:
    """CV = 1/K sum of the fold losses, kept with the version as the columns' importance is."""
    wanted = job.version
    version = find.version(store, run.model, wanted)
    folds = [results[key_of(FoldTask(k))] for k in range(job.folds)]
    found = cross_validation([one.result for one in folds if isinstance(one, Folded)])
    evaluated, weighed = results[HELD_OUT], results[IMPORTANCE]
    if not isinstance(evaluated, Evaluated) or not isinstance(weighed, Weighed):
        raise ValueError("the evaluation is not finished")
    changed = replace(
        version.value, cross_validation=found, importance=weighed.importance, importance_inside=None
    )
    put = store.put(VERSIONS, run.model, number(wanted), value=changed, expect=version.revision)
    return Ending(model, [put], wanted, EvaluateOutcome(found, evaluated.metrics))


def progress(job: EvaluateJob, results: Results) -> Progress:
    """An evaluation shows how many tasks are done, and nothing else."""
    return Progress()


EVALUATE = RunKind(EvaluateJob, plan=plan, work=work, finish=finish, progress=progress)
