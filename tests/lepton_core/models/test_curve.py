"""A checkpoint may leave the earlier losses to somebody else: going on needs the latest only, bit for bit."""

from itertools import pairwise

import numpy as np
import pytest

from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidArtifact
from lepton_core.models import Fit, Problem, algorithm, pack_fit, unpack_fit
from tests.support.algorithms import Case, every_case, never, quick, same, same_arrays

FIT = Fit(4, 9, np.array([4.0, 3.0, 2.0, 1.0]), {"weights": np.zeros(3)})


@pytest.mark.sampled(12)
@every_case
def test_with_the_curve_kept_elsewhere_a_fit_resumed_at_every_iteration_has_the_same_bits(case: Case) -> None:
    problem, hyper = case.problem(seed=7), case.of.configure(quick(case.of))
    whole = case.of.advance(case.of.start(problem, hyper), problem, hyper, never)
    fit, curve = case.of.start(problem, hyper), np.empty(0)
    while not fit.finished:
        before = fit.iteration
        fit = case.of.advance(fit, problem, hyper, lambda _: True)
        curve = np.append(curve, fit.losses_since(before))
        stored = write_container(*pack_fit(fit, since=fit.iteration))
        fit = unpack_fit(*read_container(stored))
        assert len(fit.losses) == 1
    same_arrays(fit.arrays, whole.arrays)
    assert curve.tobytes() == whole.losses.tobytes()
    same(unpack_fit(*pack_fit(fit), curve), whole)


def test_a_curve_of_many_slices_is_written_once_and_not_once_a_slice() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(10, 2))
    problem, of = Problem(X, (X[:, 0] > 0).astype(np.int64), 2), algorithm("logistic_regression")
    hyper = of.configure({"iterations": 400, "learning_rate": 0.01})
    fit, sizes = of.start(problem, hyper), []
    while not fit.finished:
        fit = of.advance(fit, problem, hyper, lambda _: True)
        packed = pack_fit(fit, since=fit.iteration)
        fit = unpack_fit(*packed)
        sizes.append(sum(array.nbytes for array in packed[0].values()))
    assert len(sizes) == 400
    assert len(set(sizes)) == 1


@pytest.mark.parametrize("since", range(6))
def test_a_checkpoint_has_the_losses_since_an_iteration_and_the_latest_at_least(since: int) -> None:
    arrays, meta = pack_fit(FIT, since)
    assert arrays["losses"].tolist() == FIT.losses[min(since, 3) :].tolist()
    assert unpack_fit(arrays, meta).before == min(since, 3)
    same(unpack_fit(arrays, meta, FIT.losses), FIT)
    same(unpack_fit(arrays, meta, FIT.losses[: min(since, 3)]), FIT)


def test_a_fit_of_the_latest_losses_packs_what_it_has() -> None:
    tail = unpack_fit(*pack_fit(FIT, since=2))
    same(unpack_fit(*pack_fit(tail)), tail)
    with pytest.raises(ValueError, match="iterations 2 to 4"):
        tail.losses_since(1)


def test_a_fit_that_has_not_begun_has_no_loss() -> None:
    fresh = Fit(0, 9, np.empty(0), {})
    same(unpack_fit(*pack_fit(fresh, since=0)), fresh)


@pytest.mark.parametrize("curve", [np.zeros(1), np.zeros((2, 1)), np.zeros(2, dtype=np.float32)])
def test_a_curve_that_does_not_reach_the_checkpoint_is_refused(curve: np.ndarray) -> None:
    with pytest.raises(InvalidArtifact, match="at least 2 iterations") as caught:
        unpack_fit(*pack_fit(FIT, since=2), curve)
    assert caught.value.field == "curve"


def test_the_pieces_of_a_curve_have_no_gap_and_no_loss_twice() -> None:
    pieces = [FIT.losses_since(a)[: b - a] for a, b in pairwise([0, 1, 3, 4])]
    assert np.concatenate(pieces).tolist() == FIT.losses.tolist()
