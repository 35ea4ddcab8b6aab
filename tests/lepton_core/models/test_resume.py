"""Interrupted at any iteration and carried on in another process's memory, training gives the same bits."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidArtifact
from lepton_core.models import Fit, Problem, algorithm, pack_fit, unpack_fit
from lepton_core.models.descent_hyper import FIRST_ORDER, OWN_STEPS
from tests.support.algorithms import carried, same

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
PROBLEMS = {
    "binary": ("logistic_regression", Problem(X, (X[:, 0] > 0.2).astype(np.int64), 2, seed=5)),
    "softmax": ("logistic_regression", Problem(X, rng.integers(0, 3, 40), 3, seed=5)),
    "linear": ("linear_regression", Problem(X, X @ [1.0, 2.0, 3.0] + rng.normal(size=40), 0, seed=5)),
    "weighted": (
        "logistic_regression",
        Problem(X, rng.integers(0, 3, 40), 3, 5, rng.uniform(0, 2, 40).round(1)),
    ),
}


@pytest.mark.sampled(24)
@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("batch_size", [None, 1, 7])
@pytest.mark.parametrize("optimizer", FIRST_ORDER)
def test_a_stop_after_every_iteration_changes_no_bit(kind, batch_size, optimizer):
    check_every_stop(kind, {"optimizer": optimizer, "batch_size": batch_size, "l1": 0.01, "iterations": 8})


@pytest.mark.parametrize("kind", PROBLEMS)
def test_a_stop_after_every_iteration_changes_no_bit_of_the_default(kind):
    check_every_stop(kind, {"tolerance": 0.0})
    check_every_stop(kind, {"tolerance": 0.0, "l1": 0.02})
    for optimizer in OWN_STEPS:
        check_every_stop(kind, {"optimizer": optimizer, "iterations": 8, "l2": 0.01})


def test_a_stop_after_every_iteration_changes_no_bit_of_what_the_data_decided():
    check_every_stop("linear", {"loss": "huber", "tolerance": 0.0})


def check_every_stop(kind, given):
    name, problem = PROBLEMS[kind]
    of = algorithm(name)
    hyper = replace(of.configure(given), iterations=8)
    whole = of.advance(of.start(problem, hyper), problem, hyper, lambda fit: False)
    fit, slices = carried(of.start(problem, hyper)), 0
    while not fit.finished:
        copied = replace(problem, X=problem.X.copy(), y=problem.y.copy())
        fit, slices = carried(of.advance(fit, copied, hyper, lambda fit: True)), slices + 1
    assert slices == 8
    same(fit, whole)


@pytest.mark.slow
@given(
    kind=st.sampled_from(list(PROBLEMS)),
    optimizer=st.sampled_from([*FIRST_ORDER, *OWN_STEPS]),
    schedule=st.sampled_from(["constant", "step", "exponential", "cosine", "inverse_time"]),
    batch_size=st.sampled_from([None, 16]),
    tolerance=st.sampled_from([1e-1, 1e-2, 1e-3]),
    stops=st.sets(st.integers(1, 60), max_size=4),
)
@settings(deadline=None, max_examples=60)
def test_stops_anywhere_change_no_bit_even_when_it_ends_early(
    kind, optimizer, schedule, batch_size, tolerance, stops
):
    name, problem = PROBLEMS[kind]
    of = algorithm(name)
    given = {"optimizer": optimizer, "tolerance": tolerance}
    if optimizer in FIRST_ORDER:
        given |= {"schedule": schedule, "batch_size": batch_size}
    hyper = of.configure(given | {"iterations": 60, "patience": 3, "l2": 0.1})
    whole = of.advance(of.start(problem, hyper), problem, hyper, lambda fit: False)
    fit = of.start(problem, hyper)
    while not fit.finished:
        fit = carried(of.advance(fit, problem, hyper, lambda fit: fit.iteration in stops))
    same(fit, whole)


def test_the_seed_decides_the_order_of_mini_batches():
    name, problem = PROBLEMS["binary"]
    of = algorithm(name)
    hyper = of.configure({"batch_size": 4, "iterations": 3})

    def weights(seed):
        seeded = Problem(problem.X, problem.y, 2, seed)
        return (
            of.advance(of.start(seeded, hyper), seeded, hyper, lambda fit: False).arrays["weights"].tobytes()
        )

    assert weights(1) == weights(1) != weights(2)


def elsewhere(array: np.ndarray, offset: int) -> np.ndarray:
    """The same numbers, read-only, in memory that begins ``offset`` bytes after a cache line does."""
    memory = np.empty(array.nbytes + 128, np.uint8)
    first = -memory.ctypes.data % 64 + offset
    memory[first : first + array.nbytes] = np.frombuffer(array.tobytes(), np.uint8)
    memory.flags.writeable = False
    return np.frombuffer(memory.data, array.dtype, array.size, offset=first).reshape(array.shape)


@pytest.mark.slow
@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("given", [{}, {"iterations": 5}, {"batch_size": 7, "iterations": 5}], ids=str)
def test_no_bit_depends_on_how_the_data_lies_in_memory(kind, given):
    name, problem = PROBLEMS[kind]
    of = algorithm(name)
    hyper = of.configure(given)
    whole = of.advance(of.start(problem, hyper), problem, hyper, lambda fit: False)
    layouts = [np.asfortranarray(problem.X), np.repeat(problem.X, 2, axis=0)[::2]]
    for X in (*layouts, *(elsewhere(problem.X, offset) for offset in (0, 8, 56, 1, 3))):
        moved = replace(problem, X=X, y=elsewhere(problem.y, 5))
        same(of.advance(of.start(moved, hyper), moved, hyper, lambda fit: False), whole)


OTHER_PROCESS = """
import sys
from lepton_core.artifact import read_container, write_container
from lepton_core.models import Problem, algorithm, pack_fit, unpack_fit

arrays, meta = read_container(sys.stdin.buffer.read())
problem = Problem(arrays.pop("X"), arrays.pop("y"), meta.pop("n_classes"), meta.pop("seed"))
of = algorithm(meta.pop("name"))
hyper = of.configure(meta.pop("given"))
fit = of.advance(unpack_fit(arrays, meta), problem, hyper, lambda fit: fit.iteration >= 6)
sys.stdout.buffer.write(write_container(*pack_fit(fit)))
"""


@pytest.mark.slow
def test_another_process_goes_on_with_the_same_bits():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(3000, 20))
    problem = Problem(X, rng.integers(0, 3, 3000), 3)
    of, given = algorithm("logistic_regression"), {"tolerance": 1e-12, "optimizer": "lbfgs"}
    hyper = of.configure(given)
    whole = of.advance(of.start(problem, hyper), problem, hyper, lambda fit: False)
    begun = of.advance(of.start(problem, hyper), problem, hyper, lambda fit: fit.iteration >= 3)
    arrays, meta = pack_fit(begun)
    meta |= {"name": of.name, "given": given, "n_classes": 3, "seed": 0}
    sent = write_container({**arrays, "X": X, "y": problem.y}, meta)
    done = subprocess.run([sys.executable, "-c", OTHER_PROCESS], input=sent, capture_output=True, check=True)
    later = unpack_fit(*read_container(done.stdout))
    assert later.iteration == 6 < whole.iteration
    same(of.advance(later, problem, hyper, lambda fit: False), whole)


def test_damaged_checkpoints_are_refused():
    arrays, meta = pack_fit(Fit(1, 2, np.array([0.5]), {"weights": np.zeros(3)}))
    for changed in (
        {"losses": np.zeros(2)},
        {"losses": np.zeros((1, 1))},
        {"losses": np.zeros(1, np.int64)},
        {"stranger": np.zeros(1)},
    ):
        with pytest.raises(InvalidArtifact):
            unpack_fit(arrays | changed, meta)
    for changed in (
        {"iteration": 3},
        {"iteration": -1},
        {"iteration": True},
        {"finished": 1},
        {"note": None},
        {"format": 2},
    ):
        with pytest.raises(InvalidArtifact):
            unpack_fit(arrays, meta | changed)
    for name in meta:
        with pytest.raises(InvalidArtifact):
            unpack_fit(arrays, {other: meta[other] for other in meta if other != name})
    with pytest.raises(InvalidArtifact):
        unpack_fit({}, meta)
