"""Which fit of how many is under way, of every state that a run can be in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.records.files import Extras, File, Served
from functions.runs.job import Spec, TrainJob
from functions.runs.record import Progress
from functions.runs.task import CHOICE, LEARNT, Chosen, Fitted, Learnt, Member, Result, Scored
from functions.training.extras import FITS
from functions.training.stages import at_stage
from lepton_core.search import Candidate

FILE = File("key", "sha256:0")
SPEC = Spec("logistic_regression", {}, "m", 1)
EXTRAS = TrainJob(SPEC, refit=True, extras=Extras(calibrate=True))
BLEND = TrainJob(SPEC, refit=True, candidates=[Candidate("svm", {})] * 3, members=3)
CHOICE_OF_THREE = Chosen([Member(4, 0.5), Member(0, 0.3), Member(7, 0.2)], "")
KEYS = {again: [f"{word}-{at}" for at in (4, 0, 7)] for again, word in ((False, "fit"), (True, "refit"))}
BEFORE = Progress(iteration=9, iterations=90, loss=[0.5], trial=8, trials=8, note="n")


def under_way(iteration: int) -> Fitted:
    return Fitted(FILE, iteration, 50, [])


DONE = Fitted(None, 50, 50, [], output=FILE, made=Served(FILE, 1), served=Served(FILE, 1))
JUDGED = Fitted(None, 50, 50, [], scored=Scored(FILE, FILE, {}, "classification"))


def shown(job: TrainJob, results: dict[str, Result]) -> tuple[str, int, int]:
    found = at_stage(BEFORE, job, results)
    assert (found.loss, found.trial, found.trials, found.note) == ([0.5], 8, 8, "n")
    return found.stage, found.iteration, found.iterations


@given(st.integers(0, FITS - 1), st.integers(1, 49))
def test_a_fit_out_of_fold_says_which_it_is_and_counts_its_own_iterations(done: int, iteration: int) -> None:
    results: dict[str, Result] = {f"out-{at}": DONE for at in range(done)}
    assert shown(EXTRAS, results) == (f"fit {done + 1} of {FITS}, without a fold each", 0, 0)
    results[f"out-{done}"] = under_way(iteration)
    assert shown(EXTRAS, results) == (f"fit {done + 1} of {FITS}, without a fold each", iteration, 50)


def test_fits_side_by_side_are_all_named() -> None:
    results: dict[str, Result] = {"out-0": DONE, "out-1": under_way(3), "out-3": under_way(4)}
    assert shown(EXTRAS, results) == ("fits 2 and 4 of 5, without a fold each", 7, 100)


@pytest.mark.parametrize("again", ["", ", fit again on all rows"])
def test_a_member_of_a_blend_says_which_it_is(again: str) -> None:
    results: dict[str, Result] = {CHOICE: CHOICE_OF_THREE}
    if again:
        results |= dict.fromkeys(KEYS[False], DONE)
    for at, key in enumerate(KEYS[bool(again)], start=1):
        results[key] = under_way(8)
        assert shown(BLEND, results) == (f"member {at} of 3{again}", 8, 50)
        results[key] = DONE
    if again:
        assert shown(BLEND, results) == ("", 9, 90)


def test_one_fit_has_no_stage_until_it_is_made_again() -> None:
    job = TrainJob(SPEC, refit=True)
    for results, said in (
        ({}, ("", 9, 90)),
        ({"fit": under_way(3)}, ("", 9, 90)),
        ({"fit": JUDGED}, ("fit again on all rows", 0, 0)),
        ({"fit": JUDGED, "refit": under_way(3)}, ("fit again on all rows", 3, 50)),
        ({"fit": JUDGED, "refit": DONE}, ("", 9, 90)),
    ):
        assert shown(job, dict(results)) == said
    assert shown(EXTRAS, {LEARNT: Learnt(FILE), "fit": under_way(2)}) == ("", 9, 90)
    assert shown(TrainJob(SPEC), {"fit": JUDGED}) == ("", 9, 90)
