"""A search that ends in a blend: which candidates it is made of, a fit of each, and one artifact of them all."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from functions.context import Context
from functions.records.files import File, Served, read_file, write_file
from functions.runs.job import TrainJob, UpdateJob, learning
from functions.runs.record import Progress, Run, file_key
from functions.runs.task import (
    AssembleTask,
    ChooseTask,
    Chosen,
    Cost,
    Entrant,
    Fitted,
    Measured,
    Member,
    MemberTask,
    Results,
    Task,
    TrialTask,
    is_done,
    key_of,
)
from functions.storage import Workspace
from functions.training import fit
from functions.training.bench import Bench, gather
from functions.training.completing import completed
from functions.training.costs import check_any
from functions.training.searching import told
from functions.training.specs import tried
from lepton_core import search as core
from lepton_core.ensemble import Ensemble
from lepton_core.models.contributes import contributes
from lepton_core.out_of_fold import classes_of, truth
from lepton_core.predict import Predictor
from lepton_core.search.selection import Selection, is_shown_worse, of_weights, select

if TYPE_CHECKING:
    from lepton_core.servable import Servable

MOST_ENTRANTS = 25

MOST_PAID = 0.05
"""The share of its loss by which a blend that explains may be worse, where the rows do not show that it is."""

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
            learnt=fit.learnt_of(results),
        )
    ]


def choice(job: TrainJob | UpdateJob, search: core.Search, results: Results) -> ChooseTask:
    """The task of choosing, from what a search that is over has measured.

    Raises the first error if all failed, or that of the cheapest candidate if it was left out for what it costs.
    """
    best = core.standings(search)
    if isinstance(job, TrainJob) and best[0].error is not None:
        check_any(job, results)
    level = core.contenders(search)[:MOST_ENTRANTS]
    own = [one for one in best if one.candidate == 0 and one.error is None and one not in level]
    folds = len(level[0].losses)
    if isinstance(job, UpdateJob):
        level.sort(key=lambda one: one.candidate)
    return ChooseTask(
        entrants=[
            Entrant(
                one.candidate,
                [file for trial in _trials(one, results) for file in trial.outputs],
                search.seconds_of_fits(one.candidate),
                _cost(one, results),
            )
            for one in level
        ],
        folds=folds,
        seconds=None if search.seconds is None else max(0.0, search.seconds - search.spent()),
        megabytes=job.megabytes if isinstance(job, TrainJob) else None,
        milliseconds=job.milliseconds if isinstance(job, TrainJob) else None,
        all=isinstance(job, UpdateJob),
        note=_lost(job, best) if isinstance(job, UpdateJob) else told(job, search),
        defaults=[
            file
            for one in own
            if one.rung < level[0].rung
            for trial in _trials(one, results)
            for file in trial.outputs
        ],
    )


def _lost(job: UpdateJob, standings: Sequence[core.Standing]) -> str:
    """Which members of the champion an update goes on without."""
    return _joined(
        *(
            f"without {job.candidates[one.candidate].algorithm}: {one.error.message}"
            for one in standings
            if one.error is not None
        )
    )


def _trials(one: core.Standing, results: Results) -> list[Measured]:
    trials = (core.Trial(rung, one.candidate) for rung in range(one.rung + 1))
    found = [results.get(key_of(TrialTask(trial))) for trial in trials]
    return [trial for trial in found if isinstance(trial, Measured)]


def _cost(one: core.Standing, results: Results) -> Cost | None:
    first = results.get(key_of(TrialTask(core.Trial(0, one.candidate))))
    return first.cost if isinstance(first, Measured) else None


def kept(rows: NDArray[np.int64], classes: int) -> slice:
    """Which rows of a fold, (p,), are looked at when a blend is chosen: all, or every so-manyth."""
    most = min(MOST_KEPT_ROWS, MOST_KEPT_NUMBERS // max(1, classes)) // core.FOLDS
    return slice(None, None, max(1, -(-len(rows) // max(1, most))))


def write_outputs(
    context: Context, store: Workspace, run: Run, outputs: Sequence[NDArray[np.float64]], name: str
) -> File:
    """The predictions for some folds as one file; `kept` says for which rows."""
    parts = [one[kept(np.arange(len(one)), 1 if one.ndim == 1 else one.shape[1])] for one in outputs]
    data = np.concatenate(parts)
    data = data.astype(_kept_as(data.ndim))
    return write_file(store, file_key(context, store, run, name), data.tobytes())


def _kept_as(dimensions: int) -> str:
    """Probabilities have seven digits; values may be large and differ in the eighth, as times and prices do."""
    return "<f8" if dimensions == 1 else "<f4"


def progress(chosen: Chosen, results: Results) -> Progress:
    """The progress of the fits of all members: their iterations together."""
    if len(chosen.members) == 1:
        shown = fit.progress(results)
        return replace(shown, note=_joined(chosen.note, shown.note))
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
    outputs = [read_outputs(store, run, one.outputs, len(classes)) for one in task.entrants]
    pool = list(range(len(outputs)))
    if task.all:
        found = select(outputs, y, len(outputs), all=True)
        return Chosen(_members(task, found), _joined(_said(task, found, outputs, y, best=True), task.note))
    most = max(1, job.members) if isinstance(job, TrainJob) else len(outputs)
    found = best = affordable(task, outputs, y, most, pool)
    note = ""
    specs = [tried(job.spec, job.candidates[one.candidate]) for one in task.entrants]
    adding = [at for at in pool if contributes(specs[at].algorithm, specs[at].hyperparameters, bool(classes))]
    if not all(at in adding for at in pool if best.weights[at]):
        note = "it cannot say what each column adds"
        other = affordable(task, outputs, y, most, adding) if adding else None
        errors = max(1.0, task.folds / core.FOLDS) ** 0.5  # each row says the same again in a second repeat
        own = [one for one, its in zip(outputs, task.entrants, strict=True) if its.candidate == 0]
        if task.defaults:
            own = [read_outputs(store, run, task.defaults, len(classes))]
        if other is not None and _is_as_good(other, best, errors) and not _is_setback(other, outputs, own, y):
            found = other
            note = f"it says what each column adds; what cannot has a loss of {best.loss:.4g}"
        elif other is not None:
            note += f"; what can has a loss of {other.loss:.4g}"
    hurried = task.seconds is not None and (
        affordable(replace(task, seconds=None), outputs, y, most, pool).weights != best.weights
    )
    said = _said(task, found, outputs, y, best=found is best, hurried=hurried)
    return Chosen(_members(task, found), _joined(said, note, task.note))


def _is_as_good(other: Selection, best: Selection, errors: float) -> bool:
    """Whether what explains may stand for the ``best``: it is not shown worse, and costs little.

    One row that everybody gets wrong makes the standard error as large as the loss, and then nothing is ever shown.
    """
    return not is_shown_worse(other, best, errors) and other.loss <= best.loss * (1 + MOST_PAID)


def _is_setback(
    found: Selection,
    outputs: Sequence[NDArray[np.float64]],
    own: Sequence[NDArray[np.float64]],
    y: NDArray[np.int64] | NDArray[np.float64],
) -> bool:
    """Whether it is worse than the defaults of the model's ``own`` algorithm, by the rows that those have predicted."""
    rows = [slice(len(one)) for one in own]
    return any(
        of_weights([one[its] for one in outputs], y[its], found.weights).loss > _alone(own, y[its], [0])
        for its in rows
    )


def _alone(
    outputs: Sequence[NDArray[np.float64]],
    y: NDArray[np.int64] | NDArray[np.float64],
    pool: Sequence[int],
) -> float:
    """The loss of the best one of the ``pool`` alone; infinite if there is none."""
    return min((select([outputs[at]], y, 1).loss for at in pool), default=float("inf"))


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def _truth(bench: Bench, folds: int) -> tuple[NDArray[np.int64] | NDArray[np.float64], tuple[str, ...]]:
    classes = classes_of(bench.recipe, bench.table)
    label = bench.table[bench.data.label]
    rows = [held_out for _, held_out in bench.trial_folds(range(folds))]
    parts = [truth(label.take(one[kept(one, max(1, len(classes)))]), classes) for one in rows]
    found: NDArray[Any] = np.concatenate(parts)
    return found, classes


def read_outputs(store: Workspace, run: Run, files: Sequence[File], classes: int) -> NDArray[np.float64]:
    """The predictions that `write_outputs` wrote into ``files``, (m, K) of so many ``classes``, or (m,) of none."""
    what = f"what run {run.id!r} predicted out of fold"
    read = [np.frombuffer(read_file(store, file, what), _kept_as(1 + bool(classes))) for file in files]
    numbers = np.concatenate(read).astype(np.float64)
    return numbers.reshape(-1, classes) if classes else numbers


def affordable(
    task: ChooseTask,
    outputs: Sequence[NDArray[np.float64]],
    y: NDArray[np.int64] | NDArray[np.float64],
    most: int,
    pool: Sequence[int],
) -> Selection:
    """The best blend of the ``pool`` that costs no more than it may, and can be fitted in the seconds that are left.

    Each of the ``pool`` alone costs no more than it may, and the seconds are at least as many as the best alone takes:
    so the blend is never worse than that.
    """

    def of(pool: Sequence[int]) -> Selection:
        weights = np.zeros(len(outputs))
        weights[list(pool)] = select([outputs[at] for at in pool], y, most).weights
        return of_weights(outputs, y, weights.tolist())

    losses = {at: of([at]).loss for at in pool}
    best = min(pool, key=lambda at: losses[at])
    limits = list(_limits(task, best))
    left = [at for at in pool if all(costs[at] <= limit for costs, limit in limits)]
    found = of(left)
    while over := next(
        (costs for costs, limit in limits if sum(costs[at] for at in left if found.weights[at]) > limit), None
    ):
        heaviest = max(left, key=lambda at: found.weights[at])
        others = [at for at in left if found.weights[at] and at != heaviest]
        left.remove(max(others, key=lambda at: over[at]))
        found = of(left)
    # What was too dear beside others may be the best alone.
    return found if found.loss <= losses[best] else of([best])


def _limits(task: ChooseTask, best: int) -> Iterator[tuple[list[float], float]]:
    """Of each limit what the entrants cost, and how much all members together may; ``best`` alone always may."""
    if task.seconds is not None:
        seconds = [one.seconds for one in task.entrants]
        yield seconds, max(task.seconds, seconds[best])
    costs = [one.cost or Cost(0.0, 0.0) for one in task.entrants]
    if task.megabytes is not None:
        megabytes = [cost.megabytes for cost in costs]
        yield megabytes, max(task.megabytes, megabytes[best])
    if task.milliseconds is not None:
        milliseconds = [cost.milliseconds for cost in costs]
        yield milliseconds, max(task.milliseconds, milliseconds[best])


def _members(task: ChooseTask, found: Selection) -> list[Member]:
    weighed = zip(task.entrants, found.weights, strict=True)
    return [Member(one.candidate, weight) for one, weight in weighed if weight]


def _said(
    task: ChooseTask,
    found: Selection,
    outputs: Sequence[NDArray[np.float64]],
    y: NDArray[np.int64] | NDArray[np.float64],
    *,
    best: bool,
    hurried: bool = False,
) -> str:
    count, alone = sum(map(bool, found.weights)), _alone(outputs, y, range(len(outputs)))
    if len(outputs) == 1 and task.seconds is not None:
        return "one model: no other one that may be as good was measured on as many folds"
    if count == 1 and best and not task.all:
        others = "no blend that there is time for" if hurried else "no blend"
        return f"{others} is better than the best candidate alone"
    what = "one model" if count == 1 else f"a blend of {count}"
    return f"{what}: loss {found.loss:.4g} on rows not learnt from, the best alone {alone:.4g}"


def assemble(context: Context, store: Workspace, run: Run, task: AssembleTask) -> Fitted:
    """One artifact of all members, evaluated on the held-out rows; what will serve is not evaluated."""
    what = f"a member of run {run.id!r}"
    members = [Predictor.load(read_file(store, file, what)) for file in task.files]
    bench = context.recent.get(
        (store.name, run.id, "trials"), lambda: gather(store, run.model, learning(run.job))
    )
    rows = bench.rows if task.served else bench.training
    table = bench.table.take(rows)
    blend = Ensemble.of(members, task.weights, table)
    made: Servable = blend
    if task.learnt is not None:
        made = completed(store, run, task.learnt, blend, table.without(blend.label))
    done = Fitted(None, task.iterations, task.iterations, [], note=task.note)
    if task.served:
        artifact = write_file(store, file_key(context, store, run, "served"), made.dump())
        return replace(done, served=Served(artifact, len(rows)))
    judged = fit.scored(context, store, run, bench.aside, made, task.learnt)
    return replace(done, scored=replace(judged, rows=len(rows)))
