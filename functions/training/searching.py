"""The search of a run as far as it has come, and what is to be said of its seconds."""

from functions.runs.job import TrainJob, UpdateJob
from functions.runs.task import Measured, Results
from functions.training.specs import refits
from lepton_core import search as core

FITS_OF_TWO = 2.25
"""A fit on all training rows, and one on a quarter more, in times of the first."""


def search_of(job: TrainJob | UpdateJob, results: Results) -> core.Search:
    """The search of a run, as far as it has come."""
    trials = [one for one in results.values() if isinstance(one, Measured)]
    done = {one.trial: one.tried for one in trials}
    if isinstance(job, UpdateJob):
        return core.Search(done, len(job.candidates), all_stay=True)
    return core.Search(
        done,
        len(job.candidates),
        job.seconds,
        fits=FITS_OF_TWO if refits(job) else 1.0,
        members=max(1, job.members),
        repeats=job.repeats,
        pauses=job.pauses,
        opener=job.opener,
        kinds=[one.algorithm for one in job.candidates],
        finders=frozenset(one.trial.candidate for one in trials if one.found),
    )


def told(job: TrainJob | UpdateJob, search: core.Search) -> str:
    """What a search that is over had time for, and what it had none for; '' if it had no seconds to keep."""
    if not isinstance(job, TrainJob) or search.seconds is None:
        return ""
    board = core.standings(search)
    late = sum(tried.late and not trial.rung for trial, tried in search.done.items())
    tried = f"{len(board)} of {len(job.candidates)} candidates tried in {search.seconds:.3g} s"
    given_up = f"{late} of them given up for time" if late else ""
    return "; ".join(filter(None, [tried, given_up, _winner(job, search), _defaults(job, search)]))


def _winner(job: TrainJob, search: core.Search) -> str:
    """What there was no time for of the winner, or to fit in its place."""
    won = core.winner(search)
    if not search.affords(won):
        seconds = search.spent() + search.seconds_of_fits(won)
        return f"the seconds are too few: with the fits of {job.candidates[won].algorithm} it takes about {seconds:.3g}"
    best = core.standings(search)[0]
    if search.affords(best.candidate) or best.candidate == 0:
        return ""
    return f"candidate {best.candidate} leads, and there is no time to fit it"


def _defaults(job: TrainJob, search: core.Search) -> str:
    """Why the defaults of the model's own algorithm were not measured to the end, if they were not."""
    what, won = f"the defaults of {job.candidates[0].algorithm}", core.winner(search)
    first = search.done.get(core.Trial(0, 0))
    if first is None:
        return f"there was no time for {what}"
    if first.late:
        return f"{what} take more than {first.worked:.2g} s a fold, and there was no time to compare them"
    if first.error is not None or won == 0:
        return ""
    board = {one.candidate: len(one.losses) for one in core.standings(search)}
    folds, all_of_them = board[0], board[won]
    if folds < all_of_them:
        seconds = search.seconds_a_fold(0)
        return f"{what} take about {seconds:.2g} s a fold: compared on {folds} of {all_of_them} folds"
    return "" if search.affords(0) else f"there is no time to fit {what}"
