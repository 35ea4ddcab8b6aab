"""A plan follows from the job and the results alone: whatever their order, and as often as it is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.records.files import Extras, File, Served
from functions.runs.job import EvaluateJob, Job, Spec, TrainJob, UpdateJob
from functions.runs.task import (
    AssembleTask,
    ChooseTask,
    Chosen,
    Evaluated,
    FitTask,
    Fitted,
    Folded,
    FoldTask,
    HeldOutTask,
    Learnt,
    LearnTask,
    Measured,
    Member,
    MemberTask,
    OutTask,
    RefitTask,
    Result,
    Scored,
    Task,
    TrialTask,
    Weighed,
    is_done,
    key_of,
)
from functions.training.run_kinds import RUN_KINDS
from lepton_core import search
from lepton_core.errors import Failure, LeptonError
from lepton_core.evaluate import FoldResult

SPEC = Spec("logistic_regression", {}, "m", 1)
CANDIDATES = [search.Candidate("logistic_regression", {"l2": 0.1 * number}) for number in range(12)]
JOBS: dict[str, Job] = {
    "train": TrainJob(SPEC),
    "search": TrainJob(SPEC, candidates=CANDIDATES),
    "search with seconds": TrainJob(SPEC, candidates=CANDIDATES, seconds=40.0),
    "calibrated": TrainJob(SPEC, extras=Extras(calibrate=True)),
    "calibrated search": TrainJob(SPEC, candidates=CANDIDATES, extras=Extras(True, True), refit=True),
    "calibrated search with seconds and members": TrainJob(
        SPEC, candidates=CANDIDATES[:4], seconds=40.0, members=3, extras=Extras(True, True), refit=True
    ),
    "evaluate": EvaluateJob(SPEC, version=1, folds=7),
    "update": UpdateJob(SPEC, champion=1),
    "update with intervals": UpdateJob(SPEC, champion=1, extras=Extras(uncertainty=True), refit=True),
}
FILE = File("default/runs/r/file", "0" * 64)


@st.composite
def done(draw: st.DrawFn, task: Task, before: Result | None) -> Result:
    """A result that the task may leave: finished, or only further than ``before``, which a fit is once."""
    whole = before is not None or draw(st.booleans())
    match task:
        case FitTask() | RefitTask() | OutTask():
            return fitted(task) if whole else Fitted(FILE, 1, 2, [0.5], candidate=candidate_of(task))
        case TrialTask(trial):
            so_far = before.tried.losses if isinstance(before, Measured) else ()
            left = len(search.folds_of(trial.rung)) - len(so_far)
            losses = draw(st.lists(st.floats(0.1, 2.0), min_size=1, max_size=left))
            begin = draw(st.floats(0.0, 30.0))
            error = Failure("diverged", "too fast") if draw(st.integers(0, 9)) == 0 else None
            return further(trial, losses, (begin, begin + 0.5), before, error)
    return at_once(task)


def further(
    trial: search.Trial,
    losses: Sequence[float],
    span: tuple[float, float],
    before: Result | None,
    error: Failure | None = None,
) -> Measured:
    """A trial after a slice of it, which has kept one file of the predictions for its folds."""
    so_far, spans, outputs = (), (), list[File]()
    if isinstance(before, Measured):
        so_far, spans, outputs = before.tried.losses, before.tried.spans, before.outputs
    tried = search.Tried((*so_far, *losses), (*spans, span), error)
    return Measured(trial, tried, [*outputs, File(f"{len(losses)} folds", "")])


def candidate_of(task: FitTask | RefitTask | OutTask) -> int | None:
    return None if isinstance(task, OutTask) else task.candidate


def fitted(task: FitTask | RefitTask | OutTask) -> Fitted:
    """A fit that has come to its end."""
    made = Fitted(None, 1, 2, [0.5], candidate=candidate_of(task))
    match task:
        case FitTask():
            return replace(made, scored=Scored(FILE, FILE, {}, "classification"))
        case RefitTask():
            return replace(made, served=Served(FILE, 10))
        case OutTask():
            return replace(made, output=FILE)


def at_once(task: Task) -> Result:
    """The result of a task that has no slices."""
    match task:
        case LearnTask():
            return Learnt(FILE)
        case ChooseTask() | MemberTask() | AssembleTask():
            return of_blend(task)
        case FoldTask():
            return Folded(FoldResult(0.5, 10, {}))
        case HeldOutTask():
            return Evaluated({})
        case _:
            return Weighed(FILE)


def of_blend(task: ChooseTask | MemberTask | AssembleTask) -> Result:
    """The result of a task that makes a blend: all that enter are its members."""
    match task:
        case ChooseTask(entrants):
            return Chosen([Member(one.candidate, 1.0 / len(entrants)) for one in entrants], "")
        case MemberTask(candidate):
            return Fitted(None, 1, 2, [0.5], candidate=candidate, made=Served(FILE, 10))
        case AssembleTask():
            return fitted(RefitTask() if task.served else FitTask())


def planned(job: Job, results: Mapping[str, Result]) -> list[Task] | str:
    """The next tasks, or the error that ends the run."""
    try:
        return RUN_KINDS[type(job)].plan(job, results)
    except LeptonError as error:
        return error.message


@pytest.mark.parametrize("name", JOBS)
@settings(max_examples=25)
@given(data=st.data())
def test_a_plan_is_the_same_for_the_same_results_and_names_no_task_that_is_done(
    name: str, data: st.DataObject
) -> None:
    job, results = JOBS[name], dict[str, Result]()
    for _ in range(data.draw(st.integers(0, 60))):
        tasks = planned(job, results)
        shuffled = dict(data.draw(st.permutations(list(results.items()))))
        assert planned(job, shuffled) == tasks == planned(job, results)
        if isinstance(tasks, str) or not tasks:
            break
        keys = [key_of(task) for task in tasks]
        assert len(keys) == len(set(keys))
        assert not any(key in results and is_done(results[key]) for key in keys)
        task = data.draw(st.sampled_from(tasks))  # of tasks side by side any may end first
        results[key_of(task)] = data.draw(done(task, results.get(key_of(task))))


@pytest.mark.parametrize("name", [name for name in JOBS if "with seconds" not in name])
@settings(max_examples=25)
@given(data=st.data())
def test_every_plan_comes_to_its_end_in_whatever_order_tasks_are_done(name: str, data: st.DataObject) -> None:
    job, results = JOBS[name], dict[str, Result]()
    for _ in range(200):
        tasks = planned(job, results)
        if isinstance(tasks, str) or not tasks:
            break
        for task in data.draw(st.permutations(tasks)):
            before: Any = results.get(key_of(task))
            results[key_of(task)] = data.draw(done(task, before))
    assert isinstance(tasks, str) or tasks == []


def test_extras_are_learnt_before_the_fit_which_is_told_of_them_and_so_is_the_one_that_serves() -> None:
    job, results = TrainJob(SPEC, extras=Extras(True, True), refit=True), dict[str, Result]()
    assert planned(job, results) == [OutTask(number) for number in range(5)]
    for number in range(5):
        results[f"out-{number}"] = Fitted(None, 1, 1, [], output=File(f"file {number}", ""))
    files = [File(f"file {number}", "") for number in range(5)]
    assert planned(job, results) == [LearnTask([files], [1.0], 5, 5, Extras(True, True))]
    learnt = results["learn"] = Learnt(FILE)
    assert planned(job, results) == [FitTask(learnt=learnt)]
    results["fit"] = Fitted(None, 1, 1, [], scored=Scored(FILE, FILE, {}, "classification"))
    assert planned(job, results) == [RefitTask(learnt=learnt)]


def test_after_a_search_its_own_predictions_are_what_extras_are_learnt_from() -> None:
    job, results = TrainJob(SPEC, candidates=CANDIDATES[:2], extras=Extras(True, True)), dict[str, Result]()
    while not isinstance(tasks := planned(job, results), str) and isinstance(tasks[0], TrialTask):
        trial = tasks[0].trial  # the first candidate is the winner, as the other one has the same losses
        losses = tuple(0.5 for _ in search.folds_of(trial.rung))
        file = File(f"rung {trial.rung}", "")
        results[key_of(tasks[0])] = Measured(trial, search.Tried(losses, ((0.0, 1.0),)), [file])
    [task] = tasks
    assert isinstance(task, LearnTask)
    assert [file.key for file in task.outputs[0]] == [f"rung {rung}" for rung in range(len(task.outputs[0]))]
    assert task.folds == task.among == search.FOLDS
    assert (task.weights, task.extras) == ([1.0], Extras(True, True))


def test_of_a_repeated_cross_validation_the_first_one_is_learnt_from() -> None:
    """Each row counts once."""
    job = TrainJob(SPEC, candidates=CANDIDATES[:2], extras=Extras(uncertainty=True), repeats=2)
    results = dict[str, Result]()
    while not isinstance(tasks := planned(job, results), str) and isinstance(tasks[0], TrialTask):
        trial = tasks[0].trial
        losses = tuple(0.5 for _ in search.folds_of(trial.rung))
        file = File(f"rung {trial.rung}", "")
        results[key_of(tasks[0])] = Measured(trial, search.Tried(losses, ((0.0, 1.0),)), [file])
    assert f"trial-{len(search.RUNGS)}-0" in results
    [task] = tasks
    assert isinstance(task, LearnTask)
    assert len(task.outputs[0]) == len(search.RUNGS) and task.folds == search.FOLDS


@settings(max_examples=60)
@given(data=st.data())
def test_whenever_the_seconds_end_extras_are_learnt_from_the_same_folds_of_all_members(
    data: st.DataObject,
) -> None:
    job, results = JOBS["calibrated search with seconds and members"], dict[str, Result]()
    slices = data.draw(st.integers(1, 40))
    for at in range(slices):
        tasks = planned(job, results)
        assert not isinstance(tasks, str)
        if not isinstance(tasks[0], TrialTask):
            break
        task = data.draw(st.sampled_from(tasks))
        assert isinstance(task, TrialTask)
        span = (0.0, 100.0) if at == slices - 1 else (at * 0.1, at * 0.1 + 0.1)
        results[key_of(task)] = further(task.trial, [0.5], span, results.get(key_of(task)))
    [choice] = planned(job, results)
    assert isinstance(choice, ChooseTask)
    results[key_of(choice)] = at_once(choice)
    [task] = planned(job, results)
    assert isinstance(task, LearnTask)
    folds = [sum(int(file.key.split()[0]) for file in files) for files in task.outputs]
    assert folds == [choice.folds] * len(choice.entrants) == [task.folds] * len(task.weights)
