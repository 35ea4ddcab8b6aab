"""What a run says of the seconds of its search: how much was tried, and what there was no time for."""

from functions.records.files import File
from functions.runs.job import Spec, TrainJob
from functions.runs.task import Measured, Results, TrialTask, key_of
from functions.training import ensembles
from functions.training.searching import search_of, told
from lepton_core.errors import Failure
from lepton_core.search import Candidate, Trial, Tried

LATE = Failure("too_large", "a fold takes longer than the 2 s that it may take")
NAMES = ("deep_learning", "logistic_regression", "naive_bayes", "svm")
CANDIDATES = [Candidate(name, {}) for name in NAMES]
JOB = TrainJob(
    Spec("deep_learning", {}, "m", 1), candidates=CANDIDATES, seconds=10.0, members=3, opener=1, refit=True
)
NOISY = (0.1, 0.9, 0.2, 0.8)


def results(*tried: tuple[Trial, Tried]) -> Results:
    """Of each trial its result, with a file of what it has predicted in each rung."""
    return {
        key_of(TrialTask(trial)): Measured(trial, one, [File(f"{trial.rung}-{trial.candidate}", "")])
        for trial, one in tried
    }


def measured(rung: int, candidate: int, loss: float, since: float, seconds: float) -> tuple[Trial, Tried]:
    folds = (1, 1, 2, 4)[rung]
    blocks = (tuple(loss * one for one in NOISY),) * folds
    return Trial(rung, candidate), Tried((loss,) * folds, ((since, since + seconds),), blocks=blocks)


def test_defaults_that_take_too_long_are_told_of_and_how_many_were_tried() -> None:
    found = results(
        measured(0, 1, 0.5, 0.0, 0.1),
        (Trial(0, 0), Tried(error=LATE, spans=((0.1, 2.5),), late=True)),
        measured(0, 2, 0.6, 2.5, 0.1),
    )
    assert told(JOB, search_of(JOB, found)) == (
        "3 of 4 candidates tried in 10 s; 1 of them given up for time; "
        "the defaults of deep_learning take more than 2.4 s a fold, and there was no time to compare them"
    )


def test_defaults_of_fewer_folds_are_told_of_and_what_explains_is_compared_with_them() -> None:
    found = results(
        measured(0, 1, 0.5, 0.0, 0.1),
        measured(0, 0, 0.49, 0.1, 1.5),
        measured(1, 1, 0.5, 1.6, 0.1),
        measured(0, 2, 0.5, 1.7, 0.1),
        measured(1, 2, 0.5, 1.8, 0.1),
        (Trial(0, 3), Tried(error=LATE, spans=((1.9, 8.6),), late=True)),
    )
    search = search_of(JOB, found)
    note = told(JOB, search)
    assert note.endswith("the defaults of deep_learning take about 1.5 s a fold: compared on 1 of 2 folds")
    task = ensembles.choice(JOB, search, found)
    assert [one.candidate for one in task.entrants] == [1, 2] and task.folds == 2
    assert [file.key for file in task.defaults] == ["0-0"] and task.note == note


def test_seconds_that_were_too_few_are_told_of() -> None:
    found = results(measured(0, 1, 0.5, 0.0, 4.0))
    assert "the seconds are too few: with the fits of logistic_regression it takes about 14.3" in told(
        JOB, search_of(JOB, found)
    )


def test_what_leads_and_cannot_be_fitted_in_time_is_told_of() -> None:
    found = results(
        measured(0, 1, 0.5, 0.0, 0.1), measured(0, 0, 0.9, 0.1, 0.4), measured(0, 3, 0.1, 0.5, 5.0)
    )
    assert "candidate 3 leads, and there is no time to fit it" in told(JOB, search_of(JOB, found))


def test_a_search_without_seconds_has_nothing_to_tell_of_them() -> None:
    job = TrainJob(JOB.spec, candidates=CANDIDATES, members=3)
    assert told(job, search_of(job, results(measured(0, 0, 0.5, 0.0, 1.0)))) == ""
